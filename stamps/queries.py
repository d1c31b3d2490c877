"""Reads of accounts, shared by the API and the actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import DecimalField, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from clients.models import Contact, ContactLink
from core.actor import Actor
from core.errors import Conflict
from desks import queries as desk_queries
from desks.models import Desk
from schedules import queries as schedule_queries
from schedules.businesstime import Hours
from stamps import forecast, lots
from stamps.forecast import Forecast, History
from stamps.lots import Lot
from stamps.models import MovementKind, StampAccount, StampDay, StampLot, StampMovement, StampOrder, StampPayment

_MONEY: Final = DecimalField(max_digits=16, decimal_places=2)


def sales_hours(desk: Desk, at: datetime) -> Hours:
    """Return the desk's sales calendar, its own calendar where it has none. Raises LookupError without either."""
    calendar_id = desk.sales_calendar_id or desk.calendar_id
    if calendar_id is None:
        raise LookupError(f"desk {desk.slug} has no calendar")
    return schedule_queries.hours_for(calendar_id, at)


def accounts_of(actor: Actor, rfc: str, *, desk: str = "", product: str = "") -> list[StampAccount]:
    """Return what the actor may see of the accounts that an RFC draws from. 1 query, 2 where there are any."""
    return drawn_by(StampAccount.objects.visible_to(actor), rfc, desk=desk, product=product)


def drawn_by(accounts: QuerySet[StampAccount], rfc: str, *, desk: str = "", product: str = "") -> list[StampAccount]:
    """Return those of the accounts that an RFC draws from. 1 query, 2 where there are any."""
    accounts = accounts.filter(rfcs__rfc=rfc)
    if desk:
        accounts = accounts.filter(desk__slug=desk)
    if product:
        accounts = accounts.filter(product__slug=product)
    return list(accounts.select_related("desk__vendor", "product", "client").prefetch_related("rfcs").order_by("pk"))


def the_account(accounts: list[StampAccount]) -> StampAccount | None:
    """Return the only account; None where there is none. Raises Conflict with the choices where there are several."""
    if len(accounts) > 1:
        choices = [{"desk": a.desk.slug, "product": a.product.slug, "rfcs": rfcs_of(a)} for a in accounts]
        raise Conflict(code="ambiguous_account", extra={"choices": choices})
    return accounts[0] if accounts else None


def rfcs_of(account: StampAccount) -> list[str]:
    """The RFCs that draw from the account, in order. 1 query, 0 where they were fetched along."""
    return sorted(row.rfc for row in account.rfcs.all())


def history(account: StampAccount, today: date, hours: Hours) -> History:
    """Return what is known of the account's use. 1 query, of one row a day."""
    since = today - timedelta(days=forecast.WINDOW_DAYS)
    rows = StampDay.objects.filter(account=account, used_on__gte=since, used_on__lte=today)
    used = dict(rows.values_list("used_on", "used"))
    opened_on = account.opened_at.astimezone(hours.zone).date()
    return History(used, min([opened_on, *used]))


def open_lots(account: StampAccount) -> list[StampLot]:
    """The lots that may have stamps left, oldest first. 1 query."""
    return list(StampLot.objects.filter(account=account, closed_at__isnull=True).order_by("since", "id"))


def plain(rows: Sequence[StampLot]) -> list[Lot]:
    """Lots as the pure rules take them."""
    return [Lot(row.amount, row.expires_on, row.since) for row in rows]


def foretold(account: StampAccount, now: datetime) -> Forecast:
    """Return the forecast of an account as it stands. 2 queries, more where the calendar is cold."""
    hours = sales_hours(account.desk, now)
    known = history(account, now.astimezone(hours.zone).date(), hours)
    stock = [] if account.is_endless else lots.standing(account.balance, plain(open_lots(account)))
    return forecast.forecast(account.balance, known, now=now, hours=hours, endless=account.is_endless, lots=stock)


def orders(actor: Actor) -> QuerySet[StampOrder]:
    """The orders that the actor sees, with what an answer tells of them."""
    return StampOrder.objects.visible_to(actor).select_related("desk__vendor", "product", "assignee", "client")


def payments(order: StampOrder) -> QuerySet[StampPayment]:
    """The payments that were told for the order or gave to it, with what each `given` it. 1 query."""
    here = Coalesce(Sum("allocations__amount", filter=Q(allocations__order=order)), Decimal(0), output_field=_MONEY)
    found = StampPayment.objects.filter(Q(order=order) | Q(allocations__order=order))
    ids = found.values("pk")
    return StampPayment.objects.filter(pk__in=ids).annotate(given=here).order_by("pk")


def given(rows: Iterable[StampPayment]) -> Decimal:
    """What payments read by `payments` gave the order."""
    return sum((Decimal(row.given) for row in rows), Decimal(0))  # type: ignore[attr-defined]


def the_order(actor: Actor, number: str, desk: str = "") -> StampOrder | None:
    """Return the order of that number; None where the actor sees none. 1 query.

    Each desk counts its own: who sees two of a number names the desk. Raises Conflict `ambiguous_order`.
    """
    found = orders(actor).filter(number=number.strip().upper())
    if desk:
        found = found.filter(desk__slug=desk)
    rows = list(found.order_by("pk"))
    if len(rows) > 1:
        raise Conflict(code="ambiguous_order", extra={"choices": [{"desk": row.desk.slug} for row in rows]})
    return rows[0] if rows else None


def movements(account: StampAccount) -> QuerySet[StampMovement]:
    """The ledger of an account, as its page shows it: with what was taken back of it. 1 query a page."""
    return StampMovement.objects.filter(account=account).select_related("countered_by", "order")


def tied_to(rows: Sequence[StampMovement]) -> dict[int, StampAccount]:
    """Movement -> the account at the other end of its transfer. 1 query, none where no row is one."""
    ties = {row.transfer for row in rows if row.transfer}
    if not ties:
        return {}
    others = StampMovement.objects.filter(transfer__in=ties, kind=MovementKind.TRANSFER)
    others = others.exclude(account_id=rows[0].account_id).select_related("account__client")
    by_tie = {other.transfer: other.account for other in others}
    return {row.pk: by_tie[row.transfer] for row in rows if row.transfer in by_tie}


def people(account: StampAccount, now: datetime) -> QuerySet[Contact]:
    """The contacts who may read everything of the account's company today."""
    today = now.astimezone(desk_queries.config(account.desk).zone).date()
    links = ContactLink.objects.valid_on(today).filter(client_id=account.client_id, scope=ContactLink.Scope.COMPANY)
    return Contact.objects.filter(pk__in=links.values("contact_id"), vendor_id=account.vendor_id)
