"""What the board and the list of orders read: a fixed number of statements, however many orders there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Sum, Value, Window
from django.db.models.functions import Coalesce, Round, RowNumber

from core import paging
from core.actor import Actor
from core.errors import Invalid
from core.paging import Key, Page
from desks.models import Desk
from stamps import pricing
from stamps.lifecycle import OrderStatus
from stamps.models import StampOrder, StampReceipt

STAGES: Final = (
    OrderStatus.REQUESTED,
    OrderStatus.QUOTED,
    OrderStatus.PAID,
    OrderStatus.ACCESS_REQUESTED,
    OrderStatus.ACCESS_RECEIVED,
    OrderStatus.CREDITED,
)
UNDER_WAY: Final = STAGES[:-1]
Row = dict[str, Any]
RECENT: Final = timedelta(days=7)  # for how long what was credited stays on the board
MOST_CARDS: Final = 20  # in a column; the rest is in the list
SIZE: Final = 30
NEWEST: Final = (Key("id", descending=True),)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for. `mine`: only those assigned to who looks."""

    desk: str = ""
    text: str = ""
    urgent: bool = False
    mine: bool = False

    @property
    def narrow(self) -> bool:
        return bool(self.desk or self.text or self.urgent or self.mine)


@dataclass(frozen=True, slots=True)
class Column:
    """A stage: its first cards, and how many orders, stamps and pesos it holds in all."""

    stage: OrderStatus
    cards: Sequence[StampOrder]
    n: int
    stamps: int
    pesos: Decimal

    @property
    def more(self) -> int:
        return self.n - len(self.cards)


def desks_of(actor: Actor) -> list[Desk]:
    """The desks whose orders the person may meet. 1 query."""
    desks = Desk.objects.active().select_related("vendor").order_by("name")
    return list(desks if actor.is_admin else desks.filter(pk__in=list(actor.desk_roles)))


def seen(actor: Actor, filters: Filters) -> QuerySet[StampOrder]:
    """The orders that the person sees and asks for."""
    found = StampOrder.objects.visible_to(actor)
    if actor.desk_roles and not actor.is_admin:  # who is also a client somewhere sees here what is theirs as staff
        found = found.filter(desk_id__in=list(actor.desk_roles))
    if filters.desk:
        found = found.filter(desk__slug=filters.desk)
    if filters.urgent:
        found = found.filter(urgent=True)
    if filters.mine:
        found = found.filter(assignee_id=actor.user_id)
    return found.filter(_named(filters.text)) if filters.text else found


def _named(text: str) -> Q:
    """Orders of that number, RFC or name."""
    shout = "".join(text.split()).upper()
    return (
        Q(number=shout)
        | Q(number=f"TIM-{shout}")
        | Q(rfc=shout)
        | Q(account_rfc=shout)
        | Q(trade_name__icontains=text.strip())
    )


def columns(actor: Actor, filters: Filters, *, now: datetime) -> list[Column]:
    """The six stages. 3 queries: totals, the cards under way, those credited lately."""
    orders = seen(actor, filters)
    on_board = Q(status__in=UNDER_WAY) | Q(status=OrderStatus.CREDITED, credited_at__gte=now - RECENT)
    totals: dict[str, Row] = {row["status"]: dict(row) for row in _totals(orders.filter(on_board))}
    cards: dict[str, list[StampOrder]] = {stage: [] for stage in STAGES}
    receipt = StampReceipt.objects.filter(order=OuterRef("pk"))
    shown = orders.select_related("desk__vendor", "assignee", "account").annotate(has_receipt=Exists(receipt))
    place = Window(RowNumber(), partition_by=F("status"), order_by=[F("urgent").desc(), "requested_at", "id"])
    under_way = shown.filter(status__in=UNDER_WAY).annotate(place=place).filter(place__lte=MOST_CARDS)
    for order in under_way.order_by("-urgent", "requested_at", "id"):
        cards[order.status].append(order)
    lately = shown.filter(status=OrderStatus.CREDITED, credited_at__gte=now - RECENT)
    cards[OrderStatus.CREDITED] = list(lately.order_by("-credited_at", "-id")[:MOST_CARDS])
    return [_column(stage, cards[stage], totals.get(stage.value)) for stage in STAGES]


def _column(stage: OrderStatus, cards: list[StampOrder], row: Row | None) -> Column:
    if row is None:
        return Column(stage, [], 0, 0, Decimal(0))
    return Column(stage, cards, int(row["n"]), int(row["stamps"]), Decimal(row["pesos"]))


def _totals(orders: QuerySet[StampOrder]) -> Iterable[Mapping[str, Any]]:
    """Orders, stamps and pesos with IVA of each state, rounded order by order as `stamps.pricing` does."""
    money = DecimalField(max_digits=16, decimal_places=2)
    subtotal = Round(F("quantity") * F("unit_price"), 2, output_field=money)
    tax = Round(subtotal * Value(pricing.IVA), 2, output_field=money)
    zero = Value(Decimal(0), output_field=money)
    return (
        orders.order_by()
        .values("status")
        .annotate(n=Count("pk"), stamps=Sum("quantity"), pesos=Coalesce(Sum(subtotal + tax, output_field=money), zero))
    )


def pressing(columns: Sequence[Column]) -> int:
    """How many of the cards under way are urgent."""
    return sum(order.urgent for column in columns if column.stage in UNDER_WAY for order in column.cards)


def cancelled(actor: Actor, filters: Filters, *, now: datetime) -> int:
    """How many were cancelled lately. 1 query."""
    return seen(actor, filters).filter(status=OrderStatus.CANCELLED, cancelled_at__gte=now - RECENT).count()


def listed(actor: Actor, filters: Filters, stage: str, cursor: str | None) -> Page[StampOrder]:
    """A page of the list, the newest first. 1 query."""
    orders = seen(actor, filters).select_related("desk__vendor", "assignee")
    if stage in OrderStatus.values:
        orders = orders.filter(status=stage)
    try:
        return paging.page(orders, NEWEST, cursor=cursor or None, size=SIZE)
    except Invalid:  # an old address: begin at the top
        return paging.page(orders, NEWEST, cursor=None, size=SIZE)
