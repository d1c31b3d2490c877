"""What is free on the agendas of a desk's people: the rule of `tickets.slots` asked with rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from core.actor import CONSULTANT
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Absence
from schedules.models import Override
from tickets import agenda, slots
from tickets.models import Appointment, Ticket
from tickets.slots import Slot, Span

DEFAULT_MINUTES: Final = 30
AVAILABLE: Final = "available"
# Stands for whoever will take the ticket, where nobody is present now.
NOBODY: Final = 0


def propose(ticket: Ticket, *, method: str, minutes: int, now: datetime) -> list[Slot]:
    """The hours that are offered for an attention of the ticket. 3 queries; empty where the desk has no hours."""
    zone = desk_queries.config(ticket.desk).zone
    return slots.choose(free(ticket, method=method, minutes=minutes, now=now), zone)


def free(ticket: Ticket, *, method: str, minutes: int, now: datetime) -> list[Slot]:
    """Every hour of the next three weeks that can be had. Queries as `propose`."""
    if ticket.desk.calendar_id is None:
        return []
    config = desk_queries.config(ticket.desk)
    people = _people(ticket, config)
    until = now + slots.HORIZON + timedelta(days=1)
    taken = busy(people, now, until, apart_from=ticket.pk) if people else {NOBODY: ()}
    return list(
        slots.free_slots(
            slots.wish(method=method, priority=ticket.priority, minutes=minutes),
            now=now,
            hours=desk_queries.hours(ticket.desk, now),
            zone=config.zone,
            busy=taken,
        )
    )


def _people(ticket: Ticket, config: DeskConfig) -> list[int]:
    """Whoever has the ticket; of a ticket that nobody has, the consultants who are present."""
    if ticket.assignee_id is not None:
        return [ticket.assignee_id]
    return [m.user_id for m in config.with_role(CONSULTANT) if m.availability == AVAILABLE]


def busy(
    user_ids: Iterable[int], start: datetime, end: datetime, *, apart_from: int | None = None
) -> Mapping[int, Sequence[Span]]:
    """What these people have within [start, end): appointments of any desk, absences of work and rota. 3 queries.

    An appointment on site takes the way there and back as well.
    The appointment of the ticket `apart_from` does not count: it is the one that is moved.
    """
    found: dict[int, list[Span]] = {user_id: [] for user_id in user_ids}
    people = list(found)
    booked = Appointment.objects.filter(
        consultant_id__in=people,
        state__in=agenda.LIVE,
        starts_at__lt=end + slots.TRAVEL,
        ends_at__gt=start - slots.TRAVEL,
    )
    if apart_from is not None:
        booked = booked.exclude(ticket_id=apart_from)
    for user_id, starts_at, ends_at, method in booked.values_list("consultant_id", "starts_at", "ends_at", "method"):
        room = slots.TRAVEL if method == slots.ON_SITE else timedelta()
        if starts_at - room < end and start < ends_at + room:
            found[user_id or NOBODY].append((starts_at - room, ends_at + room))
    away = Absence.objects.filter(
        user_id__in=people, starts_at__lt=end, ends_at__gt=start, ended_at__isnull=True, cancelled_at__isnull=True
    )
    for user_id, starts_at, ends_at in away.values_list("user_id", "starts_at", "ends_at"):
        found[user_id].append((starts_at, ends_at))
    absences = Override.objects.in_force().touching(start, end).filter(kind=Override.Kind.ABSENCE, user_id__in=people)
    for user_id, starts_at, ends_at in absences.values_list("user_id", "start_at", "end_at"):
        found[user_id].append((starts_at, ends_at))
    return found
