"""Reading fiscal documents: what the card shows, and that no file hurts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cfdi import archive
from clients.cfdi.document import FREIGHT as IS_FREIGHT
from clients.cfdi.document import PAYMENTS as IS_PAYMENT
from clients.cfdi.document import NotRead
from tests.clients import cfdi_samples as samples
from tests.clients.cfdi_samples import FREIGHT, HOSTILE, PAYMENTS, PAYROLL, STAMP, UUID, cfdi, zipped


def test_an_invoice_that_was_stamped() -> None:
    one = archive.read(cfdi(STAMP)).documents[0]

    assert (one.version, one.kind, one.total, one.currency) == ("4.0", "I", "1160.00", "MXN")
    assert (one.issuer_rfc, one.issuer) == ("FNO180312KX1", "FERRETERIA LA NORTEÑA")
    assert (one.receiver_rfc, one.receiver) == ("MSC120215JH5", "MUEBLES SANTA CLARA")
    assert (one.uuid, one.stamped, one.pac) == (UUID, "2026-11-17T10:05:31", "SAT970701NN3")
    assert (one.serial, one.folio, one.issued) == ("A", "1042", "2026-11-17T10:02:11")
    assert one.certificate == "30001000000500003416"
    assert not one.is_payroll


def test_one_that_failed_has_no_folio_fiscal() -> None:
    assert archive.read(cfdi(version="3.3")).documents[0].uuid == ""


def test_complements() -> None:
    payment = archive.read(cfdi(PAYMENTS, STAMP, kind="P", total="0")).documents[0]
    freight = archive.read(cfdi(FREIGHT, kind="T", total="0")).documents[0]

    assert (payment.complements, payment.paid) == ((IS_PAYMENT,), "5800.00")
    assert freight.complements == (IS_FREIGHT,)
    assert archive.read(cfdi(PAYROLL, kind="N")).has_payroll
    assert archive.read(cfdi(PAYROLL, kind="I")).has_payroll  # a wrong type hides nothing
    assert archive.read(cfdi(kind="N")).has_payroll


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "Windows-1252", "UTF-16"])
def test_encodings(encoding: str) -> None:
    assert archive.read(cfdi(STAMP, encoding=encoding)).documents[0].issuer == "FERRETERIA LA NORTEÑA"


def test_a_mark_of_byte_order_is_no_harm() -> None:
    assert archive.read(b"\xef\xbb\xbf" + cfdi(STAMP)).documents[0].uuid == UUID


def test_what_has_another_shape_is_left_out() -> None:
    one = archive.read(cfdi(kind="X", total="1e9", issuer="<no>".replace("<", "").replace(">", ""))).documents[0]

    assert (one.kind, one.total, one.issuer_rfc) == ("", "", "")


def test_a_zip_of_documents() -> None:
    found = archive.read(zipped(*[cfdi(STAMP)] * 12, b"<no/>"))

    assert (len(found.documents), found.n, found.whole) == (archive.MAX_DOCUMENTS, 12, False)


def test_payroll_deep_in_a_zip_is_seen() -> None:
    found = archive.read(zipped(*[cfdi(STAMP)] * 12, cfdi(PAYROLL, kind="N")))

    assert found.has_payroll
    assert found.n == 13


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_not_read_and_costs_little(content: bytes) -> None:
    began = time.process_time()

    with pytest.raises(NotRead):
        archive.read(content)

    assert time.process_time() - began < 2


@given(st.binary(max_size=600))
def test_any_bytes_get_an_answer(content: bytes) -> None:
    for one in (content, b"PK\x03\x04" + content):
        with pytest.raises(NotRead, match=r"^(not_xml|not_cfdi|hostile|too_large|damaged)$"):
            archive.read(one)


@given(st.integers(0, len(samples.cfdi(STAMP)) - 1), st.integers(0, 255))
def test_one_wrong_byte_breaks_nothing(at: int, byte: int) -> None:
    content = bytearray(samples.cfdi(STAMP))
    content[at] = byte

    try:
        found = archive.read(bytes(content))
    except NotRead:
        return
    assert found.n == 1
