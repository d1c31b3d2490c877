"""Waking the open pages: names of what changed, published once the change is committed.

Like the doorbell this is a hint and nothing more. Streams read rows after the last id that they
showed, and look by themselves every minute, so a lost hint costs a moment and never a message.
"""

from __future__ import annotations

import os
import threading
import time
from functools import partial
from typing import Final

import redis
import structlog
from django.conf import settings
from django.db import transaction

CHANNEL: Final = "live"
TIMEOUT_SECONDS: Final = 0.2
REST_SECONDS: Final = 5.0
CALM_SECONDS: Final = 0.05  # names of a busy moment travel together

log = structlog.get_logger(__name__)


def wake_on_commit(*names: str) -> None:
    """Publish `names` (`ticket:7`, `desk:1`) after the transaction. Never waits, never raises."""
    transaction.on_commit(partial(_waker.wake, names), robust=True)


def wake(*names: str) -> None:
    """Publish `names` now, from the waker's own thread."""
    _waker.wake(names)


def flush(timeout: float = 1.0) -> bool:
    """Wait until every name has left this process or been given up; False when time ran out."""
    return _waker.flush(timeout)


class _Waker:
    """Names that wait, and the one thread that publishes them; many of a name at once are one."""

    def __init__(self) -> None:
        self._start_anew()

    def _start_anew(self) -> None:
        self._pid = os.getpid()
        self._names: dict[str, None] = {}
        self._busy = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._client: redis.Redis | None = None
        self._resting_until = 0.0

    def wake(self, names: tuple[str, ...]) -> None:
        if not settings.DOORBELL or time.monotonic() < self._resting_until:
            return
        if self._pid != os.getpid():  # threads do not survive a fork
            self._start_anew()
        with self._changed:
            self._names.update(dict.fromkeys(names))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        if self._pid != os.getpid():
            return True
        with self._changed:
            return self._changed.wait_for(lambda: not self._names and not self._busy, timeout)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._names))
                names, self._names, self._busy = list(self._names), {}, True
            try:
                self._publish(names)
            except redis.RedisError as error:
                self._resting_until = time.monotonic() + REST_SECONDS
                log.warning("live_failed", error=type(error).__name__)
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()
            time.sleep(CALM_SECONDS)

    def _publish(self, names: list[str]) -> None:
        if self._client is None:
            self._client = redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
            )
        self._client.publish(CHANNEL, " ".join(names))


_waker = _Waker()
