"""Absences in words: the list of a desk, what would move, what moved and came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import localtime
from core.actor import Actor
from desks import absence_actions
from desks.config import DeskConfig
from desks.models import Absence, Desk
from schedules.rotas import Shift
from tickets import reasons
from tickets.assignment import Choice
from tickets.models import Appointment, MovedTicket, Ticket

Row = dict[str, Any]
SHOWN: Final = 50

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "cancelled": ("mute", gettext_noop("withdrawn")),
    "over": ("mute", gettext_noop("over")),
    "now": ("warn", gettext_noop("absent now")),
    "coming": ("info", gettext_noop("to come")),
}


def state(absence: Absence, now: datetime) -> str:
    if absence.cancelled_at is not None:
        return "cancelled"
    if absence.ended_at is not None or absence.ends_at <= now:
        return "over"
    return "now" if absence.starts_at <= now else "coming"


def row(absence: Absence, config: DeskConfig, actor: Actor, *, now: datetime) -> Row:
    """An absence as lists and its own page show it; the reason only for the person and who supervises."""
    code = state(absence, now)
    tone, text = STATES[code]
    may = absence_actions.may_enter(absence.desk, absence.user_id, actor)
    return {
        "href": f"/ajustes/ausencias/{absence.pk}/",
        "name": absence.user.name,
        "start": localtime.since(absence.starts_at, config.zone),
        "end": localtime.through(absence.ends_at, config.zone),
        "reason": absence.get_reason_display() if may else "",
        "substitute": absence.substitute.name if absence.substitute else "",
        "state": code,
        "state_text": _(text),
        "tone": tone,
        "withdraw_href": f"/ajustes/ausencias/{absence.pk}/retirar/" if may and code in ("now", "coming") else "",
    }


def would_move(found: Sequence[tuple[Ticket, Choice]], config: DeskConfig) -> Row:
    """What would move and to whom, the first to expire first; how many more there are."""
    rows = []
    for ticket, choice in found[:SHOWN]:
        member = config.member(choice.user_id)
        rows.append(
            {
                "number": ticket.number,
                "href": f"/tickets/{ticket.number}/",
                "subject": ticket.subject,
                "priority": ticket.priority,
                "status": ticket.status,
                "to": member.name if member else "",
                "why": reasons.choice(choice.code),
            }
        )
    return {"rows": rows, "n": len(found), "n_more": max(0, len(found) - SHOWN)}


def appointments(found: Iterable[Appointment], config: DeskConfig) -> list[Row]:
    return [
        {
            "number": one.ticket.number,
            "href": f"/tickets/{one.ticket.number}/",
            "when": localtime.exact(one.starts_at, config.zone),
        }
        for one in found
    ]


def shifts(found: Sequence[Shift], desk: Desk, config: DeskConfig) -> list[Row]:
    """The person's nights in those days, each with the form of *Guardias* that takes them out of it."""
    return [
        {
            "text": f"{localtime.exact(one.start, config.zone)} – {localtime.exact(one.end, config.zone)}",
            "href": "/guardias/ausencia/?"
            + urlencode({"mesa": desk.slug, "desde": one.start.isoformat(), "hasta": one.end.isoformat()}),
        }
        for one in found
    ]


def moved(found: Iterable[MovedTicket]) -> list[Row]:
    """What moved, who got it, and how that ended."""
    return [
        {
            "number": one.ticket.number,
            "href": f"/tickets/{one.ticket.number}/",
            "subject": one.ticket.subject,
            "status": one.ticket.status,
            "to": one.moved_to.name if one.moved_to else "",
            "holder": one.ticket.assignee.name if one.ticket.assignee else "",
            "outcome": one.outcome,
            "outcome_text": MovedTicket.Outcome(one.outcome).label,
            "tone": "info" if not one.outcome else "ok" if one.outcome == MovedTicket.Outcome.RETURNED else "mute",
        }
        for one in found
    ]
