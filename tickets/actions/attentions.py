"""The journal of attentions: begun and ended at their appointment, or written down afterwards.

"El Consultor podrá optar por diferentes métodos para atender el soporte" (InvoiceMX manual, "Fuera de
Oficina" 3): chat, then by phone, remote, on site; each is a row with its times and how it ended.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from schedules import businesstime
from tickets import agenda, lifecycle
from tickets.actions import bookings, clocks, guards, holding, prices, progress, record, resolution, writing
from tickets.agenda import State
from tickets.lifecycle import Status, SupportMethod
from tickets.models import Appointment, Attention, ClockKind, Outcome, PriceConsent, Ticket

LONGEST: Final = timedelta(hours=12)
BOOKED: Final = frozenset({Status.SCHEDULED})
_JOURNAL: Final = lifecycle.OPEN | lifecycle.SETTLED


def attend(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """Begin to attend the client at their appointment, up to and at ten minutes late.

    Raises Conflict: `appointment_released` later than that, `price_not_accepted` before the client
    accepted what it costs, `no_appointment`.
    """
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        row = _live(fresh)
        _may_attend(fresh, row, by)
        agenda.check(row.state, State.SERVING)
        if agenda.is_over(row.starts_at, now):
            raise Conflict(
                _("The ten minutes of grace are over: the hour is released and is booked again."),
                code="appointment_released",
            )
        consent = prices.require(fresh, row.method, now=now)
        row.state = State.SERVING
        row.save(update_fields=["state"])
        bookings.disarm(row, now=now)
        _begin(fresh, row, consent, by=by, now=now)
    return fresh


def begin(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """The hour of the appointment came, or the client was reached before it: attend what was scheduled."""
    guards.assignee(ticket, by)
    lifecycle.check_in(ticket.status, BOOKED)
    return attend(ticket, by=by, now=now)


def _may_attend(ticket: Ticket, row: Appointment, by: Actor) -> None:
    """Whoever the appointment is with, has the ticket, or supervises."""
    if row.consultant_id is None or row.consultant_id != by.user_id:
        guards.assignee(ticket, by) if ticket.assignee_id is not None else guards.consultant(ticket, by)


def _begin(ticket: Ticket, row: Appointment, consent: PriceConsent | None, *, by: Actor, now: datetime) -> None:
    who = row.consultant_id or by.user_id
    if who is None:
        raise Forbidden()
    if ticket.assignee_id is None:
        ticket.assignee_id = who
        holding.note_assigned(ticket.desk_id, who, now=now)
    Attention.objects.create(
        ticket=ticket,
        appointment=row,
        method=row.method,
        consultant_id=who,
        started_at=now,
        consent=consent,
        cost=consent.price if consent else None,
        recorded_at=now,
    )
    _back_to_work(ticket, now=now)
    record.record(ticket, "attention_started", by=by, now=now, public=True, method=row.method)
    progress.answered(ticket, by=by, now=now)


def _back_to_work(ticket: Ticket, *, now: datetime) -> None:
    if ticket.status in {Status.SCHEDULED, Status.WAITING_CLIENT, Status.WAITING_THIRD_PARTY}:
        progress.work_on(ticket)
        clocks.resume(ticket, now=now)


def finish(ticket: Ticket, *, by: Actor, now: datetime, outcome: str, note: str = "") -> Ticket:
    """End the attention that is going on; `resolved` needs in `note` what was done, which the client reads."""
    guards.consultant(ticket, by)
    _check_outcome(outcome, note)
    with record.changing(ticket, now=now) as fresh:
        row = _live(fresh)
        _may_attend(fresh, row, by)
        agenda.check(row.state, State.DONE)
        if row.state != State.SERVING:
            raise Conflict(_("Nobody has begun to attend yet."), code="not_being_attended")
        attention = Attention.objects.get(appointment=row)
        bookings.end(fresh, row, State.DONE, now=now)
        _end(fresh, attention, by=by, now=now, at=now, outcome=outcome, note=note)
    return fresh


def record_attention(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    method: str,
    started_at: datetime,
    ended_at: datetime,
    outcome: str,
    note: str = "",
    consultant: int | None = None,
    price_accepted_by: str = "",
    free_of_charge: bool = False,
    settles: bool = True,
) -> Attention:
    """Write down an attention that nobody had planned, with the hours that the consultant says.

    `consultant` is who attended (default `by`). Where the method costs extra it takes a consent that
    the client gave, or who of them accepted by telephone, or that the desk does not charge it; without
    any of these it raises Conflict `price_not_accepted`. `resolved` resolves the ticket as of
    `ended_at` with `note` as the solution, unless `settles` is False: the caller has done so. An
    appointment of that hour that was taken for missed counts as attended. Raises Invalid at the field.
    """
    guards.consultant(ticket, by)
    _check_outcome(outcome, note if settles else "-")
    _check_hours(ticket, method, started_at, ended_at, now)
    with record.changing(ticket, now=now) as fresh:
        lifecycle.check_in(fresh.status, _JOURNAL)
        who = _who(fresh, consultant, by)
        consent, cost = _charge(
            fresh, method, by=by, now=now, accepted_by=price_accepted_by, free_of_charge=free_of_charge
        )
        attention = Attention(
            ticket=fresh,
            appointment=_taken_for_missed(fresh, started_at, now=now),
            method=method,
            consultant_id=who,
            started_at=started_at,
            consent=consent,
            cost=cost,
            recorded_at=now,
        )
        if outcome != Outcome.NO_ANSWER:
            _client_heard(fresh, by=by, now=now, at=ended_at)
        _end(fresh, attention, by=by, now=now, at=ended_at, outcome=outcome, note=note, settles=settles)
    return attention


def _client_heard(ticket: Ticket, *, by: Actor, now: datetime, at: datetime) -> None:
    """The client heard from us then, which is no news where they heard since."""
    if ticket.status not in lifecycle.OPEN:
        return
    promised = [clock.started_at for clock in clocks.unfinished(ticket) if clock.kind == ClockKind.NEXT_UPDATE]
    if ticket.answered_at is None or at > max(promised, default=ticket.answered_at):
        progress.answered(ticket, by=by, now=now, at=max(at, ticket.opened_at))


# ------------------------------------------------------------------ checks


def _live(ticket: Ticket) -> Appointment:
    row = bookings.live(ticket)
    if row is None:
        raise Conflict(_("The ticket has no appointment."), code="no_appointment")
    return row


def _check_outcome(outcome: str, note: str) -> None:
    if outcome not in Outcome.values:
        raise Invalid.field("outcome", "invalid_choice", _("Choose how it ended."))
    if outcome == Outcome.RESOLVED:
        writing.check_text(note, (), field="note")


def _check_hours(ticket: Ticket, method: str, started_at: datetime, ended_at: datetime, now: datetime) -> None:
    if method not in SupportMethod.values:
        raise Invalid.field("method", "invalid_choice", _("Choose how it will be attended."))
    if started_at > now:
        raise Invalid.field("started_at", "in_the_future", _("This hour has not come yet."))
    if ended_at > now:
        raise Invalid.field("ended_at", "in_the_future", _("This hour has not come yet."))
    if not started_at <= ended_at <= started_at + LONGEST:
        raise Invalid.field("ended_at", "out_of_order", _("It ends after it began, within twelve hours."))
    if method == SupportMethod.ON_SITE and not businesstime.is_open(
        started_at, desk_queries.hours(ticket.desk, started_at)
    ):
        raise Invalid.field("started_at", "outside_office", _("On-site attention is offered in office hours only."))


def _who(ticket: Ticket, consultant: int | None, by: Actor) -> int:
    user_id = consultant if consultant is not None else by.user_id
    member = desk_queries.config(ticket.desk).attendant(user_id)
    if member is not None:
        return member.user_id
    if consultant is None and by.user_id is not None:  # who administers the installation attended themselves
        return by.user_id
    raise Invalid.field("consultant", "unknown_person", _("Choose a person of this desk."))


def _charge(
    ticket: Ticket, method: str, *, by: Actor, now: datetime, accepted_by: str, free_of_charge: bool
) -> tuple[PriceConsent | None, Decimal | None]:
    """The consent that pays and what it costs. Raises Conflict `price_not_accepted`."""
    if free_of_charge:
        return None, None if prices.price_of(ticket, method, now=now) is None else Decimal(0)
    if accepted_by.strip():
        prices.accept_told(ticket, method, by=by, now=now, told_by=accepted_by)
    consent = prices.require(ticket, method, now=now)
    return consent, consent.price if consent else None


def _taken_for_missed(ticket: Ticket, started_at: datetime, *, now: datetime) -> Appointment | None:
    """The missed appointment of that hour, which was kept after all: it no longer counts as missed."""
    row = (
        Appointment.objects.missed()
        .filter(ticket=ticket, starts_at__lte=started_at + agenda.TOLERANCE, ends_at__gt=started_at)
        .order_by("-starts_at")
        .first()
    )
    if row is None:
        return None
    agenda.check(row.state, State.DONE)
    row.state = State.DONE
    row.save(update_fields=["state"])
    _back_to_work(ticket, now=now)
    return row


# ------------------------------------------------------------------ the end


def _end(
    ticket: Ticket,
    attention: Attention,
    *,
    by: Actor,
    now: datetime,
    at: datetime,
    outcome: str,
    note: str,
    settles: bool = True,
) -> None:
    attention.ended_at, attention.outcome = at, outcome
    if note.strip() and outcome != Outcome.RESOLVED:
        attention.note = writing.write(ticket, by=by, now=now, body=note, internal=True)
    attention.save()
    record.record(
        ticket,
        "attended",
        by=by,
        now=now,
        at=at,
        public=True,
        method=attention.method,
        minutes=round((at - attention.started_at) / timedelta(minutes=1)),
        outcome=outcome,
        attention=attention.pk,
    )
    if outcome == Outcome.RESOLVED and settles and ticket.status in lifecycle.OPEN:
        resolution.settle(ticket, by=by, now=now, solution=note, at=at)
