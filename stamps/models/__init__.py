"""Stamps: accounts with their ledger and warnings, orders with what was paid for them."""

from stamps.models.account import FAR, StampAccount, StampAccountRfc, Terms
from stamps.models.ledger import MovementKind, StampDay, StampLot, StampMovement
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
from stamps.models.usage_import import UsageImport
from stamps.models.warning import StampNoticeChoice, StampWarning

__all__ = [
    "FAR",
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
    "StampLot",
    "StampMovement",
    "StampNoticeChoice",
    "StampOrder",
    "StampOrderEvent",
    "StampPayment",
    "StampPrice",
    "StampReceipt",
    "StampRefund",
    "StampSales",
    "StampWarning",
    "Terms",
    "UsageImport",
]
