"""`/tickets/{number}/reloj/{kind}/` for the desk's people: why a clock expires when it does, line by line."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from desks import queries as desk_queries
from tickets.presenters import reckoning as present
from tickets.queries.reckonings import reckonings
from tickets.views.doors import Request, draw, staff_door, worked


@staff_door
def page(request: Request, number: str, kind: str) -> HttpResponse:
    """The calculation of one clock in the words that the client reads."""
    ticket = worked(request, number)
    config, now = desk_queries.config(ticket.desk), request.moment
    found = reckonings(ticket, now=now)
    if kind not in found:
        raise Http404
    why = present.page(kind, found[kind], config, now=now)
    base = f"/tickets/{ticket.number}/"
    context = {
        "page_title": f"{why['title']} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": base},
        "why": why,
        "kinds": present.tabs(found, config, base=f"{base}reloj/", current=kind),
    }
    return draw(request, "tickets/clock.html", context)
