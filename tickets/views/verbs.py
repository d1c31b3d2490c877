"""`/tickets/{number}/{verb}/`: the form of a verb as a page, and its POST, from dialogs and buttons alike."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from core.errors import Forbidden, Invalid
from desks import queries as desk_queries
from tickets import forms
from tickets.models import Ticket
from tickets.presenters import detail as present
from tickets.verbs import VERBS
from tickets.views.doors import Request, draw, staff_door, tell_caught, worked

# Where one came from and goes back to; everything else ends at the ticket.
RETURNS: Final = ("/escalamientos/",)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def verb(request: Request, number: str, verb: str) -> HttpResponse:
    """Show the form of a verb, or use it: 303 on success, 422 with the form on error, 409 with the reason.

    For htmx and the script of dialogs the form is a dialog.
    """
    if verb not in VERBS:
        raise Http404
    ticket = worked(request, number)
    try:
        VERBS[verb].guard(ticket, request.actor)
    except Forbidden as refusal:
        raise PermissionDenied(str(refusal.message)) from refusal
    config = desk_queries.config(ticket.desk)
    form = forms.verb_form(verb, ticket, config, request.POST if request.method == "POST" else None, now=request.moment)
    if request.method == "POST" and form.is_valid():
        done = use(request, ticket, verb, form)
        if done is not None:
            return done
    status = 422 if form.is_bound else 200
    return draw(request, "tickets/action.html", _context(ticket, verb, form), part="dialogo", status=status)


def use(request: Request, ticket: Ticket, slug: str, form: forms.VerbForm) -> HttpResponse | None:
    """Act and go on to where one came from; None when a value is at fault, which then stands in the form."""
    try:
        VERBS[slug].act(ticket, by=request.actor, now=request.moment, **form.values())
    except Invalid as refusal:
        forms.add_errors(form, refusal.errors, lambda field: "hour" if field in ("starts_at", "until") else field)
        return None
    messages.success(request, f"{ticket.number}: {_(DONE[slug])}")
    tell_caught(request, "\n".join(text for text in form.values().values() if isinstance(text, str)))
    came_from = urlsplit(request.headers.get("Referer", "")).path
    return redirect(came_from if came_from in RETURNS else f"/tickets/{ticket.number}/")


def _context(ticket: Ticket, slug: str, form: forms.VerbForm) -> dict[str, Any]:
    action = present.action(slug, ticket, form)
    return {
        "page_title": f"{action['title']} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "action": action,
        "form": form,
    }


DONE: Final = {
    "take": gettext_noop("it is yours."),
    "assign": gettext_noop("assigned."),
    "acknowledge": gettext_noop("acknowledged; the ladder stops."),
    "wait": gettext_noop("waiting for the client."),
    "wait-third-party": gettext_noop("waiting for a third party."),
    "resume": gettext_noop("back to work."),
    "begin": gettext_noop("the attention began."),
    "defer": gettext_noop("deferred to the opening."),
    "contest": gettext_noop("passed to on call."),
    "ask-executive": gettext_noop("the executive was told."),
    "schedule": gettext_noop("scheduled."),
    "reclassify": gettext_noop("reclassified."),
    "escalate": gettext_noop("escalated; the next step was told."),
    "silence": gettext_noop("silenced until the hour that you said."),
    "unsilence": gettext_noop("the ladder goes on."),
    "join": gettext_noop("joined the outage; its client is told."),
    "leave": gettext_noop("taken out of the outage."),
    "resolve": gettext_noop("resolved; the client is told."),
    "confirm": gettext_noop("confirmed."),
    "reopen": gettext_noop("reopened."),
    "close": gettext_noop("closed."),
    "cancel": gettext_noop("cancelled."),
    "merge": gettext_noop("merged."),
    "unmerge": gettext_noop("taken out of the merger."),
}
