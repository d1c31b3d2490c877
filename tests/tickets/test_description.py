"""Texts of the seeds and of clients: which can be worked with, and when a writer is let through."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import description


@pytest.mark.parametrize(
    "text",
    [
        "Ayuda",
        "Error",
        "Tengo un problema",
        "AYUDA!!!",
        "Buenos días, necesito ayuda por favor",
        "no funciona el sistema",
        "tengo un error urgente, gracias",
        "Hola",
        "...",
        "Ayúdenme, tengo problemas con mi facturación",
        "me marca error",
        "ME SALE UN ERROR AL FACTURAR".replace("AL FACTURAR", ""),
    ],
)
def test_vague_texts_are_sent_back(text: str) -> None:
    assert description.missing(text)
    assert description.is_held(text, request_type="operational_question", lessons=0)


@pytest.mark.parametrize(
    "text",
    [
        "Al timbrar una nómina aparece CFDI40147 desde las 8:50",
        "El complemento de pago no muestra el saldo anterior de dos parcialidades",
        "«El sello del emisor no es válido» al timbrar con el certificado nuevo",
        "No llegan los correos con el XML al receptor desde el lunes",
        "¿Cómo cancelo con motivo 02 una factura de octubre?",
        "Pantalla en blanco al abrir el módulo de carta porte",
    ],
)
def test_telling_texts_pass(text: str) -> None:
    assert description.missing(text) == []


def test_taught_twice_then_let_through() -> None:
    held = [description.is_held("Error", request_type="unsure", lessons=n) for n in range(4)]

    assert held == [True, True, False, False]


def test_an_outage_is_never_held() -> None:
    assert not description.is_held("Ayuda", request_type="system_down", lessons=0)


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    missing = description.missing(text)

    assert set(missing) <= set(description.ASPECTS)
    assert bool(missing) is not description.is_clear(text)
    assert missing == sorted(missing, key=description.ASPECTS.index)


@given(st.text(max_size=200), st.sampled_from(["Error", "Al timbrar aparece CFDI40147 desde ayer.", "No imprime"]))
def test_saying_more_never_makes_it_vaguer(more: str, text: str) -> None:
    if description.is_clear(text):
        assert description.is_clear(f"{text}\n{more}")


def test_a_code_alone_lacks_what_was_done() -> None:
    assert description.missing("CFDI40147") == ["what_you_did", "since", "document"]


def test_a_long_text_is_judged_at_once() -> None:
    began = time.process_time()

    description.is_clear("no se me " * 6000)
    description.is_clear("codigo dice mensaje : " * 2300)

    assert time.process_time() - began < 2


@given(st.text(max_size=100))
def test_accents_and_case_change_nothing(text: str) -> None:
    plain = text.replace("ß", "ss")
    if plain.upper().lower() == plain.lower():
        assert description.missing(plain.upper()) == description.missing(plain.lower())
