"""What the client's pages share: the desk of an address, the clock read once, headers of what is private."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from accounts import addresses
from core.actor import Actor
from desks import queries as desk_queries
from portal import desknow
from portal.desknow import Scene

Row = dict[str, Any]

UNPROCESSABLE: Final = 422


def actor_of(request: HttpRequest) -> Actor:
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found


def scene_of(slug: str) -> Scene:
    """The desk of that address at this instant. Raises Http404 where there is none, or it is not active."""
    desk = desk_queries.of_slug(slug)
    if desk is None or desk.calendar_id is None:
        raise Http404
    return desknow.at(desk, timezone.now())


class SeeOther(HttpResponseRedirect):
    """Go on by GET, whatever was sent."""

    status_code = 303


def see_other(href: str) -> HttpResponse:
    return SeeOther(href)


def private(response: HttpResponse) -> HttpResponse:
    """Of one person: no cache keeps it."""
    response["Cache-Control"] = "private, no-store"
    return response


def who_asks(request: HttpRequest) -> str:
    """Whose requests are counted together: a person's, or those of an address."""
    user_id = actor_of(request).user_id
    return f"user:{user_id}" if user_id is not None else f"anon:{addresses.digest(request)}"


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "429.html", {"retry_after": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    return response
