"""Hours on call by local date: Sundays, mandatory rest days, nights in which the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schedules import payroll
from schedules.payroll import Total
from schedules.rotas import Shift

MEXICO = ZoneInfo("America/Mexico_City")
TIJUANA = ZoneInfo("America/Tijuana")


def shift(start: datetime, end: datetime) -> Shift:
    return Shift(3, start.astimezone(UTC), end.astimezone(UTC))


def local(month: int, day: int, hour: int = 0, zone: ZoneInfo = MEXICO) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=zone)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


@pytest.mark.parametrize(
    ("shifts", "zone", "expected"),
    [
        pytest.param([], MEXICO, Total(0, hours(0), hours(0), hours(0)), id="none"),
        pytest.param(
            [shift(local(11, 17, 19), local(11, 18, 9))], MEXICO, Total(1, hours(14), hours(0), hours(0)), id="a night"
        ),
        pytest.param(
            [shift(local(11, 14, 14), local(11, 16, 9))],
            MEXICO,
            Total(1, hours(43), hours(24), hours(9)),
            id="a weekend into Monday 16, which is a rest day",
        ),
        pytest.param(
            [shift(local(3, 7, 22, TIJUANA), local(3, 8, 6, TIJUANA))],
            TIJUANA,
            Total(1, hours(7), hours(5), hours(0)),
            id="the night that loses an hour",
        ),
        pytest.param(
            [shift(local(11, 17, 14), local(11, 17, 16)), shift(local(11, 17, 19), local(11, 18, 0))],
            MEXICO,
            Total(2, hours(7), hours(0), hours(0)),
            id="ends at midnight: nothing of the next day",
        ),
    ],
)
def test_totals(shifts: list[Shift], zone: ZoneInfo, expected: Total) -> None:
    assert payroll.total(shifts, zone) == expected
