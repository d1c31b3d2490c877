"""`/tickets/{number}/boveda/`: ask the client for access data, see what is kept, look at it once, destroy it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import vault
from clients.models import VaultSecret
from core import localtime
from core.errors import Invalid
from desks import queries as desk_queries
from tickets import lifecycle
from tickets.actions import vaultcase
from tickets.forms import add_errors
from tickets.models import Ticket
from tickets.presenters import vault as present
from tickets.views.doors import Request, draw, staff_door, worked


class AskForm(forms.Form):
    """What is needed, in the words that the client reads."""

    what = forms.CharField(
        required=False,
        max_length=vault.MAX_WHAT,
        label=gettext_lazy("What you need"),
        help_text=gettext_lazy("The client reads it. Empty: user and password."),
    )


@require_safe
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """What is kept for the ticket; everybody of the desk sees that it is there. 2 statements of its own."""
    return _page(request, worked(request, number), AskForm())


@require_POST
@staff_door
def ask(request: Request, number: str) -> HttpResponse:
    """Ask the client. The answer shows the link, this once: to pass on by WhatsApp, or read out."""
    ticket = worked(request, number)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, ticket, form, status=422)
    try:
        asked = vault.request(
            vaultcase.topic(ticket),
            contact=ticket.requester,
            by=request.actor,
            now=request.moment,
            what=form.cleaned_data["what"],
        )
    except Invalid as refusal:
        add_errors(form, refusal.errors, lambda field: field)
        return _page(request, ticket, form, status=422)
    return _page(request, ticket, AskForm(), link=asked.url)


def _page(request: Request, ticket: Ticket, form: AskForm, *, link: str = "", status: int = 200) -> HttpResponse:
    config, now = desk_queries.config(ticket.desk), request.moment
    looks = vaultcase.TicketCase(ticket).may_look(request.actor)
    topic = vaultcase.topic(ticket)
    mail = ticket.requester_email
    context = {
        **_around(ticket, _("Vault")),
        "rows": present.rows(vault.kept(topic), ticket, config, looks=looks, now=now),
        "asked": present.link_out(vault.open_request(topic, now=now), config, now=now),
        "ask": {"href": f"/tickets/{ticket.number}/boveda/pedir/", "form": form}
        if looks and ticket.status not in lifecycle.ENDED
        else None,
        "link": link,
        "link_note": _("It is on its way to %s.") % mail
        if mail
        else _("The client has no e-mail: pass it on yourself."),
        "who_looks": _("Only %s and those above them see it.")
        % (ticket.assignee.name if ticket.assignee else _("whoever takes the ticket")),
    }
    return _private(draw(request, "tickets/vault.html", context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
@sensitive_variables("shown")
def look(request: Request, number: str, secret_id: UUID) -> HttpResponse:
    """Ask again, then show it once: each POST is a look, written down and told to the client. GET shows nothing."""
    ticket = worked(request, number)
    _must_look(ticket, request)
    secret = _of_ticket(ticket, secret_id)
    context = {
        **_around(ticket, present.name(secret)),
        "name": present.name(secret),
        "is_file": secret.kind == vault.Kind.FILE,
        "href": f"/tickets/{ticket.number}/boveda/{secret.pk}/ver/",
        "back_href": f"/tickets/{ticket.number}/boveda/",
        "values": None,
    }
    if request.method != "POST":
        return _private(draw(request, "tickets/vault_look.html", context))
    shown = vault.reveal(secret.pk, topic=vaultcase.topic(ticket), by=request.actor, now=request.moment)
    if secret.kind == vault.Kind.FILE:
        return _private(_download(shown))
    at = localtime.when(request.moment, desk_queries.config(ticket.desk).zone, request.moment)
    values = {"values": present.values(shown), "seen_at": at}
    return _private(draw(request, "tickets/vault_look.html", {**context, **values}))


def _download(shown: vault.Revealed) -> HttpResponse:
    response = HttpResponse(shown.content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, shown.secret.filename) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@staff_door
def destroy(request: Request, number: str, secret_id: UUID) -> HttpResponse:
    """It is not needed any more."""
    ticket = worked(request, number)
    _must_look(ticket, request)
    secret = _of_ticket(ticket, secret_id)
    vault.destroy(secret.pk, topic=vaultcase.topic(ticket), by=request.actor, now=request.moment)
    messages.success(request, _("Destroyed: nothing is left of it but the mark."))
    return redirect(f"/tickets/{ticket.number}/boveda/")


def _must_look(ticket: Ticket, request: Request) -> None:
    if not vaultcase.TicketCase(ticket).may_look(request.actor):
        raise PermissionDenied(_("Only who has the ticket, and those above them, see what the vault keeps."))


def _of_ticket(ticket: Ticket, secret_id: UUID) -> VaultSecret:
    secret = VaultSecret.objects.defer("ciphertext").filter(pk=secret_id, topic=vaultcase.topic(ticket)).first()
    if secret is None:
        raise Http404
    return secret


def _around(ticket: Ticket, title: str) -> dict[str, Any]:
    return {
        "page_title": f"{title} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
    }


def _private(response: HttpResponse) -> HttpResponse:
    """What is shown here is kept by no browser, cache or proxy."""
    response["Cache-Control"] = "private, no-store"
    return response
