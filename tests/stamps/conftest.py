"""Doors of stamps under test: the desk with its people, callers with a token, an account that runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from desks.models import Product
from stamps import actions
from stamps.models import StampAccount, StampOrder, StampSales
from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.conftest import at, caller, cast, stranger

__all__ = ["at", "caller", "cast", "stranger"]

RFC = "FNO180312KX1"
OPENED = OFFICE - timedelta(days=60)


def open_account(cast: Cast, rfcs: tuple[str, ...] = (RFC,), *, at: datetime = OPENED, **fields: Any) -> StampAccount:
    """An account that Paola opened."""
    values = {"terms": "prepaid", "balance": 1_200, **fields}
    product = Product.objects.get(vendor=cast.desk.vendor, slug=values.pop("product", "escritorio"))
    return actions.open_account(
        cast.desk, product=product, rfcs=rfcs, at=at, by=factories.actor(cast.paola), now=OFFICE, **values
    )


def place_order(cast: Cast) -> StampOrder:
    """Five hundred stamps that Rosa ordered for her company."""
    wish = actions.Request(quantity=500, rfc=RFC, trade_name="La Norteña", product="escritorio")
    return actions.place(cast.desk, wish, by=factories.actor(cast.rosa), now=OFFICE)


def quote(cast: Cast, order: StampOrder) -> StampOrder:
    """The order with a price of Paola's, at a desk that has a bank."""
    StampSales.objects.get_or_create(
        desk=cast.desk,
        defaults={
            "seller_name": "InvoiceMX SA de CV",
            "seller_rfc": "ISD150312AB9",
            "bank": "BBVA",
            "bank_holder": "InvoiceMX SA de CV",
            "clabe": "012180005555014506",
        },
    )
    return actions.quote(order, by=factories.actor(cast.paola), now=OFFICE, unit_price=Decimal(2))


@pytest.fixture
def account(cast: Cast) -> StampAccount:
    """1,200 stamps of the Ferretería's, opened sixty days ago."""
    return open_account(cast)
