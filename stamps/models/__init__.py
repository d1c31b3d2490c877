"""Stamps: accounts with their ledger, orders with what was paid for them."""

from stamps.models.account import StampAccount, StampAccountRfc, Terms
from stamps.models.ledger import MovementKind, StampDay, StampMovement
from stamps.models.money import (
    StampAdvance,
    StampAllocation,
    StampBilling,
    StampInvoice,
    StampReceipt,
    StampRefund,
)
from stamps.models.order import MOST_STAMPS, OrderTerms, StampOrder, StampOrderEvent, StampPayment
from stamps.models.sales import StampPrice, StampSales

__all__ = [
    "MOST_STAMPS",
    "MovementKind",
    "OrderTerms",
    "StampAccount",
    "StampAccountRfc",
    "StampAdvance",
    "StampAllocation",
    "StampBilling",
    "StampDay",
    "StampInvoice",
    "StampMovement",
    "StampOrder",
    "StampOrderEvent",
    "StampPayment",
    "StampPrice",
    "StampReceipt",
    "StampRefund",
    "StampSales",
    "Terms",
]
