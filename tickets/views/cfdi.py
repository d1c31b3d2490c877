"""`/tickets/{number}/cfdi/`: the codes of a ticket, and the others that have the same."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from clients import seals
from clients.cfdi.codes import FOLIO
from desks import queries as desk_queries
from tickets.models import Ticket
from tickets.presenters import seals as present
from tickets.queries import codes as queries
from tickets.queries.codes import Shared
from tickets.views.doors import Request, draw, staff_door, worked


@require_safe
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """What was recognised on the ticket, for the desk's people. 2 statements of its own, 3 with certificates."""
    ticket = worked(request, number)
    shared = queries.shared(ticket, request.actor, now=request.moment)
    context = {
        "page_title": f"{_('Codes and CFDI')} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "codes": [_row(one) for one in shared],
        "seals": _seals(ticket, request),
    }
    return draw(request, "tickets/cfdi.html", context)


def _seals(ticket: Ticket, request: Request) -> list[dict[str, Any]]:
    """The certificates of the ticket's company. 1 query, 0 where none was ever kept."""
    if ticket.client is None or ticket.client.seals_since is None:
        return []
    config = desk_queries.config(ticket.desk)
    return [present.row(one, config, request.moment, named=False) for one in seals.of_clients([ticket.client.pk])]


def _row(one: Shared) -> dict[str, Any]:
    others = ""
    if one.n and one.code.kind == FOLIO:
        others = ngettext("Another one with this folio fiscal", "%(n)d others with this folio fiscal", one.n)
    elif one.n:
        others = ngettext(
            "Another one with the same code this week", "%(n)d others with the same code this week", one.n
        )
    return {
        "text": one.code.label,
        "is_folio": one.code.kind == FOLIO,
        "others": others % {"n": one.n} if "%" in others else others,
        "href": f"/cola/?{urlencode({'codigo': one.code.label})}",
    }
