"""Writing on a ticket from its page: the reply to the client, which leaves in ten seconds, and the note at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import Conflict, DomainError, Invalid
from desks import queries as desk_queries
from files.models import Attachment
from tickets import actions, forms
from tickets.actions import drafting, leaving, mentioning, uploads
from tickets.actions.drafting import Typed
from tickets.actions.mentioning import Mentioned
from tickets.models import Draft, Ticket
from tickets.presenters import composing
from tickets.views import ahead
from tickets.views.doors import Request, message_of, staff_door, tell_caught, visible, worked
from tickets.views.ticket import page

LEAVING: Final = "#saliendo"


@require_POST
@staff_door
def reply(request: Request, number: str) -> HttpResponse:
    """Write to the client, or a note among colleagues. 422 with the form on error, 409 when the client was faster."""
    ticket = worked(request, number)
    form = read(request, ticket)
    if not (form.is_valid() and form.is_whole()):
        return page(request, ticket, reply=form, status=422)
    resolves = not form.is_note and form.cleaned_data["after"] == forms.ReplyForm.RESOLVE
    if resolves and forms.asks_about_steps(form, ticket):
        return page(request, ticket, reply=form, status=422)
    try:
        kept = note(request, ticket, form) if form.is_note else press(request, ticket, form)
    except Invalid as refusal:
        forms.add_errors(form, refusal.errors, lambda field: "body" if field in {"solution", "reason"} else field)
        return page(request, ticket, reply=form, status=422)
    except leaving.SentAlready as refusal:
        messages.info(request, message_of(refusal))
        return redirect(f"/tickets/{ticket.number}/")
    except Conflict as refusal:  # the client wrote, it was closed or handed on: what was typed stays on the page
        return _conflict(request, number, form, refusal)
    tell_caught(request, form.cleaned_data["body"], kept)
    return redirect(f"/tickets/{ticket.number}/{'' if form.is_note else LEAVING}")


def read(request: Request, ticket: Ticket) -> forms.ReplyForm:
    """The form as it was posted."""
    return forms.ReplyForm(request.POST, request.FILES, after=composing.after_choices(ticket, request.actor))


def typed(form: forms.ReplyForm, *, seen: int) -> Typed:
    """What a valid form holds; `seen` is the last message where the page did not say."""
    data = form.cleaned_data
    shown = form.seen_seq()
    return Typed(
        data["body"],
        kind=data["kind"] or Draft.Kind.REPLY,
        after=data["after"] or Draft.After.STAY,
        seen_seq=seen if shown is None else shown,
        form_key=data["key"],
    )


def press(request: Request, ticket: Ticket, form: forms.ReplyForm) -> list[Attachment]:
    """Let the reply leave in ten seconds. Return the files that came with it."""
    by, now = request.actor, request.moment
    with transaction.atomic():
        files, gone = ahead.files_of(request, ticket, form)
        pressed = leaving.press(
            ticket,
            by=by,
            now=now,
            typed=typed(form, seen=ticket.last_seq),
            files=files,
            base=form.cleaned_data["draft"],
        )
        if gone and pressed.row.pressed_at == now:  # not the same form pressed again, which took its files before
            raise uploads.gone()
    if pressed.before is not None and pressed.before.returned:
        messages.warning(request, composing.returned(pressed.before.returned, pressed.before.who))
    return files


def note(request: Request, ticket: Ticket, form: forms.ReplyForm) -> list[Attachment]:
    """Add the note, which the draft became. Return the files that came with it."""
    by, now, body = request.actor, request.moment, form.cleaned_data["body"]
    with transaction.atomic():
        files, gone = ahead.files_of(request, ticket, form)
        if gone:
            raise uploads.gone()
        if ticket.drafts_since is None:
            actions.add_message(ticket, by=by, now=now, body=body, internal=True, files=files)
        else:
            drafting.note(ticket, by=by, now=now, body=body, files=files, base=form.cleaned_data["draft"])
    _tell_mentioned(request, mentioning.read(ticket, body, by))
    return files


def _tell_mentioned(request: Request, mentioned: Mentioned) -> None:
    """Say whom the note told, and whom it could not."""
    said = [_("The note is saved.")]
    if mentioned.told:
        said.append(_("Told: %s.") % ", ".join(member.name for member in mentioned.told))
    messages.success(request, " ".join(said))
    for member in mentioned.barred:
        messages.warning(request, _("%s cannot see this ticket and was not told.") % member.name)
    for written in mentioned.unclear:
        messages.warning(request, _("“%s” is the name of several people: nobody was told.") % written)


@require_safe
@staff_door
def people(request: Request, number: str) -> HttpResponse:
    """Whom a note may name, for the list that @ opens: `{"people": [{"name"}]}`."""
    ticket = worked(request, number)
    config = desk_queries.config(ticket.desk)
    return JsonResponse({"people": list(mentioning.candidates(config, request.actor))})


def _conflict(request: Request, number: str, form: forms.ReplyForm, refusal: Conflict) -> HttpResponse:
    """Show what came in meanwhile and keep what was typed, as the draft as well; sending again sends it."""
    ticket = visible(request, number)
    now_seen = typed(form, seen=ticket.last_seq)
    data = request.POST.copy()
    data["version"] = f"{ticket.version}-{ticket.last_seq}"
    try:
        kept = drafting.save(
            ticket,
            by=request.actor,
            now=request.moment,
            typed=replace(now_seen, seen_seq=ticket.last_seq),
            base=form.cleaned_data["draft"],
        )
        data["draft"] = str(kept.version)
    except DomainError:  # sent in another tab: the page has the text all the same
        data["draft"] = "0"
    again = forms.ReplyForm(data, request.FILES, after=composing.after_choices(ticket, request.actor))
    again.add_error(None, message_of(refusal))
    return page(request, visible(request, number), reply=again, status=409)


# ------------------------------------------------------------------ within the ten seconds


@require_POST
@staff_door
def undo(request: Request, number: str) -> HttpResponse:
    """Take back the reply that is on its way: it is the draft again."""
    ticket = worked(request, number)
    if leaving.undo(ticket, by=request.actor, now=request.moment) is None:
        messages.warning(request, _("It has left already: it cannot be undone any more."))
        return redirect(f"/tickets/{ticket.number}/")
    return redirect(f"/tickets/{ticket.number}/#redactar")


@require_POST
@staff_door
def now(request: Request, number: str) -> HttpResponse:
    """Send it without waiting longer."""
    ticket = worked(request, number)
    left = leaving.send_now(ticket, by=request.actor, now=request.moment)
    if left is not None and left.returned:
        messages.warning(request, composing.returned(left.returned, left.who))
    elif left is not None:
        messages.success(request, _("Sent to %s.") % ticket.requester_name)
    return redirect(f"/tickets/{ticket.number}/")
