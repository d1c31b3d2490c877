"""The CLABE: eighteen digits of a Mexican account, the last of which checks the others. Pure.

Banco de México, "Clave Bancaria Estandarizada": each digit times 3, 7 or 1, the last digits of the products added, and
what is missing to the next ten.
"""

from __future__ import annotations

from typing import Final

_WEIGHTS: Final = (3, 7, 1)


def is_valid(text: str) -> bool:
    """Whether the text is a CLABE with the right check digit."""
    return len(text) == 18 and text.isascii() and text.isdigit() and check_digit(text[:17]) == text[17]


def check_digit(digits: str) -> str:
    """The eighteenth digit of seventeen."""
    products = (int(digit) * _WEIGHTS[place % 3] % 10 for place, digit in enumerate(digits))
    return str(-sum(products) % 10)


def grouped(clabe: str) -> str:
    """As people read it: bank, place, account, check digit."""
    return " ".join((clabe[:3], clabe[3:6], clabe[6:17], clabe[17:]))
