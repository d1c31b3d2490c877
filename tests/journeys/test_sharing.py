"""Sharing work out, in a real browser: an absence from its preview to the return, and what waits to be classified."""

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
from schedules.models import Timer
from tests import factories
from tests.factories import Cast
from tests.journeys.conftest import Clock
from tickets.actions import clocks
from tickets.models import Ticket

pytestmark = pytest.mark.journey
MEXICO = ZoneInfo("America/Mexico_City")
Sit = Callable[[Any], Page]
LookedAt = Callable[[Page, str], None]


def local(hour: int, minute: int = 0, *, day: int = 17) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MEXICO).astimezone(UTC)


@pytest.fixture
def cast(visit: Callable[[], Page]) -> Cast:
    return factories.Cast()


@pytest.fixture
def sit(visit: Callable[[], Page], live_server: Any) -> Sit:
    """Somebody at their screen, signed in."""

    def arrive(person: Any) -> Page:
        page = visit()
        session = Server()
        session.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": live_server.url}])
        return page

    return arrive


def pass_time(at: Clock, now: datetime) -> None:
    """Let what is due happen; clocks that run out are another story."""
    at(now)
    Timer.objects.filter(handler=clocks.TIMER).delete()
    schedule_actions.fire_due(now=now)


def test_an_absence_is_looked_at_entered_and_over(cast: Cast, sit: Sit, at: Clock, looked_at: LookedAt) -> None:
    ticket = cast.ticket()
    assert ticket.assignee is not None
    absent, other = ticket.assignee, next(p for p in (cast.ada, cast.bruno) if p.pk != ticket.assignee_id)
    elena = sit(cast.elena)
    elena.goto("/ajustes/ausencias/")
    looked_at(elena, "absences")
    elena.get_by_role("link", name="Registrar una ausencia").click()
    elena.get_by_label("Quién se ausenta").select_option(label=absent.name)
    elena.get_by_label("Desde, día").fill("2026-11-18")
    elena.get_by_label("Hasta, día").fill("2026-11-19")
    elena.get_by_label("Motivo").select_option(label="vacaciones")
    elena.get_by_role("button", name="Ver qué se movería").click()
    preview = elena.locator("#previsto")
    expect(preview.get_by_text(ticket.number)).to_be_visible()
    expect(preview.get_by_text(other.name)).to_be_visible()
    looked_at(elena, "absence-preview")
    elena.get_by_role("button", name="Registrar la ausencia").click()
    expect(elena.get_by_text("La ausencia quedó registrada; avisamos a quienes corresponde.")).to_be_visible()

    pass_time(at, local(0, day=18))
    assert Ticket.objects.get(pk=ticket.pk).assignee == other
    elena.reload()
    expect(elena.get_by_text("con la otra persona")).to_be_visible()
    expect(elena.get_by_text("ausente ahora")).to_be_visible()
    elena.goto(f"/tickets/{ticket.number}/?panel=2")
    expect(elena.get_by_text(f"{absent.name} se ausenta hasta el").first).to_be_visible()

    pass_time(at, local(0, day=20))
    assert Ticket.objects.get(pk=ticket.pk).assignee == absent
    elena.goto("/ajustes/ausencias/")
    elena.get_by_role("link", name=absent.name).click()
    expect(elena.get_by_text("regresó")).to_be_visible()
    looked_at(elena, "absence-over")


def test_what_is_not_known_is_classified_within_the_hour(cast: Cast, sit: Sit, at: Clock, looked_at: LookedAt) -> None:
    ticket = cast.ticket(request_type="unsure")
    ada = sit(cast.ada)
    ada.goto("/cola/?vista=por-clasificar")
    expect(ada.get_by_role("link", name="Por clasificar").first).to_contain_text("1")
    ada.goto(f"/tickets/{ticket.number}/")
    expect(ada.get_by_text("Diga de qué se trata: hasta")).to_be_visible()
    ada.get_by_role("link", name="Clasificar", exact=True).click()
    ada.get_by_label("Tipo de solicitud").select_option(label="Orientación de uso")
    ada.get_by_label("Motivo").fill("Pregunta cómo cancelar con motivo 02.")
    ada.get_by_role("button", name="Reclasificar").click()

    ada.goto("/cola/?vista=por-clasificar")
    expect(ada.get_by_text("Nada por aquí")).to_be_visible()
    assert Ticket.objects.get(pk=ticket.pk).classify_by is None


def test_busy_with_one_click_and_the_others_read_why(cast: Cast, sit: Sit, looked_at: LookedAt) -> None:
    ticket = cast.ticket()
    bruno = sit(cast.bruno)
    bruno.goto("/cola/")
    bruno.get_by_role("button", name="Ocupado").click()
    expect(bruno.get_by_role("button", name="Ocupado")).to_have_attribute("aria-pressed", "true")

    elena = sit(cast.elena)
    elena.goto(f"/tickets/{ticket.number}/?panel=2")
    elena.get_by_role("link", name="¿A quién le tocaría y por qué?").click()
    expect(elena.get_by_text("Bruno Ortega está ocupado")).to_be_visible()
    elena.goto(f"/tickets/{ticket.number}/a-quien/")
    looked_at(elena, "whom")
    marcela = sit(cast.marcela)
    marcela.goto("/ajustes/personas/")
    looked_at(marcela, "people")
    marcela.get_by_role("link", name="Cambiar Bruno Ortega").click()
    looked_at(marcela, "person")
    marcela.get_by_label("Tickets abiertos como máximo").fill("12")
    marcela.get_by_role("button", name="Guardar").click()
    expect(marcela.get_by_text("12 abiertos como máximo")).to_be_visible()
