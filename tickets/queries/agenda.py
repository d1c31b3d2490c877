"""Reads of the agenda: a ticket's appointments, journal and prices; a person's and a desk's week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from core.actor import Actor
from tickets import agenda
from tickets.models import Appointment, Attention, PriceConsent, Ticket

# How far back absences count against somebody.
MEMORY: Final = timedelta(days=365)


def appointments(ticket: Ticket) -> list[Appointment]:
    """Every appointment of the ticket, the newest first. 1 query."""
    return list(Appointment.objects.filter(ticket=ticket).select_related("consultant").order_by("-starts_at", "-id"))


def journal(ticket: Ticket) -> list[Attention]:
    """Every attention of the ticket, oldest first, with who attended and what was accepted. 1 query."""
    rows = Attention.objects.filter(ticket=ticket).select_related("consultant", "consent", "note")
    return list(rows.order_by("started_at", "id"))


def attention(pk: int) -> Attention:
    """One attention with who attended and what was accepted. 1 query."""
    return Attention.objects.select_related("consultant", "consent").get(pk=pk)


def consents(ticket: Ticket) -> list[PriceConsent]:
    """The prices that were asked, oldest first. 1 query."""
    return list(PriceConsent.objects.filter(ticket=ticket).select_related("told_to").order_by("asked_at", "id"))


@dataclass(frozen=True, slots=True)
class Missed:
    """Appointments of the last year to which nobody came: of the person, and of their company (None: no company)."""

    person: int
    company: int | None


def missed(ticket: Ticket, *, now: datetime) -> Missed:
    """Count them at the ticket's desk. 1 query."""
    found = Appointment.objects.missed().filter(ticket__desk_id=ticket.desk_id, starts_at__gt=now - MEMORY)
    numbers = found.aggregate(
        person=Count("id", filter=Q(ticket__requester_id=ticket.requester_id)),
        company=Count("id", filter=Q(ticket__client_id=ticket.client_id or 0)),
    )
    return Missed(numbers["person"], numbers["company"] if ticket.client_id else None)


def between(
    actor: Actor, desk_id: int, start: datetime, end: datetime, *, user_id: int | None = None
) -> list[Appointment]:
    """The appointments of a desk that the actor may read, within [start, end), of one person or of all. 1 query."""
    rows = Appointment.objects.visible_to(actor).filter(
        ticket__desk_id=desk_id, starts_at__lt=end, ends_at__gt=start, state__in=SHOWN
    )
    if user_id is not None:
        rows = rows.filter(consultant_id=user_id)
    return list(rows.select_related("ticket__client", "ticket__desk", "consultant").order_by("starts_at", "id"))


SHOWN: Final[Sequence[str]] = (*agenda.LIVE, agenda.State.DONE, agenda.State.NO_SHOW)
