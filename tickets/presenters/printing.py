"""A ticket on paper: every instant in full, no buttons, and for the client nothing that is the team's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core import localtime
from core.actor import ActorKind
from core.templatetags.hd import CLOCK, STATUS
from desks.config import DeskConfig
from tickets import reasons
from tickets.models import Clock, Ticket, TicketEvent
from tickets.presenters import detail
from tickets.presenters.thread import IN_CONVERSATION, size_label
from tickets.queries.case import Line


def for_client(lines: Sequence[Line]) -> list[Line]:
    """The messages that the client may read: no notes, and of other threads what was shared with them."""
    return [
        line for line in lines if not line.message.internal and (line.message.thread_id is None or line.message.shared)
    ]


def thread(
    lines: Sequence[Line], events: Sequence[TicketEvent], config: DeskConfig, *, public: bool
) -> list[dict[str, Any]]:
    """Messages and what happened between them, in the order in which they were written."""
    rows = [(line.message.created_at, 0, _message(line, config)) for line in lines]
    for event in events:
        if reasons.kind(event) in IN_CONVERSATION and (event.public or not public):
            rows.append((event.recorded_at, 1, _event(event, config, public=public)))
    rows.sort(key=lambda row: row[:2])
    return [row for _at, _rank, row in rows]


def _message(line: Line, config: DeskConfig) -> dict[str, Any]:
    message = line.message
    ours = message.author_kind == ActorKind.SYSTEM
    return {
        "name": _("Helpdesk") if ours else message.author_label or _("Client"),
        "role": _("Internal note") if message.internal else "" if message.from_team else _("client"),
        "is_note": message.internal,
        "at": localtime.dated(message.created_at, config.zone),
        "body": message.body if message.redacted_at is None else _("(This text was taken out.)"),
        "files": [f"{file.name} ({size_label(file.size)})" for file in line.files],
        "event": "",
    }


def _event(event: TicketEvent, config: DeskConfig, *, public: bool) -> dict[str, Any]:
    return {
        "event": reasons.sentence(event, config, staff=not public),
        "at": localtime.dated(event.at, config.zone),
    }


def facts(ticket: Ticket, config: DeskConfig, *, public: bool, now: datetime) -> list[dict[str, str]]:
    """Who asked what, where it stands, and when; lane and flags are the team's own."""

    def at(instant: datetime | None) -> str:
        return localtime.dated(instant, config.zone) if instant else ""

    asked = {row["label"]: row["text"] for row in detail.request_facts(ticket, config, now=now)}
    own = {_("Lane")} if public else set()
    dated = {_("Occurred"), _("Resolved"), _("Noted"), _("Deadline")}
    rows = [
        (_("State"), _(STATUS[ticket.status][1])),
        (_("Attended by"), ticket.assignee.name if ticket.assignee else ""),
        (_("Company"), ticket.client.name if ticket.client else ""),
        (_("RFC"), ticket.client_rfc),
        (_("Contact"), ticket.requester_name),
        *((label, text) for label, text in asked.items() if label not in own | dated),
        (_("Filed"), at(ticket.opened_at)),
        (_("Occurred"), at(ticket.occurred_at)),
        (_("Answered"), at(ticket.answered_at)),
        (_("Deadline"), at(ticket.deadline_at)),
        (_("Resolved"), at(ticket.resolved_at)),
        (_("Closed"), at(ticket.closed_at)),
    ]
    return [{"label": label, "text": str(text)} for label, text in rows if text]


def clocks(rows: Sequence[Clock], config: DeskConfig) -> list[dict[str, str]]:
    """Each promise: its target, and when it was kept, or falls due."""
    return [
        {
            "name": _(CLOCK.get(clock.kind, clock.kind)),
            "text": _clock(clock, config),
        }
        for clock in rows
    ]


def _clock(clock: Clock, config: DeskConfig) -> str:
    target = _("target %s") % localtime.minutes_label(clock.target_minutes)
    if clock.stopped_at is not None:
        used = localtime.minutes_label((clock.used_seconds or 0) / 60)
        when = localtime.dated(clock.stopped_at, config.zone)
        return f"{target}; {_('took %(used)s, until %(when)s') % {'used': used, 'when': when}}"
    if clock.due_at is None:
        return f"{target}; {_('resting')}"
    return f"{target}; {_('due %s') % localtime.dated(clock.due_at, config.zone)}"
