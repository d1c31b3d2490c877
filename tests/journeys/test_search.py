"""Searching in a browser: an operator completed from the keyboard, the hit marked, a slip of the finger answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.factories import OFFICE, Cast
from tests.journeys import staff
from tests.journeys.staff import Desk
from tests.streaming import serving
from tickets import actions
from tickets.actions import wordlist

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not staff.CHROMIUM.exists(), reason="no Chromium here"),
]


@pytest.fixture
def cast(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr("django.utils.timezone.now", lambda: OFFICE)
    return factories.Cast()


@pytest.fixture
def ada(cast: Cast, settings: Any) -> Iterator[Desk]:
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    with staff.chromium() as browser, serving() as port:
        desk = Desk(browser, port, cast.ada)
        yield desk
        desk.leaves()


def test_a_case_is_found_from_the_keyboard(cast: Cast, ada: Desk) -> None:
    by = factories.actor(cast.ada)
    cast.ticket(
        subject="Facturación detenida por el sello", description="La facturación marca CFDI40147 desde ayer 17."
    )
    done = actions.take(cast.ticket(subject="Facturación lenta"), by=by, now=OFFICE)
    actions.resolve(done, by=by, now=OFFICE, solution="Se reinició el servicio.")
    wordlist.learn(now=OFFICE + timedelta(hours=1))

    page = ada.goes("/cola/")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Buscar")
    expect(box).to_be_focused()
    box.press_sequentially("facturacion es")
    expect(page.locator("#q-options li")).to_have_count(1)
    expect(page.locator("#q-options li", has_text="estado:")).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("facturacion estado:")
    expect(page.locator("#q-options li", has_text="estado:abierto")).to_be_visible()
    box.press_sequentially("res")
    expect(page.locator("#q-options li")).to_have_count(1)
    expect(page.locator("#q-options li", has_text="estado:resuelto")).to_be_visible()
    ada.looks()
    box.press("ArrowDown")
    box.press("Tab")
    expect(box).to_have_value("facturacion estado:resuelto ")
    box.press("Enter")

    expect(page.locator("[data-rows] tr")).to_have_count(1)
    expect(page.locator("#t-IMX-2 .subj mark")).to_have_text("Facturación")
    ada.looks()

    box.fill("facturasion color:rojo")
    box.press("Enter")
    expect(page.get_by_text("«color:rojo» no es un filtro")).to_be_visible()

    box.fill("facturasion")
    box.press("Enter")
    page.get_by_role("link", name="facturación").click()
    expect(page.locator("[data-rows] tr")).to_have_count(2)
    expect(page.locator("#t-IMX-1 .snippet mark").first).to_have_text("facturación")
    assert "q=facturaci" in page.url
