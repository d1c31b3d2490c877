"""Stamps: accounts with their ledger."""

from stamps.models.account import StampAccount, StampAccountRfc, Terms
from stamps.models.ledger import MovementKind, StampDay, StampMovement

__all__ = [
    "MovementKind",
    "StampAccount",
    "StampAccountRfc",
    "StampDay",
    "StampMovement",
    "Terms",
]
