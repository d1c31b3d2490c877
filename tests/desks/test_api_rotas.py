"""`rotas/{slug}/on-call/`: who is on call, for whoever works at the desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.actor import SYSTEM
from desks.models import Desk
from schedules import actions as schedule_actions
from schedules.models import Rota
from tests.desks.cast import join, make_contact, make_desk, make_user
from tests.desks.test_api_calendars import client_of, errors_of

pytestmark = pytest.mark.django_db

URL = "/api/v1/rotas/guardia/on-call/"
MONDAY = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)  # 09:00 in Mexico City, a hand-off (and a holiday)


@pytest.fixture
def desk() -> Desk:
    return make_desk("norte")


@pytest.fixture
def people(desk: Desk) -> dict[str, Any]:
    ada, eva = make_user("Ada Lozano"), make_user("Eva Ruiz")
    for person in (ada, eva):
        join(desk, person, "consultant")
    return {"ada": ada, "eva": eva}


@pytest.fixture
def rota(desk: Desk, people: dict[str, Any]) -> Rota:
    layer = {
        "name": "Semanal",
        "rotation": "weekly",
        "members": [people["ada"].pk, people["eva"].pk],
        "handoffs": ["09:00"],
        "start": "2026-11-09",
    }
    return schedule_actions.save_rota(
        scope=desk.slug,
        slug="guardia",
        name="Guardia",
        timezone="America/Mexico_City",
        rule={"layers": [layer], "outside": "oficina"},
        by=SYSTEM,
        now=MONDAY - timedelta(days=60),
    )


@pytest.fixture
def client(rota: Rota, people: dict[str, Any]) -> APIClient:
    return client_of(people["ada"])


def ask(client: APIClient, at: str) -> dict[str, Any]:
    response = client.get(URL, {"at": at})
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def test_outside_office_hours_somebody_is_on_call(client, people):
    told = ask(client, "2026-11-17T14:30:00-06:00")

    assert told["user"] == {"id": people["eva"].pk, "name": "Eva Ruiz", "kind": "user"}
    assert told["shift"] == {"start": "2026-11-17T14:00:00-06:00", "end": "2026-11-17T16:00:00-06:00"}
    assert told["override"] is False
    assert told["next"]["user"]["id"] == people["eva"].pk
    assert told["next"]["shift"]["start"] == "2026-11-17T19:00:00-06:00"


def test_while_the_office_attends_nobody_is(client, people):
    told = ask(client, "2026-11-17T10:00:00-06:00")

    assert (told["user"], told["shift"], told["override"]) == (None, None, False)
    assert told["next"]["shift"]["start"] == "2026-11-17T14:00:00-06:00"


def test_on_a_holiday_the_shift_lasts_the_day(client, people):
    told = ask(client, "2026-11-16T12:00:00-06:00")

    assert told["user"]["id"] == people["eva"].pk
    assert told["shift"]["end"] == "2026-11-17T09:00:00-06:00"


def test_the_week_changes_hands_at_the_hour(client, people):
    before = ask(client, "2026-11-16T08:59:59-06:00")
    after = ask(client, "2026-11-16T09:00:00-06:00")

    assert (before["user"]["name"], after["user"]["name"]) == ("Ada Lozano", "Eva Ruiz")


def test_a_cover_is_told_as_an_override(client, rota, people, desk):
    start = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
    schedule_actions.change_shift(
        rota, user_id=people["ada"].pk, start_at=start, end_at=start + timedelta(hours=2), by=SYSTEM, now=MONDAY
    )

    told = ask(client, "2026-11-17T20:30:00-06:00")

    assert told["user"]["name"] == "Ada Lozano"
    assert told["override"] is True
    assert told["shift"] == {"start": "2026-11-17T20:00:00-06:00", "end": "2026-11-17T22:00:00-06:00"}
    assert told["next"]["user"]["name"] == "Eva Ruiz"


def test_before_the_rota_began_nobody_was(client):
    told = ask(client, "2026-11-01T22:00:00-06:00")

    assert told["user"] is None
    assert told["next"]["user"]["name"] == "Ada Lozano"


def test_without_an_instant_it_is_now(client):
    assert client.get(URL).status_code == 200


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-11-17T14:30:00", "offset_required"),
        ("mañana", "invalid"),
        ("9999-01-01T00:00:00Z", "out_of_range"),
        ("2180-01-01T00:00:00Z", "out_of_range"),
    ],
)
def test_a_bad_instant_is_named(client, at, code):
    assert errors_of(client.get(URL, {"at": at})) == {"at": code}


def test_only_people_of_the_desk_see_it(client, desk):
    tom = make_user("Tom Beltrán")
    join(make_desk("sur"), tom, "manager")
    rosa = make_user("Rosa Medina")
    make_contact(desk.vendor, user=rosa)
    paola = make_user("Paola Nava")
    join(desk, paola, "sales")

    assert client_of(tom).get(URL).status_code == 404
    assert client_of(rosa).get(URL).status_code == 404
    assert APIClient().get(URL).status_code == 401
    assert client_of(paola).get(URL).status_code == 200


def test_an_answer_costs_few_queries(client, django_assert_max_num_queries):
    at = {"at": "2026-11-17T14:30:00-06:00"}
    client.get(URL, at)
    with django_assert_max_num_queries(11):  # session, user, actor 2, desks, rota, people; the rota when not warm 4
        client.get(URL, at)
