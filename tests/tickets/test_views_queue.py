"""The queue by its door: views, filters, order, pages, search, bulk, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from tests import factories
from tests.factories import NIGHT, OFFICE, SATURDAY, Cast
from tests.tickets.conftest import Clock
from tickets import actions
from tickets.models import Ticket
from tickets.queries import board

HTMX = {"HTTP_HX_REQUEST": "true"}


def browse(person: Any) -> Browser:
    browser = Browser()
    browser.force_login(person)
    return browser


def numbers(response: Any) -> list[str]:
    assert response.status_code == 200
    return [row.number for row in response.context["rows"]]


def counts(response: Any) -> dict[str, Any]:
    items = [item for group in response.context["views"] for item in group["items"]]
    return {item["href"].partition("vista=")[2]: item["count"] for item in items}


@pytest.fixture
def full(cast: Cast, at: Clock) -> Cast:
    """One ticket for each fixed view."""
    ada, bruno = factories.actor(cast.ada), factories.actor(cast.bruno)
    cast.ticket(now=SATURDAY)  # 1 deferred
    cast.ticket(request_type="system_down", now=NIGHT.replace(day=17))  # 2 on call, long overdue
    mine = cast.ticket(now=OFFICE)  # 3 in progress of Ada's
    mine = actions.take(mine, by=ada, now=OFFICE)
    waiting = actions.take(cast.ticket(now=OFFICE), by=bruno, now=OFFICE)  # 4 waiting for the client
    actions.wait(waiting, by=bruno, now=OFFICE, reason="¿Qué versión usa?")
    answered = actions.take(cast.ticket(now=OFFICE), by=bruno, now=OFFICE)  # 5 the client answered
    actions.add_message(answered, by=factories.actor(cast.rosa), now=OFFICE, body="Ya lo intenté.")
    free = cast.ticket(now=OFFICE)  # 6 nobody's
    Ticket.objects.filter(pk=free.pk).update(assignee=None, status="new")
    up = actions.take(cast.ticket(now=OFFICE), by=ada, now=OFFICE)  # 7 escalated
    actions.escalate(up, by=ada, now=OFFICE, reason="No puedo con esto.")
    return cast


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("vencidos", {"IMX-2"}),
        ("escalados", {"IMX-7"}),
        ("guardia", {"IMX-2"}),
        ("en-espera", {"IMX-4"}),
        ("programados", {"IMX-1"}),
        ("respondio", {"IMX-5"}),
        ("sin-asignar", {"IMX-6"}),
        ("todos", {f"IMX-{n}" for n in range(1, 8)}),
        ("por-vencer", {f"IMX-{n}" for n in (2, 3, 5, 6, 7)}),
    ],
)
def test_each_view_holds_what_its_name_says(full: Cast, view: str, expected: set[str]) -> None:
    assert set(numbers(browse(full.elena).get("/cola/", {"vista": view}))) == expected


def test_mine_are_mine(full: Cast) -> None:
    found = numbers(browse(full.ada).get("/cola/?vista=mios"))

    assert found
    assert set(found) == set(Ticket.objects.filter(assignee=full.ada).values_list("number", flat=True))


def test_the_counts_agree_with_the_lists(full: Cast) -> None:
    # IMX-6 lost its assignee behind the actions' back, so its counts are not kept.
    actions.assign(Ticket.objects.get(number="IMX-6"), by=factories.actor(full.elena), now=OFFICE, assignee=full.ada.pk)
    browser = browse(full.ada)
    shown = counts(browser.get("/cola/"))

    for view in ("vencidos", "escalados", "guardia", "en-espera", "programados", "respondio", "todos", "por-vencer"):
        assert shown[view] == len(numbers(browser.get("/cola/", {"vista": view}))), view


def test_what_expires_first_stands_first(full: Cast) -> None:
    found = numbers(browse(full.ada).get("/cola/?vista=todos"))

    assert found[0] == "IMX-2"
    assert found[-1] == "IMX-4"  # its clocks rest


def test_the_clock_of_a_row_counts_business_time(cast: Cast, at: Clock) -> None:
    cast.ticket()

    (row,) = browse(cast.ada).get("/cola/").context["rows"]

    assert (row.clock.left_seconds, row.clock.due) == (4 * 3600, "16:42")  # 16:42 by the wall, 4 h of office time


def test_filters_stand_in_the_address(full: Cast) -> None:
    browser = browse(full.elena)

    assert numbers(browser.get("/cola/?vista=todos&prioridad=critical")) == ["IMX-2"]
    assert "IMX-2" not in numbers(browser.get("/cola/?vista=todos&prioridad=normal"))
    assert numbers(browser.get("/cola/?vista=todos&canal=chat")) == []
    assert len(numbers(browser.get("/cola/?vista=nada&orden=nada&prioridad=nada&mesa=nada"))) == 5


def test_pages_of_25_follow_without_gap(cast: Cast, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "SIZE", 3)
    for _n in range(7):
        cast.ticket()
    browser = browse(cast.ada)

    seen, url = [], "/cola/?vista=todos"
    while url:
        page = browser.get(url)
        seen.append(numbers(page))
        url = page.context["next_href"]

    assert [len(page) for page in seen] == [3, 3, 1]
    assert len({number for page in seen for number in page}) == 7
    assert numbers(browser.get(page.context["previous_href"])) == seen[1]


def test_a_cursor_that_is_not_ours_is_refused_kindly(cast: Cast, at: Clock) -> None:
    response = browse(cast.ada).get("/cola/?cursor=%21%21")

    assert response.status_code == 400
    assert "Este enlace" in response.content.decode() or "página" in response.content.decode()


def test_search_looks_beyond_what_is_open(cast: Cast, at: Clock) -> None:
    ticket = actions.take(cast.ticket(subject="Addenda zafiro"), by=factories.actor(cast.ada), now=OFFICE)
    actions.resolve(ticket, by=factories.actor(cast.ada), now=OFFICE, solution="Listo.")
    browser = browse(cast.ada)

    assert numbers(browser.get("/cola/?q=zafiro")) == ["IMX-1"]
    assert numbers(browser.get("/cola/?q=imx 1")) == ["IMX-1"]
    empty = browser.get("/cola/?q=esmeralda")
    assert numbers(empty) == []
    assert "Sin resultados" in empty.content.decode()


def test_htmx_gets_the_list_alone(cast: Cast, at: Clock) -> None:
    cast.ticket()

    response = browse(cast.ada).get("/cola/", **HTMX)

    assert response.content.decode().lstrip().startswith('<section class="queue" id="cola"')
    assert "HX-Request" in response["Vary"]


def test_who_goes_back_to_a_page_that_is_not_kept_gets_the_whole(cast: Cast, at: Clock) -> None:
    cast.ticket()

    page = browse(cast.ada).get("/cola/", **HTMX, HTTP_HX_HISTORY_RESTORE_REQUEST="true").content.decode()

    assert page.startswith("<!doctype html>")
    assert page.count('id="guardar-vista"') == 1


def test_another_vendors_queue_is_not_seen(cast: Cast, stranger: Cast, at: Clock) -> None:
    cast.ticket()

    assert numbers(browse(stranger.marcela).get("/cola/?vista=todos")) == []


def test_who_works_no_tickets_has_no_queue(cast: Cast, at: Clock) -> None:
    assert browse(cast.paola).get("/cola/").status_code == 403
    assert browse(cast.rosa.user).get("/cola/").status_code == 403
    assert Browser().get("/cola/").status_code == 302


def test_news_are_counted_since_an_id(cast: Cast, at: Clock) -> None:
    first = cast.ticket()
    cast.ticket()
    cast.ticket()
    browser = browse(cast.ada)

    assert "2 tickets nuevos" in browser.get("/cola/novedades/", {"desde": first.pk}).content.decode()
    assert browser.get("/cola/novedades/", {"desde": first.pk + 100}).status_code == 204
    assert browser.get("/cola/novedades/?desde=x").status_code == 400


def test_taking_several_at_once_names_who_was_faster(cast: Cast, at: Clock) -> None:
    first, second = cast.ticket(), cast.ticket()
    actions.take(second, by=factories.actor(cast.bruno), now=OFFICE)

    response = browse(cast.ada).post("/cola/lote/", {"verb": "take", "sel": [first.number, second.number]}, follow=True)

    page = response.content.decode()
    assert "Un ticket es suyo." in page
    assert "Bruno Ortega" in page
    first.refresh_from_db()
    assert (first.assignee_id, first.status) == (cast.ada.pk, "in_progress")


@pytest.mark.parametrize("count", [1, 30])
def test_the_queue_costs_seven_statements(cast: Cast, at: Clock, django_assert_num_queries: Any, count: int) -> None:
    for _n in range(count):
        cast.ticket()
    browser = browse(cast.ada)
    browser.get("/cola/")

    with django_assert_num_queries(7):
        page = browser.get("/cola/")

    assert len(numbers(page)) == min(count, 25)
