"""An outage from both sides, and a night ladder: silenced, acknowledged without progress, going on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from tests import factories
from tests.factories import NIGHT, OFFICE, Cast
from tests.journeys.conftest import Clock
from tests.tickets.cast import run_timers
from tickets.models import Escalation, EscalationNotice, Outage, Ticket

pytestmark = pytest.mark.journey

MINUTE = timedelta(minutes=1)
Visit = Callable[[], Page]
Look = Callable[[Page, str], None]


@pytest.fixture
def cast(transactional_db: None, at: Clock) -> Cast:
    return factories.Cast()


def signs_in(page: Page, person: Any) -> None:
    page.goto("/entrar/")
    page.locator("[name=login]").fill(person.email)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("form [type=submit], form button.primary").first.click()
    page.wait_for_load_state()


def test_a_client_files_during_an_outage_and_is_told_and_asked_alone(
    cast: Cast, visit: Visit, at: Clock, looked_at: Look
) -> None:
    first = cast.ticket(request_type="system_down", affects_operation=True, subject="No timbra ninguna factura")
    elena, tom = visit(), visit()
    signs_in(elena, cast.elena)

    elena.goto(f"/caidas/nueva/?ticket={first.number}")
    looked_at(elena, "caida-nueva")
    elena.get_by_label("Qué está caído").fill("El SAT no responde al timbrado")
    elena.get_by_label("Qué leen los clientes").fill("Las facturas quedan en espera. Informamos otra vez a las 12:00.")
    elena.get_by_label("Qué pueden hacer mientras tanto").fill("Facture en contingencia y timbre dentro de 72 horas.")
    elena.get_by_role("button", name="Declarar y avisar a los clientes").click()
    expect(elena.get_by_role("heading", name="El SAT no responde al timbrado")).to_be_visible()
    outage = Outage.objects.get()

    # Tom reads it on the desk's page and on the form, and says that it is this.
    tom.goto("/invoice-mx/")
    expect(tom.get_by_role("heading", name="El SAT no responde al timbrado")).to_be_visible()
    looked_at(tom, "caida-mesa")
    tom.goto("/invoice-mx/reportar/")
    expect(tom.get_by_text("Facture en contingencia")).to_be_visible()
    tom.locator("[name=need][value=failure]").check(force=True)
    tom.locator("[name=impact][value=stopped]").check(force=True)
    tom.locator("[name=subject]").fill("No puedo timbrar desde la mañana")
    tom.locator("[name=description]").fill("Al timbrar se queda en espera y aparece el error 307 desde las 9:40.")
    tom.locator(f"[name=outage][value='{outage.pk}']").check(force=True)
    tom.locator("[name=name]").fill("Tomás Vilchis")
    tom.locator("[name=email]").fill("tomas@santaclara.example")
    looked_at(tom, "caida-formulario")
    tom.get_by_role("button", name="Enviar").first.click()
    expect(tom.get_by_text("Sumado a una caída que ya atendemos")).to_be_visible()
    report = Ticket.objects.exclude(pk=first.pk).get()
    expect(tom.get_by_text(report.number).first).to_be_visible()
    assert report.parent_id == first.pk
    tom.locator("a.btn.primary").first.click()
    expect(tom.get_by_text("Su caso es parte de: El SAT no responde al timbrado")).to_be_visible()
    looked_at(tom, "caida-ticket")
    here = tom.url

    # Elena ends it with the solution; Tom is asked alone.
    elena.reload()
    expect(elena.locator(".folio", has_text=report.number)).to_be_visible()
    looked_at(elena, "caida")
    elena.get_by_label("Qué se le dice a cada cliente").fill("El SAT restableció el servicio a las 11:30.")
    elena.get_by_role("button", name="Terminar y avisar").click()
    expect(elena.get_by_text("La caída terminó")).to_be_visible()
    run_timers(OFFICE + MINUTE)
    tom.goto(here)
    expect(tom.get_by_text("El SAT restableció el servicio a las 11:30.")).to_be_visible()
    tom.locator("form[action$='/confirmar/'] button").click()

    states = dict(Ticket.objects.values_list("number", "status"))
    assert states == {first.number: "resolved", report.number: "closed"}
    tom.goto("/invoice-mx/")
    expect(tom.get_by_role("heading", name="El SAT no responde al timbrado")).to_have_count(0)


def test_the_manager_silences_and_what_nobody_moves_goes_on(
    cast: Cast, visit: Visit, at: Clock, looked_at: Look
) -> None:
    ticket = cast.ticket(request_type="system_down", affects_operation=True, now=NIGHT, subject="Sistema caído")
    at(NIGHT + MINUTE)
    marcela, ada = visit(), visit()
    signs_in(marcela, cast.marcela)
    signs_in(ada, cast.ada)

    marcela.goto("/escalamientos/")
    card = marcela.locator("article", has_text=ticket.number)
    card.locator("summary", has_text="Silenciar").click()
    card.get_by_label("¿Hasta qué hora?").fill("23:40")
    card.locator("form[action$='/silence/'] [name=reason]").fill("Hablé con Ada, ya va en camino")
    card.get_by_role("button", name="Silenciar", exact=True).click()
    expect(marcela.locator("article", has_text="Hablé con Ada, ya va en camino")).to_be_visible()
    looked_at(marcela, "escalamientos-silencio")
    run_due(NIGHT + 29 * MINUTE)
    assert EscalationNotice.objects.filter(escalation__kind="on_call").count() == 1

    at(NIGHT + 29 * MINUTE)
    ada.goto("/escalamientos/")
    ada.locator("article", has_text=ticket.number).get_by_role("button", name="Enterado").click()
    expect(ada.locator("article", has_text=ticket.number)).to_contain_text("Ada Lozano: Enterado")
    run_due(NIGHT + 88 * MINUTE)
    assert EscalationNotice.objects.filter(escalation__kind="on_call").count() == 1
    run_due(NIGHT + 89 * MINUTE)  # an hour, and nothing happened on the case

    told = EscalationNotice.objects.filter(escalation__kind="on_call").order_by("id")
    # No provider wakes anybody here, so the notices that wake are lost and the climb goes on above her at once.
    assert [notice.user.name for notice in told][:2] == ["Ada Lozano", "Elena Robles"]
    at(NIGHT + 300 * MINUTE)
    run_due(NIGHT + 300 * MINUTE)
    assert Escalation.objects.get(kind="on_call").exhausted_at is not None
    for page in (marcela, ada):
        page.goto("/cola/")
        expect(page.locator(".band")).to_contain_text(f"{ticket.number}: nadie de la escalera ha contestado")
    looked_at(ada, "banda")


def run_due(now: Any) -> None:
    call_command("run_due", now=now.isoformat(), stdout=StringIO())
