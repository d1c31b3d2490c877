"""The states of an order, and what it costs."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from core.errors import TransitionNotAllowed
from stamps import lifecycle, pricing
from stamps.lifecycle import ENDED, OWED, TRANSITIONS, UNPAID, OrderStatus


def test_the_table_is_total_and_what_ended_stays_ended() -> None:
    assert set(TRANSITIONS) == set(OrderStatus)
    assert {state for state, steps in TRANSITIONS.items() if not steps} == ENDED
    assert set(OrderStatus) == OWED | UNPAID | ENDED


def test_the_contracts_way_is_open_and_every_open_order_can_be_cancelled() -> None:
    way = ["requested", "quoted", "paid", "access_requested", "access_received", "credited"]

    for old, new in pairwise(way):
        lifecycle.check(old, new)
    for state in OWED | UNPAID:
        lifecycle.check(state, "cancelled")


def test_no_step_is_left_out() -> None:
    with pytest.raises(TransitionNotAllowed) as refused:
        lifecycle.check("requested", "paid")

    assert refused.value.extra == {"state": "requested"}


@pytest.mark.parametrize(  # the same rows stand in docs/stamps.md
    ("quantity", "unit_price", "subtotal", "tax", "total"),
    [
        (500, "2.00", "1000.00", "160.00", "1160.00"),
        (1, "1.99", "1.99", "0.32", "2.31"),
        (3, "0.6750", "2.03", "0.32", "2.35"),
        (1_000_000, "0.4999", "499900.00", "79984.00", "579884.00"),
    ],
)
def test_price(quantity: int, unit_price: str, subtotal: str, tax: str, total: str) -> None:
    found = pricing.price(quantity, Decimal(unit_price))

    assert found == pricing.Price(Decimal(subtotal), Decimal(tax), Decimal(total))
