"""The climb of a ladder kept in rows: each step once, whatever dies. What is told when decides `tickets.escalation`.

At most one timer of a climb is pending: the next occurrence, or, after *Enterado*, the end of the patience with it.
An occurrence is named by `ladder/<climb>/step/<position>/<occurrence>`; the timer, the row of each person told and
the notices carry that name under unique constraints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from core.actor import SYSTEM, Actor
from desks import queries as desk_queries
from desks.config import Member, Step
from desks.models import Whom
from schedules import queries as schedule_queries
from schedules import routing, timers
from schedules.models import Timer
from tickets import escalation, planning
from tickets.actions import calls, holding, record, telling, watching
from tickets.escalation import Occurrence, Telling
from tickets.models import Escalation, EscalationNotice, EscalationRung, Ticket
from tickets.models.escalation import EscalationKind

TIMER: Final = "tickets.ladder_step"
PATIENCE: Final = "tickets.ladder_patience"


def start(
    ticket: Ticket, *, kind: str, reason: str, by: Actor, now: datetime, first: int | None = None, tell: bool = True
) -> Escalation:
    """Begin a climb on a locked ticket; on call the first step is told at once, in the office when its clock says so.

    `first` names the person of the first step instead of who is on call (after a reassignment);
    `tell=False` takes the first step as told: that person is asking for the next.
    """
    steps = desk_queries.config(ticket.desk).steps(kind)
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
    named = [first is not None and index == 0 for index in range(len(steps))]
    return [
        EscalationRung(
            escalation=climb,
            position=step.position,
            whom=Whom.USER if is_named else step.whom,
            user_id=first if is_named else step.user_id,
            role="" if is_named else step.role,
            ways=list(step.notices),
            due_at=due_at,
            takes=step.takes,
            repeat_minutes=step.repeat_minutes,
            at_most=step.at_most,
            after_minutes=step.after_minutes,
        )
        for step, due_at, is_named in zip(steps, escalation.plan(steps, start=now), named, strict=True)
    ]


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
) -> bool:
    """Tell an occurrence of a step and plan what comes next, as `escalation.tell` decides.

    False where neither that step nor, with `chain`, one above it had anybody left to tell.
    """
    rungs = {rung.position: rung for rung in climb.rungs.order_by("position")}
    told = list(climb.notices.order_by("id").values_list("rung__position", "user_id"))
    decided = escalation.tell(
        list(rungs.values()),
        told,
        Occurrence(position, occurrence, planned_at),
        now=now,
        whom=lambda rung, last: _people(rungs[rung.position], last, climb, ticket, now),
        chain=chain,
        askers=climb.askers,
    )
    for skipped, why in decided.skipped.items():
        rungs[skipped].skipped = why
        _mark(rungs[skipped], now=now)
    if decided.position is not None:
        _tell(rungs[decided.position], climb, ticket, decided, planned_at, now)
    if climb.kind == EscalationKind.ON_CALL:  # the steps of an office ladder are told by the clocks
        _plan(climb, ticket, rungs, decided, now)
    elif decided.position is None and chain:
        _exhaust(climb, ticket, now=now)
    return decided.position is not None


def _people(rung: EscalationRung, last: int | None, climb: Escalation, ticket: Ticket, now: datetime) -> list[int]:
    """Who the step means at this instant, by the desk's people and rota of now.

    Whose superior: in the office of whoever has the ticket, on call of the last person told.
    """
    config = desk_queries.config(ticket.desk)
    turn = schedule_queries.on_call(config.rota_id, now) if rung.whom == Whom.ON_CALL and config.rota_id else None
    in_office = climb.kind == EscalationKind.OFFICE and ticket.assignee_id is not None
    below = ticket.assignee_id if in_office or last is None else last
    meant = routing.whom(rung, on_call=turn.user_id if turn else None, below=below, people=planning.people(config))
    return [user_id for user_id in meant if config.member(user_id) is not None]


def _tell(
    rung: EscalationRung, climb: Escalation, ticket: Ticket, decided: Telling, planned_at: datetime, now: datetime
) -> None:
    config = desk_queries.config(ticket.desk)
    people = [member for member in map(config.member, decided.users) if member is not None]
    key = f"ladder/{climb.pk}/step/{rung.position}/{decided.number}"
    EscalationNotice.objects.bulk_create(
        EscalationNotice(
            escalation=climb,
            rung=rung,
            occurrence=decided.number,
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
    _record_step(rung, climb, ticket, people, decided.number, planned_at, now)
    telling.wake(ticket, decided.users, _code(rung, climb), key=key, now=now, ways=rung.ways)
    if ticket.n_watchers and ticket.escalated_at is not None:
        _tell_watchers(climb, ticket, now)
    if climb.kind == EscalationKind.ON_CALL and rung.whom in (Whom.ON_CALL, Whom.USER):
        calls.note_alerts(climb, ticket, decided.users, now=now)
    if rung.takes and people and people[0].user_id != ticket.assignee_id:
        holding.give(ticket, people[0], by=SYSTEM, now=now, why={"code": "breach"}, tell=False)


def _tell_watchers(climb: Escalation, ticket: Ticket, now: datetime) -> None:
    """Who follows is told once that it climbs; whoever stands on the ladder is told by its steps. 3 queries."""
    told = set(climb.notices.values_list("user_id", flat=True))
    named = [rung for rung in climb.rungs.all() if rung.whom != Whom.EVERYBODY]
    told |= set(climb.askers)
    told |= {person for rung in named for person in _people(rung, ticket.assignee_id, climb, ticket, now)}
    watching.tell(ticket, "watched_escalated", key=f"watched/climb/{climb.pk}", now=now, told=told)


def _record_step(
    rung: EscalationRung,
    climb: Escalation,
    ticket: Ticket,
    people: Sequence[Member],
    number: int,
    planned_at: datetime,
    now: datetime,
) -> None:
    record.record(
        ticket,
        "escalation_step",
        by=SYSTEM,
        now=now,
        at=planned_at,
        climb=climb.pk,
        step=rung.position,
        occurrence=number,
        whom=rung.whom,
        users=[{"id": member.user_id, "name": member.name} for member in people],
        reason=climb.reason,
    )


def _code(rung: EscalationRung, climb: Escalation) -> str:
    if rung.whom == Whom.EVERYBODY:
        return "ladder_everybody"
    return "ladder_first" if rung.position == 1 and climb.kind == EscalationKind.ON_CALL else "ladder_next"


def _mark(rung: EscalationRung, *, now: datetime) -> None:
    if rung.fired_at is None:
        rung.fired_at = now
        rung.save(update_fields=["fired_at", "skipped"])


def _plan(
    climb: Escalation, ticket: Ticket, rungs: Mapping[int, EscalationRung], decided: Telling, now: datetime
) -> None:
    """Set the timer of what comes next, or come to the end."""
    _move(rungs, decided.due)
    if decided.upcoming is None:
        _exhaust(climb, ticket, now=now)
        return
    following = decided.upcoming
    timers.set(
        key=f"ladder/{climb.pk}/step/{following.position}/{following.number}",
        handler=TIMER,
        owner=f"ticket/{climb.ticket_id}",
        due_at=following.at,
        payload={
            "ticket": climb.ticket_id,
            "climb": climb.pk,
            "step": following.position,
            "occurrence": following.number,
        },
        now=now,
    )


def _move(rungs: Mapping[int, EscalationRung], due: Mapping[int, datetime]) -> None:
    for position, at in due.items():
        rungs[position].due_at = at
        rungs[position].save(update_fields=["due_at"])


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


# ------------------------------------------------------------------ stopping it


def pending(ticket: Ticket) -> list[Timer]:
    """What the climbs of a locked ticket wait for: a step each, or the end of the patience. 1 query."""
    return list(Timer.objects.pending().filter(owner=f"ticket/{ticket.pk}", key__startswith="ladder/"))


def hush(ticket: Ticket, *, now: datetime, climb: Escalation | None = None) -> None:
    """Take back what a climb waits for, or what all climbs do: it is told earlier, or not at all."""
    prefix = f"ladder/{climb.pk}/" if climb is not None else "ladder/"
    timers.cancel(owner=f"ticket/{ticket.pk}", key_prefix=prefix, now=now)


def wait_for_progress(climb: Escalation, ticket: Ticket, *, ends_at: datetime | None, now: datetime) -> None:
    """Let *Enterado* hold until `ends_at`, for good with None."""
    if ends_at is None:
        return
    timers.set(
        key=f"ladder/{climb.pk}/patience/{ends_at:%Y%m%dT%H%M%S.%fZ}",
        handler=PATIENCE,
        owner=f"ticket/{climb.ticket_id}",
        due_at=ends_at,
        payload={"ticket": climb.ticket_id, "climb": climb.pk},
        now=now,
    )


def end_all(ticket: Ticket, *, now: datetime, reason: str) -> None:
    """End every climb of the ticket with a reason code."""
    ended = Escalation.objects.filter(ticket=ticket, ended_at__isnull=True).update(ended_at=now, end_reason=reason)
    if ended:
        hush(ticket, now=now)
        ticket.escalated_at = None if reason in {"resolved", "cancelled", "merged", "outage"} else ticket.escalated_at


# ------------------------------------------------------------------ going on


def force_next(climb: Escalation, ticket: Ticket, *, now: datetime, asker: int | None = None) -> bool:
    """Tell the step above the highest that was told, at once and without its delay; False when nobody is left.

    Of `asker`, a person of the desk, the climb means nobody any more. What other climbs of the ticket wait for stays.
    """
    if asker is not None and asker not in climb.askers:
        climb.askers = [*climb.askers, asker]
        climb.save(update_fields=["askers"])
    highest = max((rung.position for rung in climb.rungs.filter(fired_at__isnull=False)), default=0)
    rung = climb.rungs.filter(position__gt=highest).order_by("position").first()
    if rung is None:
        return False
    hush(ticket, now=now, climb=climb)
    wake_up(climb)
    return climb_on(climb, ticket, position=rung.position, occurrence=1, planned_at=now, now=now)


def go_on(climb: Escalation, ticket: Ticket, *, at: datetime, now: datetime) -> None:
    """*Enterado* brought nothing: the climb goes on where it stopped; at its end it stands unanswered again."""
    rungs = list(climb.rungs.order_by("position"))
    fired = [rung for rung in rungs if rung.fired_at is not None]
    reached = None
    if fired:
        numbers = fired[-1].notices.values_list("occurrence", flat=True)
        reached = (fired[-1].position, max(numbers, default=1))
    wake_up(climb)
    ticket.escalated_at = ticket.escalated_at or now
    following = escalation.goes_on(rungs, reached, at=at)
    record.record(ticket, "progress_missing", by=SYSTEM, now=now, at=at, climb=climb.pk)
    if following is not None:
        climb_on(
            climb, ticket, position=following.position, occurrence=following.number, planned_at=following.at, now=now
        )
    else:
        _exhaust(climb, ticket, now=now)


def wake_up(climb: Escalation) -> None:
    """Forget who said *Enterado*, and that it was to be quiet."""
    if climb.acknowledged_at is not None or climb.silenced_until is not None:
        climb.acknowledged_at = climb.acknowledged_by = climb.silenced_until = None
        climb.save(update_fields=["acknowledged_at", "acknowledged_by", "silenced_until"])
