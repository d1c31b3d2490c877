"""Filing, reading and listing tickets by the API, over real rows."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from core.actor import MANAGER
from tests import factories
from tests.factories import CLEAR, NIGHT, OFFICE, SATURDAY, Cast
from tests.tickets.conftest import Caller, Clock
from tickets import actions
from tickets.models import Ticket

URL = "/api/v1/tickets/"
DEEP = base64.urlsafe_b64encode(b"[" * 4000).decode()  # a list in a list in a list
CONTRACT = {
    "number", "status", "lane", "priority", "assignee", "opened_at", "starts_at", "first_response_due",
    "resolution_due", "next_step", "version",
}  # fmt: skip


def body(**fields: Any) -> dict[str, Any]:
    return {
        "desk": "invoice-mx",
        "request_type": "operational_question",
        "affects_operation": False,
        "subject": "No timbra: error CFDI40147",
        "description": CLEAR,
        "requester": {"name": "Rosa Medina", "email": "rosa@lanortena.example"},
        **fields,
    }


def codes(response: Any) -> dict[str, str]:
    return {error["field"]: error["code"] for error in response.json()["errors"]}


# ------------------------------------------------------------------ filing


def test_files_a_ticket_in_office_hours(cast: Cast, caller: Caller) -> None:
    response = caller(cast.ada).post(URL, body(client_rfc="FNO180312KX1", product="escritorio", impact="none"))

    ticket = response.json()
    assert response.status_code == 201
    assert response["Location"] == "/api/v1/tickets/IMX-1/"
    assert set(ticket) >= CONTRACT
    assert (ticket["number"], ticket["status"], ticket["lane"], ticket["priority"]) == (
        "IMX-1", "assigned", "office", "normal",
    )  # fmt: skip
    assert ticket["opened_at"] == "2026-11-17T10:42:00-06:00"
    assert ticket["first_response_due"] == "2026-11-17T16:42:00-06:00"  # 4 business hours, over the split shift
    assert ticket["client"]["name"] == "Ferretería La Norteña"
    assert ticket["requester"]["email"] == "rosa@lanortena.example"
    assert ticket["next_step"]["code"] == "first_response"
    assert ticket["next_step"]["who"] == ticket["assignee"]


def test_at_night_what_affects_goes_to_who_is_on_call(cast: Cast, caller: Caller, at: Clock) -> None:
    client = caller(cast.rosa)
    at(NIGHT)

    ticket = client.post(URL, body(request_type="system_down", affects_operation=True)).json()

    assert (ticket["lane"], ticket["priority"], ticket["status"]) == ("on_call", "critical", "assigned")
    assert ticket["assignee"] == {"id": cast.ada.pk, "name": "Ada Lozano", "kind": "user"}
    assert ticket["first_response_due"] == "2026-11-17T23:25:00-06:00"
    assert ticket["next_step"]["code"] == "on_call_attends"


def test_on_saturday_what_does_not_affect_waits_for_the_opening(cast: Cast, caller: Caller, at: Clock) -> None:
    client = caller(cast.rosa)
    at(SATURDAY)

    ticket = client.post(URL, body()).json()

    assert (ticket["lane"], ticket["status"], ticket["assignee"]) == ("deferred", "deferred", None)
    assert ticket["starts_at"] == "2026-11-17T09:00:00-06:00"  # Monday 16 is a mandatory rest day
    assert ticket["next_step"] == {"code": "opens", "at": "2026-11-17T09:00:00-06:00", "who": None}


def test_a_client_files_for_their_own_company_and_sees_no_addresses(cast: Cast, caller: Caller) -> None:
    response = caller(cast.rosa).post(URL, body(requester={"name": "Rosa"}))

    ticket = Ticket.objects.get(number=response.json()["number"])
    assert response.status_code == 201
    assert (ticket.requester_id, ticket.client_id) == (cast.rosa.pk, cast.company.pk)
    assert ticket.requester_email == cast.rosa.email
    assert set(response.json()["requester"]) == {"id", "name", "kind"}


def test_an_rfc_of_another_company_only_proposes(cast: Cast, caller: Caller) -> None:
    response = caller(cast.rosa).post(URL, body(client_rfc="MSC120215JH5"))

    ticket = Ticket.objects.get(number=response.json()["number"])
    assert ticket.client_id is None
    assert ticket.proposed_client_id == cast.other_company.pk


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        pytest.param({"request_type": "outage"}, "request_type", "invalid_choice", id="unknown type"),
        pytest.param({"request_type": None}, "request_type", "null", id="null type"),
        pytest.param({"affects_operation": "true"}, "affects_operation", "invalid", id="a text for a boolean"),
        pytest.param({"affects_operation": 1}, "affects_operation", "invalid", id="a number for a boolean"),
        pytest.param({"impact": "total"}, "impact", "invalid_choice", id="unknown impact"),
        pytest.param({"channel": "fax"}, "channel", "invalid_choice", id="unknown channel"),
        pytest.param({"support_method": "fax"}, "support_method", "invalid_choice", id="unknown method"),
        pytest.param({"product": "word"}, "product", "invalid_choice", id="unknown product"),
        pytest.param({"branch": "Centro"}, "branch", "invalid_choice", id="unknown branch"),
        pytest.param({"subject": "   "}, "subject", "required", id="blank subject"),
        pytest.param({"subject": "x" * 201}, "subject", "max_length", id="long subject"),
        pytest.param({"subject": 7}, "subject", "invalid", id="a number for a text"),
        pytest.param({"description": "Ayuda"}, "description", "vague", id="vague: Ayuda"),
        pytest.param({"description": "Error"}, "description", "vague", id="vague: Error"),
        pytest.param({"description": "Tengo un problema"}, "description", "vague", id="vague: problema"),
        pytest.param({"deadline": "2026-11-18T10:00:00"}, "deadline", "offset_required", id="no offset"),
        pytest.param({"deadline": "mañana"}, "deadline", "invalid", id="no instant"),
        pytest.param({"client_rfc": "FNO18312KX1"}, "client_rfc", "rfc_shape", id="RFC without its shape"),
        pytest.param({"requester": {"name": "Rosa"}}, "requester.email", "unreachable", id="no address"),
        pytest.param({"requester": {"email": "r@x.example"}}, "requester.name", "required", id="no name"),
        pytest.param({"requester": {"name": "R", "email": "rosa"}}, "requester.email", "invalid", id="no e-mail"),
        pytest.param({"requester": {"name": "R", "phone": "722 555"}}, "requester.phone", "phone", id="short phone"),
        pytest.param({"requester": None}, "requester", "null", id="no requester"),
    ],
)  # fmt: skip
def test_refuses_with_the_field_at_fault(cast: Cast, caller: Caller, fields: Any, field: str, code: str) -> None:
    response = caller(cast.ada).post(URL, body(**fields))

    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/problem+json")
    assert codes(response).get(field) == code
    assert not Ticket.objects.exists()


def test_an_outage_is_never_held_for_its_words(cast: Cast, caller: Caller) -> None:
    response = caller(cast.ada).post(URL, body(request_type="system_down", affects_operation=True, description="Ayuda"))

    assert response.status_code == 201
    assert Ticket.objects.get().vague is True


def test_a_call_registered_afterwards_keeps_both_times(cast: Cast, caller: Caller, at: Clock) -> None:
    client = caller(cast.ada)

    ticket = client.post(
        URL,
        body(
            channel="phone",
            occurred_at="2026-11-16T21:40:00-06:00",
            answered_at="2026-11-16T21:40:00-06:00",
            resolved_at="2026-11-16T22:15:00-06:00",
            solution="Se reparó la base y se timbró una factura de prueba.",
        ),
    ).json()

    assert ticket["status"] == "resolved"
    assert ticket["occurred_at"] == "2026-11-16T21:40:00-06:00"
    assert ticket["resolved_at"] == "2026-11-16T22:15:00-06:00"
    assert ticket["recorded_at"] == "2026-11-17T10:42:00-06:00"
    assert ticket["next_step"]["code"] == "client_confirms"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"occurred_at": "2026-11-17T11:00:00-06:00"}, "occurred_at", "in_the_future"),
        (
            {"occurred_at": "2026-11-16T21:40:00-06:00", "answered_at": "2026-11-16T21:00:00-06:00"},
            "answered_at",
            "out_of_order",
        ),
        ({"resolved_at": "2026-11-16T22:15:00-06:00"}, "solution", "required"),
    ],
    ids=["in the future", "answered before it happened", "resolved without a solution"],
)
def test_times_of_a_call_must_make_sense(cast: Cast, caller: Caller, fields: Any, field: str, code: str) -> None:
    response = caller(cast.ada).post(URL, body(**fields))

    assert response.status_code == 400
    assert codes(response)[field] == code


def test_times_of_a_call_are_for_staff_only(cast: Cast, caller: Caller) -> None:
    response = caller(cast.rosa).post(URL, body(occurred_at="2026-11-16T21:40:00-06:00"))

    assert response.status_code == 403
    assert not Ticket.objects.exists()


def test_who_may_file_where(cast: Cast, stranger: Cast, caller: Caller) -> None:
    assert caller(cast.ada).post(URL, body(desk="otra-mesa")).status_code == 404
    assert caller(cast.rosa).post(URL, body(desk="otra-mesa")).status_code == 404
    assert caller(cast.ada).post(URL, body(desk="nadie")).status_code == 404
    assert caller(cast.paola).post(URL, body()).status_code == 403  # sales has no tickets
    assert codes(caller(cast.ada).post(URL, {k: v for k, v in body().items() if k != "desk"})) == {"desk": "required"}


def test_anonymous_callers_are_told_to_sign_in(cast: Cast, client: Any) -> None:
    response = client.post(URL, body(), content_type="application/json")

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"


def test_a_key_files_once(cast: Cast, caller: Caller) -> None:
    client = caller(cast.ada)

    first = client.post(URL, body(), HTTP_IDEMPOTENCY_KEY="k1")
    again = client.post(URL, body(), HTTP_IDEMPOTENCY_KEY="k1")
    other = client.post(URL, body(subject="Otra cosa"), HTTP_IDEMPOTENCY_KEY="k1")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert Ticket.objects.count() == 1


# ------------------------------------------------------------------ reading


def test_a_ticket_is_seen_by_its_desk_and_its_company(cast: Cast, stranger: Cast, caller: Caller) -> None:
    ticket = cast.ticket()

    seen = {
        person: caller(person).get(f"{URL}{ticket.number}/").status_code
        for person in (cast.ada, cast.marcela, cast.rosa, cast.tom, cast.paola, stranger.ada, stranger.rosa)
    }

    assert seen == {
        cast.ada: 200, cast.marcela: 200, cast.rosa: 200,
        cast.tom: 404, cast.paola: 404, stranger.ada: 404, stranger.rosa: 404,
    }  # fmt: skip


def test_the_number_is_read_in_any_case(cast: Cast, caller: Caller) -> None:
    cast.ticket()

    assert caller(cast.ada).get(f"{URL}imx-1/").json()["number"] == "IMX-1"


def test_a_merged_ticket_says_into_which(cast: Cast, caller: Caller) -> None:
    first, second = cast.ticket(), cast.ticket()
    actions.merge(second, by=factories.actor(cast.ada), now=OFFICE, into=first.number)

    ticket = caller(cast.rosa).get(f"{URL}{second.number}/").json()

    assert (ticket["status"], ticket["merged_into"], ticket["next_step"]) == ("merged", first.number, None)


# ------------------------------------------------------------------ listing


def numbers(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [ticket["number"] for ticket in response.json()["results"]]


def test_filters(cast: Cast, caller: Caller) -> None:
    cast.ticket()
    cast.ticket(request_type="system_down", channel="phone")
    taken = cast.ticket()
    actions.take(taken, by=factories.actor(cast.bruno), now=OFFICE)
    client = caller(cast.bruno)

    assert numbers(client.get(URL)) == ["IMX-3", "IMX-2", "IMX-1"]
    assert numbers(client.get(URL, {"status": "in_progress"})) == ["IMX-3"]
    assert numbers(client.get(URL, {"priority": "critical"})) == ["IMX-2"]
    assert numbers(client.get(URL, {"channel": "phone"})) == ["IMX-2"]
    assert "IMX-3" in numbers(client.get(URL, {"assignee": "me"}))
    assert "IMX-3" in numbers(client.get(URL, {"assignee": str(cast.bruno.pk)}))
    assert numbers(client.get(URL, {"desk": "otra"})) == []
    assert numbers(client.get(URL, {"ordering": "due"}))[0] == "IMX-2"
    assert numbers(client.get(URL, {"ordering": "opened_at"})) == ["IMX-1", "IMX-2", "IMX-3"]


def test_a_description_that_is_not_there_is_missing_and_not_vague(cast: Cast, caller: Caller) -> None:
    errors = caller(cast.ada).post(URL, body(description="  ")).json()["errors"]

    assert [(error["field"], error["code"]) for error in errors] == [("description", "required")]


def test_an_address_longer_than_the_column_is_refused(cast: Cast, caller: Caller) -> None:
    person = {"name": "Rosa Medina", "email": "a" * 250 + "@lanortena.example"}

    response = caller(cast.ada).post(URL, body(requester=person))

    assert (response.status_code, codes(response)) == (400, {"requester.email": "max_length"})


@pytest.mark.parametrize("name", ["status", "priority", "channel", "ordering", "assignee", "cursor"])
def test_an_unknown_filter_value_is_refused(cast: Cast, caller: Caller, name: str) -> None:
    response = caller(cast.ada).get(URL, {name: "x"})

    assert response.status_code == 400
    assert name in codes(response)


def test_pages_follow_each_other_without_gap(cast: Cast, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.api.tickets.SIZE", 2)
    for _n in range(5):
        cast.ticket()
    client = caller(cast.ada)

    pages = [client.get(URL).json()]
    while pages[-1]["next"]:
        pages.append(client.get(pages[-1]["next"]).json())
    back = client.get(pages[-1]["previous"]).json()

    assert [t["number"] for p in pages for t in p["results"]] == [f"IMX-{n}" for n in (5, 4, 3, 2, 1)]
    assert [t["number"] for t in back["results"]] == ["IMX-3", "IMX-2"]
    assert pages[0]["previous"] is None


def test_what_is_filed_meanwhile_repeats_nothing_of_what_was_found(
    cast: Cast, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.api.tickets.SIZE", 2)
    for _n in range(4):
        cast.ticket(subject="Cancelación rechazada")
    client = caller(cast.ada)

    first = client.get(URL, {"q": "cancelacion"}).json()
    cast.ticket(subject="Cancelación rechazada")
    second = client.get(first["next"]).json()

    assert sorted(t["number"] for t in first["results"] + second["results"]) == ["IMX-1", "IMX-2", "IMX-3", "IMX-4"]
    assert client.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize("cursor", ["p50", "p-1", "p1-", "p99999-1", "p²-1", DEEP])
@pytest.mark.parametrize("asked", [{}, {"q": "timbra"}])
def test_a_forged_cursor_is_refused(cast: Cast, caller: Caller, asked: dict[str, str], cursor: str) -> None:
    response = caller(cast.ada).get(URL, {**asked, "cursor": cursor})

    assert (response.status_code, codes(response)) == (400, {"cursor": "invalid_cursor"})


def test_search_finds_words_without_accents_and_the_number_first(cast: Cast, caller: Caller) -> None:
    cast.ticket(subject="Cancelación rechazada", description="El receptor rechaza IMX-2 por motivo 02 en el portal.")
    cast.ticket(subject="Camiones sin carta porte", description="Falta el nodo IdCCP en el complemento nuevo.")
    client = caller(cast.ada)

    assert numbers(client.get(URL, {"q": "cancelacion"})) == ["IMX-1"]
    assert numbers(client.get(URL, {"q": "CAMIÓN"})) == ["IMX-2"]
    assert numbers(client.get(URL, {"q": "imx-2"}))[0] == "IMX-2"
    assert numbers(client.get(URL, {"q": "facturas inexistentes"})) == []
    assert numbers(client.get(URL, {"q": "!!! & |"})) == []


def test_notes_are_found_by_staff_and_never_by_clients(cast: Cast, caller: Caller) -> None:
    ticket = cast.ticket()
    actions.add_message(
        ticket, by=factories.actor(cast.ada), now=OFFICE, body="Sospecho del catálogo zafiro.", internal=True
    )

    assert numbers(caller(cast.ada).get(URL, {"q": "zafiro"})) == ["IMX-1"]
    assert numbers(caller(cast.rosa).get(URL, {"q": "zafiro"})) == []
    assert numbers(caller(cast.rosa).get(URL, {"q": "CFDI40147"})) == ["IMX-1"]
    assert numbers(caller(cast.tom).get(URL, {"q": "CFDI40147"})) == []


def test_the_list_costs_the_same_with_many(cast: Cast, caller: Caller, django_assert_num_queries: Any) -> None:
    client = caller(cast.ada)
    cast.ticket()
    client.get(URL)

    for count in (1, 12):
        while Ticket.objects.count() < count:
            cast.ticket()
        with django_assert_num_queries(4):  # token, rights, page, clocks
            assert len(client.get(URL).json()["results"]) == count


def test_managers_of_another_desk_see_none_of_it(cast: Cast, caller: Caller) -> None:
    other = factories.make_desk("otra", prefix="OTR", name="Otra")
    eva = factories.make_member(other, "Eva Luna", MANAGER)
    cast.ticket()

    assert numbers(caller(eva).get(URL)) == []
