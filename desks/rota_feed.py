"""A person's shifts as an iCalendar feed (RFC 5545) under a secret address that can be revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from icalendar import Calendar, Event

from core.actor import Actor
from core.errors import Forbidden
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Desk, RotaFeed
from schedules import queries as schedule_queries
from schedules.rotas import Shift

BACK: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=120)


@transaction.atomic
def issue(desk: Desk, *, by: Actor, now: datetime) -> str:
    """Give the person an address of their own and return its secret, shown this once; the one before is revoked."""
    if by.user_id is None or desk_queries.config(desk).member(by.user_id) is None:
        raise Forbidden
    Desk.objects.select_for_update().get(pk=desk.pk)  # two clicks at once: one address after the other
    revoke(desk, by=by, now=now)
    secret = secrets.token_urlsafe(32)
    RotaFeed.objects.create(desk=desk, user_id=by.user_id, digest=_digest(secret), created_at=now)
    return secret


def revoke(desk: Desk, *, by: Actor, now: datetime) -> bool:
    """Let the person's address lead nowhere from now on; False where they had none."""
    found = RotaFeed.objects.filter(desk=desk, user_id=by.user_id or 0, revoked_at=None)
    return bool(found.update(revoked_at=now))


def in_force(desk: Desk, user_id: int | None) -> RotaFeed | None:
    """The person's address at the desk. 1 query."""
    return RotaFeed.objects.filter(desk=desk, user_id=user_id or 0, revoked_at=None).first()


def read(secret: str, *, now: datetime) -> bytes | None:
    """The calendar behind the secret; None where it is unknown or revoked, or the person has left the desk."""
    feed = RotaFeed.objects.filter(digest=_digest(secret), revoked_at=None).select_related("desk__vendor").first()
    if feed is None or feed.desk.rota_id is None or not feed.desk.is_active:
        return None
    config = desk_queries.config(feed.desk)
    if config.member(feed.user_id) is None:
        return None
    shifts = schedule_queries.shifts(feed.desk.rota_id, now - BACK, now + AHEAD)
    return render(config, [one for one in shifts if one.user == feed.user_id], now=now)


def render(config: DeskConfig, shifts: Iterable[Shift], *, now: datetime) -> bytes:
    """The shifts as a calendar. The same shift keeps its UID, so that a client updates instead of doubling."""
    calendar = Calendar()
    calendar.add("prodid", "-//Mesa de Ayuda//Guardias//ES")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"Guardias {config.name}")
    calendar.add("x-wr-timezone", config.zone.key)
    for one in shifts:
        event = Event()
        event.add("uid", f"guardia-{config.slug}-{one.user}-{one.start:%Y%m%dT%H%M%SZ}@mesa-de-ayuda")
        event.add("dtstamp", now)
        event.add("dtstart", one.start)
        event.add("dtend", one.end)
        event.add("summary", f"Guardia {config.name}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
