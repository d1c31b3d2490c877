"""*Clientes que lo buscan*: whom an account executive has to call, whatever their role at the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import localtime
from core.errors import Forbidden
from tickets import actions
from tickets.models import Ticket
from tickets.queries import executive as queries
from tickets.views.doors import Request, door, draw


@require_safe
@door
def index(request: Request) -> HttpResponse:
    """Draw who waits for the person, with what is needed to call. 6 statements, with those of session and frame."""
    if not request.actor.is_staff:
        raise PermissionDenied
    rows = [_row(request, ticket) for ticket in queries.waiting(request.actor)[: queries.MOST]]
    return draw(request, "tickets/executive.html", {"page_title": _("Clients who ask for me"), "rows": rows})


def _row(request: Request, ticket: Ticket) -> dict[str, Any]:
    assert ticket.executive_asked_at is not None  # noqa: S101 - the query asked for it
    zone = localtime.zone(ticket.desk.timezone)
    works = request.actor.works_tickets(ticket.desk_id)
    return {
        "number": ticket.number,
        "href": f"/tickets/{ticket.number}/" if works else "",
        "subject": ticket.subject,
        "client": ticket.client.name if ticket.client else "",
        "who": ticket.requester_name,
        "phone": ticket.requester_phone.as_national if ticket.requester_phone else "",
        "phone_href": f"tel:{ticket.requester_phone}" if ticket.requester_phone else "",
        "email": ticket.requester_email,
        "asked": localtime.when(ticket.executive_asked_at, zone, request.moment),
        "assignee": ticket.assignee.name if ticket.assignee else "",
        "done_href": f"/ejecutivo/{ticket.number}/atendido/",
    }


@require_POST
@door
def answered(request: Request, number: str) -> HttpResponse:
    """*Ya hablé con el cliente*; what is not theirs is not there (404)."""
    if not request.actor.is_staff:
        raise PermissionDenied
    ticket = queries.waiting(request.actor).filter(number=number.upper()).first()
    if ticket is None:
        raise Http404
    try:
        actions.executive_answered(
            ticket, by=request.actor, now=request.moment, note=request.POST.get("note", "")[:2000]
        )
    except Forbidden as refusal:
        raise PermissionDenied from refusal
    messages.success(request, _("%s: noted that you spoke with the client.") % ticket.number)
    return redirect("/ejecutivo/")
