import pytest
from django.utils import translation

from clients import phones
from core.errors import Invalid


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    "typed",
    [
        "7225550145",
        "722 555 0145",
        "(722) 555-0145",
        "01 (722) 5 55 0145",
        "044 722 555 0145",
        "045 722 555 0145",
        "+52 722 555 0145",
        "+52 1 722 555 0145",
        "+5217225550145",
        "52 722 555 0145",
        "521 722 555 0145",
        "0052 722 555 0145",
        "+52 01 722 555 0145",
        "722.555.0145 ext. 12",
        "７２２５５５０１４５",
    ],
)
def test_every_spelling_of_a_number_is_that_number(typed):
    assert phones.parse(typed).as_e164 == "+527225550145"


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        pytest.param("55 5555 0101", "+525555550101", id="Mexico City, begins with 55"),
        pytest.param("01 800 123 4567", "+528001234567", id="toll free"),
        pytest.param("+1 202 555 0143", "+12025550143", id="another country"),
    ],
)
def test_other_numbers(typed, e164):
    assert phones.parse(typed).as_e164 == e164


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param("", "Write the telephone number", id="nothing"),
        pytest.param("722 555 014", "One digit is missing", id="nine digits"),
        pytest.param("555 0145", "3 digits are missing", id="seven digits"),
        pytest.param("722 555 01455", "one digit too many", id="eleven digits"),
        pytest.param("llámeme", "digits only", id="words"),
        pytest.param("1", "9 digits are missing", id="one digit"),
        pytest.param("+1", "does not exist in its country", id="a country alone"),
        pytest.param("+9999999999999999", "does not exist in its country", id="no such country"),
        pytest.param("722 555 0145 / 722 555 0146 / 722 555 0147", "one telephone number only", id="several"),
        pytest.param("000 000 0000", "does not exist in Mexico", id="no such area"),
        pytest.param("+1 999 999 9999", "does not exist in its country", id="no such number abroad"),
        pytest.param("722\x005550145", "digits only", id="a NUL"),
        pytest.param("()", "10", id="no digit at all"),
    ],
)
def test_a_wrong_number_says_what_is_wrong(typed, says):
    with pytest.raises(Invalid) as refused:
        phones.parse(typed, field="requester.phone")
    (error,) = refused.value.errors
    assert (error.field, error.code) == ("requester.phone", "phone")
    assert says in str(error.message)
