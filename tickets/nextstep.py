"""What happens next with a ticket, to whom, and when: the sentence behind `next_step` and the portal's card."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core import localtime
from desks import queries as desk_queries
from tickets.actions import clocks as ticking
from tickets.actions import silence
from tickets.lifecycle import Lane, Status
from tickets.models import Appointment, Clock, ClockKind, Ticket

CODES: Final = (
    "opens",
    "on_call_attends",
    "first_response",
    "next_update",
    "client_answers",
    "third_party_answers",
    "appointment",
    "client_confirms",
)


@dataclass(frozen=True, slots=True)
class NextStep:
    """A code of CODES, its instant where there is one, and whose turn it is: {"id", "name", "kind"} or None."""

    code: str
    at: datetime | None
    who: dict[str, Any] | None


def due(clocks: Iterable[Clock], kind: str) -> datetime | None:
    """When the clock expires, or would have, had it not been stopped; None while it rests or was never started."""
    for clock in clocks:
        if clock.kind == kind:
            if clock.due_at is not None or clock.stopped_at is None or clock.resumed_at != clock.started_at:
                return clock.due_at
            return ticking.instant_after(clock, clock.started_at, seconds=clock.target_minutes * 60)
    return None


def running(clocks: Iterable[Clock], *kinds: str) -> datetime | None:
    """The first of these clocks to expire, of those that run."""
    instants = [clock.due_at for clock in clocks if clock.kind in kinds and clock.due_at is not None]
    return min(instants, default=None)


def next_step(ticket: Ticket, clocks: Iterable[Clock], appointment: Appointment | None) -> NextStep | None:
    """What happens next; None once the case is over."""
    clocks = list(clocks)
    match ticket.status:
        case Status.DEFERRED:
            return NextStep("opens", ticket.starts_at, None)
        case Status.WAITING_CLIENT:
            return NextStep("client_answers", None, requester(ticket))
        case Status.WAITING_THIRD_PARTY:
            third = {"id": None, "name": ticket.waiting_who, "kind": "third_party"}
            return NextStep("third_party_answers", running(clocks, ClockKind.NEXT_UPDATE), third)
        case Status.SCHEDULED:
            at = appointment.starts_at if appointment else None
            return NextStep("appointment", at, assignee(ticket))
        case Status.RESOLVED:
            return NextStep("client_confirms", closes_at(ticket), requester(ticket))
        case Status.CLOSED | Status.CANCELLED | Status.MERGED:
            return None
    return _working(ticket, clocks)


def _working(ticket: Ticket, clocks: list[Clock]) -> NextStep:
    unanswered = running(clocks, ClockKind.FIRST_RESPONSE)
    if unanswered is not None or ticket.answered_at is None:
        night = ticket.lane == Lane.ON_CALL and ticket.status in {Status.NEW, Status.ASSIGNED}
        return NextStep("on_call_attends" if night else "first_response", unanswered, assignee(ticket))
    at = running(clocks, ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION)
    return NextStep("next_update", at, assignee(ticket))


def closes_at(ticket: Ticket) -> datetime | None:
    """When silence closes a resolved ticket."""
    if ticket.resolved_at is None:
        return None
    spoke = ticket.last_activity_at if ticket.last_word == "client" else ticket.resolved_at
    return silence.ends_at(ticket, max(spoke, ticket.resolved_at))


def assignee(ticket: Ticket) -> dict[str, Any] | None:
    """Who has the ticket, as the contract shows a person. 0 queries for people of the desk."""
    if ticket.assignee_id is None:
        return None
    member = desk_queries.config(ticket.desk).member(ticket.assignee_id)
    name = member.name if member else str(ticket.assignee)  # somebody who has left
    return {"id": ticket.assignee_id, "name": name, "kind": "user"}


def requester(ticket: Ticket) -> dict[str, Any]:
    """Who asked, without their addresses."""
    return {"id": ticket.requester_id, "name": ticket.requester_name, "kind": "contact"}


def zone_of(ticket: Ticket) -> Any:
    """The zone in which the ticket's desk reads the clock. 0 queries."""
    return localtime.zone(ticket.desk.timezone)
