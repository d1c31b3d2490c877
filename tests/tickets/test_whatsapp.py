"""A pasted WhatsApp chat: the ways in which telephones here copy it, and what is no chat."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import whatsapp
from tickets.whatsapp import Bubble

AT = datetime(2026, 11, 17, 10, 42)  # noqa: DTZ001 - the telephone's own hour
NIGHT = datetime(2026, 11, 17, 22, 5)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("line", "at"),
    [
        pytest.param("[17/11/26, 10:42:13] Rosa Medina: No timbra", AT, id="iPhone"),
        pytest.param("\u200e[17/11/26, 10:42:13] ~ Rosa Medina: No timbra", AT, id="iPhone, name not saved"),
        pytest.param("17/11/2026, 10:42 a. m. - Rosa Medina: No timbra", AT, id="Android"),
        pytest.param("17/11/26 10:42 - Rosa Medina: No timbra", AT, id="Android, 24 hours"),
        pytest.param("17/11/2026, 10:05 p.\u202fm. - Rosa Medina: No timbra", NIGHT, id="Android, narrow blank"),
        pytest.param("[10:42 a.\xa0m., 17/11/2026] Rosa Medina: No timbra", AT, id="WhatsApp Web"),
        pytest.param("[22:05, 17/11/2026] Rosa Medina: No timbra", NIGHT, id="WhatsApp Web, 24 hours"),
    ],
)
def test_reads_what_telephones_copy(line: str, at: datetime) -> None:
    assert whatsapp.read(line) == [Bubble("Rosa Medina", at, "No timbra")]


@pytest.mark.parametrize(
    ("line", "hour"), [("12:10 a. m.", 0), ("12:10 p. m.", 12), ("1:10 p. m.", 13), ("11:10 a. m.", 11)]
)
def test_noon_and_midnight(line: str, hour: int) -> None:
    (bubble,) = whatsapp.read(f"17/11/2026, {line} - Rosa: hola")

    assert bubble.at.hour == hour


def test_lines_without_a_heading_belong_to_the_message_before() -> None:
    pasted = (
        "Los mensajes están cifrados de extremo a extremo.\n"
        "[17/11/26, 10:42:13] Rosa: El error dice:\nCFDI40147\n\ny no deja\n"
        "[17/11/26, 10:43:01] Iván: imagen omitida\n"
        "[18/11/26, 09:00:00] Rosa: ¿Sigue?"
    )

    assert whatsapp.tidy(pasted) == (
        "17/11/2026\n10:42 Rosa: El error dice:\nCFDI40147\n\ny no deja\n10:43 Iván: (archivo)\n"
        "18/11/2026\n09:00 Rosa: ¿Sigue?"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Al timbrar aparece CFDI40147 desde las 10:42: no deja",
        "[17/13/26, 10:42:13] Rosa: ese mes no existe",
        "17/11/2026: se agotaron los timbres",
    ],
)
def test_what_is_no_chat_stays_as_it_is(text: str) -> None:
    assert whatsapp.read(text) == []
    assert whatsapp.tidy(text) == text


_NAMES = st.text(st.characters(categories=["L"]), min_size=1, max_size=20)
_TEXTS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=60).filter(
    lambda text: whatsapp._MEDIA.search(text) is None
)
_MINUTES = st.integers(0, 500_000).map(lambda n: datetime(2026, 1, 1) + timedelta(minutes=n))  # noqa: DTZ001


@given(st.lists(st.tuples(_NAMES, _MINUTES, _TEXTS), max_size=8))
def test_nothing_of_a_chat_is_lost(said: list[tuple[str, datetime, str]]) -> None:
    pasted = "\n".join(f"[{at:%d/%m/%y, %H:%M}:00] {name}: {text}" for name, at, text in said)

    assert whatsapp.read(pasted) == [Bubble(name, at, text) for name, at, text in said]


def test_the_answer_opens_with_its_text_written() -> None:
    url = urlsplit(whatsapp.address("+527225550198", "Folio IMX-4821: https://ayuda.example/t/x/ ¿sí?"))

    assert (url.netloc, url.path) == ("wa.me", "/527225550198")
    assert parse_qs(url.query)["text"] == ["Folio IMX-4821: https://ayuda.example/t/x/ ¿sí?"]
    assert whatsapp.address("", "x") == ""
