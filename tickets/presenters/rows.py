"""Rows of the queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import faces, localtime
from core.faces import ClockFace
from desks.config import DeskConfig
from tickets.actions.assigning import TAKEABLE
from tickets.lifecycle import Status
from tickets.presence import Person
from tickets.presenters import faces as clock_faces
from tickets.presenters import hits, presence
from tickets.presenters import tags as tag_presenter


@dataclass(slots=True)
class Row:
    """What templates/tickets/queue.html prints of a ticket."""

    number: str
    href: str
    subject: str
    client: str
    rfc: str
    priority: str
    status: str
    channel: str
    escalated: bool
    reopened: bool
    unread: bool
    clock: ClockFace | None
    note: str | None
    assignee: str
    take_href: str
    activity: str
    tags: SafeString
    # Who else is on it at this moment.
    present: SafeString
    # Where words were looked for: the subject with the hit marked, and where else it stands.
    marked: SafeString
    snippet: SafeString


def rows(
    found: Iterable[Any],
    *,
    configs: Mapping[int, DeskConfig],
    user_id: int | None,
    now: datetime,
    on_tickets: Mapping[int, Sequence[Person]],
    walk: str = "",
) -> list[Row]:
    """Rows of `board.page` as the page prints them. `walk` is what their links say of where one comes from."""
    return [
        _row(row, configs[row.desk_id], user_id=user_id, now=now, people=on_tickets.get(row.id, ()), walk=walk)
        for row in found
    ]


def _row(
    row: Any, config: DeskConfig, *, user_id: int | None, now: datetime, people: Sequence[Person], walk: str
) -> Row:
    zone = config.zone
    href = f"/tickets/{row.number}/"
    return Row(
        number=row.number,
        href=href + walk,
        subject=row.subject,
        client=row.client__name or row.requester_name,
        rfc=row.client_rfc,
        priority=row.priority,
        status=row.status,
        channel=row.channel,
        escalated=row.escalated_at is not None,
        reopened=row.reopened_at is not None,
        unread=row.last_word == "client" and row.assignee_id == user_id,
        clock=clock_faces.of_row(row, zone=zone, now=now),
        note=_note(row, zone, now),
        assignee=row.assignee__name or "",
        take_href=f"{href}take/" if row.assignee_id is None and row.status in TAKEABLE else "",
        activity=activity(row.last_activity_at, zone, now),
        tags=tag_presenter.in_row(row.tags, config, done=row.checklist_done, steps=row.checklist_total),
        present=presence.on_row(people),
        marked=hits.marked(getattr(row, "hit", "")),
        snippet=hits.snippet(getattr(row, "snippet", "")),
    )


def _note(row: Any, zone: ZoneInfo, now: datetime) -> str | None:
    if row.status == Status.DEFERRED and row.starts_at > now:
        return _("opens %s") % faces.near(row.starts_at, zone, now)
    return None


def activity(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`hace 14 min` within the hour, else when it was."""
    if now - at < timedelta(hours=1):
        return localtime.ago(at, now)
    return faces.near(at, zone, now)
