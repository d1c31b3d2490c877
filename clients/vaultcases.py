"""Whose secrets they are: what the vault asks of the case that they were given for.

The vault knows topics, `ticket/91` or `order/7`, and nothing of tickets and orders. Each higher app
registers the kind that is its own, in its `apps.py`:

    vaultcases.register("ticket", read=vaultcase.read, opened=vaultcase.opened, lock=vaultcase.lock)
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from core.actor import Actor
from desks.models import Desk


class Case(Protocol):
    """A case as the vault sees it. What writes (`record`, `tell_…`) is for one that was opened."""

    @property
    def topic(self) -> str:
        """`<kind>/<id>`."""

    @property
    def number(self) -> str:
        """What people call it: `IMX-4821`, `TIM-318`."""

    @property
    def desk(self) -> Desk: ...

    def may_look(self, by: Actor) -> bool:
        """The consultant on the case, and who stands above them."""

    def is_over(self) -> bool:
        """Whether the case has ended: nothing is asked for or shown any more."""

    def record(self, code: str, *, by: Actor, now: datetime, **data: object) -> int:
        """Write one fact on the timeline and return its id.

        Codes: `access_requested`, `access_given`, `secret_seen`, `secret_destroyed`.
        """

    def tell_client(self, code: str, *, key: str, now: datetime, url: str = "", **params: object) -> None:
        """Tell the client, whatever way reaches them; the same `key` again changes nothing.

        Codes: `vault_ask` (with `url`, `what`, `who`, `until`), `vault_kept` (`until`), `vault_seen`
        (`who`, `at`, `item`).
        """

    def tell_team(self, code: str, *, key: str, now: datetime, **params: object) -> None:
        """Tell whoever has the case. Codes: `vault_given` (`until`)."""


Read = Callable[[int], Case | None]
# Locks the case until the transaction ends; what was recorded is saved on leaving. Raises LookupError.
Opened = Callable[[int, datetime], AbstractContextManager[Case]]
Lock = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Kind:
    read: Read
    opened: Opened
    lock: Lock


_KINDS: Final[dict[str, Kind]] = {}


def register(name: str, *, read: Read, opened: Opened, lock: Lock) -> None:
    """Say how cases of a kind are read and opened. Twice with other functions is a mistake (ValueError)."""
    kind = Kind(read, opened, lock)
    if _KINDS.setdefault(name, kind) != kind:
        raise ValueError(f"the vault's kind {name} is registered twice")


def read(topic: str) -> Case | None:
    """The case, to look at; None when there is none."""
    kind, pk = _split(topic)
    return kind.read(pk)


def opened(topic: str, *, now: datetime) -> AbstractContextManager[Case]:
    """The case, locked, in a transaction. Raises LookupError for a kind that nobody registered."""
    kind, pk = _split(topic)
    return kind.opened(pk, now)


def lock(topic: str) -> None:
    """Hold the row of the case until the transaction ends."""
    kind, pk = _split(topic)
    kind.lock(pk)


def _split(topic: str) -> tuple[Kind, int]:
    name, _slash, pk = topic.partition("/")
    if name not in _KINDS or not pk.isdigit():
        raise LookupError(f"the vault knows no case {topic!r}")
    return _KINDS[name], int(pk)
