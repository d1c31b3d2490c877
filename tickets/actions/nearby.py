"""*Avisarle*: a colleague who is writing on a ticket hears that somebody else is on it too."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Invalid
from desks import queries as desk_queries
from tickets.actions import guards, telling
from tickets.models import Ticket

# Pressed again within it, it is the same notice.
ONCE_IN: Final = timedelta(minutes=10)


def tell(ticket: Ticket, *, by: Actor, now: datetime, to: int) -> str:
    """Put the notice for the colleague and return their first name; once for a pair, a ticket and ten minutes.

    Raises Invalid for who does not attend tickets at the desk, and for oneself. Nothing of the ticket changes.
    """
    guards.consultant(ticket, by)
    member = desk_queries.config(ticket.desk).attendant(to)
    if member is None or to == by.user_id:
        raise Invalid.field("a", "unknown_person", _("Choose a person of this desk."))
    key = f"nearby/{ticket.pk}/{by.user_id}/{int(now.timestamp() // ONCE_IN.total_seconds())}"
    telling.team(ticket, [to], "nearby", key=key, now=now, who=by.label)
    return member.first_name
