"""How an action changes a ticket: lock, change, save with a new version, tell the timeline.

Every verb goes through `changing`; nothing else saves a ticket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from core.actor import Actor
from core.compiled import compiled
from core.rows import Rows
from notifications import live
from tickets import counts
from tickets.actions import bookings
from tickets.models import QueueDelta, Ticket, TicketEvent


def locked(pk: int) -> Ticket:
    """The ticket's row, held until the transaction ends, with its desk and requester. 1 query.

    Only relations that never change are joined: a row that was waited for is read anew, but rows
    joined to it are not, and a changed assignee would come back as nobody.
    """
    ticket = _locked.first(pk=pk)
    if ticket is None:
        raise Ticket.DoesNotExist
    return ticket


@compiled
def _locked(pk: Any) -> QuerySet[Ticket]:
    return Ticket.objects.select_for_update(of=("self",)).select_related("desk__vendor", "requester").filter(pk=pk)


def lock_owner(payload: Mapping[str, Any]) -> None:
    """Lock the ticket that a timer belongs to, before the timer itself. 1 query."""
    list(Ticket.objects.select_for_update().filter(pk=payload["ticket"]).values_list("pk"))


@contextmanager
def changing(ticket: Ticket, *, now: datetime) -> Iterator[Ticket]:
    """Open a transaction with the ticket locked and fresh; on leaving save what changed, and its counts.

    The row that is yielded is the one to change and to return: what the caller held may be stale.
    """
    with collecting(ticket, now=now) as (fresh, _rows):
        yield fresh


@contextmanager
def collecting(ticket: Ticket, *, now: datetime) -> Iterator[tuple[Ticket, Rows]]:
    """As `changing`, and yield the rows that are written with the ticket when all is done. 2 queries."""
    with transaction.atomic():
        fresh = locked(ticket.pk)
        before, columns, holder = counts.buckets(fresh), _columns(fresh), fresh.assignee_id
        rows = Rows()
        yield fresh, rows
        if fresh.appointment_at is not None and fresh.assignee_id not in {holder, None}:
            bookings.follow(fresh)
        fresh.version += 1
        fresh.last_activity_at = max(now, fresh.last_activity_at)
        rows.update(fresh, [name for name, value in _columns(fresh).items() if columns[name] != value])
        write_counts(fresh.desk_id, counts.difference(before, counts.buckets(fresh)), rows)
        rows.write()
        announce(fresh)


def _columns(ticket: Ticket) -> dict[str, Any]:
    return {field.attname: getattr(ticket, field.attname) for field in ticket._meta.concrete_fields}


def write_counts(desk_id: int, difference: Mapping[str, int], rows: Rows) -> None:
    """Count the ticket anew with `rows`."""
    rows.insert(*(QueueDelta(desk_id=desk_id, key=key, n=n) for key, n in sorted(difference.items())))


def announce(ticket: Ticket) -> None:
    """Wake the streams that show this ticket or its desk's queue, once the change is committed."""
    live.wake_on_commit(f"ticket:{ticket.pk}", f"desk:{ticket.desk_id}")


def event(
    ticket: Ticket,
    type: str,
    *,
    by: Actor,
    now: datetime,
    at: datetime | None = None,
    public: bool = False,
    **data: Any,
) -> TicketEvent:
    """Build a fact for the timeline; `at` when it happened, `now` when it is written. Codes and ids only."""
    return TicketEvent(
        ticket=ticket,
        desk_id=ticket.desk_id,
        type=f"ticket.{type}",
        at=at or now,
        recorded_at=now,
        actor_kind=str(by.kind),
        actor_id=by.id,
        actor_label=by.label[:160],
        data=data,
        public=public,
    )


def record(ticket: Ticket, type: str, *, by: Actor, now: datetime, **kwargs: Any) -> TicketEvent:
    """Write one fact and return it. 1 query."""
    entry = event(ticket, type, by=by, now=now, **kwargs)
    entry.save()
    return entry
