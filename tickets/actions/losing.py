"""A step's notice bounced or is dead: the climb does not wait for an answer that cannot come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.actor import SYSTEM
from notifications.models import Notification
from tickets.actions import ladder, record
from tickets.models import Escalation

# The notices of a step: `ladder/91/step/2/1/17/email`, `ladder/91/step/2/1/17/wake/+527225550104`.
_KEY: Final = re.compile(
    r"(?P<occurrence>ladder/(?P<climb>\d+)/step/(?P<step>\d+)/\d+/\d+)/(?P<way>email|wake)(?:/.*)?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Lost:
    """Which telling did not arrive: `occurrence` is the part of the key that all ways to this person share."""

    climb: int
    step: int
    occurrence: str
    way: str


def read(key: str) -> Lost | None:
    """What the key of a notice says; None for one that belongs to no step."""
    found = _KEY.fullmatch(key)
    return Lost(int(found["climb"]), int(found["step"]), found["occurrence"], found["way"]) if found else None


def notice_is_lost(notice: Notification) -> None:
    """The next step is told at once, where this one is the highest that was told and nobody has answered.

    A lost mail counts only where the person has no channel that wakes: there it was one of two ways.
    """
    lost = read(notice.key)
    if lost is None or (lost.way == "email" and _has_another_way(lost)):
        return
    climb = Escalation.objects.select_related("ticket__desk").filter(pk=lost.climb).first()
    if climb is None:
        return
    now = notice.dead_at or notice.next_attempt_at
    with record.changing(climb.ticket, now=now) as fresh:
        climb.refresh_from_db()
        climb.ticket = fresh
        if climb.ended_at is not None or climb.acknowledged_at is not None:
            return
        if climb.silenced_until is not None and climb.silenced_until > now:
            return  # somebody who supervises knows of it; at that hour the next step is told anyway
        highest = climb.rungs.filter(fired_at__isnull=False).order_by("-position").first()
        if highest is not None and highest.position == lost.step:
            record.record(fresh, "notice_lost", by=SYSTEM, now=now, climb=climb.pk, step=highest.position)
            ladder.force_next(climb, fresh, now=now)


def _has_another_way(lost: Lost) -> bool:
    return Notification.objects.filter(key__startswith=f"{lost.occurrence}/wake/", dead_at__isnull=True).exists()
