"""From the person who signed in to the actor that rules ask about.

Who works at a desk is staff there; who is a contact of a client sees what their links say. The
same person may be both at different vendors.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any, Final, cast

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from clients.models import ContactLink
from core.actor import VISITOR, Actor, ActorKind


def actor_for(user: User | AnonymousUser | None, *, today: date | None = None) -> Actor:
    """Return what the person may do at this moment; a visitor when nobody signed in. 1 query, 0 for visitors.

    `today` decides which links of a contact are valid: by default the day it is now in UTC.
    """
    if user is None or not isinstance(user, User) or not user.is_active:
        return VISITOR
    day = today or datetime.now(UTC).date()
    memberships, contacts = _rights(user.pk)
    return Actor(
        kind=ActorKind.USER,
        id=user.pk,
        label=user.name or user.email,
        user_id=user.pk,
        desk_roles={desk: frozenset(roles) for _vendor, desk, _slug, roles in memberships},
        desk_slugs=frozenset(slug for _vendor, _desk, slug, _roles in memberships),
        vendor_ids=frozenset(row[0] for row in (*memberships, *contacts)),
        contact_ids=frozenset(row[1] for row in contacts),
        client_ids=frozenset(row[2] for row in contacts if _opens(row[3:], day)),
        is_admin=user.is_staff,
    )


# Every page and every call asks this: one statement for both sides, whichever the person is on.
_RIGHTS: Final = """
    SELECT desk.vendor_id, desk.id, desk.slug, membership.roles, NULL, NULL, NULL, NULL, NULL, NULL
    FROM desks_membership AS membership
    JOIN desks_desk AS desk ON desk.id = membership.desk_id
    JOIN desks_vendor AS vendor ON vendor.id = desk.vendor_id
    WHERE membership.user_id = %(user)s AND membership.is_active AND desk.is_active AND vendor.is_active
    UNION ALL
    SELECT contact.vendor_id, NULL, NULL, NULL,
        contact.id, link.client_id, client.is_active, link.scope, link.valid_from, link.valid_until
    FROM clients_contact AS contact
    JOIN desks_vendor AS vendor ON vendor.id = contact.vendor_id
    LEFT JOIN clients_contactlink AS link ON link.contact_id = contact.id
    LEFT JOIN clients_client AS client ON client.id = link.client_id
    WHERE contact.user_id = %(user)s AND vendor.is_active
    ORDER BY 2, 5
"""


def _rights(user_id: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Where the person works (vendor, desk, slug, roles), who they are to clients (vendor, contact, link). 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_RIGHTS, {"user": user_id})
        rows = cursor.fetchall()
    memberships = [row[:4] for row in rows if row[1] is not None]
    return memberships, [(row[0], *row[4:]) for row in rows if row[1] is None]


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
