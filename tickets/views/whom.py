"""`/tickets/{number}/a-quien/`: who would get it and why; nothing is changed."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tickets.presenters import whom as present
from tickets.views.doors import Request, draw, staff_door, worked


@require_safe
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """Draw the answer; for htmx as a fragment within the ticket. 8 statements, with those of session and frame."""
    ticket = worked(request, number)
    request.desks = [ticket.desk]
    answer = present.answer(ticket, now=request.moment)
    context = {
        "page_title": _("Who would get %s?") % ticket.number,
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "answer": {**answer, "chosen": answer["chosen"].name if answer["chosen"] else ""},
    }
    return draw(request, "tickets/whom.html", context, part="respuesta")
