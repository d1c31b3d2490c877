"""Who hands over to whom: four edges on a working day, none where the same person goes on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from schedules import businesstime, calendar_spec, handoffs
from schedules.handoffs import NOBODY, OFFICE, Side
from schedules.rotas import Change, Layer, Roster, Version

MEXICO = ZoneInfo("America/Mexico_City")
WEEK = [
    {"weekday": day, "opens": opens, "closes": closes}
    for day in range(5)
    for opens, closes in (("09:00", "14:00"), ("16:00", "19:00"))
] + [{"weekday": 5, "opens": "09:00", "closes": "14:00"}]
OFFICE_HOURS = businesstime.compile_hours(
    calendar_spec.parse({"timezone": "America/Mexico_City", "hours": WEEK, "holidays": "MX"})
)
ANA, IVAN = 3, 8


def local(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MEXICO).astimezone(UTC)


def roster(*changes: Change, members: tuple[int, ...] = (ANA, IVAN), office: bool = True) -> Roster:
    layer = Layer(members, (7,) * len(members), (540,), date(2026, 11, 2), MEXICO)
    version = Version(local(2), (layer,), OFFICE_HOURS if office else None)
    return Roster((version,), changes)


def told(found: list[handoffs.Handoff]) -> list[str]:
    def name(side: Side) -> str:
        return {OFFICE: "office", NOBODY: "nobody"}.get(side, f"{side.user}")

    return [f"{one.at.astimezone(MEXICO):%d %H:%M} {name(one.giver)}>{name(one.taker)}" for one in found]


@pytest.mark.parametrize(
    ("rota", "start", "end", "expected"),
    [
        pytest.param(
            roster(),
            local(17),
            local(18),
            ["17 09:00 3>office", "17 14:00 office>3", "17 16:00 3>office", "17 19:00 office>3"],
            id="four on a working day",
        ),
        pytest.param(roster(), local(21), local(22), ["21 09:00 3>office", "21 14:00 office>3"], id="Saturday"),
        pytest.param(roster(), local(22), local(23), [], id="Sunday: the same person all day"),
        pytest.param(
            roster(), local(16), local(17), ["16 09:00 8>3"], id="a holiday Monday: person to person at the turn"
        ),
        pytest.param(roster(), local(17, 14), local(17, 16), ["17 14:00 office>3"], id="half-open"),
        pytest.param(roster(members=(ANA,), office=False), local(3), local(30), [], id="one person for ever"),
        pytest.param(
            roster(Change(1, IVAN, local(17, 20), local(18, 1))),
            local(17, 19),
            local(18, 9),
            ["17 19:00 office>3", "17 20:00 3>8", "18 01:00 8>3"],
            id="a cover in the night",
        ),
        pytest.param(
            roster(Change(1, ANA, local(17, 14), local(17, 15), absence=True)),
            local(17, 13),
            local(17, 17),
            ["17 14:00 office>nobody", "17 15:00 nobody>3", "17 16:00 3>office"],
            id="nobody for an hour",
        ),
    ],
)
def test_hand_offs(rota: Roster, start: datetime, end: datetime, expected: list[str]) -> None:
    assert told(handoffs.handoffs(rota, start, end)) == expected


def test_cut_anywhere_they_are_the_same() -> None:
    """Asked for hour by hour nothing is lost or told twice."""
    rota = roster(Change(1, IVAN, local(17, 20), local(18, 1)), Change(2, ANA, local(19), local(20), absence=True))
    edges = [local(14 + hour // 24, hour % 24) for hour in range(24 * 9)]

    whole = handoffs.handoffs(rota, edges[0], edges[-1])
    pieces = [one for a, b in pairwise(edges) for one in handoffs.handoffs(rota, a, b)]

    assert pieces == whole
    assert all(a.taker == b.giver for a, b in pairwise(whole))
