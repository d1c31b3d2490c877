"""What is typed into the search box, read: a table, and laws over anything at all."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import searchquery, searchterms
from tickets.searchquery import Filter, Problem, Search, Term, parse, write

TODAY = date(2026, 11, 17)


def filters(text: str) -> list[tuple[str, str]]:
    return [(f.name, f.value) for f in parse(text, today=TODAY).filters]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("estado:abierto", [("estado", "abierto")]),
        ("ESTADO:Abiertos", [("estado", "abierto")]),
        ("estado:espera-cliente", [("estado", "espera-cliente")]),
        ('estado:"espera cliente"', [("estado", "espera-cliente")]),
        ("prioridad:critica", [("prioridad", "crítica")]),
        ("prioridad:Crítica prioridad:urgente", [("prioridad", "crítica"), ("prioridad", "crítica")]),
        ("canal:telefono", [("canal", "teléfono")]),
        ("asignado:mí", [("asignado", "yo")]),
        ("asignado:nadie", [("asignado", "nadie")]),
        ('asignado:"Karla Jiménez"', [("asignado", "Karla Jiménez")]),
        ("asignado:“Karla Jiménez”", [("asignado", "Karla Jiménez")]),
        ("rfc:fno180312kx1", [("rfc", "fno180312kx1")]),
        ("empresa:norteña", [("cliente", "norteña")]),
        ("antes:17/11", [("antes", "2026-11-17")]),
        ("antes:17/11/25", [("antes", "2025-11-17")]),
        ("despues:2026-02-28", [("despues", "2026-02-28")]),
        ("después:ayer", [("despues", "2026-11-16")]),
        ("desde:antier", [("despues", "2026-11-15")]),
        ("vence:hoy", [("vence", "2026-11-17")]),
        ("vence:mañana", [("vence", "2026-11-18")]),
        ("vence:vencidos", [("vence", "vencido")]),
        ("vence:semana", [("vence", "semana")]),
    ],
)
def test_operators_are_read_as_people_write_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert filters(text) == expected
    assert parse(text, today=TODAY).problems == ()


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("prioridad:azul", "value", ("azul",)),
        ("antes:31/02", "value", ("31/02",)),
        ("antes:99999", "value", ("99999",)),
        ("vence:nunca", "value", ("nunca",)),
        ("color:rojo", "operator", ("color", "rojo")),
        ("estado:", "empty", ("estado",)),
        ('"sin cerrar', "quote", ("sin", "cerrar")),
    ],
)
def test_what_cannot_be_read_is_words_and_said(text: str, code: str, words: tuple[str, ...]) -> None:
    read = parse(text, today=TODAY)

    assert [problem.code for problem in read.problems] == [code]
    assert read.words == words
    assert read.filters == ()


def test_addresses_and_hours_are_no_operators() -> None:
    assert parse("https://portal.example/x 10:30").problems == ()


def test_words_phrases_and_what_must_not_be_there() -> None:
    read = parse('no timbra -nómina "sello digital" -"carta porte" -estado:cerrado', today=TODAY)

    assert read.terms == (
        Term("no"),
        Term("timbra"),
        Term("nómina", negated=True),
        Term("sello digital", phrase=True),
        Term("carta porte", phrase=True, negated=True),
    )
    assert read.filters == (Filter("estado", "cerrado", negated=True),)


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        ("timb", True),
        ("timb ", False),
        ('"timb"', False),
        ("timb estado:abierto", False),
        ("timb -", False),
        ("", False),
    ],
)
def test_only_a_last_word_may_go_on(text: str, unfinished: bool) -> None:
    assert parse(text, today=TODAY).unfinished is unfinished


@given(st.text(max_size=400))
def test_anything_is_read(text: str) -> None:
    read = parse(text, today=TODAY)

    assert all(searchquery.pieces(term.text) for term in read.terms)
    searchterms.tsquery(read)
    searchterms.any_of(read)
    searchterms.asked_exactly(read)
    assert all("'" not in piece for piece in searchterms.indexed(text).split())


SIGNS = st.sampled_from([*'aáñ1"-: ./', "estado:", "abierto", "vence:", "hoy", "cliente:", "antes:", "17/11", "-", " "])


@given(st.lists(SIGNS, max_size=25).map("".join))
def test_what_was_read_is_written_so_that_it_reads_the_same(text: str) -> None:
    read = parse(text, today=TODAY)
    again = parse(write(read), today=TODAY)

    assert (again.terms, again.filters, again.problems) == (read.terms, read.filters, ())


@given(st.sampled_from(searchquery.OPERATORS), st.sampled_from(["-", ""]))
def test_an_operator_alone_is_a_word(name: str, minus: str) -> None:
    assert parse(f"{minus}{name}:").problems == (Problem("empty", f"{minus}{name}:"),)


# ------------------------------------------------------------------ words for the index


@pytest.mark.parametrize(
    "text",
    [
        "7225550145", "722 555 0145", "(722) 555-0145", "+52 722 555 0145", "+52 1 722 555 0145", "52 722 555 0145",
        "01 722 555 0145", "044 722 555 0145", "045 (722) 555 0145", "0052 722 555 0145",
    ],
)  # fmt: skip
def test_every_spelling_of_a_telephone_is_one_key(text: str) -> None:
    assert searchterms.keys(f"Mi número es {text}, gracias.") == {"tel:5410555227"}
    assert searchterms.asked_exactly(parse(text)) == "'tel:5410555227':*"


def test_a_telephone_is_found_by_its_end() -> None:
    assert searchterms.asked_exactly(parse("555 0145")) == "'tel:5410555':*"
    assert searchterms.asked_exactly(parse("0145")) == ""


@pytest.mark.parametrize("text", ["FNO180312KX1", "fno180312kx1", "FNO 180312 KX1", "FNO-180312-KX1"])
def test_every_spelling_of_an_rfc_is_one_key(text: str) -> None:
    assert searchterms.asked_exactly(parse(text)) == "'rfc:fno180312kx1'"
    assert "rfc:fno180312kx1" in searchterms.keys(f"RFC {text}.")


def test_keys_are_quoted_for_the_database() -> None:
    assert searchterms.vector({"mail:o'brien\\@x.example"}) == "'mail:o''brien\\\\@x.example':1D"


def test_plural_and_singular_of_cion_meet() -> None:
    assert searchterms.tsquery(parse("facturación ")) == "('facturacion' | 'facturaciones')"
    assert searchterms.tsquery(parse("facturaciones ")) == "('facturaciones' | 'facturacion')"


def test_a_near_word_takes_the_place_of_the_slip() -> None:
    read = parse("timbrdo estado:abierto -x", today=TODAY)

    assert searchterms.unknown_words(read) == ["timbrdo"]
    assert searchterms.suggestion(read, {"timbrdo": "timbrado"}) == "estado:abierto timbrado -x"
    assert searchterms.suggestion(read, {"timbrdo": "timbrdo"}) == ""
    assert searchterms.suggestion(Search(), {}) == ""
