"""`/avisar/`: the clients without e-mail whom I still have to tell something by telephone."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import localtime
from desks import queries as desk_queries
from tickets import queries
from tickets.models import TellTask
from tickets.views.doors import Request, draw, staff_door


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """List what waits, the longest waiting first; each is ticked with the hour where it stands."""
    tasks = queries.tell_tasks_of(request.actor)
    context = {
        "page_title": _("To be told by telephone"),
        "tasks": [_row(task, request) for task in tasks],
    }
    return draw(request, "tickets/to_tell.html", context)


def _row(task: TellTask, request: Request) -> dict[str, Any]:
    ticket = task.ticket
    zone, now = desk_queries.config(ticket.desk).zone, request.moment
    phone = ticket.requester_phone
    later = task.not_before if task.not_before is not None and task.not_before > now else None
    return {
        "number": ticket.number,
        "href": f"/tickets/{ticket.number}/",
        "subject": ticket.subject,
        "name": ticket.requester_name,
        "phone": phone.as_national if phone else "",
        "tel": f"tel:{phone}" if phone else "",
        "text": task.text,
        "since": _("written %s") % localtime.when(task.created_at, zone, now),
        "from": _("From %s on:") % localtime.when(later, zone, now) if later else "",
        "told_href": f"/tickets/{ticket.number}/avisado/{task.pk}/",
    }
