"""*Enterado* and *No puedo resolverlo*: the verbs of a ladder, and what its timers and clocks call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.actor import SYSTEM, Actor
from core.errors import Conflict, Forbidden, TooMany, TransitionNotAllowed
from desks import queries as desk_queries
from desks.config import Step
from notifications.models import Notification
from schedules import timers
from schedules.models import Timer
from tickets import lifecycle
from tickets.actions import clocks, guards, ladder, progress, record, writing
from tickets.lifecycle import Lane
from tickets.models import Clock, Escalation, EscalationNotice, Ticket, TicketEvent
from tickets.models.escalation import EscalationKind

# How often a client may press *Escalar* on one ticket within an hour.
CLIENT_ESCALATIONS_PER_HOUR: Final = 2


def acknowledge(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """Whoever was told says *Enterado*: the climb stops; the ticket's state stays as it was."""
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        climbs = list(Escalation.objects.filter(ticket=fresh, ended_at__isnull=True, acknowledged_at__isnull=True))
        if not climbs:
            raise Conflict(
                _("No ladder is running on this ticket."), code="nothing_running", extra={"state": fresh.status}
            )
        if not (by.supervises(fresh.desk_id) or _was_told(climbs, by)):
            raise Forbidden()
        for climb in climbs:
            climb.acknowledged_at, climb.acknowledged_by_id = now, by.user_id
            climb.save(update_fields=["acknowledged_at", "acknowledged_by"])
        ladder.silence(fresh, now=now)
        record.record(fresh, "acknowledged", by=by, now=now, public=True, climbs=[c.pk for c in climbs])
    return fresh


def _was_told(climbs: list[Escalation], by: Actor) -> bool:
    if by.user_id is None:
        return False
    return EscalationNotice.objects.filter(escalation__in=climbs, user_id=by.user_id).exists()


def escalate(ticket: Ticket, *, by: Actor, now: datetime, reason: str) -> Ticket:
    """Tell the next step at once, without waiting out its delay.

    The consultant who cannot solve it "tiene la obligación de escalar el problema a su superior de
    manera inmediata" (InvoiceMX manual, "Fuera de Oficina" 2). The client may ask for it too, twice
    an hour. Raises Conflict when everybody was told already.
    """
    by_client = guards.is_client(ticket, by) and not by.works_tickets(ticket.desk_id)
    if not by_client:
        guards.consultant(ticket, by)
    reason = progress.need_reason(reason)
    with record.changing(ticket, now=now) as fresh:
        if not by_client:
            guards.assignee(fresh, by)
        if fresh.status not in lifecycle.OPEN:
            raise TransitionNotAllowed(state=fresh.status)
        if by_client:
            _limit(fresh, now)
        kind = EscalationKind.ON_CALL if fresh.lane == Lane.ON_CALL else EscalationKind.OFFICE
        code = "client_asked" if by_client else "cannot_solve"
        climb = ladder.running(fresh, kind) or ladder.start(
            fresh, kind=kind, reason=code, by=by, now=now, first=fresh.assignee_id, tell=False
        )
        fresh.escalated_at = fresh.escalated_at or now
        record.record(fresh, "escalated", by=by, now=now, public=True, reason=code, climb=climb.pk)
        writing.write(fresh, by=by, now=now, body=reason, internal=not by_client)
        if not ladder.force_next(climb, fresh, now=now):
            raise Conflict(_("Everybody on the ladder has been told already."), code="ladder_exhausted")
    return fresh


def _limit(ticket: Ticket, now: datetime) -> None:
    recent = TicketEvent.objects.filter(
        ticket=ticket, type="ticket.escalated", data__reason="client_asked", at__gt=now - timedelta(hours=1)
    ).count()
    if recent >= CLIENT_ESCALATIONS_PER_HOUR:
        raise TooMany(3600, _("You have already asked for it twice in this hour; the people above were told."))


def step_due(timer: Timer, now: datetime) -> None:
    """The timer of a ladder: tell the step, unless somebody answered in the meantime."""
    payload = timer.payload
    ticket = Ticket.objects.select_related("desk").get(pk=payload["ticket"])
    with record.changing(ticket, now=now) as fresh:
        climb = Escalation.objects.get(pk=payload["climb"])
        if climb.ended_at is not None or climb.acknowledged_at is not None:
            return
        climb.ticket = fresh
        ladder.climb_on(
            climb,
            fresh,
            position=payload["step"],
            occurrence=payload["occurrence"],
            planned_at=timer.due_at,
            now=now,
        )


def clock_step_due(timer: Timer, now: datetime) -> None:
    """A clock has run out so far: the rung of the office ladder that stands there is told.

    "In office hours: the superior at 80 % of a target, takes it at the breach, the manager 30
    minutes later" (contract, section 4).
    """
    payload = timer.payload
    ticket = Ticket.objects.select_related("desk").get(pk=payload["ticket"])
    with record.changing(ticket, now=now) as fresh:
        clock = Clock.objects.select_related("calendar_version").get(pk=payload["clock"])
        if clock.due_at is None or fresh.status not in lifecycle.OPEN:
            return
        steps = {step.position: step for step in desk_queries.config(fresh.desk).office_steps}
        step = steps.get(payload["step"])
        if step is None:
            return
        if now >= clock.due_at and not clock.breached:
            clock.breached = True
            clock.save(update_fields=["breached"])
            record.record(fresh, "clock_breached", by=SYSTEM, now=now, at=clock.due_at, kind=clock.kind)
        _tell_clock_step(fresh, clock, step, planned_at=timer.due_at, now=now)
        following = steps.get(step.position + 1)
        if following is not None:
            due_at = clocks.step_instant(clock, following)
            timers.set_many([clocks.arm_step(clock, following.position, due_at=due_at)], now=now)


def _tell_clock_step(ticket: Ticket, clock: Clock, step: Step, *, planned_at: datetime, now: datetime) -> None:
    on_call = ladder.running(ticket, EscalationKind.ON_CALL)
    if on_call is not None and on_call.acknowledged_at is None:
        return  # somebody is being woken already; one case wakes one ladder
    climb = ladder.running(ticket, EscalationKind.OFFICE) or ladder.start(
        ticket, kind=EscalationKind.OFFICE, reason=f"clock_{clock.kind}", by=SYSTEM, now=now
    )
    climb.ticket = ticket
    rung = climb.rungs.filter(position=step.position).first()
    if rung is None or rung.fired_at is not None:
        return
    if climb.acknowledged_at is not None:
        if step.after_minutes:
            return  # *Enterado* was said for this very breach
        climb.acknowledged_at = climb.acknowledged_by = None
        climb.save(update_fields=["acknowledged_at", "acknowledged_by"])
    ladder.climb_on(climb, ticket, position=step.position, occurrence=1, planned_at=planned_at, now=now, chain=False)


def notice_is_lost(notice: Notification) -> None:
    """A notice that should wake somebody died or bounced: the next step is told at once."""
    if not notice.wakes:
        return
    parts = str(notice.params.get("key", "")).split("/")
    if len(parts) != 5 or parts[0] != "ladder":
        return
    climb = Escalation.objects.select_related("ticket__desk").filter(pk=int(parts[1])).first()
    if climb is None:
        return
    now = notice.dead_at or notice.next_attempt_at
    with record.changing(climb.ticket, now=now) as fresh:
        climb.refresh_from_db()
        climb.ticket = fresh
        if climb.ended_at is not None or climb.acknowledged_at is not None:
            return
        highest = climb.rungs.filter(fired_at__isnull=False).order_by("-position").first()
        if highest is not None and highest.position == int(parts[3]):
            record.record(fresh, "notice_lost", by=SYSTEM, now=now, climb=climb.pk, step=highest.position)
            ladder.force_next(climb, fresh, now=now)
