"""Instants of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rest_framework import serializers
from rest_framework.test import APIClient

from accounts.fields import InstantField, parse_instant

NOON = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)


class Row(serializers.Serializer[Any]):
    at = InstantField(allow_null=True)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-17T12:00:00-06:00",
        "2026-11-17T18:00:00Z",
        "2026-11-17T18:00Z",
        "2026-11-17 18:00:00+00:00",
        "2026-11-17T18:00:00.000+0000",
        "2026-11-18T03:00:00+09:00",
        pytest.param("2026-11-17T18:00:00 00:00", id="a plus that became a blank"),
    ],
)
def test_any_offset_is_taken(text: str) -> None:
    assert parse_instant(text) == NOON


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-17T12:00:00", "offset_required"),
        ("2026-11-17 12:00", "offset_required"),
        ("2026-11-17", "invalid"),
        ("mañana", "invalid"),
        ("", "invalid"),
        ("2026-02-30T12:00:00Z", "invalid"),
        ("2026-11-17T25:00:00Z", "invalid"),
        ("2026-11-17T12:00:00+99:00", "invalid"),
        ("0001-01-01T00:00:00+14:00", "out_of_range"),
        ("9999-12-31T23:59:59-14:00", "out_of_range"),
        (1795234000, "invalid"),
        (None, "invalid"),
        (["2026-11-17T12:00:00Z"], "invalid"),
    ],
)
def test_what_is_no_instant(text: object, code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        parse_instant(text)


def test_a_naive_instant_is_refused_by_its_code() -> None:
    row = Row(data={"at": "2026-11-17T12:00:00"})

    assert not row.is_valid()
    assert row.errors["at"][0].code == "offset_required"


def test_answers_carry_the_offset_of_the_desk() -> None:
    def shown(**context: Any) -> Any:
        return Row({"at": NOON}, context=context).data["at"]

    assert shown() == "2026-11-17T12:00:00-06:00"
    assert shown(zone=ZoneInfo("America/Tijuana")) == "2026-11-17T10:00:00-08:00"
    assert shown(zone_of=lambda row: ZoneInfo("Asia/Tokyo")) == "2026-11-18T03:00:00+09:00"
    assert Row({"at": None}).data["at"] is None


@pytest.mark.django_db
@pytest.mark.urls("tests.accounts.api_urls")
@pytest.mark.parametrize(
    ("query", "code"), [("", "required"), ("?at=ayer", "invalid"), ("?at=2026-11-17T10:00", "offset_required")]
)
def test_a_query_parameter_that_is_wrong_is_a_400_that_names_it(api: APIClient, query: str, code: str) -> None:
    response = api.get(f"/api/v1/public/{query}")

    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["field"], error["code"]) == ("at", code)
