"""An appointment from end to end in a browser: proposed, moved by link, missed at ten minutes, booked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from tests.design.preview import CHROMIUM
from tests.factories import OFFICE, PASSWORD, Cast, actor
from tickets import actions, links
from tickets.models import Appointment

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]
Visit = Callable[[], Page]


def test_proposed_moved_by_link_missed_and_booked_again(
    transactional_db: None, visit: Visit, at: Callable[[datetime], None], looked_at: Callable[[Page, str], None]
) -> None:
    cast = Cast()
    ticket = actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)
    ada, rosa = visit(), visit()

    # The consultant proposes an hour.
    ada.goto("/entrar/")
    ada.get_by_label("Correo").fill(cast.ada.email)
    ada.locator("input[type=password]").fill(PASSWORD)
    ada.get_by_role("button", name="Entrar").click()
    ada.goto(f"/tickets/{ticket.number}/schedule/?metodo=remote&minutos=30")
    looked_at(ada, "agendar")
    ada.locator("label.hour", has_text="10:30").nth(0).click()
    ada.get_by_label("Dónde").fill("https://meet.invoicemx.example/imx-1")
    ada.get_by_role("button", name="Agendar y avisar al cliente").click()
    expect(ada.get_by_text("agendado.")).to_be_visible()
    assert Appointment.objects.get().starts_at == datetime(2026, 11, 18, 16, 30, tzinfo=UTC)
    ada.goto("/agenda/")
    expect(ada.get_by_text("10:30–11:00")).to_be_visible()
    looked_at(ada, "agenda")

    # The client moves it from the link of the mail.
    rosa.goto(f"/t/{links.token(ticket)}/")
    rosa.get_by_role("link", name="Ver o cambiar mi cita").click()
    looked_at(rosa, "cita-cliente")
    rosa.locator("label.hour", has_text="12:00").nth(0).click()
    rosa.get_by_role("button", name="Cambiar a esta hora").click()
    expect(rosa.get_by_text("Su cita cambió de hora")).to_be_visible()
    row = Appointment.objects.get()
    assert (row.starts_at, row.sequence) == (datetime(2026, 11, 18, 18, 0, tzinfo=UTC), 1)

    # Nobody comes: at ten minutes it is still kept, later it is released.
    _run("2026-11-18T12:10:00-06:00")
    assert Appointment.objects.get().state == "booked"
    _run("2026-11-18T12:10:01-06:00")
    assert Appointment.objects.get().state == "no_show"
    at(datetime(2026, 11, 18, 18, 15, tzinfo=UTC))
    ada.goto(f"/tickets/{ticket.number}/atenciones/")
    expect(ada.get_by_text("Citas perdidas en un año: 1 de esta persona")).to_be_visible()
    looked_at(ada, "atenciones")

    # The client books again from the same link.
    rosa.goto(f"/t/{links.token(ticket)}/")
    rosa.get_by_role("link", name="Agendar una cita").click()
    rosa.locator("label.hour", has_text="17:00").nth(0).click()
    rosa.get_by_role("button", name="Agendar", exact=True).click()
    expect(rosa.get_by_text("Su cita quedó agendada")).to_be_visible()
    ticket.refresh_from_db()
    assert ticket.status == "scheduled"


def _run(instant: str, **options: Any) -> None:
    call_command("run_due", now=instant, stdout=StringIO(), **options)
