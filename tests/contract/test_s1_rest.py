"""Contract, section 1: signing in, errors, filing, reading, lists, conversation, one effect for one key."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import timedelta
from typing import Any, Final

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from rest_framework.test import APIClient

from tests.contract.conftest import Clock
from tests.contract.world import (
    API,
    NIGHT_AT,
    OPEN_AT,
    OUTAGE,
    REPORT,
    SATURDAY_AT,
    World,
    is_problem,
    names_field,
)

TICKET_FIELDS: Final = {
    "number",
    "status",
    "lane",
    "priority",
    "assignee",
    "opened_at",
    "starts_at",
    "first_response_due",
    "resolution_due",
    "next_step",
    "version",
}

# ------------------------------------------------------------------ signing in, errors, languages


def test_nothing_without_a_token(world: World) -> None:
    number = world.client.file()["number"]
    for path in ("tickets/", f"tickets/{number}/", f"tickets/{number}/timeline/", "calendars/oficina/status/"):
        response = world.anonymous.ask(path)
        is_problem(response, 401)
        assert "WWW-Authenticate" in response
    for path in ("tickets/", "calendars/", f"tickets/{number}/take/", f"tickets/{number}/messages/"):
        is_problem(world.anonymous.send(path, {}), 401)


def test_a_wrong_token_is_refused(world: World) -> None:
    for header in ["Token", "Token x", "Token a b", "Bearer x", "Basic eDp5", "Token \u00f1", "x" * 9000]:
        is_problem(world.anonymous.get(f"{API}tickets/", HTTP_AUTHORIZATION=header), 401)


def test_a_session_works_and_wants_csrf(world: World) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(world.users["client"])
    assert browser.get(f"{API}tickets/").status_code == 200
    is_problem(browser.post(f"{API}tickets/", dict(REPORT), format="json"), 403)


def test_the_schema_is_public(world: World) -> None:
    answer = world.anonymous.get(f"{API}schema/", HTTP_ACCEPT="application/json")
    assert answer.status_code == 200
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    paths = document["paths"]
    for path in (
        "calendars/",
        "calendars/{slug}/status/",
        "calendars/{slug}/add/",
        "calendars/{slug}/elapsed/",
        "calendars/{slug}/business-days/",
        "rotas/{slug}/on-call/",
        "desks/{slug}/route/",
        "tickets/",
        "tickets/{number}/",
        "tickets/{number}/timeline/",
        "tickets/{number}/messages/",
        "tickets/{number}/take/",
        "tickets/{number}/wait-third-party/",
    ):
        assert API + path in paths, path
    assert world.anonymous.get(f"{API}docs/").status_code == 200
    for path, operations in paths.items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            named = [(one["in"], one["name"]) for one in operation.get("parameters", [])]
            assert len(named) == len(set(named)), where
            for status, response in operation["responses"].items():
                if status.startswith("4"):
                    assert list(response["content"]) == ["application/problem+json"], (where, status)


def test_messages_in_spanish_and_in_english(world: World) -> None:
    body = {**REPORT, "subject": ""}
    seen = {
        language: is_problem(world.client.send("tickets/", body, HTTP_ACCEPT_LANGUAGE=language), 400)
        for language in ("", "es-MX", "en", "en-US,en;q=0.9", "fr", "xx;;;")
    }
    assert seen[""]["detail"] == seen["es-MX"]["detail"] == seen["fr"]["detail"]
    assert seen["en"]["detail"] == seen["en-US,en;q=0.9"]["detail"] != seen["es-MX"]["detail"]
    assert len({problem["code"] for problem in seen.values()}) == 1
    assert len({problem["errors"][0]["code"] for problem in seen.values()}) == 1
    assert len({problem["errors"][0]["message"] for problem in seen.values()}) == 2


def test_a_body_that_cannot_be_read_is_told_in_the_language_of_the_caller(world: World) -> None:
    for raw in ("{", "null", '{"a": NaN}'):
        spanish, english = (
            is_problem(
                world.client.generic(
                    "POST", f"{API}tickets/", raw, content_type="application/json", HTTP_ACCEPT_LANGUAGE=language
                ),
                400,
            )
            for language in ("es", "en")
        )
        assert spanish["code"] == english["code"] == "parse_error"
        assert spanish["detail"] != english["detail"]


def test_an_unknown_address_is_a_problem(world: World) -> None:
    for path in ("nada/", "tickets/IMX-1/nada/nada/", "desks/", "tickets/%ff/", "tickets/IMX-1%0a/"):
        is_problem(world.client.get(API + path), 404)


def test_wrong_methods_and_kinds(world: World) -> None:
    number = world.client.file()["number"]
    for method in ("put", "patch", "delete"):
        for path in ("tickets/", f"tickets/{number}/", f"tickets/{number}/messages/", f"tickets/{number}/take/"):
            is_problem(getattr(world.client, method)(API + path, {}, format="json"), 405)
    for kind in ("text/plain", "application/xml", "image/png"):
        is_problem(world.client.generic("POST", f"{API}tickets/", "hola", content_type=kind), 415)
    is_problem(world.client.get(f"{API}tickets/", HTTP_ACCEPT="application/xml"), 406)


RAW: Final = [
    b"",
    b"{",
    b"[]",
    b"5",
    b"null",
    b'"texto"',
    b"[" * 100_000,
    b'{"desk": ' * 3000,
    b"\xff\xfe",
    b'{"desk": "\xed\xa0\x80"}',
    b'{"desk": "a\\u0000b"}',
    b'{"desk": "\\ud800"}',
    b'{"desk": NaN}',
    b'{"desk": 1e999}',
    b'{"desk": ' + b"9" * 5000 + b"}",
    b'{"a\\u0000": 1}',
]


def test_a_body_that_is_none(world: World) -> None:
    paths = ("tickets/", "calendars/", "desks/invoice-mx/route/")
    for path, raw in itertools.product(paths, RAW):
        body: Any = raw
        is_problem(world.manager.generic("POST", API + path, body, content_type="application/json"), 400)


# ------------------------------------------------------------------ filing


def test_the_ticket_has_every_field(world: World) -> None:
    ticket = world.client.file()
    assert ticket.keys() >= TICKET_FIELDS
    assert (ticket["status"], ticket["lane"], ticket["priority"]) == ("assigned", "office", "normal")
    assert ticket["assignee"].keys() == {"id", "name", "kind"}
    assert ticket["opened_at"] == OPEN_AT.isoformat()
    assert ticket["next_step"]
    read = world.client.ask(f"tickets/{ticket['number']}/").json()
    assert read == ticket


def test_numbers_follow_each_other_without_a_gap(world: World) -> None:
    first = int(world.client.file()["number"].removeprefix("IMX-"))
    names_field(world.client.send("tickets/", {**REPORT, "description": "Ayuda"}), "description")
    names_field(world.client.send("tickets/", {**REPORT, "subject": ""}), "subject")
    assert world.client.file()["number"] == f"IMX-{first + 1}"
    assert world.fac_client.file(desk="facturando")["number"].startswith("FAC-")


def test_night_and_weekend(world: World, at: Clock) -> None:
    at(NIGHT_AT)
    urgent, calm = world.client.file(**OUTAGE), world.client.file()
    assert (urgent["status"], urgent["lane"], urgent["priority"]) == ("assigned", "on_call", "critical")
    assert urgent["first_response_due"] == (NIGHT_AT + timedelta(minutes=15)).isoformat()
    assert (calm["status"], calm["lane"], calm["assignee"]) == ("deferred", "deferred", None)
    assert calm["starts_at"] == "2026-11-18T09:00:00-06:00"
    assert calm["next_step"] == {"code": "opens", "at": calm["starts_at"], "who": None}
    at(SATURDAY_AT)
    elsewhere = world.fac_client.file(**{**OUTAGE, "desk": "facturando"})
    assert (elsewhere["lane"], elsewhere["starts_at"]) == ("deferred", "2026-11-17T09:00:00-06:00")


@pytest.mark.parametrize(
    "text", ["Ayuda", "Error", "Tengo un problema", "  AYUDA!!! ", "¡Error!", "tengo un problema."]
)
def test_vague_texts_are_taught(world: World, text: str) -> None:
    assert names_field(world.client.send("tickets/", {**REPORT, "description": text}), "description") == "vague"


def test_an_outage_is_never_held(world: World) -> None:
    assert world.client.file(**{**OUTAGE, "description": "Ayuda"})["priority"] == "critical"


BAD_REPORTS: Final[dict[str, list[Any]]] = {
    "desk": [None, "", 5, [], {}, True],
    "request_type": [None, "", "x", 5, [], "a" * 10_000],
    "affects_operation": [None, "", "true", "sí", 1, [], {}],
    "subject": [None, "", "   ", 5, [], {}, "x" * 10_000],
    "description": [None, "", "   ", 5, [], {}, "x" * 1_000_000],
    "impact": ["x", 5, [], True],
    "product": ["no-hay", 5, [], "x" * 10_000],
    "product_version": [5, [], "x" * 10_000],
    "support_method": ["fax", 5, []],
    "channel": ["fax", 5, []],
    "client_rfc": ["XX", "FNO18312KX1", 5, [], "x" * 10_000],
    "branch": ["Sucursal que no hay", 5, []],
    "deadline": ["mañana", "2026-11-20T10:00:00", 5, [], "9999-12-31T23:59:59Z", "x" * 10_000],
}


def test_a_wrong_report_names_its_field(world: World) -> None:
    for field, values in BAD_REPORTS.items():
        for value in values:
            names_field(world.karla.send("tickets/", {**REPORT, field: value}), field)


def test_left_out_fields_are_named(world: World) -> None:
    for field in ("desk", "request_type", "affects_operation", "subject", "description"):
        names_field(world.karla.send("tickets/", {k: v for k, v in REPORT.items() if k != field}), field)


def test_the_requester_can_be_reached(world: World) -> None:
    def refused(requester: Any, field: str) -> None:
        names_field(world.karla.send("tickets/", {**REPORT, "requester": requester}), field)

    refused([], "requester")
    refused("Rosa", "requester")
    refused(5, "requester")
    refused({"name": "", "email": "a@b.example"}, "requester.name")
    refused({"email": "a@b.example"}, "requester.name")
    refused({"name": 5, "email": "a@b.example"}, "requester.name")
    refused({"name": "x" * 10_000, "email": "a@b.example"}, "requester.name")
    refused({"name": "Rosa", "email": "no es"}, "requester.email")
    refused({"name": "Rosa", "email": "x" * 400 + "@b.example"}, "requester.email")
    refused({"name": "Rosa", "email": 5}, "requester.email")
    for phone in ("1", "12", "+1", "+", "ext 5", "x" * 5000, "9" * 5000, "٣", "722 555 0145 / 722 555 0146"):
        refused({"name": "Rosa", "phone": phone}, "requester.phone")
    refused({"name": "Rosa", "phone": 7225550145}, "requester.phone")
    refused({"name": "Rosa"}, "requester.email")
    refused({"name": "Rosa", "email": "", "phone": ""}, "requester.email")
    refused({"name": "Rosa", "email": None, "phone": None}, "requester.email")
    for reachable in (
        {"name": "Rosa", "email": "rosa@lanortena.example"},
        {"name": "Rosa", "phone": "722 555 0145"},
        {"name": "Rosa", "phone": "+52 722 555 0145", "email": None},
        {"name": "Rosa 😀 Ñ", "phone": "044 722 555 0145", "email": ""},
    ):
        assert world.karla.send("tickets/", {**REPORT, "requester": reachable}).status_code == 201, reachable


def test_texts_come_back_as_they_were_written(world: World) -> None:
    text = "😀 <script>alert(1)</script> ñ «comillas» \\ \" ' %s {{ x }} \u202e \u0301 línea\ncon otra y más detalle"
    ticket = world.client.file(subject="😀 <b>ñ</b> «x» % {{ y }}", description=text)
    assert ticket["subject"] == "😀 <b>ñ</b> «x» % {{ y }}"
    messages = world.client.ask(f"tickets/{ticket['number']}/messages/").json()["results"]
    assert messages[0]["body"] == text


def test_everything_that_may_be_said_at_once(world: World) -> None:
    deadline = (OPEN_AT + timedelta(days=3)).isoformat()
    ticket = world.karla.file(
        impact="partial",
        affects_operation=True,
        product="escritorio",
        product_version="4.2.7",
        support_method="remote",
        channel="phone",
        client_rfc="fno180312kx1",
        deadline=deadline,
        requester={"name": "Rosa Medina", "phone": "722 555 0145"},
        campo_de_mañana={"se": "ignora"},
    )
    assert ticket["channel"] == "phone"
    assert ticket["deadline"] == deadline
    assert ticket["client"]["name"] == "Ferretería La Norteña"
    assert (ticket["product"], ticket["product_version"], ticket["support_method"]) == ("escritorio", "4.2.7", "remote")


def test_a_call_registered_afterwards(world: World) -> None:
    hours = {
        name: (OPEN_AT - timedelta(hours=n)).isoformat()
        for n, name in ((9, "occurred_at"), (8.5, "answered_at"), (8, "resolved_at"))
    }
    ticket = world.karla.file(**OUTAGE, **hours, solution="Se reinició el servicio de timbrado.", channel="phone")
    assert ticket["status"] == "resolved"
    assert {name: ticket[name] for name in hours} == hours
    assert ticket["opened_at"] == hours["occurred_at"]
    assert ticket["recorded_at"] == OPEN_AT.isoformat()
    assert ticket["assignee"] == world.person("karla")
    is_problem(world.client.send("tickets/", {**OUTAGE, **hours, "solution": "x"}), 403)
    future = {**hours, "resolved_at": (OPEN_AT + timedelta(hours=1)).isoformat()}
    names_field(world.karla.send("tickets/", {**OUTAGE, **future, "solution": "Listo."}), "resolved_at")
    backwards = {**hours, "occurred_at": hours["resolved_at"], "resolved_at": hours["occurred_at"]}
    is_problem(world.karla.send("tickets/", {**OUTAGE, **backwards, "solution": "Listo."}), 400)
    for name in hours:
        naive = {**hours, name: "2026-11-17T01:00:00"}
        names_field(world.karla.send("tickets/", {**OUTAGE, **naive, "solution": "Listo."}), name)


def test_where_one_may_file(world: World) -> None:
    is_problem(world.fac_client.send("tickets/", REPORT), 404)
    is_problem(world.fac_consultant.send("tickets/", REPORT), 404)
    is_problem(world.client.send("tickets/", {**REPORT, "desk": "facturando"}), 404)
    is_problem(world.client.send("tickets/", {**REPORT, "desk": "no-hay"}), 404)


# ------------------------------------------------------------------ reading


def test_who_sees_a_ticket(world: World) -> None:
    number = world.client.file()["number"]
    for name in ("client", "karla", "supervisor", "manager", "admin"):
        assert getattr(world, name).ask(f"tickets/{number}/").status_code == 200, name
    for name in ("other_client", "fac_client", "fac_consultant", "fac_manager"):
        caller = getattr(world, name)
        for part in ("", "timeline/", "messages/"):
            is_problem(caller.ask(f"tickets/{number}/{part}"), 404)
        is_problem(caller.send(f"tickets/{number}/messages/", {"body": "x"}), 404)
        assert caller.ask("tickets/").json()["results"] == []
        assert caller.ask("tickets/", q=number).json()["results"] == []
        assert caller.ask("tickets/", desk="invoice-mx").json()["results"] == []
    for unknown in ("IMX-999999", "XXX-1", "1", "IMX-", "IMX-0", "IMX-" + "9" * 40, "%20", "imx"):
        is_problem(world.karla.ask(f"tickets/{unknown}/"), 404)
    assert world.karla.ask(f"tickets/{number.lower()}/").json()["number"] == number


def test_addresses_of_people_are_for_staff(world: World) -> None:
    number = world.client.file()["number"]
    staff, client = (getattr(world, name).ask(f"tickets/{number}/").json() for name in ("karla", "client"))
    assert staff["requester"]["email"] == "rosa@invoice-mx-cliente.example"
    assert client["requester"].keys() == {"id", "name", "kind"}
    assert "@" not in json.dumps(client)
    timeline = world.client.ask(f"tickets/{number}/timeline/").content.decode()
    assert "@invoicemx" not in timeline


def test_the_timeline(world: World) -> None:
    number = world.client.file()["number"]
    world.karla.must(number, "take")
    world.karla.send(f"tickets/{number}/messages/", {"body": "Nota para nosotros.", "internal": True})
    world.karla.must(number, "resolve", solution="Se corrigió el código postal.")
    staff = world.karla.ask(f"tickets/{number}/timeline/").json()
    client = world.client.ask(f"tickets/{number}/timeline/").json()
    assert isinstance(staff, list)
    for event in staff + client:
        assert event.keys() >= {"id", "type", "at", "recorded_at", "actor", "data", "public"}
        assert event["actor"].keys() >= {"id", "name", "kind"}
        assert event["at"].endswith("-06:00")
    assert {"ticket.opened", "ticket.taken", "ticket.resolved"} <= {event["type"] for event in staff}
    assert all(event["public"] for event in client)
    assert {event["id"] for event in client} <= {event["id"] for event in staff}
    assert [event["id"] for event in staff] == sorted(event["id"] for event in staff)
    assert "+00:00" not in json.dumps(staff)


def test_messages(world: World) -> None:
    number = world.client.file()["number"]
    path = f"tickets/{number}/messages/"
    said = world.client.send(path, {"body": "Sigue igual."})
    assert said.status_code == 201
    noted = world.karla.send(path, {"body": "Es el CP.", "internal": True})
    assert noted.status_code == 201
    bodies = {
        name: [m["body"] for m in getattr(world, name).ask(path).json()["results"]] for name in ("client", "karla")
    }
    assert bodies["client"] == [REPORT["description"], "Sigue igual."]
    assert bodies["karla"] == [REPORT["description"], "Sigue igual.", "Es el CP."]
    is_problem(world.client.send(path, {"body": "x", "internal": True}), 403)
    for body in ({}, {"body": ""}, {"body": "   "}, {"body": 5}, {"body": ["x"]}, {"body": "x" * 1_000_000}):
        names_field(world.client.send(path, body), "body")
    names_field(world.karla.send(path, {"body": "x", "internal": "quizá"}), "internal")
    is_problem(world.client.post(API + path, [{"body": "x"}], format="json"), 400)
    is_problem(world.client.post(API + path, "x", format="json"), 400)


def test_files_come_along(world: World) -> None:
    number = world.client.file()["number"]
    path = f"{API}tickets/{number}/messages/"
    files = [SimpleUploadedFile("factura ñ.xml", b"<x/>", "text/xml"), SimpleUploadedFile("../../a.txt", b"hola")]
    answer = world.client.post(path, {"body": "Va la factura.", "files": files}, format="multipart")
    assert answer.status_code == 201, answer.content
    shown = answer.json()["files"]
    assert [file["size"] for file in shown] == [4, 4]
    assert all("/" not in file["name"] and file["name"] for file in shown)
    download: Any = world.client.get(shown[0]["url"])
    assert download.status_code == 200
    assert "attachment" in download["Content-Disposition"]
    assert download["X-Content-Type-Options"] == "nosniff"
    assert b"".join(download.streaming_content) == b"<x/>"
    is_problem(world.other_client.get(shown[0]["url"]), 404)
    is_problem(world.fac_consultant.get(shown[0]["url"]), 404)
    alone = world.client.post(path, {"files": [SimpleUploadedFile("b.txt", b"hola")]}, format="multipart")
    assert alone.status_code == 201


def test_the_answer_of_the_client_ends_the_wait(world: World) -> None:
    number = world.client.file()["number"]
    world.karla.must(number, "take")
    world.karla.must(number, "wait", reason="¿Qué código postal dice?")
    world.client.send(f"tickets/{number}/messages/", {"body": "50090"})
    assert world.karla.ask(f"tickets/{number}/").json()["status"] == "in_progress"


# ------------------------------------------------------------------ lists


def _numbers(page: Any) -> list[str]:
    return [ticket["number"] for ticket in page["results"]]


def test_filters(world: World, at: Clock) -> None:
    calm = world.client.file()["number"]
    urgent = world.client.file(**OUTAGE, channel="web")["number"]
    at(NIGHT_AT)
    late = world.client.file(subject="Cómo cancelo una factura")["number"]
    world.karla.must(calm, "take")

    def found(**params: Any) -> set[str]:
        return set(_numbers(world.manager.ask("tickets/", **params).json()))

    assert found() == {calm, urgent, late}
    assert found(status="in_progress") == {calm}
    assert found(status="deferred") == {late}
    assert found(priority="critical") == {urgent}
    assert found(channel="web") == {urgent}
    assert found(desk="invoice-mx") == {calm, urgent, late}
    assert found(desk="facturando") == found(desk="no-hay") == set()
    mine = world.manager.ask("tickets/", assignee=world.users["karla"].pk).json()["results"]
    assert calm in {ticket["number"] for ticket in mine}
    assert {ticket["assignee"]["id"] for ticket in mine} == {world.users["karla"].pk}
    assert world.karla.ask("tickets/", assignee="me").json()["results"] == mine
    assert found(q="cancelo") == {late}
    assert found(q=urgent) == {urgent}
    assert found(q=urgent.lower()) == {urgent}
    assert found(status="in_progress", priority="critical") == set()
    assert found(status="", priority="", q="") == {calm, urgent, late}


def test_wrong_filters_are_named(world: World) -> None:
    for field, value in (
        ("status", "x"),
        ("priority", "x"),
        ("channel", "x"),
        ("ordering", "x"),
        ("ordering", "-priority; drop"),
        ("assignee", "x"),
        ("assignee", "-1"),
        ("assignee", "9" * 40),
        ("cursor", "x"),
        ("cursor", "p-5"),
        ("cursor", "eyJhIjoxfQ"),
        ("cursor", "9" * 5000),
    ):
        names_field(world.karla.ask("tickets/", **{field: value}), field)


def test_no_words_break_the_search(world: World) -> None:
    world.client.file()
    for words in ("'", '"', "\\", "a & | !", "():*", "%", "_", "😀", "x" * 3000, "ñ", "a b c d e f g h", "-", "<->"):
        assert world.karla.ask("tickets/", q=words).status_code == 200, words
    is_problem(world.karla.get(f"{API}tickets/?q=%00"), 400)


def test_orderings(world: World, at: Clock) -> None:
    made = []
    for minutes, change in ((0, {}), (3, OUTAGE), (5, {"request_type": "training"}), (9, {"affects_operation": True})):
        at(OPEN_AT + timedelta(minutes=minutes))
        made.append(world.client.file(**change)["number"])
    normal, critical, low, high = made

    def order(**params: Any) -> list[str]:
        return _numbers(world.manager.ask("tickets/", **params).json())

    assert order(ordering="opened_at") == made
    assert order(ordering="-opened_at") == made[::-1]
    assert order(ordering="priority") == [critical, high, normal, low]
    assert order(ordering="due") == [critical, high, normal, low]


def test_pages_hold_still_while_tickets_come_in(world: World, at: Clock) -> None:
    made = []
    for n in range(53):  # ties on every key
        at(OPEN_AT + timedelta(minutes=n // 10))
        made.append(world.client.file(affects_operation=n % 2 == 0)["number"])
    for ordering in ("due", "priority", "opened_at", "-opened_at"):
        first = world.manager.ask("tickets/", ordering=ordering).json()
        assert (len(first["results"]), first["previous"]) == (50, None)
        at(OPEN_AT + timedelta(minutes=3))
        late = world.client.file(affects_operation=True)["number"]
        second = world.manager.get(first["next"]).json()
        seen = _numbers(first) + _numbers(second)
        assert len(seen) == len(set(seen))
        assert set(made) <= set(seen) <= {*made, late}
        assert second["next"] is None
        back = world.manager.get(second["previous"]).json()
        assert set(_numbers(back)) & set(_numbers(second)) == set()
        made.append(late)


# ------------------------------------------------------------------ one effect for one key


def test_the_same_key_and_body_give_the_first_answer_again(world: World) -> None:
    first = world.client.send("tickets/", REPORT, HTTP_IDEMPOTENCY_KEY="k-1")
    again = world.client.send("tickets/", REPORT, HTTP_IDEMPOTENCY_KEY="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert again["Content-Type"].startswith("application/json")
    assert len(world.client.ask("tickets/").json()["results"]) == 1


def test_the_same_key_with_another_body(world: World) -> None:
    world.client.send("tickets/", REPORT, HTTP_IDEMPOTENCY_KEY="k-2")
    body = is_problem(world.client.send("tickets/", {**REPORT, "subject": "Otra"}, HTTP_IDEMPOTENCY_KEY="k-2"), 422)
    assert body["code"]
    other_person = world.other_client.send("tickets/", {**REPORT, "subject": "Otra"}, HTTP_IDEMPOTENCY_KEY="k-2")
    assert other_person.status_code == 201
    assert "Idempotent-Replayed" not in other_person


def test_the_order_of_names_is_no_other_body(world: World) -> None:
    world.client.send("tickets/", REPORT, HTTP_IDEMPOTENCY_KEY="k-3")
    again = world.client.send("tickets/", dict([*REPORT.items()][::-1]), HTTP_IDEMPOTENCY_KEY="k-3")
    assert again["Idempotent-Replayed"] == "true"


def test_refusals_are_kept_too(world: World) -> None:
    wrong = {**REPORT, "subject": ""}
    first = world.client.send("tickets/", wrong, HTTP_IDEMPOTENCY_KEY="k-4")
    again = world.client.send("tickets/", wrong, HTTP_IDEMPOTENCY_KEY="k-4")
    assert is_problem(first, 400) == is_problem(again, 400)
    assert again["Idempotent-Replayed"] == "true"


def test_verbs_and_messages_and_calendars_as_well(world: World) -> None:
    number = world.client.file()["number"]
    taken = [world.karla.send(f"tickets/{number}/take/", {}, HTTP_IDEMPOTENCY_KEY="k-5") for _ in range(2)]
    assert [answer.status_code for answer in taken] == [200, 200]
    assert taken[1]["Idempotent-Replayed"] == "true"
    path = f"tickets/{number}/messages/"
    said = [world.client.send(path, {"body": "Sigue."}, HTTP_IDEMPOTENCY_KEY="k-6") for _ in range(2)]
    assert said[0].json() == said[1].json()
    assert len(world.client.ask(path).json()["results"]) == 2
    hours = [{"weekday": 0, "opens": "09:00", "closes": "10:00"}]
    calendar = {"slug": "k", "name": "K", "timezone": "UTC", "hours": hours}
    made = [world.manager.send("calendars/", calendar, HTTP_IDEMPOTENCY_KEY="k-7") for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[1]["Idempotent-Replayed"] == "true"


def test_kept_for_a_day(world: World, at: Clock) -> None:
    world.client.send("tickets/", REPORT, HTTP_IDEMPOTENCY_KEY="k-8")
    at(OPEN_AT + timedelta(hours=23, minutes=59))
    assert world.client.send("tickets/", REPORT, HTTP_IDEMPOTENCY_KEY="k-8")["Idempotent-Replayed"] == "true"
    at(OPEN_AT + timedelta(hours=24, minutes=1))
    later = world.client.send("tickets/", REPORT, HTTP_IDEMPOTENCY_KEY="k-8")
    assert later.status_code == 201
    assert "Idempotent-Replayed" not in later


def test_a_key_that_is_none(world: World) -> None:
    for key in ["", " ", "x" * 256, "ñ", "a b"]:
        is_problem(world.client.send("tickets/", REPORT, HTTP_IDEMPOTENCY_KEY=key), 400)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one() -> None:
    """Eight threads with one key: one effect, one answer."""
    world = World()
    answers: list[Any] = []
    together = threading.Barrier(8)

    def send() -> None:
        together.wait()
        try:
            answers.append(world.client.send("tickets/", REPORT, HTTP_IDEMPOTENCY_KEY="carrera"))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer for answer in answers) == 7
    assert len(world.client.ask("tickets/").json()["results"]) == 1
