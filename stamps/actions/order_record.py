"""How an action changes an order: lock, change, save with a new version, tell the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import transaction

from core.actor import Actor
from desks import queries as desk_queries
from notifications import live
from stamps.models import StampOrder, StampOrderEvent


@contextmanager
def changing(order: StampOrder) -> Iterator[StampOrder]:
    """Open a transaction with the order locked and fresh; on leaving save it. What the caller held may be stale."""
    with transaction.atomic():
        orders = StampOrder.objects.select_for_update(of=("self",)).select_related("desk__vendor", "contact")
        fresh = orders.get(pk=order.pk)
        yield fresh
        fresh.version += 1
        fresh.save()
        announce(fresh)


def announce(order: StampOrder) -> None:
    """Wake the pages that show the desk, once the change is committed."""
    live.wake_on_commit(f"desk:{order.desk_id}")


def today(order: StampOrder, now: datetime) -> date:
    """The local date of the order's desk."""
    return now.astimezone(desk_queries.config(order.desk).zone).date()


def signed(by: Actor, now: datetime) -> dict[str, Any]:
    """Who wrote a row, and when."""
    return {"at": now, "actor_kind": str(by.kind), "actor_id": by.id, "actor_label": by.label[:160]}


def event(order: StampOrder, type: str, *, by: Actor, now: datetime, **data: Any) -> StampOrderEvent:
    """Write one fact. 1 query."""
    return StampOrderEvent.objects.create(
        order=order,
        type=f"order.{type}",
        at=now,
        actor_kind=str(by.kind),
        actor_id=by.id,
        actor_label=by.label[:160],
        data=data,
    )
