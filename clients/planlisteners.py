"""What a change of what a company bought means above: higher apps register, by name, who is told.

    planlisteners.register("tickets", plans.changed)

Called in the transaction that wrote or took back a contract, with the companies it is of. A table that can be read,
not a signal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

Changed = Callable[[Iterable[int], datetime], None]

_LISTENERS: Final[dict[str, Changed]] = {}


def register(name: str, changed: Changed) -> None:
    """Add a listener. Twice with another function is a mistake (ValueError)."""
    if _LISTENERS.setdefault(name, changed) != changed:
        raise ValueError(f"the listener of plans {name} is registered twice")


def changed(client_ids: Iterable[int], *, now: datetime) -> None:
    """Tell everybody that these companies have another contract than before."""
    ids = sorted(set(client_ids))
    for listener in _LISTENERS.values():
        listener(ids, now)
