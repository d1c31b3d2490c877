"""Reads of the page of notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.db.models import Count, Q

from accounts.models import User
from core.actor import SUPERVISING, Actor
from notifications.models import PENDING, Notification, NotificationQuerySet

DEAD: Final = Q(dead_at__isnull=False)
FILTERS: Final[Mapping[str, Q]] = {
    "all": Q(),
    "pending": PENDING,
    "delivered": Q(outcome="delivered"),
    "dead": DEAD,
}


def supervised_desks(actor: Actor) -> list[int]:
    """Return the desks whose notices the actor may read and send again."""
    return sorted(desk for desk, roles in actor.desk_roles.items() if roles & SUPERVISING)


def visible_to(actor: Actor, user: User) -> NotificationQuerySet:
    """Keep the notices of the desks that the actor supervises, and those sent to them; an administrator reads all."""
    if actor.is_admin:
        return Notification.objects.all()
    return Notification.objects.filter(Q(desk_id__in=supervised_desks(actor)) | sent_to(user))


def sent_to(user: User) -> Q:
    """Match what was sent to the person's own addresses."""
    addresses = [user.email, *([str(user.phone)] if user.phone else [])]
    return Q(recipient__in=addresses)


def counts(notices: NotificationQuerySet) -> dict[str, int]:
    """Return how many are pending and given up. 1 query, on partial indexes."""
    found = notices.filter(PENDING | DEAD).aggregate(pending=Count("pk", filter=PENDING), dead=Count("pk", filter=DEAD))
    return {"pending": found["pending"], "dead": found["dead"]}


def may_manage(actor: Actor) -> Callable[[Notification], bool]:
    """Return the question whether the actor may send a notice again or cancel it."""
    desks = set(supervised_desks(actor))
    return lambda notice: actor.is_admin or notice.desk_id in desks
