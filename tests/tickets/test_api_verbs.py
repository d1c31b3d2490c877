"""Every verb by its door: who may, from which state, and what a refusal says."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from desks import actions as desk_actions
from desks import queries as desk_queries
from desks.models import DeskContact
from notifications.models import Notification
from tests import factories
from tests.factories import NIGHT, OFFICE, SATURDAY, Cast
from tests.tickets.conftest import Caller, Clock
from tickets import actions
from tickets.models import Message, Ticket
from tickets.verbs import VERBS

URL = "/api/v1/tickets/"


def use(client: Any, ticket: Ticket, verb: str, **body: Any) -> Any:
    return client.post(f"{URL}{ticket.number}/{verb}/", body, format="json")


def taken(cast: Cast) -> Ticket:
    return actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE)


def resolved(cast: Cast) -> Ticket:
    return actions.resolve(taken(cast), by=factories.actor(cast.ada), now=OFFICE, solution="Se corrigió el CP.")


def deferred(cast: Cast) -> Ticket:
    return cast.ticket(now=SATURDAY)


# ------------------------------------------------------------------ the story


def test_take_ask_answer_resolve_confirm(cast: Cast, caller: Caller) -> None:
    ticket, ada, rosa = cast.ticket(), caller(cast.ada), caller(cast.rosa)

    assert use(ada, ticket, "take").json()["status"] == "in_progress"
    asked = use(ada, ticket, "wait", reason="¿Qué código postal dice su constancia?").json()
    assert (asked["status"], asked["next_step"]["code"]) == ("waiting_client", "client_answers")
    answered = rosa.post(f"{URL}{ticket.number}/messages/", {"body": "Dice 50090."})
    assert answered.status_code == 201
    assert ada.get(f"{URL}{ticket.number}/").json()["status"] == "in_progress"
    assert use(ada, ticket, "resolve", solution="Se corrigió el código postal.").json()["status"] == "resolved"
    closed = use(rosa, ticket, "confirm").json()

    assert (closed["status"], closed["next_step"]) == ("closed", None)
    assert closed["closed_at"] == "2026-11-17T10:42:00-06:00"


def test_of_two_who_take_one_reads_who_has_it(cast: Cast, caller: Caller) -> None:
    ticket = cast.ticket()
    use(caller(cast.ada), ticket, "take")

    response = use(caller(cast.bruno), ticket, "take")

    assert response.status_code == 409
    problem = response.json()
    assert (problem["code"], problem["state"]) == ("already_taken", "in_progress")
    assert problem["assignee"] == {"id": cast.ada.pk, "name": "Ada Lozano", "kind": "user"}


def test_assign_hands_it_on(cast: Cast, caller: Caller) -> None:
    ticket = taken(cast)

    answer = use(caller(cast.elena), ticket, "assign", assignee=cast.bruno.pk, reason="Conoce el conector.")

    assert (answer.status_code, answer.json()["status"]) == (200, "assigned")
    assert answer.json()["assignee"]["id"] == cast.bruno.pk


def test_assign_to_a_stranger_is_refused(cast: Cast, stranger: Cast, caller: Caller) -> None:
    response = use(caller(cast.elena), taken(cast), "assign", assignee=stranger.ada.pk)

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "assignee"


def test_waiting_for_a_third_party_and_going_on(cast: Cast, caller: Caller) -> None:
    ticket, ada = taken(cast), caller(cast.ada)

    waiting = use(ada, ticket, "wait-third-party", reason="Revisan la addenda.", who="Cadena comercial").json()
    going_on = use(ada, ticket, "resume").json()

    assert (waiting["status"], waiting["waiting_for"]) == ("waiting_third_party", "Cadena comercial")
    assert waiting["next_step"]["who"]["name"] == "Cadena comercial"
    assert (going_on["status"], going_on["waiting_for"]) == ("in_progress", None)


def test_defer_then_contest_once(cast: Cast, caller: Caller, at: Clock) -> None:
    ticket, rosa = deferred(cast), caller(cast.rosa)
    at(SATURDAY)

    first = use(rosa, ticket, "contest", reason="No podemos facturar nada.")
    again = use(rosa, ticket, "contest", reason="Otra vez.")

    assert (first.json()["lane"], first.json()["status"]) == ("on_call", "assigned")
    assert again.status_code == 409
    assert again.json()["state"] == "assigned"


def test_schedule_shows_the_appointment(cast: Cast, caller: Caller) -> None:
    answer = use(
        caller(cast.ada), taken(cast), "schedule", method="remote", starts_at="2026-11-17T12:30:00-06:00", minutes=30
    ).json()

    assert answer["status"] == "scheduled"
    assert answer["appointment"] == {
        "method": "remote",
        "starts_at": "2026-11-17T12:30:00-06:00",
        "ends_at": "2026-11-17T13:00:00-06:00",
    }


def test_reclassify_reckons_lane_and_priority_anew(cast: Cast, caller: Caller) -> None:
    answer = use(
        caller(cast.ada), taken(cast), "reclassify", request_type="system_down", affects_operation=True, reason="Cayó."
    ).json()

    assert (answer["priority"], answer["request_type"], answer["affects_operation"]) == (
        "critical",
        "system_down",
        True,
    )


def test_escalate_at_night_tells_the_superior_at_once(cast: Cast, caller: Caller, at: Clock) -> None:
    ticket, ada = cast.ticket(request_type="system_down", now=NIGHT), caller(cast.ada)
    at(NIGHT)

    answer = use(ada, ticket, "escalate", reason="No monta la base.")

    assert answer.json()["escalated"] is True
    assert Notification.objects.filter(recipient=cast.elena.email, template="tickets/ladder").count() == 1


def test_acknowledge_stops_the_ladder_and_keeps_the_state(cast: Cast, caller: Caller, at: Clock) -> None:
    ticket, ada = cast.ticket(request_type="system_down", now=NIGHT), caller(cast.ada)
    at(NIGHT)

    answer = use(ada, ticket, "acknowledge")
    again = use(ada, ticket, "acknowledge")

    assert (answer.status_code, answer.json()["status"]) == (200, "assigned")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_running")


def test_who_was_not_told_does_not_acknowledge(cast: Cast, caller: Caller, at: Clock) -> None:
    ticket = cast.ticket(request_type="system_down", now=NIGHT)
    bruno, elena = caller(cast.bruno), caller(cast.elena)
    at(NIGHT)

    assert use(bruno, ticket, "acknowledge").status_code == 403
    assert use(elena, ticket, "acknowledge").status_code == 200


def test_reopen_needs_a_reason_and_brings_it_back(cast: Cast, caller: Caller) -> None:
    ticket, rosa = resolved(cast), caller(cast.rosa)

    refused = use(rosa, ticket, "reopen", reason="  ")
    reopened = use(rosa, ticket, "reopen", reason="Sigue igual.").json()

    assert refused.status_code == 400
    assert (reopened["status"], reopened["reopened"]) == ("in_progress", True)


def test_merge_and_unmerge(cast: Cast, caller: Caller) -> None:
    first, second, ada = cast.ticket(), cast.ticket(), caller(cast.ada)

    merged = use(ada, second, "merge", into=first.number).json()
    itself = use(ada, first, "merge", into=first.number)
    back = use(ada, second, "unmerge").json()

    assert (merged["status"], merged["merged_into"]) == ("merged", first.number)
    assert itself.status_code == 400
    assert (back["status"], back["merged_into"]) == ("assigned", None)


# ------------------------------------------------------------------ who may


FORBIDDEN_TO_CLIENTS = sorted(
    set(VERBS) - {"ask-executive", "contest", "schedule", "escalate", "confirm", "reopen", "cancel", "leave"}
)


@pytest.mark.parametrize("verb", FORBIDDEN_TO_CLIENTS)
def test_the_desks_verbs_are_not_the_clients(cast: Cast, caller: Caller, verb: str) -> None:
    response = use(caller(cast.rosa), cast.ticket(), verb)

    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_foreign_ticket_is_not_there(cast: Cast, stranger: Cast, caller: Caller, verb: str) -> None:
    ticket = cast.ticket()

    for person in (stranger.ada, stranger.marcela, cast.tom, cast.paola):
        assert use(caller(person), ticket, verb).status_code == 404


@pytest.mark.parametrize("verb", ["wait", "wait-third-party", "resume", "resolve"])
def test_only_the_assignee_and_up(cast: Cast, caller: Caller, verb: str) -> None:
    ticket = taken(cast)
    body = {"reason": "x", "who": "y", "solution": "z"}

    assert use(caller(cast.bruno), ticket, verb, **body).status_code == 403
    assert use(caller(cast.elena), ticket, verb, **body).status_code in {200, 409}


@pytest.mark.parametrize("verb", ["ask-executive", "contest", "confirm", "reopen"])
def test_the_clients_verbs_are_not_the_desks(cast: Cast, caller: Caller, verb: str) -> None:
    assert use(caller(cast.marcela), cast.ticket(), verb, reason="x").status_code == 403


@pytest.mark.parametrize("verb", ["close", "cancel"])
def test_a_consultant_neither_closes_nor_cancels(cast: Cast, caller: Caller, verb: str) -> None:
    ticket = resolved(cast) if verb == "close" else cast.ticket()

    assert use(caller(cast.ada), ticket, verb, reason="x").status_code == 403
    assert use(caller(cast.elena), ticket, verb, reason="Duplicado.").status_code == 200


# ------------------------------------------------------------------ from which state


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("take", {}),
        ("assign", {"assignee": 0}),
        ("wait", {"reason": "x"}),
        ("resume", {}),
        ("defer", {"reason": "x"}),
        ("reclassify", {"request_type": "training", "affects_operation": False, "reason": "x"}),
        ("escalate", {"reason": "x"}),
        ("resolve", {"solution": "x"}),
        ("cancel", {"reason": "x"}),
        ("unmerge", {}),
    ],
)
def test_a_state_that_does_not_allow_it_is_named(cast: Cast, caller: Caller, verb: str, body: dict[str, Any]) -> None:
    ticket = resolved(cast)
    ticket = actions.confirm(ticket, by=factories.actor(cast.rosa), now=OFFICE)

    response = use(caller(cast.elena), ticket, verb, **body)

    assert (response.status_code, response.json()["state"]) == (409, "closed")


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("assign", {}, "assignee"),
        ("assign", {"assignee": "ada"}, "assignee"),
        ("wait", {}, "reason"),
        ("wait-third-party", {"reason": "x"}, "who"),
        ("schedule", {"method": "fax", "starts_at": "2026-11-17T12:30:00-06:00", "minutes": 30}, "method"),
        ("schedule", {"method": "remote", "starts_at": "2026-11-17T12:30:00", "minutes": 30}, "starts_at"),
        ("schedule", {"method": "remote", "starts_at": "2026-11-17T12:30:00-06:00", "minutes": "30"}, "minutes"),
        ("reclassify", {"request_type": "x", "affects_operation": True, "reason": "x"}, "request_type"),
        ("reclassify", {"request_type": "training", "affects_operation": "no", "reason": "x"}, "affects_operation"),
        ("resolve", {"solution": ""}, "solution"),
        ("merge", {"into": "IMX-999"}, "into"),
    ],
)
def test_a_body_at_fault_names_its_field(
    cast: Cast, caller: Caller, verb: str, body: dict[str, Any], field: str
) -> None:
    response = use(caller(cast.ada), taken(cast), verb, **body)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_an_unknown_verb_is_not_there(cast: Cast, caller: Caller) -> None:
    assert use(caller(cast.ada), cast.ticket(), "explode").status_code == 404


def test_a_verb_is_used_once_for_one_key(cast: Cast, caller: Caller) -> None:
    ticket, ada = cast.ticket(), caller(cast.ada)
    url = f"{URL}{ticket.number}/take/"

    first, again = (ada.post(url, HTTP_IDEMPOTENCY_KEY="t") for _n in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert again["Idempotent-Replayed"] == "true"


# ------------------------------------------------------------------ messages, files, timeline


def test_a_note_is_for_the_desk_only(cast: Cast, caller: Caller) -> None:
    ticket, ada, rosa = cast.ticket(), caller(cast.ada), caller(cast.rosa)
    url = f"{URL}{ticket.number}/messages/"

    assert ada.post(url, {"body": "Van tres con lo mismo.", "internal": True}).json()["internal"] is True
    assert rosa.post(url, {"body": "x", "internal": True}).status_code == 403

    assert len(ada.get(url).json()["results"]) == 2
    assert len(rosa.get(url).json()["results"]) == 1


def test_a_clients_word_on_a_merged_ticket_goes_to_the_other(cast: Cast, caller: Caller) -> None:
    first, second, rosa = cast.ticket(), cast.ticket(), caller(cast.rosa)
    use(caller(cast.ada), second, "merge", into=first.number)

    answer = rosa.post(f"{URL}{second.number}/messages/", {"body": "Sigue igual."})

    assert (answer.status_code, answer.json()["ticket"]) == (201, first.number)
    assert rosa.get(f"{URL}{first.number}/messages/").json()["results"][-1]["id"] == answer.json()["id"]


def test_an_empty_message_is_refused_and_its_files_leave_no_row(cast: Cast, caller: Caller) -> None:
    ticket = cast.ticket()

    assert caller(cast.ada).post(f"{URL}{ticket.number}/messages/", {"body": "  "}).status_code == 400
    assert Message.objects.count() == 1


def test_files_come_with_a_message_and_are_guarded(
    cast: Cast, stranger: Cast, caller: Caller, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    ticket, rosa = cast.ticket(), caller(cast.rosa)
    upload = SimpleUploadedFile("factura A-1.xml", b"<?xml version='1.0'?><cfdi/>", content_type="text/html")

    answer = rosa.post(f"{URL}{ticket.number}/messages/", {"body": "Aquí está.", "files": [upload]}, format="multipart")
    (file,) = answer.json()["files"]
    download = caller(cast.ada).get(file["url"])

    assert answer.status_code == 201
    assert (file["name"], file["size"]) == ("factura A-1.xml", 28)
    assert download["Content-Disposition"].startswith("attachment")
    assert download["X-Content-Type-Options"] == "nosniff"
    assert caller(stranger.ada).get(file["url"]).status_code == 404
    assert caller(cast.tom).get(file["url"]).status_code == 404


def test_a_file_of_a_note_is_hidden_from_the_client(cast: Cast, caller: Caller, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    ticket = cast.ticket()
    upload = SimpleUploadedFile("bitacora.txt", b"detalle")

    (file,) = (
        caller(cast.ada)
        .post(f"{URL}{ticket.number}/messages/", {"internal": "true", "files": [upload]}, format="multipart")
        .json()["files"]
    )

    assert caller(cast.rosa).get(file["url"]).status_code == 404


def test_the_timeline_tells_clients_their_part(cast: Cast, caller: Caller) -> None:
    ticket = taken(cast)

    staff = caller(cast.ada).get(f"{URL}{ticket.number}/timeline/").json()
    client = caller(cast.rosa).get(f"{URL}{ticket.number}/timeline/").json()

    assert [event["type"] for event in staff][:3] == ["ticket.opened", "ticket.assigned", "ticket.taken"]
    assert {"id", "type", "at", "recorded_at", "actor", "data", "public"} <= set(staff[0])
    assert staff[0]["data"]["why"][0]["code"] == "inside_office"
    assert all(event["public"] for event in client)
    assert not any("why" in event["data"] for event in client)


# ------------------------------------------------------------------ what if


def route(client: Any, **body: Any) -> Any:
    return client.post(
        "/api/v1/desks/invoice-mx/route/",
        {"at": "2026-11-14T15:20:00-06:00", "request_type": "system_down", "affects_operation": True, **body},
    )


@pytest.mark.parametrize(("at", "status"), [("2100-01-01T00:00:00Z", 400), ("2099-12-31T23:59:59-06:00", 200)])
def test_what_if_ends_where_the_calendars_do(cast: Cast, caller: Caller, at: str, status: int) -> None:
    assert route(caller(cast.marcela), at=at).status_code == status


def test_what_if_answers_lane_person_ladder_and_why(cast: Cast, caller: Caller) -> None:
    answer = route(caller(cast.marcela)).json()

    assert set(answer) >= {"lane", "open", "on_call", "starts_at", "priority", "first_response_due", "ladder", "why"}
    assert (answer["lane"], answer["open"], answer["priority"]) == ("on_call", False, "critical")
    assert answer["on_call"] == {"id": cast.ada.pk, "name": "Ada Lozano", "kind": "user"}
    assert answer["first_response_due"] == "2026-11-14T15:35:00-06:00"
    ladder = [(rung["step"], rung["who"]["name"], rung["at"][11:16]) for rung in answer["ladder"]]
    assert ladder[:4] == [
        (1, "Ada Lozano", "15:20"), (2, "Elena Robles", "15:30"),
        (3, "Marcela Ibarra", "15:40"), (3, "Marcela Ibarra", "15:55"),
    ]  # fmt: skip
    assert [rung[0] for rung in ladder].count(3) == 8
    assert "lane_on_call" in [reason["code"] for reason in answer["why"]]
    assert not Ticket.objects.exists()


def test_what_if_is_for_the_desks_people(cast: Cast, stranger: Cast, caller: Caller) -> None:
    assert route(caller(cast.ada)).status_code == 200
    assert route(caller(cast.paola)).status_code == 200
    assert route(caller(cast.rosa)).status_code == 403
    assert route(caller(stranger.marcela)).status_code == 404


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"at": "2026-11-14T15:20:00"}, "at", "offset_required"),
        ({"at": None}, "at", "null"),
        ({"request_type": "x"}, "request_type", "invalid_choice"),
        ({"affects_operation": "yes"}, "affects_operation", "invalid"),
        ({"client_rfc": "X"}, "client_rfc", "rfc_shape"),
    ],
)
def test_what_if_refuses_what_it_cannot_read(cast: Cast, caller: Caller, body: Any, field: str, code: str) -> None:
    response = route(caller(cast.ada), **body)

    assert response.status_code == 400
    assert (response.json()["errors"][0]["field"], response.json()["errors"][0]["code"]) == (field, code)


def test_what_if_tells_the_number_to_call_at_that_minute(cast: Cast, caller: Caller) -> None:
    DeskContact.objects.filter(desk=cast.desk).delete()
    for position, (purpose, hours, address) in enumerate(
        (("office", "office", "722 555 0145"), ("on_call", "outside", "722 555 0177"))
    ):
        DeskContact.objects.create(
            desk=cast.desk,
            position=position,
            label="Línea",
            kind="phone",
            purpose=purpose,
            hours=hours,
            address=address,
        )
    desk_actions.touch(cast.desk)
    desk_queries.forget()

    by_night = route(caller(cast.marcela)).json()["call"]
    by_day = route(caller(cast.marcela), at="2026-11-17T10:42:00-06:00").json()["call"]

    assert by_night == {"name": "Línea", "address": "722 555 0177", "first_name": "Ada"}
    assert by_day == {"name": "Línea", "address": "722 555 0145", "first_name": ""}
