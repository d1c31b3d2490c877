"""Work that is due by a column of a higher app's own rows: a table of functions, filled in `apps.py`.

    sweeps.register("stamps", sweeping.sweep)

Beat rings the app's own task; `run_due` does all of them at the instant that it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

_SWEEPS: Final[dict[str, Callable[..., int]]] = {}


def register(name: str, sweep: Callable[..., int]) -> None:
    """Name a function that takes `now` and tells how many rows it did; once a name."""
    if _SWEEPS.setdefault(name, sweep) != sweep:
        raise ValueError(f"the sweep {name} is registered twice")


def run(*, now: datetime) -> int:
    """Do every sweep. Return how many rows that took."""
    return sum(sweep(now=now) for sweep in _SWEEPS.values())
