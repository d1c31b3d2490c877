"""Which rows are of one company: those with the same RFC or the same name, and what hangs on them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clients.imports.lines import Line
from files.tables import key


@dataclass(frozen=True, slots=True)
class Company:
    """The rows of one company, in the order of the file."""

    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        """What it is called: the first name that a row gives, else its name in law, else its first RFC."""
        names = (line.company or line.legal_name for line in self.lines)
        return next((name for name in names if name), self.rfcs[0] if self.rfcs else "")

    @property
    def rfcs(self) -> list[str]:
        return list(dict.fromkeys(line.rfc for line in self.lines if line.rfc))


def group(lines: Iterable[Line]) -> list[Company]:
    """Return the companies in the order of their first rows; rows with errors are left out."""
    good = [line for line in lines if not line.errors]
    leader = _leaders(good)
    found: dict[int, list[Line]] = {}
    for place, line in enumerate(good):
        found.setdefault(_find(leader, place), []).append(line)
    return [Company(tuple(rows)) for rows in found.values()]


def _leaders(lines: Sequence[Line]) -> list[int]:
    """A union-find over the rows: each points towards the first row that shares a name or an RFC with it."""
    leader = list(range(len(lines)))
    first: dict[tuple[str, str], int] = {}
    for place, line in enumerate(lines):
        for mark in (("rfc", line.rfc), ("name", key(line.company))):
            if not mark[1]:
                continue
            one, other = _find(leader, first.setdefault(mark, place)), _find(leader, place)
            leader[max(one, other)] = min(one, other)
    return leader


def _find(leader: list[int], place: int) -> int:
    while leader[place] != place:
        leader[place] = leader[leader[place]]
        place = leader[place]
    return place
