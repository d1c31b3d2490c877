"""Tickets as the API answers: plain values, instants in the zone of the desk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings

from core.actor import Actor
from desks import queries as desk_queries
from tickets import nextstep, queries, reasons
from tickets.models import Appointment, Clock, ClockKind, Message, ThirdParty, Ticket, TicketEvent
from tickets.presenters import reckoning as reckoning_words
from tickets.queries.case import FileLine, Line, appointments_of, clocks_of
from tickets.queries.reckonings import Reckoned

Json = dict[str, Any]

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")

# What a client may read of an event's codes; people who were passed over or woken are the desk's own business.
PUBLIC_DATA: Final = frozenset(
    {
        "after",
        "assignee",
        "affects_operation",
        "before",
        "cause",
        "channel",
        "files",
        "into",
        "kind",
        "lane",
        "left_seconds",
        "message",
        "method",
        "minutes",
        "outcome",
        "price",
        "priority",
        "request_type",
        "seq",
        "starts_at",
        "target_minutes",
        "task",
        "used_seconds",
    }
)


def tickets_json(tickets: Iterable[Ticket], actor: Actor) -> list[Json]:
    """Several tickets. 1 query, 2 where one of them has an appointment."""
    tickets = list(tickets)
    clocks = clocks_of([ticket.pk for ticket in tickets])
    booked = [ticket.pk for ticket in tickets if ticket.appointment_at]
    appointments = appointments_of(booked) if booked else {}
    return [_ticket(t, actor, clocks.get(t.pk, []), appointments.get(t.pk)) for t in tickets]


def ticket_json(ticket: Ticket, actor: Actor) -> Json:
    """One ticket. 1 query, 2 when it has an appointment."""
    appointment = queries.appointment(ticket)
    return _ticket(ticket, actor, queries.clocks(ticket), appointment)


def _ticket(ticket: Ticket, actor: Actor, clocks: list[Clock], appointment: Appointment | None) -> Json:
    zone = nextstep.zone_of(ticket)

    def at(value: datetime | None) -> str | None:
        return value.astimezone(zone).isoformat() if value else None

    step = nextstep.next_step(ticket, clocks, appointment)
    return {
        "number": ticket.number,
        "desk": ticket.desk.slug,
        "status": ticket.status,
        "lane": ticket.lane,
        "priority": ticket.priority,
        "request_type": ticket.request_type,
        "affects_operation": ticket.affects_operation,
        "impact": ticket.impact or None,
        "channel": ticket.channel,
        "support_method": ticket.support_method or None,
        "subject": ticket.subject,
        "product": ticket.product.slug if ticket.product else None,
        "product_version": ticket.product_version,
        "client": {"id": ticket.client.pk, "name": ticket.client.name} if ticket.client else None,
        "client_rfc": ticket.client_rfc or None,
        "branch": ticket.branch.name if ticket.branch else None,
        "requester": _requester(ticket, actor),
        "assignee": nextstep.assignee(ticket),
        "opened_at": at(ticket.opened_at),
        "starts_at": at(ticket.starts_at),
        "first_response_due": at(nextstep.due(clocks, ClockKind.FIRST_RESPONSE)),
        "next_update_due": at(nextstep.running(clocks, ClockKind.NEXT_UPDATE)),
        "resolution_due": at(nextstep.due(clocks, ClockKind.RESOLUTION)),
        "deadline": at(ticket.deadline_at),
        "deadline_kind": ticket.deadline_kind or None,
        "occurred_at": at(ticket.occurred_at),
        "answered_at": at(ticket.answered_at),
        "resolved_at": at(ticket.resolved_at),
        "closed_at": at(ticket.closed_at),
        "recorded_at": at(ticket.recorded_at),
        "next_step": {"code": step.code, "at": at(step.at), "who": step.who} if step else None,
        "appointment": _appointment(appointment, zone),
        "classify_by": at(ticket.classify_by),
        "escalated": ticket.escalated_at is not None,
        "reopened": ticket.reopened_at is not None,
        "waiting_for": ticket.waiting_who or None,
        "merged_into": ticket.merged_into.number if ticket.merged_into else None,
        "follows": ticket.follows.number if ticket.follows else None,
        "parent": ticket.parent.number if ticket.parent and actor.works_tickets(ticket.desk_id) else None,
        "tags": _tags(ticket, actor),
        "version": ticket.version,
        "url": f"{settings.SITE_URL}/tickets/{ticket.number}/",
    }


def _tags(ticket: Ticket, actor: Actor) -> list[str]:
    if not ticket.tags or not actor.works_tickets(ticket.desk_id):
        return []
    return [tag.slug for tag in desk_queries.config(ticket.desk).tags_of(ticket.tags)]


def _requester(ticket: Ticket, actor: Actor) -> Json:
    person: Json = nextstep.requester(ticket)
    if actor.works_tickets(ticket.desk_id):
        person["email"] = ticket.requester_email or None
        person["phone"] = str(ticket.requester_phone) if ticket.requester_phone else None
    return person


def _appointment(appointment: Appointment | None, zone: Any) -> Json | None:
    if appointment is None:
        return None
    return {
        "method": appointment.method,
        "starts_at": appointment.starts_at.astimezone(zone).isoformat(),
        "ends_at": appointment.ends_at.astimezone(zone).isoformat(),
    }


# ------------------------------------------------------------------ clocks


def clock_json(found: Reckoned, ticket: Ticket) -> Json:
    """A clock and the lines that lead to its hour, in the zone of the desk."""
    clock, told = found.clock, found.reckoning
    config = desk_queries.config(ticket.desk)

    def at(value: datetime | None) -> str | None:
        return value.astimezone(config.zone).isoformat() if value else None

    return {
        "kind": clock.kind,
        "state": told.state,
        "target_minutes": clock.target_minutes,
        "around_the_clock": clock.calendar_version_id is None,
        "started_at": at(clock.started_at),
        "due_at": at(clock.due_at),
        "stopped_at": at(clock.stopped_at),
        "used_seconds": told.used_seconds,
        "left_seconds": told.left_seconds,
        "breached": clock.breached or told.left_seconds < 0,
        "lines": [
            {
                "code": line.code,
                "from": at(line.starts_at),
                "to": at(line.ends_at),
                "seconds": line.seconds,
                "total_seconds": line.total,
                "detail": line.detail or None,
                "name": line.name or None,
                "ahead": line.ahead,
                "text": reckoning_words.text(line, config),
            }
            for line in told.lines
        ],
    }


# ------------------------------------------------------------------ conversation, timeline


def message_json(line: Line, ticket: Ticket, request_path: str = "/api/v1") -> Json:
    """A message of the ticket with its files."""
    message: Message = line.message
    return {
        "id": message.pk,
        "seq": message.seq,
        "ticket": ticket.number,
        "body": message.body,
        "internal": message.internal,
        "is_solution": message.is_solution,
        "author": {"id": message.author_id, "name": message.author_label, "kind": message.author_kind},
        "from_team": message.from_team,
        "created_at": message.created_at.astimezone(nextstep.zone_of(ticket)).isoformat(),
        "redacted": message.redacted_at is not None,
        "thread": {"id": message.thread.pk, "name": message.thread.name} if message.thread else None,
        "shared": message.shared,
        "files": [_file(file, ticket, request_path) for file in line.files],
    }


def third_party_json(third: ThirdParty, ticket: Ticket, actor: Actor) -> Json:
    """A third party of the ticket; their address is for staff."""
    zone = nextstep.zone_of(ticket)
    found: Json = {
        "id": third.pk,
        "name": third.name,
        "consent": third.consent,
        "asked_at": third.asked_at.astimezone(zone).isoformat(),
        "answered_at": third.answered_at.astimezone(zone).isoformat() if third.answered_at else None,
        "removed_at": third.removed_at.astimezone(zone).isoformat() if third.removed_at else None,
    }
    if actor.works_tickets(ticket.desk_id):
        found["email"] = third.email
    return found


def _file(file: FileLine, ticket: Ticket, root: str) -> Json:
    return {
        "id": str(file.id),
        "name": file.name,
        "size": file.size,
        "content_type": file.content_type,
        "url": f"{root}/tickets/{ticket.number}/files/{file.id}/",
        "cfdi": file.card,
    }


def event_json(event: TicketEvent, ticket: Ticket, actor: Actor) -> Json:
    """A fact of the timeline, in the schema of streams and webhooks."""
    zone = nextstep.zone_of(ticket)
    staff = actor.works_tickets(ticket.desk_id)
    return {
        "id": event.pk,
        "type": event.type,
        "at": event.at.astimezone(zone).isoformat(),
        "recorded_at": event.recorded_at.astimezone(zone).isoformat(),
        "desk": ticket.desk.slug,
        "subject": ticket.number,
        "actor": {
            "kind": event.actor_kind,
            "id": event.actor_id,
            "name": event.actor_label,
            "label": event.actor_label,  # the schema of streams and webhooks
        },
        "data": in_zone(event.data if staff else public_data(event), zone),
        "public": event.public,
        "text": reasons.sentence(event, desk_queries.config(ticket.desk), staff=staff),
    }


def public_data(event: TicketEvent) -> Json:
    """The part of the codes that concerns the client."""
    data: Mapping[str, Any] = event.data
    return {name: value for name, value in data.items() if name in PUBLIC_DATA}


def in_zone(value: Any, zone: ZoneInfo) -> Any:
    """The codes of a reason with their instants, kept in UTC, as the desk reads them."""
    if isinstance(value, Mapping):
        return {name: in_zone(inner, zone) for name, inner in value.items()}
    if isinstance(value, list):
        return [in_zone(inner, zone) for inner in value]
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.fromisoformat(value).astimezone(zone).isoformat()
    return value
