"""The detector on examples written for it: what must go is gone, what is no secret stays, and it is measured."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import passwords
from core.passwords import MARKS, PASSWORD, caught, masked

Row = tuple[str, str]


def _rows(sign: str) -> list[str]:
    lines = Path(__file__).with_name("passwords.txt").read_text("utf-8").splitlines()
    return [rest.strip() for head, _blank, rest in (line.partition(" ") for line in lines) if head == sign]


def _pairs(sign: str) -> list[Row]:
    cut = (row.rpartition("|") for row in _rows(sign))
    return [(text.strip(), secret.strip()) for text, _bar, secret in cut]


POSITIVE, NEGATIVE = _pairs("+"), _rows("-")
HARD, HARD_NEGATIVE = _pairs("+?"), _rows("-?")
PEM: Final = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIFDjBABgkq\nhkiG9w0B\n-----END ENCRYPTED PRIVATE KEY-----"


@pytest.mark.parametrize(("text", "secret"), POSITIVE, ids=[text for text, _ in POSITIVE])
def test_it_is_gone_and_kept_in_its_line(text: str, secret: str) -> None:
    found = caught(text)

    assert secret not in found.text
    assert MARKS[PASSWORD] in found.text
    assert any(secret in line for line in found.lines)


@pytest.mark.parametrize("text", NEGATIVE, ids=NEGATIVE)
def test_it_stays_as_it_is(text: str) -> None:
    assert caught(text) == passwords.Caught(text)


def test_precision_and_recall() -> None:
    """Printed by `pytest -s`; the table is long enough to say something, and both stay high."""
    positive, negative = POSITIVE + HARD, NEGATIVE + HARD_NEGATIVE
    hits = sum(secret not in masked(text) for text, secret in positive)
    false = sum(masked(text) != text for text in negative)
    recall, precision = hits / len(positive), hits / (hits + false)
    print(f"\n{len(positive)} with, {len(negative)} without: recall {recall:.3f}, precision {precision:.3f}")  # noqa: T201

    assert len(positive) + len(negative) >= 120
    assert recall >= 0.94
    assert precision >= 0.94


def test_what_stands_around_it_stays() -> None:
    text = "Buenas tardes.\nUsuario: rosa  Contraseña: Norte-4471, gracias\nNo timbra desde las 08:50."
    assert masked(text) == (
        "Buenas tardes.\nUsuario: rosa  Contraseña: [contraseña guardada en la bóveda], gracias\n"
        "No timbra desde las 08:50."
    )


def test_several_in_one_text() -> None:
    found = caught("CIEC: Norte2025\nuna factura\ncontraseña de la llave privada: Sello.2024")
    assert found.text.count(MARKS[PASSWORD]) == 2
    assert len(found.lines) == 2


@pytest.mark.parametrize("text", [PEM, f"Aquí va:\n{PEM}\nGracias", PEM[:60]])
def test_a_private_key_pasted_as_text(text: str) -> None:
    found = caught(text)
    assert "MIIFDj" not in found.text
    assert found.kinds == (passwords.KEY,)
    assert "MIIFDj" in "".join(found.lines) or len(text) == 60


def test_a_certificate_is_public() -> None:
    text = "-----BEGIN CERTIFICATE-----\nMIIF\n-----END CERTIFICATE-----"
    assert masked(text) == text


@pytest.mark.parametrize(
    "piece", ["contraseña ", "clave de la ", "usuario/contraseña: ", "pass: a", "-----BEGIN PRIVATE KEY-----", "a://b:"]
)
def test_the_longest_text_takes_less_than_two_seconds(piece: str) -> None:
    started = time.process_time()
    masked((piece * 50_000)[:50_000])
    assert time.process_time() - started < 2


_PIECES = st.sampled_from(
    [*(text for text, _ in POSITIVE), *NEGATIVE, "\n", " ", ": ", "contraseña", "clave", "es", "Abc.123", "«", '"', "/"]
)


@given(st.lists(_PIECES | st.text(max_size=12), max_size=6).map(" ".join))
def test_what_was_masked_is_masked(text: str) -> None:
    """Masking again changes nothing: what passes two doors is caught once."""
    assert masked(masked(text)) == masked(text)


@given(st.text(alphabet="abcdefghijklmnñopqrstuvwxyz ,.\n", max_size=300))
def test_texts_without_a_label_stay(text: str) -> None:
    if not passwords._TRIGGER.search(text):
        assert caught(text) == passwords.Caught(text)
