"""Another plan of a company: its open tickets are reckoned anew, each with its line on the timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from core.actor import SYSTEM
from schedules import timers
from schedules.models import Timer
from tickets import lifecycle
from tickets.actions import lanes, record
from tickets.models import Ticket

TIMER: Final = "tickets.plan_changed"


def changed(client_ids: Iterable[int], now: datetime) -> None:
    """Let the open tickets of these companies be reckoned anew, a timer a company. 1 query."""
    timers.set_many(
        [
            timers.Request(
                key=f"plan/{client_id}/{now:%Y%m%dT%H%M%S.%fZ}",
                handler=TIMER,
                owner=f"client/{client_id}",
                due_at=now,
                payload={"client": client_id},
            )
            for client_id in client_ids
        ],
        now=now,
    )


def _open(client_id: int) -> QuerySet[Ticket]:
    return Ticket.objects.filter(client=client_id, status__in=lifecycle.OPEN).order_by("id")


def lock(payload: Mapping[str, Any]) -> None:
    """Lock the company's open tickets by ascending id, before the timer. 1 query."""
    list(_open(payload["client"]).select_for_update().values_list("pk"))


def plan_due(timer: Timer, now: datetime) -> None:
    """Let every open ticket of the company keep the promises of its plan of now."""
    for ticket in _open(timer.payload["client"]).select_related("desk"):
        with record.changing(ticket, now=now) as fresh:
            lanes.restate(fresh, by=SYSTEM, now=now, cause="plan")
