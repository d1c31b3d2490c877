"""Lots: oldest first, from the balance alone; against a model that draws stamp by stamp."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stamps import lots, quantities
from stamps.lots import Lot

JUNE, JULY = date(2026, 6, 30), date(2026, 7, 31)


@pytest.mark.parametrize(
    ("balance", "left"),
    [
        pytest.param(300, [100, 200], id="whole"),
        pytest.param(250, [50, 200], id="fifty used: of the oldest"),
        pytest.param(200, [0, 200], id="the oldest is used up"),
        pytest.param(30, [0, 30], id="nearly all used"),
        pytest.param(0, [0, 0], id="empty"),
        pytest.param(-5, [0, 0], id="below zero"),
        pytest.param(420, [100, 200], id="more than the lots: stamps of no lot"),
    ],
)
def test_what_is_left_follows_from_the_balance(balance: int, left: list[int]) -> None:
    assert lots.left(balance, [Lot(100, JUNE), Lot(200, JULY)]) == left


def test_stamps_of_no_lot_are_used_first() -> None:
    assert lots.standing(420, [Lot(100, JUNE), Lot(200)]) == [Lot(120), Lot(100, JUNE), Lot(200)]


def test_what_is_taken_is_the_oldest() -> None:
    assert lots.taken(420, [Lot(100, JUNE), Lot(200)], 250) == [Lot(120), Lot(100, JUNE), Lot(30)]


@given(st.lists(st.integers(1, 50), max_size=6), st.integers(0, 40), st.data())
def test_drawing_one_by_one_leaves_the_same(amounts: list[int], loose: int, data: st.DataObject) -> None:
    used = data.draw(st.integers(0, loose + sum(amounts)))
    model = [loose, *amounts]
    for _ in range(used):
        first = next(place for place, amount in enumerate(model) if amount)
        model[first] -= 1

    assert lots.left(sum(model), [Lot(amount) for amount in amounts]) == model[1:]


@pytest.mark.parametrize(
    ("rate", "quantity"),
    [
        pytest.param(0.0, 100, id="nothing used: the least"),
        pytest.param(1.2, 100, id="seventy-two"),
        pytest.param(10.0, 600, id="six hundred"),
        pytest.param(21.5, 1_500, id="1,290: by five hundreds"),
        pytest.param(178.0, 11_000, id="10,680: by thousands"),
        pytest.param(1e9, 1_000_000, id="the most of an order"),
    ],
)
def test_two_months_are_suggested(rate: float, quantity: int) -> None:
    assert quantities.suggested(rate) == quantity


@given(st.floats(0, 16_000))
def test_what_is_suggested_covers_two_months(rate: float) -> None:
    assert quantities.suggested(rate) >= min(rate * 60, 1_000_000) - 1e-3
