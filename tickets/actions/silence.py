"""A solved ticket closes by itself when its client says nothing for the policy's business days."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from django.db.models import Q

from desks import queries as desk_queries
from schedules import businesstime, timers
from schedules.models import Timer
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
        payload={"ticket": ticket.pk, "since": entry_id, "spoke_at": since.isoformat()},
        now=now,
    )
    return closes_at


def put_off(ticket: Ticket, timer: Timer, *, now: datetime) -> bool:
    """Set the timer anew where the silence ends later by the calendar of today; False where it is over."""
    since = datetime.fromisoformat(timer.payload["spoke_at"]) if "spoke_at" in timer.payload else ticket.resolved_at
    closes_at = ends_at(ticket, since) if since is not None else timer.due_at
    if closes_at <= timer.due_at:
        return False
    timers.set(
        key=f"ticket/{ticket.pk}/close/{timer.payload['since']}/{closes_at:%Y%m%dT%H%M%SZ}",
        handler=TIMER,
        owner=f"ticket/{ticket.pk}",
        due_at=closes_at,
        payload=timer.payload,
        now=now,
    )
    return True


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
