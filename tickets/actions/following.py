"""What reaches a report from its parent: the word of the team, the solution, the end of the notice, who has it."""

from __future__ import annotations

from datetime import datetime

from core.actor import CONSULTANT, SYSTEM, Actor, ActorKind
from desks import queries as desk_queries
from schedules.models import Timer
from tickets import lifecycle
from tickets.actions import gathering, holding, progress, record, resolution, telling, writing
from tickets.lifecycle import Status
from tickets.models import ClockKind, Message, Outage, Ticket

_UNBEGUN = frozenset({Status.NEW, Status.ASSIGNED})


def report_due(timer: Timer, now: datetime) -> None:
    """Do to one report what was done to its parent, unless it was taken out or is over by now."""
    payload = timer.payload
    ticket = Ticket.objects.select_related("desk").get(pk=payload["ticket"])
    with record.changing(ticket, now=now) as fresh:
        if fresh.parent_id != payload["parent"] or fresh.status not in lifecycle.OPEN:
            return
        match payload["what"]:
            case gathering.MESSAGE:
                _message(fresh, Message.objects.get(pk=payload["message"]), now=now)
            case gathering.SOLVED:
                _solved(fresh, Message.objects.get(pk=payload["message"]), now=now)
            case gathering.OVER:
                _over(fresh, Outage.objects.get(pk=payload["outage"]), payload["text"], now=now)
            case gathering.HELD:
                _held(fresh, payload["assignee"], payload["before"], now=now)


def _author(message: Message, desk_id: int) -> Actor:
    """Who wrote it to the parent, as the one who tells each client."""
    if message.author_kind != ActorKind.USER:
        return SYSTEM
    return Actor(
        ActorKind.USER,
        id=message.author_id,
        label=message.author_label,
        user_id=message.author_id,
        desk_roles={desk_id: frozenset({CONSULTANT})},
    )


def _message(ticket: Ticket, said: Message, *, now: datetime) -> None:
    by = _author(said, ticket.desk_id)
    files = [row.attachment for row in said.files.select_related("attachment").order_by("position")]
    message = writing.write(ticket, by=by, now=now, body=said.body, files=files)
    entry = record.record(
        ticket,
        "message_added",
        by=by,
        now=now,
        public=True,
        message=message.pk,
        seq=message.seq,
        files=len(files),
        from_client=False,
    )
    again = progress.answered(ticket, by=by, now=now)
    telling.client(
        ticket,
        "answered",
        key=f"message/{entry.pk}",
        now=now,
        quote=said.body,
        who=by.label,
        next=telling.line(ticket, ClockKind.NEXT_UPDATE, again, now=now),
    )


def _solved(ticket: Ticket, solution: Message, *, now: datetime) -> None:
    """Each client confirms alone, or opens theirs again; then it is a case of its own."""
    by = _author(solution, ticket.desk_id)
    resolution.settle(ticket, by=by, now=now, solution=solution.body, at=now)


def _over(ticket: Ticket, outage: Outage, text: str, *, now: datetime) -> None:
    entry = record.record(ticket, "outage_over", by=SYSTEM, now=now, public=True, outage=outage.title)
    telling.client(ticket, "outage_over", key=f"outage_over/{entry.pk}", now=now, quote=text, outage=outage.title)


def _held(ticket: Ticket, assignee_id: int | None, before: int | None, *, now: datetime) -> None:
    """Who has the parent has the report, unless somebody has made it their own."""
    member = desk_queries.config(ticket.desk).member(assignee_id)
    if member is None or ticket.assignee_id not in {None, before} or ticket.status not in _UNBEGUN:
        return
    holding.give(ticket, member, by=SYSTEM, now=now, why={"code": "outage"}, tell=False)
