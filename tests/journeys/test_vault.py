"""Access data from the client to the consultant: asked for, written once, seen after asking again, told, gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client as Server
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import User
from clients.models import VaultSecret
from notifications.models import Notification
from tests.factories import OFFICE, Cast, actor
from tests.journeys.conftest import Clock
from tickets import actions, links

pytestmark = pytest.mark.journey

Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]
PLANTED = "Zafiro-7731!q"


@pytest.fixture
def cast(visit: Visit) -> Cast:
    return Cast()


def sign_in(page: Page, person: User, url: str) -> None:
    session = Server()
    session.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": url}])


def test_from_the_question_to_the_end(
    visit: Visit, cast: Cast, at: Clock, live_server: Any, looked_at: LookedAt
) -> None:
    ticket = actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)
    ada, rosa = visit(), visit()
    sign_in(ada, cast.ada, live_server.url)

    ada.goto(f"/tickets/{ticket.number}/")
    ada.get_by_role("link", name="Pedir datos de acceso").click()
    ada.get_by_label("Qué necesita").fill("el usuario del portal y la llave del sello")
    ada.get_by_role("button", name="Enviar el enlace").click()
    expect(ada.get_by_label("Enlace")).to_have_value(re.compile("/datos/.+/"))
    looked_at(ada, "vault-asked")

    mail = Notification.objects.get(template="tickets/vault")
    rosa.goto(str(urlsplit(mail.params["url"]).path))
    expect(rosa.get_by_role("main")).to_contain_text("el usuario del portal y la llave del sello")
    rosa.get_by_role("button", name="Guardar en la bóveda").click()
    expect(rosa.locator(".errors")).to_contain_text("Escriba al menos un dato")
    looked_at(rosa, "vault-enter-refused")
    rosa.get_by_label("Usuario").fill("rosa.medina")
    rosa.get_by_label("Contraseña").fill(PLANTED)
    rosa.get_by_label("Archivos").set_input_files(
        FilePayload(name="csd.key", mimeType="application/octet-stream", buffer=b"\x30\x82")
    )
    looked_at(rosa, "vault-enter")
    rosa.get_by_role("button", name="Guardar en la bóveda").click()
    expect(rosa.get_by_role("heading", level=1)).to_have_text("Listo: están en la bóveda")
    looked_at(rosa, "vault-done")

    at(OFFICE + timedelta(minutes=30))
    ada.goto(f"/tickets/{ticket.number}/boveda/")
    expect(ada.get_by_role("main")).not_to_contain_text(PLANTED)
    looked_at(ada, "vault-list")
    row = ada.get_by_role("listitem").filter(has_text="Datos de acceso")
    row.get_by_role("link", name="Ver").click()
    looked_at(ada, "vault-again")
    assert VaultSecret.objects.get(kind="access").n_looks == 0
    ada.get_by_role("button", name="Verlo").click()
    expect(ada.get_by_label("Contraseña")).to_have_value(PLANTED)
    looked_at(ada, "vault-shown")

    rosa.goto(f"/t/{links.token(ticket)}/")
    expect(rosa.locator("#boveda")).to_contain_text("visto por Ada Lozano")
    expect(rosa.locator("#historia")).to_contain_text("Ada Lozano vio lo que guarda la bóveda")
    looked_at(rosa, "vault-client")
    assert Notification.objects.filter(key__startswith="vault/seen/", recipient=ticket.requester_email).count() == 1

    ada.goto(f"/tickets/{ticket.number}/boveda/")
    row = ada.get_by_role("listitem").filter(has_text="csd.key")
    row.get_by_role("link", name="Ver").click()
    with ada.expect_download() as download:
        ada.get_by_role("button", name="Descargarlo").click()
    assert download.value.suggested_filename == "csd.key"

    actions.resolve(ticket, by=actor(cast.ada), now=OFFICE + timedelta(hours=1), solution="Quedó con el sello nuevo.")
    assert not VaultSecret.objects.filter(ciphertext__isnull=False).exists()
    at(OFFICE + timedelta(hours=2))
    ada.goto(f"/tickets/{ticket.number}/boveda/")
    expect(ada.get_by_role("main")).to_contain_text("terminó el caso")
    expect(ada.get_by_role("link", name="Ver", exact=True)).to_have_count(0)


def test_a_password_in_a_reply_leaves_a_mark(visit: Visit, cast: Cast) -> None:
    ticket = actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)
    page = visit()
    page.goto(f"/t/{links.token(ticket)}/")
    page.get_by_label("Escriba su respuesta").fill(f"La contraseña del sello es {PLANTED}")
    page.get_by_role("button", name="Enviar respuesta").click()

    expect(page.get_by_role("main")).to_contain_text("[contraseña guardada en la bóveda]")
    expect(page.get_by_role("main")).to_contain_text("Lo que envió traía algo secreto")
    expect(page.get_by_role("main")).not_to_contain_text(PLANTED)
