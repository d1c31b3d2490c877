"""The routing rule: the table of contract section 4 row by row, deadlines, promises and both ladders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from schedules import routing
from schedules.routing import People, Route, RouteQuestion, Step, Target
from tests.schedules.test_businesstime import CHAT, OFFICE, at, local

OPEN, LUNCH, NIGHT = at("2026-11-17 10:00"), at("2026-11-17 14:30"), at("2026-11-17 20:15")
SATURDAY, HOLIDAY = at("2026-11-21 15:20"), at("2026-12-25 10:00")

IVAN, KARLA, ELENA, MARCELA, OSCAR = 1, 2, 3, 4, 5
PEOPLE = People(superiors={IVAN: ELENA, KARLA: ELENA, ELENA: MARCELA}, managers=(MARCELA,), everybody=(1, 2, 3, 4, 5))

AROUND, BUSINESS = True, False
# `invoice-mx`: critical and high around the clock; a business day is 8 business hours.
TARGETS = {
    priority: {
        kind: Target(minutes, around)
        for kind, minutes in zip(("first_response", "next_update", "resolution"), each, strict=True)
    }
    for priority, around, each in (
        ("critical", AROUND, (15, 60, 240)),
        ("high", AROUND, (30, 120, 480)),
        ("normal", BUSINESS, (240, 480, 960)),
        ("low", BUSINESS, (480, 960, 2400)),
    )
}


def ask(when: datetime, request_type: str = "system_down", affected: bool = False, **fields: Any) -> Route:
    fields = {"hours": OFFICE, "has_rota": True, "on_call": IVAN, "targets": TARGETS, "people": PEOPLE, **fields}
    return routing.route(RouteQuestion(at=when, request_type=request_type, affects_operation=affected, **fields))


@pytest.mark.parametrize(
    ("request_type", "not_affected", "affected"),
    [
        ("system_down", "critical", "critical"),
        ("operational_question", "normal", "high"),
        ("usage_guidance", "normal", "high"),
        ("remote_configuration", "normal", "high"),
        ("installation", "normal", "high"),
        ("unsure", "normal", "high"),
        ("customization", "low", "high"),
        ("training", "low", "high"),
        ("new_project", "low", "low"),
    ],
)
@pytest.mark.parametrize("when", [OPEN, NIGHT], ids=["open", "closed"])
def test_priority_and_lane_by_the_table(when: datetime, request_type: str, not_affected: str, affected: str) -> None:
    calm, urgent = ask(when, request_type), ask(when, request_type, affected=True)

    assert (calm.priority, urgent.priority) == (not_affected, affected)
    if when == OPEN:
        assert (calm.lane, urgent.lane) == ("office", "office")
    else:
        assert calm.lane == ("on_call" if request_type == "system_down" else "deferred")
        assert urgent.lane == ("deferred" if request_type == "new_project" else "on_call")


@pytest.mark.parametrize(
    ("when", "lane"),
    [
        pytest.param(at("2026-11-17 13:59:59"), "office", id="the last second"),
        pytest.param(at("2026-11-17 14:00"), "on_call", id="lunch is not office"),
        pytest.param(at("2026-11-17 16:00"), "office", id="at the opening"),
        pytest.param(at("2026-11-21 13:00"), "office", id="Saturday morning"),
        pytest.param(SATURDAY, "on_call", id="Saturday afternoon"),
        pytest.param(HOLIDAY, "on_call", id="holiday"),
    ],
)
def test_lane_by_the_hour(when: datetime, lane: str) -> None:
    route = ask(when, affected=True)

    assert route.lane == lane
    assert route.open is (lane == "office")
    assert route.on_call == (IVAN if lane == "on_call" else None)
    assert route.starts_at == when


@pytest.mark.parametrize(
    ("when", "hours", "starts"),
    [
        pytest.param(LUNCH, OFFICE, "2026-11-17 16:00", id="after lunch"),
        pytest.param(SATURDAY, OFFICE, "2026-11-23 09:00", id="after the weekend"),
        pytest.param(HOLIDAY, OFFICE, "2026-12-26 09:00", id="after the holiday"),
        pytest.param(at("2026-11-20 18:00"), CHAT, "2026-11-23 09:00", id="the chat's hours"),
    ],
)
def test_what_can_wait_starts_at_the_next_opening(when: datetime, hours: Any, starts: str) -> None:
    route = ask(when, "usage_guidance", hours=hours)

    assert (route.lane, local(route.starts_at)) == ("deferred", starts)
    assert route.why[0].code == "outside_office"


def test_without_a_rota_everything_waits_and_no_clock_runs_at_night() -> None:
    route = ask(NIGHT, "system_down", affected=True, hours=CHAT, has_rota=False, on_call=None)

    assert (route.lane, route.priority, local(route.starts_at)) == ("deferred", "critical", "2026-11-18 09:00")
    assert local(route.due["first_response"]) == "2026-11-18 09:15"
    assert local(route.due["resolution"]) == "2026-11-18 13:00"
    assert [code.params.get("because") for code in route.why if code.code == "lane_deferred"] == ["no_rota"]


@pytest.mark.parametrize(
    ("when", "request_type", "affected", "first_response", "resolution"),
    [
        pytest.param(NIGHT, "system_down", True, "2026-11-17 20:30", "2026-11-18 00:15", id="critical at night"),
        pytest.param(OPEN, "system_down", True, "2026-11-17 10:15", "2026-11-17 14:00", id="critical in the office"),
        pytest.param(SATURDAY, "training", True, "2026-11-21 15:50", "2026-11-21 23:20", id="high on Saturday"),
        pytest.param(OPEN, "usage_guidance", False, "2026-11-17 14:00", "2026-11-19 10:00", id="normal"),
        pytest.param(LUNCH, "usage_guidance", False, "2026-11-18 10:00", "2026-11-19 14:00", id="normal, deferred"),
        pytest.param(OPEN, "training", False, "2026-11-18 10:00", "2026-11-23 13:00", id="low: days of 8 hours"),
    ],
)
def test_when_promises_are_due(
    when: datetime, request_type: str, affected: bool, first_response: str, resolution: str
) -> None:
    due = ask(when, request_type, affected).due

    assert (local(due["first_response"]), local(due["resolution"])) == (first_response, resolution)


@pytest.mark.parametrize(
    ("request_type", "affected", "hours_left", "priority"),
    [
        pytest.param("training", False, 24, "normal", id="low becomes normal"),
        pytest.param("usage_guidance", False, 1, "high", id="normal becomes high"),
        pytest.param("usage_guidance", True, 5, "critical", id="high becomes critical"),
        pytest.param("system_down", True, 1, "critical", id="nothing is above critical"),
        pytest.param("training", False, 24.01, "low", id="a day and a bit is far"),
        pytest.param("training", False, -3, "normal", id="already past"),
    ],
)
def test_a_near_deadline_raises_by_one(request_type: str, affected: bool, hours_left: float, priority: str) -> None:
    deadline = OPEN + timedelta(hours=hours_left)

    route = ask(OPEN, request_type, affected, deadline_at=deadline)

    usual = ask(OPEN, request_type, affected).priority
    assert route.priority == priority
    assert ("deadline_near" in [code.code for code in route.why]) is (priority != usual)


def test_a_deadline_does_not_wake_anybody() -> None:
    assert ask(NIGHT, "training", deadline_at=NIGHT + timedelta(hours=3)).lane == "deferred"


@pytest.mark.parametrize(
    ("when", "request_type", "affected", "codes"),
    [
        (OPEN, "training", False, ["inside_office", "does_not_affect", "lane_office", "priority"]),
        (NIGHT, "unsure", True, ["outside_office", "affects_operation", "lane_on_call", "priority"]),
        (NIGHT, "system_down", False, ["outside_office", "always_affects", "lane_on_call", "priority"]),
        (NIGHT, "new_project", True, ["outside_office", "affects_operation", "lane_deferred", "priority"]),
    ],
)  # fmt: skip
def test_the_reasons_are_told_as_codes(when: datetime, request_type: str, affected: bool, codes: list[str]) -> None:
    assert [code.code for code in ask(when, request_type, affected).why] == codes


def test_a_reason_names_the_holiday_and_the_person() -> None:
    route = ask(HOLIDAY, affected=True)

    assert route.why[0].params == {
        "reason": "holiday", "name": "Navidad", "next_open": "2026-12-26T15:00:00+00:00",
    }  # fmt: skip
    assert route.why[2].params == {"user": IVAN}


def test_a_desk_may_have_a_table_of_its_own() -> None:
    table = {**routing.TABLE, "training": ("high", "critical")}

    assert ask(OPEN, "training", table=table).priority == "high"
    with pytest.raises(KeyError):
        ask(OPEN, "something else")


# --- the ladder of the night


def climb(route: Route) -> list[tuple[str, tuple[int, ...], int]]:
    """(whom, users, minutes after the start) of each planned notice."""
    return [(rung.whom, rung.users, int((rung.at - route.starts_at).total_seconds() / 60)) for rung in route.ladder]


MANAGER_FROM_20 = [("manager", (MARCELA,), 20 + 15 * n) for n in range(8)]


def test_the_ladder_of_the_night() -> None:
    route = ask(NIGHT, affected=True)

    assert climb(route) == [
        ("on_call", (IVAN,), 0),
        ("superior", (ELENA,), 10),
        *MANAGER_FROM_20,
        ("everybody", (KARLA, OSCAR), 140),
    ]
    assert [rung.occurrence for rung in route.ladder if rung.whom == "manager"] == list(range(1, 9))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"on_call": None}, [("manager", (MARCELA,), 0), ("manager", (MARCELA,), 15)],
            id="nobody on call, so nobody above them: the manager at once",
        ),
        pytest.param(
            {"people": People({}, (MARCELA,), (1, 4))}, [("on_call", (IVAN,), 0), ("manager", (MARCELA,), 10)],
            id="no superior: his step is not waited for",
        ),
        pytest.param(
            {"on_call": ELENA}, [("on_call", (ELENA,), 0), ("superior", (MARCELA,), 10), ("manager", (MARCELA,), 35)],
            id="the superior is the manager: not told twice at once",
        ),
        pytest.param(
            {"people": People({IVAN: ELENA}, (), (1, 3, 5))},
            [("on_call", (IVAN,), 0), ("superior", (ELENA,), 10), ("everybody", (OSCAR,), 20)],
            id="no manager: everybody at his instant",
        ),
    ],
)  # fmt: skip
def test_empty_steps_and_people_already_told(fields: dict[str, Any], expected: list[Any]) -> None:
    assert climb(ask(NIGHT, affected=True, **fields))[: len(expected)] == expected


def test_the_manager_hears_at_most_eight_notices() -> None:
    for on_call in (IVAN, ELENA, MARCELA):
        notices = [users for _, users, _ in climb(ask(NIGHT, affected=True, on_call=on_call)) if MARCELA in users]
        assert len(notices) <= 8


def test_a_step_may_name_a_person() -> None:
    steps = (Step(1, "on_call"), Step(2, "user", after_minutes=5, user_id=OSCAR))

    assert climb(ask(NIGHT, affected=True, on_call_steps=steps)) == [("on_call", (IVAN,), 0), ("user", (OSCAR,), 5)]


# --- the ladder of the office


def test_the_ladder_of_office_hours_counts_in_the_clock_of_the_target() -> None:
    route = ask(at("2026-11-17 17:00"), "usage_guidance", assignee=IVAN)

    # 4 business hours: 80 % is 192 minutes, 120 of them today; then half an hour of open time more.
    assert [(rung.whom, rung.users, local(rung.at), rung.takes) for rung in route.ladder] == [
        ("superior", (ELENA,), "2026-11-18 10:12", False),
        ("superior", (ELENA,), "2026-11-18 11:00", True),
        ("manager", (MARCELA,), "2026-11-18 11:30", False),
    ]


def test_around_the_clock_it_does_not_pause() -> None:
    route = ask(at("2026-11-17 18:50"), "system_down", assignee=IVAN)

    assert [local(rung.at) for rung in route.ladder] == ["2026-11-17 19:02", "2026-11-17 19:05", "2026-11-17 19:35"]


def test_a_deferred_request_climbs_from_its_start() -> None:
    route = ask(SATURDAY, "usage_guidance")

    assert [(rung.whom, rung.users, local(rung.at)) for rung in route.ladder] == [
        ("superior", (), "2026-11-23 12:12"),
        ("superior", (), "2026-11-23 13:00"),
        ("manager", (MARCELA,), "2026-11-23 13:30"),
    ]


def test_without_promises_nothing_is_planned_in_the_office() -> None:
    route = ask(OPEN, targets={})

    assert (dict(route.due), route.ladder) == ({}, ())


# --- the form


@pytest.mark.parametrize(
    ("need", "impact", "request_type", "affected"),
    [
        pytest.param("failure", "stopped", "system_down", True, id="Algo falla + Sí, está detenida"),
        pytest.param("failure", "none", "operational_question", False, id="Algo falla + No"),
        pytest.param("failure", "partial", "operational_question", True, id="Algo falla + En parte"),
        pytest.param("question", "stopped", "operational_question", True, id="Duda + Sí"),
        pytest.param("question", "partial", "operational_question", True, id="Duda + En parte"),
        pytest.param("question", "none", "usage_guidance", False, id="Duda + No"),
        pytest.param("installation", "none", "installation", False, id="anything else is itself"),
        pytest.param("training", "partial", "training", True, id="and may affect"),
    ],
)
def test_what_the_form_means(need: str, impact: str, request_type: str, affected: bool) -> None:
    answer = routing.form_answer(need, impact)

    assert (answer.request_type, answer.affects_operation, answer.impact) == (request_type, affected, impact)


def test_the_form_knows_three_impacts() -> None:
    with pytest.raises(ValueError, match="impact"):
        routing.form_answer("failure", "a bit")
