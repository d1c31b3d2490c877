"""A client who wrote calls too, a WhatsApp is pasted, and who asks for access data is called back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Server
from playwright.sync_api import Page, expect

from tests.factories import Cast
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.journey

CHAT = """[17/11/26, 10:31:02] Rosa Medina: Al timbrar sale CFDI40147 en todas las facturas
[17/11/26, 10:31:40] Rosa Medina: imagen omitida
[17/11/26, 10:33:00] Rosa Medina: también necesito la contraseña del portal"""


def test_one_incident_by_mail_and_telephone_and_another_by_whatsapp(
    visit: Callable[[], Page], live_server: Any, looked_at: Callable[[Page, str], None]
) -> None:
    cast = Cast()
    cast.rosa.phone = "+527225550198"
    cast.rosa.save(update_fields=["phone"])
    filed = cast.ticket()
    page = at_her_desk(visit, live_server, cast)

    page.goto("/llamadas/nueva/")
    page.get_by_label("Teléfono, RFC o empresa").press_sequentially("norte")  # found while it is typed
    page.get_by_role("link", name="Elegir Rosa Medina").click()
    page.get_by_label("Asunto").fill("No timbra ninguna factura")
    page.get_by_label("Qué pasó", exact=True).fill(
        "Llama por lo mismo que escribió: sigue sin timbrar desde las 08:50."
    )
    page.get_by_role("button", name="Abrir el ticket").click()

    expect(page.get_by_text("La misma persona reportó esto hace un momento.")).to_be_visible()
    looked_at(page, "call-same")
    page.get_by_role("button", name=f"Agregarlo ahí {filed.number}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(filed.subject)
    assert Ticket.objects.count() == 1

    page.goto(f"/llamadas/nueva/?contacto={cast.rosa.pk}")
    page.get_by_label("Por", exact=True).select_option("whatsapp")
    page.get_by_label("Asunto").fill("CFDI40147 al timbrar")
    page.get_by_label("Qué pasó", exact=True).fill(CHAT)
    page.get_by_label("Piden datos de acceso o un cambio").check()
    page.get_by_label("Devolví la llamada al número registrado").select_option("+527225550198")
    looked_at(page, "call-whatsapp")
    page.get_by_role("button", name="Abrir el ticket").click()
    page.get_by_role("button", name="No, es otro: abrirlo").click()

    answer = page.get_by_role("link", name="Responder ahí con el folio")
    expect(answer).to_be_visible()
    assert (answer.get_attribute("href") or "").startswith("https://wa.me/527225550198?text=Hola")
    expect(page.get_by_text("devolvió la llamada a un número registrado").first).to_be_visible()
    looked_at(page, "call-whatsapp-ticket")
    assert TicketEvent.objects.filter(type="ticket.called_back").count() == 1

    page.goto("/llamadas/nueva/")
    expect(page.get_by_label("Asunto")).to_have_value("")  # of the call that is registered nothing is left
    page.get_by_label("Nombre").fill("Quién sabe")
    page.get_by_label("Asunto").fill("Se corta la llamada")
    expect(page.get_by_text("Borrador guardado")).to_be_visible()
    page.goto(
        f"/llamadas/nueva/?contacto={cast.rosa.pk}"
    )  # found while they talk: what was typed stays, the name is theirs
    expect(page.get_by_label("Asunto")).to_have_value("Se corta la llamada")
    expect(page.get_by_label("Nombre")).to_have_value("Rosa Medina")
    expect(page.get_by_role("button", name="Empezar en blanco")).to_be_visible()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_label("Qué pasó", exact=True).fill("Mientras escribe termina su sesión.")
    page.get_by_label("¿Afecta su operación?").select_option("partial")
    over = page.get_by_role("alert").filter(has_text="Su sesión terminó")
    expect(over).to_be_visible()
    expect(page.get_by_label("Contraseña")).to_have_count(0)
    looked_at(page, "call-signed-out")
    assert (over.get_by_role("link").get_attribute("href") or "").endswith(
        f"?next=/llamadas/nueva/%3Fcontacto%3D{cast.rosa.pk}"
    )


def at_her_desk(visit: Callable[[], Page], live_server: Any, cast: Cast) -> Page:
    """Ada at her screen."""
    page, session = visit(), Server()
    session.force_login(cast.ada)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": live_server.url}])
    return page
