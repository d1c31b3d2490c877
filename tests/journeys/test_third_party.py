"""*Sumar a su proveedor* in the browser: the desk asks, the client agrees by link, somebody outside answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client as Server
from playwright.sync_api import Page, expect

from notifications.models import Notification
from tests import factories
from tests.factories import OFFICE, Cast
from tests.journeys.conftest import Clock as Hour
from tickets import actions, links
from tickets.models import Ticket

pytestmark = pytest.mark.journey

Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]
PAC = "soporte@pac-ejemplo.example"


@pytest.fixture
def cast(visit: Visit) -> Cast:
    return Cast()


@pytest.fixture
def ada(visit: Visit, live_server: Any, cast: Cast) -> Page:
    """Ada at her screen, signed in."""
    page, session = visit(), Server()
    session.force_login(cast.ada)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": live_server.url}])
    return page


def test_a_third_party_with_the_clients_consent(
    visit: Visit, ada: Page, cast: Cast, at: Hour, looked_at: LookedAt
) -> None:
    ticket = actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE)
    at(OFFICE + timedelta(minutes=5))

    ada.goto(f"/tickets/{ticket.number}/proveedores/")
    ada.get_by_label("Quién").fill("PAC Ejemplo")
    ada.get_by_label("Correo").fill("pac")
    ada.get_by_label("¿Qué le pregunta?").fill("¿Rechazan el complemento de pago 2.0?")
    ada.get_by_role("button", name="Pedir permiso al cliente").click()
    expect(ada.get_by_label("¿Qué le pregunta?")).to_have_value("¿Rechazan el complemento de pago 2.0?")
    ada.get_by_label("Correo").fill(PAC)
    ada.get_by_role("button", name="Pedir permiso al cliente").click()
    expect(ada.get_by_text("se preguntó al cliente")).to_be_visible()
    assert not Notification.objects.filter(recipient=PAC).exists()

    rosa = visit()
    rosa.goto(f"/t/{links.token(ticket)}/")
    expect(rosa.get_by_role("heading", name="¿Podemos preguntar a PAC Ejemplo?")).to_be_visible()
    looked_at(rosa, "third-consent")
    rosa.get_by_role("button", name="Sí, pregúntenle").click()
    expect(rosa.get_by_text("Listo: ya le enviamos la pregunta a PAC Ejemplo.")).to_be_visible()
    assert Ticket.objects.get(pk=ticket.pk).status == "waiting_third_party"

    at(OFFICE + timedelta(minutes=20))
    outside = visit()
    outside.goto(urlsplit(Notification.objects.get(recipient=PAC).params["url"]).path)
    expect(outside.get_by_text("¿Rechazan el complemento de pago 2.0?")).to_be_visible()
    expect(outside.get_by_role("main")).not_to_contain_text(ticket.subject)
    looked_at(outside, "third-thread")
    outside.get_by_label("Su respuesta").fill("Sí: cambió la versión del catálogo.")
    outside.get_by_role("button", name="Enviar respuesta").click()
    expect(outside.get_by_text("Su respuesta llegó a la mesa.")).to_be_visible()
    assert Ticket.objects.get(pk=ticket.pk).status == "in_progress"

    rosa.reload()
    expect(rosa.get_by_role("main")).not_to_contain_text("Sí: cambió la versión del catálogo.")
    ada.goto(f"/tickets/{ticket.number}/proveedores/")
    expect(ada.get_by_text("Sí: cambió la versión del catálogo.").first).to_be_visible()
    looked_at(ada, "third-staff")
    ada.get_by_role("button", name="Mostrar al cliente: «Sí: cambió la versión del catálogo.»").click()
    rosa.reload()
    expect(rosa.locator("#conversacion")).to_contain_text("Sí: cambió la versión del catálogo.")


def test_what_is_still_to_be_told_by_telephone_is_ticked_from_its_list(
    ada: Page, cast: Cast, looked_at: LookedAt
) -> None:
    by = factories.actor(cast.ada)
    filed = factories.make_ticket(cast.desk, by=by, email="", phone="722 555 0101")
    actions.assign(filed, by=factories.actor(cast.elena), now=OFFICE, assignee=cast.ada.pk)

    ada.goto("/avisar/")
    expect(ada.get_by_text(f"Su número de ticket es {filed.number}")).to_be_visible()
    looked_at(ada, "to-tell")
    ada.get_by_role("button", name="Ya le avisé").click()

    expect(ada.get_by_text("Nadie espera su llamada.")).to_be_visible()
