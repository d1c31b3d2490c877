"""What must happen later: rows written in the transaction of their cause, and the table of what they mean.

A higher app registers, in its `apps.py`, one function for the name that its timers carry:

    timers.register("tickets.ladder_step", ladder.climb, lock=ladder.lock_ticket)

`lock(payload)` takes the owner's row lock and is called before the timer is locked, so the sweep and the actions take
locks in one order. The function gets the timer and `now`; what it changes is undone when it raises.

A key is used once, for ever: a timer that was cancelled does not come back. What may be set anew (a clock that runs
again after a pause) names the run in its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from core.rows import Rows, joined
from schedules.models import Timer

Fire = Callable[[Timer, datetime], None]
Lock = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Handler:
    """What a timer of that name does, and how its owner is locked first."""

    fire: Fire
    lock: Lock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A timer to be set."""

    key: str
    handler: str
    owner: str
    due_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)


_HANDLERS: Final[dict[str, Handler]] = {}


def register(name: str, fire: Fire, *, lock: Lock | None = None) -> None:
    """Say what timers of that name do. Twice with another function is a mistake (ValueError)."""
    handler = Handler(fire, lock)
    if _HANDLERS.setdefault(name, handler) != handler:
        raise ValueError(f"the timer handler {name} is registered twice")


def handler(name: str) -> Handler:
    """Return what is registered. Raises LookupError: an older process may not know the name yet."""
    try:
        return _HANDLERS[name]
    except KeyError:
        raise LookupError(f"no timer handler is registered as {name}") from None


def names() -> frozenset[str]:
    return frozenset(_HANDLERS)


def set(
    *, key: str, handler: str, due_at: datetime, owner: str, now: datetime, payload: Mapping[str, Any] | None = None
) -> None:
    """Set a timer unless one with that key was ever set. 1 query."""
    request = Request(key=key, handler=handler, owner=owner, due_at=due_at, payload=payload or {})
    set_many([request], now=now)


def set_many(requests: Iterable[Request], *, now: datetime, rows: Rows | None = None) -> None:
    """Set timers, leaving out every key that was ever set; with `rows` they are written with those.

    1 query, none for an empty list.
    """
    wanted = [
        Timer(
            key=request.key,
            handler=request.handler,
            owner=request.owner,
            payload=dict(request.payload),
            due_at=request.due_at,
            next_attempt_at=request.due_at,
            created_at=now,
        )
        for request in requests
    ]
    with joined(rows) as written:
        written.insert(*wanted, on_conflict="ON CONFLICT DO NOTHING")


def move(timer: Timer, *, due_at: datetime) -> None:
    """Let the same occurrence be due at another instant; nothing for a timer that ended. 1 query.

    Hold the owner's lock, so that it is not being fired.
    """
    Timer.objects.pending().filter(pk=timer.pk).update(due_at=due_at, next_attempt_at=due_at)


def hand_over(key: str, *, owner: str, payload: Mapping[str, Any]) -> None:
    """Let the same occurrence belong to another owner; nothing for a timer that ended. 1 query.

    Hold the locks of both owners. A sweep that has read it for the first one leaves it to the next sweep.
    """
    Timer.objects.pending().filter(key=key).update(owner=owner, payload=dict(payload))


_CANCEL: Final = """
    UPDATE schedules_timer SET cancelled_at = %s
    WHERE owner = %s AND starts_with(key, %s) AND done_at IS NULL AND cancelled_at IS NULL
"""


def cancel_with(rows: Rows, *, owner: str, key_prefix: str, now: datetime) -> None:
    """Cancel what waits of that owner under that prefix when `rows` are written. Hold the owner's lock."""
    rows.add(_CANCEL, [now, owner, key_prefix])


def cancel(*, owner: str | None = None, key_prefix: str | None = None, now: datetime) -> int:
    """Cancel what waits or is parked, of that owner or under that prefix (both: both must hold). Return how many.

    1 query. Hold the owner's lock, so that none of them is being fired. Raises ValueError without either.
    """
    if not owner and not key_prefix:
        raise ValueError("say whose timers or which keys are cancelled")
    timers = Timer.objects.filter(done_at=None, cancelled_at=None)
    if owner:
        timers = timers.filter(owner=owner)
    if key_prefix:
        timers = timers.filter(key__startswith=key_prefix)
    return timers.update(cancelled_at=now)
