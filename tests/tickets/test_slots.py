"""Which hours are offered: worked examples, and laws against a walk over every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import businesstime, calendar_spec
from tests.factories import WEEK
from tickets import slots
from tickets.slots import Lead, Span, Wish

ZONE = ZoneInfo("America/Mexico_City")
HOURS = businesstime.compile_hours(
    calendar_spec.parse({"timezone": "America/Mexico_City", "hours": WEEK, "holidays": "MX"})
)
TUESDAY = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)  # 10:42 in Mexico City; open 09-14 and 16-19
FRIDAY = datetime(2026, 11, 13, 23, 50, tzinfo=UTC)  # 17:50; the Monday after is a holiday
MINUTE = timedelta(minutes=1)


def offered(
    now: datetime, *, method: str = "remote", priority: str = "normal", minutes: int = 30, **options
) -> list[str]:
    wanted = slots.wish(method=method, priority=priority, minutes=minutes)
    busy = options.pop("busy", {1: ()})
    found = slots.propose(wanted, now=now, hours=HOURS, zone=ZONE, busy=busy, **{"per_day": 99, "days": 1, **options})
    return [f"{slot.starts_at.astimezone(ZONE):%a %H:%M}" for slot in found]


@pytest.mark.parametrize(
    ("priority", "first"),
    [
        pytest.param("critical", "Tue 11:00", id="a quarter of an hour, on the half hour"),
        pytest.param("high", "Tue 11:30", id="half an hour"),
        pytest.param("normal", "Tue 13:00", id="two hours"),
        pytest.param("low", "Wed 09:00", id="the next business day: today is for what presses"),
    ],
)
def test_the_more_it_presses_the_sooner(priority: str, first: str) -> None:
    assert offered(TUESDAY, priority=priority)[0] == first


def test_an_hour_fits_whole_into_open_hours() -> None:
    assert offered(TUESDAY, priority="critical", minutes=120) == [
        "Tue 11:00", "Tue 11:30", "Tue 12:00", "Tue 16:00", "Tue 16:30", "Tue 17:00",
    ]  # fmt: skip


def test_what_is_taken_is_not_offered_but_beside_it_is() -> None:
    taken = (datetime(2026, 11, 17, 17, 30, tzinfo=UTC), datetime(2026, 11, 17, 18, 30, tzinfo=UTC))  # 11:30-12:30

    assert offered(TUESDAY, priority="critical", minutes=60, busy={1: (taken,)}) == [
        "Tue 12:30", "Tue 13:00", "Tue 16:00", "Tue 16:30", "Tue 17:00", "Tue 17:30", "Tue 18:00",
    ]  # fmt: skip


def test_on_site_leaves_room_for_the_way() -> None:
    taken = (datetime(2026, 11, 17, 17, 30, tzinfo=UTC), datetime(2026, 11, 17, 18, 30, tzinfo=UTC))  # 11:30-12:30

    assert offered(TUESDAY, method="on_site", priority="critical", busy={1: (taken,)})[0] == "Tue 13:30"


def test_a_holiday_and_sunday_are_not_offered() -> None:
    assert offered(FRIDAY, priority="low", days=2, per_day=1) == ["Sat 09:00", "Tue 09:00"]


def test_a_slot_needs_one_who_is_free() -> None:
    taken = (datetime(2026, 11, 17, 17, 0, tzinfo=UTC), datetime(2026, 11, 17, 17, 30, tzinfo=UTC))  # 11:00-11:30
    wanted = slots.wish(method="phone", priority="critical", minutes=30)

    found = slots.propose(wanted, now=TUESDAY, hours=HOURS, zone=ZONE, busy={1: (taken,), 2: ()}, days=1)

    assert [slot.free for slot in found[:2]] == [(2,), (1, 2)]
    assert slots.propose(wanted, now=TUESDAY, hours=HOURS, zone=ZONE, busy={}) == []


@pytest.mark.parametrize(
    ("n", "at_most", "kept"),
    [
        pytest.param(3, 6, [0, 1, 2], id="all of a few"),
        pytest.param(6, 6, [0, 1, 2, 3, 4, 5], id="exactly as many"),
        pytest.param(11, 6, [0, 2, 4, 6, 8, 10], id="evenly"),
        pytest.param(12, 2, [0, 11], id="first and last"),
    ],
)
def test_they_are_spread_over_the_day(n: int, at_most: int, kept: list[int]) -> None:
    day = [slots.Slot(TUESDAY + k * slots.STEP, TUESDAY, ()) for k in range(n)]

    assert slots.spread(day, at_most) == [day[k] for k in kept]


# ------------------------------------------------------------------ laws

instants = st.integers(0, 20 * 24 * 60 * 60).map(
    lambda s: datetime(2026, 11, 5, 6, 0, tzinfo=UTC) + timedelta(seconds=s)
)
spans = st.tuples(instants, st.integers(5, 600)).map(lambda pair: (pair[0], pair[0] + pair[1] * MINUTE))
wishes = st.builds(
    Wish,
    length=st.integers(1, 16).map(lambda n: n * 15 * MINUTE),
    lead=st.builds(Lead, st.integers(0, 300).map(lambda n: n * MINUTE), st.booleans()),
    room=st.sampled_from([timedelta(), timedelta(minutes=60)]),
)


def slow(wanted: Wish, now: datetime, until: datetime, busy: list[Span]) -> list[datetime]:
    """Every minute asked by itself: on the half hour, late enough, each of its minutes open, nothing taken near it."""
    at = now.replace(second=0, microsecond=0)
    found = []
    while at < until:
        wall = at.astimezone(ZONE)
        if wall.minute in (0, 30) and at >= now + wanted.lead.at_least and _late_enough(wanted, now, at):
            minutes = [at + n * MINUTE for n in range(int(wanted.length / MINUTE))]
            room = int(wanted.room / MINUTE)
            near = [minutes[0] + n * MINUTE for n in range(-room, len(minutes) + room)]
            is_open = all(businesstime.is_open(one, HOURS) for one in minutes)
            if is_open and not any(a < one + MINUTE and one < b for one in near for a, b in busy):
                found.append(at)
        at += MINUTE
    return found


def _late_enough(wanted: Wish, now: datetime, at: datetime) -> bool:
    if not wanted.lead.next_day:
        return True
    day: date = now.astimezone(ZONE).date() + timedelta(days=1)
    while not businesstime.is_business_day(day, HOURS):
        day += timedelta(days=1)
    return at.astimezone(ZONE).date() >= day


@settings(max_examples=60, deadline=None)
@given(wanted=wishes, now=instants, busy=st.lists(spans, max_size=8))
def test_it_is_what_a_walk_over_every_minute_finds(wanted: Wish, now: datetime, busy: list[Span]) -> None:
    until = now + timedelta(days=4)

    fast = [
        slot.starts_at
        for slot in slots.free_slots(wanted, now=now, hours=HOURS, zone=ZONE, busy={1: busy})
        if slot.starts_at < until
    ]

    assert fast == slow(wanted, now, until, busy)


@settings(max_examples=60, deadline=None)
@given(wanted=wishes, now=instants, busy=st.lists(spans, max_size=8))
def test_what_is_proposed_can_be_had(wanted: Wish, now: datetime, busy: list[Span]) -> None:
    found = slots.propose(wanted, now=now, hours=HOURS, zone=ZONE, busy={1: busy})

    days = [slot.starts_at.astimezone(ZONE).date() for slot in found]
    assert len(set(days)) <= slots.DAYS
    assert all(days.count(day) <= slots.PER_DAY for day in days)
    assert all(slots.is_free(slot.starts_at, slot.ends_at, busy, room=wanted.room) for slot in found)
    assert [slot.starts_at for slot in found] == sorted({slot.starts_at for slot in found})
