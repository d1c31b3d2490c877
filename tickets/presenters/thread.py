"""The conversation with what happened in between, and the history beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from core import localtime
from core.actor import ActorKind
from desks.config import DeskConfig
from tickets import quoting, reasons
from tickets.models import Ticket, TicketEvent
from tickets.presenters import cards
from tickets.queries.case import FileLine, Line

# What happened that a reader of the conversation should see where it happened; the rest is in the history.
IN_CONVERSATION: Final = frozenset(
    {
        "assigned",
        "taken",
        "given_back",
        "waiting_client",
        "waiting_third_party",
        "deferred",
        "contested",
        "scheduled",
        "appointment_moved",
        "appointment_confirmed",
        "appointment_cancelled",
        "appointment_released",
        "attended",
        "price_accepted",
        "price_declined",
        "reclassified",
        "escalated",
        "acknowledged",
        "lane_changed",
        "opened_line",
        "client_told",
        "called_back",
        "reopened",
        "closed",
        "cancelled",
        "merged",
        "unmerged",
        "split",
        "split_off",
        "split_undone",
        "absorbed",
    }
)
KB: Final = 1024


def thread(
    lines: Sequence[Line], events: Sequence[TicketEvent], ticket: Ticket, config: DeskConfig, *, now: datetime
) -> list[dict[str, Any]]:
    """Messages and events in the order in which they were written, as staff read them."""
    extras, mentions = _extras(events), _mentions(events)
    entries = [(line.message.created_at, 0, _message(line, ticket, extras, config, now)) for line in lines]
    for (_at, _rank, entry), line in zip(entries, lines, strict=True):
        entry["mentions"] = mentions.get(line.message.pk, ())
    shown = (event for event in events if reasons.kind(event) in IN_CONVERSATION)
    entries += [(event.recorded_at, 1, _event(event, config, now)) for event in shown]
    entries.sort(key=lambda entry: entry[:2])
    return [entry for _at, _rank, entry in entries]


def _extras(events: Iterable[TicketEvent]) -> dict[int, str]:
    """Message -> what it was: the first response comes right after the fact of its message."""
    found: dict[int, str] = {}
    last: int | None = None
    for event in events:
        match reasons.kind(event):
            case "message_added":
                last = event.data.get("message")
            case "first_response_given" if last is not None:
                used = localtime.minutes_label(event.data.get("used_seconds", 0) / 60)
                found[last] = _("1st response in %s") % used
            case "resolved" if event.data.get("message"):
                found[event.data["message"]] = _("solution")
    return found


def _mentions(events: Iterable[TicketEvent]) -> dict[int, list[str]]:
    """Note -> whom it names, as it was written."""
    return {event.data["message"]: event.data["mentions"] for event in events if "mentions" in event.data}


def _message(line: Line, ticket: Ticket, extras: dict[int, str], config: DeskConfig, now: datetime) -> dict[str, Any]:
    message = line.message
    side = "note" if message.internal else "team" if message.from_team else "client"
    body = message.body if message.redacted_at is None else _("(This text was taken out.)")
    return {
        "kind": "message",
        "id": message.pk,
        "name": _author(line),
        "mine": False,
        "side": side,
        "role": _role(line, side),
        "at": localtime.when(message.created_at, config.zone, now),
        "body": body,
        "parts": parts(body),
        "files": [file_line(file, ticket, config) for file in line.files],
        "extra": extras.get(message.pk, "") or _thread_of(line),
    }


def parts(body: str) -> tuple[quoting.Part, ...]:
    """The text in parts where some of it is quoted history; none where all of it was written."""
    found = quoting.split(body)
    return found if len(found) > 1 else ()


def _role(line: Line, side: str) -> str:
    if line.message.author_kind == ActorKind.THIRD_PARTY:
        return _("third party")
    return _("client") if side == "client" else ""


def _thread_of(line: Line) -> str:
    """Whom a word of ours in another thread went to, and whether the client reads it."""
    message = line.message
    if message.thread is None:
        return ""
    words = [_("To %s") % message.thread.name] if message.from_team else []
    return " · ".join([*words, _("shown to the client")] if message.shared else words)


def _author(line: Line) -> str:
    if line.message.author_kind == ActorKind.SYSTEM:
        return _("Helpdesk")
    return line.message.author_label or _("Client")


def file_line(file: FileLine, ticket: Ticket, config: DeskConfig) -> dict[str, Any]:
    """A file as conversations list it."""
    return {
        "href": f"/tickets/{ticket.number}/archivos/{file.id}/",
        "name": file.name,
        "size": size_label(file.size),
        "card": cards.card(file.card, config),
    }


def size_label(size: int) -> str:
    """`812 bytes`, `14 KB`, `2.1 MB`."""
    if size < KB:
        return f"{size} bytes"
    if size < KB * KB:
        return f"{round(size / KB)} KB"
    return f"{size / KB / KB:.1f} MB"


def _event(event: TicketEvent, config: DeskConfig, now: datetime) -> dict[str, Any]:
    icon, _tone = reasons.face(event)
    return {
        "kind": "event",
        "icon": icon,
        "text": reasons.sentence(event, config, staff=True),
        "at": localtime.when(event.at, config.zone, now),
        "why": [],
    }


def history(events: Iterable[TicketEvent], config: DeskConfig, *, staff: bool, now: datetime) -> list[dict[str, Any]]:
    """All that happened, newest first, with the reasons of every automatic choice."""
    found = [entry(event, config, staff=staff, now=now) for event in events]
    found.reverse()
    return found


def entry(event: TicketEvent, config: DeskConfig, *, staff: bool, now: datetime) -> dict[str, Any]:
    """One fact of the timeline; when it was written down follows where that was later."""
    icon, tone = reasons.face(event)
    text = reasons.sentence(event, config, staff=staff)
    if (event.recorded_at - event.at).total_seconds() >= 60:
        text = _("%(text)s (noted %(when)s)") % {
            "text": text,
            "when": localtime.when(event.recorded_at, config.zone, now),
        }
    return {
        "icon": icon,
        "tone": tone,
        "at": localtime.when(event.at, config.zone, now),
        "text": text,
        "why": reasons.because(event, config, staff=staff),
    }
