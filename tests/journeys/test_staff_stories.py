"""Steps 3, 4, 6 and 7 of the main story, on the staff's side, in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from schedules.actions import firing
from tests import factories
from tests.factories import NIGHT, OFFICE, Cast
from tests.journeys import staff
from tests.journeys.staff import Desk
from tests.streaming import serving
from tickets import actions
from tickets.models import EscalationNotice, Ticket

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not staff.CHROMIUM.exists(), reason="no Chromium here"),
]
MINUTE = timedelta(minutes=1)
Sits = Callable[..., Desk]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return factories.Cast()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    def stand(instant: Any) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)

    stand(OFFICE)
    return stand


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with staff.chromium() as launched:
        yield launched


@pytest.fixture
def sits(cast: Cast, at: Any, settings: Any, browser: Browser) -> Iterator[Sits]:
    """`sits(cast.ada)`: the person at their screen, before a server with live pages."""
    settings.DOORBELL = True
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    with serving() as port:
        desks: list[Desk] = []

        def sit(user: Any, **options: Any) -> Desk:
            desks.append(Desk(browser, port, user, **options))
            return desks[-1]

        yield sit
        for desk in desks:
            desk.leaves()


def test_step_3_found_on_the_queue_taken_asked_and_resolved(cast: Cast, sits: Sits) -> None:
    ticket = cast.ticket(subject="No timbra: error CFDI40147 en todas las facturas")
    ada = sits(cast.ada)

    page = ada.goes("/cola/")
    ada.looks()
    page.get_by_role("link", name="No timbra: error CFDI40147 en todas las facturas").click()
    page.get_by_role("button", name="Atenderlo yo").click()
    expect(page.get_by_text("IMX-1: es suyo.")).to_be_visible()
    ada.looks()

    page.get_by_label("Mensaje", exact=True).fill("Rosa, ¿qué código postal dice su Constancia?")
    page.get_by_label("Al enviar").select_option("wait")
    page.locator("#redactar button.primary").click()
    page.get_by_role("button", name="Enviar ya").click()
    expect(page.locator("#encabezado .status")).to_have_text("Espera al cliente")

    # Rosa answers from the link in her mail; the page that is open shows it by itself.
    fresh = Ticket.objects.get(pk=ticket.pk)
    actions.add_message(fresh, by=factories.actor(cast.rosa), now=OFFICE, body="Dice 50090.")
    expect(page.locator("#hilo-lista").get_by_text("Dice 50090.")).to_be_visible(timeout=15_000)

    page.reload(wait_until="domcontentloaded")
    page.get_by_role("link", name="Resolver…").click()
    page.get_by_label("Qué se hizo").fill("Se corrigió el código postal en el catálogo de clientes.")
    page.get_by_role("button", name="Resolver y avisar al cliente").click()
    expect(page.locator("#encabezado .status")).to_have_text("Resuelto")

    fresh.refresh_from_db()
    assert (fresh.status, fresh.assignee_id) == ("resolved", cast.ada.pk)
    ada.narrow("/cola/")
    ada.narrow(f"/tickets/{ticket.number}/")
    ada.narrow(f"/tickets/{ticket.number}/?panel=2")
    page.set_viewport_size({"width": staff.NARROW, "height": 780})
    expect(page.locator("#ficha")).to_be_visible()
    expect(page.locator(".conv")).to_be_hidden()  # one pane at a time on a telephone


def test_step_4_the_ladder_climbs_until_somebody_answers(cast: Cast, sits: Sits, at: Any) -> None:
    ticket = cast.ticket(request_type="system_down", now=NIGHT, subject="Sistema caído tras corte de luz")
    at(NIGHT + 10 * MINUTE)
    firing.fire_due(now=NIGHT + 10 * MINUTE)
    elena = sits(cast.elena)

    page = elena.goes("/escalamientos/")
    climb = page.locator("article", has_text=ticket.number)
    expect(climb.locator("li[aria-current=step]")).to_contain_text("Elena Robles")
    expect(climb.locator("li[aria-current=step]")).to_contain_text("sin confirmar")
    elena.looks()
    climb.get_by_role("button", name="Enterado").click()

    expect(page.locator("article", has_text=ticket.number)).to_contain_text("Elena Robles: Enterado")
    firing.fire_due(now=NIGHT + 39 * MINUTE)  # within what Enterado is good for without progress
    told = EscalationNotice.objects.filter(escalation__kind="on_call").values_list("user__name", flat=True)
    assert sorted(told) == ["Ada Lozano", "Elena Robles"]  # each once, nobody after the answer
    elena.narrow("/escalamientos/")


def test_step_6_the_manager_takes_one_and_hands_another_on(cast: Cast, sits: Sits, at: Any) -> None:
    first = cast.ticket(request_type="system_down", now=NIGHT, subject="Sistema caído en la matriz")
    second = cast.ticket(request_type="system_down", now=NIGHT, subject="Sistema caído en la sucursal")
    at(NIGHT + 25 * MINUTE)
    firing.fire_due(now=NIGHT + 25 * MINUTE)
    marcela = sits(cast.marcela)

    page = marcela.goes("/escalamientos/")
    page.get_by_role("button", name=f"Atenderlo yo {first.number}").click()
    expect(page.get_by_text(f"{first.number}: es suyo.")).to_be_visible()
    assert page.url.endswith("/escalamientos/")

    climb = page.locator("article", has_text=second.number)
    climb.locator("summary", has_text="Asignar").click()
    climb.get_by_label("Asignar a").select_option(label="Bruno Ortega")
    climb.get_by_role("button", name="Asignar", exact=True).click()
    expect(page.get_by_text(f"{second.number}: asignado.")).to_be_visible()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.assignee_id, first.status) == (cast.marcela.pk, "in_progress")
    assert (second.assignee_id, second.status) == (cast.bruno.pk, "assigned")


def test_step_7_the_night_call_is_registered_next_morning(cast: Cast, sits: Sits) -> None:
    cast.rosa.phone = "+527225550198"
    cast.rosa.save()
    ada = sits(cast.ada)

    page = ada.goes("/llamadas/nueva/?cuando=antes")
    page.get_by_label("Teléfono, RFC o empresa").fill("722 555 0198")
    page.get_by_role("button", name="Buscar").click()
    page.get_by_role("link", name="Elegir Rosa Medina, Ferretería La Norteña").click()
    expect(page.get_by_label("Nombre")).to_have_value("Rosa Medina")
    page.get_by_label("Fecha").fill("2026-11-16")
    page.get_by_label("Inicio").fill("21:40")
    page.get_by_label("Terminó").fill("22:15")
    page.get_by_label("Asunto").fill("El servicio de timbrado no inicia tras corte de luz")
    page.get_by_label("¿Afecta su operación?").select_option("stopped")
    page.get_by_label("Qué pasó").fill("El servicio quedó detenido por el corte de luz de las 21:30.")
    expect(page.locator("#asi")).to_contain_text("lun 21:40")
    page.get_by_label("Qué se hizo").fill("Se reparó la base y se timbró una factura de prueba.")
    ada.looks()
    page.get_by_role("button", name="Registrar y abrir ticket").click()

    expect(page.locator("#encabezado .status")).to_have_text("Resuelto")
    expect(page.locator("#ficha")).to_contain_text("Registrado")
    ticket = Ticket.objects.get()
    assert ticket.occurred_at is not None
    assert ticket.resolved_at is not None
    assert (ticket.resolved_at - ticket.occurred_at) == 35 * MINUTE
    assert ticket.recorded_at == OFFICE
    ada.narrow("/llamadas/nueva/")
    ada.narrow("/llamadas/nueva/?cuando=antes")


def test_all_of_it_works_without_script(cast: Cast, sits: Sits) -> None:
    ticket = cast.ticket(subject="Addenda con nodo duplicado")
    bruno = sits(cast.bruno, java_script_enabled=False)

    page = bruno.goes("/cola/?vista=todos")
    page.get_by_role("link", name="Addenda con nodo duplicado").click()
    page.get_by_role("button", name="Atenderlo yo").click()
    page.get_by_role("link", name="Resolver…").click()
    page.get_by_role("button", name="Resolver y avisar al cliente").click()
    expect(page.locator(".errors")).to_be_visible()  # without a solution it comes back
    page.get_by_label("Qué se hizo").fill("Se quitó el nodo duplicado.")
    page.get_by_role("button", name="Resolver y avisar al cliente").click()

    expect(page.locator("#encabezado .status")).to_have_text("Resuelto")
    ticket.refresh_from_db()
    assert ticket.status == "resolved"


def test_the_keyboard_reaches_everything(cast: Cast, sits: Sits) -> None:
    for n in range(3):
        cast.ticket(subject=f"Consulta número {n}")
    ada = sits(cast.ada)

    page = ada.goes("/cola/?vista=todos")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets/IMX-*/?de=*")
    page.keyboard.press("a")
    expect(page.locator("#encabezado .status")).to_have_text("En proceso")
    page.keyboard.press("n")
    page.keyboard.type("Revisar con el PAC.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#hilo-lista .msg.note")).to_contain_text("Revisar con el PAC.")
