"""Drafts by their doors: saved by script while one types and by a button, discarded, shared, taken over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import localtime
from core.errors import DomainError
from desks import queries as desk_queries
from tickets.actions import drafting
from tickets.models import Ticket
from tickets.views import composing
from tickets.views.doors import Request, message_of, staff_door, worked
from tickets.views.ticket import page

BOX = "#redactar"


@require_POST
@staff_door
def save(request: Request, number: str) -> HttpResponse:
    """Keep what is typed. A script reads `{version, at, clash, hid}`, `{gone, text}`, or `{text}` with 422.

    `aside` keeps it beside the draft instead: what another machine holds that could not save it in time.
    """
    ticket = worked(request, number)
    form = composing.read(request, ticket)
    if not form.is_valid():
        if _by_script(request):
            return JsonResponse({"text": " ".join(map(str, form.errors.get("body", ())))}, status=422)
        return page(request, ticket, reply=form, status=422)
    by, now = request.actor, request.moment
    if request.POST.get("aside"):
        drafting.keep_beside(ticket, by=by, body=form.cleaned_data["body"])
        return JsonResponse({})
    base = form.cleaned_data["draft"] or 0
    typed = composing.typed(form, seen=ticket.last_seq)
    if not _by_script(request):
        kept = drafting.save(ticket, by=by, now=now, typed=typed, base=None)
        _tell(request, kept)
        return redirect(f"/tickets/{ticket.number}/{BOX}")
    try:
        kept = drafting.save(ticket, by=by, now=now, typed=typed, base=base)
    except drafting.DraftGone as refusal:  # no fault: the page that saved late is often the one that sent
        return JsonResponse({"gone": True, "text": message_of(refusal)})
    except DomainError as refusal:
        return JsonResponse({"text": message_of(refusal)}, status=422)
    at = localtime.hhmm(now, desk_queries.config(ticket.desk).zone)
    return JsonResponse({"version": kept.version, "at": at, "clash": kept.clash, "hid": kept.hid})


def _by_script(request: Request) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _tell(request: Request, kept: drafting.Saved) -> None:
    if kept.version:
        messages.success(request, _("The draft is saved: it waits for you here, on any machine."))
    if kept.hid:
        messages.warning(request, _("Drafts keep no passwords: write it again, or better ask for it by the vault."))


@require_POST
@staff_door
def discard(request: Request, number: str) -> HttpResponse:
    """Throw the draft away."""
    ticket = worked(request, number)
    if drafting.discard(ticket, by=request.actor):
        messages.success(request, _("The draft is discarded."))
    return redirect(f"/tickets/{ticket.number}/{BOX}")


@require_POST
@staff_door
def share(request: Request, number: str) -> HttpResponse:
    """Keep what is typed and let the colleagues of the desk read it on this ticket, or no more (`retirar`)."""
    ticket = worked(request, number)
    by, now = request.actor, request.moment
    if request.POST.get("retirar"):
        drafting.unshare(ticket, by=by)
        return redirect(f"/tickets/{ticket.number}/{BOX}")
    _keep(request, ticket)
    if drafting.share(ticket, by=by, now=now):
        messages.success(request, _("Your colleagues at the desk can read the draft on this ticket and go on with it."))
    else:
        messages.warning(request, _("There is nothing to share yet: write something first."))
    return redirect(f"/tickets/{ticket.number}/{BOX}")


def _keep(request: Request, ticket: Ticket) -> None:
    """Save what came with the button, where the form came with it."""
    form = composing.read(request, ticket)
    if form.is_valid() and form.cleaned_data["body"].strip():
        typed = composing.typed(form, seen=ticket.last_seq)
        kept = drafting.save(ticket, by=request.actor, now=request.moment, typed=typed, base=None)
        if kept.hid:
            messages.warning(request, _("Drafts keep no passwords: write it again, or better ask for it by the vault."))


@require_POST
@staff_door
def take(request: Request, number: str, pk: int) -> HttpResponse:
    """Go on with a colleague's draft."""
    ticket = worked(request, number)
    drafting.take(ticket, pk, by=request.actor, now=request.moment)
    messages.success(request, _("The draft is yours now: its author sees who took it."))
    return redirect(f"/tickets/{ticket.number}/{BOX}")
