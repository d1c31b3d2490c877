"""Stamps: accounts with their ledger, orders with what was paid for them."""

from stamps.models.account import StampAccount, StampAccountRfc, Terms
from stamps.models.ledger import MovementKind, StampDay, StampMovement
from stamps.models.order import MOST_STAMPS, StampOrder, StampOrderEvent, StampPayment

__all__ = [
    "MOST_STAMPS",
    "MovementKind",
    "StampAccount",
    "StampAccountRfc",
    "StampDay",
    "StampMovement",
    "StampOrder",
    "StampOrderEvent",
    "StampPayment",
    "Terms",
]
