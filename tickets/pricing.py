"""What an attention costs extra. Pure: the prices of plans in, an amount in MXN before VAT out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal


def of_plan(prices: Mapping[str, str], method: str) -> Decimal | None:
    """The plan's price of the method; None where it is included."""
    text = prices.get(method)
    price = Decimal(text) if text else None
    return price if price else None


def listed(plans: Iterable[Mapping[str, str]], method: str) -> Decimal | None:
    """What somebody without a contract pays: the highest price among the desk's plans; None where none charges."""
    found = [price for plan in plans if (price := of_plan(plan, method)) is not None]
    return max(found, default=None)


def money(price: Decimal) -> str:
    """`$1,350.00 MXN`: before VAT, which the sentence around it says."""
    return f"${price:,.2f} MXN"
