"""The climb of a ladder as a rule: who hears which occurrence of which step, and what comes next, when.

Values in, values out: no rows, no clock. `tickets.actions.ladder` keeps what is decided here. That each step comes
once, whatever dies, is the keys' doing; that nobody is told twice and nobody is forgotten is decided here
(contract, section 4; InvoiceMX manual, "En Horarios Fuera de Oficina" 2).

All instants are planned ones: sums of delays from the start of the climb, never from when a late sweep came by.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

ALREADY_TOLD: Final = "already_told"
NOBODY: Final = "nobody"
ASKED: Final = "asked"


class RungLike(Protocol):
    """A step of a running climb: `due_at` is the planned instant of its first occurrence."""

    @property
    def position(self) -> int: ...

    @property
    def due_at(self) -> datetime: ...

    @property
    def after_minutes(self) -> int: ...

    @property
    def takes(self) -> bool: ...

    @property
    def repeat_minutes(self) -> int | None: ...

    @property
    def at_most(self) -> int: ...


class StepLike(Protocol):
    """A step of a policy, as far as time goes."""

    @property
    def after_minutes(self) -> int: ...

    @property
    def repeat_minutes(self) -> int | None: ...

    @property
    def at_most(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One telling of one step at its planned instant. `number` counts from 1."""

    position: int
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """What comes of an occurrence that is due.

    `users` hear `position`; None where nobody was left to tell. `skipped` maps positions that were passed over to why.
    `upcoming` is the occurrence to wait for; with None the climb is at its end (`exhausted`). `due` holds the new
    planned instants of later steps, by position.
    """

    position: int | None
    number: int
    users: tuple[int, ...]
    skipped: Mapping[int, str]
    upcoming: Occurrence | None
    due: Mapping[int, datetime] = field(default_factory=dict)

    @property
    def exhausted(self) -> bool:
        return self.upcoming is None


# Whom a step means, given who was told last (None: nobody yet).
Whom = Callable[[RungLike, int | None], Sequence[int]]
Told = Sequence[tuple[int, int]]  # (position, user), in the order of the tellings


def plan(steps: Sequence[StepLike], *, start: datetime) -> list[datetime]:
    """The planned instant of each step's first occurrence, should nobody answer and nobody be skipped."""
    found, at = [], start
    for step in steps:
        at += timedelta(minutes=step.after_minutes)
        found.append(at)
        at += _span(step)
    return found


def replan(rungs: Sequence[RungLike], index: int, *, last_at: datetime) -> dict[int, datetime]:
    """Planned instants of the steps behind `index`, reckoned from its last occurrence; only those that move."""
    rest = rungs[index + 1 :]
    return {rung.position: at for rung, at in zip(rest, plan(rest, start=last_at), strict=True) if rung.due_at != at}


def _span(step: StepLike) -> timedelta:
    """From the first occurrence of a step to its last."""
    return timedelta(minutes=(step.repeat_minutes or 0) * (step.at_most - 1))


def tell(
    rungs: Sequence[RungLike],
    told: Told,
    due: Occurrence,
    *,
    now: datetime,
    whom: Whom,
    chain: bool = True,
    askers: Collection[int] = (),
) -> Telling:
    """Decide an occurrence that is due.

    A step that finds nobody new is not waited for: with `chain` the next is told at the same planned instant. Overdue
    repetitions of one step collapse into one; distinct steps are told one by one. `askers` are who asked for the next
    step: no step means them, so it is somebody else whom they reach.
    """
    index = _index(rungs, due.position)
    number = due.number
    skipped: dict[int, str] = {}
    while index < len(rungs):
        rung = rungs[index]
        before = {user for position, user in told if position != rung.position}
        meant = whom(rung, _below(told, rung))
        others = [user for user in meant if user not in askers]
        users = hearers(rung, others, before, number)
        if users is not None:
            upcoming, moved = _upcoming(rungs, index, number, due.at, now)
            return Telling(rung.position, number, users, skipped, upcoming, moved)
        skipped[rung.position] = ASKED if meant and not others else ALREADY_TOLD if before else NOBODY
        if not chain:
            return Telling(None, number, (), skipped, due)
        index, number = index + 1, 1
    return Telling(None, 1, (), skipped, None)


def _below(told: Told, rung: RungLike) -> int | None:
    """Who stands below a step: whom the steps before it told last for the first time, however often since."""
    heard: dict[int, None] = {user: None for position, user in told if position != rung.position}
    return next(reversed(heard), None)


def hearers(rung: RungLike, people: Sequence[int], before: Collection[int], number: int) -> tuple[int, ...] | None:
    """Who of `people` hears this occurrence; None when the step is empty and is not waited for.

    Who was told by another step is skipped, except where they are to take the case; the repetitions of a step go to
    all of its people, so a manager who is also the superior is not told twice at once but goes on being told.
    """
    if people and (rung.takes or number > 1):
        return tuple(people)
    new = tuple(user for user in people if user not in before)
    if new:
        return new
    return () if people and _repeats(rung) else None


def _repeats(rung: RungLike) -> bool:
    return bool(rung.repeat_minutes) and rung.at_most > 1


def _upcoming(
    rungs: Sequence[RungLike], index: int, number: int, planned_at: datetime, now: datetime
) -> tuple[Occurrence | None, dict[int, datetime]]:
    """The next repetition of this step, else the first occurrence of the next; and what that moves."""
    rung = rungs[index]
    if number < rung.at_most and rung.repeat_minutes:
        pause = timedelta(minutes=rung.repeat_minutes)
        overdue = max(0, (now - planned_at) // pause - 1) if now > planned_at else 0
        following = min(rung.at_most, number + 1 + overdue)
        at = planned_at + pause * (following - number)
        return Occurrence(rung.position, following, at), replan(
            rungs, index, last_at=at + pause * (rung.at_most - following)
        )
    moved = replan(rungs, index, last_at=planned_at)
    if index + 1 == len(rungs):
        return None, moved
    following_rung = rungs[index + 1]
    at = moved.get(following_rung.position, following_rung.due_at)
    return Occurrence(following_rung.position, 1, at), moved


def goes_on(rungs: Sequence[RungLike], reached: tuple[int, int] | None, *, at: datetime) -> Occurrence | None:
    """Where a climb that was stopped by *Enterado* goes on when nothing came of it; None at the end of the ladder.

    `reached` is the last step that was told, with its occurrence: what follows is its next repetition or the step
    behind it, at once.
    """
    if reached is None:
        return Occurrence(rungs[0].position, 1, at) if rungs else None
    position, number = reached
    index = _index(rungs, position)
    if number < rungs[index].at_most and rungs[index].repeat_minutes:
        return Occurrence(position, number + 1, at)
    return Occurrence(rungs[index + 1].position, 1, at) if index + 1 < len(rungs) else None


def patience_ends(acknowledged_at: datetime, progress: Sequence[datetime], *, minutes: int) -> datetime | None:
    """When *Enterado* runs out: `minutes` after it, or after the last thing that happened since. None: never.

    Minutes are of the wall clock, whatever the ladder: whoever said *Enterado* is awake.
    """
    if not minutes:
        return None
    return max([acknowledged_at, *progress]) + timedelta(minutes=minutes)


def may_ask_again(asked: Sequence[datetime], *, now: datetime, most: int, within: timedelta) -> datetime | None:
    """When somebody may press *Escalar* again; None: now. `asked` are earlier presses, in any order."""
    recent = sorted(at for at in asked if at > now - within)
    return recent[-most] + within if len(recent) >= most else None


def _index(rungs: Sequence[RungLike], position: int) -> int:
    return next(i for i, rung in enumerate(rungs) if rung.position == position)
