"""Firing timers: find without locks, then one transaction each - owner first, then the timer, look again, act, mark."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import F, Q
from psycopg.errors import LockNotAvailable

from notifications import doorbell
from schedules import timers
from schedules.models import PENDING, Timer

log = structlog.get_logger(__name__)

FIRE_DUE: Final = "schedules.tasks.fire_due"
DRAIN_SECONDS: Final = 60.0  # well under Celery's time limit, however much is due
BATCH: Final = 100
KEEP: Final = timedelta(days=90)

# After the n-th failure; one more failure than pauses and the timer is parked for a person to look at.
PAUSES: Final = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300, 900, 1800))

# Whoever works for an owner holds its mark until the transaction ends, so sweepers pass on to other owners instead of
# queueing for its row, and one owner's timers fire in the order in which they were due. Taking it never waits.
_CLAIM: Final = """
    SELECT set_config('lock_timeout', '3s', true), pg_try_advisory_xact_lock(hashtextextended('timers of ' || %s, 0))
"""


class Outcome(Enum):
    """What came of looking at one timer."""

    FIRED = "fired"  # done, or put off because its handler raised
    GONE = "gone"  # another sweeper, a cancellation or a new owner was faster
    BUSY = "busy"  # somebody works on its owner: later


def drain(clock: Callable[[], datetime], *, seconds: float = DRAIN_SECONDS) -> int:
    """Fire what is due by a running clock, for at most about `seconds`; rings for the rest. Return how many."""
    deadline, fired = time.monotonic() + seconds, 0
    while n := _sweep(clock, deadline):
        fired += n
        if time.monotonic() > deadline:
            doorbell.ring(FIRE_DUE)
            break
    return fired


def fire_due(*, now: datetime) -> int:
    """Fire everything that is due at `now`, what is set meanwhile included. Return how many attempts that took."""
    fired = 0
    while n := _sweep(lambda: now, None):
        fired += n
    return fired


def fire_next(*, now: datetime) -> bool:
    """Fire the timer that waits longest; False when none is due or others are at work on all of them."""
    busy: set[str] = set()
    return any(_look_at(timer, busy, now) is Outcome.FIRED for timer in _due(now))


def _sweep(clock: Callable[[], datetime], deadline: float | None) -> int:
    """Go once through what is due, oldest first. Return how many were fired."""
    busy: set[str] = set()
    fired = 0
    for timer in _due(clock()):
        fired += _look_at(timer, busy, clock()) is Outcome.FIRED
        if deadline is not None and time.monotonic() > deadline:
            break
    return fired


def _due(now: datetime) -> Iterator[Timer]:
    """Yield what is due in order, read in batches without locks. An index scan per batch."""
    after = Q()
    while batch := list(Timer.objects.due(now).filter(after)[:BATCH]):
        yield from batch
        last = batch[-1]
        after = Q(next_attempt_at__gt=last.next_attempt_at) | Q(next_attempt_at=last.next_attempt_at, pk__gt=last.pk)


def _look_at(timer: Timer, busy: set[str], now: datetime) -> Outcome:
    """Fire the timer unless its owner is busy; a handler that raises is put off and never stops the next."""
    if timer.owner in busy:
        return Outcome.BUSY
    try:
        with transaction.atomic():
            outcome = _fire(timer, now)
    except Exception as error:
        outcome = Outcome.BUSY if _waited_in_vain(error) else _put_off(timer, error, now)
    if outcome is Outcome.BUSY:
        busy.add(timer.owner)
    return outcome


def _fire(seen: Timer, now: datetime) -> Outcome:
    if not _claim(seen.owner):
        return Outcome.BUSY
    handler = timers.handler(seen.handler)
    if handler.lock is not None:
        handler.lock(seen.payload)
    timer = Timer.objects.due(now).select_for_update(skip_locked=True).filter(pk=seen.pk).first()
    if timer is None or timer.owner != seen.owner:  # handed over meanwhile: its new owner is not locked
        return Outcome.GONE
    timer.attempts, timer.done_at, timer.error = timer.attempts + 1, now, ""
    timer.fired_at = timer.fired_at or now
    # Marked before it acts: a handler that cancels all timers of its owner does not mean this one.
    timer.save(update_fields=["attempts", "done_at", "fired_at", "error"])
    handler.fire(timer, now)
    return Outcome.FIRED


def _claim(owner: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [owner])
        return bool(cursor.fetchone()[1])


def _waited_in_vain(error: Exception) -> bool:
    """Whether a row lock was not to be had in time: nobody's fault, and not an attempt."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, LockNotAvailable)


def _put_off(timer: Timer, error: Exception, now: datetime) -> Outcome:
    """Note the failure in a transaction of its own; too many of them park the timer."""
    parked = timer.attempts >= len(PAUSES)
    log.error("timer_failed", key=timer.key, handler=timer.handler, parked=parked, exc_info=error)
    Timer.objects.filter(PENDING, pk=timer.pk).update(
        attempts=F("attempts") + 1,
        error=f"{type(error).__name__}: {error}"[:1000].replace("\0", ""),
        fired_at=timer.fired_at or now,
        next_attempt_at=timer.next_attempt_at if parked else now + PAUSES[timer.attempts],
        parked_at=now if parked else None,
    )
    return Outcome.FIRED


def retry_parked(timer: Timer, *, now: datetime) -> bool:
    """Let a parked timer try again at once, with all its attempts. False where it is not parked any more."""
    return bool(
        Timer.objects.parked()
        .filter(pk=timer.pk)
        .update(parked_at=None, attempts=0, next_attempt_at=max(now, timer.due_at))
    )


def purge_timers(*, now: datetime, batch: int = 1000) -> int:
    """Delete what was done or cancelled more than 90 days ago, batch by batch. Return how many."""
    deleted = 0
    for ended in ("done_at", "cancelled_at"):
        old = Timer.objects.filter(**{f"{ended}__lt": now - KEEP}).order_by(ended)
        while ids := list(old.values_list("pk", flat=True)[:batch]):
            deleted += Timer.objects.filter(pk__in=ids).delete()[0]
    return deleted
