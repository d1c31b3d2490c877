"""*Seguimientos*: what I asked to be reminded of, due first; done, or put off."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import Invalid
from desks import queries as desk_queries
from tickets.actions import reminders
from tickets.forms_order import ReminderForm
from tickets.models import Reminder
from tickets.presenters import order as present
from tickets.queries import order as queries
from tickets.views.doors import Request, draw, message_of, staff_door

HOME = "/seguimientos/"


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """The list, due first. 1 statement of its own."""
    return _draw(request)


def _draw(request: Request, *, fault: str = "", pk: int = 0) -> HttpResponse:
    found = queries.reminders_of(request.actor, cursor=request.GET.get("cursor") or None)
    context = {
        "page_title": _("To follow up"),
        "rows": [_row(row, request) for row in found.items],
        "fault": {"pk": pk, "text": fault},
        "previous_href": _page(found.previous),
        "next_href": _page(found.next),
    }
    return draw(request, "tickets/reminders.html", context, status=422 if fault else 200)


def _row(row: Reminder, request: Request) -> dict[str, Any]:
    config = desk_queries.config(row.ticket.desk)
    return {
        **present.follow_up_row(row, request.moment),
        "presets": present.presets(row.ticket, config, request.moment),
    }


def _page(cursor: str | None) -> str:
    return f"{HOME}?{urlencode({'cursor': cursor})}" if cursor else ""


@require_POST
@staff_door
def done(request: Request, pk: int) -> HttpResponse:
    """Take one off the list."""
    row = _mine(request, pk)
    reminders.done(row, by=request.actor, now=request.moment)
    return redirect(_back(request, row))


@require_POST
@staff_door
def snooze(request: Request, pk: int) -> HttpResponse:
    """Put one off: by a preset, or to a day and hour. 422 with the list."""
    row = _mine(request, pk)
    config = desk_queries.config(row.ticket.desk)
    form = ReminderForm(request.POST, ticket=row.ticket, config=config, now=request.moment)
    try:
        if not form.is_valid():
            return _draw(request, fault=str(next(iter(form.errors.values()))[0]), pk=pk)
        reminders.snooze(row, by=request.actor, now=request.moment, due_at=form.cleaned_data["due_at"])
    except Invalid as refusal:
        return _draw(request, fault=message_of(refusal), pk=pk)
    return redirect(_back(request, row))


def _mine(request: Request, pk: int) -> Reminder:
    found = queries.reminder(request.actor, pk)
    if found is None:
        raise Http404
    return found


def _back(request: Request, row: Reminder) -> str:
    """Where one came from: the section of the ticket, its page, or the list."""
    here = f"/tickets/{row.ticket.number}/"
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")).path
    if came_from not in {here, f"{here}orden/"}:
        return HOME
    return f"{here}orden/" if request.htmx else came_from
