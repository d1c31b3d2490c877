"""Ringing the worker: a hint that something is due, which may be lost and never holds anybody up.

The rows in PostgreSQL are the truth and beat rings the same tasks every few seconds, so a lost
ring costs seconds. A thread of the process publishes, many rings before it wakes are one, and
after a failure nobody knocks for a while: a request neither waits nor fails for the broker.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.connection import Connection

TIMEOUT_SECONDS: Final = 0.2
REST_SECONDS: Final = 5.0
CALM_SECONDS: Final = 0.1  # a publication costs half a millisecond: rings of a busy moment are one
EXPIRES_SECONDS: Final = 30  # a ring that no worker heard within this is left to beat

# A task, and seconds until it is to be heard.
Ring = tuple[str, float]

log = structlog.get_logger(__name__)


def ring_on_commit(task: str, *, after: timedelta = timedelta()) -> None:
    """Ring for `task` once the transaction is committed (at once outside of one), to be heard `after` that."""
    ring = partial(_bell.ring, task, after) if after else partial(_bell.ring, task)
    transaction.on_commit(ring, robust=True)


def ring(task: str) -> None:
    """Ask some worker to run the Celery task of that name soon. Returns at once, never raises."""
    _bell.ring(task)


def flush(timeout: float = 1.0) -> bool:
    """Wait until what was rung has left this process or been given up; False when time ran out."""
    return _bell.flush(timeout)


class Bell:
    """The names waiting to be published, and the one thread that publishes them."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._waiting: set[Ring] = set()
        self._busy = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._resting_until = 0.0
        self._line = Line()

    def ring(self, task: str, after: timedelta = timedelta()) -> None:
        """Note the name and wake the thread; starts it in a process that has none (after a fork)."""
        if not settings.DOORBELL or time.monotonic() < self._resting_until:
            return
        if self._pid != os.getpid():
            self._reset()
        with self._changed:
            self._waiting.add((task, after.total_seconds()))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Wait until nothing waits."""
        if self._pid != os.getpid():
            return True
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                rings, self._waiting, self._busy = self._waiting, set(), True
            try:
                self._line.publish(sorted(rings))
            except Exception as error:
                # Whatever the transport throws, the row is safe and beat comes by.
                self._resting_until = time.monotonic() + REST_SECONDS
                log.warning("doorbell_failed", error=type(error).__name__)
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()
            time.sleep(CALM_SECONDS)


class Line:
    """A connection to the broker that is kept: making one costs more than everything else of a ring."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def publish(self, rings: Sequence[Ring]) -> None:
        """Send the messages, each within about TIMEOUT_SECONDS. Raises what the transport raises."""
        kept = self._connection is not None
        try:
            self._send(rings)
        except Exception:
            self._hang_up()
            if not kept:
                raise
            self._send(rings)  # the broker had let go of an idle connection; ringing twice does no harm

    def _send(self, rings: Sequence[Ring]) -> None:
        if self._connection is None:
            self._connection = current_app.connection_for_write(
                connect_timeout=TIMEOUT_SECONDS, transport_options=_IMPATIENT
            )
        for task, after in rings:
            current_app.send_task(
                task,
                connection=self._connection,
                retry=False,
                ignore_result=True,
                countdown=after or None,
                expires=after + EXPIRES_SECONDS,
            )

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.release()  # type: ignore[no-untyped-call]


_IMPATIENT: Final = {
    "socket_timeout": TIMEOUT_SECONDS,
    "socket_connect_timeout": TIMEOUT_SECONDS,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
_bell = Bell()
