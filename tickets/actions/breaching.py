"""What a clock that runs out does: the rungs of the office ladder that stand on it are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.actor import SYSTEM
from desks import queries as desk_queries
from desks.config import Step
from schedules import timers
from schedules.models import Timer
from tickets import lifecycle
from tickets.actions import clocks, ladder, record
from tickets.models import Clock, ClockKind, Draft, Ticket
from tickets.models.escalation import EscalationKind


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
        if _answer_leaves(fresh, clock, step, timer, now=now):
            return
        if now >= clock.due_at and not clock.breached:
            clock.breached = True
            clock.save(update_fields=["breached"])
            record.record(fresh, "clock_breached", by=SYSTEM, now=now, at=clock.due_at, kind=clock.kind)
        _tell_clock_step(fresh, clock, step, planned_at=timer.due_at, now=now)
        if timer.payload.get("again"):
            return  # what comes after it was armed when it was first due
        following = steps.get(step.position + 1)
        if following is not None:
            request = clocks.arm_step(clock, following.position, due_at=clocks.step_instant(clock, following))
            mark = timer.payload.get("mark")
            timers.set_many([clocks.marked(request, mark) if mark else request], now=now)


def _answer_leaves(ticket: Ticket, clock: Clock, step: Step, timer: Timer, *, now: datetime) -> bool:
    """Whether a reply is on its way that was pressed before the clock ran out and stops it: told after it, if then.

    0 queries where nobody is writing.
    """
    if ticket.drafts_since is None or timer.payload.get("again"):
        return False
    pressed = Draft.objects.filter(ticket=ticket, pressed_at__lte=clock.due_at)
    if clock.kind == ClockKind.RESOLUTION:
        pressed = pressed.filter(after=Draft.After.RESOLVE)
    until = pressed.order_by("-leaves_at").values_list("leaves_at", flat=True).first()
    mark = f"/sending/{until:%Y%m%dT%H%M%S.%fZ}" if until else ""
    if until is None or timer.payload.get("mark") == mark:
        return False
    timers.set_many([clocks.marked(clocks.arm_step(clock, step.position, due_at=until), mark)], now=now)
    return True


def _tell_clock_step(ticket: Ticket, clock: Clock, step: Step, *, planned_at: datetime, now: datetime) -> None:
    on_call = ladder.running(ticket, EscalationKind.ON_CALL)
    if on_call is not None and on_call.acknowledged_at is None:
        return  # somebody is being woken already; one case wakes one ladder
    climb = ladder.running(ticket, EscalationKind.OFFICE) or ladder.start(
        ticket, kind=EscalationKind.OFFICE, reason=f"clock_{clock.kind}", by=SYSTEM, now=now
    )
    climb.ticket = ticket
    if climb.silenced_until is not None and climb.silenced_until > now:
        _again_after(climb.silenced_until, clock, step, now=now)
        return
    rung = climb.rungs.filter(position=step.position).first()
    if rung is None or rung.fired_at is not None:
        return
    if climb.acknowledged_at is not None:
        if step.after_minutes:
            return  # *Enterado* was said for this very breach
        climb.acknowledged_at = climb.acknowledged_by = None
        climb.save(update_fields=["acknowledged_at", "acknowledged_by"])
    ladder.climb_on(climb, ticket, position=step.position, occurrence=1, planned_at=planned_at, now=now, chain=False)


def _again_after(until: datetime, clock: Clock, step: Step, *, now: datetime) -> None:
    """The ladder is silenced: the step is told at that hour, should it still stand."""
    request = clocks.arm_step(clock, step.position, due_at=until)
    key = f"{request.key}/after/{until:%Y%m%dT%H%M%S.%fZ}"
    timers.set_many([replace(request, key=key, payload={**request.payload, "again": True})], now=now)
