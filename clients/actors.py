"""From the person who signed in to the actor that rules ask about.

Who works at a desk is staff there; who is a contact of a client sees what their links say. The
same person may be both at different vendors.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from clients.models import Contact, ContactLink
from core.actor import VISITOR, Actor, ActorKind
from core.compiled import compiled
from desks.models import Membership


def actor_for(user: User | AnonymousUser | None, *, today: date | None = None) -> Actor:
    """Return what the person may do at this moment; a visitor when nobody signed in. 2 queries, 0 for visitors.

    `today` decides which links of a contact are valid: by default the day it is now in UTC.
    """
    if user is None or not isinstance(user, User) or not user.is_active:
        return VISITOR
    day = today or datetime.now(UTC).date()
    memberships = _memberships(user=user.pk)
    contacts = _contacts(user=user.pk)
    return Actor(
        kind=ActorKind.USER,
        id=user.pk,
        label=user.name or user.email,
        user_id=user.pk,
        desk_roles={desk: frozenset(roles) for desk, _slug, _vendor, roles in memberships},
        desk_slugs=frozenset(slug for _desk, slug, _vendor, _roles in memberships),
        vendor_ids=frozenset(row[2] for row in memberships) | frozenset(row[1] for row in contacts),
        contact_ids=frozenset(row[0] for row in contacts),
        client_ids=frozenset(row[2] for row in contacts if _opens(row[3:], day)),
        is_admin=user.is_staff,
    )


@compiled
def _memberships(user: Any) -> QuerySet[Membership, tuple[Any, ...]]:
    at_work = Membership.objects.filter(
        user_id=user, is_active=True, desk__is_active=True, desk__vendor__is_active=True
    )
    return at_work.order_by("desk_id").values_list("desk_id", "desk__slug", "desk__vendor_id", "roles")


@compiled
def _contacts(user: Any) -> QuerySet[Contact, tuple[Any, ...]]:
    return (
        Contact.objects.filter(user_id=user, vendor__is_active=True)
        .order_by("id")
        .values_list(
            "id",
            "vendor_id",
            "links__client_id",
            "links__client__is_active",
            "links__scope",
            "links__valid_from",
            "links__valid_until",
        )
    )


def _opens(link: tuple[Any, ...], day: date) -> bool:
    """Whether the link lets its contact read every ticket of the company on that day."""
    is_active, scope, valid_from, valid_until = link  # all None for a contact without links
    return (
        bool(is_active)
        and scope == ContactLink.Scope.COMPANY
        and valid_from <= day
        and (valid_until is None or day <= valid_until)
    )


def of(request: Any) -> Actor:
    """Return the actor of a page's or an API's request, found once for each person who was authenticated."""
    base: Any = getattr(request, "_request", request)
    user = request.user
    key = user.pk if user is not None and user.is_authenticated else None
    kept = getattr(base, "_actor", None)
    if kept is None or kept[0] != key:
        kept = base._actor = (key, actor_for(user if key is not None else None))
    return cast(Actor, kept[1])


@sync_and_async_middleware
def middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Set `request.actor`, found when it is first asked for. Stands behind the authentication."""

    def prepare(request: HttpRequest) -> None:
        request.actor = SimpleLazyObject(lambda: of(request))  # type: ignore[attr-defined]

    if iscoroutinefunction(get_response):

        async def of_coroutine(request: HttpRequest) -> HttpResponse:
            prepare(request)
            return await cast(Awaitable[HttpResponse], get_response(request))

        return of_coroutine

    def of_function(request: HttpRequest) -> HttpResponse:
        prepare(request)
        return cast(HttpResponse, get_response(request))

    return of_function
