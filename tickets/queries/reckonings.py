"""The clocks of a ticket with their lives, for who asks why they expire when they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schedules import queries as schedule_queries
from schedules.businesstime import Hours
from tickets import reckoning
from tickets.models import Clock, ClockRun, Ticket
from tickets.queries import case
from tickets.reckoning import Life, Reckoning, Stretch

# Of a clock that was stopped the last stretch is measured again: a second of difference was not brought along.
_ROUNDING: Final = 2


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A clock and the explanation of its due instant."""

    clock: Clock
    reckoning: Reckoning


def reckonings(ticket: Ticket, *, now: datetime) -> dict[str, Reckoned]:
    """The newest clock of each kind, explained. 2 queries."""
    clocks = case.clocks(ticket)
    runs: dict[int, list[ClockRun]] = {clock.pk: [] for clock in clocks}
    for run in ClockRun.objects.filter(clock__in=clocks).order_by("clock", "starts_at"):
        runs[run.clock_id].append(run)
    return {clock.kind: Reckoned(clock, reckoning.explain(life(clock, runs[clock.pk]), now=now)) for clock in clocks}


def life(clock: Clock, runs: Sequence[ClockRun]) -> Life:
    """The rows of a clock as plain values."""
    stretches = [
        Stretch(run.starts_at, run.ends_at, _hours(run.calendar_version_id), run.seconds, run.ended_by) for run in runs
    ]
    rests = any(run.starts_at == clock.resumed_at for run in runs)
    hours = _hours(clock.calendar_version_id)
    brought = clock.used_seconds - sum(run.seconds for run in runs)
    if clock.stopped_at is not None and not rests and clock.stopped_at > clock.resumed_at:
        seconds = round(reckoning.elapsed(clock.resumed_at, clock.stopped_at, hours))
        stretches.append(Stretch(clock.resumed_at, clock.stopped_at, hours, seconds, "stopped"))
        brought -= seconds
        brought = brought if brought >= _ROUNDING else 0
    return Life(
        target_seconds=clock.target_minutes * 60,
        stretches=stretches,
        goes_on_from=clock.resumed_at if clock.due_at is not None else None,
        hours=hours,
        brought=brought,
        stopped_at=clock.stopped_at,
    )


def _hours(version_id: int | None) -> Hours | None:
    return schedule_queries.hours_of(schedule_queries.version(version_id)) if version_id is not None else None
