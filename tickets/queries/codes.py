"""Codes of a ticket, and how many other tickets of the vendor have the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from clients.cfdi.codes import FOLIO, Code
from core.actor import Actor
from tickets.models import Ticket, TicketCode

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Shared:
    """A code of a ticket and on how many others it stands: of this week, for a folio fiscal ever."""

    code: Code
    n: int


def shared(ticket: Ticket, actor: Actor, *, now: datetime) -> list[Shared]:
    """The codes of the ticket, in the order in which they came, with the other tickets that the actor may read.

    A folio fiscal names one document, so its cases are told whenever they came. 2 queries, 0 for a ticket without.
    """
    if ticket.codes_since is None:
        return []
    own = [Code(*row) for row in TicketCode.objects.filter(ticket=ticket).order_by("id").values_list("kind", "text")]
    same = Q(pk__in=[])
    for code in own:
        recent = Q() if code.kind == FOLIO else Q(seen_at__gte=now - WEEK)
        same |= Q(kind=code.kind, text=code.text) & recent
    others = TicketCode.objects.filter(same, vendor_id=ticket.desk.vendor_id).exclude(ticket=ticket)
    if not actor.is_admin:
        others = others.filter(ticket__desk_id__in=actor.ticket_desk_ids())
    counted = others.order_by().values_list("kind", "text").annotate(n=Count("pk"))
    found = {(kind, text): n for kind, text, n in counted}
    return [Shared(code, found.get((code.kind, code.text), 0)) for code in own]
