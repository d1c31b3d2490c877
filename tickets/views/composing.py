"""Writing on a ticket from its page: the reply to the client, and the note among colleagues."""

from __future__ import annotations

from contextlib import nullcontext

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import Conflict, Invalid
from files import actions as file_actions
from files.models import Attachment
from tickets import actions, forms
from tickets.actions import progress
from tickets.models import Ticket
from tickets.presenters import composing
from tickets.views.doors import Request, message_of, staff_door, tell_caught, visible, worked
from tickets.views.ticket import page


@require_POST
@staff_door
def reply(request: Request, number: str) -> HttpResponse:
    """Write to the client, or a note among colleagues. 422 with the form on error, 409 when the client was faster."""
    ticket = worked(request, number)
    form = forms.ReplyForm(request.POST, request.FILES, after=composing.after_choices(ticket, request.actor))
    if not form.is_valid():
        return page(request, ticket, reply=form, status=422)
    unread = _unread(ticket, form)
    if unread and not form.is_note:
        return _conflict(request, ticket, unread)
    try:
        kept = send(request, ticket, form)
    except Invalid as refusal:
        forms.add_errors(form, refusal.errors, lambda field: "body" if field in {"solution", "reason"} else field)
        return page(request, ticket, reply=form, status=422)
    except Conflict as refusal:  # closed or handed on meanwhile: what was typed stays on the page
        form.add_error(None, message_of(refusal))
        return page(request, visible(request, number), reply=form, status=409)
    messages.success(request, _("The note is saved.") if form.is_note else _("Sent to %s.") % ticket.requester_name)
    tell_caught(request, form.cleaned_data["body"], kept)
    return redirect(f"/tickets/{ticket.number}/")


def send(request: Request, ticket: Ticket, form: forms.ReplyForm) -> list[Attachment]:
    """Add the message, and do what was chosen to follow it, all or nothing. Return the files that came with it."""
    by, now, body = request.actor, request.moment, form.cleaned_data["body"]
    after = form.cleaned_data["after"]
    alone = not form.cleaned_data["files"] and (
        form.is_note or after not in {forms.ReplyForm.WAIT, forms.ReplyForm.RESOLVE}
    )
    with nullcontext() if alone else transaction.atomic():  # one action has a transaction of its own
        files = [file_actions.store(upload, now=now) for upload in form.cleaned_data["files"]]
        if after == forms.ReplyForm.RESOLVE and not form.is_note:
            actions.resolve(ticket, by=by, now=now, solution=body, files=files)
        elif after == forms.ReplyForm.WAIT and not form.is_note:
            reason = body.strip()[: progress.MAX_REASON]
            actions.wait(ticket, by=by, now=now, reason=reason, body=body, files=files)
        else:
            actions.add_message(ticket, by=by, now=now, body=body, internal=form.is_note, files=files)
    return files


def _unread(ticket: Ticket, form: forms.ReplyForm) -> str:
    """Who wrote publicly since the page was drawn; "" when nobody did. 1 query where something was written."""
    seen = form.seen_seq()
    if seen is None or ticket.last_seq <= seen:
        return ""
    newer = ticket.messages.filter(seq__gt=seen, internal=False, from_team=False).order_by("-seq")
    return newer.values_list("author_label", flat=True).first() or ""


def _conflict(request: Request, ticket: Ticket, who: str) -> HttpResponse:
    """Show what came in meanwhile and keep what was typed; sending again sends it."""
    data = request.POST.copy()
    data["version"] = f"{ticket.version}-{ticket.last_seq}"
    form = forms.ReplyForm(data, request.FILES, after=composing.after_choices(ticket, request.actor))
    form.add_error(None, _("%s wrote while you were writing. Read it above; what you typed is kept.") % who)
    return page(request, ticket, reply=form, status=409)
