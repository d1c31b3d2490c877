"""Who gets the next ticket: a pure choice among the people of a desk.

Present and skilled and under their limit; of those the least weighted load, then whoever has
waited longest since their last one. The answer says why, in codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# An outage weighs on a person's day as four small questions do.
WEIGHT: Final[Mapping[str, int]] = {"critical": 4, "high": 3, "normal": 2, "low": 1}

# Who attends in these hours, in the desk's zone, rests afterwards.
NIGHT_FROM: Final = time(23)
NIGHT_UNTIL: Final = time(6)

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A consultant as the choice sees them. `skills` empty: knows every product; `resting`: attended at night."""

    user_id: int
    available: bool
    skills: frozenset[str]
    n_open: int
    max_open: int
    load: int
    last_assigned_at: datetime | None
    resting: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a person was passed over: `absent`, `resting`, `no_skill` or `full`."""

    user_id: int
    code: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The person, the code of the reason that decided, and who was passed over and why."""

    user_id: int | None
    code: str
    passed_over: tuple[Refusal, ...]


def choose(candidates: Iterable[Candidate], *, product: str | None, usual: int | None = None) -> Choice:
    """Return who gets a ticket about `product`; the client's `usual` consultant first, if they fit.

    Codes: `usual`, `only_one`, `least_load`, `longest_waiting`, `nobody_fits`.
    """
    fit: list[Candidate] = []
    passed: list[Refusal] = []
    for candidate in candidates:
        code = _refusal(candidate, product)
        if code:
            passed.append(Refusal(candidate.user_id, code))
        else:
            fit.append(candidate)
    if not fit:
        return Choice(None, "nobody_fits", tuple(passed))
    if any(candidate.user_id == usual for candidate in fit):
        return Choice(usual, "usual", tuple(passed))
    fit.sort(key=lambda c: (c.load, c.last_assigned_at or _LONG_AGO, c.user_id))
    return Choice(fit[0].user_id, _decided_by(fit), tuple(passed))


def _refusal(candidate: Candidate, product: str | None) -> str:
    if not candidate.available:
        return "absent"
    if candidate.resting:
        return "resting"
    if product and candidate.skills and product not in candidate.skills:
        return "no_skill"
    return "full" if candidate.n_open >= candidate.max_open else ""


def _decided_by(fit: list[Candidate]) -> str:
    if len(fit) == 1:
        return "only_one"
    return "least_load" if fit[0].load < fit[1].load else "longest_waiting"


def nights(now: datetime, *, zone: ZoneInfo, rest: timedelta) -> list[tuple[datetime, datetime]]:
    """Return the parts of nights, half-open and in order, in which having attended means to rest at `now`.

    "Who attended between 23:00 and 06:00 gets no automatic assignment for the desk's rest hours", counted from
    when they last did: at 11:00 with eight hours of rest it is from 03:00 to 06:00. UTC; empty without a rest.
    """
    found = []
    since, day, last = now - rest, (now - rest).astimezone(zone).date() - timedelta(days=1), now.astimezone(zone).date()
    while day <= last:
        starts = max(since, _at(day, NIGHT_FROM, zone))
        ends = min(now, _at(day + timedelta(days=1), NIGHT_UNTIL, zone))
        if starts < ends:
            found.append((starts, ends))
        day += timedelta(days=1)
    return found


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
