"""*Entrega de guardia* as its page prints it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import localtime
from desks.config import DeskConfig
from schedules import queries as schedule_queries
from schedules.handoffs import Handoff, Side
from tickets import reasons
from tickets.lifecycle import Status
from tickets.models import NEVER, Escalation, Handover, HandoverAsk, Ticket
from tickets.presenters import faces as clock_faces
from tickets.queries.handover import RECEIVE

Row = dict[str, Any]
SOON: Final = timedelta(minutes=30)  # from here on the page shows the hand-over that comes


def side(config: DeskConfig, one: Side) -> str:
    """`la oficina`, a name, `nadie`."""
    return _name(config, one.user, office=one.office)


def _name(config: DeskConfig, user_id: int | None, *, office: bool) -> str:
    if office:
        return _("the office")
    member = config.member(user_id)
    return member.name if member else _("nobody")


def head(config: DeskConfig, one: Handoff, until: datetime | None, row: Handover | None, now: datetime) -> Row:
    """The hand-over of the page: when, from whom to whom, and how it stands."""
    local = one.at.astimezone(config.zone)
    return {
        "day": localtime.long_day(local.date()).capitalize(),
        "at": localtime.hhmm(one.at, config.zone),
        "until": localtime.when(until, config.zone, one.at).removeprefix("hoy ") if until else "",
        "giver": side(config, one.giver),
        "taker": side(config, one.taker),
        "to_office": one.taker.office,
        **_state(config, one, row, now),
    }


def _state(config: DeskConfig, one: Handoff, row: Handover | None, now: datetime) -> Row:
    if row is not None and row.received_at is not None:
        who = row.received_by.get_short_name() if row.received_by else ""
        at = localtime.hhmm(row.received_at, config.zone)
        return {"pill": _("received by %(who)s, %(at)s") % {"who": who, "at": at}, "tone": "ok", "icon": "check"}
    if now < one.at:
        minutes = int((one.at - now).total_seconds() // 60)
        return {"pill": _("begins in %d min") % minutes, "tone": "warn", "icon": "clock"}
    if row is not None and row.superior_told_at is not None:
        return {"pill": _("nobody has received it; those above were told"), "tone": "bad", "icon": "alert"}
    return {"pill": _("to be received"), "tone": "warn", "icon": "clock"}


def stats(summary: dict[str, int], asks: Sequence[HandoverAsk]) -> list[Row]:
    return [
        {
            "label": _("Escalations under way"),
            "value": summary["climbs"],
            "tone": "bad" if summary["climbs"] else "",
            "note": _("somebody is being told") if summary["climbs"] else _("no ladder is running"),
        },
        {
            "label": _("24 × 7 in process"),
            "value": summary["running"],
            "tone": "",
            "note": _("they go on while the office is closed"),
        },
        {
            "label": _("Systems down"),
            "value": summary["outages"],
            "tone": "bad" if summary["outages"] else "",
            "note": _("open outages") if summary["outages"] else _("no open outages"),
        },
        {
            "label": _("Deferred"),
            "value": summary["deferred"],
            "tone": "",
            "note": _("they wait for the opening"),
        },
    ]


def climbs(found: Sequence[Escalation], config: DeskConfig, now: datetime) -> list[Row]:
    return [
        {
            **case(climb.ticket, config, now),
            "small": " · ".join(
                [
                    _client(climb.ticket),
                    _("since %s") % localtime.when(climb.started_at, config.zone, now),
                    reasons.climb_reason(climb.reason),
                    _acknowledged(climb, config),
                ]
            ),
        }
        for climb in found
    ]


def _acknowledged(climb: Escalation, config: DeskConfig) -> str:
    if climb.acknowledged_at is None:
        return _("not acknowledged")
    who = climb.acknowledged_by.get_short_name() if climb.acknowledged_by else ""
    return _("acknowledged by %(who)s, %(at)s") % {"who": who, "at": localtime.hhmm(climb.acknowledged_at, config.zone)}


def _client(ticket: Ticket) -> str:
    return ticket.client.name if ticket.client else ticket.requester_name


def _calendar_of(ticket: Ticket, config: DeskConfig, now: datetime) -> int | None:
    """The calendar that the clock shown counts in, None around the clock: as the queue tells it."""
    target = config.targets().get(ticket.priority, {}).get(ticket.sort_due_kind)
    if config.calendar_id is None or (target is not None and target.around_the_clock and config.has_rota):
        return None
    return schedule_queries.current_version(config.calendar_id, now).pk


def case(ticket: Ticket, config: DeskConfig, now: datetime) -> Row:
    """A case as a line: who has it, what it is, and what expires first."""
    clock = None
    if ticket.sort_due_at < NEVER:
        clock = clock_faces.running(
            ticket.sort_due_kind,
            minutes=ticket.sort_due_target,
            due_at=ticket.sort_due_at,
            version_id=_calendar_of(ticket, config, now),
            zone=config.zone,
            now=now,
        )
    return {
        "number": ticket.number,
        "href": f"/tickets/{ticket.number}/",
        "subject": ticket.subject,
        "assignee": ticket.assignee.name if ticket.assignee else "",
        "priority": ticket.priority,
        "status": ticket.status,
        "escalated": ticket.escalated_at is not None,
        "small": _client(ticket) + (f" · {ticket.waiting_reason}" if ticket.status in _WAITING else ""),
        "clock": clock,
    }


_WAITING: Final = frozenset({Status.WAITING_CLIENT, Status.WAITING_THIRD_PARTY})


def asks(found: Sequence[HandoverAsk], config: DeskConfig) -> list[Row]:
    return [
        {
            "href": f"/entrega/casos/{ask.pk}/",
            "number": ask.ticket.number,
            "ticket_href": f"/tickets/{ask.ticket.number}/",
            "subject": ask.ticket.subject,
            "priority": ask.ticket.priority,
            "by": localtime.hhmm(ask.answer_by, config.zone),
        }
        for ask in found
    ]


def history(found: Sequence[Handover], config: DeskConfig, now: datetime) -> list[Row]:
    """Hand-overs that were gone through: who received, how late, and what was going on."""
    return [_past(row, config, now) for row in found]


def _past(row: Handover, config: DeskConfig, now: datetime) -> Row:
    giver = _name(config, row.giver_id, office=row.office_gives)
    taker = _name(config, row.taker_id, office=row.office_takes)
    late = row.received_at is not None and row.received_at > row.at + RECEIVE
    missing = row.received_at is None and row.superior_told_at is not None
    return {
        "route": f"{giver} → {taker}",
        "outcome": _outcome(row, late),
        "small": f"{localtime.when(row.at, config.zone, now)} · {_going_on(row.summary)}",
        "tone": "bad" if missing else "warn" if late or row.received_at is None else "ok",
        "icon": "alert" if missing else "clock" if late or row.received_at is None else "check",
        "note": row.note,
    }


def _outcome(row: Handover, late: bool) -> str:
    if row.received_at is None:
        return _("nobody received it")
    who = row.received_by.get_short_name() if row.received_by else ""
    if late:
        minutes = int((row.received_at - row.at).total_seconds() // 60)
        return _("%(who)s received it after %(minutes)d min") % {"who": who, "minutes": minutes}
    return _("%s received it") % who


def _going_on(summary: dict[str, int]) -> str:
    climbing, running = summary.get("climbs", 0), summary.get("running", 0)
    words = []
    if climbing:
        words.append(ngettext("%d escalation", "%d escalations", climbing) % climbing)
    if running:
        words.append(ngettext("%d case in process", "%d cases in process", running) % running)
    return ", ".join(words) or _("nothing under way")


def note(row: Handover | None, config: DeskConfig, now: datetime) -> Row | None:
    """The note of who gives, None without one."""
    if row is None or not row.note:
        return None
    who = row.noted_by.name if row.noted_by else ""
    at = localtime.when(row.noted_at, config.zone, now) if row.noted_at else ""
    return {"text": row.note, "who": who, "at": at}
