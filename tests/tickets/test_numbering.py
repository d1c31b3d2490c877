import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import numbering


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IMX-4821", "IMX-4821"),
        ("imx 4821", "IMX-4821"),
        (" imx4821 ", "IMX-4821"),
        ("IMX-04821", "IMX-4821"),
        ("4821", None),
        ("IMX-", None),
        ("IMX-48 21", None),
    ],
)
def test_what_people_mean_by_a_number(text: str, expected: str | None) -> None:
    assert numbering.parse(text) == expected


@given(st.from_regex(r"\A[A-Z]{2,8}\Z"), st.integers(1, 10**11))
def test_a_number_reads_back(prefix: str, counter: int) -> None:
    number = numbering.render(prefix=prefix, counter=counter)

    assert numbering.parse(number) == number
