"""*Personas*: what a manager changes about who works at the desk, and how work is shared out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from core.errors import Forbidden, Invalid
from desks import people_actions as actions
from desks import queries as desk_queries
from desks.models import Desk, Membership
from tests import factories
from tests.factories import Cast


@pytest.fixture
def cast(db: None) -> Cast:
    return factories.Cast()


def of(user: Any) -> Membership:
    return Membership.objects.select_related("desk__vendor").get(user=user)


def change(cast: Cast, user: Any, by: Any, **fields: Any) -> Membership:
    values = {
        "skills": ["nube"], "max_open": 7, "availability": "busy", "reports_to": of(cast.elena).pk, "calendar": "",
    }  # fmt: skip
    return actions.change(of(user), by=factories.actor(by), **{**values, **fields})


def test_a_manager_changes_a_person_and_every_process_knows_it(cast: Cast) -> None:
    version = Desk.objects.get().config_version

    change(cast, cast.ada, cast.marcela, calendar="oficina")

    desk = Desk.objects.select_related("vendor").get()
    member = desk_queries.config(desk).member(cast.ada.pk)
    assert member is not None
    assert (member.skills, member.max_open, member.availability) == (frozenset({"nube"}), 7, "busy")
    assert (member.superior_user_id, member.calendar_id) == (cast.elena.pk, desk.calendar_id)
    assert desk.config_version > version
    with pytest.raises(Forbidden):
        change(cast, cast.ada, cast.elena)


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        pytest.param({"skills": ["otro"]}, "skills", "unknown_product", id="a product of nobody"),
        pytest.param({"max_open": 0}, "max_open", "out_of_range", id="no room at all"),
        pytest.param({"availability": "dormida"}, "availability", "invalid_choice", id="an unknown status"),
        pytest.param({"calendar": "de-otra-mesa"}, "calendar", "unknown_calendar", id="hours of another desk"),
        pytest.param({"reports_to": 0}, "reports_to", "unknown_person", id="a superior who is not there"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast: Cast, fields: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(cast, cast.ada, cast.marcela, **fields)

    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_nobody_stands_above_themselves_at_whatever_distance(cast: Cast) -> None:
    """Ada answers to Elena, Elena to Marcela: Marcela cannot answer to Ada."""
    with pytest.raises(Invalid):
        change(cast, cast.marcela, cast.marcela, reports_to=of(cast.ada).pk)
    with pytest.raises(Invalid):
        change(cast, cast.ada, cast.marcela, reports_to=of(cast.ada).pk)


def test_by_page(cast: Cast) -> None:
    browser = Browser()
    browser.force_login(cast.marcela)
    path = f"/ajustes/personas/{of(cast.ada).pk}/"
    assert "Ada Lozano" in browser.get("/ajustes/personas/").content.decode()
    sent = {"skills": ["escritorio"], "max_open": "9", "availability": "available", "reports_to": "", "calendar": ""}

    wrong = browser.post(path, {**sent, "max_open": "muchos"})
    done = browser.post(path, sent, follow=True)

    assert wrong.status_code == 422
    assert 'value="muchos"' in wrong.content.decode()
    assert "InvoiceMX Escritorio · 9 abiertos como máximo" in done.content.decode()


def test_how_work_is_shared_out(cast: Cast) -> None:
    browser = Browser()
    browser.force_login(cast.marcela)

    browser.post("/ajustes/reparto/", {"take_minutes": "45", "usual_first": "on"})
    wrong = browser.post("/ajustes/reparto/", {"take_minutes": "-1"})

    desk = Desk.objects.get()
    assert (desk.take_minutes, desk.usual_first) == (45, True)
    assert wrong.status_code == 422
    with pytest.raises(Forbidden):
        actions.set_sharing(desk, take_minutes=5, usual_first=False, by=factories.actor(cast.elena))


def test_people_of_another_desk_are_not_there(cast: Cast) -> None:
    other = factories.Cast("otra-mesa", prefix="OTR", name="Otra Mesa")
    browser = Browser()
    browser.force_login(cast.marcela)

    assert browser.get(f"/ajustes/personas/{of(other.ada).pk}/").status_code == 404
    assert browser.get("/ajustes/personas/?mesa=otra-mesa").status_code == 404


def test_the_list_costs_the_same_with_many(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for n in range(8):
        factories.make_member(cast.desk, f"Consultor{n} Soto", wakes=False)
    browser = Browser()
    browser.force_login(cast.marcela)
    browser.get("/ajustes/personas/")

    with django_assert_max_num_queries(9):
        browser.get("/ajustes/personas/")
