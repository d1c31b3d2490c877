"""Orders of stamps in a real browser: from the form to the credit, as client, sales and consultant meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client as Server
from playwright.sync_api import FilePayload, Page, expect

from clients.models import Client, Contact, ContactLink, TaxId
from notifications.models import Notification
from stamps import actions
from stamps.models import StampAccount, StampOrder
from tests import factories
from tests.factories import OFFICE
from tests.journeys.conftest import Clock
from tests.tickets.cast import load_desk

pytestmark = pytest.mark.journey

Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]
RFC = "FNO180312KX1"


class Desk:
    """The desk of InvoiceMX as its file has it, with the Ferretería and Rosa."""

    def __init__(self) -> None:
        self.desk = load_desk("invoice-mx")
        members = {m.user.name.split()[0]: m.user for m in self.desk.memberships.select_related("user")}
        self.paola, self.members = members["Paola"], members
        self.company = Client.objects.create(vendor=self.desk.vendor, name="Ferretería La Norteña")
        TaxId.objects.create(vendor=self.desk.vendor, client=self.company, rfc=RFC, legal_name="Ferretería La Norteña")
        user = factories.make_user("Rosa Medina", email="rosa@lanortena.example")
        self.rosa = Contact.objects.create(
            vendor=self.desk.vendor, user=user, name="Rosa Medina", email=user.email, created_at=OFFICE
        )
        ContactLink.objects.create(contact=self.rosa, client=self.company, scope="company", valid_from="2020-01-01")


@pytest.fixture
def world(visit: Visit, at: Clock, settings: Any, tmp_path: Any) -> Desk:
    settings.MEDIA_ROOT = tmp_path
    return Desk()


@pytest.fixture
def sit(visit: Visit, live_server: Any) -> Callable[[Any], Page]:
    """Somebody at their screen, signed in."""

    def arrive(person: Any) -> Page:
        page = visit()
        session = Server()
        session.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": live_server.url}])
        return page

    return arrive


def path_in_mail(template: str) -> str:
    """The path of the link in the last mail to Rosa of that kind."""
    mail = Notification.objects.filter(recipient="rosa@lanortena.example", template=template).latest("seq")
    return str(urlsplit(mail.params["url"]).path)


def test_from_the_form_to_the_credit(
    world: Desk, visit: Visit, sit: Callable[[Any], Page], looked_at: LookedAt
) -> None:
    rosa = sit(world.rosa.user)
    rosa.goto("/inicio/")
    rosa.locator("#pedidos").get_by_role("link", name="Pedir timbres").click()
    expect(rosa.get_by_role("heading", level=1)).to_have_text("Pedir timbres")
    rosa.locator("input[name=quantity][value=otra]").check()
    rosa.get_by_role("button", name="Pedir los timbres").click()
    expect(rosa.locator(".errors")).to_contain_text("Escriba cuántos timbres, de 1 a 1,000,000.")
    looked_at(rosa, "order-form-refused")
    rosa.locator("input[name=other]").fill("2,500")
    rosa.get_by_label(re.compile("Producto")).select_option(label="InvoiceMX Nube")
    rosa.get_by_role("button", name="Pedir los timbres").click()
    expect(rosa.get_by_text("Pedido TIM-1 recibido, 10:42")).to_be_visible()
    looked_at(rosa, "order-received")

    paola = sit(world.paola)
    paola.goto("/timbres/")
    expect(paola.locator("#k-requested")).to_contain_text("2,500")
    looked_at(paola, "orders-board")
    paola.get_by_role("button", name="Cotizar TIM-1").click()
    expect(paola.get_by_text("TIM-1: cotizado; el cliente lo recibe por correo.")).to_be_visible()
    expect(paola.locator("#k-quoted")).to_contain_text("$5,510.00")  # 2,500 at 1.90, with IVA

    link = visit()
    link.goto(path_in_mail("stamps/client"))
    expect(link.get_by_text("012 180 00555501450 6")).to_be_visible()
    with link.expect_download() as download:
        link.get_by_role("link", name="Cotización").click()
    assert download.value.suggested_filename == "cotizacion-TIM-1.pdf"
    receipt = FilePayload(name="spei.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4")
    link.get_by_label("Comprobante de la transferencia").set_input_files(receipt)
    link.get_by_role("button", name="Mandar el comprobante").click()
    expect(link.get_by_text("Recibimos el comprobante.")).to_be_visible()
    looked_at(link, "order-quoted-client")

    paola.goto("/timbres/")
    expect(paola.locator(".order")).to_contain_text("comprobante recibido")
    paola.get_by_role("link", name="Confirmar pago TIM-1").click()
    pay = paola.locator("#pagar")
    pay.get_by_label("Importe").fill("$5,510.00")
    pay.get_by_label("Banco", exact=True).fill("BBVA")
    pay.get_by_role("button", name="Confirmar el pago").click()
    expect(paola.locator(".errors")).to_contain_text("Este dato es necesario.")
    expect(pay.get_by_label("Importe")).to_have_value("$5,510.00")
    looked_at(paola, "order-staff-refused")
    pay.get_by_label("Clave de rastreo").fill("BNET01002611170001")
    pay.get_by_role("button", name="Confirmar el pago").click()
    expect(paola.get_by_text("TIM-1: pago confirmado.")).to_be_visible()

    order = StampOrder.objects.get()
    consultant = sit(order.assignee)
    consultant.goto("/timbres/")
    consultant.get_by_role("button", name="Pedir acceso TIM-1").click()
    expect(consultant.get_by_text("TIM-1: acceso solicitado; el cliente ya lo sabe.")).to_be_visible()
    link.goto(path_in_mail("stamps/vault"))
    link.get_by_label("Usuario").fill("rosa")
    link.get_by_label(re.compile("Contraseña")).fill("s3creta-2026")
    link.get_by_role("main").get_by_role("button").last.click()
    expect(link.get_by_label("Usuario")).to_have_count(0)
    consultant.goto("/timbres/TIM-1/")
    looked_at(consultant, "order-staff")
    consultant.get_by_role("link", name="Ver").first.click()
    consultant.get_by_role("main").get_by_role("button").first.click()
    expect(consultant.locator("textarea").nth(1)).to_have_value("s3creta-2026")
    looked_at(consultant, "order-secret")
    consultant.goto("/timbres/")
    consultant.get_by_role("button", name="Abonar los timbres TIM-1").click()
    expect(consultant.get_by_text("TIM-1: abonado; el cliente y ventas ya lo saben.")).to_be_visible()

    rosa.goto("/timbres/TIM-1/")
    expect(rosa.get_by_text("Se abonaron los timbres.")).to_be_visible()
    expect(rosa.get_by_text("Los datos de acceso se borraron.")).to_be_visible()
    looked_at(rosa, "order-credited-client")
    assert StampAccount.objects.get().balance == 2_500


def test_a_visitor_orders_from_a_telephone_and_cancels(world: Desk, visit: Visit, looked_at: LookedAt) -> None:
    page = visit()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/invoice-mx/timbres/?rfc={RFC}&cantidad=5000")
    looked_at(page, "order-form")
    page.get_by_label("Nombre comercial").fill("La Norteña")
    page.get_by_label("Su nombre").fill("Nora Paz")
    page.get_by_label("Teléfono").fill("722 555 0199")
    page.get_by_role("button", name="Pedir los timbres").click()
    expect(page.get_by_text("Ventas le llama al +527225550199")).to_be_visible()

    page.get_by_text("Cancelar el pedido").first.click()
    page.get_by_label("Motivo").fill("Ya compré")
    page.get_by_role("button", name="Cancelar el pedido").click()

    expect(page.get_by_text("El pedido quedó cancelado.")).to_be_visible()


def test_the_board_on_a_telephone_and_by_keys(world: Desk, sit: Callable[[Any], Page]) -> None:
    by = factories.actor(world.paola)
    for n in range(3):
        wish = actions.Request(500, RFC, f"Empresa {n}", product="nube", name="R", email="r@x.example")
        order = actions.place(world.desk, wish, by=by, now=OFFICE)
        if n:
            actions.quote(order, by=by, now=OFFICE, unit_price=Decimal(2))
    page = sit(world.paola)
    page.goto("/avisos/")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pedidos de timbres")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("link", name="Empresa 0")).to_be_visible()
    page.get_by_label("Folio, RFC o nombre").fill("Empresa 2")
    page.get_by_role("button", name="Filtrar").click()
    expect(page.locator(".order")).to_have_count(1)
