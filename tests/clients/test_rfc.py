import pytest
from django.utils import translation

from clients import rfc
from core.errors import Invalid


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("typed", "normal", "flag"),
    [
        pytest.param("FNO180312KX1", "FNO180312KX1", "", id="company"),
        pytest.param(" fno-180312-kx1 ", "FNO180312KX1", "", id="separators and case"),
        pytest.param("SAT970701NN3", "SAT970701NN3", "", id="the tax office itself"),
        pytest.param("SAT970701NN4", "SAT970701NN4", "check_digit", id="wrong check digit is a flag"),
        pytest.param("GODE561231GR8", "GODE561231GR8", "", id="person"),
        pytest.param("XAXX010101000", "XAXX010101000", "generic", id="generic"),
        pytest.param("xexx 010101 000", "XEXX010101000", "generic", id="generic of foreigners"),
        pytest.param("n\u0303and8001011a2", "ÑAND8001011A2", "check_digit", id="n with a loose tilde"),
        pytest.param("A&B000229XY1", "A&B000229XY1", "check_digit", id="29 February"),
    ],
)
def test_a_well_formed_rfc_is_accepted(typed, normal, flag):
    assert rfc.check(typed) == rfc.RfcCheck(normal, flag)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param("", "Write the RFC", id="nothing"),
        pytest.param("FNO18312KX1", "lacks one digit in its date", id="a digit short"),
        pytest.param("FNO1831KX1", "lacks 2 digits in its date", id="two digits short"),
        pytest.param("FNO181312KX1", "181312 is not", id="month 13"),
        pytest.param("FNO190229KX1", "190229 is not", id="29 February of a common year"),
        pytest.param("FN180312KX1", "lacks letters", id="two letters"),
        pytest.param("FNOLE180312KX1", "too many letters", id="five letters"),
        pytest.param("FNO180312KX", "lacks its last character", id="one short at the end"),
        pytest.param("FNO180312", "lacks its last 3 characters", id="no ending"),
        pytest.param("FNO180312KX12", "one character too many", id="one too many"),
        pytest.param("FNO180312KÑ1", "ends in a character", id="an ñ at the end"),
        pytest.param("FNO180312K@1", "no RFC has: @", id="a foreign character"),
        pytest.param("FNO180312K\x001", "cannot be read", id="a NUL"),
        pytest.param("FNO18O312KX1", "lacks 4 digits", id="letter O in the date"),
        pytest.param("\u0661" * 12, "no RFC has", id="arabic digits"),
    ],
)
def test_a_wrong_shape_says_what_is_wrong(typed, says):
    with pytest.raises(Invalid) as refused:
        rfc.check(typed)
    (error,) = refused.value.errors
    assert (error.field, error.code) == ("client_rfc", "rfc_shape")
    assert says in str(error.message)


def test_a_long_text_is_not_repeated_whole():
    with pytest.raises(Invalid) as refused:
        rfc.check("X" * 5000)
    assert len(str(refused.value.errors[0].message)) < 200


def test_thirteen_characters_are_a_person():
    assert rfc.check("GODE561231GR8").is_person
    assert not rfc.check("FNO180312KX1").is_person
