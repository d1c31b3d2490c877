"""Who gets the next ticket: a pure choice among the people of a desk.

Present and skilled and under their limit; of those whoever is preferred (the client's usual consultant, where the
desk's policy says so), else the least weighted load, then whoever has waited longest since their last one. The answer
says why, in codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# An outage weighs on a person's day as four small questions do.
WEIGHT: Final[Mapping[str, int]] = {"critical": 4, "high": 3, "normal": 2, "low": 1}

# Who attends in these hours, in the desk's zone, rests afterwards.
NIGHT_FROM: Final = time(23)
NIGHT_UNTIL: Final = time(6)

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_AHEAD: Final = datetime(9000, 1, 1, tzinfo=UTC)  # what is given while dividing counts as given last


# Why somebody is not there, in the order in which it is said.
CLOSED: Final = "closed"
ABSENT: Final = "absent"
OFF_HOURS: Final = "off_hours"
RESTING: Final = "resting"
AVAILABLE: Final = "available"
NOBODY_FITS: Final = "nobody_fits"


def presence(
    *,
    desk_open: bool,
    own_hours_open: bool,
    availability: str,
    resting: bool,
    absent: bool = False,
    planned: bool = False,
) -> str:
    """Return why a person gets nothing by itself at this moment, "" for who is present.

    `planned` asks about a day that has not begun, as an absence does when it divides work: only dates count then,
    for status, rest and hours are of the minute.
    """
    if planned:
        return ABSENT if absent else ""
    if not desk_open:
        return CLOSED
    if absent:
        return ABSENT
    if not own_hours_open:
        return OFF_HOURS
    if availability != AVAILABLE:
        return availability
    return RESTING if resting else ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A consultant as the choice sees them. `skills` empty: knows every product; `absence` "": is present.

    `let_go`: this very ticket has just come back from them untaken, so it does not go to them again at once.
    """

    user_id: int
    skills: frozenset[str]
    n_open: int
    max_open: int
    load: int
    last_assigned_at: datetime | None
    absence: str = ""
    let_go: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a person was passed over: a code of `presence`, or `did_not_take`, `no_skill`, `full`."""

    user_id: int
    code: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The person, the code that decided, who was passed over and why; `order`: everybody who fits."""

    user_id: int | None
    code: str
    passed_over: tuple[Refusal, ...]
    order: tuple[int, ...] = field(default=(), compare=False)


Preferred = Sequence[tuple[int, str]]


def choose(candidates: Iterable[Candidate], *, product: str | None, preferred: Preferred = ()) -> Choice:
    """Return who gets a ticket about `product`: the first of the `preferred` who fits, else the least loaded.

    `preferred` pairs a person with the code that is said of them (`usual`, `substitute`, `executive`). Other codes:
    `only_one`, `least_load`, `longest_waiting`, `nobody_fits`.
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
        return Choice(None, NOBODY_FITS, tuple(passed))
    fit.sort(key=lambda c: (c.load, c.last_assigned_at or _LONG_AGO, c.user_id))
    ids = [candidate.user_id for candidate in fit]
    user_id, code = next(((user, why) for user, why in preferred if user in ids), (ids[0], _decided_by(fit)))
    order = (user_id, *(other for other in ids if other != user_id))
    return Choice(user_id, code, tuple(passed), order)


def _refusal(candidate: Candidate, product: str | None) -> str:
    if candidate.absence:
        return candidate.absence
    if candidate.let_go:
        return "did_not_take"
    if product and candidate.skills and product not in candidate.skills:
        return "no_skill"
    return "full" if candidate.n_open >= candidate.max_open else ""


def _decided_by(fit: list[Candidate]) -> str:
    if len(fit) == 1:
        return "only_one"
    return "least_load" if fit[0].load < fit[1].load else "longest_waiting"


@dataclass(frozen=True, slots=True)
class Work:
    """A ticket that has to move: its key, its product, what it weighs."""

    key: int
    product: str | None
    weight: int


def distribute(
    works: Iterable[Work], candidates: Iterable[Candidate], *, preferred: Preferred = ()
) -> list[tuple[Work, Choice]]:
    """Return who would get each, one after the other, every choice seeing those before it."""
    people = {candidate.user_id: candidate for candidate in candidates}
    turn, found = _FAR_AHEAD, []
    for work in works:
        choice = choose(people.values(), product=work.product, preferred=preferred)
        if choice.user_id is not None:
            person = people[choice.user_id]
            turn += timedelta(seconds=1)
            people[choice.user_id] = replace(
                person, n_open=person.n_open + 1, load=person.load + work.weight, last_assigned_at=turn
            )
        found.append((work, choice))
    return found


def substitute(user_id: int, substitutes: Mapping[int, int | None]) -> int | None:
    """Return who stands in for an absent person: their substitute, that one's where absent too, and so on.

    `substitutes` maps everybody who is absent to whom they named, or None. None where the chain ends with nobody
    or comes back to somebody who was asked before.
    """
    seen = {user_id}
    following = substitutes.get(user_id)
    while following is not None and following in substitutes:
        if following in seen:
            return None
        seen.add(following)
        following = substitutes[following]
    return None if following in seen else following


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
