"""Opening an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clients import actions as client_actions
from clients import rfc as rfc_rules
from core.actor import SALES, Actor
from core.errors import Conflict, FieldError, Forbidden, Invalid
from desks.models import Desk, Product
from stamps.actions import ledger
from stamps.models import StampAccount, StampAccountRfc, Terms

MOST_RFCS: Final = 200


def open_account(
    desk: Desk,
    *,
    product: Product,
    rfcs: Sequence[str],
    terms: str,
    balance: int,
    at: datetime,
    by: Actor,
    now: datetime,
) -> StampAccount:
    """Open an account with the balance that it had at `at`, for the company that the RFCs are of.

    A company that is not known yet is kept with its first RFC for a name. Raises Forbidden for who does not sell
    at the desk, Invalid, Conflict where an RFC draws from another account of the product (`account_exists`) or
    a prepaid balance is below zero.
    """
    if not by.has_role(desk.pk, SALES):
        raise Forbidden
    numbers = _numbers(rfcs)
    ledger.check_instant(at, now)
    ledger.check_not_below_zero(terms, balance)
    return first_account(desk, product=product, numbers=numbers, terms=terms, balance=balance, at=at, by=by, now=now)


def first_account(
    desk: Desk,
    *,
    product: Product,
    numbers: Sequence[str],
    terms: str,
    balance: int,
    at: datetime,
    by: Actor,
    now: datetime,
    name: str = "",
) -> StampAccount:
    """Write the account of well-formed RFCs; a company that is not known yet is called `name`."""
    with transaction.atomic():
        client = client_actions.ensure_client(desk.vendor, numbers, name=name)
        account = StampAccount.objects.create(
            vendor_id=desk.vendor_id,
            desk=desk,
            product=product,
            client=client,
            terms=Terms(terms),
            anchored_at=at,
            opened_at=at,
            created_at=now,
        )
        _draw(account, numbers)
        ledger.begin(account, balance, at=at, by=by, now=now)
    return account


def _numbers(rfcs: Sequence[str]) -> list[str]:
    """The RFCs in capitals, each once, in the order given. Raises Invalid that names each that is none."""
    errors: list[FieldError] = []
    found: dict[str, None] = {}
    for place, text in enumerate(rfcs[:MOST_RFCS]):
        try:
            checked = rfc_rules.check(text, field=f"rfcs.{place}")
        except Invalid as refused:
            errors += refused.errors
            continue
        if checked.flag == "generic":
            errors.append(FieldError(f"rfcs.{place}", "generic", _("A generic RFC has no stamps of its own.")))
        found[checked.rfc] = None
    if not rfcs:
        errors.append(FieldError("rfcs", "required", _("Write at least one RFC.")))
    if len(rfcs) > MOST_RFCS:
        errors.append(FieldError("rfcs", "max_length", _("An account takes at most 200 RFCs.")))
    if errors:
        raise Invalid(errors=errors)
    return list(found)


def _draw(account: StampAccount, numbers: Sequence[str]) -> None:
    """Let the RFCs draw from the account. Raises Conflict where one draws from another of the same product."""
    rows = [
        StampAccountRfc(account=account, vendor_id=account.vendor_id, product_id=account.product_id, rfc=number)
        for number in numbers
    ]
    try:
        with transaction.atomic():
            StampAccountRfc.objects.bulk_create(rows)
    except IntegrityError as taken:
        message = _("One of these RFCs already draws from an account of this product.")
        raise Conflict(message, code="account_exists") from taken
