"""Contract, section 4: lane, priority, clocks and ladders through `POST desks/{slug}/route/`, reckoned once more."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.contract.slow_calendar import SlowCalendar, whole_utc_days
from tests.contract.world import LUNCH_AT, MEXICO, NIGHT_AT, OPEN_AT, ROOT, Caller, World, is_problem, names_field

TABLE: Final = {
    "system_down": ("critical", "critical"),
    "operational_question": ("normal", "high"),
    "usage_guidance": ("normal", "high"),
    "remote_configuration": ("normal", "high"),
    "installation": ("normal", "high"),
    "unsure": ("normal", "high"),
    "customization": ("low", "high"),
    "training": ("low", "high"),
    "new_project": ("low", "low"),
}
# first response, solution; around the clock where the desk has a rota
TARGETS: Final = {
    "critical": (15, 4 * 60, True),
    "high": (30, 8 * 60, True),
    "normal": (4 * 60, 16 * 60, False),
    "low": (8 * 60, 5 * 8 * 60, False),
}
DESKS: Final = {"invoice-mx": ("oficina", True, "ana"), "facturando": ("chat", False, "fac_consultant")}
FIRST: Final = date(2026, 11, 10)

INSTANTS: Final = [
    datetime(2026, 11, day, hour, minute, second, tzinfo=MEXICO)
    for day, hour, minute, second in (
        (17, 9, 0, 0),  # at the opening
        (17, 8, 59, 59),
        (17, 13, 55, 0),
        (17, 14, 0, 0),  # at the closing
        (17, 14, 30, 0),  # lunch at both
        (17, 18, 30, 30),  # one has just closed
        (14, 10, 0, 0),  # Saturday morning
        (16, 11, 0, 0),  # a holiday
        (20, 18, 59, 0),  # Friday, the last minute
    )
]


def calendar(slug: str) -> SlowCalendar:
    """The office calendar of a desk, read from its file and walked."""
    desk = yaml.safe_load(Path(ROOT / "desks" / "data" / f"{slug}.yaml").read_text("utf-8"))
    body = next(row for row in desk["calendars"] if row["slug"] == DESKS[slug][0])
    return SlowCalendar({"timezone": "America/Mexico_City", **body}, *whole_utc_days(FIRST, 26))


def on_call(at: datetime) -> str:
    """Who has the week: it turns on Monday at 09:00, from 1 January 2024 on."""
    weeks = (at - datetime(2024, 1, 1, 9, tzinfo=MEXICO)) // timedelta(weeks=1)
    return ["ana", "karla", "ivan", "bruno"][weeks % 4]


class Expected:
    """What section 4 says about a request."""

    def __init__(self, model: SlowCalendar, has_rota: bool, at: datetime, request_type: str, affected: bool) -> None:
        affected = affected or request_type == "system_down"
        self.model, self.has_rota = model, has_rota
        self.open = model.is_open(at.astimezone(UTC))
        self.priority = TABLE[request_type][affected]
        if self.open:
            self.lane = "office"
        elif affected and has_rota and request_type != "new_project":
            self.lane = "on_call"
        else:
            self.lane = "deferred"
        self.starts_at = at if self.lane != "deferred" else model.next_change(at.astimezone(UTC), to_open=True)
        self.response, self.solution, self.around = TARGETS[self.priority]

    def after(self, minutes: float) -> datetime | None:
        assert self.starts_at is not None
        if self.around and self.has_rota:
            return self.starts_at + timedelta(minutes=minutes)
        return self.model.add(self.starts_at.astimezone(UTC), minutes)


def route(caller: Caller, slug: str, at: datetime, request_type: str, affected: bool, **more: Any) -> dict[str, Any]:
    body = {"at": at.isoformat(), "request_type": request_type, "affects_operation": affected, **more}
    response = caller.send(f"desks/{slug}/route/", body)
    assert response.status_code == 200, response.content.decode()
    return dict(response.json())


def told(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@pytest.mark.parametrize("slug", list(DESKS))
def test_every_type_at_every_hour(world: World, slug: str) -> None:
    model, (_calendar, has_rota, who) = calendar(slug), DESKS[slug]
    caller = getattr(world, who)
    wrong = []
    for at in INSTANTS:
        for request_type in TABLE:
            for affected in (False, True):
                expected = Expected(model, has_rota, at, request_type, affected)
                found = route(caller, slug, at, request_type, affected)
                seen = (
                    found["lane"],
                    found["open"],
                    found["priority"],
                    told(found["starts_at"]),
                    told(found["first_response_due"]),
                    told(found["resolution_due"]),
                )
                wanted = (
                    expected.lane,
                    expected.open,
                    expected.priority,
                    expected.starts_at,
                    expected.after(expected.response),
                    expected.after(expected.solution),
                )
                if seen != wanted:
                    wrong.append(f"{at} {request_type} {affected}: {seen} but {wanted}")
                if (found["on_call"] is not None) != (expected.lane == "on_call"):
                    wrong.append(f"{at} {request_type} {affected}: on_call {found['on_call']}")
    assert not wrong, "\n".join(wrong[:10])


def test_the_answer_has_every_part(world: World) -> None:
    found = route(world.ana, "invoice-mx", NIGHT_AT, "system_down", True)
    assert found.keys() >= {
        "lane",
        "open",
        "on_call",
        "starts_at",
        "priority",
        "first_response_due",
        "ladder",
        "why",
    }
    assert all(rung.keys() >= {"step", "who", "at"} for rung in found["ladder"])
    assert found["on_call"].keys() == {"id", "name", "kind"}
    assert isinstance(found["why"], list)
    assert found["why"]


@pytest.mark.parametrize("weeks", range(4))
def test_the_ladder_of_the_night(world: World, weeks: int) -> None:
    at = datetime(2026, 11, 17, 23, 10, tzinfo=MEXICO) + timedelta(weeks=weeks)
    found = route(world.ana, "invoice-mx", at, "operational_question", True)
    names = {"ana": "Ana Lozano", "karla": "Karla Jiménez", "ivan": "Iván Rentería", "bruno": "Bruno Ortega"}
    first = names[on_call(at)]

    def minute(rung: dict[str, Any]) -> float:
        return (datetime.fromisoformat(rung["at"]) - at) / timedelta(minutes=1)

    rungs = [(rung["step"], rung["who"]["name"], minute(rung)) for rung in found["ladder"]]
    climb, rest = rungs[:10], rungs[10:]
    assert found["on_call"]["name"] == first
    assert climb == [
        (1, first, 0),
        (2, "Elena Robles", 10),
        *((3, "Marcela Ibarra", 20 + 15 * n) for n in range(8)),
    ]
    assert {name for _step, name, _at in rest} == {*names.values(), "Saúl Garduño", "Paola Nava"} - {first}
    assert {(step, after) for step, _name, after in rest} == {(4, 140)}


@pytest.mark.parametrize("slug", list(DESKS))
def test_the_ladder_of_office_hours(world: World, slug: str) -> None:
    model, (_calendar, has_rota, who) = calendar(slug), DESKS[slug]
    manager = {"invoice-mx": "Marcela Ibarra", "facturando": "Héctor Villaseñor"}[slug]
    for at, request_type, affected in (
        (OPEN_AT, "system_down", True),
        (OPEN_AT, "operational_question", True),
        (OPEN_AT, "usage_guidance", False),
        (OPEN_AT, "training", False),
        (LUNCH_AT, "usage_guidance", False),
    ):
        expected = Expected(model, has_rota, at, request_type, affected)
        ladder = route(getattr(world, who), slug, at, request_type, affected)["ladder"]
        assert [(rung["step"], told(rung["at"])) for rung in ladder] == [
            (1, expected.after(expected.response * 0.8)),
            (2, expected.after(expected.response)),
            (3, expected.after(expected.response + 30)),
        ], (at, request_type)
        assert [rung["who"] and rung["who"]["name"] for rung in ladder][2] == manager


def test_instants_carry_the_offset_of_the_desk(world: World) -> None:
    """Also those inside the reasons."""
    at = NIGHT_AT.astimezone(UTC)
    response = world.ana.send(
        "desks/invoice-mx/route/",
        {"at": at.isoformat(), "request_type": "usage_guidance", "affects_operation": False},
    )
    assert "+00:00" not in response.content.decode()
    assert response.json()["starts_at"] == "2026-11-18T09:00:00-06:00"


def test_who_may_ask(world: World) -> None:
    body = {"at": OPEN_AT.isoformat(), "request_type": "training", "affects_operation": False}
    for name in ("ana", "supervisor", "manager", "admin"):
        assert getattr(world, name).send("desks/invoice-mx/route/", body).status_code == 200, name
    for name in ("fac_consultant", "fac_manager", "fac_client"):
        is_problem(getattr(world, name).send("desks/invoice-mx/route/", body), 404)
    is_problem(world.client.send("desks/invoice-mx/route/", body), 403)
    is_problem(world.anonymous.send("desks/invoice-mx/route/", body), 401)
    is_problem(world.ana.send("desks/no-hay/route/", body), 404)


def test_wrong_questions_name_the_field(world: World) -> None:
    body = {"at": OPEN_AT.isoformat(), "request_type": "training", "affects_operation": False}
    wrong: dict[str, list[Any]] = {
        "at": [None, "", "ayer", "2026-11-17T10:00:00", 5, "9999-12-31T23:59:59Z", [], {}],
        "request_type": [None, "", "broken", 5, [], {"a": 1}, "x" * 10_000],
        "affects_operation": [None, "", "true", "yes", 1, 0, [], {}],
        "client_rfc": ["XX", 5, [], "A" * 10_000],
        "channel": ["fax", 5, []],
    }
    for field, values in wrong.items():
        for value in values:
            names_field(world.ana.send("desks/invoice-mx/route/", {**body, field: value}), field)
    for field in ("at", "request_type", "affects_operation"):
        names_field(world.ana.send("desks/invoice-mx/route/", {k: v for k, v in body.items() if k != field}), field)


def test_it_changes_nothing(world: World) -> None:
    body = {"at": NIGHT_AT.isoformat(), "request_type": "system_down", "affects_operation": True}
    before = world.ana.ask("tickets/").json()
    first = world.ana.send("desks/invoice-mx/route/", body).json()
    assert world.ana.send("desks/invoice-mx/route/", body).json() == first
    assert world.ana.ask("tickets/").json() == before


def test_filing_agrees_with_the_answer(world: World, at: Any) -> None:
    for moment in (OPEN_AT, LUNCH_AT, NIGHT_AT):
        at(moment)
        for request_type, affected in (("system_down", True), ("usage_guidance", False), ("training", True)):
            planned = route(world.ana, "invoice-mx", moment, request_type, affected)
            ticket = world.client.file(request_type=request_type, affects_operation=affected)
            assert {name: ticket[name] for name in ("lane", "priority", "starts_at", "first_response_due")} == {
                name: planned[name] for name in ("lane", "priority", "starts_at", "first_response_due")
            }
            if planned["lane"] == "on_call":
                assert ticket["assignee"] == planned["on_call"]


def test_who_is_on_call_week_by_week(world: World) -> None:
    names = {"ana": "Ana Lozano", "karla": "Karla Jiménez", "ivan": "Iván Rentería", "bruno": "Bruno Ortega"}
    for week in range(9):
        for hours in (0, 20, 60):
            at = datetime(2026, 10, 5, 20, 0, tzinfo=MEXICO) + timedelta(weeks=week, hours=hours)
            found = world.ana.ask("rotas/guardia/on-call/", at=at.isoformat()).json()
            if found["user"] is None:
                continue  # the office attends
            assert found["user"]["name"] == names[on_call(at)], at
            start, end = (datetime.fromisoformat(found["shift"][side]) for side in ("start", "end"))
            assert start <= at < end
            assert found["override"] is False
            assert datetime.fromisoformat(found["next"]["shift"]["start"]) >= end
    office = world.ana.ask("rotas/guardia/on-call/", at=OPEN_AT.isoformat()).json()
    assert office["user"] is None
    assert office["next"]["shift"]["start"] == LUNCH_AT.replace(hour=14, minute=0).isoformat()


def test_the_rota_is_for_members(world: World) -> None:
    for name in ("fac_consultant", "client", "fac_client"):
        is_problem(getattr(world, name).ask("rotas/guardia/on-call/"), 404)
    is_problem(world.anonymous.ask("rotas/guardia/on-call/"), 401)
    is_problem(world.ana.ask("rotas/no-hay/on-call/"), 404)
    for bad in ("2026-11-17T10:00:00", "hoy", "9999-12-31T23:59:59Z"):
        names_field(world.ana.ask("rotas/guardia/on-call/", at=bad), "at")
