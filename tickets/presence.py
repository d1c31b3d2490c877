"""Who has a ticket open at this moment, and who is writing on it.

Kept in Valkey alone and allowed to be lost: nothing is decided by it, it only keeps two people from answering at once.
One hash a desk, a field for each person and ticket, so that a page of the queue asks one question whatever it shows.
A field says when it was last renewed; whoever reads passes over what is old, whoever writes takes it out, and the whole
hash expires when nobody renews anything. While Valkey is away nobody is seen and nobody waits.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.names import first
from notifications import live

BEAT_SECONDS: Final = 20  # how often a page that is open says so
SEEN_SECONDS: Final = 30  # what was not renewed for so long is gone
KEPT_SECONDS: Final = 90
TIMEOUT_SECONDS: Final = 0.2
REST_SECONDS: Final = 5.0

T = TypeVar("T")
Rows = Mapping[Any, Any]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a ticket; `since` (epoch seconds) is when they began what they do."""

    user_id: int
    name: str
    writing: bool
    since: int
    seen: int

    @property
    def first_name(self) -> str:
        return first(self.name)


def names(*, ticket_id: int | None = None, desk_id: int | None = None) -> tuple[str, ...]:
    """What wakes the streams that show it."""
    found = []
    if ticket_id is not None:
        found.append(f"presence:ticket:{ticket_id}")
    if desk_id is not None:
        found.append(f"presence:desk:{desk_id}")
    return tuple(found)


def beat(*, desk_id: int, ticket_id: int, user_id: int, name: str, writing: bool, now: datetime) -> list[Person]:
    """Say that the person has the ticket open, and return who else has. Streams are woken when that is news.

    Two round trips to Valkey.
    """
    at = int(now.timestamp())
    key, field = _key(desk_id), f"{ticket_id}:{user_id}"
    rows: Rows = _ask(lambda client: client.hgetall(key), {})
    everybody = _parsed(rows)
    mine = everybody.get(field)
    fresh = mine is not None and at - mine.seen < SEEN_SECONDS and mine.writing == writing
    since = mine.since if mine is not None and fresh else at
    row = json.dumps([name, int(writing), since, at])
    old = [known for known, person in everybody.items() if at - person.seen >= SEEN_SECONDS and known != field]
    _ask(lambda client: _renew(client, key, field, row, old), None)
    if not fresh:
        live.wake(*names(ticket_id=ticket_id, desk_id=desk_id))
    return _others(everybody, user_id, at).get(ticket_id, [])


def _renew(client: redis.Redis, key: str, field: str, row: str, old: Sequence[str]) -> None:
    with client.pipeline(transaction=False) as pipe:
        pipe.hset(key, field, row)
        if old:
            pipe.hdel(key, *old)
        pipe.expire(key, KEPT_SECONDS)
        pipe.execute()


def leave(*, desk_id: int, ticket_id: int, user_id: int) -> None:
    """Say that the person closed the page."""
    if _ask(lambda client: client.hdel(_key(desk_id), f"{ticket_id}:{user_id}"), 0):
        live.wake(*names(ticket_id=ticket_id, desk_id=desk_id))


def on_tickets(desk_ids: Sequence[int], *, but: int | None, now: datetime) -> Mapping[int, list[Person]]:
    """Who is on which ticket of the desks, without the reader: ticket id -> people, writers first. One round trip."""
    if not desk_ids:
        return {}
    found: dict[str, Person] = {}
    hashes: list[Rows] = _ask(lambda client: _read(client, desk_ids), [])
    for rows in hashes:
        found |= _parsed(rows)
    return _others(found, but, int(now.timestamp()))


def _read(client: redis.Redis, desk_ids: Sequence[int]) -> list[Any]:
    with client.pipeline(transaction=False) as pipe:
        for desk_id in desk_ids:
            pipe.hgetall(_key(desk_id))
        return pipe.execute()


def _others(everybody: Mapping[str, Person], but: int | None, at: int) -> dict[int, list[Person]]:
    found: dict[int, list[Person]] = {}
    for field, person in everybody.items():
        if person.user_id != but and at - person.seen < SEEN_SECONDS:
            found.setdefault(int(field.partition(":")[0]), []).append(person)
    for people in found.values():
        people.sort(key=lambda person: (not person.writing, person.since, person.user_id))
    return found


def _parsed(rows: Rows) -> dict[str, Person]:
    """The fields of a hash; one that is not ours is passed over."""
    found = {}
    for field, value in rows.items():
        try:
            name, writing, since, seen = json.loads(value)
            user_id = int(field.partition(b":")[2])
            found[field.decode()] = Person(user_id, str(name), bool(writing), int(since), int(seen))
        except (ValueError, TypeError):
            continue
    return found


# ------------------------------------------------------------------ Avisarle


def nudge(*, desk_id: int, ticket_id: int, to: int, name: str) -> None:
    """Let the page of who is written to say who would like to be told apart; it forgets it after KEPT_SECONDS."""
    _ask(lambda client: client.set(_nudge_key(ticket_id, to), name, ex=KEPT_SECONDS), None)
    live.wake(*names(ticket_id=ticket_id))


def nudged(*, ticket_id: int, user_id: int) -> str:
    """Who nudged the person lately on this ticket; "" for nobody."""
    found: bytes | None = _ask(lambda client: client.get(_nudge_key(ticket_id, user_id)), b"")
    return found.decode("utf-8", "replace") if found else ""


def _key(desk_id: int) -> str:
    return f"presence:desk:{desk_id}"


def _nudge_key(ticket_id: int, user_id: int) -> str:
    return f"presence:nudge:{ticket_id}:{user_id}"


# ------------------------------------------------------------------ Valkey, which may be away


class _Server:
    """The connection of this process, and until when nobody asks after it failed."""

    def __init__(self) -> None:
        self.pid = 0
        self.url = ""
        self.client: redis.Redis | None = None
        self.resting_until = 0.0
        self.lock = threading.Lock()

    def connected(self) -> redis.Redis:
        """The client, made anew after a fork or for another address."""
        with self.lock:
            if self.client is None or self.pid != os.getpid() or self.url != settings.REDIS_URL:
                self.pid, self.url = os.getpid(), settings.REDIS_URL
                self.client = redis.Redis.from_url(
                    self.url,
                    socket_timeout=TIMEOUT_SECONDS,
                    socket_connect_timeout=TIMEOUT_SECONDS,
                    retry=Retry(NoBackoff(), 0),
                )
            return self.client


_server = _Server()


def _ask(question: Callable[[redis.Redis], Any], default: T) -> T:
    if time.monotonic() < _server.resting_until:
        return default
    try:
        return question(_server.connected())  # type: ignore[no-any-return]
    except redis.RedisError as error:
        _server.resting_until = time.monotonic() + REST_SECONDS
        log.warning("presence_failed", error=type(error).__name__)
        return default
