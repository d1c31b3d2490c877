"""Contract, section 1: every verb from every state by everybody, 200, 403, 404 or 409 as the table says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from django.db import transaction

from desks import actions as desk_actions
from desks.models import Desk, Membership
from tests.contract.conftest import Clock
from tests.contract.world import NIGHT_AT, OPEN_AT, OUTAGE, SATURDAY_AT, World, is_problem, names_field

OPEN: Final = ("new", "assigned", "in_progress", "waiting_client", "waiting_third_party", "scheduled", "deferred")
STATES: Final = (*OPEN, "resolved", "closed", "cancelled", "merged")
BOOKED: Final = (OPEN_AT + timedelta(hours=1)).isoformat()

# `karla` has the ticket, `ivan` is a consultant of the desk like her, `client` has asked.
CONSULTANTS: Final = frozenset({"karla", "ivan", "supervisor", "manager", "admin"})
HOLDERS: Final = CONSULTANTS - {"ivan"}
ABOVE: Final = HOLDERS - {"karla"}
CLIENT: Final = frozenset({"client"})
STRANGERS: Final = ("other_client", "sales", "fac_manager", "fac_consultant", "fac_client")

# verb -> body, who may, from where, to where (None: as it was, or as the lane says)
Rule = tuple[dict[str, Any], frozenset[str], tuple[str, ...], str | None]
RULES: Final[dict[str, Rule]] = {
    "take": ({}, CONSULTANTS, ("new", "assigned", "deferred"), "in_progress"),
    "assign": ({"assignee": "ivan", "reason": "Conoce el caso."}, HOLDERS, OPEN, "assigned"),
    "wait": ({"reason": "Falta su constancia."}, HOLDERS, ("in_progress",), "waiting_client"),
    "wait-third-party": ({"reason": "Cayó.", "who": "El PAC"}, HOLDERS, ("in_progress",), "waiting_third_party"),
    "resume": ({}, HOLDERS, ("waiting_client", "waiting_third_party"), "in_progress"),
    "begin": ({}, HOLDERS, ("scheduled",), "in_progress"),
    "defer": ({"reason": "No detiene."}, CONSULTANTS, ("new", "assigned", "in_progress"), "deferred"),
    "contest": ({"reason": "No puedo esperar."}, CLIENT, ("deferred",), None),
    "schedule": ({"method": "remote", "starts_at": BOOKED, "minutes": 30}, HOLDERS | CLIENT, OPEN, "scheduled"),
    "reclassify": (
        {"request_type": "training", "affects_operation": False, "reason": "Es un curso."},
        CONSULTANTS,
        OPEN,
        None,
    ),
    "escalate": ({"reason": "No puedo resolverlo."}, HOLDERS | CLIENT, OPEN, None),
    "resolve": ({"solution": "Se actualizó el código postal del receptor."}, HOLDERS, OPEN, "resolved"),
    "confirm": ({}, CLIENT, ("resolved",), "closed"),
    "reopen": ({"reason": "Volvió a fallar."}, CLIENT, ("resolved",), "in_progress"),
    "close": ({"reason": "Lo dijo por teléfono."}, ABOVE, ("resolved",), "closed"),
    "cancel": ({"reason": "Ya no hace falta."}, ABOVE | CLIENT, OPEN, "cancelled"),
    "merge": ({"into": "other"}, CONSULTANTS, OPEN, "merged"),
    "unmerge": ({}, CONSULTANTS, ("merged",), "in_progress"),
}


def nobody_available(world: World) -> None:
    """Let every consultant be away, so that the next ticket waits in the line."""
    Membership.objects.filter(desk__slug="invoice-mx").update(availability="away")
    desk_actions.touch(Desk.objects.get(slug="invoice-mx"))


def in_state(world: World, state: str) -> str:
    """A ticket of the client's in that state, by calls alone but for `new`; karla has it where somebody does."""
    if state == "new":
        nobody_available(world)
        return str(world.client.file()["number"])
    number = str(world.client.file()["number"])
    steps: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
        "assigned": [],
        "in_progress": [],
        "waiting_client": [("karla", "wait", {"reason": "Falta su constancia."})],
        "waiting_third_party": [("karla", "wait-third-party", {"reason": "Cayó.", "who": "El PAC"})],
        "scheduled": [("karla", "schedule", {"method": "phone", "starts_at": BOOKED, "minutes": 15})],
        "deferred": [("karla", "defer", {"reason": "No detiene."})],
        "resolved": [("karla", "resolve", {"solution": "Se corrigió el código postal."})],
        "closed": [("karla", "resolve", {"solution": "Se corrigió el código postal."}), ("client", "confirm", {})],
        "cancelled": [("supervisor", "cancel", {"reason": "Repetido."})],
        "merged": [("karla", "merge", {"into": world.client.file()["number"]})],
    }
    world.supervisor.must(number, "assign", assignee=world.users["karla"].pk)
    if state != "assigned":
        world.karla.must(number, "take")
    for who, verb, body in steps[state]:
        getattr(world, who).must(number, verb, **body)
    return number


def tries(world: World, number: str, verb: str, other: str, roles: list[str]) -> Iterator[tuple[str, Any, Any]]:
    """Use the verb as each of them, always from the same start; yield role, answer, and the ticket where it worked."""
    body = dict(RULES[verb][0])
    if body.get("assignee"):
        body["assignee"] = world.users["ivan"].pk
    if body.get("into"):
        body["into"] = other
    for role in roles:
        with transaction.atomic():
            answer = getattr(world, role).use(number, verb, **body)
            worked = answer.status_code == 200
            yield role, answer, world.manager.ask(f"tickets/{number}/").json() if worked else None
            transaction.set_rollback(True)


def faults(world: World, state: str, roles_of: Callable[[str], list[str]]) -> Iterator[str]:
    """Everything in which one state differs from the table."""
    other, number = str(world.client.file()["number"]), in_state(world, state)
    before = world.manager.ask(f"tickets/{number}/").json()
    assert before["status"] == state
    for verb, (_body, allowed, sources, target) in RULES.items():
        may = allowed
        if (
            not before["assignee"] and allowed != CONSULTANTS
        ):  # nobody has it: any consultant may put it on their own desk
            may = (allowed - {"karla"}) | ({"ivan"} if verb == "assign" else set())
        for role, answer, after in tries(world, number, verb, other, roles_of(verb)):
            text = f"{state} {verb} {role}: {answer.status_code} {answer.content.decode()[:200]}"
            wanted = 404 if role in STRANGERS else 403 if role not in may else 200 if state in sources else 409
            if answer.status_code != wanted:
                yield f"{text}, not {wanted}"
            elif wanted == 200:
                want = target or (state if state != "deferred" or verb == "escalate" else after["status"])
                if not answer.json()["status"] == after["status"] == want:
                    yield f"{text}: not {want}"
                if answer.json()["version"] <= before["version"]:
                    yield f"{text}: the version stands still"
            else:
                body = is_problem(answer, wanted)
                if wanted == 409 and body.get("state") != state:
                    yield f"{text}: no state"
    if world.manager.ask(f"tickets/{number}/").json() != before:
        yield f"{state}: a refusal changed something"


def _least(verb: str) -> list[str]:
    """The least of those who may: where they get through, those above do."""
    may = RULES[verb][1]
    staff = next((name for name in ("ivan", "karla", "supervisor") if name in may), None)
    return [name for name in (staff, "client" if "client" in may else None) if name]


@pytest.mark.parametrize("state", STATES)
def test_the_table(world: World, state: str) -> None:
    wrong = list(faults(world, state, _least))
    assert not wrong, "\n".join(wrong)


def test_who_may(world: World) -> None:
    wrong = list(faults(world, "in_progress", lambda _verb: ["karla", "ivan", "supervisor", "client"]))
    assert not wrong, "\n".join(wrong)


@pytest.mark.drill
@pytest.mark.parametrize("state", STATES)
def test_the_table_for_everybody(world: World, state: str) -> None:
    everybody = [*sorted(CONSULTANTS), "client", *STRANGERS]
    wrong = list(faults(world, state, lambda _verb: everybody))
    assert not wrong, "\n".join(wrong)


def test_strangers_find_nothing_and_the_unknown_sign_in(world: World) -> None:
    number = in_state(world, "in_progress")
    for verb in [*RULES, "acknowledge"]:
        is_problem(world.other_client.use(number, verb), 404)
        is_problem(world.fac_consultant.use(number, verb), 404)
        is_problem(world.anonymous.use(number, verb), 401)
    for role in STRANGERS:
        is_problem(getattr(world, role).use(number, "take"), 404)
    is_problem(world.karla.use("IMX-999999", "take"), 404)
    is_problem(world.karla.use(number, "explode"), 404)
    response = world.karla.ask(f"tickets/{number}/take/")
    is_problem(response, 405)


# ------------------------------------------------------------------ verbs with more to them


def test_of_two_the_second_reads_who_has_it(world: World) -> None:
    number = str(world.client.file()["number"])
    world.karla.must(number, "take")
    for who in ("ivan", "supervisor", "manager"):
        body = is_problem(getattr(world, who).use(number, "take"), 409)
        assert body["code"] == "already_taken"
        assert body["assignee"] == world.person("karla")
        assert body["state"] == "in_progress"


def test_taking_makes_it_mine(world: World) -> None:
    number = in_state(world, "assigned")
    taken = world.ivan.must(number, "take")
    assert (taken["status"], taken["assignee"]) == ("in_progress", world.person("ivan"))


def test_acknowledge_stops_a_running_ladder(world: World, at: Clock) -> None:
    at(NIGHT_AT)
    ticket = world.client.file(**OUTAGE)
    number, on_call = ticket["number"], ticket["assignee"]["name"]
    told = {"Iván Rentería": "ivan"}[on_call]
    is_problem(world.karla.use(number, "acknowledge"), 403)  # nobody has told her
    is_problem(world.client.use(number, "acknowledge"), 403)
    after = getattr(world, told).must(number, "acknowledge")
    assert after["status"] == ticket["status"]
    is_problem(world.supervisor.use(number, "acknowledge"), 409)


def test_the_supervisor_may_acknowledge_too(world: World, at: Clock) -> None:
    at(NIGHT_AT)
    number = world.client.file(**OUTAGE)["number"]
    world.supervisor.must(number, "acknowledge")


def test_what_affects_operation_cannot_be_deferred(world: World) -> None:
    number = world.client.file(**OUTAGE)["number"]
    body = is_problem(world.karla.use(number, "defer", reason="Mañana."), 409)
    assert "state" in body


def test_contest_once(world: World, at: Clock) -> None:
    at(SATURDAY_AT)
    ticket = world.client.file()
    assert (ticket["status"], ticket["lane"]) == ("deferred", "deferred")
    after = world.client.must(ticket["number"], "contest", reason="Ya no podemos facturar.")
    assert after["lane"] == "on_call"
    again = is_problem(world.client.use(ticket["number"], "contest", reason="Otra vez."), 409)
    assert "state" in again


def test_every_conflict_says_where_the_ticket_stands(world: World, at: Clock) -> None:
    at(NIGHT_AT)
    waiting = world.fac_client.file(desk="facturando")["number"]
    nobody_on_call = is_problem(world.fac_client.use(waiting, "contest", reason="Ya."), 409)
    assert (nobody_on_call["code"], nobody_on_call["state"]) == ("no_on_call", "deferred")
    at(OPEN_AT)
    first, second = in_state(world, "scheduled"), in_state(world, "in_progress")
    body = {"method": "phone", "starts_at": BOOKED, "minutes": 15}
    booked = is_problem(world.karla.use(second, "schedule", **body), 409)
    assert (booked["code"], booked["state"]) == ("double_booking", "in_progress")
    world.karla.must(first, "merge", into=second)
    chained = is_problem(world.karla.use(second, "merge", into=world.client.file()["number"]), 409)
    assert (chained["code"], chained["state"]) == ("merge_chain", "in_progress")


def test_reclassify_reckons_anew(world: World) -> None:
    number = in_state(world, "in_progress")
    after = world.ivan.must(
        number, "reclassify", request_type="operational_question", affects_operation=True, reason="Está detenida."
    )
    assert (after["priority"], after["lane"], after["affects_operation"]) == ("high", "office", True)
    assert after["resolution_due"] == (OPEN_AT + timedelta(hours=8)).isoformat()
    down = world.ivan.must(number, "reclassify", request_type="system_down", affects_operation=False, reason="Caído.")
    assert (down["priority"], down["affects_operation"]) == ("critical", True)


def test_reclassify_at_night_moves_the_lane(world: World, at: Clock) -> None:
    at(NIGHT_AT)
    number = world.client.file()["number"]
    after = world.ivan.must(number, "reclassify", request_type="system_down", affects_operation=True, reason="Caído.")
    assert (after["lane"], after["priority"]) == ("on_call", "critical")
    back = world.ivan.must(number, "reclassify", request_type="training", affects_operation=False, reason="No.")
    assert (back["lane"], back["status"], back["priority"]) == ("deferred", "deferred", "low")
    assert back["starts_at"] == "2026-11-18T09:00:00-06:00"
    is_problem(world.supervisor.use(number, "acknowledge"), 409)  # nobody is climbing any more


def test_who_works_at_night_keeps_what_does_not_affect(world: World, at: Clock) -> None:
    at(NIGHT_AT)
    number = world.client.file(**OUTAGE)["number"]
    world.ivan.must(number, "take")
    after = world.ivan.must(number, "reclassify", request_type="training", affects_operation=False, reason="No.")
    assert (after["status"], after["lane"], after["assignee"]) == ("in_progress", "deferred", world.person("ivan"))


def test_merge_one_level_and_back(world: World) -> None:
    first, second, third = (str(world.client.file()["number"]) for _ in range(3))
    merged = world.karla.must(first, "merge", into=second)
    assert (merged["status"], merged["merged_into"]) == ("merged", second)
    assert world.client.ask(f"tickets/{first}/").json()["merged_into"] == second
    is_problem(world.karla.use(third, "merge", into=first), 409)
    is_problem(world.karla.use(second, "merge", into=third), 409)
    names_field(world.karla.use(third, "merge", into=third), "into")
    names_field(world.karla.use(third, "merge", into="IMX-99999"), "into")
    back = world.karla.must(first, "unmerge")
    assert (back["status"], back["merged_into"]) == ("assigned", None)


def test_silence_and_confirmation_close(world: World) -> None:
    number = in_state(world, "resolved")
    shown = world.client.ask(f"tickets/{number}/").json()
    assert shown["next_step"]["code"] == "client_confirms"
    closed = world.client.must(number, "confirm")
    assert (closed["status"], closed["next_step"]) == ("closed", None)


def test_reopening_gives_it_back_to_who_had_it(world: World) -> None:
    number = in_state(world, "resolved")
    again = world.client.must(number, "reopen", reason="Sigue igual.")
    assert (again["status"], again["assignee"]) == ("in_progress", world.person("karla"))


def test_the_client_escalates_but_not_for_ever(world: World) -> None:
    number = in_state(world, "in_progress")
    answers = [world.client.use(number, "escalate", reason="Urge.").status_code for _ in range(8)]
    assert answers[0] == 200
    assert answers[-1] in {409, 429}
    assert set(answers) <= {200, 409, 429}
    last = world.client.use(number, "escalate", reason="Urge.")
    if last.status_code == 429:
        assert int(last["Retry-After"]) > 0


BAD_BODIES: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("assign", "assignee", {}),
    ("assign", "assignee", {"assignee": None}),
    ("assign", "assignee", {"assignee": "karla"}),
    ("assign", "assignee", {"assignee": [1]}),
    ("assign", "assignee", {"assignee": True}),
    ("assign", "assignee", {"assignee": 10**30}),
    ("assign", "assignee", {"assignee": -1}),
    ("assign", "assignee", {"assignee": 0}),
    ("wait", "reason", {}),
    ("wait", "reason", {"reason": ""}),
    ("wait", "reason", {"reason": "   "}),
    ("wait", "reason", {"reason": 5}),
    ("wait", "reason", {"reason": ["x"]}),
    ("wait", "reason", {"reason": "x" * 10_000}),
    ("wait", "reason", {"reason": "nul\x00"}),
    ("wait-third-party", "reason", {"who": "PAC"}),
    ("wait-third-party", "who", {"reason": "x"}),
    ("wait-third-party", "who", {"reason": "x", "who": " "}),
    ("defer", "reason", {}),
    ("escalate", "reason", {}),
    ("schedule", "method", {"starts_at": BOOKED, "minutes": 30}),
    ("schedule", "method", {"method": "fax", "starts_at": BOOKED, "minutes": 30}),
    ("schedule", "starts_at", {"method": "remote", "minutes": 30}),
    ("schedule", "starts_at", {"method": "remote", "starts_at": "2026-11-17T12:00:00", "minutes": 30}),
    ("schedule", "starts_at", {"method": "remote", "starts_at": "2020-01-01T12:00:00Z", "minutes": 30}),
    ("schedule", "starts_at", {"method": "remote", "starts_at": "9999-12-31T23:59:59Z", "minutes": 30}),
    ("schedule", "minutes", {"method": "remote", "starts_at": BOOKED}),
    ("schedule", "minutes", {"method": "remote", "starts_at": BOOKED, "minutes": 0}),
    ("schedule", "minutes", {"method": "remote", "starts_at": BOOKED, "minutes": -30}),
    ("schedule", "minutes", {"method": "remote", "starts_at": BOOKED, "minutes": 10**20}),
    ("schedule", "minutes", {"method": "remote", "starts_at": BOOKED, "minutes": "30"}),
    ("reclassify", "request_type", {"affects_operation": True, "reason": "x"}),
    ("reclassify", "request_type", {"request_type": "x", "affects_operation": True, "reason": "x"}),
    ("reclassify", "affects_operation", {"request_type": "training", "reason": "x"}),
    ("reclassify", "affects_operation", {"request_type": "training", "affects_operation": "true", "reason": "x"}),
    ("reclassify", "reason", {"request_type": "training", "affects_operation": True}),
    ("resolve", "solution", {}),
    ("resolve", "solution", {"solution": ""}),
    ("resolve", "solution", {"solution": 5}),
    ("resolve", "solution", {"solution": "x" * 1_000_000}),
    ("merge", "into", {}),
    ("merge", "into", {"into": ""}),
    ("merge", "into", {"into": 5}),
]


def test_a_wrong_body_names_its_field(world: World) -> None:
    number = in_state(world, "in_progress")
    before = world.karla.ask(f"tickets/{number}/").json()
    for verb, field, body in BAD_BODIES:
        names_field(world.karla.use(number, verb, **body), field)
    for raw in ([], "x", 5, None, [1]):
        response = world.karla.post(f"/api/v1/tickets/{number}/wait/", raw, format="json")
        is_problem(response, 400)
    assert world.karla.ask(f"tickets/{number}/").json() == before


def test_an_appointment_in_a_place_needs_the_office_open(world: World) -> None:
    number = in_state(world, "in_progress")
    night = NIGHT_AT.isoformat()
    names_field(world.karla.use(number, "schedule", method="on_site", starts_at=night, minutes=30), "starts_at")
