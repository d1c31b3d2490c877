"""Answering with a canned answer: found by its shortcut, filled in, with files that go ahead of the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import FilePayload, Page, expect

from tests.factories import OFFICE, Cast, actor
from tests.journeys.conftest import Clock
from tests.journeys.test_cfdi import sign_in
from tickets import actions
from tickets.actions import canned
from tickets.models import MessageFile, Upload

pytestmark = pytest.mark.journey

Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]
BODY = "{{saludo}}, {{cliente.primer_nombre}}:\n\nSu CSD venció el [[fecha de vencimiento]].\n\n{{consultor}}"


def answers(cast: Cast) -> None:
    elena = actor(cast.elena)
    guide = ContentFile(b"%PDF-1.4", name="guia-certisat.pdf")
    for shortcut, title, body, files in (
        ("csd-vencido", "CSD vencido o por vencer", BODY, [guide]),
        ("cancelacion", "Cancelación y motivos", "Elija el motivo 02.", []),
    ):
        draft = canned.Draft(title=title, shortcut=shortcut, body=body, files=files)
        canned.create(cast.desk, draft, own=False, by=elena, now=OFFICE)


def test_from_a_slash_to_the_answer_that_the_client_reads(
    visit: Visit, at: Clock, live_server: Any, looked_at: LookedAt, media: Any
) -> None:
    cast = Cast()
    answers(cast)
    ticket = actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)
    ada = visit()
    sign_in(ada, cast.ada, live_server.url)
    ada.goto(f"/tickets/{ticket.number}/")
    text = ada.get_by_label("Mensaje", exact=True)

    # The shortcut, from the keyboard; what the ticket does not know is selected, to be written over.
    text.press_sequentially("/csd")
    expect(ada.get_by_role("option", name="CSD vencido")).to_have_attribute("aria-selected", "true")
    expect(ada.locator("[data-insert-view]")).to_contain_text("Buenos días, Rosa")
    looked_at(ada, "replies-list")
    text.press("Enter")
    expect(text).to_have_value("Buenos días, Rosa:\n\nSu CSD venció el [[fecha de vencimiento]].\n\nAda")
    expect(ada.get_by_role("listitem").filter(has_text="guia-certisat.pdf")).to_be_visible()
    text.press("Control+Enter")
    expect(ada.get_by_text("Falta llenar: [[fecha de vencimiento]].").first).to_be_visible()

    # A second file goes ahead with the text still unsent; both are there when the page is read again.
    ada.locator("#redactar input[type=file]").set_input_files(
        FilePayload(name="pantalla.txt", mimeType="text/plain", buffer=b"uno")
    )
    row = ada.get_by_role("listitem").filter(has_text="pantalla.txt")
    expect(row.get_by_role("button", name="Quitar")).to_be_visible()
    ada.goto(f"/tickets/{ticket.number}/")
    expect(ada.get_by_role("listitem").filter(has_text="guia-certisat.pdf")).to_be_visible()
    looked_at(ada, "replies-files")
    row.get_by_role("button", name="Quitar").click()
    expect(row).to_have_count(0)

    # By the button and the search, then sent.
    text.fill("")
    ada.get_by_role("button", name="Plantillas").click()
    search = ada.get_by_role("combobox", name="Buscar plantillas")
    search.fill("motivo")
    expect(ada.locator("#insertar-lista > li")).to_have_count(1)
    search.press("Enter")
    expect(text).to_have_value("Elija el motivo 02.")
    text.press("Control+Enter")
    ada.locator("#saliendo").get_by_role("button", name="Enviar ya").click()
    expect(ada.locator("#hilo-lista")).to_contain_text("guia-certisat.pdf")

    assert MessageFile.objects.get().attachment.filename == "guia-certisat.pdf"
    assert not Upload.objects.exists()


@pytest.fixture
def media(settings: Any, tmp_path: Any) -> Any:
    """A storage of its own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path
