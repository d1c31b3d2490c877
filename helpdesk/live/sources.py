"""What a stream reads, and whether its reader may: synchronous, run in the streams' few threads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest

from clients.actors import actor_for
from core.actor import Actor
from desks.models import Desk
from tickets import drafts, links, presence
from tickets.models import Ticket

LIMIT: Final = 200
# A page reads the clock before it reads rows; whoever was writing meanwhile wrote an hour a little before that.
MARGIN: Final = timedelta(seconds=2)

ROUTES: Final = (
    ("queue", re.compile(r"/stream/cola/")),
    ("ticket", re.compile(r"/stream/tickets/(?P<number>[A-Z]{2,8}-\d{1,12})/")),
    ("link", re.compile(r"/stream/t/(?P<token>[\w~.:=-]{10,200})/")),
)


class NotSignedIn(Exception):
    """The address is one for people with a session."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change, without a word of what people wrote: number, version, kind."""

    id: str
    number: str
    version: int
    type: str


@dataclass(frozen=True, slots=True)
class Look:
    """What came after a position, and the position after it.

    `more` when the batch was full; `unsettled` when something newer waits for an older transaction to end.
    """

    events: tuple[Event, ...]
    position: str
    more: bool = False
    unsettled: bool = False


# ------------------------------------------------------------------ the queue: many tickets


@dataclass(frozen=True, slots=True)
class QueueSource:
    """The events of desks, in the order (xid, id).

    Read below the oldest transaction that is still writing, so that one which commits late is not skipped
    (architecture, section 6). A position is "xid.id" of the last event that was told.
    """

    reader: str
    user_id: int
    desk_ids: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        seen = [name for pk in self.desk_ids for name in presence.names(desk_id=pk)]
        return (*(f"desk:{pk}" for pk in self.desk_ids), f"user:{self.user_id}", *seen)

    def start(self, last_id: str, hint: str) -> str:
        """Where to begin: after `last_id`; else with what is newer than the page (`hint`, epoch seconds); else now."""
        with connection.cursor() as cursor:
            cursor.execute(_HORIZON)
            xmin, xmax = (int(value) for value in cursor.fetchone())
            if (known := _pair(last_id)) and known[0] <= xmax:  # beyond: the database was restored from a copy
                return last_id
            since = _instant(hint)
            if since is None:
                return f"{xmin}.0"
            cursor.execute(_RECENT, {"desks": list(self.desk_ids), "limit": LIMIT, "since": since - MARGIN})
            first = cursor.fetchone()
        return f"{min(int(first[0]), xmin)}.{first[1] - 1 if int(first[0]) <= xmin else 0}" if first else f"{xmin}.0"

    def read(self, position: str) -> Look:
        """1 query."""
        xid, pk = _pair(position) or (0, 0)
        with connection.cursor() as cursor:
            cursor.execute(_AFTER, {"desks": list(self.desk_ids), "xid": str(xid), "id": pk, "limit": LIMIT})
            rows = cursor.fetchall()
        settled = [row for row in rows if row[5]]
        events = tuple(Event(f"{row[0]}.{row[1]}", row[2], row[3], row[4]) for row in settled)
        return Look(
            events,
            position=events[-1].id if events else position,
            more=len(settled) == LIMIT,
            unsettled=len(settled) < len(rows),
        )


_HORIZON: Final = """
    SELECT pg_snapshot_xmin(snapshot)::text, pg_snapshot_xmax(snapshot)::text FROM pg_current_snapshot() AS snapshot
"""
_RECENT: Final = """
    SELECT newest.xid::text, newest.id FROM (
        SELECT xid, id, recorded_at FROM tickets_ticketevent WHERE desk_id = ANY(%(desks)s)
        ORDER BY xid DESC, id DESC LIMIT %(limit)s
    ) newest WHERE newest.recorded_at >= %(since)s ORDER BY newest.xid, newest.id LIMIT 1
"""
_AFTER: Final = """
    SELECT e.xid::text, e.id, t.number, t.version, e.type, e.xid < pg_snapshot_xmin(pg_current_snapshot())
    FROM tickets_ticketevent e JOIN tickets_ticket t ON t.id = e.ticket_id
    WHERE e.desk_id = ANY(%(desks)s) AND (e.xid, e.id) > (%(xid)s::xid8, %(id)s)
    ORDER BY e.xid, e.id LIMIT %(limit)s
"""


def _pair(position: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d{1,19})\.(\d{1,18})", position, re.ASCII)
    return (int(found[1]), int(found[2])) if found else None


def _instant(epoch: str) -> datetime | None:
    return datetime.fromtimestamp(int(epoch), UTC) if re.fullmatch(r"\d{1,11}", epoch, re.ASCII) else None


# ------------------------------------------------------------------ one ticket


@dataclass(frozen=True, slots=True)
class TicketSource:
    """The events of one ticket, by id: its writers hold its lock, so ids become visible in their order."""

    reader: str
    user_id: int | None
    ticket_id: int
    public_only: bool

    @property
    def names(self) -> tuple[str, ...]:
        person = (f"user:{self.user_id}",) if self.user_id is not None else ()
        if self.public_only:
            return (f"ticket:{self.ticket_id}", *person)
        own = (*presence.names(ticket_id=self.ticket_id), drafts.name(self.ticket_id))  # clients never hear of these
        return (f"ticket:{self.ticket_id}", *person, *own)

    def start(self, last_id: str, hint: str) -> str:
        """Where to begin: after `last_id`; else now; one back when the page shows another version (`hint`)."""
        if re.fullmatch(r"\d{1,18}", last_id, re.ASCII):
            return last_id
        with connection.cursor() as cursor:
            cursor.execute(_NEWEST, {"ticket": self.ticket_id, "public_only": self.public_only})
            version, newest = cursor.fetchone()
        return str(max(0, newest - 1) if hint and hint != str(version) else newest)

    def read(self, position: str) -> Look:
        """1 query."""
        params = {"ticket": self.ticket_id, "public_only": self.public_only, "id": int(position), "limit": LIMIT}
        with connection.cursor() as cursor:
            cursor.execute(_OF_TICKET, params)
            rows = cursor.fetchall()
        events = tuple(Event(str(row[0]), row[1], row[2], row[3]) for row in rows)
        return Look(events, position=events[-1].id if events else position, more=len(events) == LIMIT)


_NEWEST: Final = """
    SELECT t.version, COALESCE((
        SELECT max(e.id) FROM tickets_ticketevent e WHERE e.ticket_id = t.id AND (e.public OR NOT %(public_only)s)
    ), 0) FROM tickets_ticket t WHERE t.id = %(ticket)s
"""
_OF_TICKET: Final = """
    SELECT e.id, t.number, t.version, e.type
    FROM tickets_ticketevent e JOIN tickets_ticket t ON t.id = e.ticket_id
    WHERE e.ticket_id = %(ticket)s AND e.id > %(id)s AND (e.public OR NOT %(public_only)s)
    ORDER BY e.id LIMIT %(limit)s
"""

Source = QueueSource | TicketSource


# ------------------------------------------------------------------ who may read what


def find(path: str, session_key: str, *, now: datetime) -> Source | None:
    """Return what the address stands for, as far as this reader may see it; None where that is nothing.

    Raises NotSignedIn. 1 query for a link, 5 or 6 for a session.
    """
    for kind, pattern in ROUTES:
        if found := pattern.fullmatch(path):
            if kind == "link":
                return _by_link(found["token"], now)
            actor = _signed_in(session_key, now)
            return _queue(actor) if kind == "queue" else _ticket(actor, found["number"])
    return None


def _by_link(token: str, now: datetime) -> Source | None:
    read = links.read(token, now=now)
    if read is None:
        return None
    ticket, _actor = read
    return TicketSource(reader=f"link:{ticket.pk}", user_id=None, ticket_id=ticket.pk, public_only=True)


def _signed_in(session_key: str, now: datetime) -> Actor:
    """The person of the session as they are at this moment. Raises NotSignedIn."""
    request: Any = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key or None)
    user = get_user(request)
    if not user.is_authenticated or not user.is_active:
        raise NotSignedIn
    return actor_for(user, today=now.date())


def _queue(actor: Actor) -> Source | None:
    """The desks whose tickets the person works; an administrator's are all of them."""
    desk_ids = actor.ticket_desk_ids()
    if actor.is_admin:
        desk_ids = list(Desk.objects.active().order_by("pk").values_list("pk", flat=True))
    if not desk_ids or actor.user_id is None:
        return None
    return QueueSource(reader=f"user:{actor.user_id}", user_id=actor.user_id, desk_ids=tuple(desk_ids))


def _ticket(actor: Actor, number: str) -> Source | None:
    row = Ticket.objects.visible_to(actor).filter(number=number).values_list("pk", "desk_id").first()
    if row is None:
        return None
    return TicketSource(
        reader=f"user:{actor.user_id}",
        user_id=actor.user_id,
        ticket_id=row[0],
        public_only=not actor.works_tickets(row[1]),
    )
