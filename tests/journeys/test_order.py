"""Order in the heap in the browser: two people on one ticket, steps by keyboard, and a split that is undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from desks.models import Checklist
from notifications.models import Notification
from tests import factories
from tests.factories import OFFICE, Cast
from tests.journeys.conftest import Clock
from tests.journeys.test_outage_story import signs_in
from tickets import actions
from tickets.models import Message, Ticket

pytestmark = pytest.mark.journey
Visit = Callable[[], Page]
Look = Callable[[Page, str], None]


@pytest.fixture
def cast(transactional_db: None, at: Clock) -> Cast:
    return factories.Cast()


def test_a_ticket_is_put_in_order_by_two_people(cast: Cast, visit: Visit, looked_at: Look) -> None:
    Checklist.objects.create(desk=cast.desk, slug="csd", name="Renovación de CSD", steps=["Pedir la e.firma", "Cargar"])
    ticket = actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE)
    other = actions.add_message(
        ticket, by=factories.actor(cast.rosa), now=OFFICE, body="Además no abre el reporte de nómina."
    )
    ada, elena = visit(), visit()
    signs_in(ada, cast.ada)
    signs_in(elena, cast.elena)

    # Elena follows by one key; Ada tags without leaving the page.
    elena.goto(f"/tickets/{ticket.number}/")
    elena.keyboard.press("w")
    expect(elena.get_by_text(f"Sigue {ticket.number}")).to_be_visible()
    ada.goto(f"/tickets/{ticket.number}/")
    ada.keyboard.press("t")
    ada.get_by_label("Etiquetas por agregar, separadas por comas").fill("Timbrado, Urge")
    ada.keyboard.press("Enter")
    expect(ada.get_by_label("Quitar «Urge»")).to_be_visible()

    # The section comes in when it is seen; steps from the desk's list, ticked by keyboard.
    section = ada.locator("#orden")
    ada.evaluate("document.getElementById('orden').scrollIntoView()")  # it is replaced while one scrolls
    section.get_by_role("button", name="Usar la lista").click()
    expect(section.get_by_text("0/2")).to_be_visible()
    section.get_by_role("checkbox", name="Pedir la e.firma").press("Space")
    expect(section.get_by_text("1/2")).to_be_visible()
    section.get_by_label("Folio del otro ticket").fill("IMX-99")
    ada.keyboard.press("Enter")
    expect(section.get_by_text("No hay un ticket IMX-99 que usted atienda.")).to_be_visible()
    section.get_by_label("Para qué").fill("Ver si ya timbran")
    section.get_by_role("button", name="Siguiente día hábil").click()
    expect(section.get_by_text("Ver si ya timbran")).to_be_visible()
    looked_at(ada, "orden-ticket")

    # A second matter becomes a ticket of its own, and comes back.
    ada.goto(f"/tickets/{ticket.number}/separar/")
    ada.get_by_label("Además no abre").check()
    ada.get_by_label("Asunto del ticket nuevo").fill("No abre el reporte de nómina")
    looked_at(ada, "separar")
    ada.get_by_role("button", name="Pasarlos a un ticket nuevo").click()
    expect(ada.get_by_text(f"Se separó de {ticket.number}.")).to_be_visible()
    taken = Ticket.objects.get(split_from=ticket)
    assert Message.objects.get(pk=other.pk).ticket_id == taken.pk
    looked_at(ada, "separado")
    ada.get_by_role("button", name="Deshacer").first.click()
    ada.wait_for_url(f"**/tickets/{ticket.number}/")
    assert Message.objects.get(pk=other.pk).ticket_id == ticket.pk

    # What Elena follows is told to her, once.
    actions.add_message(ticket, by=factories.actor(cast.rosa), now=OFFICE, body="¿Ya quedó?")
    mine: Any = Notification.objects.filter(recipient=cast.elena.email, params__subject__icontains="escribió")
    assert mine.count() == 1
    ada.goto("/seguimientos/")
    expect(ada.get_by_text("Ver si ya timbran")).to_be_visible()
    looked_at(ada, "seguimientos")
