"""From the queue to a ticket and on to the next one of the same view."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.conftest import Clock
from tests.tickets.test_views_queue import browse
from tickets import actions
from tickets.actions import savedviews
from tickets.queries import board


def walk(response: Any) -> tuple[str, str, str]:
    found = response.context["walk"]
    return found["position"], *(found[name].split("?")[0] for name in ("prev_href", "next_href"))


@pytest.mark.parametrize("order", ["vencimiento", "prioridad", "recientes"])
def test_one_walks_through_the_view_in_its_order(cast: Cast, at: Clock, order: str) -> None:
    for _n in range(4):
        cast.ticket(affects_operation=bool(_n % 2))
    browser = browse(cast.ada)
    rows = browser.get(f"/cola/?vista=todos&orden={order}").context["rows"]
    numbers = [row.number for row in rows]

    page, seen = browser.get(rows[0].href), []
    while True:
        seen.append(page.context["t"]["number"])
        number = len(seen)
        assert walk(page)[0] == f"{number} de 4 en «Todos los abiertos»"
        assert walk(page)[1] == (f"/tickets/{seen[-2]}/" if number > 1 else "")
        if not page.context["walk"]["next_href"]:
            break
        page = browser.get(page.context["walk"]["next_href"])

    assert seen == numbers
    assert page.context["walk"]["back_href"].startswith("/cola/?vista=todos")


def test_what_left_the_view_still_has_neighbours(cast: Cast, at: Clock) -> None:
    tickets = [cast.ticket() for _n in range(3)]
    browser = browse(cast.ada)
    href = browser.get("/cola/?vista=por-vencer").context["rows"][1].href
    ada = factories.actor(cast.ada)
    actions.resolve(actions.take(tickets[1], by=ada, now=OFFICE), by=ada, now=OFFICE, solution="Listo.")

    assert walk(browser.get(href))[0] == "en «Por vencer»"


def test_a_button_of_the_page_keeps_the_way(cast: Cast, at: Clock) -> None:
    tickets = [cast.ticket() for _n in range(2)]
    browser = browse(cast.ada)
    href = browser.get("/cola/?vista=todos").context["rows"][0].href
    here = f"/tickets/{tickets[0].number}/"

    after = browser.get(here, HTTP_REFERER=f"http://testserver{href}")
    elsewhere = browser.get(here, HTTP_REFERER=f"http://testserver{href.replace('IMX-1', 'IMX-9')}")

    assert walk(after)[2] == f"/tickets/{tickets[1].number}/"
    assert walk(elsewhere) == ("", "", "")


def test_where_one_comes_from_is_only_words(cast: Cast, stranger: Cast, at: Clock) -> None:
    ticket = cast.ticket()
    stranger.ticket()
    elena = factories.actor(cast.elena)
    view = savedviews.keep_view(by=elena, now=OFFICE, name="Hoy", params={"vista": "todos"}, desk_id=cast.desk.pk)
    browser, here = browse(cast.ada), f"/tickets/{ticket.number}/"

    assert walk(browser.get(here)) == ("", "", "")
    assert walk(browser.get(here, {"de": "q=addenda"})) == ("", "", "")
    assert walk(browser.get(here, {"de": "mesa=otra-mesa"})) == ("", "", "")
    assert walk(browser.get(here, {"de": "vista=todos&nada=1&estado=x"})) == ("1 de 1 en «Todos los abiertos»", "", "")
    assert walk(browser.get(here, {"de": f"vista=todos&guardada={view.pk}"}))[0] == "1 de 1 en «vista guardada»"
    assert walk(browser.get(here, {"de": "%%%" * 500})) == ("", "", "")


def test_it_costs_one_statement_and_none_for_others(cast: Cast, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "BOUND", 3)
    for _n in range(6):
        cast.ticket()
    browser = browse(cast.ada)
    first, last = (browser.get("/cola/?vista=todos").context["rows"][at].href for at in (0, 5))
    browser.get(first)

    with CaptureQueriesContext(connection) as plain:
        browser.get(first.split("?")[0])
    with CaptureQueriesContext(connection) as walked:
        assert walk(browser.get(first))[0] == "1 de 4+ en «Todos los abiertos»"

    assert len(walked) == len(plain) + 1
    assert walk(browser.get(last))[0] == "en «Todos los abiertos»"
