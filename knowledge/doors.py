"""Who may enter the pages of articles: those who work tickets at some desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.actor import Actor
from core.errors import DomainError
from desks.api.scope import staffed_desks
from desks.models import Desk
from knowledge import queries
from knowledge.models import Article

P = ParamSpec("P")
HOME = "/conocimiento/"


class Request(HttpRequest):
    """A page's request as the middleware prepares it; `desks` are those whose tickets the person works."""

    actor: Actor
    moment: datetime
    desks: Sequence[Desk]


View = Callable[Concatenate[Request, P], HttpResponse]


def staff_door(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Ask to sign in, read the clock once and the person's desks; 403 for who works no tickets. 1 query."""

    @wraps(view)
    def entered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        prepared = cast(Request, request)
        prepared.moment = timezone.now()  # noqa: TID251 - a door
        actor = prepared.actor
        prepared.desks = [desk for desk in staffed_desks(actor) if actor.works_tickets(desk.pk)]
        if not prepared.desks:
            raise PermissionDenied
        try:
            return view(prepared, *args, **kwargs)
        except DomainError as refusal:
            return _refused(prepared, refusal)

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", login_required(entered))


def _refused(request: Request, refusal: DomainError) -> HttpResponse:
    """A rule said no: the page says why and leads back to the article."""
    if refusal.status == 403:
        raise PermissionDenied(str(refusal.message))
    pk = getattr(request.resolver_match, "kwargs", {}).get("pk")
    said = " ".join([str(refusal.message), *(str(error.message) for error in refusal.errors)])
    context = {"message": said, "back_href": f"{HOME}{pk}/" if pk else HOME, "t": None}
    return render(request, "conflict.html", context, status=refusal.status)


def worked(request: Request, pk: int) -> Article:
    """The article of a desk whose tickets the person works; that desk comes first around the page. 1 query.

    Raises Http404 for any other.
    """
    article = queries.one(Article.objects.worked_by(request.actor), pk)
    if article is None:
        raise Http404
    request.desks = sorted(request.desks, key=lambda d: (d.pk != article.desk_id, d.vendor_id != article.vendor_id))
    return article


def draw(request: Request, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The page; no cache keeps it."""
    response = render(request, template, context, status=status)
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response
