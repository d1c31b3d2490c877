"""Names from outside."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import names


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        pytest.param("Captura de pantalla.png", "Captura de pantalla.png", id="as it is"),
        pytest.param("../../etc/passwd", "passwd", id="a path"),
        pytest.param(r"C:\Usuarios\Rosa\factura.pdf", "factura.pdf", id="a path of Windows"),
        pytest.param("factura\r\nX-Evil: 1.pdf", "facturaX-Evil_ 1.pdf", id="line breaks"),
        pytest.param("foto\u202egnp.exe", "fotognp.exe", id="turned round to look like a picture"),
        pytest.param("a\u200b\ufeffb.txt", "ab.txt", id="invisible"),
        pytest.param("a\x00b.txt", "ab.txt", id="NUL"),
        pytest.param("n\u0303andu\u0301.pdf", "ñandú.pdf", id="composed"),
        pytest.param(".htaccess", "htaccess", id="hidden"),
        pytest.param("informe. ", "informe", id="dots and blanks at the end"),
        pytest.param("con.txt", "_con.txt", id="a device of Windows"),
        pytest.param("CON", "_CON", id="the device itself"),
        pytest.param("consulta.txt", "consulta.txt", id="not a device"),
        pytest.param('a"b<c>:d|e?f*.txt', "a_b_c__d_e_f_.txt", id="signs that file systems refuse"),
        pytest.param("", "archivo", id="nothing"),
        pytest.param(None, "archivo", id="none"),
        pytest.param("/", "archivo", id="only a slash"),
        pytest.param("...", "archivo", id="only dots"),
        pytest.param("\u202e\u200b", "archivo", id="only invisible"),
        pytest.param("\ud800.pdf", "pdf", id="a lone surrogate"),
    ],
)
def test_a_name_is_made_safe(given_name: str | None, safe: str) -> None:
    assert names.safe(given_name) == safe


@given(st.text(max_size=400))
def test_a_safe_name_is_always_safe(text: str) -> None:
    name = names.safe(text)

    assert 0 < len(name) <= names.MAX_LENGTH
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in name)
    assert not name.startswith(".")
    assert name == name.strip()
    assert names.safe(name) == name
    name.encode()


def test_a_long_name_keeps_its_suffix() -> None:
    name = names.safe("x" * 400 + ".pdf")

    assert len(name) == names.MAX_LENGTH
    assert name.endswith("x.pdf")


@pytest.mark.parametrize(
    "name", ["CSD_FNO180312KX1.key", "sello.KEY", "firma.pfx", "firma.P12", "csd.key.zip", "csd.key.txt", "a. key"]
)
def test_names_of_keys(name: str) -> None:
    assert names.is_secret_like(name)


@pytest.mark.parametrize("name", ["keyboard.png", "key", "certificado.cer", "monkey.pdf", "a.keys", "pfx"])
def test_names_that_are_no_keys(name: str) -> None:
    assert not names.is_secret_like(name)
