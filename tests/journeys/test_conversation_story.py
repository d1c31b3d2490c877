"""Writing on a ticket, two at once: a draft that survives, a client who is faster, a reply taken back, a mention."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from schedules.actions import firing
from tests import factories
from tests.factories import OFFICE, Cast, actor
from tests.journeys import staff
from tests.journeys.staff import Desk
from tests.streaming import serving, session_of
from tickets import actions, drafts
from tickets.models import Message, Ticket

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not staff.CHROMIUM.exists(), reason="no Chromium here"),
]
TEXT = "Rosa, le confirmo el código postal"
Sits = Callable[..., Desk]


@pytest.fixture
def sits(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sits]:
    """Somebody at their screen, before a server with live pages."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: OFFICE)
    settings.DOORBELL = True
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    with staff.chromium() as browser, serving() as port:
        desks: list[Desk] = []

        def sit(user: Any) -> Desk:
            desks.append(Desk(browser, port, user))
            return desks[-1]

        yield sit
        for desk in desks:
            desk.leaves()


def box(page: Page) -> Any:
    return page.locator("#redactar textarea")


def at_the_machine(desk: Desk, person: Any) -> None:
    """Somebody signs in where somebody else did."""
    name, _sign, value = session_of(person).partition("=")
    desk.page.context.add_cookies([{"name": name, "value": value, "url": desk.home}])


def test_a_reply_is_kept_stopped_taken_back_shared_and_sent(sits: Sits) -> None:
    cast: Cast = factories.Cast()
    ticket = actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)
    address = f"/tickets/{ticket.number}/"

    # The page dies while she types; on another machine the text is there.
    killed = sits(cast.ada).goes(address)
    box(killed).press_sequentially(TEXT)
    expect(killed.locator("[data-draft-state]")).to_have_text("Borrador guardado 10:42")
    killed.close()
    ada = sits(cast.ada)
    page = ada.goes(address)
    expect(box(page)).to_have_value(TEXT)

    # Rosa writes while she does: said at once, and the text stays.
    box(page).press_sequentially(" 50090")
    actions.add_message(Ticket.objects.get(), by=actor(cast.rosa), now=OFFICE, body="Ya encontré la Constancia.")
    expect(page.locator("[data-wrote]")).to_contain_text("Rosa Medina escribió mientras usted escribía", timeout=15_000)
    expect(page.locator("#hilo-lista")).to_contain_text("Ya encontré la Constancia.")
    expect(page.locator("#al-redactar .notice")).to_be_hidden()  # said once
    expect(box(page)).to_have_value(f"{TEXT} 50090")
    ada.looks()
    page.get_by_role("button", name="Ya lo leí").click()

    # Sent, and taken back in time by one key.
    page.keyboard.press("Control+Enter")
    expect(page.locator("#saliendo [data-left]")).to_contain_text("en ")
    expect(box(page)).to_have_value("")
    ada.looks()
    page.locator("h1").click()
    page.keyboard.press("z")
    expect(box(page)).to_have_value(f"{TEXT} 50090")
    firing.fire_due(now=OFFICE + drafts.HOLD)
    assert not Message.objects.filter(body__startswith=TEXT).exists()

    # Bruno goes on with it; she sees that he did.
    page.get_by_role("button", name="Compartir borrador").click()
    bruno = sits(cast.bruno)
    his = bruno.goes(address)
    his.get_by_text("Ada Lozano comparte el borrador de una respuesta al cliente").click()
    bruno.looks()
    his.get_by_role("button", name="Continuarlo").click()
    expect(box(his)).to_have_value(f"{TEXT} 50090")
    expect(page.locator("#al-redactar")).to_contain_text("Bruno Ortega tomó este borrador", timeout=15_000)

    # He names a supervisor in a note, by keyboard, and his reply leaves by the worker.
    his.locator("label.tab", has_text="Nota interna").click()
    box(his).fill("")
    box(his).press_sequentially("Lo reviso con @ro")
    expect(his.get_by_role("option", name="Elena Robles")).to_have_attribute("aria-selected", "true")
    bruno.looks()
    box(his).press("Enter")
    expect(box(his)).to_have_value("Lo reviso con @Elena Robles ")
    his.keyboard.press("Control+Enter")
    expect(his.locator("mark.mention")).to_have_text("@Elena Robles")
    box(his).fill("Es el 50090.")
    his.locator("[data-send]").click()
    expect(his.locator("#saliendo")).to_contain_text("Es el 50090.")
    expect(page.locator("#hilo-lista .leaving")).to_contain_text("Está enviando una respuesta", timeout=15_000)
    firing.fire_due(now=OFFICE + drafts.HOLD)
    expect(his.locator("#hilo-lista .msg.team:not(.leaving)")).to_contain_text("Es el 50090.", timeout=15_000)
    expect(his.locator("#saliendo")).to_have_count(0)
    expect(page.locator("#hilo-lista .msg.team")).to_contain_text("Es el 50090.", timeout=15_000)
    bruno.narrow(address)

    # The network is away as he sends: nothing of it is lost, nor shown to who signs in at his machine.
    his.route("**/IMX-*/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    box(his).fill("Sin red.")
    with his.expect_event("requestfailed", lambda request: request.url.endswith("/responder/")):
        his.locator("[data-send]").click(no_wait_after=True)
    his.unroute_all()
    at_the_machine(bruno, cast.ada)
    expect(box(bruno.goes(address))).to_have_value(f"{TEXT} 50090")
    at_the_machine(bruno, cast.bruno)
    expect(box(bruno.goes(address))).to_have_value("Sin red.")
