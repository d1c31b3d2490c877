"""The sentences to clients: both manners of address, the same places, a calm voice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from core import wording
from desks.deskfile.words import places

CATALOGUE = wording.catalogue()
SENTENCES = [(key, trato, sentence) for key, pair in CATALOGUE.items() for trato, sentence in pair.items()]
DATA = Path(__file__).resolve().parents[2] / "desks" / "data"
DESK_TEXTS = [
    (path.stem, text)
    for path in sorted(DATA.glob("*.yaml"))
    for text in yaml.safe_dump(yaml.safe_load(path.read_text("utf-8"))["texts"], allow_unicode=True).splitlines()
]
# Verbs and pronouns of one manner that slip into the other.
OF_USTED = re.compile(r"\b(usted|le atendemos|su (reporte|ticket|empresa|correo)|puede usted)\b", re.IGNORECASE)
OF_TU = re.compile(r"\b(tú|te|ti|contigo|tu|tus|tuyo|puedes|quieres|necesitas|escribe tu)\b", re.IGNORECASE)


def test_there_are_sentences():
    assert CATALOGUE


@pytest.mark.parametrize(("key", "pair"), CATALOGUE.items(), ids=list(CATALOGUE))
def test_a_key_has_both_manners_with_the_same_places(key, pair):
    assert set(pair) == {"usted", "tu"}
    assert all(sentence.strip() for sentence in pair.values())
    assert places(pair["usted"]) == places(pair["tu"])
    assert "?" not in places(pair["tu"])


def test_nobody_shouts():
    assert [(key, trato) for key, trato, sentence in SENTENCES if "!" in sentence or "¡" in sentence] == []
    assert [name for name, text in DESK_TEXTS if "!" in text or "¡" in text] == []


def test_the_voice_promises_an_hour_not_haste():
    hollow = re.compile(r"lo antes posible|favor de|a la brevedad|RFC inválido", re.IGNORECASE)

    assert [(key, trato) for key, trato, sentence in SENTENCES if hollow.search(sentence)] == []
    assert [(name, text) for name, text in DESK_TEXTS if hollow.search(text)] == []


def test_the_manners_do_not_mix():
    mixed = [key for key, trato, s in SENTENCES if (OF_TU if trato == "usted" else OF_USTED).search(s)]

    assert mixed == []
    assert [text for name, text in DESK_TEXTS if name == "invoice-mx" and OF_TU.search(text)] == []
    assert [text for name, text in DESK_TEXTS if name == "facturando" and re.search(r"\busted\b", text)] == []


@pytest.mark.parametrize(
    ("sentence", "found"),
    [("Hola", set()), ("{name}, {at}", {"name", "at"}), ("{{x}}", set()), ("{", {"?"}), ("{a!r:>3}", {"a"})],
)
def test_places_of_a_sentence(sentence, found):
    assert places(sentence) == found
