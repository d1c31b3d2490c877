"""What the sample API did, counted; a test may make it wait."""

from __future__ import annotations

import itertools
import threading

from rest_framework.request import Request

_counter = itertools.count(1)
_seen = 0
gate: threading.Event | None = None
entered = threading.Event()


def happen(request: Request) -> None:
    """Count one run of the handler; wait at the gate if there is one."""
    global _seen
    _seen = next(_counter)
    entered.set()
    if gate is not None:
        gate.wait(10)


def count() -> int:
    """Return a number that grows with every run."""
    return _seen
