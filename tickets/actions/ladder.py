"""The climb of a ladder: who is told at which step, each step once, whatever dies.

At most one timer of a climb is pending: the next occurrence. An occurrence is named by
`ladder/<climb>/step/<position>/<occurrence>`; the timer, the row of each person told and the
notices carry that name under unique constraints. A step's instant is the planned one plus its
delay, never the moment at which a late sweep came by.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from core.actor import SYSTEM, Actor
from desks import queries as desk_queries
from desks.config import Member, Step
from desks.models import Whom
from schedules import queries as schedule_queries
from schedules import timers
from tickets.actions import holding, record, telling
from tickets.models import Escalation, EscalationNotice, EscalationRung, Ticket
from tickets.models.escalation import EscalationKind

TIMER: Final = "tickets.ladder_step"


def start(
    ticket: Ticket, *, kind: str, reason: str, by: Actor, now: datetime, first: int | None = None, tell: bool = True
) -> Escalation:
    """Begin a climb on a locked ticket and tell the first step at once.

    `first` names the person of the first step instead of who is on call (after a reassignment);
    `tell=False` takes the first step as told: that person is asking for the next.
    """
    config = desk_queries.config(ticket.desk)
    steps = config.on_call_steps if kind == EscalationKind.ON_CALL else config.office_steps
    climb = Escalation.objects.create(ticket=ticket, desk_id=ticket.desk_id, kind=kind, reason=reason, started_at=now)
    rungs = EscalationRung.objects.bulk_create(_planned(climb, steps, now, first))
    record.record(ticket, "escalation_started", by=by, now=now, climb=climb.pk, kind=kind, reason=reason)
    if kind == EscalationKind.ON_CALL and rungs:
        if tell:
            climb_on(climb, ticket, position=rungs[0].position, occurrence=1, planned_at=now, now=now)
        else:
            _mark(rungs[0], now=now)
    return climb


def _planned(climb: Escalation, steps: Sequence[Step], now: datetime, first: int | None) -> list[EscalationRung]:
    rungs, due_at = [], now
    for index, step in enumerate(steps):
        due_at += timedelta(minutes=step.after_minutes)
        named = index == 0 and first is not None
        rungs.append(
            EscalationRung(
                escalation=climb,
                position=step.position,
                whom=Whom.USER if named else step.whom,
                user_id=first if named else step.user_id,
                due_at=due_at,
                takes=step.takes,
                repeat_minutes=step.repeat_minutes,
                at_most=step.at_most,
                after_minutes=step.after_minutes,
            )
        )
        due_at += timedelta(minutes=(step.repeat_minutes or 0) * (step.at_most - 1))
    return rungs


def running(ticket: Ticket, kind: str) -> Escalation | None:
    """The climb of that kind that has not ended, acknowledged or not. 1 query."""
    return Escalation.objects.filter(ticket=ticket, kind=kind, ended_at__isnull=True).first()


def climb_on(
    climb: Escalation,
    ticket: Ticket,
    *,
    position: int,
    occurrence: int,
    planned_at: datetime,
    now: datetime,
    chain: bool = True,
) -> None:
    """Tell an occurrence of a step and plan what comes next.

    A step that finds nobody new is not waited for: with `chain` the next is told at the same
    planned instant. Overdue repetitions of one step collapse into one; distinct steps are told
    one by one.
    """
    rungs = list(climb.rungs.order_by("position"))
    told = list(climb.notices.values_list("rung_id", "user_id"))
    index = next(i for i, rung in enumerate(rungs) if rung.position == position)
    while index < len(rungs):
        rung = rungs[index]
        before = {user_id for rung_id, user_id in told if rung_id != rung.pk}
        people = _to_tell(rung, _people(rung, climb, ticket, now), before, occurrence)
        if people is not None:
            _tell(rung, climb, ticket, people, occurrence, planned_at, now)
            _plan_next(climb, ticket, rungs, index, occurrence, planned_at, now)
            return
        rung.skipped = "already_told" if before else "nobody"
        _mark(rung, now=now)
        if not chain:
            return
        index, occurrence = index + 1, 1
    _exhaust(climb, ticket, now=now)


def _to_tell(
    rung: EscalationRung, people: Sequence[Member], before: set[int], occurrence: int
) -> Sequence[Member] | None:
    """Who of `people` hears this occurrence; None when the step is empty.

    People whom an earlier step told are skipped, except where they are to take the case; the
    repetitions of a step go to all of its people, so a manager who is also the superior is not
    told twice at once but goes on being told.
    """
    new = [member for member in people if member.user_id not in before]
    if people and (rung.takes or occurrence > 1):
        return people
    if new:
        return new
    return [] if people and rung.repeat_minutes else None


def _people(rung: EscalationRung, climb: Escalation, ticket: Ticket, now: datetime) -> list[Member]:
    """Who the step means at this instant, by the desk's people and rota of now."""
    config = desk_queries.config(ticket.desk)
    match rung.whom:
        case Whom.ON_CALL:
            turn = schedule_queries.on_call(config.rota_id, now) if config.rota_id else None
            found = [config.member(turn.user_id)] if turn else []
        case Whom.USER:
            found = [config.member(rung.user_id)]
        case Whom.SUPERIOR:
            found = [config.superior_of(_below(climb, ticket))]
        case Whom.MANAGER:
            return list(config.managers)
        case _:
            return list(config.members)
    return [member for member in found if member is not None]


def _below(climb: Escalation, ticket: Ticket) -> int | None:
    """Whose superior is meant: in the office of whoever has the ticket, on call of the last person told."""
    if climb.kind == EscalationKind.OFFICE and ticket.assignee_id is not None:
        return ticket.assignee_id
    last = climb.notices.order_by("-id").values_list("user_id", flat=True).first()
    return last if last is not None else ticket.assignee_id


def _tell(
    rung: EscalationRung,
    climb: Escalation,
    ticket: Ticket,
    people: Sequence[Member],
    occurrence: int,
    planned_at: datetime,
    now: datetime,
) -> None:
    key = f"ladder/{climb.pk}/step/{rung.position}/{occurrence}"
    EscalationNotice.objects.bulk_create(
        EscalationNotice(
            escalation=climb,
            rung=rung,
            occurrence=occurrence,
            user_id=member.user_id,
            planned_at=planned_at,
            fired_at=now,
            key=f"{key}/{member.user_id}",
        )
        for member in people
    )
    _mark(rung, now=now)
    if rung.position > 1 or climb.kind == EscalationKind.OFFICE:
        ticket.escalated_at = ticket.escalated_at or now
    record.record(
        ticket,
        "escalation_step",
        by=SYSTEM,
        now=now,
        at=planned_at,
        climb=climb.pk,
        step=rung.position,
        occurrence=occurrence,
        whom=rung.whom,
        users=[{"id": member.user_id, "name": member.name} for member in people],
        reason=climb.reason,
    )
    telling.wake(ticket, [member.user_id for member in people], _code(rung, climb), key=key, now=now)
    if rung.takes and people and people[0].user_id != ticket.assignee_id:
        holding.give(ticket, people[0], by=SYSTEM, now=now, why={"code": "breach"}, tell=False)


def _code(rung: EscalationRung, climb: Escalation) -> str:
    if rung.whom == Whom.EVERYBODY:
        return "ladder_everybody"
    return "ladder_first" if rung.position == 1 and climb.kind == EscalationKind.ON_CALL else "ladder_next"


def _mark(rung: EscalationRung, *, now: datetime) -> None:
    if rung.fired_at is None:
        rung.fired_at = now
        rung.save(update_fields=["fired_at", "skipped"])


def _plan_next(
    climb: Escalation,
    ticket: Ticket,
    rungs: Sequence[EscalationRung],
    index: int,
    occurrence: int,
    planned_at: datetime,
    now: datetime,
) -> None:
    """Set the timer of the next occurrence of this rung, else of the first of the next rung."""
    if climb.kind != EscalationKind.ON_CALL:
        return  # the steps of an office ladder are told by the clocks
    rung = rungs[index]
    if occurrence < rung.at_most and rung.repeat_minutes:
        pause = timedelta(minutes=rung.repeat_minutes)
        overdue = max(0, (now - planned_at) // pause - 1) if now > planned_at else 0
        following = min(rung.at_most, occurrence + 1 + overdue)
        due_at = planned_at + pause * (following - occurrence)
        _set_timer(climb, rung.position, following, due_at, now)
        _move_rest(rungs, index, due_at + pause * (rung.at_most - following))
        return
    _move_rest(rungs, index, planned_at)
    if index + 1 < len(rungs):
        _set_timer(climb, rungs[index + 1].position, 1, rungs[index + 1].due_at, now)
    else:
        _exhaust(climb, ticket, now=now)


def _move_rest(rungs: Sequence[EscalationRung], index: int, last_at: datetime) -> None:
    """Reckon the later rungs from the last occurrence of this one, where that moved them."""
    due_at = last_at
    for rung in rungs[index + 1 :]:
        due_at += timedelta(minutes=rung.after_minutes)
        if rung.due_at != due_at:
            rung.due_at = due_at
            rung.save(update_fields=["due_at"])
        due_at += timedelta(minutes=(rung.repeat_minutes or 0) * (rung.at_most - 1))


def _set_timer(climb: Escalation, position: int, occurrence: int, due_at: datetime, now: datetime) -> None:
    timers.set(
        key=f"ladder/{climb.pk}/step/{position}/{occurrence}",
        handler=TIMER,
        owner=f"ticket/{climb.ticket_id}",
        due_at=due_at,
        payload={"ticket": climb.ticket_id, "climb": climb.pk, "step": position, "occurrence": occurrence},
        now=now,
    )


def _exhaust(climb: Escalation, ticket: Ticket, *, now: datetime) -> None:
    """Nobody answered to the end: the client reads whom to call, and the case tops every screen."""
    if climb.exhausted_at is not None:
        return
    climb.exhausted_at = now
    climb.save(update_fields=["exhausted_at"])
    ticket.escalated_at = ticket.escalated_at or now
    record.record(ticket, "escalation_exhausted", by=SYSTEM, now=now, public=True, climb=climb.pk)
    call = telling.number_to_call(ticket, now)
    telling.client(ticket, "nobody_answered", key=f"ladder/{climb.pk}/exhausted", now=now, call_first=call)


def silence(ticket: Ticket, *, now: datetime) -> None:
    """Take back the pending timer of a climb: what was planned is told earlier, or not at all."""
    timers.cancel(owner=f"ticket/{ticket.pk}", key_prefix="ladder/", now=now)


def end_all(ticket: Ticket, *, now: datetime, reason: str) -> None:
    """End every climb of the ticket with a reason code."""
    ended = Escalation.objects.filter(ticket=ticket, ended_at__isnull=True).update(ended_at=now, end_reason=reason)
    if ended:
        silence(ticket, now=now)
        ticket.escalated_at = None if reason in {"resolved", "cancelled", "merged"} else ticket.escalated_at


def force_next(climb: Escalation, ticket: Ticket, *, now: datetime) -> bool:
    """Tell the next step that was not told yet, at once and without its delay; False when none is left."""
    rung = climb.rungs.filter(fired_at__isnull=True).order_by("position").first()
    if rung is None:
        return False
    silence(ticket, now=now)
    if climb.acknowledged_at is not None:
        climb.acknowledged_at = climb.acknowledged_by = None
        climb.save(update_fields=["acknowledged_at", "acknowledged_by"])
    climb_on(climb, ticket, position=rung.position, occurrence=1, planned_at=now, now=now)
    return True
