"""What the pages of stamps share: who may enter, the visible order, which of two that have one number."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import Conflict
from stamps import queries
from stamps.models import StampOrder
from tickets.views.doors import Request, View, door, draw

__all__ = ["Request", "draw", "seller_door", "visible"]

P = ParamSpec("P")


def seller_door(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A door for the desks' people: 403 for everybody else who signed in. What they see is asked for each order."""

    @wraps(view)
    def checked(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.actor.is_staff:
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        except Conflict as refusal:
            if refusal.code != "ambiguous_order":
                raise
            return which(request, refusal)

    return door(cast("View[P]", checked))


def visible(request: Request, number: str) -> StampOrder:
    """The order of that number that the person sees. Raises Http404, or Conflict where two have it. 1 query."""
    wanted = request.GET.get("mesa") or request.POST.get("mesa") or ""
    order = queries.the_order(request.actor, number, wanted)
    if order is None:
        raise Http404
    return order


def which(request: HttpRequest, refusal: Conflict) -> HttpResponse:
    """Ask which of the orders that share a number is meant (409)."""
    slugs = [choice["desk"] for choice in refusal.extra["choices"]]
    number = str(getattr(request.resolver_match, "kwargs", {}).get("number", "")).upper()
    choices = [{"href": f"/timbres/{number}/?mesa={slug}", "text": f"{number} · {slug}"} for slug in slugs]
    return render(request, "stamps/which.html", {"number": number, "choices": choices}, status=409)
