"""Minutes that somebody worked on a ticket, noted by hand; attentions are measured by themselves and stand apart."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from core import passwords
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from tickets.actions import guards, limits, once, record
from tickets.models import Ticket, TimeEntry
from tickets.models.timeentry import MAX_NOTE

MAX_MINUTES: Final = 12 * 60
DAY_MINUTES: Final = 24 * 60
MAX_ENTRIES: Final = 200
BACK_DAYS: Final = 60


def note_time(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    minutes: int,
    note: str = "",
    worked_on: date | None = None,
    key: UUID | None = None,
) -> TimeEntry:
    """Note minutes of a day (by default today, by the desk's clock). Raises Forbidden, Invalid by field.

    `key` is that of the form: sent twice, it gives the note that there is.
    """
    guards.consultant(ticket, by)
    if by.user_id is None:
        raise Forbidden()
    form_key = once.name(key, ticket, by, minutes, note, worked_on)
    with transaction.atomic():
        fresh = record.locked(ticket.pk)
        known = TimeEntry.objects.filter(form_key=form_key).first() if form_key else None
        if known is not None:
            return known
        if TimeEntry.objects.filter(ticket=fresh, removed_at=None).count() >= MAX_ENTRIES:
            raise Invalid.field("minutes", "too_many", _("A ticket has at most 200 notes of time."))
        entry = _entry(fresh, by.user_id, minutes, note, worked_on, now)
        entry.form_key = form_key
        with record.changing(fresh, now=now) as noted:
            entry.save()
            _sum(noted)
            record.record(noted, "time_noted", by=by, now=now, minutes=entry.minutes, entry=entry.pk)
    return entry


def correct_time(
    ticket: Ticket, *, by: Actor, now: datetime, entry: int, minutes: int, note: str = "", worked_on: date | None = None
) -> TimeEntry:
    """Correct a note of one's own: what it said before is kept. Raises Forbidden, Invalid, Conflict."""
    guards.consultant(ticket, by)
    with transaction.atomic():
        fresh = record.locked(ticket.pk)
        before = _own(fresh, entry, by)
        new = _entry(fresh, before.user_id, minutes, note, worked_on or before.worked_on, now, instead=before)
        said = (before.minutes, before.note, before.worked_on)
        if said == (new.minutes, new.note, new.worked_on):
            return before
        with record.changing(fresh, now=now) as corrected:
            new.save()
            before.removed_at, before.replaced_by = now, new
            before.save(update_fields=["removed_at", "replaced_by"])
            _sum(corrected)
            record.record(
                corrected, "time_corrected", by=by, now=now, minutes=new.minutes, was=before.minutes, entry=new.pk
            )
    return new


def remove_time(ticket: Ticket, *, by: Actor, now: datetime, entry: int) -> Ticket:
    """Take a note of one's own out of the sum: it is kept. Raises Forbidden, Conflict."""
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        row = _own(fresh, entry, by)
        row.removed_at = now
        row.save(update_fields=["removed_at"])
        _sum(fresh)
        record.record(fresh, "time_removed", by=by, now=now, minutes=row.minutes, entry=row.pk)
    return fresh


def _own(ticket: Ticket, entry: int, by: Actor) -> TimeEntry:
    row = TimeEntry.objects.filter(ticket=ticket, pk=entry, removed_at=None).first()
    if row is None:
        raise Conflict(_("This note of time was taken out or corrected meanwhile."), code="time_gone")
    if row.user_id != by.user_id:
        raise Forbidden(_("Each person corrects their own time."))
    return row


def _entry(
    ticket: Ticket,
    user_id: int,
    minutes: int,
    note: str,
    worked_on: date | None,
    now: datetime,
    instead: TimeEntry | None = None,
) -> TimeEntry:
    today = now.astimezone(desk_queries.config(ticket.desk).zone).date()
    day = worked_on or today
    note = " ".join(note.replace("\x00", " ").split())
    if not 1 <= minutes <= MAX_MINUTES:
        raise Invalid.field("minutes", "out_of_range", _("Between 1 minute and 12 hours."))
    if not today - timedelta(days=BACK_DAYS) <= day <= today:
        raise Invalid.field("worked_on", "out_of_range", _("A day of the last 60, and not one to come."))
    if len(note) > MAX_NOTE:
        raise Invalid.field("note", "max_length", _("At most 200 letters."))
    if passwords.find(note):
        raise Invalid.field("note", "secret", _("This looks like a password: it is not kept here."))
    limits.lock_person(user_id)
    that_day = TimeEntry.objects.filter(user_id=user_id, worked_on=day, removed_at=None)
    if instead is not None:
        that_day = that_day.exclude(pk=instead.pk)
    if (that_day.aggregate(sum=Sum("minutes"))["sum"] or 0) + minutes > DAY_MINUTES:
        raise Invalid.field("minutes", "day_full", _("That day would have more than 24 hours."))
    return TimeEntry(ticket=ticket, user_id=user_id, minutes=minutes, note=note, worked_on=day, created_at=now)


def _sum(ticket: Ticket) -> None:
    counted = TimeEntry.objects.filter(ticket=ticket, removed_at=None).aggregate(sum=Sum("minutes"))
    ticket.minutes_worked = counted["sum"] or 0
