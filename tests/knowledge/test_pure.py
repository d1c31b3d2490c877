"""What needs no database: neutral words, safe bodies, telling words, two versions side by side."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.cfdi.codes import Code
from core import passwords
from knowledge import comparing, neutral, rendering, terms
from knowledge.neutral import Known

KNOWN = (
    Known("person", "Rosa Medina"),
    Known("person", "Rosa"),
    Known("company", "Ferretería La Norteña"),
    Known("ticket", "IMX-4821"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Hola, soy Rosa Medina", "Hola, soy [nombre]", id="a name"),
        pytest.param("Gracias, Rosa.", "Gracias, [nombre].", id="a first name"),
        pytest.param("el rosa del botón y Rosario", "el rosa del botón y Rosario", id="words like a name"),
        pytest.param("en FERRETERÍA LA  NORTEÑA", "en [empresa]", id="a company in capitals"),
        pytest.param("del ticket IMX-4821, no del NOM-035", "del ticket [folio], no del NOM-035", id="a ticket"),
        pytest.param("RFC FNO180312KX1 y mefr-800101-ab1", "RFC [RFC] y [RFC]", id="RFCs"),
        pytest.param("a XAXX010101000 (público en general)", "a XAXX010101000 (público en general)", id="generic"),
        pytest.param("CURP MEFR800101MDFDRS09.", "CURP [CURP].", id="a CURP"),
        pytest.param("el UUID 6128396F-C09B-4EC6-8699-43C5F7E3B230", "el UUID [folio fiscal]", id="a folio fiscal"),
        pytest.param("escriba a rosa.m@lanortena.example, sí", "escriba a [correo], sí", id="an address"),
        pytest.param("al 722 555 0145 o +52 1 (722) 555-0145", "al [teléfono] o [teléfono]", id="telephones"),
        pytest.param("Tel.7225550145 cel-7225550146", "Tel.[teléfono] cel-[teléfono]", id="a label close to it"),
        pytest.param("722 555 0145/722 555 0146", "[teléfono]/[teléfono]", id="one of two"),
        pytest.param("certificado 30001000000500003416", "certificado [número]", id="a certificate"),
        pytest.param(
            "el 2026-11-17 10:42 por $1,234,567.89", "el 2026-11-17 10:42 por $1,234,567.89", id="dates, money"
        ),
        pytest.param("vea https://x.example/t/5:ab_c/ ya", "vea [liga] ya", id="a private link"),
        pytest.param("vea https://www.sat.gob.mx/ ya", "vea https://www.sat.gob.mx/ ya", id="an open link"),
        pytest.param("error CFDI40147 con CRP20201", "error CFDI40147 con CRP20201", id="codes stay"),
        pytest.param("[contraseña guardada en la bóveda]", "[contraseña omitida aquí]", id="a mark of the vault"),
        pytest.param("La contraseña es: Zafiro-7731", "La contraseña es: [contraseña omitida aquí]", id="a password"),
        pytest.param("[archivo csd.key guardado en la bóveda]", "[archivo omitido]", id="a key"),
    ],
)
def test_what_is_the_clients_becomes_a_neutral_word(text: str, expected: str) -> None:
    made = neutral.neutral(text, KNOWN)

    assert made.text == expected
    assert bool(made.replaced) is (text != expected)
    assert "Zafiro" not in repr(made)


@given(st.text(max_size=120))
@settings(max_examples=30, deadline=None)
def test_neutral_twice_is_neutral_once(text: str) -> None:
    once = neutral.neutral(text, KNOWN).text

    assert neutral.neutral(once, KNOWN).text == once


def test_what_was_made_neutral_holds_no_secret_any_more() -> None:
    """Else the one click that makes an article would be refused."""
    examples = Path("tests/core/passwords.txt").read_text("utf-8").splitlines()

    made = [neutral.neutral(line).text for line in examples]

    assert [text for text in made if passwords.find(neutral.bare(text))] == []


# ------------------------------------------------------------------ bodies

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "<javascript:alert(1)>",
    "![x](https://x.example/a.png)",
    '[x](https://x.example "onmouseover=alert(1)")',
    '[x](https://x.example/"onmouseover="alert(1))',
    "```\n</code></pre><script>alert(1)</script>\n```",
    "[a]: javascript:alert(1)\n\n[a]",
    "<svg/onload=alert(1)>",
    "<a href='//x' style='position:fixed'>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "# <iframe src=//x>",
)
TAG = re.compile(r"<\s*/?\s*([a-z0-9]+)([^>]*)>", re.IGNORECASE)


def _is_safe(html: str) -> bool:
    for name, attributes in TAG.findall(html):
        if name not in rendering._TAGS:
            return False
        if name == "a" and not re.fullmatch(r'( href="(https?|mailto|tel):[^"]*"| rel="[a-z ]+")*', attributes):
            return name == "a" and not attributes  # the end of a link
        if name not in {"a", "ol"} and attributes.strip():
            return False
    return True


@pytest.mark.parametrize("text", ATTACKS)
def test_a_body_runs_nothing(text: str) -> None:
    assert _is_safe(rendering.html(text)), rendering.html(text)


@given(st.lists(st.sampled_from([*ATTACKS, "**", "`", "\n", "- ", "> ", "\\", "[", "](", ")", "1. "]), max_size=12))
@settings(max_examples=80, deadline=None)
def test_pieces_of_attacks_together_run_nothing(pieces: list[str]) -> None:
    assert _is_safe(rendering.html("".join(pieces)))


def test_a_body_is_drawn_and_told_in_words() -> None:
    text = "# Qué\nuno  **dos**\n\n1. `a`\n2. [b](https://x.example)\n   - c\n\n```\nd\n```"

    assert rendering.html(text).startswith("<h2>Qué</h2>\n<p>uno  <strong>dos</strong></p>\n<ol>")
    assert rendering.plain(text) == "Qué\n\nuno  dos\n1. a\n2. b (https://x.example)\n- c\nd"
    assert rendering.excerpt("# Título\n" + "palabra " * 50, 20) == "palabra palabra…"


def test_deep_nesting_costs_nothing() -> None:
    assert len(rendering.html("> " * 5000 + "x" + "[" * 5000 + "- " * 2000)) < 60_000


# ------------------------------------------------------------------ words, versions


def test_words_that_tell() -> None:
    said = "Hola, no puedo timbrar la factura: error CFDI40147 domicilio fiscal del receptor 301"

    assert terms.telling(said) == ("timbrar", "domicilio", "fiscal", "receptor")
    assert terms.codes(said) == (Code("sat", "CFDI40147"),)
    assert terms.codes("folio 6128396F-C09B-4EC6-8699-43C5F7E3B230") == ()
    assert terms.typed("¿Cancelación, ya?") == ("cancelacion", "ya")


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
@settings(max_examples=60, deadline=None)
def test_both_versions_can_be_read_from_their_difference(old: list[str], new: list[str]) -> None:
    lines = comparing.lines("\n".join(old), "\n".join(new))

    assert [line.text for line in lines if line.kind != "added"] == "\n".join(old).splitlines()
    assert [line.text for line in lines if line.kind != "removed"] == "\n".join(new).splitlines()
