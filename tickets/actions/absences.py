"""What an absence does to a person's work: it moves at the start, and what is left comes back at the end.

Each ticket moves in a transaction of its own, by a timer under its own lock. On call nothing moves: the rota and its
ladder rule there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from core.actor import CONSULTANT, SYSTEM, Actor
from desks import absence_actions
from desks import queries as desk_queries
from desks.absence_actions import END, START
from desks.config import DeskConfig
from desks.models import Absence, Desk
from schedules import timers
from schedules.models import Timer
from tickets import assignment, lifecycle
from tickets.actions import absence_mail, holding, record
from tickets.assignment import Choice, Preferred, Work
from tickets.lifecycle import Lane, Status
from tickets.models import MovedTicket, Ticket, TicketEvent

OUT: Final = "tickets.absence_out"
BACK: Final = "tickets.absence_back"
__all__ = ["BACK", "END", "OUT", "START"]
Outcome = MovedTicket.Outcome
# Assignments that somebody decided: they stand when the absent person is back.
DECIDED: Final = frozenset({"by_hand", "breach"})


# ------------------------------------------------------------------ entering


@transaction.atomic
def register(
    desk: Desk,
    *,
    user_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: Actor,
    now: datetime,
    substitute_id: int | None = None,
) -> Absence:
    """Enter an absence and tell whom it concerns: the person, their superior, who stands in."""
    absence = absence_actions.add(
        desk,
        user_id=user_id,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        substitute_id=substitute_id,
        by=by,
        now=now,
    )
    absence_mail.concerned(absence, "registered", by=by, now=now)
    return absence


@transaction.atomic
def withdraw(absence: Absence, *, by: Actor, now: datetime) -> Absence:
    """Take an absence back, or let it end now. Raises Forbidden, Conflict."""
    absence = absence_actions.withdraw(absence, by=by, now=now)
    absence_mail.concerned(absence, "withdrawn", by=by, now=now)
    return absence


def work_of(desk: Desk, user_id: int) -> QuerySet[Ticket]:
    """The open tickets of a person that an absence moves, the first to expire first."""
    return Ticket.objects.filter(
        desk=desk, assignee_id=user_id, status__in=sorted(lifecycle.OPEN), lane__in=[Lane.OFFICE, Lane.DEFERRED]
    ).order_by("sort_due_at", "priority_rank", "id")


def preview(
    desk: Desk, *, user_id: int, starts_at: datetime, substitute_id: int | None, now: datetime
) -> list[tuple[Ticket, Choice]]:
    """Who would get each open ticket of the person if the absence began with the work of this moment. 3 queries."""
    config, at = desk_queries.config(desk), max(starts_at, now)
    others = [member for member in config.with_role(CONSULTANT) if member.user_id != user_id]
    people = holding.candidates(config, others, now=at, desk_open=True, planned=True)
    tickets = {t.pk: t for t in work_of(desk, user_id).select_related("product", "client")}
    works = [Work(t.pk, t.product.slug if t.product else None, assignment.WEIGHT[t.priority]) for t in tickets.values()]
    first = _first(config, user_id, substitute_id, at)
    return [(tickets[work.key], choice) for work, choice in assignment.distribute(works, people, preferred=first)]


def _first(config: DeskConfig, user_id: int, substitute_id: int | None, at: datetime) -> Preferred:
    """Who stands in: the substitute, theirs where they are absent too, and so on."""
    chain = {who: absence.substitute_id for who, absence in config.absent(at).items()}
    found = assignment.substitute(user_id, {**chain, user_id: substitute_id})
    return [(found, "substitute")] if found is not None else []


# ------------------------------------------------------------------ the start


def start_due(timer: Timer, now: datetime) -> None:
    """An absence begins: each open ticket of the person looks for somebody, one by one."""
    absence = absence_actions.begin(timer.payload["absence"], now=now)
    if absence is None:
        return
    ids = list(work_of(absence.desk, absence.user_id).values_list("pk", flat=True))
    timers.set_many([_case(absence, pk, OUT, now) for pk in ids], now=now)
    absence_mail.concerned(absence, "begun", by=SYSTEM, now=now, n=len(ids))


def _case(absence: Absence, ticket_id: int, handler: str, now: datetime) -> timers.Request:
    return timers.Request(
        key=f"absence/{absence.pk}/ticket/{ticket_id}/{handler.rpartition('_')[2]}",
        handler=handler,
        owner=f"ticket/{ticket_id}",
        due_at=now,
        payload={"ticket": ticket_id, "absence": absence.pk},
    )


def out_due(timer: Timer, now: datetime) -> None:
    """Move one ticket of who is absent, unless it has moved or the person is back."""
    absence = Absence.objects.select_related("desk__vendor").get(pk=timer.payload["absence"])
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    if absence.ended_at or absence.ends_at <= now or ticket.assignee_id != absence.user_id:
        return
    if not ticket.is_open or ticket.lane == Lane.ON_CALL:
        return
    with record.changing(ticket, now=now) as fresh:
        _move(fresh, absence, now=now)


def _move(ticket: Ticket, absence: Absence, *, now: datetime) -> None:
    """Give a locked ticket to whom the rules choose; at a closed desk only dates count. Nobody fits: to the line."""
    config = desk_queries.config(ticket.desk)
    planned = not holding.is_open(ticket, now)
    first = _first(config, absence.user_id, absence.substitute_id, now)
    choice = holding.choose(ticket, now=now, planned=planned, desk_open=True, first=first)
    member = config.member(choice.user_id)
    _lay_down(ticket)
    why = {**holding.explain(choice), "absence": _said(absence)}
    if member is not None:
        holding.give(ticket, member, by=SYSTEM, now=now, why=why)
    else:
        ticket.assignee = None
        if ticket.status == Status.ASSIGNED:
            lifecycle.check(ticket.status, Status.NEW)
            ticket.status = Status.NEW
        entry = record.record(ticket, "unassigned", by=SYSTEM, now=now, why=why)
        holding.tell_nobody_fits(ticket, key=f"nobody_fits/{entry.pk}", now=now)
    MovedTicket.objects.create(absence=absence, ticket=ticket, moved_to_id=choice.user_id, moved_at=now)


def _lay_down(ticket: Ticket) -> None:
    """Work that somebody was at waits to be taken again; what waits for others goes on waiting."""
    if ticket.status == Status.IN_PROGRESS:
        lifecycle.check(ticket.status, Status.ASSIGNED)
        ticket.status = Status.ASSIGNED


def _said(absence: Absence) -> dict[str, object]:
    """The absence as the timeline tells of it: who, and until when. Why is theirs and who supervises them."""
    return {"user": absence.user_id, "until": absence.ends_at.isoformat()}


# ------------------------------------------------------------------ the return


def end_due(timer: Timer, now: datetime) -> None:
    """The person is back: what is left of what moved comes back, one by one."""
    absence = absence_actions.end(timer.payload["absence"], now=now)
    if absence is None:
        return
    ids = list(
        MovedTicket.objects.filter(absence=absence, outcome="")
        .order_by("ticket_id")
        .values_list("ticket_id", flat=True)
    )
    timers.set_many([_case(absence, pk, BACK, now) for pk in ids], now=now)
    if absence.begun_at is not None:
        absence_mail.concerned(absence, "ended", by=SYSTEM, now=now, n=len(ids))


def back_due(timer: Timer, now: datetime) -> None:
    """Hand one ticket back, if it is not finished and nobody has decided otherwise since."""
    absence = Absence.objects.get(pk=timer.payload["absence"])
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    moved = MovedTicket.objects.select_for_update().get(absence=absence, ticket=ticket)
    if moved.outcome:
        return
    config = desk_queries.config(ticket.desk)
    outcome = _outcome(ticket, moved, config, absence.user_id)
    again = config.absent(now).get(absence.user_id)
    if outcome == Outcome.RETURNED and again is not None:  # from one absence into the next: that one hands it back
        if not MovedTicket.objects.filter(absence_id=again.id, ticket=ticket).exists():
            MovedTicket.objects.filter(pk=moved.pk).update(absence_id=again.id)
            return
        outcome = Outcome.EARLIER
    moved.outcome, moved.settled_at = outcome, now
    moved.save(update_fields=["outcome", "settled_at"])
    if outcome == Outcome.RETURNED:
        with record.changing(ticket, now=now) as fresh:
            _hand_back(fresh, absence, moved, config, now=now)


def _outcome(ticket: Ticket, moved: MovedTicket, config: DeskConfig, user_id: int) -> Outcome:
    if not ticket.is_open:
        return Outcome.FINISHED
    if config.member(user_id) is None:
        return Outcome.GONE
    if ticket.lane == Lane.ON_CALL:
        return Outcome.ON_CALL
    return Outcome.BY_HAND if _was_decided(ticket, moved) else Outcome.RETURNED


def _was_decided(ticket: Ticket, moved: MovedTicket) -> bool:
    """Whether a person has put it into other hands since: assigned it, took it over, or took what was another's."""
    last = (
        TicketEvent.objects.filter(ticket=ticket, type="ticket.assigned", at__gte=moved.moved_at)
        .order_by("-id")
        .first()
    )
    if last is None:
        return ticket.assignee_id is not None
    if last.data.get("why", {}).get("code") in DECIDED:
        return True
    return ticket.assignee_id not in (None, last.data["assignee"]["id"])


def _hand_back(ticket: Ticket, absence: Absence, moved: MovedTicket, config: DeskConfig, *, now: datetime) -> None:
    member = config.member(absence.user_id)
    assert member is not None  # noqa: S101 - _outcome saw to it
    _lay_down(ticket)
    holding.give(ticket, member, by=SYSTEM, now=now, why={"code": "back", "absence": _said(absence)})
    # Whoever had it later in the chain has nothing to get back.
    MovedTicket.objects.filter(ticket=ticket, outcome="", moved_at__gte=moved.moved_at).update(
        outcome=Outcome.EARLIER, settled_at=now
    )
