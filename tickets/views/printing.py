"""`?imprimir=todo` and `?imprimir=cliente` on a ticket's address: the page that goes on paper."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext as _

from core import localtime
from desks import queries as desk_queries
from tickets import queries
from tickets.models import Ticket
from tickets.presenters import printing as present
from tickets.views.doors import Request, draw

PARAMETER: Final = "imprimir"
FOR_CLIENT: Final = "cliente"


def page(request: Request, ticket: Ticket) -> HttpResponse:
    """The ticket as it stands, for the team, or without what is the team's own for the client."""
    public = request.GET[PARAMETER] == FOR_CLIENT
    config, now = desk_queries.config(ticket.desk), request.moment
    lines = queries.conversation(ticket, request.actor)
    events = queries.timeline(ticket, request.actor)
    context = {
        "page_title": f"{ticket.number} · {ticket.subject}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "desk": config.name,
        "public": public,
        "facts": present.facts(ticket, config, public=public, now=now),
        "clocks": present.clocks(queries.clocks(ticket), config),
        "thread": present.thread(present.for_client(lines) if public else lines, events, config, public=public),
        "printed": _("printed %s") % localtime.dated(now, config.zone),
        "other_href": f"/tickets/{ticket.number}/?{PARAMETER}={'todo' if public else FOR_CLIENT}",
    }
    return draw(request, "tickets/print.html", context)
