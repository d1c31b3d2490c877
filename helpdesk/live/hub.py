"""One subscription of the process to the wake-ups, and the streams that wait for them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import redis.asyncio
import structlog
from django.conf import settings
from redis.exceptions import RedisError

from notifications.live import CHANNEL

IDLE_SECONDS: Final = 15.0  # silence after which the broker is asked whether it is still there
CONNECT_SECONDS: Final = 3.0
PAUSE_SECONDS: Final = (0.5, 1.5)  # between two attempts to subscribe
PERSON: Final = "user:"  # names that say: this person's rights may have changed
# What pages are told without a row of the timeline, by the beginning of its name: somebody came, went or began to
# write; a reply is on its way or was taken back.
HINTS: Final = ("presence", "drafts")

log = structlog.get_logger(__name__)


class Waiter:
    """A stream that waits. `suspect` when the rights of its reader may have changed, `gone` when it was closed.

    `changed` when there may be rows to read; `hints` are told as they are.
    """

    __slots__ = ("changed", "event", "gone", "hints", "suspect")

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.changed = False
        self.hints: set[str] = set()
        self.suspect = False
        self.gone = False

    def wake(self, name: str = "") -> None:
        kind = name.partition(":")[0]
        if kind in HINTS:
            self.hints.add(kind)
        else:
            self.changed = True
            self.suspect = self.suspect or name.startswith(PERSON)
        self.event.set()

    def rest(self) -> None:
        """Begin to wait anew: what woke it so far is being looked at."""
        self.changed = False
        self.event.clear()

    def close(self) -> None:
        self.gone = self.changed = True
        self.event.set()


class Hub:
    """Streams by the names that wake them (`ticket:7`, `desk:1`, `user:3`)."""

    def __init__(self) -> None:
        self.connected = False
        self._waiters: dict[str, set[Waiter]] = {}
        self._readers: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None

    def open_streams(self, reader: str) -> int:
        """How many streams that reader has open in this process."""
        return self._readers[reader]

    @contextmanager
    def waiting(self, names: Iterable[str], reader: str) -> Iterator[Waiter]:
        """Register a waiter; to be entered before the first read, so that no wake-up falls between."""
        self._ensure_listening()
        waiter, kept = Waiter(), frozenset(names)
        for name in kept:
            self._waiters.setdefault(name, set()).add(waiter)
        self._readers[reader] += 1
        try:
            yield waiter
        finally:
            for name in kept:
                self._waiters[name].discard(waiter)
                if not self._waiters[name]:
                    del self._waiters[name]
            self._readers[reader] -= 1
            self._readers += Counter()  # drops what came down to nothing

    def wake(self, names: Iterable[str]) -> None:
        for name in names:
            for waiter in self._waiters.get(name, ()):
                waiter.wake(name)

    def wake_all(self) -> None:
        """After a (re)connection: nobody knows what was missed."""
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.wake()

    def _ensure_listening(self) -> None:
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self.connected = False
            self._task = loop.create_task(self._listen(), name="live")

    async def _listen(self) -> None:
        """Stay subscribed for ever; whatever breaks, begin anew."""
        while True:
            try:
                client: Any = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=CONNECT_SECONDS)
                async with client, client.pubsub() as subscription:
                    await subscription.subscribe(CHANNEL)
                    await self._hear(subscription)
            except (RedisError, OSError) as error:
                self._lost(error)
            except Exception as error:
                log.exception("live_subscription_broke")
                self._lost(error)
            await asyncio.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - spreads processes, keeps no secret

    def _lost(self, error: Exception) -> None:
        if self.connected:
            log.warning("live_subscription_lost", error=type(error).__name__)
            self.connected = False
            self.wake_all()  # so that they look more often from here on

    async def _hear(self, subscription: Any) -> None:
        """Pass on what is published. Raises when the broker is away or does not answer."""
        asked = False
        while True:
            message = await subscription.get_message(timeout=IDLE_SECONDS)
            if message is None:
                if asked:
                    raise ConnectionError("the broker does not answer")
                await subscription.ping()
                asked = True
                continue
            asked = False
            if message["type"] == "subscribe":
                self.connected = True
                self.wake_all()
            elif message["type"] == "message":
                self.wake(message["data"].decode("utf-8", "replace").split())
