"""*Dar seguimiento*: a person is reminded of a ticket at an instant, once, and has it on their list until it is done.

A reminder is the person's: it says nothing on the ticket's timeline, and whoever gets the ticket, it stays theirs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import passwords
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from schedules import timers
from schedules.models import Timer
from tickets import reminding
from tickets.actions import guards, limits, record, telling
from tickets.models import Reminder, Ticket
from tickets.models.reminder import MAX_NOTE

TIMER: Final = "tickets.reminder"
MAX_OPEN: Final = 200


@transaction.atomic
def remind(ticket: Ticket, *, by: Actor, now: datetime, due_at: datetime, note: str = "") -> Reminder:
    """Remind the person of the ticket at that instant. Raises Forbidden, Invalid at `due_at` or `note`.

    The same instant and note again give the reminder that there is.
    """
    guards.consultant(ticket, by)
    if by.user_id is None:
        raise Forbidden()
    note = " ".join(note.replace("\x00", " ").split())
    if len(note) > MAX_NOTE:
        raise Invalid.field("note", "max_length", _("At most 200 letters."))
    if passwords.find(note):
        raise Invalid.field("note", "secret", _("This looks like a password: it is not kept here."))
    _check(due_at, now)
    record.lock_owner({"ticket": ticket.pk})
    limits.lock_person(by.user_id)
    mine = Reminder.objects.filter(user_id=by.user_id, done_at=None)
    known = mine.filter(ticket=ticket, due_at=due_at, note=note).first()
    if known is not None:
        return known
    if mine.count() >= MAX_OPEN:
        raise Invalid.field("due_at", "too_many", _("You have 200 things to follow up: end some of them first."))
    row = Reminder.objects.create(ticket=ticket, user_id=by.user_id, note=note, due_at=due_at, created_at=now)
    _arm(row, now=now)
    return row


@transaction.atomic
def done(reminder: Reminder, *, by: Actor, now: datetime) -> Reminder:
    """Take it off one's list; once more changes nothing. Raises Forbidden."""
    row = _locked(reminder, by)
    if row.done_at is None:
        row.done_at = now
        row.save(update_fields=["done_at"])
        timers.cancel(owner=f"ticket/{row.ticket_id}", key_prefix=f"reminder/{row.pk}/", now=now)
    return row


@transaction.atomic
def snooze(reminder: Reminder, *, by: Actor, now: datetime, due_at: datetime) -> Reminder:
    """Put it off: it rings at that instant instead, or again. Raises Forbidden, Invalid, Conflict once it is done."""
    _check(due_at, now)
    row = _locked(reminder, by)
    if row.done_at is not None:
        raise Conflict(_("This is done already."), code="reminder_done")
    if row.due_at == due_at:
        return row
    timers.cancel(owner=f"ticket/{row.ticket_id}", key_prefix=f"reminder/{row.pk}/", now=now)
    row.due_at, row.told_at, row.sequence = due_at, None, row.sequence + 1
    row.save(update_fields=["due_at", "told_at", "sequence"])
    _arm(row, now=now)
    return row


def due(timer: Timer, now: datetime) -> None:
    """Tell the person, unless it is done, was put off, or they work no tickets there any more: then it is done with.

    Who administers the installation sees every ticket, and is told though they are nobody of the desk.
    """
    row = Reminder.objects.select_related("user", "ticket__desk", "ticket__client").get(pk=timer.payload["reminder"])
    if row.done_at is not None or row.sequence != timer.payload["sequence"]:
        return
    administers = row.user.is_active and row.user.is_staff
    if not administers and desk_queries.config(row.ticket.desk).attendant(row.user_id) is None:
        row.done_at = now
        row.save(update_fields=["done_at"])
        return
    key = f"reminder/{row.pk}/{row.sequence}"
    note = f"«{row.note}»" if row.note else ""
    telling.account(row.ticket, row.user, "reminder", key=key, now=now, note=note)
    row.told_at = now
    row.save(update_fields=["told_at"])


def _arm(row: Reminder, *, now: datetime) -> None:
    timers.set(
        key=f"reminder/{row.pk}/{row.sequence}",
        handler=TIMER,
        owner=f"ticket/{row.ticket_id}",
        due_at=row.due_at,
        payload={"ticket": row.ticket_id, "reminder": row.pk, "sequence": row.sequence},
        now=now,
    )


def _locked(reminder: Reminder, by: Actor) -> Reminder:
    """The row as it stands, under its ticket's lock, as the timer takes them."""
    if by.user_id is None or by.user_id != reminder.user_id:
        raise Forbidden()
    record.lock_owner({"ticket": reminder.ticket_id})
    return Reminder.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=reminder.pk)


def _check(due_at: datetime, now: datetime) -> None:
    if due_at <= now:
        raise Invalid.field("due_at", "in_the_past", _("This hour has passed."))
    if due_at > now + reminding.FURTHEST:
        raise Invalid.field("due_at", "too_far", _("Within a year."))
