"""Who is on call: rotations, several hand-offs, layers, coverage, changes, clock changes, and a past that stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import businesstime, rotas
from schedules.rotas import Change, Layer, Roster, Version
from tests.schedules.test_businesstime import INVOICE as INVOICE_SPEC
from tests.schedules.test_businesstime import MEXICO, OFFICE, at, compiled, local, week

IVAN, BRUNO, ANA, KARLA = 1, 2, 3, 4
ZONE = ZoneInfo(MEXICO)
LONG_AGO = at("2026-01-01 00:00")


def layer(
    *members: int, days: int = 7, handoffs: tuple[int, ...] = (9 * 60,), start: date = date(2026, 11, 16)
) -> Layer:
    return Layer(members, (days,) * len(members), handoffs, start, ZONE)


def roster(*layers: Layer, office: businesstime.Hours | None = None, changes: tuple[Change, ...] = ()) -> Roster:
    return Roster((Version(LONG_AGO, layers, office),), tuple(sorted(changes, key=lambda c: -c.id)))


WEEKLY = roster(layer(IVAN, BRUNO, ANA))
NIGHTS = roster(layer(IVAN, BRUNO, ANA), office=OFFICE)


def told(shift: rotas.Shift | None, zone: str = MEXICO) -> tuple[int, str, str, bool] | None:
    if shift is None:
        return None
    return shift.user, local(shift.start, zone), local(shift.end, zone), shift.override


@pytest.mark.parametrize(
    ("when", "user"),
    [
        pytest.param("2026-11-16 08:59:59", None, id="before the first hand-off"),
        pytest.param("2026-11-16 09:00", IVAN, id="at the hand-off"),
        pytest.param("2026-11-23 08:59:59", IVAN, id="the last second of the week"),
        pytest.param("2026-11-23 09:00", BRUNO, id="the next week"),
        pytest.param("2026-12-07 09:00", IVAN, id="round again"),
        pytest.param("2030-01-01 12:00", BRUNO, id="years later"),
    ],
)
def test_a_weekly_rotation(when: str, user: int | None) -> None:
    assert rotas.who(WEEKLY, at(when)) == user


def test_turns_of_different_lengths_follow_each_other() -> None:
    uneven = Layer((IVAN, BRUNO, IVAN, ANA), (3, 1, 2, 1), (540,), date(2026, 11, 16), ZONE)
    noon = at("2026-11-16 12:00")

    week_of_users = [rotas.who(roster(uneven), noon + timedelta(days=n)) for n in range(14)]

    assert week_of_users == [IVAN, IVAN, IVAN, BRUNO, IVAN, IVAN, ANA] * 2


def test_a_daily_rotation_may_hand_off_several_times() -> None:
    three = roster(layer(IVAN, BRUNO, days=1, handoffs=(6 * 60, 14 * 60, 22 * 60)))

    found = [told(one) for one in rotas.shifts(three, at("2026-11-16 06:00"), at("2026-11-17 14:00"))]

    assert found == [
        (IVAN, "2026-11-16 06:00", "2026-11-16 14:00", False),
        (BRUNO, "2026-11-16 14:00", "2026-11-16 22:00", False),
        (IVAN, "2026-11-16 22:00", "2026-11-17 06:00", False),
        (BRUNO, "2026-11-17 06:00", "2026-11-17 14:00", False),
    ]
    assert rotas.who(three, at("2026-11-17 03:00")) == IVAN


@pytest.mark.parametrize(
    ("when", "shift"),
    [
        pytest.param("2026-11-17 12:00", None, id="the office attends"),
        pytest.param("2026-11-17 14:30", (IVAN, "2026-11-17 14:00", "2026-11-17 16:00", False), id="lunch"),
        pytest.param("2026-11-17 20:15", (IVAN, "2026-11-17 19:00", "2026-11-18 09:00", False), id="night"),
        pytest.param("2026-11-21 20:00", (IVAN, "2026-11-21 14:00", "2026-11-23 09:00", False), id="weekend"),
        pytest.param("2026-12-25 10:00", (ANA, "2026-12-24 19:00", "2026-12-26 09:00", False), id="holiday"),
    ],
)
def test_shifts_outside_the_office(when: str, shift: tuple[int, str, str, bool] | None) -> None:
    nights = roster(layer(IVAN, BRUNO, ANA), office=OFFICE)

    assert told(rotas.shift(nights, at(when))) == shift


def test_the_next_shift_is_told_in_the_office_and_out_of_it() -> None:
    assert told(rotas.next_shift(NIGHTS, at("2026-11-17 10:00"))) == (
        IVAN, "2026-11-17 14:00", "2026-11-17 16:00", False,
    )  # fmt: skip
    assert told(rotas.next_shift(NIGHTS, at("2026-11-22 10:00"))) == (
        BRUNO, "2026-11-23 14:00", "2026-11-23 16:00", False,
    )  # fmt: skip
    assert told(rotas.next_shift(WEEKLY, at("2026-11-17 10:00"))) == (
        BRUNO, "2026-11-23 09:00", "2026-11-30 09:00", False,
    )  # fmt: skip
    assert told(rotas.next_shift(WEEKLY, at("2026-11-01 10:00"))) == (
        IVAN, "2026-11-16 09:00", "2026-11-23 09:00", False,
    )  # fmt: skip
    assert rotas.next_shift(WEEKLY, at("2026-06-01 10:00")) is None


COVER = Change(1, KARLA, at("2026-11-18 19:00"), at("2026-11-19 09:00"))


@pytest.mark.parametrize(
    ("when", "shift"),
    [
        pytest.param("2026-11-18 14:30", (IVAN, "2026-11-18 14:00", "2026-11-18 16:00", False), id="before it"),
        pytest.param("2026-11-18 23:00", (KARLA, "2026-11-18 19:00", "2026-11-19 09:00", True), id="in it"),
        pytest.param("2026-11-19 14:30", (IVAN, "2026-11-19 14:00", "2026-11-19 16:00", False), id="after it"),
    ],
)
def test_a_change_beats_the_shift(when: str, shift: tuple[int, str, str, bool]) -> None:
    assert told(rotas.shift(replace(NIGHTS, changes=(COVER,)), at(when))) == shift


def test_a_change_in_the_middle_splits_the_shift_and_the_newest_wins() -> None:
    changes = (
        Change(2, BRUNO, at("2026-11-22 10:00"), at("2026-11-22 12:00")),
        Change(1, KARLA, at("2026-11-22 08:00"), at("2026-11-22 14:00")),
    )

    found = rotas.shifts(replace(NIGHTS, changes=changes), at("2026-11-21 14:00"), at("2026-11-23 09:00"))

    assert [told(one) for one in found] == [
        (IVAN, "2026-11-21 14:00", "2026-11-22 08:00", False),
        (KARLA, "2026-11-22 08:00", "2026-11-22 10:00", True),
        (BRUNO, "2026-11-22 10:00", "2026-11-22 12:00", True),
        (KARLA, "2026-11-22 12:00", "2026-11-22 14:00", True),
        (IVAN, "2026-11-22 14:00", "2026-11-23 09:00", False),
    ]


def test_a_change_does_not_put_anybody_on_call_in_the_office() -> None:
    all_day = Change(1, KARLA, at("2026-11-18 00:00"), at("2026-11-19 00:00"))

    assert rotas.who(replace(NIGHTS, changes=(all_day,)), at("2026-11-18 10:00")) is None


def test_an_absence_gives_the_turn_to_the_next_layer_or_leaves_a_gap() -> None:
    away = Change(1, IVAN, at("2026-11-18 00:00"), at("2026-11-19 00:00"), absence=True)
    alone = roster(layer(IVAN, BRUNO), changes=(away,))
    backed = roster(layer(IVAN, BRUNO), layer(ANA), changes=(away,))

    assert rotas.who(alone, at("2026-11-18 12:00")) is None
    assert rotas.who(backed, at("2026-11-18 12:00")) == ANA
    assert rotas.gaps(alone, at("2026-11-17 00:00"), at("2026-11-20 00:00")) == [
        (at("2026-11-18 00:00"), at("2026-11-19 00:00"))
    ]
    assert rotas.gaps(backed, at("2026-11-17 00:00"), at("2026-11-20 00:00")) == []


def test_who_is_absent_does_not_cover_either() -> None:
    changes = (
        Change(2, KARLA, at("2026-11-18 00:00"), at("2026-11-19 00:00")),
        Change(1, KARLA, at("2026-11-18 12:00"), at("2026-11-18 18:00"), absence=True),
    )

    covered = replace(WEEKLY, changes=changes)

    assert [rotas.who(covered, at(f"2026-11-18 {hour}:00")) for hour in ("11", "12", "18")] == [KARLA, IVAN, KARLA]


def test_a_layer_of_some_hours_stands_before_one_of_all() -> None:
    weekends = replace(layer(ANA), windows=compiled(INVOICE_SPEC, hours=week((5, 6), "00:00-24:00"), holidays=None))

    two = roster(weekends, layer(IVAN))

    assert [rotas.who(two, at(f"2026-11-{day} 12:00")) for day in (20, 21, 22, 23)] == [IVAN, ANA, ANA, IVAN]
    assert told(rotas.shift(two, at("2026-11-21 12:00"))) == (ANA, "2026-11-21 00:00", "2026-11-23 00:00", False)


def test_gaps_are_only_where_somebody_should_be_on_call() -> None:
    late = roster(layer(IVAN, start=date(2026, 11, 18)), office=OFFICE)

    found = rotas.gaps(late, at("2026-11-17 00:00"), at("2026-11-19 00:00"))

    assert [(local(one), local(two)) for one, two in found] == [
        ("2026-11-17 00:00", "2026-11-17 09:00"),
        ("2026-11-17 14:00", "2026-11-17 16:00"),
        ("2026-11-17 19:00", "2026-11-18 09:00"),
    ]


def test_the_past_does_not_change_when_the_rota_is_edited() -> None:
    edited = Roster((*WEEKLY.versions, Version(at("2026-11-18 12:00"), (layer(KARLA),))))

    assert [rotas.who(edited, at(f"2026-11-18 {hour}")) for hour in ("11:59", "12:00")] == [IVAN, KARLA]
    assert told(rotas.shift(edited, at("2026-11-17 12:00"))) == (IVAN, "2026-11-16 09:00", "2026-11-18 12:00", False)
    assert told(rotas.shift(edited, at("2026-11-19 12:00"))) == (KARLA, "2026-11-18 12:00", "2026-11-23 09:00", False)


def test_an_edit_that_keeps_the_person_does_not_cut_the_shift() -> None:
    edited = Roster((*WEEKLY.versions, Version(at("2026-11-18 12:00"), (layer(IVAN, KARLA),))))

    assert told(rotas.shift(edited, at("2026-11-17 12:00"))) == (IVAN, "2026-11-16 09:00", "2026-11-23 09:00", False)


@pytest.mark.parametrize(
    ("zone", "night", "hours"),
    [
        pytest.param("America/Tijuana", "2026-03-07", 23, id="spring in Tijuana"),
        pytest.param("America/Tijuana", "2026-10-31", 25, id="autumn in Tijuana"),
        pytest.param("America/Matamoros", "2026-03-07", 23, id="spring in Matamoros"),
        pytest.param(MEXICO, "2022-10-29", 25, id="the last one of Mexico City"),
        pytest.param(MEXICO, "2026-10-31", 24, id="none any more"),
    ],
)
def test_a_turn_over_a_change_of_clocks(zone: str, night: str, hours: int) -> None:
    start = date.fromisoformat(night)
    daily = Layer((IVAN, BRUNO), (1, 1), (9 * 60,), start, ZoneInfo(zone))
    evening = datetime(start.year, start.month, start.day, 23, tzinfo=ZoneInfo(zone))

    shift = rotas.shift(Roster((Version(at("2020-01-01 00:00"), (daily,)),)), evening)

    assert shift is not None
    assert (shift.user, shift.end - shift.start) == (IVAN, timedelta(hours=hours))


def test_a_hand_off_in_the_hour_that_comes_twice_happens_once() -> None:
    daily = Layer((IVAN, BRUNO), (1, 1), (90,), date(2026, 10, 31), ZoneInfo("America/Tijuana"))
    tijuana = Roster((Version(LONG_AGO, (daily,)),))
    first = at("2026-11-01 01:30", "America/Tijuana")

    users = [rotas.who(tijuana, first + timedelta(minutes=n)) for n in (-1, 0, 29, 30, 60, 90)]

    assert users == [IVAN, BRUNO, BRUNO, BRUNO, BRUNO, BRUNO]


def test_load_counts_hours_on_call() -> None:
    changed = replace(NIGHTS, changes=(COVER,))

    load = rotas.load(changed, at("2026-11-16 09:00"), at("2026-11-23 09:00"))

    # The week has 168 hours, 4 days of 8 and a Saturday of 5 of them in the office (Monday 16 is a holiday).
    assert load == {IVAN: timedelta(hours=168 - 37 - 14), KARLA: timedelta(hours=14)}


moments = st.integers(0, 60 * 24 * 40).map(lambda n: at("2026-10-20 00:00") + timedelta(minutes=n))


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    changes = []
    for number in range(draw(st.integers(0, 4))):
        start, length = draw(moments), draw(st.integers(1, 5000))
        end = start + timedelta(minutes=length)
        changes.append(Change(number, draw(st.integers(1, 4)), start, end, draw(st.booleans())))
    layers = tuple(
        layer(*draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)), days=draw(st.sampled_from([1, 3, 7])))
        for _ in range(draw(st.integers(1, 2)))
    )
    later = Version(draw(moments), tuple(reversed(layers)), draw(st.sampled_from([None, OFFICE])))
    return replace(
        roster(*layers, office=OFFICE, changes=tuple(changes)), versions=(Version(LONG_AGO, layers, OFFICE), later)
    )


@settings(max_examples=40, deadline=None)
@given(rosters(), moments, moments)
def test_the_plan_of_a_span_agrees_with_every_instant_in_it(plan: Roster, one: datetime, two: datetime) -> None:
    start, end = min(one, two), max(one, two) + timedelta(hours=1)
    found, holes = rotas.shifts(plan, start, end), rotas.gaps(plan, start, end)

    for n in range(0, int((end - start) / timedelta(minutes=37))):
        when = start + n * timedelta(minutes=37)
        here = [shift.user for shift in found if shift.start <= when < shift.end]
        assert here == [user for user in [rotas.who(plan, when)] if user is not None]
        assert any(a <= when < b for a, b in holes) is (not here and rotas._covered(plan, when))
    assert all(a.end <= b.start for a, b in pairwise(found))
