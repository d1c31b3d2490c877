"""The client's side of the story: filing (step 2), answering, reopening and confirming (3), the next opening (5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FilePayload, Page, expect

from notifications.models import Notification
from tests import factories
from tests.factories import LUNCH, NIGHT, OFFICE
from tests.journeys.conftest import Clock
from tests.tickets.cast import Imx, load_desk, run_timers
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.journey

Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]
CLEAR = "Desde las 08:50 ninguna factura timbra: al dar clic en Timbrar aparece CFDI40147 con tres clientes distintos."


@pytest.fixture
def imx(visit: Visit) -> Imx:
    return Imx(load_desk("invoice-mx"))


def link_in_the_newest_mail(address: str) -> str:
    """The path of the link in the last mail to that person."""
    mail = Notification.objects.filter(recipient=address, template="tickets/client").latest("seq")
    return str(urlsplit(mail.params["url"]).path)


def fill_in(page: Page, *, description: str) -> None:
    page.get_by_label("Algo falla").check()
    page.get_by_label("En parte").check()
    page.get_by_label("Producto").select_option(label="InvoiceMX Escritorio")
    page.get_by_label("Versión").fill("4.2.7")
    page.get_by_label("RFC emisor").fill("FNO180312KX1")
    page.get_by_label("Resuma el problema en una línea").fill("No timbra: error CFDI40147")
    page.get_by_label("Cuéntenos los detalles").fill(description)
    page.get_by_label("Sesión remota").check()
    page.get_by_label("Su nombre").fill("Rosa Medina")
    page.get_by_label("Correo", exact=True).fill("rosa@lanortena.example")


def test_a_vague_report_is_sent_back_whole_and_a_clear_one_gets_its_number(visit: Visit, imx: Imx, looked_at: LookedAt):
    page = visit()
    page.goto("/")
    looked_at(page, "choose")
    page.get_by_role("link", name="InvoiceMX: horario y contactos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le atendemos ahora.")
    looked_at(page, "desk-office")
    page.get_by_role("main").get_by_role("link", name="Levantar un reporte").click()
    looked_at(page, "report-empty")

    fill_in(page, description="Ayuda")
    expect(page.locator("#previsto")).to_contain_text("Antes de las 11:12 (30 min)")
    page.get_by_label("Sí, está detenida").check()
    expect(page.locator("#previsto")).to_contain_text("Crítica")
    page.get_by_label("En parte").check()
    page.locator("input[type=file]").set_input_files(
        FilePayload(name="factura.xml", mimeType="text/xml", buffer=b"<?xml version='1.0'?><cfdi/>")
    )
    page.get_by_role("button", name="Enviar reporte").click()

    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".errors")).to_be_focused()
    looked_at(page, "report-refused")
    page.get_by_role("link", name=re.compile("«Ayuda» no nos dice qué pasa")).click()
    expect(page.get_by_label("Cuéntenos los detalles")).to_be_focused()
    expect(page.get_by_label("Cuéntenos los detalles")).to_have_value("Ayuda")
    expect(page.get_by_label("RFC emisor")).to_have_value("FNO180312KX1")
    expect(page.get_by_label("Algo falla")).to_be_checked()
    expect(page.get_by_label("En parte")).to_be_checked()
    expect(page.get_by_label("Correo", exact=True)).to_have_value("rosa@lanortena.example")
    expect(page.get_by_label("factura.xml")).to_be_checked()
    assert not Ticket.objects.exists()

    page.get_by_label("Cuéntenos los detalles").fill(CLEAR)
    page.get_by_role("button", name="Enviar reporte").click()

    page.wait_for_url(re.compile(r"/t/.+\?nuevo=1"))
    ticket = Ticket.objects.get()
    assert ticket.assignee is not None
    expect(page.locator(".folio.stub")).to_have_text(ticket.number)
    expect(page.get_by_role("main")).to_contain_text(ticket.assignee.name)
    expect(page.get_by_role("main")).to_contain_text("11:12")
    assert [f.attachment.filename for f in ticket.messages.get().files.all()] == ["factura.xml"]
    looked_at(page, "reported-office")
    page.goto("/invoice-mx/reportar/")
    expect(page.get_by_label("Cuéntenos los detalles")).to_have_value("")  # the draft went with the report
    page.goto("/t/1.1.1~nada/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Este enlace ya no abre")
    looked_at(page, "link-expired")


def test_the_form_works_without_script(browser, live_server, visit: Visit, imx: Imx):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/invoice-mx/reportar/")

    fill_in(page, description=CLEAR)
    page.get_by_role("button", name="Enviar reporte").click()

    expect(page.locator(".folio.stub")).to_have_text(Ticket.objects.get().number)
    page.get_by_role("link", name="Seguir mi ticket").click()
    page.get_by_label("Escriba su respuesta").fill("También pasa en la otra caja.")
    page.get_by_role("button", name="Enviar respuesta").click()
    expect(page.get_by_role("main")).to_contain_text("También pasa en la otra caja.")
    page.get_by_text("Ya no lo necesito: cancelar el ticket").click()
    page.get_by_label("Motivo").fill("Ya quedó con reiniciar el equipo")
    page.get_by_role("button", name="Cancelar el ticket").click()
    expect(page.get_by_role("main")).to_contain_text("Este ticket está cancelado")
    context.close()


def test_the_client_answers_by_link_reopens_and_confirms(visit: Visit, imx: Imx, at: Clock, looked_at: LookedAt):
    ticket = imx.open(now=OFFICE)
    assert ticket.assignee is not None
    staff = factories.actor(ticket.assignee)
    asked_at = OFFICE + timedelta(minutes=5)
    actions.take(ticket, by=staff, now=asked_at)
    actions.wait(ticket, by=staff, now=asked_at, reason="¿Qué código postal tiene el receptor en su Constancia?")
    at(OFFICE + timedelta(minutes=9))

    page = visit()
    page.goto(link_in_the_newest_mail(ticket.requester_email))
    expect(page.get_by_role("main")).to_contain_text("¿Qué código postal tiene el receptor en su Constancia?")
    looked_at(page, "ticket-waiting")
    page.get_by_label("Escriba su respuesta").fill("Dice 50090.")
    page.get_by_role("button", name="Enviar respuesta").click()

    expect(page.get_by_role("status").filter(has_text="Su respuesta quedó en el ticket.")).to_be_visible()
    expect(page.locator("#conversacion")).to_contain_text("Dice 50090.")
    assert Ticket.objects.get().status == "in_progress"
    told = Notification.objects.filter(recipient=ticket.assignee.email).latest("seq")
    assert "escribió" in told.params["subject"]

    solved_at = OFFICE + timedelta(minutes=40)
    actions.resolve(ticket, by=staff, now=solved_at, solution="Corregimos el código postal del receptor.")
    at(OFFICE + timedelta(minutes=45))
    page.goto(link_in_the_newest_mail(ticket.requester_email))
    expect(page.get_by_role("heading", name="¿Quedó resuelto?")).to_be_visible()
    looked_at(page, "ticket-resolved")
    page.get_by_text("No, reabrir").click()
    page.get_by_label("¿Qué sigue fallando?").fill("Ahora falla con el segundo cliente.")
    page.get_by_role("button", name="Reabrir", exact=True).click()

    expect(page.locator(".mark")).to_contain_text("Reabierto")
    assert Ticket.objects.get().status == "in_progress"

    again_at = OFFICE + timedelta(minutes=70)
    actions.resolve(ticket, by=staff, now=again_at, solution="Actualizamos el catálogo completo.")
    at(OFFICE + timedelta(minutes=75))
    page.goto(link_in_the_newest_mail(ticket.requester_email))
    page.get_by_role("button", name="Sí, quedó resuelto").click()

    expect(page.get_by_role("status").filter(has_text="El ticket quedó cerrado.")).to_be_visible()
    assert Ticket.objects.get().status == "closed"
    looked_at(page, "ticket-closed")
    page.get_by_label("Escriba su respuesta").fill("Volvió a pasar esta tarde con otra factura.")
    page.get_by_role("button", name="Abrir un seguimiento").click()
    page.wait_for_url(re.compile(r"\?nuevo=1"))
    expect(page.get_by_role("main")).to_contain_text(f"ligado a {ticket.number}")


def test_what_can_wait_is_for_the_opening_and_may_be_contested_once(
    visit: Visit, imx: Imx, at: Clock, looked_at: LookedAt
):
    at(LUNCH)
    page = visit()
    page.goto("/invoice-mx/")
    looked_at(page, "desk-on-call")
    page.goto("/invoice-mx/reportar/")
    fill_in(page, description=CLEAR)
    page.get_by_label("Tengo una duda de uso").check()
    page.get_by_role("radio", name="No Se atiende").check()
    expect(page.locator("#previsto")).to_contain_text("Al abrir: hoy a las 16:00")
    page.get_by_role("button", name="Enviar reporte").click()

    expect(page.get_by_role("main")).to_contain_text("hoy a las 16:00")
    expect(page.locator(".callfirst")).to_contain_text("722 555 0177")
    looked_at(page, "reported-deferred")
    mail = Notification.objects.get(recipient="rosa@lanortena.example")
    assert "martes 17 de noviembre a las 16:00" in " ".join(mail.params["lines"])

    page.get_by_role("link", name="Ya detuvo mi operación").click()
    looked_at(page, "ticket-deferred")
    page.get_by_label("Qué está detenido").fill("Ya nadie puede facturar en la tienda.")
    page.get_by_role("button", name="Pedir que lo atienda la guardia").click()

    expect(page.get_by_role("status").filter(has_text="Ya avisamos a la guardia.")).to_be_visible()
    expect(page.get_by_role("heading", name="¿Ya detuvo su operación?")).to_have_count(0)
    looked_at(page, "ticket-on-call")
    ticket = Ticket.objects.get()
    assert ticket.lane == "on_call"
    assert Notification.objects.filter(template="tickets/ladder").exists()


def test_nobody_contests_and_the_opening_brings_it_into_the_line(visit: Visit, imx: Imx, at: Clock):
    at(LUNCH)
    ticket = imx.open(request_type="usage_guidance", affects_operation=False, impact="none", now=LUNCH)
    opening = LUNCH.replace(hour=22, minute=0)
    page = visit()
    page.goto(link_in_the_newest_mail(ticket.requester_email))
    expect(page.get_by_role("main")).to_contain_text("Lo atendemos al abrir: hoy a las 16:00")

    run_timers(opening)
    at(opening + timedelta(minutes=1))
    page.reload()

    expect(page.get_by_role("main")).to_contain_text("Asignado")
    expect(page.locator(".callfirst")).to_have_count(0)


def test_a_desk_without_guard_speaks_tu_and_leaves_it_for_the_opening(
    visit: Visit, imx: Imx, at: Clock, looked_at: LookedAt
):
    load_desk("facturando")
    at(NIGHT)
    page = visit()
    page.goto("/")
    expect(page.get_by_role("article")).to_have_count(2)
    looked_at(page, "choose-night")
    page.get_by_role("link", name="Facturando: horario y contactos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deja tu reporte y lo atendemos al abrir.")
    looked_at(page, "desk-facturando")
    page.get_by_role("main").get_by_role("link", name="Levantar un reporte").click()
    page.get_by_label("Algo falla").check()
    page.get_by_label("Sí, está detenida").check()
    expect(page.locator("#previsto")).to_contain_text("Al abrir: mañana a las 09:00")
    expect(page.locator("#previsto")).to_contain_text("Crítica")
    page.get_by_label("Resume el problema en una línea").fill("No timbra la nómina")
    page.get_by_label("Cuéntanos los detalles").fill(CLEAR)
    page.get_by_label("Tu nombre").fill("Memo Salas")
    page.get_by_label("Teléfono", exact=True).fill("722 555 0199")
    looked_at(page, "report-facturando")
    page.get_by_role("button", name="Enviar reporte").click()

    expect(page.locator(".folio.stub")).to_contain_text("FAC-1")
    expect(page.get_by_role("main")).to_contain_text("mañana a las 09:00")
    expect(page.get_by_role("main")).to_contain_text("guarda la dirección de esta página")
    looked_at(page, "reported-facturando")


def test_an_accountant_sees_every_company_and_files_for_one(visit: Visit, at: Clock, looked_at: LookedAt):
    cast = factories.Cast()
    second = factories.make_client(cast.desk.vendor, "Norteña Transportes", rfc="NTR150610AB4")
    cast.rosa.links.create(client=second, scope="company", valid_from="2020-01-01")
    for n in range(3):
        cast.ticket(subject=f"Complemento de pago {n}")
    page = visit()
    page.goto("/inicio/")
    page.get_by_label("Correo").fill(cast.rosa.email)
    page.get_by_label("Contraseña", exact=True).fill(factories.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Entrar").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Buenos días, Rosa.")
    looked_at(page, "home")
    page.get_by_label("Empresa que está viendo").select_option(label="Norteña Transportes")
    page.get_by_role("button", name="Cambiar").click()
    expect(page.get_by_text("No tiene tickets abiertos")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Levantar un reporte").first.click()
    expect(page.get_by_label("¿Para cuál empresa?")).to_have_value(str(second.pk))
    looked_at(page, "report-signed-in")
    page.goto("/inicio/")
    page.get_by_role("link", name="Complemento de pago 1").click()
    expect(page.get_by_role("link", name="Mis tickets")).to_be_visible()
    looked_at(page, "ticket-signed-in")
