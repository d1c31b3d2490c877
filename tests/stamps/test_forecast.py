"""The stamp forecast: the worked numbers of docs/stamps.md, its laws, and its errors beside two moving averages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import stamps_forecast as bench
from schedules import businesstime
from stamps import forecast
from stamps.forecast import Basis, End, History, Level
from stamps.lots import Lot

SALES = bench.SALES  # Monday to Friday 09:00-18:00, with the holidays of Mexico
TODAY = date(2026, 11, 17)  # Tuesday; Monday 16 was a holiday
NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)  # 10:42 in Mexico City


def history(days: int, use: Callable[[date], int], *, today: int = 0) -> History:
    """The last `days` whole days, and what today has used already."""
    since = TODAY - timedelta(days=days)
    used = {since + timedelta(days=n): use(since + timedelta(days=n)) for n in range(days)}
    return History({**used, TODAY: today}, since)


def tell(balance: int, known: History, *, endless: bool = False, now: datetime = NOW) -> forecast.Forecast:
    return forecast.forecast(balance, known, now=now, hours=SALES, endless=endless)


EVEN = history(60, lambda _day: 40)
WORKING = history(60, lambda day: 40 if businesstime.is_business_day(day, SALES) else 0)
ONE_BIG = history(60, lambda day: 4_000 if day == date(2026, 11, 11) else 40)
IDLE = history(110, lambda day: 40 if day < date(2026, 9, 1) else 0)
FIVE_DAYS = history(5, lambda _day: 40)
FIRST_DAY = History({TODAY: 40}, TODAY)
NOTHING = history(60, lambda _day: 0)


@pytest.mark.parametrize(
    ("balance", "known", "rate", "ends", "basis"),
    [
        pytest.param(1_200, EVEN, 40.0, date(2026, 12, 16), Basis.RHYTHM, id="forty a day"),
        pytest.param(25, EVEN, 40.0, TODAY, Basis.RHYTHM, id="less than a day"),
        pytest.param(0, EVEN, 40.0, TODAY, Basis.RHYTHM, id="nothing left"),
        pytest.param(1_200, ONE_BIG, 40.0, date(2026, 12, 16), Basis.RHYTHM, id="one big day"),
        pytest.param(400, WORKING, 29.0, date(2026, 12, 1), Basis.RHYTHM, id="working days"),
        pytest.param(1_200, FIVE_DAYS, 40.0, date(2026, 12, 16), Basis.NEW, id="five days known"),
        pytest.param(1_200, FIRST_DAY, 40.0, date(2026, 12, 17), Basis.NEW, id="only today known"),
        pytest.param(1_200, NOTHING, 0.0, None, Basis.NONE, id="never used"),
        pytest.param(1_200, IDLE, 0.0, None, Basis.IDLE, id="idle since September"),
        pytest.param(200_000, EVEN, 40.0, None, Basis.RHYTHM, id="lasts ten years"),
    ],
)
def test_worked_numbers(balance: int, known: History, rate: float, ends: date | None, basis: Basis) -> None:
    found = tell(balance, known)

    assert (round(found.daily_rate, 1), found.exhausts_on, found.basis) == (rate, ends, basis)


def test_what_today_used_already_is_not_expected_again() -> None:
    whole, rest = tell(1_200, history(60, lambda _day: 40)), tell(1_200, history(60, lambda _day: 40, today=40))

    assert rest.exhausts_on == whole.exhausts_on + timedelta(days=1) if whole.exhausts_on else False


def test_three_big_days_are_a_new_way_of_using() -> None:
    more = history(60, lambda day: 400 if day >= date(2026, 11, 11) else 40)
    once = history(60, lambda day: 400 if day == date(2026, 11, 11) else 40)

    assert tell(1_200, more).daily_rate > 2 * tell(1_200, once).daily_rate
    assert round(tell(1_200, once).daily_rate, 1) == 40.0


def test_the_end_of_the_month_is_foreseen() -> None:
    def use(day: date) -> int:
        return 100 if day in ends_of_months else 20

    ends_of_months = {date(2026, m, d) for m, d in ((8, 27), (8, 28), (8, 31), (9, 28), (9, 29), (9, 30))}
    ends_of_months |= {date(2026, 8, 29), date(2026, 8, 30), date(2026, 10, 28), date(2026, 10, 29), date(2026, 10, 30)}
    ends_of_months.add(date(2026, 10, 31))
    known = history(115, use)
    plain = sum(known.used[TODAY - timedelta(days=n)] for n in range(1, 15)) / 14

    found = tell(320, known)

    assert found.exhausts_on is not None
    assert plain == 20, "the last two weeks know nothing of it: sixteen days, to 2 December"
    assert date(2026, 11, 26) <= found.exhausts_on <= date(2026, 11, 28)


def test_a_holiday_uses_what_a_sunday_does() -> None:
    rhythm = forecast.learn(WORKING, today=TODAY, hours=SALES)
    calendar = forecast.Calendar(SALES)

    christmas = calendar.expected(rhythm, date(2026, 12, 25), 0)

    assert christmas == calendar.expected(rhythm, date(2026, 12, 20), 0) < 5


@pytest.mark.parametrize(
    ("ends", "until"),
    [
        pytest.param(date(2026, 11, 26), datetime(2026, 11, 25, 0, 0, tzinfo=UTC), id="Thursday: Tuesday 18:00"),
        pytest.param(date(2026, 11, 23), datetime(2026, 11, 20, 0, 0, tzinfo=UTC), id="Monday: Thursday 18:00"),
        pytest.param(date(2026, 11, 22), datetime(2026, 11, 20, 0, 0, tzinfo=UTC), id="Sunday: Thursday 18:00"),
        pytest.param(date(2026, 11, 17), datetime(2026, 11, 13, 0, 0, tzinfo=UTC), id="over a holiday"),
    ],
)
def test_order_by_is_the_last_closing_of_the_second_business_day_before(ends: date, until: datetime) -> None:
    assert forecast.order_by(ends, SALES) == until


@pytest.mark.parametrize(
    ("balance", "level"),
    [
        pytest.param(0, Level.EMPTY, id="empty"),
        pytest.param(40, Level.URGENT, id="today: Thursday 12 has closed"),
        pytest.param(80, Level.URGENT, id="tomorrow: Friday 13 has closed"),
        pytest.param(120, Level.LOW, id="Thursday: today until 18:00"),
        pytest.param(600, Level.LOW, id="1 December: ten business days"),
        pytest.param(640, Level.OK, id="2 December: eleven"),
    ],
)
def test_levels(balance: int, level: Level) -> None:
    assert tell(balance, EVEN).level == level


def test_urgent_begins_after_the_last_instant_to_order() -> None:
    ends, until = date(2026, 11, 19), datetime(2026, 11, 18, 0, 0, tzinfo=UTC)

    assert forecast.level(120, ends, until, now=until, hours=SALES) == Level.LOW
    assert forecast.level(120, ends, until, now=until + timedelta(seconds=1), hours=SALES) == Level.URGENT


def test_terms_that_never_run_out_say_so_even_at_zero() -> None:
    found = tell(0, EVEN, endless=True)

    assert (round(found.daily_rate, 6), found.exhausts_on, found.order_by, found.level) == (40.0, None, None, Level.OK)


def test_the_range_around_the_day_is_the_documented_one() -> None:
    found = tell(1_200, EVEN)

    assert (found.earliest_on, found.exhausts_on, found.latest_on) == (
        date(2026, 12, 13),
        date(2026, 12, 16),
        date(2026, 12, 20),
    )


EXPIRING = [Lot(200), Lot(1_000, date(2026, 11, 30))]


@pytest.mark.parametrize(
    ("lots", "known", "ends", "by"),
    [
        pytest.param(EXPIRING, EVEN, date(2026, 11, 30), End.EXPIRY, id="640 of a thousand expire"),
        pytest.param([Lot(1_000, date(2026, 11, 30)), Lot(200)], EVEN, date(2026, 12, 5), End.USE, id="a later lot"),
        pytest.param([Lot(1_200, date(2027, 6, 30))], EVEN, date(2026, 12, 16), End.USE, id="used before"),
        pytest.param([Lot(1_200, TODAY)], EVEN, TODAY, End.EXPIRY, id="today"),
        pytest.param([Lot(1_200, date(2026, 11, 16))], EVEN, TODAY, End.USE, id="gone already"),
        pytest.param([Lot(1_200, date(2027, 6, 30))], NOTHING, date(2027, 6, 30), End.EXPIRY, id="nobody uses them"),
        pytest.param([Lot(10), Lot(5, date(2027, 6, 30))], NOTHING, None, None, id="ten that never expire"),
    ],
)
def test_the_earlier_of_use_and_expiry(lots: list[Lot], known: History, ends: date | None, by: End | None) -> None:
    balance = sum(lot.amount for lot in lots)
    found = forecast.forecast(balance, known, now=NOW, hours=SALES, lots=lots)

    assert (found.exhausts_on, found.exhausts_by) == (ends, by)


@pytest.mark.parametrize("name", bench.KINDS)
def test_the_range_holds_the_day_in_eight_of_ten_seasons(name: str) -> None:
    assert bench.within(bench.KINDS[name], 60) >= 0.75


# ------------------------------------------------------------------ laws

uses = st.lists(st.integers(0, 5_000), min_size=0, max_size=130)


def listed(values: list[int]) -> History:
    days = len(values)
    return History(
        {TODAY - timedelta(days=days - n): stamps for n, stamps in enumerate(values)}, TODAY - timedelta(days)
    )


@settings(max_examples=60, deadline=None)
@given(uses, st.integers(0, 100_000), st.integers(0, 100_000))
def test_more_stamps_never_end_sooner(values: list[int], one: int, more: int) -> None:
    less, rich = tell(one, listed(values)).exhausts_on, tell(one + more, listed(values)).exhausts_on

    assert rich is None or (less is not None and less <= rich)


@settings(max_examples=60, deadline=None)
@given(uses, st.integers(1, 100_000))
def test_an_account_ends_today_or_later_and_order_by_lies_before(values: list[int], balance: int) -> None:
    found = tell(balance, listed(values))

    assert found.daily_rate >= 0
    assert (found.exhausts_on is None) == (found.order_by is None)
    if found.exhausts_on and found.order_by:
        assert found.exhausts_on >= TODAY
        local = found.order_by.astimezone(SALES.zone).date()
        assert businesstime.business_days_between(local, found.exhausts_on, SALES) <= 2
        assert businesstime.add_business_days(found.exhausts_on, -2, SALES) == local


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 2_000), st.integers(14, 120))
def test_an_even_use_is_told_exactly(stamps: int, days: int) -> None:
    assert tell(1, history(days, lambda _day: stamps)).daily_rate == pytest.approx(stamps)


# ------------------------------------------------------------------ beside others


@pytest.mark.parametrize("name", list(bench.KINDS))
def test_errors_are_smaller_and_warnings_not_later_than_of_moving_averages(name: str) -> None:
    ours, *others = (bench.score(bench.KINDS[name], 200, method) for method in bench.METHODS.values())

    # An even use has no rhythm to learn: there a plain average is as good, and ours stays within two hours of it.
    slack = 0.1 if name == "even" else 0.0
    for other in others:
        assert ours.error <= other.error + slack
        assert ours.late <= other.late
        assert ours.latest <= other.latest


@given(uses, st.integers(1, 50_000))
def test_the_day_lies_in_its_range(values: list[int], balance: int) -> None:
    found = tell(balance, listed(values))

    if found.exhausts_on:
        assert found.earliest_on is not None
        assert TODAY <= found.earliest_on <= found.exhausts_on <= (found.latest_on or date.max)


@settings(deadline=None)
@given(uses, st.lists(st.tuples(st.integers(1, 4_000), st.none() | st.integers(0, 200)), min_size=1, max_size=4))
def test_drawing_day_by_day_ends_on_the_same_date(values: list[int], stock: list[tuple[int, int | None]]) -> None:
    known = listed(values)
    lots = [Lot(amount, None if n is None else TODAY + timedelta(days=n)) for amount, n in stock]
    found = forecast.forecast(sum(lot.amount for lot in lots), known, now=NOW, hours=SALES, lots=lots)
    left = [float(lot.amount) for lot in lots]
    for n, need in enumerate(forecast.coming(known, 100, now=NOW, hours=SALES)):
        day = TODAY + timedelta(days=n)
        for place, amount in enumerate(left):
            part = min(amount, need)
            left[place], need = amount - part, need - part
        used_up = sum(left) <= 1e-6
        left = [0.0 if lot.expires_on == day else amount for lot, amount in zip(lots, left, strict=True)]
        if used_up or sum(left) <= 1e-6:
            assert found.exhausts_on is not None
            assert abs((found.exhausts_on - day).days) <= 1, "a day's dust of a stamp"
            return
    assert found.exhausts_on is None or found.exhausts_on >= TODAY + timedelta(days=99)
