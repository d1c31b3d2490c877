"""A manager changes the hours, sees what that moves, and tries it first; with the keyboard, small screens and axe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Server
from playwright.sync_api import Page, expect

from schedules import actions as schedule_actions
from schedules.models import Timer
from tests import factories
from tests.factories import OFFICE, Cast
from tests.journeys.conftest import Clock
from tickets.models import TicketEvent

pytestmark = pytest.mark.journey

Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]
CALENDAR = "/ajustes/calendarios/oficina/"


@pytest.fixture
def cast(visit: Visit) -> Cast:
    return factories.Cast()


@pytest.fixture
def marcela(visit: Visit, cast: Cast, live_server: Any) -> Page:
    """The manager at her screen."""
    page = visit()
    session = Server()
    session.force_login(cast.marcela)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": live_server.url}])
    return page


def test_a_change_of_hours_is_tried_listed_confirmed_and_told(
    marcela: Page, cast: Cast, at: Clock, looked_at: LookedAt
) -> None:
    ticket = cast.ticket()
    marcela.goto("/ajustes/")
    looked_at(marcela, "settings")
    marcela.get_by_role("link", name="Oficina InvoiceMX").click()
    expect(marcela.get_by_role("heading", level=1)).to_have_text("Oficina InvoiceMX")
    looked_at(marcela, "calendar")

    marcela.get_by_label("Cierre 1, fecha").fill("2026-11-18")
    marcela.get_by_label("Cierre 1, nombre").fill("Inventario")
    marcela.get_by_role("button", name="¿Qué pasaría con este borrador?").click()
    expect(marcela.get_by_role("heading", name="Con el borrador").first).to_be_visible()
    looked_at(marcela, "simulator-draft")

    marcela.get_by_role("link", name="Seguir editando").click()
    expect(marcela.get_by_label("Cierre 1, nombre")).to_have_value("Inventario")
    marcela.get_by_role("button", name="Guardar", exact=True).last.click()
    expect(marcela.get_by_role("heading", name="Esto mueve los compromisos de un ticket abierto")).to_be_visible()
    looked_at(marcela, "calendar-moves")
    marcela.get_by_role("button", name="Guardar y recalcular").click()
    expect(marcela.get_by_text("Guardado: vale desde hoy.")).to_be_visible()

    schedule_actions.fire_due(now=OFFICE)
    assert TicketEvent.objects.filter(ticket=ticket, type="ticket.clock_recomputed").count() == 1
    marcela.goto(f"/tickets/{ticket.number}/")
    expect(marcela.get_by_text("Cambió el horario de la mesa").first).to_be_visible()


def test_faults_are_reached_from_the_list_above_and_nothing_is_lost(marcela: Page, looked_at: LookedAt) -> None:
    marcela.goto(CALENDAR)
    marcela.get_by_label("Lunes, tramo 1, abre").fill("25:00")
    marcela.get_by_label("Cierre 1, nombre").fill("Inventario")
    marcela.get_by_label("Cierre 1, nombre").press("Enter")

    expect(marcela.locator(".errors")).to_be_focused()
    looked_at(marcela, "calendar-faults")
    marcela.locator(".errors a").first.click()
    expect(marcela.get_by_label("Lunes, tramo 1, abre")).to_be_focused()
    expect(marcela.get_by_label("Lunes, tramo 1, abre")).to_have_value("25:00")
    expect(marcela.get_by_label("Cierre 1, nombre")).to_have_value("Inventario")


def test_rows_are_added_where_one_looks(marcela: Page) -> None:
    marcela.goto(CALENDAR)
    marcela.get_by_role("button", name="Agregar un tramo: Domingo").click()

    expect(marcela.get_by_label("Domingo, tramo 2, abre")).to_be_visible()


def test_the_simulator_answers_a_night(marcela: Page, looked_at: LookedAt) -> None:
    marcela.goto("/simulador/")
    marcela.get_by_label("Llega el").fill("2026-11-17")
    marcela.get_by_label("A las").fill("20:15")
    marcela.get_by_role("button", name="Ver qué pasaría").click()

    expect(marcela.get_by_text("Va a la guardia").first).to_be_visible()
    looked_at(marcela, "simulator")
    marcela.get_by_label("A las").fill("20:75")
    marcela.get_by_role("button", name="Ver qué pasaría").click()
    expect(marcela.get_by_text("Escriba la hora como HH:MM, por ejemplo 20:15.").first).to_be_visible()
    looked_at(marcela, "simulator-fault")


def test_a_timer_that_failed_is_tried_again(marcela: Page, cast: Cast, looked_at: LookedAt) -> None:
    ticket = cast.ticket()
    Timer.objects.create(
        key="roto",
        handler="tickets.opening",
        owner=f"ticket/{ticket.pk}",
        due_at=OFFICE,
        next_attempt_at=OFFICE,
        created_at=OFFICE,
        parked_at=OFFICE,
        attempts=7,
        error="KeyError: 'ticket'",
    )
    marcela.goto("/ajustes/temporizadores/")
    looked_at(marcela, "parked")

    marcela.get_by_role("button", name="Reintentar").click()

    expect(marcela.get_by_text("Ningún temporizador ha fallado.")).to_be_visible()
    looked_at(marcela, "parked-none")


def test_busy_days_are_written_and_what_they_propose_is_one_click(
    marcela: Page, cast: Cast, looked_at: LookedAt
) -> None:
    marcela.goto("/cola/")
    marcela.get_by_role("navigation").get_by_role("link", name="Ajustes").click()
    marcela.get_by_role("link", name="Días pico").click()
    marcela.get_by_label("Días de cada mes").fill("5 cierre\n17 declaraciones")
    marcela.get_by_role("button", name="Guardar").click()
    expect(marcela.get_by_text("mar 17 nov")).to_be_visible()
    looked_at(marcela, "peak-days")

    marcela.goto(CALENDAR)
    looked_at(marcela, "calendar-peaks")
    marcela.get_by_role("link", name="Proponer apertura 09:00–14:00").first.click()

    expect(marcela.get_by_label("Apertura extra 1, fecha")).to_have_value("2026-12-05")
    expect(marcela.get_by_label("Apertura extra 1, cierra")).to_have_value("14:00")
