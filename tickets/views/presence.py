"""Pages that are open say so, and ask who else is there. For the desk's people only."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tickets import presence
from tickets.actions import nearby
from tickets.models import Ticket
from tickets.presenters import presence as present
from tickets.queries import board
from tickets.views.doors import Request, staff_door, worked

WRITING, LEAVING = "respondiendo", "salir"
BAND: Final = "tickets/_presence.html"


@require_POST
@staff_door
def beat(request: Request, number: str) -> HttpResponse:
    """The page is open, or is left (`estado`). Answers with the band of who else is there; 204 on leaving."""
    ticket = worked(request, number)
    state, user_id = request.POST.get("estado", ""), request.actor.user_id or 0
    if state == LEAVING:
        presence.leave(desk_id=ticket.desk_id, ticket_id=ticket.pk, user_id=user_id)
        return HttpResponse(status=204)
    others = presence.beat(
        desk_id=ticket.desk_id,
        ticket_id=ticket.pk,
        user_id=user_id,
        name=request.actor.label,
        writing=state == WRITING,
        now=request.moment,
    )
    nudged = presence.nudged(ticket_id=ticket.pk, user_id=user_id)
    context = {"presence": present.band(others, number=ticket.number, nudged=nudged, now=request.moment)}
    return _private(render(request, BAND, context))


def of_ticket(request: Request, ticket: Ticket) -> dict[str, Any]:
    """The band as the page is drawn with it. 0 queries, one round trip to Valkey."""
    others = presence.on_tickets([ticket.desk_id], but=request.actor.user_id, now=request.moment).get(ticket.pk, [])
    return present.band(others, number=ticket.number, nudged="", now=request.moment)


@require_POST
@staff_door
def tell(request: Request, number: str) -> HttpResponse:
    """*Avisarle*: who is writing hears that somebody else is there too, at most once in some minutes."""
    ticket = worked(request, number)
    person = request.POST.get("a", "")
    to = int(person) if person.isascii() and person.isdigit() and len(person) < 12 else 0
    told = nearby.tell(ticket, by=request.actor, now=request.moment, to=to)
    if told:
        presence.nudge(desk_id=ticket.desk_id, ticket_id=ticket.pk, to=to, name=request.actor.label)
        messages.success(request, _("%s was told.") % told)
    return redirect(f"/tickets/{ticket.number}/")


@require_safe
@staff_door
def on_queue(request: Request) -> HttpResponse:
    """Who is on which ticket of the person's desks: a piece for each row, by the id of the row (`t-IMX-4821`)."""
    desks = board.desks_of(request.actor)
    found = presence.on_tickets([desk.pk for desk in desks], but=request.actor.user_id, now=request.moment)
    numbers = Ticket.objects.visible_to(request.actor).filter(pk__in=list(found)).values_list("pk", "number")
    rows = [(number, present.on_row(found[pk])) for pk, number in numbers] if found else []
    return _private(HttpResponse(format_html_join("", '<p data-for="t-{}">{}</p>', rows)))


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response
