"""What lies half written when the demo starts: a draft that is shared, one of somebody's own, and a colleague named."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from clients import actors
from core import names
from core.actor import Actor
from desks import queries as desk_queries
from desks.models import Desk
from tickets import actions
from tickets.actions import drafting
from tickets.actions.drafting import Typed
from tickets.lifecycle import Status
from tickets.models import Ticket

# usted, tú
SHARED: Final = (
    "{name}, ya reproduje lo que nos cuenta con su archivo. La corrección queda así:\n1. Actualice el catálogo de clientes.\n2. ",
    "{name}, ya reproduje lo que nos cuentas con tu archivo. La corrección queda así:\n1. Actualiza el catálogo de clientes.\n2. ",
)
OWN: Final = (
    "{name}, le confirmo que mañana a primera hora nos conectamos. Antes necesito",
    "{name}, te confirmo que mañana a primera hora nos conectamos. Antes necesito",
)
NOTE: Final = "@{who}, ¿lo ves tú? Es el mismo error del cliente de ayer."


def leave(desk: Desk, *, now: datetime) -> None:
    """Write on the two tickets of the desk that somebody worked on last; the same for the same history."""
    config = desk_queries.config(desk)
    manner = 1 if config.trato == "tu" else 0
    worked = Ticket.objects.filter(desk=desk, status=Status.IN_PROGRESS, assignee__isnull=False)
    tickets = list(worked.select_related("desk", "assignee").order_by("-last_activity_at", "-id")[:2])
    for ticket, texts in zip(tickets, (SHARED, OWN), strict=False):
        by = actors.actor_for(ticket.assignee)
        at = max(ticket.last_activity_at, now - timedelta(minutes=25))
        first_name = names.first(ticket.requester_name)
        typed = Typed(texts[manner].format(name=first_name), seen_seq=ticket.last_seq)
        drafting.save(ticket, by=by, now=at, typed=typed)
        if texts is SHARED:
            drafting.share(ticket, by=by, now=at)
            _name(ticket, by, now=at)


def _name(ticket: Ticket, by: Actor, *, now: datetime) -> None:
    """Ask the superior of whoever has it, by a note."""
    superior = desk_queries.config(ticket.desk).superior_of(by.user_id)
    if superior is not None:
        actions.add_message(ticket, by=by, now=now, body=NOTE.format(who=superior.name), internal=True)
