"""Who may enter the pages of accounts: sales and managers of a desk, and the administrator of the installation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from desks.models import Desk
from stamps.models import StampAccount
from stamps.models.account import desks_of
from tickets.views.doors import Request as PageRequest
from tickets.views.doors import door

P = ParamSpec("P")


class Request(PageRequest):
    """`sold`: the desks whose accounts the person reads, by name."""

    sold: Sequence[Desk]


View = Callable[Concatenate[Request, P], HttpResponse]


def sales_door(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A door for who sells at a desk or manages one: 403 for everybody else who signed in. 1 query."""

    @wraps(view)
    def checked(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        actor = request.actor
        if not actor.is_admin and not desks_of(actor):
            raise PermissionDenied
        desks = Desk.objects.active().select_related("vendor").order_by("name")
        request.sold = list(desks if actor.is_admin else desks.filter(pk__in=desks_of(actor)))
        return view(request, *args, **kwargs)

    return door(cast(Any, checked))


def chosen(request: Request, slug: str | None) -> Desk:
    """The desk that is named, else the first. Raises Http404 for one that is not theirs."""
    desk = next((desk for desk in request.sold if slug in (None, "", desk.slug)), None)
    if desk is None:
        raise Http404
    return desk


def account(request: Request, pk: int) -> StampAccount:
    """The account, for who reads those of its desk. Raises Http404. 1 query."""
    rows = StampAccount.objects.filter(desk__in=[desk.pk for desk in request.sold])
    found = rows.select_related("desk__vendor", "product", "client", "merged_into").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
