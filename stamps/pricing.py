"""What an order costs: the stamps and the IVA, in pesos and cents. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

IVA: Final = Decimal("0.16")
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Price:
    """Before tax, the tax, and both; each rounded to the cent, half a cent up."""

    subtotal: Decimal
    tax: Decimal
    total: Decimal


def price(quantity: int, unit_price: Decimal) -> Price:
    """Return what so many stamps cost at a price without IVA."""
    subtotal = (quantity * unit_price).quantize(_CENT, ROUND_HALF_UP)
    tax = (subtotal * IVA).quantize(_CENT, ROUND_HALF_UP)
    return Price(subtotal, tax, subtotal + tax)


def unit_price(quantity: int, ranges: Sequence[tuple[int, Decimal]]) -> Decimal | None:
    """The price of a stamp for so many: that of the last range begun; None where none is. Ranges in order."""
    found = [price for start, price in ranges if start <= quantity]
    return found[-1] if found else None
