"""`/tickets/{number}/orden/`: links, steps, time, who follows, and what I am to follow up; a part for each.

The page of a ticket takes `#orden` in. Every change is a POST to the address of its part, which goes back to where it
came from; htmx gets the section drawn anew, without script the page does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import localtime
from core.errors import Invalid
from desks import queries as desk_queries
from tickets.actions import checklist, guards, linking, reminders, timing, watching
from tickets.forms_order import LinkForm, ReminderForm, StepForm, TimeForm
from tickets.models import Ticket
from tickets.presenters import order as present
from tickets.queries import order as queries
from tickets.views.doors import Request, draw, message_of, staff_door, worked

# What stands beside the field of a part when its form came back.
Fault = Mapping[str, Any]
NO_FAULT: Final[Fault] = {"part": "", "text": "", "typed": {}}


@require_safe
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """The whole section. 4 statements of its own, and 1 for each kind of thing that there is."""
    return _draw(request, worked(request, number))


@require_POST
@staff_door
def part(request: Request, number: str, part: str) -> HttpResponse:
    """Change one part. 422 with the section and what was typed, 409 where somebody was faster."""
    if part not in PARTS:
        raise Http404
    ticket = worked(request, number)
    try:
        PARTS[part](request, ticket)
    except Invalid as refusal:
        return _draw(request, ticket, {"part": part, "text": message_of(refusal), "typed": request.POST.dict()})
    return redirect(_back(request, ticket))


def _back(request: Request, ticket: Ticket) -> str:
    """The page of the ticket where the section stood in it, else the section's own."""
    here = f"/tickets/{ticket.number}/"
    own = f"{here}orden/"
    if request.htmx:
        return own
    return here if urlsplit(request.headers.get("Referer", "")).path == here else own


@require_POST
@staff_door
def watch(request: Request, number: str) -> HttpResponse:
    """Follow the ticket, or with `?no` follow it no more: a button means what it said, however old its page is."""
    ticket = worked(request, number)
    if "no" in request.GET:
        watching.unfollow(ticket, by=request.actor, now=request.moment)
        messages.success(request, _("You do not follow %s any more.") % ticket.number)
    else:
        watching.follow(ticket, by=request.actor, now=request.moment)
        messages.success(request, _("You follow %s: you are told what happens.") % ticket.number)
    return redirect(f"/tickets/{ticket.number}/")


# ------------------------------------------------------------------ the parts


def _made(request: Request) -> dict[str, Any]:
    """Who does it and when, as every action wants them."""
    return {"by": request.actor, "now": request.moment}


def _links(request: Request, ticket: Ticket) -> None:
    if "remove" in request.POST:
        linking.unlink(ticket, by=request.actor, now=request.moment, link=_id(request.POST["remove"]))
        return
    data = _read(LinkForm(request.POST))
    linking.link(ticket, by=request.actor, now=request.moment, number=data["number"], kind=data["kind"])


def _steps(request: Request, ticket: Ticket) -> None:
    post, made = request.POST, _made(request)
    if "template" in post:
        checklist.add_list(ticket, template=post["template"][:60], **made)
    elif "tick" in post or "untick" in post:
        step = _id(post.get("tick") or post.get("untick") or "")
        checklist.tick(ticket, step=step, done="tick" in post, **made)
    elif "remove" in post:
        checklist.remove_step(ticket, step=_id(post["remove"]), **made)
    elif "up" in post or "down" in post:
        step = _id(post.get("up") or post.get("down") or "")
        checklist.move_step(ticket, step=step, up="up" in post, **made)
    else:
        checklist.add_step(ticket, **_read(StepForm(post)), **made)


def _time(request: Request, ticket: Ticket) -> None:
    post, made = request.POST, _made(request)
    if "remove" in post:
        timing.remove_time(ticket, entry=_id(post["remove"]), **made)
        return
    data = _read(TimeForm(post))
    if "entry" in post:
        del data["key"]  # a note is corrected once: the second time it is gone
        timing.correct_time(ticket, entry=_id(post["entry"]), **data, **made)
    else:
        timing.note_time(ticket, **data, **made)


def _watchers(request: Request, ticket: Ticket) -> None:
    made = _made(request)
    if "remove" in request.POST:
        watching.unfollow(ticket, user=_id(request.POST["remove"]), **made)
    else:
        watching.follow(ticket, user=_id(request.POST.get("user", "")), **made)


def _reminders(request: Request, ticket: Ticket) -> None:
    config = desk_queries.config(ticket.desk)
    data = _read(ReminderForm(request.POST, ticket=ticket, config=config, now=request.moment))
    reminders.remind(ticket, by=request.actor, now=request.moment, due_at=data["due_at"], note=data["note"])


PARTS: Final[Mapping[str, Callable[[Request, Ticket], None]]] = {
    "ligas": _links,
    "pasos": _steps,
    "tiempo": _time,
    "siguen": _watchers,
    "recordar": _reminders,
}


def _id(text: str) -> int:
    """The id that a button sent. Raises Http404 for what no button of ours sends."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def _read(form: django_forms.Form) -> dict[str, Any]:
    """The values of the form. Raises Invalid with its first fault, which stands under the fields."""
    if form.is_valid():
        return dict(form.cleaned_data)
    name, errors = next(iter(form.errors.items()))
    field = form.fields.get(name)
    label = f"{field.label}: " if field is not None and field.label and name != "day" else ""
    raise Invalid.field(name, "invalid", f"{label}{errors[0]}")


# ------------------------------------------------------------------ drawing


def _draw(request: Request, ticket: Ticket, fault: Fault = NO_FAULT) -> HttpResponse:
    config, actor, now = desk_queries.config(ticket.desk), request.actor, request.moment
    request.desks = [ticket.desk]
    watchers = queries.watchers(ticket)
    leads = actor.supervises(ticket.desk_id) or guards.has_it(ticket, actor)
    context = {
        "page_title": f"{_('Order')} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "href": f"/tickets/{ticket.number}/orden/",
        "fault": fault,
        "key": uuid4(),
        "links": present.link_rows(queries.links(ticket, actor)),
        "kinds": present.kinds(),
        "splits": present.split_rows(queries.splits(ticket)),
        "steps": present.step_rows(queries.steps(ticket), config, now),
        "n_done": ticket.checklist_done,
        "n_steps": ticket.checklist_total,
        "templates": queries.templates(ticket),
        "entries": present.time_rows(queries.time_entries(ticket), actor),
        "noted": localtime.minutes_label(ticket.minutes_worked),
        "attended": localtime.minutes_label(queries.attended(ticket).total_seconds() / 60),
        "today": now.astimezone(config.zone).date().isoformat(),
        "watchers": present.watcher_rows(watchers, actor, may_remove=leads),
        "follows": any(row.user_id == actor.user_id for row in watchers),
        "colleagues": present.colleagues(config, watchers, actor) if leads else [],
        "reminders": [present.reminder_row(row, config, now) for row in queries.reminders(ticket, actor)],
        "presets": present.presets(ticket, config, now),
    }
    return draw(request, "tickets/order.html", context, status=422 if fault["part"] else 200)
