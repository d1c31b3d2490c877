"""The RFC of a person does not stand where many people look."""

import pytest

from core.privacy import without_rfc


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("GODE561231GR8 no timbra", "RFC… no timbra", id="a person"),
        pytest.param("de gode561231gr8.", "de RFC….", id="in small letters"),
        pytest.param("GODE-561231-GR8", "RFC…", id="with dashes"),
        pytest.param("Ñ&DE561231GR8", "RFC…", id="odd letters"),
        pytest.param("FNO180312KX1 no timbra", "FNO180312KX1 no timbra", id="a company"),
        pytest.param("error CFDI40147", "error CFDI40147", id="an error code"),
        pytest.param("folio ABCDE561231GR89", "folio ABCDE561231GR89", id="part of something longer"),
    ],
)
def test_only_persons_are_blotted_out(text, shown):
    assert without_rfc(text) == shown
