"""Reads of absences: those of a desk, and what one of them moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q, QuerySet

from core.actor import Actor
from desks.models import Absence, Desk
from schedules import queries as schedule_queries
from schedules.rotas import Shift
from tickets.models import Appointment, MovedTicket

PAST: Final = timedelta(days=90)
MOST: Final = 100
# A preview looks this far for shifts: who is away for longer reads the first ones.
SHIFTS_AHEAD: Final = timedelta(days=62)


def visible(actor: Actor) -> QuerySet[Absence]:
    """Absences of the desks whose tickets the actor works; all for an administrator."""
    found = Absence.objects.select_related("desk__vendor", "user", "substitute", "created_by")
    return found if actor.is_admin else found.filter(desk_id__in=actor.ticket_desk_ids())


def of_desk(desk: Desk, now: datetime) -> list[Absence]:
    """Those that run or come, then the past ones of the last months, with how many tickets moved. 1 query."""
    rows = (
        Absence.objects.filter(desk=desk, ends_at__gte=now - PAST)
        .select_related("desk", "user", "substitute")
        .annotate(n_moved=Count("moved"), n_out=Count("moved", filter=Q(moved__outcome="")))
        .order_by("starts_at", "id")[:MOST]
    )
    return list(rows)


def moved(absence: Absence) -> list[MovedTicket]:
    """What moved, with where it is now. 1 query."""
    rows = (
        MovedTicket.objects.filter(absence=absence)
        .select_related("ticket__assignee", "moved_to")
        .order_by("ticket__sort_due_at", "ticket_id")
    )
    return list(rows[:MOST])


def booked(user_id: int, desk: Desk, starts_at: datetime, ends_at: datetime) -> list[Appointment]:
    """The appointments of the person in those days. 1 query."""
    rows = Appointment.objects.filter(
        consultant_id=user_id,
        ticket__desk=desk,
        state=Appointment.State.BOOKED,
        starts_at__lt=ends_at,
        ends_at__gt=starts_at,
    )
    return list(rows.select_related("ticket").order_by("starts_at", "id")[:MOST])


def shifts(user_id: int, desk: Desk, starts_at: datetime, ends_at: datetime) -> Sequence[Shift]:
    """When the person is on call in those days; the rota is another thing, and says so on its own page."""
    if desk.rota_id is None:
        return []
    until = min(ends_at, starts_at + SHIFTS_AHEAD)
    return [shift for shift in schedule_queries.shifts(desk.rota_id, starts_at, until) if shift.user == user_id]
