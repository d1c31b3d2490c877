"""The row of an appointment and its timers: what stands below the verbs, with nobody told.

The kept column `Ticket.appointment_at` says whether there is a row to read, so that a ticket without
an appointment costs nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from schedules import timers
from tickets import agenda
from tickets.agenda import State
from tickets.models import Appointment, Ticket

REMIND: Final = "tickets.appointment_reminder"
RELEASE: Final = "tickets.appointment_release"


def live(ticket: Ticket) -> Appointment | None:
    """The appointment that holds its hour. 1 query, 0 where the ticket has none."""
    return Appointment.objects.live().filter(ticket=ticket).first() if ticket.appointment_at else None


def arm(row: Appointment, *, now: datetime) -> None:
    """Set the reminders and the release of the appointment as it stands now. 1 query."""
    instants = {
        **{kind: (REMIND, at) for kind, at in agenda.reminders(row.starts_at, now).items()},
        "release": (RELEASE, agenda.released_at(row.starts_at)),
    }
    payload = {"ticket": row.ticket_id, "appointment": row.pk, "sequence": row.sequence}
    timers.set_many(
        [
            timers.Request(
                key=f"appointment/{row.pk}/{row.sequence}/{kind}",
                handler=handler,
                owner=f"ticket/{row.ticket_id}",
                due_at=at,
                payload={**payload, "kind": kind},
            )
            for kind, (handler, at) in instants.items()
        ],
        now=now,
    )


def disarm(row: Appointment, *, now: datetime) -> None:
    timers.cancel(owner=f"ticket/{row.ticket_id}", key_prefix=f"appointment/{row.pk}/", now=now)


def end(ticket: Ticket, row: Appointment, state: State, *, now: datetime) -> None:
    """Take the appointment off the agenda of a locked ticket. Raises Conflict where its state does not allow it."""
    agenda.check(row.state, state)
    row.state, row.ended_at = state, now
    row.save(update_fields=["state", "ended_at"])
    ticket.appointment_at = None
    disarm(row, now=now)


def follow(ticket: Ticket) -> None:
    """Hand a booked appointment to whoever has the ticket now; it stays where it was when they are not free then."""
    booked = Appointment.objects.filter(ticket=ticket, state=State.BOOKED)
    try:
        with transaction.atomic():
            booked.update(consultant_id=ticket.assignee_id)
    except IntegrityError:  # no double booking: the pages name who attends, and offer to move it
        return
