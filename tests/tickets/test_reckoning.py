"""Why a clock expires when it does: the lines against a model that walks every minute, and named edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import businesstime
from schedules.businesstime import Hours
from schedules.closeddays import closed_days
from schedules.hours import Closure, ExtraOpening, Interval, Spec, Weekly
from tests.schedules.slow import Minutes
from tests.schedules.test_businesstime_laws import cases, model, thorough
from tickets import reckoning
from tickets.reckoning import Life, Line, Stretch

SPLIT: Final = [Weekly(day, Interval(opens, closes)) for day in range(5) for opens, closes in ((540, 840), (960, 1140))]
OFFICE: Final = Spec("America/Mexico_City", (*SPLIT, Weekly(5, Interval(540, 840))), "MX", (), ())
HOURS: Final = businesstime.compile_hours(OFFICE)


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of November 2026 in Mexico City (UTC-6); Monday 16 is a holiday."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) + timedelta(hours=6)


def short(line: Line) -> tuple[str, datetime, datetime | None, int, int]:
    return line.code, line.starts_at, line.ends_at, line.seconds, line.total


H: Final = 3600


def test_over_the_lunch_break_and_the_night() -> None:
    told = reckoning.explain(Life(4 * H, [], local(17, 12), HOURS), now=local(17, 13))

    assert [short(line) for line in told.lines] == [
        ("counted", local(17, 12), local(17, 13), H, H),
        ("counted", local(17, 13), local(17, 14), H, 2 * H),
        ("counted", local(17, 16), local(17, 18), 2 * H, 4 * H),
        ("due", local(17, 18), local(17, 18), 0, 4 * H),
    ]
    assert [line.ahead for line in told.lines] == [False, True, True, True]
    assert (told.state, told.due_at, told.used_seconds, told.left_seconds) == ("running", local(17, 18), H, 3 * H)


def test_a_holiday_is_named_where_it_lies() -> None:
    told = reckoning.explain(Life(4 * H, [], local(14, 13), HOURS), now=local(14, 13))

    assert [(line.code, line.name) for line in told.lines] == [
        ("counted", ""),
        ("closed", "Día de la Revolución"),
        ("counted", ""),
        ("due", ""),
    ]
    assert told.due_at == local(17, 12)


def test_a_rest_stands_between_what_was_counted() -> None:
    life = Life(4 * H, [Stretch(local(17, 10), local(17, 11), HOURS, H, "waiting_client")], local(17, 12), HOURS)

    told = reckoning.explain(life, now=local(17, 12, 30))

    assert [short(line) for line in told.lines][:3] == [
        ("counted", local(17, 10), local(17, 11), H, H),
        ("rest", local(17, 11), local(17, 12), 0, H),
        ("counted", local(17, 12), local(17, 12, 30), H // 2, H * 3 // 2),
    ]
    assert told.due_at == local(17, 17)


def test_what_rests_does_not_expire() -> None:
    life = Life(4 * H, [Stretch(local(17, 10), local(17, 11), HOURS, H, "waiting_client")])

    told = reckoning.explain(life, now=local(18, 12))

    assert (told.state, told.due_at, told.left_seconds) == ("resting", None, 3 * H)
    assert short(told.lines[-1]) == ("rest", local(17, 11), None, 0, H)


def test_around_the_clock_it_is_one_line() -> None:
    told = reckoning.explain(Life(H, [], local(17, 23, 30), None), now=local(17, 23, 30))

    assert [line.code for line in told.lines] == ["counted", "due"]
    assert told.due_at == local(18, 0, 30)


def test_once_it_expired_the_rest_is_one_line() -> None:
    told = reckoning.explain(Life(H, [], local(17, 10), HOURS), now=local(18, 10))

    assert [short(line) for line in told.lines] == [
        ("counted", local(17, 10), local(17, 11), H, H),
        ("due", local(17, 11), local(17, 11), 0, H),
        ("over", local(17, 11), local(18, 10), 7 * H, 8 * H),
    ]
    assert told.left_seconds == -7 * H


def test_it_expired_in_a_stretch_that_is_over() -> None:
    stretches = [
        Stretch(local(17, 10), local(17, 12), HOURS, 2 * H, "waiting_client"),
        Stretch(local(17, 13), local(17, 14), HOURS, H, "stopped"),
    ]

    told = reckoning.explain(Life(H, stretches, stopped_at=local(17, 14)), now=local(18, 9))

    assert [line.code for line in told.lines] == ["counted", "due", "over", "rest", "over", "stop"]
    assert (told.state, told.due_at, told.used_seconds) == ("stopped", local(17, 11), 3 * H)


def test_what_a_reopening_brought_comes_first() -> None:
    told = reckoning.explain(Life(4 * H, [], local(17, 10), HOURS, brought=H), now=local(17, 10))

    assert short(told.lines[0]) == ("brought", local(17, 10), local(17, 10), H, H)
    assert told.due_at == local(17, 13)


def test_a_change_on_the_way_is_no_rest() -> None:
    life = Life(2 * H, [Stretch(local(17, 10), local(17, 11), HOURS, H, "reckoned")], local(17, 11), None)

    told = reckoning.explain(life, now=local(17, 11))

    assert [line.code for line in told.lines] == ["counted", "counted", "due"]
    assert told.due_at == local(17, 12)


# ------------------------------------------------------------------ closed by name


@pytest.mark.parametrize(
    ("closures", "extras", "found"),
    [
        pytest.param((), (), [("holiday", local(16, 0), local(17, 0))], id="the holiday of the calendar"),
        pytest.param(
            (Closure(date(2026, 11, 18), "Inventario", Interval(960, 1140)),),
            (),
            [("holiday", local(16, 0), local(17, 0)), ("closure", local(18, 16), local(18, 19))],
            id="a window",
        ),
        pytest.param(
            (Closure(date(2026, 11, 16), "Puente", None),),
            (),
            [("closure", local(16, 0), local(17, 0))],
            id="a closure is named before the holiday",
        ),
        pytest.param(
            (),
            (ExtraOpening(date(2026, 11, 16), Interval(0, 1440)),),
            [],
            id="an extra opening beats both",
        ),
    ],
)
def test_closed_days(
    closures: tuple[Closure, ...], extras: tuple[ExtraOpening, ...], found: list[tuple[str, datetime, datetime]]
) -> None:
    hours = businesstime.compile_hours(Spec(OFFICE.timezone, OFFICE.hours, "MX", closures, extras))

    days = closed_days(local(13, 12), local(19, 12), hours)

    assert [(day.code, day.starts_at, day.ends_at) for day in days] == found


# ------------------------------------------------------------------ laws


def lived(start: datetime, lengths: list[int], hours: Hours) -> tuple[list[Stretch], datetime]:
    """Stretches and rests by turns, of whole minutes; ends with the stretch that goes on."""
    stretches, at = [], start
    for index, length in enumerate(lengths):
        until = at + timedelta(minutes=length)
        if index % 2 == 0:
            seconds = round(businesstime.elapsed(at, until, hours).total_seconds())
            stretches.append(Stretch(at, until, hours, seconds, "waiting_client"))
        at = until
    return stretches, at


def slow_due(stretches: list[Stretch], since: datetime, target: int, minutes: Minutes) -> datetime | None:
    """The instant at which the target is used up, minute by minute; None where the model ends before."""
    left = timedelta(seconds=target)
    for stretch in stretches:
        used = minutes.elapsed(stretch.starts_at, stretch.ends_at)
        if left < used:
            return minutes.add(stretch.starts_at, left)
        left -= used
    return minutes.add(since, left)


@given(
    cases(),
    st.integers(0, 24 * 60),
    st.lists(st.integers(1, 600), max_size=6).filter(lambda lengths: len(lengths) % 2 == 0),
    st.integers(1, 1200),
    st.integers(0, 3000),
)
@thorough
def test_the_lines_add_up_to_the_hour(
    case: tuple[Spec, datetime], begins: int, lengths: list[int], target: int, later: int
) -> None:
    spec, first = case
    hours = businesstime.compile_hours(spec)
    start = first + timedelta(minutes=begins)
    stretches, since = lived(start, lengths, hours)
    expected = slow_due(stretches, since, target * 60, model(spec, first))
    if expected is None:
        return  # beyond the minutes of the model

    told = reckoning.explain(Life(target * 60, stretches, since, hours), now=since + timedelta(minutes=later))

    assert told.due_at == expected
    used = sum(line.seconds for line in told.lines)
    assert used == max(line.total for line in told.lines) >= target * 60
    counted = [line for line in told.lines if line.code == "counted"]
    assert sum(line.seconds for line in counted) == target * 60
    for line in counted:
        assert line.ends_at is not None
        assert line.seconds == round((line.ends_at - line.starts_at).total_seconds())
        assert businesstime.elapsed(line.starts_at, line.ends_at, hours) == line.ends_at - line.starts_at
    totals = [line.total for line in told.lines]
    assert totals == sorted(totals)
    starts = [line.starts_at for line in told.lines if line.code != "closed"]
    assert starts == sorted(starts)
