"""Which codes and folios are recognised in what clients write, and which numbers are only numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cfdi import codes
from clients.cfdi.codes import FOLIO, MAX_CODES, PAC, SAT, Code

FOLIO_TEXT = "6128396F-C09B-4EC6-8699-43C5F7E3B230"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Al timbrar aparece CFDI40147 desde las 8:50", ["CFDI40147"]),
        ("me sale cfdi40147 - El campo DomicilioFiscalReceptor", ["CFDI40147"]),
        ("Error CFDI 33105: la versión no es válida", ["CFDI33105"]),
        ("CFDI-40102 y luego CRP20201, CRP 20238", ["CFDI40102", "CRP20201", "CRP20238"]),
        ("La nómina marca NOM132 en dos empleados", ["NOM132"]),
        ("CCE153 en comercio exterior", ["CCE153"]),
        ("Error 302 al timbrar", ["PAC 302"]),
        ("el PAC responde 305", ["PAC 305"]),
        ("PAC devuelve: 307", ["PAC 307"]),
        ("Código de error: 301", ["PAC 301"]),
        ("Error: [302] Sello mal formado o inválido", ["PAC 302"]),
        ("301 - XML mal formado", ["PAC 301"]),
        ("«303 - Sello no corresponde a emisor»", ["PAC 303"]),
        ("me lo rechaza con error del PAC 402", ["PAC 402"]),
        ("error del PAC 401", ["PAC 401"]),
        (f"folio fiscal {FOLIO_TEXT.lower()}, es de ayer", [FOLIO_TEXT]),
        (f"UUID:{FOLIO_TEXT}", [FOLIO_TEXT]),
        ("CFDI40147 otra vez CFDI40147", ["CFDI40147"]),
    ],
)
def test_recognised(text: str, found: list[str]) -> None:
    assert [code.label for code in codes.recognised(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ya facturamos con CFDI 4.0",
        "CFDI40 147",
        "CFDI4014",
        "CFDI401477",
        "CFDI99123",
        "tenemos 301 facturas con error",
        "error: 301 facturas no timbraron",
        "la factura 302 no sale",
        "importe 305.00 pesos",
        "HTTP error 302",
        "la página da error 403",
        "error 401 al entrar al portal",
        "C.P. 30100, tel. 722 555 0301",
        "NOM-035 de la STPS",
        "IMX-302",
        "extensión 307",
        "error 3021",
        "versión 3.3.302",
        "00000000-0000-0000-0000-000000000000",
        "6128396f-c09b-4ec6-8699",
        "/t/6128396f-c09b-4ec6-8699-43c5f7e3b230/",
    ],
)
def test_only_numbers(text: str) -> None:
    assert codes.recognised(text) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("cfdi40147", Code(SAT, "CFDI40147")),
        (" CFDI 40147 ", Code(SAT, "CFDI40147")),
        ("PAC 302", Code(PAC, "302")),
        (FOLIO_TEXT.lower(), Code(FOLIO, FOLIO_TEXT)),
        ("302", None),
        ("CFDI40147 al timbrar", None),
        ("CFDI40147 CRP20201", None),
        ("", None),
    ],
)
def test_a_code_in_an_address(text: str, code: Code | None) -> None:
    assert codes.parse(text) == code


KNOWN = st.one_of(
    st.sampled_from(["33", "40"]).flatmap(lambda s: st.integers(0, 999).map(lambda n: Code(SAT, f"CFDI{s}{n:03}"))),
    st.integers(0, 999).map(lambda n: Code(SAT, f"CRP20{n:03}")),
    st.uuids(version=4).map(lambda u: Code(FOLIO, str(u).upper())),
)


@given(st.lists(KNOWN, max_size=8, unique=True), st.sampled_from([" y ", ", ", "\n", " / ", ". "]))
def test_what_is_written_is_found_in_its_order(known: list[Code], between: str) -> None:
    assert list(codes.recognised(between.join(code.text for code in known))) == known


@given(st.text(max_size=400))
def test_any_text_gives_few_codes_that_parse_to_themselves(text: str) -> None:
    found = codes.recognised(text)

    assert len(found) <= MAX_CODES
    assert len(set(found)) == len(found)
    assert all(codes.parse(code.label) == code for code in found)


def test_a_long_text_is_read_at_once() -> None:
    text = "error del pac " * 4000 + "codigo : " * 3000 + "a-b" * 2000

    assert codes.recognised(text + " CRP20201") == (Code(SAT, "CRP20201"),)


def test_a_label_says_whose_code_it_is() -> None:
    assert re.fullmatch(r"PAC \d{3}", Code(PAC, "305").label)
