"""The agenda by the API: slots, appointments with their verbs, attentions, prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from desks.models import Desk, Plan
from tests.factories import OFFICE, Cast
from tests.tickets.conftest import Caller, Clock
from tickets.models import Appointment, Ticket

STARTS: str = "2026-11-18T10:00:00-06:00"
START = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Case:
    """A ticket that Ada has taken, with its appointment, and who calls."""

    def __init__(self, cast: Cast, caller: Caller) -> None:
        self.ada, self.rosa, self.bruno = caller(cast.ada), caller(cast.rosa), caller(cast.bruno)
        self.root = f"/api/v1/tickets/{cast.ticket().number}/"
        assert self.ada.post(f"{self.root}take/").status_code == 200

    def book(self, by: APIClient | None = None, **changes: Any) -> Any:
        body = {"method": "remote", "starts_at": STARTS, "minutes": 30, **changes}
        return (by or self.ada).post(f"{self.root}schedule/", body, format="json")

    def use(self, by: APIClient, verb: str, **body: Any) -> Any:
        pk = Appointment.objects.latest("id").pk
        return by.post(f"{self.root}appointments/{pk}/{verb}/", body, format="json")


@pytest.fixture
def case(cast: Cast, caller: Caller) -> Case:
    return Case(cast, caller)


def test_slots_are_proposed_to_both(case: Case) -> None:
    for who in (case.ada, case.rosa):
        answer = who.get(f"{case.root}slots/", {"method": "remote", "minutes": "60"}).json()
        assert (answer["method"], answer["minutes"], answer["price"]) == ("remote", 60, None)
        assert answer["slots"][0] == {
            "starts_at": "2026-11-17T13:00:00-06:00",
            "ends_at": "2026-11-17T14:00:00-06:00",
        }
    first = answer["slots"][0]["starts_at"]
    assert case.book(case.rosa, starts_at=first, minutes=60).status_code == 200


@pytest.mark.parametrize(
    "query", [{}, {"method": "fax"}, {"method": "remote", "minutes": "4"}, {"method": "remote", "minutes": "²"}]
)
def test_a_wrong_question_is_a_problem(case: Case, query: dict[str, str]) -> None:
    answer = case.ada.get(f"{case.root}slots/", query)

    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_the_way_of_an_appointment(case: Case, at: Clock) -> None:
    assert case.book(place="https://meet.invoicemx.example/1").status_code == 200
    assert case.use(case.rosa, "confirm").status_code == 200
    assert case.use(case.ada, "confirm").status_code == 403
    moved = case.use(case.rosa, "move", starts_at="2026-11-18T11:00:00-06:00")
    assert moved.json()["appointment"] == {
        "method": "remote",
        "starts_at": "2026-11-18T11:00:00-06:00",
        "ends_at": "2026-11-18T11:30:00-06:00",
    }
    (row,) = case.rosa.get(f"{case.root}appointments/").json()
    assert (row["state"], row["sequence"], row["served_until"]) == ("booked", 1, "2026-11-18T11:10:00-06:00")
    assert row["place"] == "https://meet.invoicemx.example/1"

    at(START + timedelta(hours=1))
    assert case.use(case.rosa, "attend").status_code == 403
    assert case.use(case.bruno, "attend").status_code == 403
    early = case.use(case.ada, "no-show")
    assert (early.status_code, early.json()["code"]) == (409, "within_tolerance")
    assert case.use(case.ada, "attend").json()["status"] == "in_progress"
    at(START + timedelta(hours=1, minutes=12))
    ended = case.use(case.ada, "finish", outcome="resolved", note="Se instaló la 4.2.8.")
    assert ended.json()["status"] == "resolved"

    (done,) = case.rosa.get(f"{case.root}attentions/").json()
    assert (done["started_at"], done["ended_at"]) == ("2026-11-18T11:00:00-06:00", "2026-11-18T11:12:00-06:00")
    assert (done["method"], done["outcome"], done["cost"], done["appointment"]) == (
        "remote",
        "resolved",
        None,
        row["id"],
    )
    over = case.use(case.ada, "finish", outcome="continues")
    assert (over.status_code, over.json()["code"], over.json()["appointment_state"]) == (
        409,
        "appointment_state",
        "done",
    )


def test_cancelling_by_the_client(case: Case) -> None:
    case.book()

    answer = case.use(case.rosa, "cancel", reason="Ya no hace falta.")

    assert (answer.status_code, answer.json()["status"], answer.json()["appointment"]) == (200, "in_progress", None)


def test_too_late_is_a_conflict_with_a_stable_code(case: Case, at: Clock) -> None:
    case.book()
    at(START + 10 * MINUTE + timedelta(seconds=1))

    answer = case.use(case.ada, "attend")

    assert (answer.status_code, answer.json()["code"]) == (409, "appointment_released")
    assert case.use(case.ada, "no-show").json()["status"] == "waiting_client"


def test_an_appointment_of_another_ticket_is_not_there(case: Case, cast: Cast) -> None:
    case.book()
    other = cast.ticket()
    pk = Appointment.objects.get().pk

    assert case.ada.post(f"/api/v1/tickets/{other.number}/appointments/{pk}/attend/").status_code == 404


def test_an_attention_is_written_down(case: Case) -> None:
    body = {
        "method": "phone",
        "started_at": (OFFICE - 30 * MINUTE).isoformat(),
        "ended_at": (OFFICE - 18 * MINUTE).isoformat(),
        "outcome": "continues",
        "note": "Quedó de mandar el XML.",
    }

    answer = case.bruno.post(f"{case.root}attentions/", body, format="json")

    assert answer.status_code == 201
    assert answer.json()["consultant"]["name"] == "Bruno Ortega"
    assert case.rosa.post(f"{case.root}attentions/", body, format="json").status_code == 403
    wrong = case.ada.post(
        f"{case.root}attentions/", {**body, "ended_at": body["started_at"], "outcome": "x"}, format="json"
    )
    assert [error["field"] for error in wrong.json()["errors"]] == ["outcome"]


def test_a_price_is_asked_answered_and_kept(case: Case, cast: Cast, at: Clock) -> None:
    Plan.objects.create(desk=cast.desk, slug="lista", name="Lista", extra_prices={"remote": "350.00"})
    Desk.objects.filter(pk=cast.desk.pk).update(config_version=99)
    case.book()
    at(START)
    refused = case.use(case.ada, "attend").json()
    assert (refused["code"], refused["price"], refused["method"]) == ("price_not_accepted", "350.00", "remote")

    asked = case.ada.post(f"{case.root}prices/", {"method": "remote"}, format="json")
    assert (asked.status_code, asked.json()["accepted"]) == (201, None)
    assert case.rosa.post(f"{case.root}prices/", {"method": "remote"}, format="json").status_code == 403
    address = f"{case.root}prices/{asked.json()['id']}/answer/"
    untold = case.ada.post(address, {"accepted": True}, format="json")
    assert [error["field"] for error in untold.json()["errors"]] == ["told_by"]
    said = case.rosa.post(address, {"accepted": True}, format="json").json()
    assert (said["accepted"], said["via"], said["answered_by"]) == (True, "account", "Rosa Medina")
    assert case.rosa.post(address, {"accepted": False}, format="json").json()["code"] == "price_answered"

    assert case.use(case.ada, "attend").status_code == 200
    (done,) = case.rosa.get(f"{case.root}attentions/").json()
    assert (done["cost"], done["accepted_by"]) == ("350.00", "Rosa Medina")
    nothing = case.ada.post(f"{case.root}prices/", {"method": "phone"}, format="json").json()
    assert nothing["code"] == "nothing_to_accept"


def test_the_ticket_shows_its_appointment_whatever_its_state(case: Case, cast: Cast) -> None:
    case.book()

    answer = case.ada.post(f"{case.root}assign/", {"assignee": cast.ada.pk}, format="json").json()

    assert (answer["status"], answer["appointment"]["starts_at"]) == ("assigned", STARTS)
    assert Ticket.objects.get().appointment_at == START
