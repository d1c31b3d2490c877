"""What can be put into a reply while one writes it: a table of kinds, filled in `apps.py`.

    inserting.register(inserting.Kind("plantilla", find, read, take))

A piece goes by `plantilla-12`: kind and id, in addresses (`?insertar=plantilla-12`) as in lists.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.actor import Actor
from desks.config import DeskConfig
from tickets.canned import Filled
from tickets.models import Ticket

_KEY: Final = re.compile(r"([a-z]{2,20})-([1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Where:
    """The ticket that is answered, who writes, and when."""

    ticket: Ticket
    config: DeskConfig
    by: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of the list. `hint` is how it is called from the keyboard, or what kind of thing it is."""

    key: str
    title: str
    hint: str
    excerpt: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """What goes into the text, filled in for the ticket, and the names of the files that come along."""

    key: str
    title: str
    filled: Filled
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """How pieces of a kind are found, read and taken. None of the three shows what the writer may not see.

    `find` gets what was typed, and whether it must be the beginning of a shortcut; `read` returns None for what is
    not there; `take` is told that a piece was put into a reply, and lays its files beside it.
    """

    name: str
    find: Callable[[Where, str, bool], list[Choice]]
    read: Callable[[Where, int], Piece | None]
    take: Callable[[Where, int], None]


_kinds: Final[dict[str, Kind]] = {}


def register(kind: Kind) -> None:
    """Add a kind; the same name again replaces it (an app that is loaded twice)."""
    _kinds[kind.name] = kind


def find(where: Where, like: str = "", *, by_shortcut: bool = False) -> list[Choice]:
    """What fits the ticket and what was typed, kind by kind."""
    return [choice for kind in _kinds.values() for choice in kind.find(where, like, by_shortcut)]


def read(where: Where, key: str) -> Piece | None:
    """The piece of that key; None where there is none for this writer."""
    kind, pk = _split(key)
    return kind.read(where, pk) if kind else None


def take(where: Where, key: str) -> Piece | None:
    """Put the piece into a reply: it is counted, and its files lie beside the text."""
    piece = read(where, key)
    kind, pk = _split(key)
    if piece is not None and kind is not None:
        kind.take(where, pk)
    return piece


def _split(key: str) -> tuple[Kind | None, int]:
    match = _KEY.fullmatch(key)
    return (_kinds.get(match[1]), int(match[2])) if match else (None, 0)
