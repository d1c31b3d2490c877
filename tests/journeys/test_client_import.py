"""A manager brings in clients from a spreadsheet, mends a row, and takes a wrong file back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Server
from playwright.sync_api import Page, expect

from clients.models import Client
from tests import factories

pytestmark = pytest.mark.journey

HEADINGS = "Empresa;RFC;CP;Sucursal;Contacto;Correo;Teléfono;Plan"
GOOD = "Papelería El Fresno;PFR190322KQ8;06600;Centro;Laura Medina;laura@elfresno.example;722 555 0191;"
KNOWN = "Ferretería La Norteña;FNO180312KX1;50000;;;;;"
BAD = "Abarrotes La Encina;AEN19032KQ8;50010;;Raúl Peña;;722 55;Premium"


def sheet(*rows: str) -> dict[str, Any]:
    data = "\r\n".join((HEADINGS, *rows)).encode("cp1252")
    return {"name": "clientes-noviembre.csv", "mimeType": "text/csv", "buffer": data}


def test_a_file_is_previewed_brought_in_and_taken_back(
    visit: Callable[[], Page], live_server: Any, looked_at: Callable[[Page, str], None]
) -> None:
    cast = factories.Cast()
    page = visit()
    session = Server()
    session.force_login(cast.marcela)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": live_server.url}])

    page.goto("/ajustes/")
    page.get_by_role("link", name="Clientes desde un archivo").click()
    looked_at(page, "client-imports")
    page.get_by_label("Archivo", exact=True).set_input_files(sheet(GOOD, KNOWN, BAD))
    page.get_by_role("button", name="Ver qué cambiaría").click()

    expect(page.get_by_text("1 renglón no se puede usar")).to_be_visible()
    expect(page.get_by_text("A AEN19032KQ8 le falta un dígito en la fecha.")).to_be_visible()
    expect(page.get_by_text("Código postal: — → 50000")).to_be_visible()
    assert not Client.objects.filter(name="Papelería El Fresno").exists()
    looked_at(page, "client-import-preview")

    page.get_by_role("button", name="Cargar 2 renglones").click()
    expect(page.get_by_text("Listo: los clientes de «clientes-noviembre.csv» ya están en la mesa.")).to_be_visible()
    assert Client.objects.get(name="Papelería El Fresno").is_active
    looked_at(page, "client-import-applied")

    page.get_by_role("button", name="Deshacer la carga").click()
    expect(page.get_by_text("Se deshizo la carga")).to_be_visible()
    assert not Client.objects.get(name="Papelería El Fresno").is_active
