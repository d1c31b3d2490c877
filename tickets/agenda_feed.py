"""A consultant's appointments as an iCalendar feed (RFC 5545) under a secret address that can be revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from core.actor import Actor
from core.errors import Forbidden
from desks import queries as desk_queries
from desks.models import Desk
from tickets import invites
from tickets.actions import agenda_mail
from tickets.agenda import State
from tickets.models import AgendaFeed, Appointment

BACK: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=366)


@transaction.atomic
def issue(desk: Desk, *, by: Actor, now: datetime) -> str:
    """Give the person an address of their own and return its secret, shown this once; the one before is revoked."""
    member = desk_queries.config(desk).attendant(by.user_id)
    if member is None:
        raise Forbidden
    Desk.objects.select_for_update().get(pk=desk.pk)  # two clicks at once: one address after the other
    revoke(desk, by=by, now=now)
    secret = secrets.token_urlsafe(32)
    AgendaFeed.objects.create(desk=desk, user_id=member.user_id, digest=_digest(secret), created_at=now)
    return secret


def revoke(desk: Desk, *, by: Actor, now: datetime) -> bool:
    """Let the person's address lead nowhere from now on; False where they had none."""
    found = AgendaFeed.objects.filter(desk=desk, user_id=by.user_id or 0, revoked_at=None)
    return bool(found.update(revoked_at=now))


def in_force(desk: Desk, user_id: int | None) -> AgendaFeed | None:
    """The person's address at the desk. 1 query."""
    return AgendaFeed.objects.filter(desk=desk, user_id=user_id or 0, revoked_at=None).first()


def read(secret: str, *, now: datetime) -> bytes | None:
    """The calendar behind the secret; None where it is unknown or revoked, or the person has left the desk."""
    feed = AgendaFeed.objects.filter(digest=_digest(secret), revoked_at=None).select_related("desk__vendor").first()
    if feed is None or not feed.desk.is_active:
        return None
    config = desk_queries.config(feed.desk)
    member = config.member(feed.user_id)
    if member is None:
        return None
    rows = (
        Appointment.objects.filter(
            consultant_id=feed.user_id,
            ticket__desk=feed.desk,
            starts_at__gt=now - BACK,
            starts_at__lt=now + AHEAD,
        )
        .exclude(state=State.CANCELLED)
        .select_related("ticket__desk", "ticket__client")
        .order_by("starts_at", "id")
    )
    entries = [agenda_mail.entry(row.ticket, row, config, for_client=False) for row in rows]
    name = f"Citas {config.name}"
    return invites.render(entries, method=invites.PUBLISH, now=now, name=name, zone=config.zone.key).encode()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
