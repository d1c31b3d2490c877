"""Billing data of an RFC, and the invoice of a sale: read with care, checked, downloaded by its client."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, Forbidden, Invalid, TransitionNotAllowed
from stamps import actions, cfdi, links
from stamps.actions import Billing
from stamps.models import StampBilling, StampInvoice, StampOrder
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC, place_order
from tests.stamps.test_views_orders import browse, text
from tests.tickets.conftest import Clock

UUID = "6F0B6F2E-7E0B-4C4B-9B0C-0E4B5B0C1D2E"
XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0" Fecha="2026-11-17T11:02:33" Total="1160.00" Moneda="MXN">
  <cfdi:Emisor Rfc="ISD150312AB9" Nombre="INVOICEMX" RegimenFiscal="601"/>
  <cfdi:Receptor Rfc="{RFC}" Nombre="FERRETERIA LA NORTEÑA" UsoCFDI="G03"/>
  <cfdi:Complemento><tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" Version="1.1" UUID="{UUID}"/></cfdi:Complemento>
</cfdi:Comprobante>"""  # noqa: E501
BOMB = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "xxxxxxxxxx">]><a>&b;</a>"""
GOOD = Billing("Ferretería La Norteña", "601", "50000", "G03", "03", "PUE")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def order(cast: Cast) -> StampOrder:
    return actions.quote(place_order(cast), by=factories.actor(cast.paola), now=OFFICE, unit_price=Decimal(2))


# ------------------------------------------------------------------ reading


def test_reads_a_cfdi() -> None:
    found = cfdi.read(XML.encode())

    assert (str(found.uuid).upper(), found.receiver_rfc, found.total) == (UUID, RFC, Decimal("1160.00"))
    assert found.issued_on.isoformat() == "2026-11-17"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_xml"),
        (b"<a", "not_xml"),
        (BOMB.encode(), "not_xml"),
        (b"<a/>", "not_cfdi"),
        (XML.replace("cfd/4", "cfd/5").encode(), "not_cfdi"),
        (XML.replace("2026-11-17T11:02:33", "ayer").encode(), "not_cfdi"),
        (XML.replace("TimbreFiscalDigital xmlns", "Otro xmlns").encode(), "not_stamped"),
        (XML.replace(UUID, "x").encode(), "bad_uuid"),
        (XML.replace("1160.00", "mil").encode(), "bad_total"),
        (XML.replace("1160.00", "NaN").encode(), "bad_total"),
        (b" " * (cfdi.MOST_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_invoice_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(cfdi.NotCfdi) as refused:
        cfdi.read(content)
    assert str(refused.value) == code


@given(st.binary(max_size=300))
def test_no_bytes_crash_it(content: bytes) -> None:
    with pytest.raises(cfdi.NotCfdi):
        cfdi.read(content)


# ------------------------------------------------------------------ attaching


def test_sales_attaches_it_and_the_client_downloads_it(cast: Cast, order: StampOrder, at: Clock) -> None:
    paola = browse(cast.paola)
    files = {"xml": ContentFile(XML.encode(), "f.xml"), "pdf": ContentFile(b"%PDF-1.4", "f.pdf")}

    sent = paola.post(f"/timbres/{order.number}/factura/", files)

    assert sent.status_code == 302, text(sent)
    row = StampInvoice.objects.get()
    page = Browser().get(f"/o/{links.token(order)}/")
    assert f"Factura {UUID[:8]}, XML" in text(page)
    for file in (row.xml_id, row.pdf_id):
        response = Browser().get(f"/o/{links.token(order)}/archivos/{file}/")
        assert (response.status_code, response["X-Content-Type-Options"]) == (200, "nosniff")
    assert browse(cast.rosa.user).get(f"/timbres/{order.number}/cliente/archivos/{row.xml_id}/").status_code == 200
    again = paola.post(f"/timbres/{order.number}/factura/", {"xml": ContentFile(XML.encode(), "f.xml")})
    assert again.status_code == 409
    assert "Esta factura ya está adjunta." in text(again)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "Este dato es necesario."),
        ({"xml": XML.replace(RFC, "MSC120215JH5")}, "Está a nombre de MSC120215JH5 y el pedido se factura a"),
        ({"xml": "<a/>"}, "Este XML no es un CFDI."),
        ({"xml": BOMB}, "Este archivo no es un XML que se pueda leer."),
        ({"xml": XML, "pdf": "GIF89a"}, "Este archivo no es un PDF."),
    ],
)
def test_a_file_that_is_wrong_is_refused_at_its_field(
    cast: Cast, order: StampOrder, at: Clock, files: dict[str, str], says: str
) -> None:
    sent = {name: ContentFile(content.encode(), name) for name, content in files.items()}

    page = browse(cast.paola).post(f"/timbres/{order.number}/factura/", sent)

    assert page.status_code == 422
    assert says in text(page)
    assert not StampInvoice.objects.exists()


def test_not_before_there_is_a_price(cast: Cast) -> None:
    with pytest.raises(TransitionNotAllowed):
        actions.add_invoice(
            place_order(cast), xml=ContentFile(XML.encode(), "f.xml"), by=factories.actor(cast.paola), now=OFFICE
        )


def test_a_uuid_is_attached_once_at_a_vendor(cast: Cast, order: StampOrder) -> None:
    by = factories.actor(cast.paola)
    other = actions.quote(place_order(cast), by=by, now=OFFICE, unit_price=Decimal(2))
    actions.add_invoice(order, xml=ContentFile(XML.encode(), "f.xml"), by=by, now=OFFICE)

    with pytest.raises(Conflict) as refused:
        actions.add_invoice(other, xml=ContentFile(XML.encode(), "f.xml"), by=by, now=OFFICE)
    assert refused.value.code == "invoice_used"


# ------------------------------------------------------------------ billing data


def test_they_are_kept_for_the_rfc_and_its_next_orders(cast: Cast, order: StampOrder, at: Clock) -> None:
    rosa = browse(cast.rosa.user)
    data = {
        "legal_name": "Ferretería La Norteña", "regimen": "601", "postal_code": "50000", "cfdi_use": "G03",
        "payment_form": "03", "payment_method": "PUE",
    }  # fmt: skip

    done = rosa.post(f"/timbres/{order.number}/cliente/datos-fiscales/", data)

    assert done.status_code == 303
    assert StampBilling.objects.get().legal_name == "FERRETERÍA LA NORTEÑA"
    later = place_order(cast)
    assert "FERRETERÍA LA NORTEÑA" in text(rosa.get(f"/timbres/{later.number}/"))
    assert "601 · General de Ley Personas Morales" in text(browse(cast.paola).get(f"/timbres/{later.number}/"))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"legal_name": " "}, "legal_name"),
        ({"regimen": "612"}, "regimen"),
        ({"regimen": "999"}, "regimen"),
        ({"postal_code": "5000"}, "postal_code"),
        ({"postal_code": "٥٠٠٠٠"}, "postal_code"),
        ({"cfdi_use": "X"}, "cfdi_use"),
        ({"payment_method": "PPD"}, "payment_form"),
    ],
)
def test_codes_are_those_of_the_tax_office(cast: Cast, order: StampOrder, changed: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.set_billing(order, replace(GOOD, **changed), by=factories.actor(cast.paola), now=OFFICE)
    assert [error.field for error in refused.value.errors] == [field]


def test_a_link_and_strangers_read_no_billing_data(cast: Cast, order: StampOrder, at: Clock) -> None:
    actions.set_billing(order, GOOD, by=factories.actor(cast.rosa), now=OFFICE)
    link = links.actor_of(order, order.contact_id or 0)

    for by in (link, factories.actor(cast.tom), factories.actor(cast.ada)):
        with pytest.raises(Forbidden):
            actions.set_billing(order, GOOD, by=by, now=OFFICE)
    path = f"/o/{links.token(order)}/"
    assert "FERRETERÍA" not in text(Browser().get(path))
    assert Browser().post(f"{path}datos-fiscales/", {}).status_code in (403, 422)
