"""`/tickets/{number}/proveedores/`: whom outside to ask, their threads, and what the client sees of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Invalid
from desks import queries as desk_queries
from files import actions as file_actions
from tickets import forms, queries
from tickets.actions import thirdparties
from tickets.models import ThirdParty, Ticket
from tickets.presenters import thirdparties as present
from tickets.views.doors import Request, draw, message_of, staff_door, worked

Act = Callable[[Request, Ticket, ThirdParty], object]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """The threads, and the form that asks the client for another one: redirect on success, 422 with the form."""
    ticket = worked(request, number)
    form = forms.ThirdPartyInviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            thirdparties.invite(ticket, by=request.actor, now=request.moment, **form.cleaned_data)
        except Invalid as refusal:
            forms.add_errors(form, refusal.errors)
        else:
            messages.success(request, _("The client was asked; nothing goes out before they agree."))
            return redirect(_address(ticket))
    return _page(request, ticket, form, status=422 if form.is_bound else 200)


def _page(
    request: Request,
    ticket: Ticket,
    form: forms.ThirdPartyInviteForm,
    *,
    status: int = 200,
    unsent: tuple[int, str, str] | None = None,
) -> HttpResponse:
    """The page; `unsent` is a message that was refused: whose thread, what was typed, and why."""
    config = desk_queries.config(ticket.desk)
    there = queries.third_parties(ticket)
    lines = queries.conversation(ticket, request.actor) if there else []
    context = {
        "page_title": _("Third parties of %s") % ticket.number,
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "threads": present.threads(there, lines, ticket, request.actor, config, now=request.moment, unsent=unsent),
        "form": form,
        "invite_href": _address(ticket) if ticket.is_open else "",
    }
    return draw(request, "tickets/third_parties.html", context, status=status)


@require_POST
@staff_door
def act(request: Request, number: str, pk: int, verb: str) -> HttpResponse:
    """Write, show the client, take out, or note what the client said by telephone. 422 keeps what was typed."""
    ticket = worked(request, number)
    third = ThirdParty.objects.select_related("ticket").filter(ticket=ticket, pk=pk).first()
    if third is None or verb not in VERBS:
        raise Http404
    try:
        VERBS[verb](request, ticket, third)
    except Invalid as refusal:
        if verb != "escribir":
            raise
        unsent = (third.pk, request.POST.get("body", ""), message_of(refusal))
        return _page(request, ticket, forms.ThirdPartyInviteForm(), status=422, unsent=unsent)
    messages.success(request, _("Done."))
    return redirect(_address(ticket))


def _address(ticket: Ticket) -> str:
    return f"/tickets/{ticket.number}/proveedores/"


def _write(request: Request, ticket: Ticket, third: ThirdParty) -> None:
    with transaction.atomic():  # the rows of the files go when the message is refused
        files = [file_actions.store(upload, now=request.moment) for upload in request.FILES.getlist("files")]
        body = request.POST.get("body", "")
        thirdparties.write(third, by=request.actor, now=request.moment, body=body, files=files)


def _share(request: Request, ticket: Ticket, third: ThirdParty) -> None:
    message = request.POST.get("message", "")
    if not (message.isascii() and message.isdigit() and len(message) < 19):
        raise Http404
    thirdparties.share(ticket, by=request.actor, now=request.moment, message=int(message))


def _plain(action: Callable[..., Any]) -> Act:
    return lambda request, ticket, third: action(third, by=request.actor, now=request.moment)


VERBS: Final[dict[str, Act]] = {
    "escribir": _write,
    "mostrar": _share,
    "retirar": _plain(thirdparties.remove),
    "autorizo": _plain(thirdparties.grant),
    "nego": _plain(thirdparties.refuse),
}
