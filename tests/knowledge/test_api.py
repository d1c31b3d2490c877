"""Articles over the API: the desk's people find all of theirs, clients what is public, nobody another vendor's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from knowledge import actions
from knowledge.actions import Content
from tests import factories
from tests.factories import OFFICE, Cast
from tests.knowledge.conftest import write

LIST = "/api/v1/knowledge/articles/"


def found(client: APIClient, query: str = "") -> list[str]:
    return [row["title"] for row in client.get(f"{LIST}{query}").json()["results"]]


@pytest.fixture
def shelf(cast: Cast, stranger: Cast) -> dict[str, Any]:
    public = write(cast, title="Público")
    edited = write(cast, title="Editado")
    draft = Content("Zapote", "Sólo nosotros: zapote CRP20201", audience="internal")
    actions.edit(edited, draft, by=factories.actor(cast.ada), now=OFFICE, base=1)
    return {
        "public": public,
        "edited": edited,
        "internal": write(cast, title="Interno", audience="internal"),
        "draft": write(cast, title="Borrador", publish=False),
        "foreign": write(stranger, title="Ajeno"),
    }


def test_everybody_finds_what_is_theirs(cast: Cast, caller: Callable[..., APIClient], shelf: dict[str, Any]) -> None:
    ada, rosa = caller(cast.ada), caller(cast.rosa)

    assert sorted(found(ada)) == ["Borrador", "Editado", "Interno", "Público"]
    assert sorted(found(rosa)) == sorted(found(rosa, "?q=cfdi40147")) == ["Editado", "Público"]
    assert found(ada, "?q=zapote") == ["Editado"]
    assert found(rosa, "?q=zapote") == found(rosa, "?code=CRP20201") == found(rosa, "?state=draft") == []
    assert found(caller(cast.paola)) == []
    assert found(ada, "?state=draft") == ["Borrador"]


def test_one_is_read_by_whom_it_is_for(cast: Cast, caller: Callable[..., APIClient], shelf: dict[str, Any]) -> None:
    ada, rosa = caller(cast.ada), caller(cast.rosa)

    def status(client: APIClient, name: str) -> int:
        return client.get(f"{LIST}{shelf[name].pk}/").status_code

    assert [status(ada, name) for name in shelf] == [200, 200, 200, 200, 404]
    assert [status(rosa, name) for name in shelf] == [200, 200, 404, 404, 404]
    read = rosa.get(f"{LIST}{shelf['edited'].pk}/").json()
    assert (read["version"], read["codes"], "owner" in read, "state" in read) == (1, ["CFDI40147"], False, False)
    assert "zapote" not in str(read)
    assert APIClient().get(LIST).status_code == 401


@pytest.mark.parametrize("query", ["?code=nada", "?state=todo", "?cursor=x"])
def test_what_cannot_be_read_is_a_problem(cast: Cast, caller: Callable[..., APIClient], query: str) -> None:
    answer = caller(cast.ada).get(f"{LIST}{query}")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
