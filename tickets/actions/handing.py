"""What a hand-over does to cases: holders are asked at a closing, night cases find somebody at an opening.

Each case moves in a transaction of its own, by a timer under its own lock, as the lanes do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import localtime
from core.actor import SYSTEM, Actor
from core.errors import Conflict, Forbidden
from core.templatetags.hd import prio_name
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Desk
from schedules import businesstime, timers
from schedules.models import Timer
from tickets import lifecycle
from tickets.actions import handover_mail, holding, lanes, record
from tickets.lifecycle import Lane, Status
from tickets.models import Handover, HandoverAsk, Ticket, TicketEvent
from tickets.queries import handover as queries

CASE: Final = "tickets.handover_case"
MORNING: Final = "tickets.handover_morning"

HANDED: Final = "handed_over"
SILENCE: Final = "handover_silence"


# ------------------------------------------------------------------ at a closing


def ask_all(desk: Desk, row: Handover, *, taker_id: int | None, answer_by: datetime, now: datetime) -> None:
    """Ask who works on an around-the-clock case whether they go on with it; who was asked is not asked again.

    Who comes in as well goes on with theirs. One mail a person, whatever number of cases.
    """
    config = desk_queries.config(desk)
    asked = HandoverAsk.objects.filter(handover=row).values("ticket_id")
    cases = queries.around_the_clock(desk).filter(status=Status.IN_PROGRESS, lane=Lane.OFFICE)
    found = list(cases.exclude(pk__in=asked).exclude(assignee_id=taker_id).exclude(assignee=None)[: queries.MOST])
    if not found:
        return
    HandoverAsk.objects.bulk_create(
        [
            HandoverAsk(handover=row, ticket=case, holder_id=case.assignee_id or 0, asked_at=now, answer_by=answer_by)
            for case in found
        ],
        ignore_conflicts=True,
    )
    asks = HandoverAsk.objects.filter(handover=row, ticket__in=found).select_related("ticket")
    timers.set_many([_case_timer(ask, row) for ask in asks], now=now)
    _mail_holders(config, row, list(asks), now=now)


def _case_timer(ask: HandoverAsk, row: Handover) -> timers.Request:
    return timers.Request(
        key=f"ticket/{ask.ticket_id}/handover/{row.at:%Y%m%dT%H%M%SZ}",
        handler=CASE,
        owner=f"ticket/{ask.ticket_id}",
        due_at=ask.answer_by,
        payload={"ticket": ask.ticket_id, "ask": ask.pk},
    )


def _mail_holders(config: DeskConfig, row: Handover, asks: Sequence[HandoverAsk], *, now: datetime) -> None:
    of_person: dict[int, list[HandoverAsk]] = defaultdict(list)
    for ask in asks:
        of_person[ask.holder_id].append(ask)
    taker = handover_mail.side_name(config, row.taker_id, office=row.office_takes)
    for user_id, theirs in of_person.items():
        member = config.member(user_id)
        if member is None:
            continue
        words = {
            "at": localtime.hhmm(row.at, config.zone),
            "by": localtime.hhmm(theirs[0].answer_by, config.zone),
            "taker": taker,
        }
        key = f"handover/{row.pk}/ask/{theirs[0].pk}/{user_id}"
        cases = [_case(ask.ticket) for ask in theirs]
        handover_mail.mail(config, member, "ask", key=key, now=now, words=words, cases=cases)


def _case(ticket: Ticket) -> dict[str, Any]:
    return {"number": ticket.number, "subject": ticket.subject, "priority": prio_name(ticket.priority)}


def answer(ask: HandoverAsk, *, by: Actor, now: datetime, keep: bool) -> HandoverAsk:
    """*La sigo yo* or *La entrego a la guardia*; until the hand-off the answer may be changed.

    Raises Forbidden for who does not have the case, Conflict when it has moved or the time is over.
    """
    if by.user_id != ask.holder_id:
        raise Forbidden(_("Only who has the case answers."))
    with transaction.atomic():
        ticket = record.locked(ask.ticket_id)
        ask = HandoverAsk.objects.select_for_update().get(pk=ask.pk)
        chosen = HandoverAsk.Answer.KEEP if keep else HandoverAsk.Answer.HAND
        if ask.answer == chosen:
            return ask
        if ask.moved_at is not None or now >= ask.answer_by or not _is_theirs(ticket, ask):
            raise Conflict(_("It is too late to answer: look at the ticket."), code="asked_before")
        ask.answer, ask.answered_at = chosen, now
        ask.save(update_fields=["answer", "answered_at"])
        with record.changing(ticket, now=now) as fresh:
            record.record(fresh, "handover_answered", by=by, now=now, reason=f"handover_{chosen}")
    return ask


def _is_theirs(ticket: Ticket, ask: HandoverAsk) -> bool:
    """Whether the case stands as it did when they were asked."""
    return ticket.status == Status.IN_PROGRESS and ticket.lane == Lane.OFFICE and ticket.assignee_id == ask.holder_id


def case_due(timer: Timer, now: datetime) -> None:
    """The time to answer is over: what its holder does not go on with passes to the person on call.

    Not where the desk is open by now: we were away over the closing, and its people are back.
    """
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    ask = HandoverAsk.objects.select_for_update().get(pk=timer.payload["ask"])
    if ask.answer == HandoverAsk.Answer.KEEP or ask.moved_at is not None or not _is_theirs(ticket, ask):
        return
    if businesstime.is_open(now, desk_queries.hours(ticket.desk, now)):
        return
    with record.changing(ticket, now=now) as fresh:
        ask.moved_at = now
        ask.save(update_fields=["moved_at"])
        lifecycle.check(fresh.status, Status.ASSIGNED)
        fresh.status = Status.ASSIGNED  # the person on call has it and has still to take it
        lanes.to_on_call(fresh, by=SYSTEM, now=now, cause=HANDED if ask.answer else SILENCE)
    if not ask.answer:
        _tell_holder(ask, ticket, now=now)


def _tell_holder(ask: HandoverAsk, ticket: Ticket, *, now: datetime) -> None:
    config = desk_queries.config(ticket.desk)
    member = config.member(ask.holder_id)
    if member is not None:
        words = {"number": ticket.number}
        key = f"handover/moved/{ask.pk}"
        handover_mail.mail(config, member, "moved", key=key, now=now, words=words, cases=[_case(ticket)])


# ------------------------------------------------------------------ at an opening


def to_the_present(desk: Desk, *, at: datetime, now: datetime) -> None:
    """Let each case of the night that nobody took find somebody who is present, one by one."""
    waiting = Ticket.objects.filter(desk=desk, parent=None, lane=Lane.ON_CALL, status__in=sorted(lanes.UNTAKEN))
    timers.set_many(
        [
            timers.Request(
                key=f"ticket/{pk}/morning/{at:%Y%m%dT%H%M%SZ}",
                handler=MORNING,
                owner=f"ticket/{pk}",
                due_at=at,
                payload={"ticket": pk},
            )
            for pk in waiting.order_by("pk").values_list("pk", flat=True)
        ],
        now=now,
    )


def morning_due(timer: Timer, now: datetime) -> None:
    """The office opened: a night case that nobody took goes to somebody present; its ladder goes on."""
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    if ticket.lane != Lane.ON_CALL or ticket.status not in lanes.UNTAKEN:
        return
    if not businesstime.is_open(now, desk_queries.hours(ticket.desk, now)):
        return
    with record.changing(ticket, now=now) as fresh:
        fresh.lane = Lane.OFFICE
        record.record(fresh, "opened_line", by=SYSTEM, now=now, public=True)
        if not _given_by_hand(fresh, now):
            holding.give_to_chosen(fresh, by=SYSTEM, now=now)
        timers.set_many(lanes.edge_timers(fresh, now=now), now=now)


def _given_by_hand(ticket: Ticket, now: datetime) -> bool:
    """Whether a person gave it to somebody who is present: that choice stands. 1 query, 2 after a night."""
    config = desk_queries.config(ticket.desk)
    member = config.member(ticket.assignee_id)
    last = TicketEvent.objects.filter(ticket=ticket, type="ticket.assigned").order_by("-id").first()
    if member is None or last is None or last.data.get("why", {}).get("code") != "by_hand":
        return False
    return member.availability == holding.AVAILABLE and not holding.resting(config, [member.user_id], now=now)
