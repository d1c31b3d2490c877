"""IANA zones: which names exist, and which offset held when. Pure; instants are whole seconds since 1970 UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

_STEP: Final = 6 * 3600  # no zone has ever changed its clocks twice within six hours


class Segment(NamedTuple):
    """From `start` until `end` (exclusive, UTC) local time is UTC plus `offset`, all in seconds."""

    start: int
    end: int
    offset: int


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Return the zones of the pinned `tzdata` package, aliases included."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


def exists(name: object) -> bool:
    return isinstance(name, str) and name in names()


def get(name: str) -> ZoneInfo:
    """Return the zone. Raises KeyError for a name that is not in the list."""
    if name not in names():
        raise KeyError(name)
    return ZoneInfo(name)


def offset_at(zone: ZoneInfo, second: int) -> int:
    """Return the offset in seconds that held at the UTC instant `second`."""
    offset = datetime.fromtimestamp(second, zone).utcoffset() or timedelta(0)
    return offset.days * 86400 + offset.seconds


@lru_cache(maxsize=2048)
def segments(zone: ZoneInfo, start: int, end: int) -> tuple[Segment, ...]:
    """Return the pieces of [start, end) with one offset each, in order, exact to the second."""
    pieces: list[Segment] = []
    begin, offset = start, offset_at(zone, start)
    for probe in range(start + _STEP, end + _STEP, _STEP):
        probe = min(probe, end - 1)
        if offset_at(zone, probe) != offset:
            change = _first_with_other_offset(zone, max(begin, probe - _STEP), probe, offset)
            pieces.append(Segment(begin, change, offset))
            begin, offset = change, offset_at(zone, change)
    pieces.append(Segment(begin, end, offset))
    return tuple(pieces)


def _first_with_other_offset(zone: ZoneInfo, before: int, after: int, offset: int) -> int:
    """Bisect: `offset` holds at `before` and no longer at `after`; return the first second without it."""
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def skipped(zone: ZoneInfo, start: int, end: int) -> list[tuple[int, int]]:
    """Return the wall times that the clocks jump over in [start, end), as seconds since 1970 of the wall clock."""
    pieces = segments(zone, start, end)
    return [(one.end + one.offset, two.start + two.offset) for one, two in pairwise(pieces) if two.offset > one.offset]
