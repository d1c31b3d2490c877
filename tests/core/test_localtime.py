from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from core import localtime

CENTRO = ZoneInfo("America/Mexico_City")
NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)  # 10:42


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(datetime(2026, 11, 17, 15, 14, tzinfo=UTC), "hoy 09:14", id="today"),
        pytest.param(datetime(2026, 11, 18, 5, 59, tzinfo=UTC), "hoy 23:59", id="today by the zone, tomorrow in UTC"),
        pytest.param(datetime(2026, 11, 18, 15, 0, tzinfo=UTC), "mañana 09:00", id="tomorrow"),
        pytest.param(datetime(2026, 11, 16, 15, 0, tzinfo=UTC), "ayer 09:00", id="yesterday"),
        pytest.param(datetime(2026, 11, 21, 16, 0, tzinfo=UTC), "sáb 21 nov, 10:00", id="another day"),
        pytest.param(datetime(2027, 1, 4, 16, 0, tzinfo=UTC), "lun 4 ene 2027, 10:00", id="another year"),
    ],
)
def test_when(at: datetime, expected: str) -> None:
    assert localtime.when(at, CENTRO, NOW) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(0, "0 min"), (18, "18 min"), (60, "1 h"), (152, "2 h 32 min"), (-12, "−12 min"), (59.6, "1 h"), (5622, "93 h")],
)
def test_minutes_label(minutes: float, expected: str) -> None:
    assert localtime.minutes_label(minutes) == expected


def test_days_and_months_are_not_capitalised() -> None:
    assert localtime.long_day(date(2026, 11, 18)) == "miércoles 18 de noviembre"
    assert localtime.exact(NOW, CENTRO) == "martes 17 de noviembre a las 10:42"


def test_whole_days_are_said_without_an_hour() -> None:
    begins, ends = (datetime(2026, 12, day, tzinfo=CENTRO) for day in (1, 8))
    assert (localtime.since(begins, CENTRO), localtime.through(ends, CENTRO)) == (
        "martes 1 de diciembre",
        "lunes 7 de diciembre",
    )
    assert localtime.since(NOW, CENTRO) == localtime.through(NOW, CENTRO) == localtime.exact(NOW, CENTRO)
