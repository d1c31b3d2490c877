"""Business time against a model that walks every minute, and the laws that hold whatever the timetable."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from schedules import businesstime
from schedules.hours import Closure, ExtraOpening, Interval, Spec, Weekly
from tests.schedules.slow import Minutes
from tests.schedules.test_holidays_mx import ARTICLE_74

DAYS = 7
# Around changes of the clocks, of the year, of a block of the compiled timetable (2026-06-13), and a quiet week.
DATES = [
    date(2022, 10, 30), date(2022, 4, 3), date(2026, 3, 8), date(2026, 11, 1), date(2026, 11, 16), date(2026, 12, 31),
    date(2026, 4, 5), date(2026, 10, 4), date(2011, 12, 30), date(2024, 10, 1), date(2026, 6, 11), date(2025, 10, 27),
]  # fmt: skip
ZONES = [
    "America/Mexico_City", "America/Tijuana", "America/Matamoros", "America/Cancun", "America/Hermosillo", "UTC",
    "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca", "America/Havana",
]  # fmt: skip

minutes = st.integers(0, 1439) | st.sampled_from([0, 60, 120, 150, 180, 540, 840, 960, 1140, 1320, 1439])


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    opens, closes = draw(minutes), draw(minutes | st.just(1440))
    assume(opens != closes)
    return Interval(opens, closes)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Spec, datetime]:
    """A timetable and the instant at which the minutes of the model begin."""
    day = draw(st.sampled_from(DATES))
    near = st.integers(-1, DAYS - 1).map(lambda n: day + timedelta(days=n))
    spec = Spec(
        draw(st.sampled_from(ZONES)),
        tuple(draw(st.lists(st.builds(Weekly, st.integers(0, 6), intervals()), min_size=1, max_size=14))),
        draw(st.sampled_from(["MX", None])),
        tuple(draw(st.lists(st.builds(Closure, near, st.just("x"), st.none() | intervals()), max_size=3))),
        tuple(draw(st.lists(st.builds(ExtraOpening, near, intervals()), max_size=3))),
    )
    return spec, datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)


@st.composite
def roomy(draw: st.DrawFn) -> tuple[Spec, datetime]:
    """A case that opens enough for 400 hours to lie within a few decades."""
    spec, start = draw(cases())
    hours = businesstime.compile_hours(spec)
    usual = start + timedelta(days=28)
    assume(businesstime.elapsed(usual, usual + timedelta(days=28), hours) > timedelta(hours=8))
    return spec, start


def model(spec: Spec, start: datetime) -> Minutes:
    holidays = {day: name for year in (start.year, start.year + 1) for day, name in ARTICLE_74.get(year, {}).items()}
    return Minutes(spec, start, DAYS, holidays)


seconds = st.integers(0, (DAYS - 1) * 86400).map(lambda n: timedelta(seconds=n))
# LAWS=2000 looks longer than the gate has time for.
thorough = settings(
    max_examples=int(os.environ.get("LAWS", "40")), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@thorough
@given(cases(), st.lists(seconds, min_size=3, max_size=3), st.integers(0, 60 * 60 * 30))
def test_agrees_with_the_minutes(case: tuple[Spec, datetime], offsets: list[timedelta], amount: int) -> None:
    spec, start = case
    hours, slow = businesstime.compile_hours(spec), model(spec, start)
    last = start + timedelta(days=DAYS)
    one, two = sorted(start + offset for offset in offsets[:2])
    own_one, own_two = one.astimezone(hours.zone), two.astimezone(hours.zone)

    for at in (one, two.replace(second=0)):
        assert businesstime.is_open(at, hours) is slow.is_open(at)
        for opening, ask in ((True, businesstime.next_open), (False, businesstime.next_close)):
            expected, found = slow.next_change(at, opening=opening), ask(at, hours)
            assert found == expected if expected else found is None or found >= last - timedelta(minutes=1)
    assert businesstime.elapsed(one, two, hours) == slow.elapsed(one, two)
    assert businesstime.elapsed(own_one, own_two, hours) == slow.elapsed(one, two)
    expected = slow.add(one, timedelta(seconds=amount))
    if expected is not None:
        assert businesstime.add(one, timedelta(seconds=amount), hours) == expected
        assert businesstime.add(own_one, timedelta(seconds=amount), hours) == expected


@thorough
@given(cases())
def test_business_days_are_the_dates_with_an_open_minute(case: tuple[Spec, datetime]) -> None:
    spec, start = case
    hours, slow = businesstime.compile_hours(spec), model(spec, start)
    whole = [start.date() + timedelta(days=n) for n in range(2, DAYS - 2)]

    open_days = slow.business_days()

    assert [businesstime.is_business_day(day, hours) for day in whole] == [day in open_days for day in whole]
    for n, day in enumerate(day for day in whole if day in open_days):
        assert businesstime.add_business_days(whole[0] - timedelta(days=1), n + 1, hours) == day


amounts = st.integers(1, 60 * 60 * 400).map(lambda n: timedelta(seconds=n))


@thorough
@given(roomy(), seconds, amounts, amounts)
def test_adding_twice_is_adding_the_sum(
    case: tuple[Spec, datetime], offset: timedelta, one: timedelta, two: timedelta
) -> None:
    hours, start = businesstime.compile_hours(case[0]), case[1] + offset

    assert businesstime.add(businesstime.add(start, one, hours), two, hours) == businesstime.add(
        start, one + two, hours
    )


@thorough
@given(roomy(), seconds, amounts)
def test_the_time_elapsed_until_the_sum_is_what_was_added(
    case: tuple[Spec, datetime], offset: timedelta, amount: timedelta
) -> None:
    hours, start = businesstime.compile_hours(case[0]), case[1] + offset

    end = businesstime.add(start, amount, hours)

    assert businesstime.elapsed(start, end, hours) == amount
    assert sum((b - a for a, b in businesstime.spans(start, end, hours)), timedelta(0)) == amount


@thorough
@given(cases(), st.integers(-500, 500))
def test_counting_business_days_undoes_adding_them(case: tuple[Spec, datetime], n: int) -> None:
    hours, day = businesstime.compile_hours(case[0]), case[1].date()

    if n:
        assert businesstime.business_days_between(day, businesstime.add_business_days(day, n, hours), hours) == n
