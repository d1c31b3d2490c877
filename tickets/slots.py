"""Which hours are offered for an appointment. Pure: hours, other appointments and a wish in, instants out.

"El soporte es agendado y planificado dependiendo la prioridad del mismo" (InvoiceMX manual, "En
Horarios de Oficina" 3): the more it presses, the sooner the first hour that is offered; what can
wait leaves today's hours to what cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schedules import businesstime
from schedules.businesstime import Hours

Span = tuple[datetime, datetime]

STEP: Final = timedelta(minutes=30)
HORIZON: Final = timedelta(days=21)
DAYS: Final = 5
PER_DAY: Final = 6
# Somebody who goes to the client's place needs the way there and back.
TRAVEL: Final = timedelta(minutes=60)
ON_SITE: Final = "on_site"


@dataclass(frozen=True, slots=True)
class Lead:
    """How soon the first hour may be: after `at_least`, and with `next_day` not before the next business day."""

    at_least: timedelta
    next_day: bool = False


LEADS: Final[Mapping[str, Lead]] = {
    "critical": Lead(timedelta(minutes=15)),
    "high": Lead(timedelta(minutes=30)),
    "normal": Lead(timedelta(hours=2)),
    "low": Lead(timedelta(hours=2), next_day=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be fitted in: how long, how soon, and the room that it needs on either side."""

    length: timedelta
    lead: Lead
    room: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour that can be had (UTC), and who is free then, in order."""

    starts_at: datetime
    ends_at: datetime
    free: tuple[int, ...]


def wish(*, method: str, priority: str, minutes: int) -> Wish:
    """The wish of a method and a priority; on site there is a way to go."""
    room = TRAVEL if method == ON_SITE else timedelta()
    lead = LEADS.get(priority, LEADS["normal"])
    return Wish(length=timedelta(minutes=minutes), lead=Lead(max(lead.at_least, room), lead.next_day), room=room)


def propose(
    wanted: Wish,
    *,
    now: datetime,
    hours: Hours,
    zone: ZoneInfo,
    busy: Mapping[int, Sequence[Span]],
    days: int = DAYS,
    per_day: int = PER_DAY,
) -> list[Slot]:
    """The hours that are offered: of the first `days` dates that have any, at most `per_day` spread over each.

    `busy` maps every person who might attend to what they have already; a slot needs one who is free.
    Empty where nobody is, or nothing opens within three weeks.
    """
    return choose(free_slots(wanted, now=now, hours=hours, zone=zone, busy=busy), zone, days=days, per_day=per_day)


def choose(free: Iterable[Slot], zone: ZoneInfo, *, days: int = DAYS, per_day: int = PER_DAY) -> list[Slot]:
    """Of the free hours, in order, those that are shown: the first dates, spread over each."""
    chosen: dict[date, list[Slot]] = {}
    for slot in free:
        day = slot.starts_at.astimezone(zone).date()
        if day not in chosen and len(chosen) == days:
            break
        chosen.setdefault(day, []).append(slot)
    return [slot for slots in chosen.values() for slot in spread(slots, per_day)]


def free_slots(
    wanted: Wish, *, now: datetime, hours: Hours, zone: ZoneInfo, busy: Mapping[int, Sequence[Span]]
) -> Iterator[Slot]:
    """Every start on the half hour of the wall clock that fits whole into open hours, with who is free."""
    earliest = first_instant(wanted.lead, now=now, hours=hours, zone=zone)
    for opens, closes in businesstime.spans(earliest, now + HORIZON, hours):
        start = on_the_clock(opens, zone)
        while start + wanted.length <= closes:
            end = start + wanted.length
            free = tuple(who for who, taken in busy.items() if is_free(start, end, taken, room=wanted.room))
            if free:
                yield Slot(start, end, free)
            start = on_the_clock(start + STEP, zone)


def first_instant(lead: Lead, *, now: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    """The first instant that may be offered, open or not."""
    soon = now + lead.at_least
    if not lead.next_day:
        return soon
    day = businesstime.add_business_days(now.astimezone(zone).date(), 1, hours)
    return max(soon, datetime.combine(day, time.min, zone).astimezone(UTC))


def on_the_clock(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant, or the next at which the wall clock shows a full or half hour (UTC)."""
    local = at.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond) % STEP
    return at.astimezone(UTC) + (STEP - past if past else timedelta())


def is_free(start: datetime, end: datetime, taken: Sequence[Span], *, room: timedelta = timedelta()) -> bool:
    """Whether [start, end), with `room` on either side, touches nothing of what is taken (half-open)."""
    return all(end + room <= begins or ends <= start - room for begins, ends in taken)


def spread(slots: Sequence[Slot], at_most: int) -> list[Slot]:
    """At most so many of them, the first and the last among them, evenly between."""
    if len(slots) <= at_most:
        return list(slots)
    last, gaps = len(slots) - 1, max(1, at_most - 1)
    return [slots[round(n * last / gaps)] for n in range(at_most)]
