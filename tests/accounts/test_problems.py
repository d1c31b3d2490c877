"""Every refusal of the API is a problem with a code that never changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.api_urls")]

GOOD = {"at": "2026-11-17T10:42:00-06:00", "requester": {"name": "Rosa"}}


def raw(api: APIClient, path: str, body: bytes, content_type: str) -> Any:
    return api.generic("POST", path, body, content_type=content_type)  # bytes are fine


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["type"] == f"urn:helpdesk:problem:{body['code']}"
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.parametrize(
    ("what", "status", "code", "extra"),
    [
        (
            "taken",
            409,
            "already_taken",
            {"state": "in_progress", "assignee": {"id": 7, "name": "Karla", "kind": "user"}},
        ),
        ("state", 409, "transition_not_allowed", {"state": "closed"}),
        ("verb", 403, "forbidden", {}),
        ("often", 429, "too_many_requests", {"retry_after": 30}),
        ("gone", 404, "not_found", {}),
        ("denied", 403, "forbidden", {}),
        ("invalid", 400, "invalid", {}),
        ("model", 400, "invalid", {}),
        ("nul", 400, "invalid_characters", {}),
    ],
)
def test_refusals(ada_api: APIClient, what: str, status: int, code: str, extra: dict[str, Any]) -> None:
    response = ada_api.get(f"/api/v1/refuse/{what}/")

    body = problem(response, status)
    assert body["code"] == code
    assert {name: body[name] for name in extra} == extra
    assert response.get("Retry-After") == ("30" if what == "often" else None)


def test_the_fields_at_fault_are_named_flat(ada_api: APIClient) -> None:
    bad = {"at": "mañana", "requester": {"name": "x" * 11, "email": "no"}, "hours": [{"name": "a"}, {}]}

    errors = problem(ada_api.post("/api/v1/whoami/", bad), 400)["errors"]

    assert {error["field"]: error["code"] for error in errors} == {
        "at": "invalid",
        "requester.name": "max_length",
        "requester.email": "invalid",
        "hours.1.name": "required",
    }
    assert all(error["message"] for error in errors)
    (own,) = problem(ada_api.get("/api/v1/refuse/invalid/"), 400)["errors"]
    assert own == {"field": "rfc", "code": "rfc_shape", "message": "No es un RFC."}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        pytest.param(b"{", "application/json", 400, "parse_error", id="half a body"),
        pytest.param(b"[1]", "application/json", 400, "invalid", id="a list"),
        pytest.param(b'{"at": NaN}', "application/json", 400, "parse_error", id="NaN"),
        pytest.param(b"\xff\xfe", "application/json", 400, "parse_error", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "application/json", 400, "parse_error", id="nested for ever"),
        pytest.param(b"9" * 5000, "application/json", 400, "parse_error", id="a number of 5000 digits"),
        pytest.param(b"<a/>", "application/xml", 415, "unsupported_media_type", id="XML"),
        pytest.param(b"x" * 3_000_000, "application/json", 413, "too_large", id="3 MB"),
    ],
)
def test_bodies_that_cannot_be_read(ada_api: APIClient, body: bytes, content_type: str, status: int, code: str) -> None:
    response = raw(ada_api, "/api/v1/whoami/", body, content_type)

    assert problem(response, status)["code"] == code


def test_a_form_without_its_boundary_is_told_in_spanish(ada_api: APIClient) -> None:
    body = problem(raw(ada_api, "/api/v1/whoami/", b"--x", "multipart/form-data"), 400)

    assert (body["code"], body["detail"]) == ("parse_error", "El formulario no se puede leer.")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param(rb'{"requester": {"name": "a\u0000b"}}', "requester.name", id="NUL"),
        pytest.param(rb'{"hours": [{"name": "\ud800"}]}', "hours.0.name", id="lone surrogate"),
        pytest.param(rb'{"not_asked_for": "\u0000"}', "not_asked_for", id="in a field nobody asked for"),
        pytest.param(rb'{"requester": {"\u0000": 1}}', "requester", id="in a name"),
    ],
)
def test_characters_that_cannot_be_kept(ada_api: APIClient, body: bytes, field: str) -> None:
    response = raw(ada_api, "/api/v1/whoami/", body, "application/json")

    (error,) = problem(response, 400)["errors"]
    assert (error["field"], error["code"]) == (field, "invalid_characters")


@pytest.mark.parametrize(
    "path",
    ["/api/v1/public/?at=%00", "/api/v1/refuse/%00/", "/api/v1/%00", "/pagina/?q=a%00b"],
)
def test_addresses_with_a_nul(client: Client, path: str) -> None:
    assert client.get(path).status_code == 400


@pytest.mark.parametrize("path", ["/pagina/", "/api/v1/whoami/"])
def test_a_cookie_that_spells_a_nul(path: str) -> None:
    client = Client(headers={"Cookie": r'sessionid="abcdefgh\000ijkl"'})

    assert client.get(path).status_code == 400


def test_a_pair_of_surrogates_is_a_character(ada_api: APIClient) -> None:
    response = raw(ada_api, "/api/v1/public/", rb'{"text": "\ud83d\ude00"}', "application/json")

    assert response.json() == {"got": {"text": "😀"}}


def test_a_form_with_a_nul_is_refused_too(ada_api: APIClient) -> None:
    response = ada_api.post("/api/v1/whoami/", {"at": "\x00"}, format="multipart")

    assert problem(response, 400)["code"] == "invalid"


def test_what_is_not_there_or_not_done_that_way(ada_api: APIClient) -> None:
    problem(ada_api.get("/api/v1/nada/"), 404)
    response = ada_api.put("/api/v1/whoami/", {})
    assert problem(response, 405)["code"] == "method_not_allowed"
    assert "POST" in response["Allow"]
    assert problem(ada_api.get("/api/v1/whoami/", headers={"Accept": "text/csv"}), 406)["code"] == "not_acceptable"


def test_a_post_without_the_last_slash_stays_a_post(ada_api: APIClient) -> None:
    moved = ada_api.post("/api/v1/whoami", {"at": "2026-11-17T10:42:00-06:00", "requester": {"name": "Rosa"}})

    assert (moved.status_code, moved["Location"]) == (308, "/api/v1/whoami/")
    assert ada_api.get("/api/v1/whoami").status_code == 301


def test_a_failure_of_ours_keeps_its_details(ada_api: APIClient) -> None:
    ada_api.raise_request_exception = False

    body = problem(ada_api.get("/api/v1/refuse/bug/"), 500)

    assert body["code"] == "server_error"
    assert "details" not in str(body)


def test_a_database_that_is_away_asks_to_come_back(ada_api: APIClient) -> None:
    ada_api.raise_request_exception = False

    response = ada_api.get("/api/v1/refuse/away/")

    assert (problem(response, 503)["code"], response["Retry-After"]) == ("unavailable", "10")


def test_spanish_unless_english_is_asked_for(ada_api: APIClient) -> None:
    def read(language: str) -> tuple[str, str]:
        response = ada_api.post("/api/v1/whoami/", {}, headers={"Accept-Language": language})
        assert response["Content-Language"] in ("es-mx", "en")
        assert "Accept-Language" in response["Vary"]
        body = problem(response, 400)
        return body["detail"], next(e["message"] for e in body["errors"] if e["field"] == "requester")

    assert read("en-US,en;q=0.9")[1] == "This field is required."
    assert read("es")[1] == read("fr-FR,fr")[1] == read("")[1] == "Este campo es requerido."
    assert read("en") != read("es-MX")


def test_pages_are_not_problems(client: Client, settings: Settings) -> None:
    response = client.get("/pagina/nada/")

    assert response.status_code == 404
    assert "problem" not in response["Content-Type"]
