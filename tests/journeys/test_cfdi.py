"""The client attaches an invoice that fails; the consultant reads its card and finds the others with the same code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Server
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import User
from tests.clients.cfdi_samples import cfdi
from tests.factories import OFFICE, Cast, actor
from tests.journeys.conftest import Clock
from tickets import actions, links

pytestmark = pytest.mark.journey

Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]


def sign_in(page: Page, person: User, url: str) -> None:
    session = Server()
    session.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": url}])


def test_from_the_attached_invoice_to_the_others_with_its_code(
    visit: Visit, at: Clock, live_server: Any, looked_at: LookedAt
) -> None:
    cast = Cast()
    for days in (1, 2):
        cast.ticket(now=OFFICE - timedelta(days=days))
    ticket = actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)
    rosa, ada = visit(), visit()

    rosa.goto(f"/t/{links.token(ticket)}/")
    rosa.locator("#responder textarea").fill("Aquí va la factura que no timbra.")
    rosa.locator("#responder input[type=file]").set_input_files(
        FilePayload(name="A-1042.xml", mimeType="text/xml", buffer=cfdi())
    )
    rosa.locator("#responder").get_by_role("button", name="Enviar").click()
    expect(rosa.locator(".cfdi")).to_contain_text("Sin timbrar")
    looked_at(rosa, "cfdi-client")

    sign_in(ada, cast.ada, live_server.url)
    ada.goto(f"/tickets/{ticket.number}/")
    expect(ada.locator(".cfdi")).to_contain_text("FERRETERIA LA NORTEÑA · FNO180312KX1")
    expect(ada.locator(".cfdi")).to_contain_text("$1,160.00 MXN")
    others = ada.get_by_role("link", name="Otros 2 con el mismo código esta semana")
    expect(others).to_be_visible()
    looked_at(ada, "cfdi-consultant")
    others.click()
    expect(ada.get_by_role("main")).to_contain_text("IMX-1")
    expect(ada.get_by_role("main")).to_contain_text("IMX-2")
    looked_at(ada, "cfdi-others")
