"""The guardia in a real browser: looking at the week, covering with one click, agreeing, handing over and receiving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client as Server
from playwright.sync_api import Page, expect

from schedules import actions as schedule_actions
from schedules import queries as schedule_queries
from schedules.models import Override, Timer
from tests import factories
from tests.factories import Cast
from tests.journeys.conftest import Clock
from tickets import actions
from tickets.actions import handover
from tickets.models import Handover, HandoverAsk

pytestmark = pytest.mark.journey
MEXICO = ZoneInfo("America/Mexico_City")
Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]
Sit = Callable[[Any], Page]


def local(hour: int, minute: int = 0, *, day: int = 17) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MEXICO).astimezone(UTC)


@pytest.fixture
def cast(visit: Visit, at: Clock) -> Cast:
    """Ada has the week of 16 November, Bruno the next."""
    cast = factories.Cast()
    factories.set_on_call(cast.desk, cast.ada, cast.bruno)
    at(local(20))
    return cast


@pytest.fixture
def sit(visit: Visit, live_server: Any) -> Sit:
    """Somebody at their screen, signed in."""

    def arrive(person: Any) -> Page:
        page = visit()
        session = Server()
        session.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": live_server.url}])
        return page

    return arrive


def on_call(cast: Cast, at: datetime) -> int:
    assert cast.desk.rota_id is not None
    found = schedule_queries.on_call(cast.desk.rota_id, at)
    return found.user_id if found else 0


def test_the_week_one_click_and_a_change_that_all_agree_on(cast: Cast, sit: Sit, looked_at: LookedAt) -> None:
    bruno = sit(cast.bruno)
    bruno.goto("/guardias/")
    expect(bruno.get_by_text("De guardia hasta: mañana 09:00")).to_be_visible()
    looked_at(bruno, "rota")

    bruno.get_by_role("button", name="Tomar la guardia ahora").click()
    expect(bruno.get_by_text("Usted está de guardia hasta: mañana 09:00.")).to_be_visible()
    assert on_call(cast, local(23)) == cast.bruno.pk
    bruno.get_by_role("button", name="Retirar Ada Lozano → Bruno Ortega").click()
    expect(bruno.get_by_text("Se retiró el cambio.")).to_be_visible()

    ada = sit(cast.ada)
    ada.goto("/guardias/")
    ada.get_by_role("link", name="Proponer mañana 14:00").click()
    ada.get_by_label("Persona").select_option(label="Bruno Ortega")
    ada.get_by_label("Motivo").fill("Tengo cita médica")
    looked_at(ada, "rota-window")
    ada.get_by_role("button", name="Proponer").click()
    expect(ada.get_by_text("falta que acepte la otra persona")).to_be_visible()

    bruno.reload()
    bruno.get_by_role("button", name="Aceptar Ada Lozano → Bruno Ortega").click()
    expect(bruno.get_by_text("falta que lo apruebe gerencia")).to_be_visible()
    marcela = sit(cast.marcela)
    marcela.goto("/guardias/")
    looked_at(marcela, "rota-pending")
    marcela.get_by_role("button", name="Aprobar Ada Lozano → Bruno Ortega").click()
    expect(marcela.get_by_text("El cambio ya rige.")).to_be_visible()
    assert on_call(cast, local(15, day=18)) == cast.bruno.pk


def test_on_a_telephone_the_week_is_a_list_that_begins_today(cast: Cast, sit: Sit) -> None:
    page = sit(cast.ada)
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto("/guardias/")

    expect(page.locator(".rota-list h2").first).to_contain_text("Hoy, mar 17 nov")
    expect(page.locator(".rota-list")).to_be_visible()
    expect(page.locator(".rota")).to_be_hidden()


def test_the_manager_edits_the_rule(cast: Cast, sit: Sit, looked_at: LookedAt) -> None:
    marcela = sit(cast.marcela)
    marcela.goto("/guardias/editar/")
    looked_at(marcela, "rota-edit")

    marcela.get_by_label("Lugar de Elena Robles").first.fill("3")
    marcela.get_by_role("button", name="Guardar").click()

    expect(marcela.get_by_text("Guardado: rige desde ahora.")).to_be_visible()
    assert cast.desk.rota is not None
    assert cast.desk.rota.versions.latest("pk").rule["layers"][0]["members"] == [
        cast.ada.pk,
        cast.bruno.pk,
        cast.elena.pk,
    ]


def test_a_gap_is_seen_and_covered(cast: Cast, sit: Sit) -> None:
    schedule_actions.change_shift(
        cast.desk.rota,
        user_id=cast.ada.pk,
        start_at=local(19, day=18),
        end_at=local(9, day=19),
        by=factories.actor(cast.ada),
        now=local(20),
        kind=Override.Kind.ABSENCE,
    )
    bruno = sit(cast.bruno)
    bruno.goto("/guardias/")

    bruno.locator(".notice", has_text="Sin nadie de guardia").get_by_role("link", name="Cubrir").click()
    bruno.get_by_role("button", name="Cubrir").click()

    expect(bruno.get_by_text("El turno quedó cubierto.")).to_be_visible()
    assert on_call(cast, local(23, day=18)) == cast.bruno.pk


def test_handing_over_asking_and_receiving(cast: Cast, sit: Sit, at: Clock, looked_at: LookedAt) -> None:
    Timer.objects.all().delete()
    handover.ensure(cast.desk, now=local(12))
    outage = {"request_type": "system_down", "affects_operation": True, "subject": "No timbra ninguna factura"}
    ticket = cast.ticket(now=local(13, 40), **outage)
    ticket = actions.take(ticket, by=factories.actor(cast.bruno), now=local(13, 41))
    schedule_actions.fire_due(now=local(13, 50))
    at(local(13, 55))

    bruno = sit(cast.bruno)
    bruno.goto("/entrega/")
    expect(bruno.get_by_text("empieza en 5 min")).to_be_visible()
    bruno.get_by_text("Dejar una nota").click()
    bruno.get_by_label("Una nota, máximo 500 caracteres").fill("Ya se habló con el cliente; falta el respaldo.")
    bruno.get_by_role("button", name="Guardar la nota").click()
    expect(bruno.locator(".quote")).to_contain_text("falta el respaldo")
    looked_at(bruno, "handover-giver")
    bruno.get_by_role("button", name=f"La entrego {ticket.number}").click()
    expect(bruno.get_by_text("Al cierre pasará a la guardia.")).to_be_visible()
    assert HandoverAsk.objects.get().answer == "hand"

    schedule_actions.fire_due(now=local(14))
    at(local(14, 2))
    ada = sit(cast.ada)
    ada.goto("/entrega/")
    expect(ada.get_by_text(ticket.number).first).to_be_visible()
    looked_at(ada, "handover-taker")
    ada.get_by_role("button", name="Recibo la guardia").click()

    expect(ada.get_by_text("Usted recibió la guardia.")).to_be_visible()
    assert Handover.objects.get().received_by == cast.ada
    ticket.refresh_from_db()
    assert (ticket.lane, ticket.assignee) == ("on_call", cast.ada)
