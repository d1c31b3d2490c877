"""A consultant makes an article of a ticket, a supervisor publishes it, a client finds it on the form by its code."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from knowledge.models import Article
from tests.factories import OFFICE, Cast, actor
from tests.journeys.test_cfdi import sign_in
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.journey

Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]
STORY = "Soy Rosa Medina, RFC FNO180312KX1. Al timbrar aparece CFDI40147 en todas las facturas desde las 08:50."
SOLUTION = "El código postal era el de la sucursal: se corrigió con el de la constancia de situación fiscal."


def test_from_a_resolved_ticket_to_a_report_that_is_not_needed(
    visit: Visit, live_server: Any, looked_at: LookedAt
) -> None:
    cast = Cast()
    ada = actor(cast.ada)
    ticket = actions.take(cast.ticket(description=STORY), by=ada, now=OFFICE)
    actions.resolve(ticket, by=ada, now=OFFICE, solution=SOLUTION)

    desk = visit()
    sign_in(desk, cast.ada, live_server.url)
    desk.goto(f"/tickets/{ticket.number}/")
    desk.locator(".toolbar").get_by_role("button", name="Crear artículo").click()
    expect(desk.get_by_role("heading", name="Salió de IMX-1")).to_be_visible()
    expect(desk.get_by_label("Texto", exact=True)).to_have_value(
        "## Qué pasa\n\nSoy [nombre], RFC [RFC]. Al timbrar aparece CFDI40147 en todas las facturas desde las 08:50."
        f"\n\n## Cómo se resuelve\n\n{SOLUTION}"
    )
    looked_at(desk, "article-from-ticket")
    desk.get_by_label("Título").fill("CFDI40147: el domicilio fiscal no coincide")
    desk.get_by_label("Público: lo leen los clientes").check()
    desk.get_by_role("button", name="Guardar la versión").click()
    expect(desk.get_by_text("Lo publica un supervisor")).to_be_visible()

    boss = visit()
    sign_in(boss, cast.elena, live_server.url)
    boss.goto("/conocimiento/")
    boss.get_by_role("link", name="CFDI40147: el domicilio").click()
    boss.get_by_role("link", name="Comparar").click()
    expect(boss.get_by_text("CFDI40147: el domicilio fiscal no coincide").last).to_be_visible()
    looked_at(boss, "article-compared")
    boss.go_back()
    boss.get_by_role("button", name="Publicar").click()
    expect(boss.get_by_role("link", name="Como lo ven los clientes")).to_be_visible()
    looked_at(boss, "article-published")

    other = actions.take(cast.ticket(), by=ada, now=OFFICE)
    desk.goto(f"/tickets/{other.number}/")
    desk.get_by_role("link", name="Insertar la liga").click()
    expect(desk.locator("#redactar textarea")).to_have_value(re.compile(r"coincide:\nhttp.*/invoice-mx/ayuda/\d+/$"))
    looked_at(desk, "article-inserted")

    client = visit()
    client.goto("/invoice-mx/")
    expect(client.get_by_role("link", name="Ver toda la ayuda")).to_be_visible()
    client.goto("/invoice-mx/reportar/")
    client.locator("#id_subject").fill("No timbra")
    client.locator("#id_description").press_sequentially("Me sale CFDI40147")
    offer = client.locator("#ayuda details")
    expect(offer).to_have_count(1)
    offer.locator("summary").click()
    expect(offer).to_contain_text("constancia de situación fiscal")
    looked_at(client, "article-offered")
    offer.get_by_role("button", name="Esto resolvió mi problema").click()
    expect(client.get_by_text("No se envió ningún reporte")).to_be_visible()
    expect(client.locator("#id_description")).to_have_value("Me sale CFDI40147")
    looked_at(client, "article-solved-it")
    assert Article.objects.get().n_solved == 1
    assert Ticket.objects.count() == 2

    client.locator("#id_subject").press("Enter")  # sends the report: no button of an offer is pressed by it
    expect(client.locator("form#reporte .invalid").first).to_be_visible()
    assert Article.objects.get().n_solved == 1
