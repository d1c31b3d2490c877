"""Appointments: booked, confirmed, moved, cancelled; released when nobody comes.

The client does by link what the desk does on its page. Whoever did not do it is told, with an entry
for their calendar; the timers of the occurrence go with every change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.actor import CONSULTANT, SYSTEM, Actor
from core.errors import Conflict, Invalid
from desks import queries as desk_queries
from desks.config import Member
from schedules import businesstime
from schedules.models import Timer
from tickets import agenda, lifecycle, openings
from tickets.actions import agenda_mail, bookings, clocks, guards, holding, prices, progress, record, writing
from tickets.agenda import State
from tickets.lifecycle import Status, SupportMethod
from tickets.models import Appointment, Attention, ClockRun, Ticket

MIN_MINUTES: Final = 5
MAX_MINUTES: Final = 8 * 60
MAX_PLACE: Final = 500
AHEAD: Final = timedelta(days=366)
_https: Final = URLValidator(schemes=["https"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be booked."""

    method: str
    starts_at: datetime
    minutes: int
    place: str = ""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


def schedule(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    method: str,
    starts_at: datetime,
    minutes: int,
    place: str | None = None,
    accept_price: bool = False,
) -> Ticket:
    """Book an attention, or move the one that is booked; no consultant is in two places at once.

    `place` None keeps what is known: the session's address, or the client's branch. A price that the
    method has is asked in the same notice; with `accept_price` the client who books accepts it at once.
    """
    if not guards.is_client(ticket, by):
        guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        if not guards.is_client(fresh, by):
            guards.assignee(fresh, by)
        lifecycle.check_in(fresh.status, lifecycle.OPEN)
        row = bookings.live(fresh)
        plan = _checked(fresh, row, Plan(method=method, starts_at=starts_at, minutes=minutes, place=place or ""), now)
        if place is None:
            plan = Plan(method=method, starts_at=starts_at, minutes=minutes, place=_known_place(fresh, row, method))
        _price(fresh, plan, by=by, now=now, accept=accept_price)
        if row is None:
            _book(fresh, plan, by=by, now=now)
        elif _differs(row, plan):
            _move(fresh, row, plan, by=by, now=now)
        elif not by.works_tickets(fresh.desk_id):
            _confirm(fresh, row, by=by, now=now)
        _plan_ticket(fresh, now=now)
        if by.works_tickets(fresh.desk_id):  # the client hears who attends them, and when
            progress.answered(fresh, by=by, now=now)
    return fresh


def _plan_ticket(ticket: Ticket, *, now: datetime) -> None:
    """The ticket waits for the appointment and for nobody else."""
    clocks.resume(ticket, now=now)  # of the two states in which some of them rest
    ticket.waiting_reason = ticket.waiting_who = ""
    ticket.status = Status.SCHEDULED


def _price(ticket: Ticket, plan: Plan, *, by: Actor, now: datetime, accept: bool) -> None:
    consent = prices.put(ticket, plan.method, by=by, now=now)
    if accept and consent is not None and consent.answered_at is None and guards.is_client(ticket, by):
        prices.settle(ticket, consent, by=by, now=now, accepted=True)


# ------------------------------------------------------------------ what can be booked


def _checked(ticket: Ticket, row: Appointment | None, plan: Plan, now: datetime) -> Plan:
    """The plan, when it can be kept. Raises Invalid at its field, Conflict while somebody attends."""
    if row is not None and row.state == State.SERVING:
        raise Conflict(_("Somebody is attending at this moment: end that first."), code="being_attended")
    if plan.method not in SupportMethod.values:
        raise Invalid.field("method", "invalid_choice", _("Choose how it will be attended."))
    offered = desk_queries.config(ticket.desk).support_methods
    if offered and plan.method not in offered:
        raise Invalid.field("method", "not_offered", _("This desk does not attend that way."))
    if plan.starts_at <= now:
        raise Invalid.field("starts_at", "in_the_past", _("Choose an hour that is still to come."))
    if plan.starts_at > now + AHEAD:
        raise Invalid.field("starts_at", "too_far", _("Choose an hour within a year."))
    if not MIN_MINUTES <= plan.minutes <= MAX_MINUTES:
        raise Invalid.field("minutes", "out_of_range", _("Between 5 minutes and 8 hours."))
    if plan.method == SupportMethod.ON_SITE and not _in_one_office_span(ticket, plan):
        raise Invalid.field("starts_at", "outside_office", _("On-site attention is offered in office hours only."))
    check_place(plan.method, plan.place)
    return plan


def check_place(method: str, place: str) -> None:
    """Raise Invalid where the address of a session is none, or the text is too long."""
    if len(place) > MAX_PLACE:
        raise Invalid.field("place", "max_length", _("At most 500 characters."))
    if method == SupportMethod.REMOTE and place:
        try:
            _https(place)
        except ValidationError:
            raise Invalid.field("place", "not_https", _("A web address begins with https://.")) from None


def _in_one_office_span(ticket: Ticket, plan: Plan) -> bool:
    hours = desk_queries.hours(ticket.desk, plan.starts_at)
    if not businesstime.is_open(plan.starts_at, hours):
        return False
    close = businesstime.next_close(plan.starts_at, hours)
    return close is None or plan.ends_at <= close


def _known_place(ticket: Ticket, row: Appointment | None, method: str) -> str:
    """Where it was to be, or the branch of the ticket; "" where nobody has said yet."""
    if row is not None and row.method == method:
        return row.place
    if method == SupportMethod.ON_SITE and ticket.branch is not None:
        return f"{ticket.branch.name}, {ticket.branch.address}".strip(", ")[:MAX_PLACE]
    return ""


def _differs(row: Appointment, plan: Plan) -> bool:
    return (row.method, row.starts_at, row.minutes, row.place) != (
        plan.method,
        plan.starts_at,
        plan.minutes,
        plan.place,
    )


# ------------------------------------------------------------------ booking and moving


def _book(ticket: Ticket, plan: Plan, *, by: Actor, now: datetime) -> None:
    if ticket.assignee_id is None:
        _give(ticket, plan, now=now)
    row = Appointment(ticket=ticket, consultant_id=ticket.assignee_id, created_at=now)
    _write(row, plan, by=by, now=now)
    ticket.appointment_at = row.starts_at
    bookings.arm(row, now=now)
    entry = record.record(ticket, "scheduled", by=by, now=now, public=True, **_codes(row))
    agenda_mail.booked(ticket, row, by=by, now=now, entry_id=entry.pk)


def _move(ticket: Ticket, row: Appointment, plan: Plan, *, by: Actor, now: datetime) -> None:
    agenda.check(row.state, State.BOOKED)
    bookings.disarm(row, now=now)
    row.sequence += 1
    row.confirmed_at = None
    _write(row, plan, by=by, now=now)
    ticket.appointment_at = row.starts_at
    bookings.arm(row, now=now)
    entry = record.record(ticket, "appointment_moved", by=by, now=now, public=True, **_codes(row))
    agenda_mail.moved(ticket, row, by=by, now=now, entry_id=entry.pk)


def _write(row: Appointment, plan: Plan, *, by: Actor, now: datetime) -> None:
    """Save the row at its new hour. Raises Conflict `double_booking` where the consultant has something else."""
    row.method, row.place = plan.method, plan.place.strip()
    row.starts_at, row.ends_at = plan.starts_at, plan.ends_at
    if not by.works_tickets(row.ticket.desk_id):  # who chooses the hour agrees to it
        row.confirmed_at = now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Conflict(_("The consultant has another appointment at that hour."), code="double_booking") from clash


def _give(ticket: Ticket, plan: Plan, *, now: datetime) -> None:
    """Choose who attends where nobody has the ticket: of those present and free then, who has least to do.

    Where nobody is present it is booked without a name; whoever takes the ticket takes the appointment.
    """
    holding.lock_desk(ticket.desk_id)
    config = desk_queries.config(ticket.desk)
    absent = config.absent(plan.starts_at)
    here = [m for m in config.with_role(CONSULTANT) if m.availability == holding.AVAILABLE]
    present = [m for m in here if m.user_id not in absent]
    if not present:
        return
    busy = openings.busy([m.user_id for m in present], plan.starts_at, plan.ends_at)
    free = [m for m in present if not busy[m.user_id]]
    if not free:
        raise Conflict(_("Nobody is free at that hour: choose another one."), code="double_booking")
    load = {one.user_id: (one.load, one.n_open) for one in holding.candidates(config, free, now=now, desk_open=True)}
    member: Member = min(free, key=lambda m: (*load[m.user_id], m.user_id))
    holding.give(ticket, member, by=SYSTEM, now=now, why={"code": "appointment"})


def _codes(row: Appointment) -> dict[str, object]:
    return {
        "method": row.method,
        "starts_at": row.starts_at.isoformat(),
        "minutes": row.minutes,
        "appointment": row.pk,
    }


# ------------------------------------------------------------------ confirming, cancelling


def confirm(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """The client agrees to the hour. Twice changes nothing. Raises Conflict `no_appointment`."""
    guards.client(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        _confirm(fresh, _booked(fresh), by=by, now=now)
    return fresh


def _confirm(ticket: Ticket, row: Appointment, *, by: Actor, now: datetime) -> None:
    if row.confirmed_at is None:
        row.confirmed_at = now
        row.save(update_fields=["confirmed_at"])
        record.record(ticket, "appointment_confirmed", by=by, now=now, public=True, **_codes(row))


def cancel(ticket: Ticket, *, by: Actor, now: datetime, reason: str = "") -> Ticket:
    """Give up the appointment, not the ticket: back to work. The other side is told."""
    if not guards.is_client(ticket, by):
        guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        if not guards.is_client(fresh, by):
            guards.assignee(fresh, by)
        row = _booked(fresh)
        said = ""
        if reason.strip():  # a word of the conversation, so that what is secret in it is kept out of the mail
            said = writing.write(fresh, by=by, now=now, body=reason.strip()[: progress.MAX_REASON]).body
        call_off(fresh, row, by=by, now=now, reason=said)
        if fresh.status == Status.SCHEDULED:
            progress.go_on(fresh, by=by, now=now, cause="appointment_cancelled", tell=False)
    return fresh


def call_off(ticket: Ticket, row: Appointment, *, by: Actor, now: datetime, reason: str = "") -> None:
    """Cancel the appointment of a locked ticket and take it off the calendars."""
    row.sequence += 1
    row.save(update_fields=["sequence"])
    bookings.end(ticket, row, State.CANCELLED, now=now)
    entry = record.record(ticket, "appointment_cancelled", by=by, now=now, public=True, **_codes(row))
    agenda_mail.cancelled(ticket, row, by=by, now=now, entry_id=entry.pk, reason=reason)


def let_go(ticket: Ticket, *, by: Actor, now: datetime, outcome: str) -> None:
    """The ticket is over: what is going on ends with `outcome`, what was still to come leaves the calendars.

    0 queries where it has no appointment.
    """
    row = bookings.live(ticket)
    if row is None:
        return
    if row.state == State.BOOKED and row.starts_at > now:
        call_off(ticket, row, by=by, now=now)
        return
    Attention.objects.filter(appointment=row, ended_at__isnull=True).update(ended_at=now, outcome=outcome)
    bookings.end(ticket, row, State.DONE, now=now)


def _booked(ticket: Ticket) -> Appointment:
    row = bookings.live(ticket)
    if row is None:
        raise Conflict(_("The ticket has no appointment."), code="no_appointment")
    agenda.check(row.state, State.BOOKED)
    return row


# ------------------------------------------------------------------ when nobody comes


def missed(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """Say that nobody came; only once the ten minutes have run out. Raises Conflict `within_tolerance`."""
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        row = _booked(fresh)
        if not agenda.is_over(row.starts_at, now):
            raise Conflict(_("The client still has until ten minutes after the hour."), code="within_tolerance")
        _release(fresh, row, by=by, now=now)
    return fresh


def release_due(timer: Timer, now: datetime) -> None:
    """Ten minutes have passed and nobody came: the consultant is free, the client chooses another hour."""
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    with record.changing(ticket, now=now) as fresh:
        row = _of_timer(timer)
        if row is not None and agenda.is_over(row.starts_at, now):
            _release(fresh, row, by=SYSTEM, now=now)


def remind_due(timer: Timer, now: datetime) -> None:
    """The day before, or the hour before: both are told, unless it has begun meanwhile."""
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    row = _of_timer(timer)
    if row is not None and now < row.starts_at:
        agenda_mail.reminder(ticket, row, kind=timer.payload["kind"], key=timer.key, now=now)


def _of_timer(timer: Timer) -> Appointment | None:
    """The appointment as the timer knew it; None once it was moved, attended or cancelled."""
    codes = timer.payload
    return Appointment.objects.filter(pk=codes["appointment"], sequence=codes["sequence"], state=State.BOOKED).first()


def _release(ticket: Ticket, row: Appointment, *, by: Actor, now: datetime) -> None:
    """The client owes another hour: the clocks rest from the instant at which the grace ran out."""
    bookings.end(ticket, row, State.NO_SHOW, now=now)
    if ticket.status == Status.SCHEDULED:
        lifecycle.check(ticket.status, Status.WAITING_CLIENT)
        ticket.status = Status.WAITING_CLIENT
        ticket.waiting_reason = desk_queries.config(ticket.desk).say("appointment.book_again")
        rests_from = agenda.released_at(row.starts_at)
        clocks.pause(ticket, clocks.PAUSED_BY_CLIENT, now=rests_from, cause=ClockRun.End.CLIENT)
    entry = record.record(ticket, "appointment_released", by=by, now=now, public=True, **_codes(row))
    agenda_mail.released(ticket, row, now=now, entry_id=entry.pk)
