"""What a change of a rota means above: higher apps register, by name, who is told when a desk's rota was saved.

    rota_listeners.register("tickets", handover.ensure)

Called in the transaction that saved it. A table that can be read, not a signal (architecture, section 2).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from desks.models import Desk


class Saved(Protocol):
    """Told that who is on call at the desk, or when, may have changed."""

    def __call__(self, desk: Desk, *, now: datetime) -> object: ...


_LISTENERS: Final[dict[str, Saved]] = {}


def register(name: str, saved: Saved) -> None:
    """Add a listener. Twice with another function is a mistake (ValueError)."""
    if _LISTENERS.setdefault(name, saved) != saved:
        raise ValueError(f"the rota listener {name} is registered twice")


def saved(desk: Desk, *, now: datetime) -> None:
    """Tell everybody; call it in the same transaction."""
    for listener in _LISTENERS.values():
        listener(desk, now=now)
