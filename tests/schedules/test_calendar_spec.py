"""The JSON of a calendar: what is accepted, and which field is named when something is wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.errors import Invalid
from schedules import calendar_spec
from schedules.hours import Closure, ExtraOpening, Interval, Spec, Weekly

GOOD: dict[str, Any] = {
    "timezone": "America/Mexico_City",
    "hours": [
        {"weekday": 0, "opens": "09:00", "closes": "14:00"},
        {"weekday": 6, "opens": "22:00", "closes": "06:00"},
        {"weekday": 5, "opens": "18:30", "closes": "24:00"},
    ],
    "holidays": "MX",
    "closures": [
        {"date": "2026-12-24", "name": "Posada", "opens": "12:00", "closes": "24:00"},
        {"date": "2026-12-31", "name": "Inventario"},
    ],
    "extra_openings": [{"date": "2026-12-25", "opens": "10:00", "closes": "12:00"}],
}


def row(**fields: Any) -> dict[str, Any]:
    return {"weekday": 0, "opens": "09:00", "closes": "14:00", **fields}


NAME = {"name": "x"}
DAY = {"date": "2026-12-24"}


def faults(data: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        calendar_spec.parse(data)
    return [(error.field, error.code) for error in refused.value.errors]


def test_a_whole_calendar_is_read_and_written_back() -> None:
    spec = calendar_spec.parse(GOOD)

    assert spec == Spec(
        "America/Mexico_City",
        (Weekly(0, Interval(540, 840)), Weekly(6, Interval(1320, 360)), Weekly(5, Interval(1110, 1440))),
        "MX",
        (Closure(date(2026, 12, 24), "Posada", Interval(720, 1440)), Closure(date(2026, 12, 31), "Inventario")),
        (ExtraOpening(date(2026, 12, 25), Interval(600, 720)),),
    )
    assert calendar_spec.as_json(spec) == GOOD
    assert calendar_spec.parse(calendar_spec.as_json(spec)) == spec


def test_what_may_be_left_out() -> None:
    spec = calendar_spec.parse({"timezone": "UTC", "hours": [row()]})

    assert (spec.holidays, spec.closures, spec.extra_openings) == (None, (), ())


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        pytest.param({"timezone": None}, "timezone", "required", id="no zone"),
        pytest.param({"timezone": "America/Atlantis"}, "timezone", "unknown_zone", id="unknown zone"),
        pytest.param({"timezone": "../etc/passwd"}, "timezone", "unknown_zone", id="a path"),
        pytest.param({"timezone": 6}, "timezone", "unknown_zone", id="zone as a number"),
        pytest.param({"timezone": "america/mexico_city"}, "timezone", "unknown_zone", id="zone in small letters"),
        pytest.param({"holidays": "US"}, "holidays", "unknown_holidays", id="other holidays"),
        pytest.param({"holidays": True}, "holidays", "unknown_holidays", id="holidays: true"),
        pytest.param({"hours": "always"}, "hours", "not_a_list", id="hours as text"),
        pytest.param({"hours": {"weekday": 0}}, "hours", "not_a_list", id="hours as an object"),
        pytest.param({"hours": [7]}, "hours.0", "not_an_object", id="an hour as a number"),
        pytest.param({"hours": [row()] * 201}, "hours", "too_many", id="too many hours"),
        pytest.param({"hours": [row(), row(weekday=7)]}, "hours.1.weekday", "invalid_weekday", id="weekday 7"),
        pytest.param({"hours": [row(weekday=-1)]}, "hours.0.weekday", "invalid_weekday", id="weekday -1"),
        pytest.param({"hours": [row(weekday="0")]}, "hours.0.weekday", "invalid_weekday", id="weekday as text"),
        pytest.param({"hours": [row(weekday=True)]}, "hours.0.weekday", "invalid_weekday", id="weekday true"),
        pytest.param({"hours": [row(weekday=1.0)]}, "hours.0.weekday", "invalid_weekday", id="weekday 1.0"),
        pytest.param({"hours": [row(weekday=None)]}, "hours.0.weekday", "required", id="no weekday"),
        pytest.param({"hours": [row(opens="9:00")]}, "hours.0.opens", "invalid_time", id="9:00"),
        pytest.param({"hours": [row(opens="24:00")]}, "hours.0.opens", "invalid_time", id="opens 24:00"),
        pytest.param({"hours": [row(opens="25:00")]}, "hours.0.opens", "invalid_time", id="25:00"),
        pytest.param({"hours": [row(closes="14:60")]}, "hours.0.closes", "invalid_time", id="14:60"),
        pytest.param({"hours": [row(closes="24:01")]}, "hours.0.closes", "invalid_time", id="24:01"),
        pytest.param({"hours": [row(closes="14:00:00")]}, "hours.0.closes", "invalid_time", id="with seconds"),
        pytest.param({"hours": [row(closes="14:00\n")]}, "hours.0.closes", "invalid_time", id="with a line break"),
        pytest.param({"hours": [row(closes="١٤:٠٠")]}, "hours.0.closes", "invalid_time", id="other digits"),
        pytest.param({"hours": [row(closes=1400)]}, "hours.0.closes", "invalid_time", id="a number"),
        pytest.param({"hours": [row(closes=None)]}, "hours.0.closes", "required", id="no closing"),
        pytest.param({"hours": [row(), row(), row(closes="09:00")]}, "hours.2.closes", "equal_times", id="equal times"),
        pytest.param({"hours": [row(opens="00:00", closes="00:00")]}, "hours.0.closes", "equal_times", id="00:00"),
        pytest.param({"closures": [{"name": "x"}]}, "closures.0.date", "required", id="closure without date"),
        pytest.param({"closures": [{"date": "2026-12-24"}]}, "closures.0.name", "required", id="without name"),
        pytest.param({"closures": [{**DAY, "name": "  "}]}, "closures.0.name", "required", id="blank"),
        pytest.param({"closures": [{**DAY, "name": 5}]}, "closures.0.name", "invalid", id="name 5"),
        pytest.param({"closures": [{**DAY, "name": "a\0"}]}, "closures.0.name", "invalid", id="NUL"),
        pytest.param({"closures": [{**DAY, "name": "\ud800"}]}, "closures.0.name", "invalid", id="half"),
        pytest.param({"closures": [{**DAY, "name": "x" * 121}]}, "closures.0.name", "too_long", id="long"),
        pytest.param({"closures": [{**NAME, "date": "24/12/2026"}]}, "closures.0.date", "invalid_date", id="24/12"),
        pytest.param({"closures": [{**NAME, "date": "20261224"}]}, "closures.0.date", "invalid_date", id="compact"),
        pytest.param({"closures": [{**NAME, "date": "2026-02-30"}]}, "closures.0.date", "invalid_date", id="30 Feb"),
        pytest.param({"closures": [{**NAME, "date": "2026-W01-1"}]}, "closures.0.date", "invalid_date", id="week"),
        pytest.param({"closures": [{**NAME, "date": 2026}]}, "closures.0.date", "invalid_date", id="a year"),
        pytest.param({"closures": [{**NAME, "date": "1900-01-01"}]}, "closures.0.date", "out_of_range", id="1900"),
        pytest.param({"closures": [{**NAME, "date": "9000-01-01"}]}, "closures.0.date", "out_of_range", id="9000"),
        pytest.param(
            {"closures": [{**DAY, "name": "x", "opens": "12:00"}]}, "closures.0.closes", "required",
            id="half a window",
        ),
        pytest.param(
            {"closures": [{**DAY, "name": "x", "opens": "12:00", "closes": "12:00"}]},
            "closures.0.closes", "equal_times", id="window of equal times",
        ),
        pytest.param(
            {"extra_openings": [{"date": "2026-12-24"}]}, "extra_openings.0.opens", "required", id="extra without times"
        ),
        pytest.param(
            {"extra_openings": [{"date": "2026-12-24", "opens": "10:00", "closes": "10:00"}]},
            "extra_openings.0.closes", "equal_times", id="extra of equal times",
        ),
        pytest.param({"hours": []}, "hours", "never_opens", id="never opens"),
        pytest.param({"hours": None, "extra_openings": None}, "hours", "never_opens", id="never opens, nulls"),
    ],
)  # fmt: skip
def test_a_fault_names_its_field(changes: dict[str, Any], field: str, code: str) -> None:
    data = {"timezone": "America/Mexico_City", "hours": [row()], **changes}

    assert (field, code) in faults(data)


def test_every_fault_is_told_at_once() -> None:
    data = {"timezone": "x", "holidays": "y", "hours": [row(weekday=9, opens="x", closes="y")]}

    assert faults(data) == [
        ("timezone", "unknown_zone"),
        ("hours.0.weekday", "invalid_weekday"),
        ("hours.0.opens", "invalid_time"),
        ("hours.0.closes", "invalid_time"),
        ("holidays", "unknown_holidays"),
    ]


def test_only_extra_openings_are_enough() -> None:
    extra = [{"date": "2026-12-25", "opens": "10:00", "closes": "12:00"}]

    assert calendar_spec.parse({"timezone": "UTC", "hours": [], "extra_openings": extra}).extra_openings


def test_dates_may_come_as_yaml_reads_them() -> None:
    data = {"timezone": "UTC", "hours": [row()], "closures": [{"date": date(2026, 12, 24), "name": "x"}]}

    assert calendar_spec.parse(data).closures[0].on == date(2026, 12, 24)
