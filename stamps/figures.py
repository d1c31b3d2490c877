"""What sales looks at: the pipeline, how many orders are won, how long they take, what came in, who runs out.

Reads only, a fixed number of statements however many orders there are. Amounts are pesos with IVA.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce, Round, TruncMonth

from desks.models import Desk
from schedules import businesstime
from schedules.businesstime import Hours
from stamps import pricing, queries, risk
from stamps.lifecycle import ENDED, OrderStatus
from stamps.models import StampAccount, StampOrder, StampPayment, StampRefund

PERIODS: Final = (30, 90, 365)
MONTHS: Final = 12
MOST_ORDERS: Final = 20_000  # of an export
MOST_TIMED: Final = 5_000  # the newest credits of a period say how long orders take

_MONEY: Final = DecimalField(max_digits=18, decimal_places=2)


@dataclass(frozen=True, slots=True)
class Stage:
    """Orders that stand in a state now; `value` is None where none of them has a price."""

    status: OrderStatus
    n: int
    stamps: int
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of the orders of a period: they came, and are credited, cancelled or still on their way."""

    n: int
    credited: int
    cancelled: int

    @property
    def on_their_way(self) -> int:
        return self.n - self.credited - self.cancelled

    @property
    def share(self) -> int | None:
        """The percentage that was credited of those that have ended; None where none has."""
        ended = self.credited + self.cancelled
        return round(100 * self.credited / ended) if ended else None


@dataclass(frozen=True, slots=True)
class Pace:
    """Business minutes from request to credit: the median, and within which nine of ten were done. None: no order."""

    n: int
    median: float | None
    nine_of_ten: float | None


@dataclass(frozen=True, slots=True)
class Month:
    """Payments that were confirmed, and what was given back."""

    first: date
    n: int
    amount: Decimal
    given_back: Decimal


@dataclass(frozen=True, slots=True)
class RiskDay:
    """Accounts that end on a business day (or on the days of rest before it), by whether an order is on its way."""

    on: date
    ordered: int
    alone: int


def total_of_orders() -> Any:
    """Quantity times price with IVA, both rounded to the cent, as `stamps.pricing` does; null without a price."""
    subtotal = Round(Cast(F("quantity"), _MONEY) * F("unit_price"), 2, output_field=_MONEY)
    return subtotal + Round(subtotal * pricing.IVA, 2, output_field=_MONEY)


def pipeline(desk: Desk) -> list[Stage]:
    """The orders that are not ended, by state, in the order of the states. 1 query."""
    rows = StampOrder.objects.filter(desk=desk).exclude(status__in=ENDED).values("status")
    counted = rows.annotate(n=Count("pk"), stamps=Sum("quantity"), value=Sum(total_of_orders()))
    found = {row["status"]: Stage(OrderStatus(row["status"]), row["n"], row["stamps"], row["value"]) for row in counted}
    return [found.get(status, Stage(status, 0, 0, None)) for status in OrderStatus if status not in ENDED]


def conversion(desk: Desk, since: datetime) -> Conversion:
    """What became of the orders that came since an instant. 1 query."""
    found = StampOrder.objects.filter(desk=desk, requested_at__gte=since).aggregate(
        n=Count("pk"),
        credited=Count("pk", filter=Q(status=OrderStatus.CREDITED)),
        cancelled=Count("pk", filter=Q(status=OrderStatus.CANCELLED)),
    )
    return Conversion(**found)


def pace(desk: Desk, since: datetime, hours: Hours) -> Pace:
    """How long the orders took that were credited since an instant, in the sales calendar. 1 query."""
    rows = StampOrder.objects.filter(desk=desk, status=OrderStatus.CREDITED, credited_at__gte=since)
    pairs = rows.order_by("-credited_at").values_list("requested_at", "credited_at")[:MOST_TIMED]
    return paced([businesstime.elapsed(asked, done, hours) for asked, done in pairs if done])


def paced(taken: Sequence[timedelta]) -> Pace:
    """The median, and the least time within which nine of ten are done."""
    minutes = sorted(one.total_seconds() / 60 for one in taken)
    if not minutes:
        return Pace(0, None, None)
    return Pace(len(minutes), median(minutes), minutes[-(-9 * len(minutes) // 10) - 1])


def income(desk: Desk, today: date, zone: ZoneInfo) -> list[Month]:
    """What came in and was given back in each of the last twelve months, this one included. 2 queries.

    A payment stands in the month of its date in the bank, a refund in that of the day on which it was noted.
    """
    months = [_month_before(today, n) for n in range(MONTHS - 1, -1, -1)]
    paid = StampPayment.objects.filter(order__desk=desk, paid_on__gte=months[0], paid_on__lte=today)
    came = {
        row["month"]: (row["n"], row["sum"])
        for row in paid.annotate(month=TruncMonth("paid_on")).values("month").annotate(n=Count("pk"), sum=Sum("amount"))
    }
    since = datetime.combine(months[0], time.min, zone)
    back: dict[date, Decimal] = defaultdict(Decimal)
    for at, amount in StampRefund.objects.filter(order__desk=desk, at__gte=since).values_list("at", "amount"):
        back[at.astimezone(zone).date().replace(day=1)] += amount
    nothing = (0, Decimal(0))
    return [Month(month, *came.get(month, nothing), back.get(month, Decimal(0))) for month in months]


def _month_before(today: date, n: int) -> date:
    """The first day of the month that lies `n` before."""
    month = today.year * 12 + today.month - 1 - n
    return date(month // 12, month % 12 + 1, 1)


def at_risk(desk: Desk, now: datetime, hours: Hours) -> list[RiskDay]:
    """The accounts that end within the next ten business days, by day; what has ended counts today. 1 query."""
    today = now.astimezone(hours.zone).date()
    rows = risky(desk, now).values("exhausts_on", "ordered").annotate(n=Count("pk"))
    days = [today, *(businesstime.add_business_days(today, n, hours) for n in range(1, 11))]
    counts = {day: [0, 0] for day in days}
    for row in rows:
        day = next(day for day in days if day >= max(today, row["exhausts_on"]))
        counts[day][0 if row["ordered"] else 1] += row["n"]
    return [RiskDay(day, *counts[day]) for day in days]


def risky(desk: Desk, now: datetime) -> QuerySet[Any]:
    """The accounts that end within the next ten business days; `ordered`: an order is on its way."""
    orders = StampOrder.objects.filter(account=OuterRef("pk")).exclude(status__in=ENDED)
    rows = StampAccount.objects.filter(risk.within(desk, now), desk=desk, merged_into__isnull=True)
    return rows.annotate(ordered=Exists(orders)).order_by()


# ------------------------------------------------------------------ tables to take along


def order_rows(desk: Desk, since: datetime, now: datetime) -> Iterator[list[Any]]:
    """A row an order that came since an instant, the newest first. 1 query."""
    hours = queries.sales_hours(desk, now)
    orders: QuerySet[Any] = StampOrder.objects.filter(desk=desk, requested_at__gte=since)
    orders = orders.annotate(paid=Coalesce(Sum("allocations__amount"), Decimal(0), output_field=_MONEY))
    for order in orders.order_by("-requested_at", "-pk")[:MOST_ORDERS]:
        price, done = order.price, order.credited_at
        yield [
            order.number,
            order.get_status_display(),
            _local(order.requested_at, hours),
            _local(done, hours),
            round(businesstime.elapsed(order.requested_at, done, hours).total_seconds() / 3600, 2) if done else None,
            order.trade_name,
            order.rfc,
            order.account_rfc,
            order.quantity,
            order.unit_price,
            price.subtotal if price else None,
            price.tax if price else None,
            price.total if price else None,
            order.paid,
        ]


def risk_rows(desk: Desk, now: datetime) -> Iterator[list[Any]]:
    """A row an account that ends within the next ten business days, the first to end first. 4 queries."""
    hours = queries.sales_hours(desk, now)
    rows = risky(desk, now).select_related("client", "product").order_by("exhausts_on", "pk")[:MOST_ORDERS]
    accounts = list(rows)
    around = risk.around(accounts)
    for account in accounts:
        order, warned = around.orders.get(account.pk), around.warnings.get(account.pk)
        yield [
            account.client.name,
            account.product.name,
            ", ".join(around.rfcs[account.pk]),
            account.balance,
            round(account.daily_rate, 1),
            account.ends_on,
            _local(account.order_by, hours),
            order.number if order else None,
            _local(warned.at, hours) if warned else None,
        ]


def _local(at: datetime | None, hours: Hours) -> datetime | None:
    """The wall clock, as a spreadsheet keeps it."""
    return at.astimezone(hours.zone).replace(tzinfo=None, microsecond=0) if at else None
