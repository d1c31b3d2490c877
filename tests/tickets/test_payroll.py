"""The export for payroll: whose hours, what counts as attended, and that no cell is a formula."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import User
from files.tables import defused
from tests import factories
from tests.factories import Cast
from tests.tickets.conftest import Clock
from tickets import actions

pytestmark = pytest.mark.django_db
MEXICO = ZoneInfo("America/Mexico_City")
WEEK = {"desde": "2026-11-16", "hasta": "2026-11-22"}


def local(hour: int, *, day: int = 17) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=MEXICO).astimezone(UTC)


@pytest.fixture
def two(cast: Cast, at: Clock) -> Cast:
    factories.set_on_call(cast.desk, cast.ada, cast.bruno)
    at(local(10, day=23))
    return cast


def rows(user: Any, **query: str) -> list[list[str]]:
    client = Client()
    client.force_login(user)
    answer = client.get("/guardias/nomina.csv", {**WEEK, **query})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="guardias-invoice-mx-')
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))[1:]


def test_a_manager_reads_everybody_others_themselves(two: Cast) -> None:
    assert [row[0] for row in rows(two.marcela)] == ["Ada Lozano", "Bruno Ortega"]
    assert [row[0] for row in rows(two.bruno)] == ["Bruno Ortega"]
    client = Client()
    client.force_login(two.paola)
    assert client.get("/guardias/nomina.csv", WEEK).status_code == 403


def test_hours_sundays_and_rest_days_of_a_week(two: Cast) -> None:
    """Week of 16 November: Monday is a rest day, Bruno hands over to Ada at 09:00."""
    ada, bruno = rows(two.marcela)

    assert bruno[3:] == ["1", "9.00", "0", "0.00", "9.00"]
    # Monday 15; Tuesday to Friday 9 + 2 + 5; Saturday 9 + 10; Sunday 24
    assert ada[4:] == ["122.00", "0", "24.00", "15.00"]


def test_what_was_attended_within_the_shift_counts_once_a_case(two: Cast) -> None:
    night = two.ticket(now=local(22), request_type="system_down", affects_operation=True)
    actions.take(night, by=factories.actor(two.ada), now=local(23))
    actions.add_message(night, by=factories.actor(two.ada), now=local(23), body="Ya lo estamos revisando con usted.")
    day = two.ticket(now=local(10, day=18), subject="Otra cosa en la mañana")
    actions.take(day, by=factories.actor(two.ada), now=local(11, day=18))

    assert rows(two.ada)[0][5] == "1"


@pytest.mark.parametrize(
    "query",
    [{"desde": "ayer"}, {"hasta": ""}, {"desde": "2026-11-23"}, {"desde": "2024-01-01"}, {"desde": "0001-01-01"}],
)
def test_days_that_make_no_sense_are_refused(two: Cast, query: dict[str, str]) -> None:
    client = Client()
    client.force_login(two.marcela)

    assert client.get("/guardias/nomina.csv", {**WEEK, **query}).status_code == 400


@pytest.mark.parametrize("name", ["=1+1", "+52", "-2", "@SUM(A1)", "\tx"])
def test_a_name_is_never_a_formula(two: Cast, name: str) -> None:
    assert defused(name) == f"'{name}"
    User.objects.filter(pk=two.ada.pk).update(name=name)
    two.desk.config_version += 1
    two.desk.save()

    assert any(row[0].startswith("'") for row in rows(two.marcela))
