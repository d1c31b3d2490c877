"""The ledger: usage, reported balances, credits. A row is never edited; what comes late is countered.

A balance that was reported (or the opening) is an anchor: what happened before its instant is in it
already. A movement that is told late is booked where it belongs and countered in the next anchor,
so that the ledger shows the day and the balance stays what was reported (docs/stamps.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, Invalid
from stamps import answers
from stamps.actions import batches, days, judging, rows
from stamps.models import MovementKind, StampAccount, StampMovement, StampOrder, Terms

MOST_REASON: Final = 300
AHEAD: Final = timedelta(minutes=5)  # by how much a caller's clock may be fast
ANCHORS: Final = (MovementKind.OPENING, MovementKind.REPORT)

Answer = dict[str, Any]


def use(
    account: StampAccount, *, used: int, at: datetime, reference: str, by: Actor, now: datetime, reason: str = ""
) -> Answer:
    """Book stamps that were used at an instant, and return the account as it stands then.

    `reason`: why somebody booked it by hand. The same reference with the same use gives the answer of the first time.
    Raises Conflict: `reference_used`, `insufficient_balance`.
    """

    def book(fresh: StampAccount) -> Answer:
        effect = count_use(fresh, used, at=at, by=by, now=now)
        row = rows.movement(fresh, MovementKind.USAGE, -used, at=at, by=by, now=now, reference=reference, reason=reason)
        return _insert(fresh, row, effect, now)

    return _once(account, reference, (MovementKind.USAGE, -used, None, at), book, now=now)


def report(account: StampAccount, *, balance: int, at: datetime, reference: str, by: Actor, now: datetime) -> Answer:
    """Book the difference to a balance that was read at an instant, and return the account as it stands then.

    Movements after that instant apply after it. Raises as `use`.
    """

    def book(fresh: StampAccount) -> Answer:
        check_not_below_zero(fresh.terms, balance)
        difference = balance - _balance_at(fresh, at)
        anchor = _anchor_after(fresh, at)
        expired = 0 if anchor else batches.already_expired(fresh, at, -difference, by=by, now=now)
        effect = 0 if anchor else difference + expired
        check_not_below_zero(fresh.terms, fresh.balance + effect)
        before = _anchor_before(fresh, at)
        if anchor:
            _reckon_anew(fresh, anchor, -difference, now=now, since=at)
        days.spread(fresh, before.at, at, max(0, -difference), now=now)
        row = rows.movement(fresh, MovementKind.REPORT, difference, at=at, by=by, now=now, reference=reference)
        row.reported = balance
        if anchor and difference < 0:  # what adds comes first: the balance is never below zero in between
            _counter(fresh, anchor, -difference, by=by, now=now)
        answer = _insert(fresh, row, effect, now)
        if anchor and difference > 0:
            _counter(fresh, anchor, -difference, by=by, now=now)
        StampAccount.objects.filter(pk=fresh.pk, anchored_at__lt=at).update(anchored_at=at)
        return answer

    return _once(account, reference, (MovementKind.REPORT, None, balance, at), book, now=now)


def credit(
    account: StampAccount,
    amount: int,
    *,
    by: Actor,
    now: datetime,
    order: StampOrder | None = None,
    expires_on: date | None = None,
    reference: str = "",
    reason: str = "",
) -> StampMovement:
    """Add stamps to an account that the caller has locked, after any balance reported so far.

    They are gone at the end of `expires_on`, a date of the desk. Warnings begin anew. The database refuses a second
    credit of the same order.
    """
    at = max(now, account.anchored_at)
    row = rows.movement(account, MovementKind.CREDIT, amount, at=at, by=by, now=now, reference=reference, reason=reason)
    row.order = order
    insert(account, row, now=now, lots=[(amount, at, expires_on)])
    return row


def begin(account: StampAccount, balance: int, *, at: datetime, by: Actor, now: datetime) -> None:
    """Book the balance that a new account opens with."""
    row = rows.movement(account, MovementKind.OPENING, balance, at=at, by=by, now=now)
    row.reported = balance
    row.save(force_insert=True)
    account.balance = balance
    judging.judge(account, now=now, anew=True)


def count_use(account: StampAccount, used: int, *, at: datetime, by: Actor, now: datetime) -> int:
    """Count stamps on the day on which they were used, and counter them where a balance read later, or stamps that
    expired, had them already. Return what the balance changes by. Negative `used` takes back what was counted.
    """
    anchor = _anchor_after(account, at)
    expired = 0 if anchor else batches.already_expired(account, at, used, by=by, now=now)
    effect = 0 if anchor else expired - used
    check_not_below_zero(account.terms, account.balance + effect)
    if anchor:
        _reckon_anew(account, anchor, used, now=now)
        _counter(account, anchor, used, by=by, now=now)
    days.add(account, at, used, now=now)
    return effect


def insert(account: StampAccount, row: StampMovement, *, now: datetime, lots: Sequence[batches.New] = ()) -> None:
    """Write a movement of a locked account with the lots that it brings, and judge how the account stands."""
    row.save(force_insert=True)
    batches.open_lots(account, row, lots, now=now)
    settle(account, row.amount, now=now)


def settle(account: StampAccount, effect: int, *, now: datetime) -> None:
    """Judge a locked account whose balance has changed; what adds stamps begins a new round of warnings."""
    account.balance += effect
    judging.judge(account, now=now, anew=effect > 0)


def hand_reason(text: str) -> str:
    """Why somebody moves stamps by hand. Raises Invalid on `reason`."""
    text = " ".join(text.split())
    if not text:
        raise Invalid.field("reason", "required", _("Say why."))
    if len(text) > MOST_REASON:
        raise Invalid.field("reason", "max_length", _("At most %(limit)d characters.") % {"limit": MOST_REASON})
    return text


def locked(pk: int) -> StampAccount:
    """The account's row, held until the transaction ends, with what never changes. 1 query."""
    accounts = StampAccount.objects.select_for_update(of=("self",))
    return accounts.select_related("desk__vendor", "product").get(pk=pk)


def check_instant(at: datetime, now: datetime) -> None:
    """Refuse what is still to come."""
    if at > now + AHEAD:
        raise Invalid.field("at", "in_the_future", _("This instant is still to come."))


def check_not_below_zero(terms: str, balance: int) -> None:
    """Refuse a prepaid account below zero."""
    if terms == Terms.PREPAID and balance < 0:
        raise Conflict(_("The balance is not enough, and the account is prepaid."), code="insufficient_balance")


# ------------------------------------------------------------------ once


def _once(
    account: StampAccount,
    reference: str,
    told: tuple[str, int | None, int | None, datetime],
    book: Callable[[StampAccount], Answer],
    *,
    now: datetime,
) -> Answer:
    """Lock the account and book, unless the reference is there: then the first answer, if it was told the same."""
    kind, amount, reported, at = told
    check_instant(at, now)
    with transaction.atomic():
        fresh = locked(account.pk)
        first = StampMovement.objects.filter(account=fresh, reference=reference).first()
        if first is None:
            return book(fresh)
        same = first.kind == kind and first.at == at and first.reported == reported
        if not same or (amount is not None and first.amount != amount):
            raise Conflict(_("This reference was used for something else."), code="reference_used")
        return dict(first.answer or {})


def _insert(account: StampAccount, row: StampMovement, effect: int, now: datetime) -> Answer:
    """Write the movement with the answer that it is given for."""
    account.balance += effect
    found = judging.judge(account, now=now, raised=effect)
    row.answer = answers.account_json(account, now, found)
    row.save(force_insert=True)
    return row.answer


# ------------------------------------------------------------------ what comes late


def _anchor_after(account: StampAccount, at: datetime) -> StampMovement | None:
    """The first balance reported for a later instant. 1 query, none where there is no later one."""
    if at >= account.anchored_at:
        return None
    anchors = StampMovement.objects.filter(account=account, kind__in=ANCHORS, at__gt=at)
    return anchors.order_by("at", "id").first()


def _anchor_before(account: StampAccount, at: datetime) -> StampMovement:
    """The balance that was known last at an instant: the opening where there is none before. 1 query."""
    anchors = StampMovement.objects.filter(account=account, kind__in=ANCHORS)
    return anchors.filter(at__lte=at).order_by("at", "id").last() or anchors.order_by("at", "id")[0]


def _balance_at(account: StampAccount, at: datetime) -> int:
    """The ledger's balance at an instant: today's without what came after. 1 query of the later movements."""
    later = StampMovement.objects.filter(account=account, at__gt=at).aggregate(sum=Sum("amount"))["sum"]
    return account.balance - (later or 0)


def _reckon_anew(
    account: StampAccount, anchor: StampMovement, amount: int, *, now: datetime, since: datetime | None = None
) -> None:
    """Spread anew the use that a reported balance showed and nobody told, now that `amount` of it was told late.

    `since`: another reported balance stands before this one now, and its dates begin there.
    """
    if anchor.kind != MovementKind.REPORT:
        return
    net = anchor.amount + (anchor.absorbed.aggregate(sum=Sum("amount"))["sum"] or 0)
    before = _anchor_before(account, anchor.at - timedelta(microseconds=1)).at
    days.spread(account, before, anchor.at, -max(0, -net), now=now)
    days.spread(account, since or before, anchor.at, max(0, -(net + amount)), now=now)


def _counter(account: StampAccount, anchor: StampMovement, amount: int, *, by: Actor, now: datetime) -> None:
    """Counter a late movement in the anchor that had it already."""
    row = rows.movement(account, MovementKind.ABSORBED, amount, at=anchor.at, by=by, now=now)
    row.anchor = anchor
    row.save(force_insert=True)
