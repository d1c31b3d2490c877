"""Saved and shared views of the queue: what is kept, who sees it, who may change it, and what it never shows."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Forbidden, Invalid
from desks import queries as desk_queries
from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.conftest import Clock
from tests.tickets.test_views_queue import browse, numbers
from tickets import actions
from tickets.actions import savedviews, tagging
from tickets.models import SavedView, Ticket

HIGH = {"vista": "todos", "prioridad": "high"}


def rail(response: Any) -> dict[str, list[str]]:
    """The saved views by the group of the rail."""
    return {
        group["title"]: [item["text"] for item in group["items"] if item["icon"] == "filter"]
        for group in response.context["views"]
    }


def test_what_is_shown_is_kept_under_a_name(cast: Cast, at: Clock) -> None:
    cast.ticket(affects_operation=True)
    cast.ticket()
    browser = browse(cast.ada)
    page = browser.get("/cola/?vista=todos&prioridad=normal&orden=recientes&cursor=&nada=1")

    form = browser.get(page.context["keep_href"])
    answer = browser.post(page.context["keep_href"], {"name": "  Sin   prisa "})

    assert form.context["holds"] == ["Todos los abiertos", "Prioridad: Media", "Orden: Recientes"]
    view = SavedView.objects.get()
    assert (view.name, view.desk_id) == ("Sin prisa", None)
    assert view.params == {"vista": "todos", "orden": "recientes", "prioridad": "normal"}
    shown = browser.get(answer["Location"])
    assert shown.context["heading"] == "Sin prisa"
    assert numbers(shown) == numbers(page)
    assert rail(shown) == {"Mis vistas": ["Sin prisa"], "Equipo": []}
    assert rail(browse(cast.bruno).get("/cola/")) == {"Mis vistas": [], "Equipo": []}


def test_a_shared_view_is_for_the_desk_and_shows_each_what_they_may_see(cast: Cast, stranger: Cast, at: Clock) -> None:
    mine = actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE)
    stranger.ticket()
    elena = factories.actor(cast.elena)
    # An old link, or a file that somebody changed: what is unknown or foreign falls away.
    params = {"vista": "todos", "asignado": "yo", "mesa": "otra-mesa", "estado": "drop", "etiqueta": "x", "nada": "1"}
    view = savedviews.keep_view(by=elena, now=OFFICE, name="Lo mío", params=params, desk_id=cast.desk.pk)

    seen = browse(cast.ada).get("/cola/")
    (item,) = [item for group in seen.context["views"] for item in group["items"] if item["text"] == "Lo mío"]

    assert rail(seen)["Equipo"] == ["Lo mío"]
    assert numbers(browse(cast.ada).get(item["href"])) == [mine.number]
    assert numbers(browse(cast.elena).get(item["href"])) == []
    assert rail(browse(stranger.ada).get("/cola/"))["Equipo"] == []
    assert browse(stranger.elena).get(f"/cola/vistas/{view.pk}/").status_code == 404
    assert browse(stranger.ada).get(item["href"]).context["heading"] == "Todos los abiertos"


def test_who_supervises_shares_and_changes_what_the_desk_sees(cast: Cast, at: Clock) -> None:
    ada, elena = factories.actor(cast.ada), factories.actor(cast.elena)
    with pytest.raises(Forbidden):
        savedviews.keep_view(by=ada, now=OFFICE, name="De todos", params=HIGH, desk_id=cast.desk.pk)
    view = savedviews.keep_view(by=elena, now=OFFICE, name="De todos", params=HIGH, desk_id=cast.desk.pk)
    marcela = browse(cast.marcela)

    page = marcela.get(f"/cola/?vista=todos&prioridad=critical&guardada={view.pk}")
    href = page.context["edit_view_href"]
    assert marcela.get(href).context["holds_now"] == ["Todos los abiertos", "Prioridad: Crítica", "Orden: Vencimiento"]
    marcela.post(href, {"name": "Crítico", "desk": cast.desk.pk, "renew": "on"})

    view.refresh_from_db()
    assert (view.name, view.params["prioridad"]) == ("Crítico", "critical")
    # Taking it for herself what Elena made is not hers to do; Ada may not change it at all.
    assert marcela.post(f"/cola/vistas/{view.pk}/", {"name": "Mío", "desk": ""}).status_code == 422
    assert browse(cast.ada).get(page.wsgi_request.get_full_path()).context["edit_view_href"] == ""
    assert browse(cast.ada).post(f"/cola/vistas/{view.pk}/borrar/").status_code == 403
    assert marcela.post(f"/cola/vistas/{view.pk}/borrar/").status_code == 302
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param(" ", "required", id="no name"),
        pytest.param("MI VISTA", "name_taken", id="taken, in another case"),
        pytest.param("La contraseña es Zafiro-7731", "secret", id="a secret"),
        pytest.param("x" * 61, "max_length", id="too long"),
    ],
)
def test_names_that_are_refused(cast: Cast, name: str, code: str) -> None:
    ada = factories.actor(cast.ada)
    savedviews.keep_view(by=ada, now=OFFICE, name="Mi vista", params=HIGH)

    with pytest.raises(Invalid) as refusal:
        savedviews.keep_view(by=ada, now=OFFICE, name=name, params=HIGH)

    assert [error.code for error in refusal.value.errors] == [code]
    savedviews.keep_view(by=factories.actor(cast.bruno), now=OFFICE, name="mi vista", params=HIGH)


def test_a_list_has_an_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.queries.savedviews.MOST", 1)
    ada = factories.actor(cast.ada)
    savedviews.keep_view(by=ada, now=OFFICE, name="Una", params=HIGH)

    with pytest.raises(Invalid, match="invalid"):
        savedviews.keep_view(by=ada, now=OFFICE, name="Otra", params=HIGH)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("vista=todos&estado=new", {"IMX-1"}),
        ("estado=waiting_client", {"IMX-3"}),  # the work at hand gives way to the state that is asked for
        ("vista=mios&estado=waiting_client", {"IMX-3"}),
        ("vista=todos&asignado=yo", {"IMX-2", "IMX-3"}),
        ("vista=todos&asignado=nadie", {"IMX-1"}),
        ("vista=todos&asignado=nadie&estado=in_progress", set()),
        ("vista=todos&asignado=999999", {"IMX-1", "IMX-2", "IMX-3"}),
    ],
)
def test_filters_by_state_and_person(cast: Cast, at: Clock, query: str, expected: set[str]) -> None:
    ada = factories.actor(cast.ada)
    free = cast.ticket()
    Ticket.objects.filter(pk=free.pk).update(assignee=None, status="new")
    actions.take(cast.ticket(), by=ada, now=OFFICE)
    waiting = actions.take(cast.ticket(), by=ada, now=OFFICE)
    actions.wait(waiting, by=ada, now=OFFICE, reason="¿Qué versión usa?")

    assert set(numbers(browse(cast.ada).get(f"/cola/?{query}"))) == expected


def test_views_cost_the_queue_no_statement(cast: Cast, at: Clock, django_assert_num_queries: Any) -> None:
    ada, elena = factories.actor(cast.ada), factories.actor(cast.elena)
    for n in range(5):
        savedviews.keep_view(by=ada, now=OFFICE, name=f"Mía {n}", params=HIGH)
        savedviews.keep_view(by=elena, now=OFFICE, name=f"De todos {n}", params=HIGH, desk_id=cast.desk.pk)
    browser = browse(cast.ada)
    browser.get("/cola/")

    with django_assert_num_queries(7):
        page = browser.get("/cola/")

    assert [len(names) for names in rail(page).values()] == [5, 5]


def test_the_filter_by_tag_offers_the_words_of_the_desk(cast: Cast, at: Clock) -> None:
    ada = factories.actor(cast.ada)
    tagged = tagging.add(actions.take(cast.ticket(), by=ada, now=OFFICE), by=ada, now=OFFICE, tags=["Timbrado"])
    cast.ticket()
    desk_queries.forget()
    browser = browse(cast.ada)

    page = browser.get("/cola/?etiqueta=timbrado")

    assert numbers(page) == [tagged.number]
    (filter_,) = [filter_ for filter_ in page.context["filters"] if filter_["name"] == "etiqueta"]
    assert [(option["text"], option["selected"]) for option in filter_["options"] if option["value"]] == [
        ("Timbrado", True)
    ]
    assert page.context["filters_open"]
    assert len(numbers(browser.get("/cola/?etiqueta=nada"))) == 2
