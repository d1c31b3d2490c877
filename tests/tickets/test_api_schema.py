"""The OpenAPI document of the ticket calls: it is generated without a warning and says what they answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.factories import Cast
from tests.tickets.conftest import Caller
from tests.tickets.test_api_tickets import body
from tickets.verbs import VERBS


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def test_it_is_valid(schema: dict[str, Any]) -> None:
    validate_schema(schema)

    assert schema["openapi"].startswith("3.1")


def test_what_is_described_of_an_address_is_what_stands_in_it(schema: dict[str, Any]) -> None:
    for path, calls in schema["paths"].items():
        for call in calls.values():
            described = [p["name"] for p in call.get("parameters", ()) if p["in"] == "path"]
            assert sorted(described) == sorted(re.findall(r"{(\w+)}", path)), path


def test_our_views_raise_no_warning(schema: dict[str, Any]) -> None:
    said = [str(message) for stats in (GENERATOR_STATS._warn_cache, GENERATOR_STATS._error_cache) for message in stats]

    assert [message for message in said if "tickets" in message] == []


def test_every_call_of_the_contract_stands_in_it(schema: dict[str, Any]) -> None:
    paths = schema["paths"]

    assert {"get", "post"} <= set(paths["/api/v1/tickets/"])
    assert "get" in paths["/api/v1/tickets/{number}/"]
    assert "get" in paths["/api/v1/tickets/{number}/timeline/"]
    assert "post" in paths["/api/v1/tickets/{number}/messages/"]
    assert "post" in paths["/api/v1/desks/{slug}/route/"]
    assert all("post" in paths[f"/api/v1/tickets/{{number}}/{verb}/"] for verb in VERBS)


def test_answers_have_exactly_the_documented_members(schema: dict[str, Any], cast: Cast, caller: Caller) -> None:
    documented = set(schema["components"]["schemas"]["TicketOut"]["properties"])

    answered = set(caller(cast.ada).post("/api/v1/tickets/", body()).json())

    assert answered == documented
