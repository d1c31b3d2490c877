"""A solved ticket closes by itself when its client says nothing for the policy's business days."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from django.db.models import Q

from desks import queries as desk_queries
from schedules import businesstime, timers
from tickets.models import Ticket

TIMER: Final = "tickets.auto_close"


def arm(ticket: Ticket, *, since: datetime, entry_id: int, now: datetime) -> datetime:
    """Count the silence from `since`, the instant of the timeline's `entry_id`; return when it closes."""
    closes_at = ends_at(ticket, since)
    timers.set(
        key=f"ticket/{ticket.pk}/close/{entry_id}",
        handler=TIMER,
        owner=f"ticket/{ticket.pk}",
        due_at=closes_at,
        payload={"ticket": ticket.pk, "since": entry_id},
        now=now,
    )
    return closes_at


def ends_at(ticket: Ticket, since: datetime) -> datetime:
    """The last closing of the policy's n-th business day after `since`."""
    config = desk_queries.config(ticket.desk)
    hours = desk_queries.hours(ticket.desk, since)
    local = since.astimezone(config.zone)
    day = businesstime.add_business_days(local.date(), ticket.desk.close_after_business_days, hours)
    start = datetime.combine(day, time.min, tzinfo=config.zone)
    end = datetime.combine(day, time.max, tzinfo=config.zone)
    spans = businesstime.spans(start, end, hours)
    return spans[-1][1] if spans else end


def counts_from(ticket: Ticket) -> int | None:
    """The entry that the silence counts from: the last solution, or the client's last word after it."""
    spoke = Q(type="ticket.resolved") | Q(type="ticket.message_added", data__from_client=True)
    return ticket.events.filter(spoke).order_by("-id").values_list("pk", flat=True).first()
