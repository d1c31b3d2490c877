"""What nobody took: a ticket that its assignee leaves lying returns to the line, and the opening chooses anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.actor import SYSTEM
from desks import queries as desk_queries
from schedules import businesstime, timers
from schedules.models import Timer
from tickets.actions import holding, record, telling
from tickets.lifecycle import Lane, Status
from tickets.models import Ticket, TicketEvent

Occurrence = Mapping[str, Any]


def take_due(timer: Timer, now: datetime) -> None:
    """The time to take it is over: to the line, and not to the same person again at once.

    Where the desk has closed meanwhile the person has until it opens: nobody else is there either. On call nothing
    happens here, the ladder rules.
    """
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    if not _lies_untaken(ticket, timer.payload) or ticket.parent_id is not None:  # a report stays with its outage
        return
    opens_at = businesstime.next_open(now, desk_queries.hours(ticket.desk, now))
    if opens_at is not None and not holding.is_open(ticket, now):
        timers.set_many([_again(timer, opens_at)], now=now)
        return
    with record.changing(ticket, now=now) as fresh:
        _back_to_the_line(fresh, timer.payload["user"], now=now)


def _lies_untaken(ticket: Ticket, given: Occurrence) -> bool:
    """Whether it stands as when it was given: with the same person, in the line, by that very assignment. 1 query."""
    if (ticket.status, ticket.lane, ticket.assignee_id) != (Status.ASSIGNED, Lane.OFFICE, given["user"]):
        return False
    last = TicketEvent.objects.filter(ticket=ticket, type="ticket.assigned").order_by("-id").first()
    return last is not None and last.at.astimezone(UTC).isoformat() == given["at"]


def _again(timer: Timer, opens_at: datetime) -> timers.Request:
    return timers.Request(
        key=f"{timer.key}/{opens_at:%Y%m%dT%H%M%SZ}",
        handler=holding.TAKE,
        owner=timer.owner,
        due_at=opens_at,
        payload=timer.payload,
    )


def _back_to_the_line(ticket: Ticket, user_id: int, *, now: datetime) -> None:
    """Take a locked ticket from who left it lying, tell them, and choose somebody else."""
    config = desk_queries.config(ticket.desk)
    member = config.member(user_id)
    ticket.assignee, ticket.status = None, Status.NEW
    entry = record.record(
        ticket,
        "returned",
        by=SYSTEM,
        now=now,
        assignee=holding.person(member) if member else {"id": user_id, "name": "", "kind": "user"},
        minutes=config.take_minutes,
    )
    telling.team(ticket, [user_id], "returned", key=f"returned/{entry.pk}", now=now, minutes=config.take_minutes)
    holding.give_to_chosen(ticket, by=SYSTEM, now=now, let_go=user_id)


def line_due(timer: Timer, now: datetime) -> None:
    """The desk opened: what came back while it was closed, and nobody took since, finds somebody."""
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    if (ticket.status, ticket.lane, ticket.assignee_id) != (Status.NEW, Lane.OFFICE, None):
        return
    if ticket.parent_id is not None:  # a report stays with its outage
        return
    with record.changing(ticket, now=now) as fresh:
        holding.give_to_chosen(fresh, by=SYSTEM, now=now)
