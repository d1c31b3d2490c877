"""The parts of a desk's file: each app registers those that it owns, in the order in which they are saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from accounts.models import User
from core.actor import Actor
from desks.deskfile.reader import Node
from desks.models import Desk


@dataclass
class Saving:
    """What sections share while a file is saved. `changes` names what changed, for the person at the terminal."""

    now: datetime
    by: Actor
    desk: Desk | None = None
    users: dict[str, User] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)

    def of(self) -> Desk:
        """Return the desk, which the first section has found or made."""
        if self.desk is None:
            raise LookupError("the section of the desk itself comes first")
        return self.desk

    def changed(self, what: str) -> None:
        self.changes.append(what)


@dataclass(frozen=True, slots=True)
class Section:
    """One part: `check` reads and judges (plain values out, faults noted), `save` writes, `dump` tells it back.

    `keys` are the names at the top of the file that the section owns. `check` gets the root, so it
    may look at what other sections declare. `save` changes rows only where they differ.
    """

    name: str
    keys: frozenset[str]
    check: Callable[[Node], Any]
    save: Callable[[Saving, Any], None]
    dump: Callable[[Desk], Mapping[str, Any]]


_sections: Final[dict[str, Section]] = {}


def register(section: Section) -> None:
    """Add a section; the same name again replaces it (an app that is loaded twice)."""
    _sections[section.name] = section


def registered() -> tuple[Section, ...]:
    return tuple(_sections.values())


def declared(root: Node, section: str, key: str) -> list[str]:
    """Return the texts under `key` of a list at the top of the file, for references; judged elsewhere."""
    rows = root.value.get(section)
    found = [row.get(key) for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    return [value for value in found if isinstance(value, str)]
