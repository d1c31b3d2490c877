"""Telling the people whom an internal note names with @."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.errors import Invalid
from core.rows import Rows
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from tickets import mentions
from tickets.actions import telling, watching
from tickets.models import Ticket, TicketEvent


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Who is told, who may not see the ticket and is not, and what names several people."""

    told: tuple[Member, ...] = ()
    barred: tuple[Member, ...] = ()
    unclear: tuple[str, ...] = ()
    # As it was written, for the marks in the conversation.
    written: tuple[str, ...] = ()


def read(ticket: Ticket, body: str, by: Actor) -> Mentioned:
    """Whom the text names, of the ticket's desk; the writer themselves are nobody to tell. 0 queries."""
    if "@" not in body:
        return Mentioned()
    config = desk_queries.config(ticket.desk)
    found = mentions.find(body, (mentions.Person(member.user_id, member.name) for member in config.members))
    named = [(member, text) for pk, text in found.people.items() if (member := config.member(pk)) is not None]
    told = [(member, text) for member, text in named if member.attends]
    return Mentioned(
        tuple(member for member, _text in told if member.user_id != by.user_id),
        tuple(member for member, _text in named if not member.attends),
        found.unclear,
        tuple(text for _member, text in told),
    )


def note(event: TicketEvent, mentioned: Mentioned) -> None:
    """Let the event of the note know whom it names."""
    if mentioned.written:
        event.data["mentions"] = list(mentioned.written)


def tell(ticket: Ticket, mentioned: Mentioned, *, by: Actor, now: datetime, entry_id: int, rows: Rows) -> None:
    """Tell each of them once a note."""
    ids = [member.user_id for member in mentioned.told]
    if ids:
        telling.team(ticket, ids, "mentioned", key=f"mention/{entry_id}", now=now, rows=rows, who=by.label)


def follow(ticket: Ticket, mentioned: Mentioned, *, by: Actor, now: datetime) -> None:
    """Let them follow the locked ticket, save whoever has it; where too many do already they are told all the same."""
    for member in mentioned.told:
        if member.user_id != ticket.assignee_id:
            with suppress(Invalid):
                watching.mentioned(ticket, by=by, now=now, user=member.user_id)


def candidates(config: DeskConfig, by: Actor) -> Sequence[dict[str, Any]]:
    """Whom the list offers: the people who may see the desk's tickets, by name."""
    people = [member for member in config.attending if member.user_id != by.user_id]
    return [{"name": member.name} for member in sorted(people, key=lambda member: member.name.casefold())]
