"""Zones: the pinned data, exact changes of offset, hours that are skipped."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from schedules import zones


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


YEAR_2026 = second("2026-01-01"), second("2027-01-01")


def test_the_data_is_of_the_pinned_package() -> None:
    assert zoneinfo.TZPATH == ()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("America/Mexico_City", True),
        ("America/Ciudad_Juarez", True),
        ("UTC", True),
        ("Mexico/General", True),
        ("america/mexico_city", False),
        ("GMT-6", False),
        ("../UTC", False),
        ("", False),
        (None, False),
        (6, False),
    ],
)
def test_which_zones_exist(name: object, known: bool) -> None:
    assert zones.exists(name) is known


def test_an_unknown_zone_is_not_handed_out() -> None:
    with pytest.raises(KeyError):
        zones.get("tzdata.zi")


def test_offsets_change_at_the_very_second() -> None:
    found = zones.segments(ZoneInfo("America/Tijuana"), *YEAR_2026)

    assert found == (
        (YEAR_2026[0], second("2026-03-08T10:00:00"), -8 * 3600),
        (second("2026-03-08T10:00:00"), second("2026-11-01T09:00:00"), -7 * 3600),
        (second("2026-11-01T09:00:00"), YEAR_2026[1], -8 * 3600),
    )


def test_mexico_city_has_one_offset_since_the_reform() -> None:
    assert [segment.offset for segment in zones.segments(ZoneInfo("America/Mexico_City"), *YEAR_2026)] == [-6 * 3600]


@pytest.mark.parametrize(
    ("zone", "year", "expected"),
    [
        pytest.param("America/Tijuana", 2026, [("2026-03-08T02:00", "2026-03-08T03:00")], id="an hour"),
        pytest.param("Australia/Lord_Howe", 2026, [("2026-10-04T02:00", "2026-10-04T02:30")], id="half an hour"),
        pytest.param(
            "Pacific/Apia", 2011, [("2011-09-24T03:00", "2011-09-24T04:00"), ("2011-12-30T00:00", "2011-12-31T00:00")],
            id="a whole day",
        ),
        pytest.param("America/Hermosillo", 2026, [], id="none"),
    ],
)  # fmt: skip
def test_skipped_wall_times(zone: str, year: int, expected: list[tuple[str, str]]) -> None:
    found = zones.skipped(ZoneInfo(zone), second(f"{year}-01-01"), second(f"{year + 1}-01-01"))

    assert found == [(second(one), second(two)) for one, two in expected]
