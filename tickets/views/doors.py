"""What the pages of tickets share: who may enter, the visible ticket, and refusals as answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from core.actor import Actor
from core.errors import AlreadyTaken, DomainError
from desks.models import Desk
from files.models import Attachment
from tickets import queries
from tickets.actions import safekeeping
from tickets.models import Ticket

P = ParamSpec("P")


class Request(HttpRequest):
    """A page's request as the middleware of this house prepares it."""

    actor: Actor
    htmx: HtmxDetails
    moment: datetime
    live_stream: str
    searched: str
    desks: Sequence[Desk]


View = Callable[Concatenate[Request, P], HttpResponse]


def door(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Ask to sign in, read the clock once, and turn what a rule refuses into a page."""

    @wraps(view)
    def entered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        prepared = cast(Request, request)
        prepared.moment = timezone.now()
        try:
            return view(prepared, *args, **kwargs)
        except DomainError as refusal:
            return refused(prepared, refusal)

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", login_required(entered))


def staff_door(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A door for those who work tickets at some desk: 403 for everybody else who signed in."""

    @wraps(view)
    def checked(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (request.actor.is_admin or request.actor.ticket_desk_ids()):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return door(cast("View[P]", checked))


def refused(request: Request, refusal: DomainError) -> HttpResponse:
    """A rule said no: the page says why and where to look."""
    if refusal.status == 403:
        raise PermissionDenied(str(refusal.message))
    number = str(getattr(request.resolver_match, "kwargs", {}).get("number", "")).upper()
    href = f"/tickets/{number}/" if number else "/cola/"
    context = {
        "message": message_of(refusal),
        "back_href": href,
        "t": {"number": number, "href": href} if number else None,
    }
    return render(request, "conflict.html", context, status=refusal.status)


def message_of(refusal: DomainError) -> str:
    """The refusal in a sentence, with the name of who was faster."""
    if isinstance(refusal, AlreadyTaken):
        return _("%(name)s has just taken this ticket.") % {"name": refusal.extra["assignee"]["name"]}
    return " ".join([str(refusal.message), *(str(error.message) for error in refusal.errors)])


def tell_caught(request: Request, text: str, files: Sequence[Attachment] = ()) -> None:
    """Say on screen what did not stay in the conversation."""
    caught = safekeeping.catch(text, files)
    if caught.any:
        messages.warning(request, _("It went to the vault, a mark stays in its place: %s.") % caught.names)


def visible(request: Request, number: str) -> Ticket:
    """The ticket that the person may see. Raises Http404. 1 query."""
    ticket = queries.one(request.actor, number)
    if ticket is None:
        raise Http404
    return ticket


def worked(request: Request, number: str) -> Ticket:
    """The ticket, for who works at its desk; a client who may read it is refused. Raises Http404, PermissionDenied."""
    ticket = visible(request, number)
    if not request.actor.works_tickets(ticket.desk_id):
        raise PermissionDenied
    return ticket


def wants_part(request: Request) -> bool:
    """Whether htmx swaps a part; whoever goes back to a page that it no longer keeps wants the whole."""
    return bool(request.htmx) and not (request.htmx.boosted or request.htmx.history_restore_request)


def draw(
    request: Request, template: str, context: dict[str, Any], *, part: str = "", status: int = 200
) -> HttpResponse:
    """The page, or for htmx the part of it that is swapped."""
    name = f"{template}#{part}" if part and wants_part(request) else template
    response = render(request, name, context, status=status)
    if part:
        patch_vary_headers(response, ["HX-Request"])
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response
