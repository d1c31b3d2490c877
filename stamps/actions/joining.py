"""Which RFCs draw from an account: adding one, and merging two accounts into one."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from clients import rfc as rfc_rules
from clients.models import TaxId
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from stamps.actions import ledger, moving
from stamps.actions.opening import MOST_RFCS
from stamps.lifecycle import ENDED
from stamps.models import StampAccount, StampAccountRfc, StampOrder
from stamps.models.account import READING

_ADD_DAYS = """
    INSERT INTO stamps_stampday (account_id, used_on, used)
    SELECT %s, used_on, used FROM stamps_stampday WHERE account_id = %s
    ON CONFLICT (account_id, used_on) DO UPDATE SET used = stamps_stampday.used + EXCLUDED.used
"""


def add_rfc(account: StampAccount, *, rfc: str, by: Actor, now: datetime) -> StampAccountRfc:
    """Let another RFC of the same company draw from the account; one that nobody knows becomes the company's.

    Raises Invalid on `rfc` (also for another company's), Conflict `account_exists` where it draws from another account.
    """
    if not by.has_role(account.desk_id, *READING):
        raise Forbidden
    checked = rfc_rules.check(rfc)
    if checked.flag == "generic":
        raise Invalid.field("rfc", "generic", _("A generic RFC has no stamps of its own."))
    try:
        with transaction.atomic():
            fresh = ledger.locked(account.pk)
            moving.check_open(fresh)
            if StampAccountRfc.objects.filter(account=fresh).count() >= MOST_RFCS:
                raise Invalid.field("rfc", "max_length", _("An account takes at most 200 RFCs."))
            known = TaxId.objects.filter(vendor_id=fresh.vendor_id, rfc=checked.rfc).first()
            if known is None:
                TaxId.objects.create(vendor_id=fresh.vendor_id, client_id=fresh.client_id, rfc=checked.rfc)
            elif known.client_id != fresh.client_id:
                raise Invalid.field("rfc", "several_clients", _("This RFC belongs to another company."))
            return StampAccountRfc.objects.create(
                account=fresh, vendor_id=fresh.vendor_id, product_id=fresh.product_id, rfc=checked.rfc
            )
    except IntegrityError as taken:
        message = _("This RFC already draws from an account of this product.")
        raise Conflict(message, code="account_exists") from taken


def merge(account: StampAccount, into: StampAccount, *, reason: str, by: Actor, now: datetime) -> StampAccount:
    """Move RFCs, stamps, days of use and open orders of an account into another of the same company, and close it.

    Both are of one desk, product and terms. The closed account keeps its ledger. Returns the other one.
    """
    if not (by.has_role(account.desk_id, *READING) and by.has_role(into.desk_id, *READING)):
        raise Forbidden
    reason = ledger.hand_reason(reason)
    moving.check_same_kind(account, into)
    if account.client_id != into.client_id:
        raise Invalid.field("into", "several_clients", _("These accounts belong to different companies."))
    if account.terms != into.terms:
        raise Invalid.field("into", "other_terms", _("These accounts are paid for on different terms."))
    with transaction.atomic():
        source, target = moving.locked_pair(account, into)
        if source.rfcs.count() + target.rfcs.count() > MOST_RFCS:
            raise Invalid.field("into", "max_length", _("An account takes at most 200 RFCs."))
        StampAccountRfc.objects.filter(account=source).update(account=target)
        with connection.cursor() as cursor:
            cursor.execute(_ADD_DAYS, [target.pk, source.pk])
        StampOrder.objects.filter(account=source).exclude(status__in=ENDED).update(account=target)
        StampAccount.objects.filter(pk=source.pk).update(merged_into=target)
        if source.balance:
            reference = f"merge/{source.pk}"
            moving.move(source, target, source.balance, reason=reason, reference=reference, by=by, now=now)
        source.lots.filter(closed_at__isnull=True).update(closed_at=now)
        # A closed account is in nobody's list and is not looked at again.
        StampAccount.objects.filter(pk=source.pk).update(level="ok", look_at=None)
        StampAccount.objects.filter(pk=target.pk, opened_at__gt=source.opened_at).update(opened_at=source.opened_at)
    target.refresh_from_db()
    return target
