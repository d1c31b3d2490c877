"""Who may enter the pages of a desk's settings: its managers (some: who supervises), and the administrator.

And what whoever works at a desk without guardia reads where others find theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.actor import MANAGER, SUPERVISING, Actor
from core.errors import Forbidden
from desks.api.scope import staffed_desks
from desks.models import Desk

P = ParamSpec("P")


class Request(HttpRequest):
    """A page's request as the middleware of this house prepares it; `managed` are the desks that the person manages."""

    actor: Actor
    moment: datetime
    desks: Sequence[Desk]
    managed: Sequence[Desk]


View = Callable[Concatenate[Request, P], HttpResponse]


def manager_door(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Ask to sign in, read the clock once and the person's desks; 403 for who manages none. 1 query."""
    return _door(view, MANAGER)


def supervisor_door(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """The same for who supervises; `managed` are then the desks that the person supervises. 1 query."""
    return _door(view, *SUPERVISING)


def _door(view: View[P], *roles: str) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    @wraps(view)
    def entered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        prepared = cast(Request, request)
        prepared.moment = timezone.now()  # noqa: TID251 - a door
        desks = list(staffed_desks(prepared.actor))
        prepared.managed = [desk for desk in desks if prepared.actor.has_role(desk.pk, *roles)]
        if not prepared.managed:
            raise PermissionDenied
        prepared.desks = desks
        try:
            return view(prepared, *args, **kwargs)
        except Forbidden as refusal:
            raise PermissionDenied(str(refusal.message)) from refusal

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", login_required(entered))


def chosen(request: Request, slug: str | None) -> Desk:
    """Return the managed desk of that slug, the first without one; it comes first around the page.

    Raises Http404 for a desk that is not theirs, PermissionDenied for one where they work but do not manage.
    """
    desk = next((desk for desk in request.managed if not slug or desk.slug == slug), None)
    if desk is None:
        if any(desk.slug == slug for desk in request.desks):
            raise PermissionDenied
        raise Http404
    request.desks = [desk, *(other for other in request.desks if other.pk != desk.pk)]
    return desk


def without_rota(request: HttpRequest, desks: Sequence[Desk], wanted: str | None, *, title: str) -> HttpResponse:
    """Say that nobody is ever on call at the person's desk. Raises Http404 for buttons and desks not theirs."""
    known = [desk for desk in desks if wanted in (None, "", desk.slug)]
    if not known or request.method not in ("GET", "HEAD"):
        raise Http404
    return render(request, "desks/no_rota.html", {"page_title": title})
