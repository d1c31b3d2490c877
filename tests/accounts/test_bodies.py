"""Bodies are read as by a serializer of their own, whatever was read before."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts import bodies


class Person(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=5)


class Report(serializers.Serializer[dict[str, Any]]):
    subject = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField(), required=False, default=list)
    requester = Person(required=False)


BODIES = [
    {"subject": "Hola"},
    {"subject": "Hola", "tags": ["a", "b"], "requester": {"name": "Rosa"}},
    {"subject": ""},
    {"requester": {"name": "Demasiado"}, "tags": "x"},
    {},
    None,
    [],
    "texto",
    {"subject": "Otra", "de_mas": 1},
]


def apart(data: Any) -> Any:
    """What a serializer made for this body alone says."""
    body = Report(data=data)
    return body.validated_data if body.is_valid() else body.errors


def together(data: Any) -> Any:
    try:
        return bodies.read(Report, data)
    except ValidationError as refusal:
        return refusal.detail


@pytest.mark.parametrize("first", BODIES)
def test_each_body_is_read_as_if_it_were_the_first(first: Any) -> None:
    for data in (first, *BODIES):
        assert together(data) == apart(data)


def test_what_one_body_leaves_out_is_not_of_the_one_before() -> None:
    bodies.read(Report, {"subject": "Uno", "tags": ["a"]})["tags"].append("b")

    assert bodies.read(Report, {"subject": "Dos"}) == {"subject": "Dos", "tags": []}
