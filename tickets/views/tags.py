"""`/tickets/{number}/etiquetas/`: the tags of a ticket, put on and taken off."""

from __future__ import annotations

import re
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import Invalid
from desks import queries as desk_queries
from tickets.actions import tagging
from tickets.models import Ticket
from tickets.presenters import tags as present
from tickets.views.doors import Request, draw, message_of, staff_door, worked

_APART: Final = re.compile(r"[,;\n]+")
MAX_TYPED: Final = 400


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """Show the tags with a field for more, or change them: `add` (names apart by commas), `remove` (slugs).

    The ticket's page takes `#etiquetas` in. 422 with what was typed.
    """
    ticket = worked(request, number)
    if request.method != "POST":
        return _draw(request, ticket)
    typed = request.POST.get("add", "")[:MAX_TYPED]
    add = [name for name in (part.strip() for part in _APART.split(typed)) if name]
    try:
        tagging.change(ticket, by=request.actor, now=request.moment, add=add, remove=request.POST.getlist("remove"))
    except Invalid as refusal:
        return _draw(request, ticket, typed=typed, error=message_of(refusal))
    here = f"/tickets/{ticket.number}/"
    return redirect(f"{here}etiquetas/" if request.htmx else here)


def _draw(request: Request, ticket: Ticket, *, typed: str = "", error: str = "") -> HttpResponse:
    config = desk_queries.config(ticket.desk)
    worn = present.chips(ticket, config)
    request.desks = [ticket.desk]
    context = {
        "page_title": f"{_('Tags')} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "tags": worn,
        "suggested": present.suggested(config, worn),
        "typed": typed,
        "error": error,
        "manage_href": f"/ajustes/etiquetas/?mesa={config.slug}" if request.actor.supervises(ticket.desk_id) else "",
    }
    return draw(request, "tickets/tags.html", context, status=422 if error else 200)
