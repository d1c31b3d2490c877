"""Why a promise expires when it does, in the browser: the pills, the calculation, and a deadline that comes near."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Server
from playwright.sync_api import Page, expect

from tests import factories
from tests.factories import OFFICE, Cast
from tests.journeys.conftest import Clock as Hour
from tests.tickets.cast import run_timers
from tickets import actions, links
from tickets.models import Clock, Ticket

pytestmark = pytest.mark.journey

Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]


@pytest.fixture
def cast(visit: Visit) -> Cast:
    return Cast()


@pytest.fixture
def sit(visit: Visit, live_server: Any) -> Callable[[Any], Page]:
    """Somebody at their screen, signed in."""

    def arrive(person: Any) -> Page:
        page, session = visit(), Server()
        session.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": live_server.url}])
        return page

    return arrive


def rested(cast: Cast) -> Ticket:
    """Ada asked for something and got it an hour later."""
    ada, rosa = factories.actor(cast.ada), factories.actor(cast.rosa)
    ticket = actions.take(cast.ticket(), by=ada, now=OFFICE)
    actions.wait(ticket, by=ada, now=OFFICE + timedelta(minutes=30), reason="Falta el XML")
    actions.add_message(ticket, by=rosa, now=OFFICE + timedelta(minutes=90), body="Aquí está")
    return Ticket.objects.get(pk=ticket.pk)


def dues(page: Page) -> dict[str, datetime]:
    """The instants that the pills of a page carry, by the address of their calculation."""
    found = {}
    for row in page.locator(".clockrow:has([data-due])").all():
        kind = str(row.locator("a").get_attribute("href")).rstrip("/").rpartition("/")[2]
        found[kind] = datetime.fromisoformat(str(row.locator("[data-due]").get_attribute("data-due")))
    return found


def test_pills_and_calculation_agree_with_the_database(
    visit: Visit, sit: Callable[[Any], Page], cast: Cast, at: Hour, looked_at: LookedAt
) -> None:
    ticket = rested(cast)
    at(OFFICE + timedelta(hours=2))
    running = dict(Clock.objects.filter(ticket=ticket, stopped_at__isnull=True).values_list("kind", "due_at"))

    client = visit()
    client.goto(f"/t/{links.token(ticket)}/")
    assert dues(client) == running
    client.locator("#compromisos").get_by_role("link", name="¿Por qué a esa hora?").last.click()
    expect(client.get_by_role("heading", level=1)).to_have_text("La solución, línea por línea")
    expect(client.get_by_text("En pausa: esperábamos su respuesta")).to_be_visible()
    assert datetime.fromisoformat(str(client.locator(".reckoning").get_attribute("data-due"))) == running["resolution"]
    seconds = [int(str(cell.get_attribute("data-seconds"))) for cell in client.locator(".c-amount").all()]
    assert sum(seconds) == 16 * 3600
    looked_at(client, "why-due-client")

    ada = sit(cast.ada)
    ada.goto(f"/tickets/{ticket.number}/?panel=2")
    assert dues(ada) == running
    ada.get_by_role("link", name="¿Por qué a esa hora?").last.click()
    expect(ada.get_by_text("En pausa: esperábamos su respuesta")).to_be_visible()
    looked_at(ada, "why-due-staff")


def test_a_deadline_comes_near_and_both_read_it(visit: Visit, sit: Callable[[Any], Page], cast: Cast, at: Hour) -> None:
    ticket = cast.ticket(deadline_at=OFFICE + timedelta(hours=30), deadline_kind="payroll")
    raised = OFFICE + timedelta(hours=6)
    run_timers(raised)
    at(raised + timedelta(minutes=1))

    client = visit()
    client.goto(f"/t/{links.token(ticket)}/")
    expect(client.get_by_text("Su fecha límite está a menos de un día: prioridad alta")).to_be_visible()
    expect(client.get_by_text("· Nómina")).to_be_visible()

    ada = sit(cast.ada)
    ada.goto(f"/tickets/{ticket.number}/?panel=2")
    expect(ada.get_by_text("Falta un día para la fecha límite: prioridad alta")).to_be_visible()
    expect(ada.get_by_text("Objetivo 8 h − usadas").first).to_be_visible()
