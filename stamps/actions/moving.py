"""Moving stamps by hand: an adjustment, a credit without an order, a transfer, and taking a movement back.

Each says why. A key of the form (`reference`) makes a button that is pressed twice one movement.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from stamps import lots, queries
from stamps.actions import ledger, rows
from stamps.models import MovementKind, StampAccount, StampLot, StampMovement
from stamps.models.account import READING

MOST: Final = 1_000_000_000
# What can be taken back. An opening and a balance that was read are corrected by reading a new balance.
COUNTERABLE: Final = frozenset(
    {MovementKind.USAGE, MovementKind.CREDIT, MovementKind.ADJUSTMENT, MovementKind.TRANSFER}
)


def adjust(
    account: StampAccount, *, amount: int, reason: str, reference: str, by: Actor, now: datetime
) -> StampMovement:
    """Add stamps or take some away, with a reason. Raises Invalid, Conflict `insufficient_balance`."""
    _check_sells(account, by)
    reason = ledger.hand_reason(reason)
    if not amount or abs(amount) > MOST:
        raise Invalid.field("amount", "out_of_range", _("Write how many stamps, not zero."))
    with transaction.atomic():
        fresh = _open(account)
        first = _first(fresh, reference)
        if first is not None:
            return first
        ledger.check_not_below_zero(fresh.terms, fresh.balance + amount)
        at = max(now, fresh.anchored_at)
        row = rows.movement(
            fresh, MovementKind.ADJUSTMENT, amount, at=at, by=by, now=now, reference=reference, reason=reason
        )
        ledger.insert(fresh, row, now=now)
    return row


def grant(
    account: StampAccount,
    *,
    amount: int,
    reason: str,
    reference: str,
    by: Actor,
    now: datetime,
    expires_on: date | None = None,
) -> StampMovement:
    """Credit stamps without an order; they are gone at the end of `expires_on`, a date of the desk."""
    _check_sells(account, by)
    reason = ledger.hand_reason(reason)
    if not 0 < amount <= MOST:
        raise Invalid.field("amount", "out_of_range", _("Write how many stamps, more than zero."))
    today = now.astimezone(desk_queries.config(account.desk).zone).date()
    if expires_on is not None and expires_on < today:
        raise Invalid.field("expires_on", "in_the_past", _("This date has passed."))
    with transaction.atomic():
        fresh = _open(account)
        first = _first(fresh, reference)
        if first is not None:
            return first
        return ledger.credit(fresh, amount, by=by, now=now, expires_on=expires_on, reference=reference, reason=reason)


def transfer(
    account: StampAccount,
    into: StampAccount,
    *,
    amount: int,
    reason: str,
    reference: str,
    by: Actor,
    now: datetime,
) -> StampMovement:
    """Move stamps to another account of the desk and product, as two tied rows; they keep the day on which they expire.

    The oldest go first. Returns the row of the account that gives.
    """
    _check_sells(account, by)
    _check_sells(into, by)
    reason = ledger.hand_reason(reason)
    if not 0 < amount <= MOST:
        raise Invalid.field("amount", "out_of_range", _("Write how many stamps, more than zero."))
    check_same_kind(account, into)
    with transaction.atomic():
        source, target = locked_pair(account, into)
        first = _first(source, reference)
        if first is not None:
            return first
        ledger.check_not_below_zero(source.terms, source.balance - amount)
        return move(source, target, amount, reason=reason, reference=reference, by=by, now=now)


def locked_pair(one: StampAccount, other: StampAccount) -> tuple[StampAccount, StampAccount]:
    """Both accounts, held in ascending order of id whoever asks: two that move crosswise do not wait for each other."""
    held = {pk: ledger.locked(pk) for pk in sorted((one.pk, other.pk))}
    for account in held.values():
        check_open(account)
    return held[one.pk], held[other.pk]


def move(
    source: StampAccount,
    target: StampAccount,
    amount: int,
    *,
    reason: str,
    reference: str,
    by: Actor,
    now: datetime,
) -> StampMovement:
    """Write both rows of a transfer between locked accounts; a negative amount goes the other way."""
    tie = uuid5(NAMESPACE_OID, f"stamp-transfer/{source.pk}/{target.pk}/{reference}")
    taken = lots.taken(source.balance, queries.plain(queries.open_lots(source)), amount) if amount > 0 else []
    first: StampMovement | None = None
    for account, change in ((source, -amount), (target, amount)):
        row = rows.movement(
            account,
            MovementKind.TRANSFER,
            change,
            at=max(now, account.anchored_at),
            by=by,
            now=now,
            reference=reference,
            reason=reason,
        )
        row.transfer = tie
        brought = [(lot.amount, lot.since, lot.expires_on) for lot in taken if lot.since and account is target]
        ledger.insert(account, row, now=now, lots=brought)
        first = first or row
    assert first is not None  # noqa: S101 - two rows were written
    return first


def take_back(movement: StampMovement, *, reason: str, by: Actor, now: datetime) -> StampMovement:
    """Counter a movement whole, once; both rows of a transfer.

    Raises Conflict: `not_counterable`, `countered`, `insufficient_balance`.
    """
    account = StampAccount.objects.select_related("desk__vendor", "product").get(pk=movement.account_id)
    _check_sells(account, by)
    reason = ledger.hand_reason(reason)
    if movement.kind not in COUNTERABLE:
        raise Conflict(_("This movement cannot be taken back."), code="not_counterable")
    try:
        with transaction.atomic():
            return _counter_all(movement, reason=reason, by=by, now=now)
    except IntegrityError as twice:
        raise Conflict(_("This movement was taken back already."), code="countered") from twice


def _counter_all(movement: StampMovement, *, reason: str, by: Actor, now: datetime) -> StampMovement:
    tied = [movement]
    if movement.transfer is not None:
        tied = list(StampMovement.objects.filter(transfer=movement.transfer, kind=MovementKind.TRANSFER))
    held = {pk: ledger.locked(pk) for pk in sorted(row.account_id for row in tied)}
    # What gives stamps back comes first: nothing is below zero in between.
    written = {row.pk: _counter(held[row.account_id], row, reason, by=by, now=now) for row in sorted(tied, key=_amount)}
    return written[movement.pk]


def _amount(row: StampMovement) -> int:
    return row.amount


def _counter(account: StampAccount, movement: StampMovement, reason: str, *, by: Actor, now: datetime) -> StampMovement:
    """Write the row that takes a movement of a locked account back."""
    check_open(account)
    used = movement.kind == MovementKind.USAGE
    if used and account.expired_at is not None and movement.at < account.expired_at:
        raise Conflict(_("Stamps have expired since: write an adjustment instead."), code="not_counterable")
    if not used:
        ledger.check_not_below_zero(account.terms, account.balance - movement.amount)
        StampLot.objects.filter(movement=movement, closed_at__isnull=True).update(closed_at=now)
    at = movement.at if used else max(now, account.anchored_at)
    row = rows.movement(account, MovementKind.COUNTER, -movement.amount, at=at, by=by, now=now, reason=reason)
    row.counters, row.transfer = movement, movement.transfer
    row.save(force_insert=True)
    # Its day has not used them; where a balance read later had them already, nothing changes.
    effect = ledger.count_use(account, movement.amount, at=at, by=by, now=now) if used else row.amount
    ledger.settle(account, effect, now=now)
    return row


def _check_sells(account: StampAccount, by: Actor) -> None:
    if not by.has_role(account.desk_id, *READING):
        raise Forbidden


def check_same_kind(one: StampAccount, other: StampAccount) -> None:
    """Refuse two accounts between which no stamps move."""
    if one.pk == other.pk:
        raise Invalid.field("into", "same_account", _("Choose another account."))
    if (one.desk_id, one.product_id) != (other.desk_id, other.product_id):
        raise Invalid.field("into", "other_product", _("Stamps move between accounts of one desk and product only."))


def check_open(account: StampAccount) -> None:
    """Refuse an account that was merged into another."""
    if account.merged_into_id is not None:
        raise Conflict(_("This account was merged into another."), code="merged")


def _open(account: StampAccount) -> StampAccount:
    fresh = ledger.locked(account.pk)
    check_open(fresh)
    return fresh


def _first(account: StampAccount, reference: str) -> StampMovement | None:
    """The movement that this key of a form has made already. 1 query."""
    return StampMovement.objects.filter(account=account, reference=reference).first() if reference else None
