"""Which stamps go first: lots that came together, used oldest first. Pure.

What is left of each lot follows from the balance alone: used up are the oldest, so the balance lies in the newest.
Nothing is written when stamps are used, and nobody reads movements to know what is left (docs/stamps.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Lot:
    """Stamps that came together. They are gone at the end of the local date `expires_on`; None: never.

    `since`: when they came; None for stamps of no lot, which are older than any.
    """

    amount: int
    expires_on: date | None = None
    since: datetime | None = None


def left(balance: int, lots: Sequence[Lot]) -> list[int]:
    """Return what is left of each of the lots, which stand oldest first: all of the newest, then of the one before."""
    rest = max(0, balance)
    found = []
    for lot in reversed(lots):
        part = min(lot.amount, rest)
        rest -= part
        found.append(part)
    return found[::-1]


def standing(balance: int, lots: Sequence[Lot]) -> list[Lot]:
    """Return what the balance consists of, in the order of use: stamps of no lot are older than any."""
    parts = left(balance, lots)
    loose = max(0, balance) - sum(parts)
    rows = [replace(lot, amount=part) for lot, part in zip(lots, parts, strict=True) if part]
    return [Lot(loose), *rows] if loose else rows


def taken(balance: int, lots: Sequence[Lot], amount: int) -> list[Lot]:
    """Return the lots that `amount` stamps are of when they are taken from the oldest on, oldest first."""
    found, rest = [], amount
    for lot in standing(balance, lots):
        part = min(lot.amount, rest)
        rest -= part
        if part:
            found.append(replace(lot, amount=part))
    return found
