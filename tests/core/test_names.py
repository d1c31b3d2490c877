"""What people are called."""

import pytest

from core import names


@pytest.mark.parametrize(
    ("name", "called"),
    [
        pytest.param("Rosa Medina", "Rosa", id="no title"),
        pytest.param("C.P. Norma Villegas", "C.P. Norma", id="an accountant"),
        pytest.param("Don Ramiro Escobedo Lara", "Don Ramiro", id="don"),
        pytest.param("ING Tomás Vilchis", "ING Tomás", id="without a dot"),
        pytest.param("Mtra. Lic. Eva Ríos", "Mtra. Lic. Eva", id="two titles"),
        pytest.param("Donato Cruz", "Donato", id="only looks like one"),
        pytest.param("  Rosa   Medina ", "Rosa", id="blanks"),
        pytest.param("Lic.", "Lic.", id="nothing but a title"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_title_does_not_stand_alone(name: str, called: str) -> None:
    assert names.first(name) == called
