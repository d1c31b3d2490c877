"""A morning at the queue: a view of one's own, several tickets at once, undone, and two people on one ticket."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.factories import OFFICE, Cast
from tests.journeys import conftest, staff
from tests.journeys.staff import Desk
from tests.streaming import serving
from tickets import actions
from tickets.models import SavedView, Ticket

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not staff.CHROMIUM.exists(), reason="no Chromium here"),
]
Sits = Callable[..., Desk]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return factories.Cast()


@pytest.fixture
def sits(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sits]:
    """`sits(cast.ada)`: the person at their screen, before a server with live pages."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: OFFICE)
    settings.DOORBELL = True
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    with staff.chromium() as browser, serving() as port:
        desks: list[Desk] = []

        def sit(user: Any, **options: Any) -> Desk:
            desks.append(Desk(browser, port, user, **options))
            return desks[-1]

        yield sit
        for desk in desks:
            desk.leaves()


def picture(page: Page, name: str) -> None:
    if conftest.PICTURES:
        conftest._picture(page, name)
        page.set_viewport_size({"width": 1440, "height": 1000})


def test_a_morning_at_the_queue(cast: Cast, sits: Sits) -> None:
    for subject in ("Addenda de cadena comercial", "Cancelación 02 rechazada", "Complemento de pago"):
        Ticket.objects.filter(pk=cast.ticket(subject=subject).pk).update(assignee=None, status="new")
    ada = sits(cast.ada)
    page = ada.goes("/cola/")

    # A filter, kept under a name.
    page.locator(".filters-more summary").click()
    page.get_by_label("Asignado a", exact=True).select_option("nadie")
    expect(page).to_have_url(re.compile("asignado=nadie"))
    page.get_by_role("link", name="Guardar esta vista").click()
    page.get_by_label("Nombre").fill("Sin dueño")
    page.get_by_role("button", name="Guardar la vista").click()
    expect(page.get_by_role("heading", name="Sin dueño")).to_be_visible()
    expect(page.get_by_role("navigation", name="Vistas").get_by_role("link", name="Sin dueño")).to_have_attribute(
        "aria-current", "page"
    )
    assert SavedView.objects.get().params == {"vista": "por-vencer", "asignado": "nadie"}
    ada.looks()

    # Two rows from the keyboard; the bar counts them and takes them; the message undoes it.
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.get_by_text("2 seleccionados")).to_be_visible()
    ada.looks()
    picture(page, "queue-selected")
    page.keyboard.press("a")
    expect(page.get_by_text("2 tickets son suyos.")).to_be_visible()
    expect(page.locator("[data-rows] > tr")).to_have_count(1)
    assert Ticket.objects.filter(assignee=cast.ada).count() == 2
    picture(page, "queue-undo")
    page.get_by_role("button", name="Deshacer").click()
    expect(page.get_by_text("Deshecho: 2 tickets quedaron como estaban.")).to_be_visible()
    assert not Ticket.objects.filter(assignee=cast.ada).exists()

    # What comes in is announced and moves nothing, in a view of one's own too.
    page.get_by_role("link", name="Sin dueño").click()
    expect(page.locator("[data-rows] > tr")).to_have_count(3)
    late = cast.ticket(subject="Recién llegado")
    Ticket.objects.filter(pk=late.pk).update(assignee=None, status="new")
    actions.add_message(late, by=factories.actor(cast.rosa), now=OFFICE, body="¿Me ayudan con esto, por favor?")
    expect(page.locator("[data-live-new]")).to_have_text("1 ticket nuevo", timeout=10_000)
    expect(page.locator("[data-rows] > tr")).to_have_count(3)

    # On a telephone the filters stand behind their button, and the bar has room.
    ada.narrow("/cola/")
    page.set_viewport_size({"width": 390, "height": 844})
    ada.goes("/cola/?vista=todos")
    expect(page.get_by_label("Canal", exact=True)).to_be_hidden()
    page.locator(".filters-more summary").click()
    expect(page.get_by_label("Canal", exact=True)).to_be_visible()
    page.locator("[name=sel]").first.check()
    expect(page.get_by_text("1 seleccionado")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture(page, "queue-phone")


def test_two_people_on_one_ticket(cast: Cast, sits: Sits) -> None:
    first, second = cast.ticket(subject="No timbra"), cast.ticket(subject="Sello vencido")
    bruno, ada = sits(cast.bruno), sits(cast.ada)
    queue = bruno.goes("/cola/?vista=todos")
    row = queue.locator(f"#t-{first.number}")

    # Ada comes from the queue, by keyboard, to answer; Bruno sees it on the row without asking.
    page = ada.goes("/cola/?vista=todos")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.get_by_text("1 de 2 en «Todos los abiertos»")).to_be_visible()
    expect(page.get_by_label("Mensaje", exact=True)).to_be_focused()
    expect(row.get_by_text("Ada está viendo este ticket")).to_be_visible(timeout=10_000)
    page.keyboard.type("Rosa, ya revisé su XML: el código postal no coincide.")
    expect(row.get_by_text("Ada está respondiendo")).to_be_visible(timeout=10_000)
    picture(queue, "queue-presence")

    # On the ticket he reads it in a band, and lets her know.
    other = bruno.goes(f"/tickets/{first.number}/?de=vista%3Dtodos")
    expect(other.get_by_text("Ada está respondiendo")).to_be_visible()
    bruno.looks()
    picture(other, "ticket-presence")
    expect(page.get_by_text("Bruno está viendo este ticket.")).to_be_visible(timeout=10_000)
    other.get_by_role("button", name="Avisarle a Ada").click()
    expect(other.get_by_text("Se le avisó a Ada.")).to_be_visible()
    expect(page.get_by_text("Bruno Ortega también está en este ticket")).to_be_visible(timeout=10_000)
    expect(page.get_by_label("Mensaje", exact=True)).to_have_value(re.compile("código postal"))

    # He goes on to the next one from the keyboard; on Ada's page he is gone.
    other.keyboard.press("j")
    expect(other.get_by_role("heading", name="Sello vencido")).to_be_visible()
    expect(other).to_have_url(re.compile(second.number))
    expect(page.get_by_text("Bruno está viendo este ticket.")).to_have_count(0, timeout=10_000)
