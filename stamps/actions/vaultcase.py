"""An order as the vault sees it: who may look, when it is over, how its timeline and its people are told.

"Una vez realizado el pago de dicha solicitud un Consultor se comunicará con usted para solicitar los datos de acceso"
(InvoiceMX manual, "Solicitud de timbres fiscales").
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from clients import vault, vaultcases
from core.actor import SUPERVISING, Actor
from desks.models import Desk
from stamps.actions import guards, order_record, telling
from stamps.lifecycle import ENDED, OrderStatus
from stamps.models import StampOrder

KIND = "order"


class OrderCase:
    """See `clients.vaultcases.Case`. What writes is for an order that is locked and will be saved.

    `asks`: whoever may ask for access asks now (sales too); to look is for the consultant and those above.
    """

    def __init__(self, order: StampOrder, *, asks: bool = False) -> None:
        self.order, self.asks = order, asks

    @property
    def topic(self) -> str:
        return topic(self.order)

    @property
    def number(self) -> str:
        return self.order.number

    @property
    def desk(self) -> Desk:
        return self.order.desk

    def may_look(self, by: Actor) -> bool:
        """The consultant assigned, and supervisors and up; sales sells and does not look."""
        if self.asks:
            return guards.allows(guards.consultant, self.order, by)
        return by.has_role(self.order.desk_id, *SUPERVISING) or guards.is_assigned(self.order, by)

    def is_over(self) -> bool:
        return self.order.status in ENDED

    def record(self, code: str, *, by: Actor, now: datetime, **data: object) -> int:
        """Write the fact; what is given while it was asked for brings the order to its next stage."""
        if code == "access_given" and self.order.status == OrderStatus.ACCESS_REQUESTED:
            self.order.status, self.order.access_received_at = OrderStatus.ACCESS_RECEIVED, now
            code = "access_received"
        return order_record.event(self.order, code, by=by, now=now, **data).pk

    def tell_client(self, code: str, *, key: str, now: datetime, url: str = "", **params: Any) -> None:
        """The link by mail, where the client has one; else who asked passes it on. A look is told by mail or call."""
        if code == "vault_ask":
            telling.access_requested(self.order, key=key, url=url, now=now)
        elif code == "vault_seen":
            telling.access_seen(self.order, key=key, now=now, who=str(params["who"]), at=params["at"])

    def tell_team(self, code: str, *, key: str, now: datetime, **params: object) -> None:
        telling.access_given(self.order, key=key, now=now)


def topic(order: StampOrder) -> str:
    return f"{KIND}/{order.pk}"


def read(pk: int) -> OrderCase | None:
    """The case of an order, to look at. 1 query."""
    order = StampOrder.objects.select_related("desk__vendor", "assignee", "contact").filter(pk=pk).first()
    return OrderCase(order) if order else None


@contextmanager
def opened(pk: int, now: datetime) -> Iterator[vaultcases.Case]:
    """Hold the order as every action does. Raises LookupError."""
    try:
        with order_record.changing(StampOrder(pk=pk)) as fresh:
            yield OrderCase(fresh)
    except StampOrder.DoesNotExist as missing:
        raise LookupError(f"no order {pk}") from missing


def lock(pk: int) -> None:
    """Hold the row of the order until the transaction ends."""
    StampOrder.objects.select_for_update(of=("self",)).filter(pk=pk).values_list("pk").first()


def end(order: StampOrder, *, by: Actor, now: datetime) -> None:
    """The order is over: nothing of its secrets is left. Nothing to do, 0 queries, where none was asked for."""
    if order.access_requested_at is not None:
        vault.end_case(OrderCase(order), by=by, now=now)
