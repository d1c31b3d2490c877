"""Opening a ticket: the one action behind form, telephone, mail and API.

Everything that can be read or reckoned comes first; then the assignment lock, then the desk's
counter, and behind it only the rows that quote the number. Whoever saw the number has a case that
no crash loses; whoever saw an error has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from clients import actions as client_actions
from clients import queries as client_queries
from clients.models import Contact
from core.actor import SYSTEM, Actor, ActorKind
from core.errors import DomainError
from core.rows import Rows, new_ids_with
from desks import queries as desk_queries
from desks.models import Desk, DeskCounter
from schedules import timers
from tickets import counts, lifecycle, numbering, planning
from tickets.actions import (
    checking,
    classifying,
    clocks,
    gathering,
    holding,
    ladder,
    lanes,
    record,
    resolution,
    safekeeping,
    telling,
    writing,
)
from tickets.actions.checking import Checked
from tickets.assignment import Choice
from tickets.intake import Intake
from tickets.lifecycle import Lane, Priority, Status
from tickets.models import Clock, Message, Outage, Ticket, TicketEvent
from tickets.models.escalation import EscalationKind
from tickets.planning import Plan

_NEXT_NUMBER: Final = """
    INSERT INTO desks_deskcounter (desk_id, kind, last) VALUES (%s, %s, 1)
    ON CONFLICT (desk_id, kind) DO UPDATE SET last = desks_deskcounter.last + 1
    RETURNING last
"""


def open_ticket(desk: Desk, intake: Intake, *, by: Actor, now: datetime, follows: Ticket | None = None) -> Ticket:
    """Open a ticket and tell everybody whom it concerns; the same `intake_key` again returns the first one.

    Raises Invalid with one error per field at fault, by the contract's names. `follows` is the
    closed ticket that this one goes on from.
    """
    try:
        checked = checking.check(desk, intake, by=by, now=now)
        with transaction.atomic():
            return _open(desk, intake, checked, by=by, now=now, follows=follows)
    except (IntegrityError, DomainError):
        # The same button pressed again, at once or later: the key is there already, and nothing of this time stays.
        known = _known(desk, intake)
        if known is None:
            raise
        return known


def _known(desk: Desk, intake: Intake) -> Ticket | None:
    if intake.intake_key is None:
        return None
    return Ticket.objects.with_people().filter(intake_key=intake.intake_key, desk=desk).first()


def _open(desk: Desk, intake: Intake, checked: Checked, *, by: Actor, now: datetime, follows: Ticket | None) -> Ticket:
    started_at = intake.occurred_at or now
    plan = planning.plan(
        desk,
        request_type=intake.request_type,
        affects_operation=intake.affects_operation,
        at=started_at,
        client=checked.client,
        deadline_at=intake.deadline_at,
    )
    contact = _contact(desk, intake, checked, by=by, now=now)
    by = _speaker(by, contact, intake)
    ticket = _built(desk, intake, checked, contact, plan, now=now, follows=follows)
    _gather(ticket, checked.outage)
    if not intake.is_registered_afterwards and ticket.parent_id is None:
        classifying.mark(ticket, wants_executive=intake.wants_executive, now=now)
    rows = Rows()
    choice = None if ticket.parent_id else _put_in_line(ticket, intake, plan, rows, by=by)
    running = lanes.new_clocks(ticket, plan.targets, start=_clock_start(ticket, plan))
    clocks.show_first(ticket, running)
    ids = _number(ticket, running)
    message = writing.write(
        ticket, by=by, now=now, body=intake.description, files=intake.files, first=True, rows=rows, pk=ids.message
    )
    edges = [] if intake.is_registered_afterwards else _later(ticket, choice, now=now)
    clocks.begin(running, ticket=ticket, now=now, also=edges, rows=rows)
    facts = _facts(ticket, plan, choice, message, ids, by=by, now=now)
    rows.insert(*facts)
    if intake.is_registered_afterwards:  # settling reads what is written
        rows.insert(ticket)
        rows.write()
        _settle(ticket, intake, by=by, now=now)
    elif ticket.parent is not None and checked.outage is not None:
        _joined(ticket, plan, ticket.parent, checked.outage, by=by, now=now)
    else:
        _tell(ticket, intake, plan, choice, facts[-1], rows, by=by, now=now)
    caught = safekeeping.of_report(intake)
    if caught.any:
        rows.write()  # the number reaches the client before the word about the vault
    safekeeping.keep(ticket, caught, by=by, now=now)
    if intake.is_registered_afterwards:
        ticket.save()
    else:
        rows.insert(ticket)
    record.write_counts(ticket.desk_id, counts.buckets(ticket), rows)
    rows.write()
    record.announce(ticket)
    return ticket


def _later(ticket: Ticket, choice: Choice | None, *, now: datetime) -> list[timers.Request]:
    """What the calendar, and the time to take it, will do to the ticket."""
    edges = [*lanes.edge_timers(ticket, now=now), *classifying.timers_of(ticket)]
    return edges if choice is None else [*edges, *holding.take_timers(ticket, now=now)]


def _gather(ticket: Ticket, outage: Outage | None) -> None:
    """Put a report under its outage's case, if that still stands: whoever has the case has it."""
    parent = gathering.standing_parent(outage) if outage is not None else None
    if parent is None:
        return
    ticket.parent, ticket.lane, ticket.starts_at = parent, Lane.OFFICE, ticket.opened_at
    ticket.assignee_id = parent.assignee_id
    ticket.status = Status.ASSIGNED if parent.assignee_id else Status.NEW


@dataclass(frozen=True, slots=True)
class _Ids:
    """Ids of rows that others name before they are written."""

    message: int
    facts: Sequence[int]


def _number(ticket: Ticket, running: Sequence[Clock]) -> _Ids:
    """Take the desk's next number (the last lock of the transaction) and the ids that other rows name. 1 query."""
    wanted = {"tickets_ticket": 1, "tickets_message": 1, "tickets_ticketevent": 2, "tickets_clock": len(running)}
    taken, (ticket.counter,) = new_ids_with(_NEXT_NUMBER, [ticket.desk_id, DeskCounter.Kind.TICKET], **wanted)
    ticket.number = numbering.render(prefix=ticket.desk.prefix, counter=ticket.counter)
    ticket.pk = taken["tickets_ticket"][0]
    for clock, pk in zip(running, taken["tickets_clock"], strict=True):
        clock.pk, clock.ticket = pk, ticket
    return _Ids(taken["tickets_message"][0], taken["tickets_ticketevent"])


def _contact(desk: Desk, intake: Intake, checked: Checked, *, by: Actor, now: datetime) -> Contact:
    """The requester: who is known to ask, the person who is signed in, else whoever the addresses stand for."""
    if intake.requester is not None:
        return intake.requester
    if by.contact_ids and not by.works_tickets(desk.pk):
        own = client_queries.own_contact(by, desk.vendor_id)
        if own is not None:
            return own
    return client_actions.ensure_contact(
        desk.vendor, name=intake.name, email=intake.email, phone=checked.phone, now=now
    )


def _speaker(by: Actor, contact: Contact, intake: Intake) -> Actor:
    """Whose words the report is: a visitor has a name from here on, for this ticket and nothing else."""
    if by.kind is not ActorKind.VISITOR:
        return by
    return Actor(ActorKind.CONTACT, id=contact.pk, label=" ".join(intake.name.split()))


def _built(
    desk: Desk,
    intake: Intake,
    checked: Checked,
    contact: Contact,
    plan: Plan,
    *,
    now: datetime,
    follows: Ticket | None,
) -> Ticket:
    """The row as it will be written, but for its number and who gets it."""
    opened_at = intake.occurred_at or now
    zone = desk_queries.config(desk).zone
    return Ticket(
        desk=desk,
        lane=plan.lane,
        priority=plan.priority,
        priority_rank=lifecycle.PRIORITY_RANK[plan.priority],
        status=Status.DEFERRED if plan.lane == Lane.DEFERRED else Status.NEW,
        request_type=intake.request_type,
        affects_operation=plan.affects_operation,
        impact=intake.impact,
        channel=intake.channel,
        support_method=intake.support_method,
        subject=safekeeping.catch(" ".join(intake.subject.split())).text[: checking.MAX_SUBJECT],
        product=intake.product,
        product_version=intake.product_version.strip()[:60],
        vague=checked.vague,
        client=checked.client,
        proposed_client=checked.proposed,
        client_rfc=checked.rfc,
        rfc_flag=checked.rfc_flag,
        branch=intake.branch,
        requester=contact,
        requester_name=" ".join(intake.name.split()),
        requester_email=intake.email.strip(),
        requester_phone=checked.phone,
        opened_at=opened_at,
        recorded_at=now,
        occurred_at=intake.occurred_at,
        answered_at=intake.answered_at,
        starts_at=plan.starts_at,
        opened_on=opened_at.astimezone(zone).date(),
        deadline_at=intake.deadline_at,
        deadline_kind=intake.deadline_kind if intake.deadline_at else "",
        last_activity_at=now,
        last_seq=1,
        intake_key=intake.intake_key,
        follows=follows,
        ours=intake.ours,
    )


def _put_in_line(ticket: Ticket, intake: Intake, plan: Plan, rows: Rows, *, by: Actor) -> Choice | None:
    """Decide who gets the ticket, under the desk's assignment lock where people are compared."""
    if intake.answered_at is not None and by.user_id is not None:
        member = desk_queries.config(ticket.desk).member(intake.attended_by)
        who = member.user_id if member else by.user_id
        ticket.assignee_id, ticket.status = who, Status.IN_PROGRESS  # who answered the call has it
        return None
    if plan.lane == Lane.ON_CALL and plan.on_call is not None:
        ticket.assignee_id, ticket.status = plan.on_call.user_id, Status.ASSIGNED
    if plan.lane != Lane.OFFICE:
        return None
    choice = holding.choose(ticket, now=ticket.recorded_at)
    if choice.user_id is not None:
        ticket.assignee_id, ticket.status = choice.user_id, Status.ASSIGNED
        holding.note_assigned(ticket.desk_id, choice.user_id, now=ticket.recorded_at, rows=rows)
    return choice


def _facts(
    ticket: Ticket, plan: Plan, choice: Choice | None, message: Message, ids: _Ids, *, by: Actor, now: datetime
) -> list[TicketEvent]:
    """The first facts of the timeline: how it was opened, and who was chosen."""
    facts = [_opened(ticket, plan, message, by=by, now=now), *_given(ticket, choice, now=now)]
    for fact, pk in zip(facts, ids.facts, strict=False):
        fact.pk = pk
    return facts


def _tell(
    ticket: Ticket,
    intake: Intake,
    plan: Plan,
    choice: Choice | None,
    last: TicketEvent,
    rows: Rows,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """The notices to everybody whom the report concerns; `last` is the fact of the choice."""
    member = desk_queries.config(ticket.desk).member(choice.user_id) if choice else None
    if member is not None and by.user_id != member.user_id:
        telling.team(ticket, [member.user_id], "assigned", key=f"assigned/{last.pk}", now=now, rows=rows)
    elif choice is not None and member is None:
        holding.tell_nobody_fits(ticket, key=f"nobody_fits/{last.pk}", now=now, rows=rows)
    if ticket.executive_asked_at is not None:
        classifying.tell_executive(ticket, by=by, now=now)
    if plan.lane == Lane.ON_CALL and intake.answered_at is None:
        ladder.start(ticket, kind=EscalationKind.ON_CALL, reason="filed", by=SYSTEM, now=now)
    _tell_client(ticket, plan, rows, quote=intake.quote, now=now)


def _joined(ticket: Ticket, plan: Plan, parent: Ticket, outage: Outage, *, by: Actor, now: datetime) -> None:
    """The report is of an outage: its client gets the number and the notice, and nobody is woken for it."""
    record.record(ticket, "joined_outage", by=by, now=now, public=True, outage=outage.title, parent=parent.number)
    telling.client(
        ticket,
        "opened_outage",
        key=f"opened/{ticket.pk}",
        now=now,
        quote=outage.text,
        outage=outage.title,
        contingency=outage.contingency,
        next=telling.line(ticket, "first_response", plan.dues.get("first_response"), now=now),
    )


def _opened(ticket: Ticket, plan: Plan, message: Message, *, by: Actor, now: datetime) -> TicketEvent:
    return record.event(
        ticket,
        "opened",
        by=by,
        now=now,
        at=ticket.opened_at,
        public=True,
        channel=ticket.channel,
        starts_at=ticket.starts_at.isoformat(),
        message=message.pk,
        **lanes.explain(plan),
    )


def _given(ticket: Ticket, choice: Choice | None, *, now: datetime) -> list[TicketEvent]:
    """Who was chosen and why, or that nobody fits."""
    if choice is None:
        return []
    member = desk_queries.config(ticket.desk).member(choice.user_id)
    why = holding.explain(choice)
    if member is None:
        return [record.event(ticket, "unassigned", by=SYSTEM, now=now, why=why)]
    return [record.event(ticket, "assigned", by=SYSTEM, now=now, public=True, assignee=holding.person(member), why=why)]


def _clock_start(ticket: Ticket, plan: Plan) -> datetime:
    return plan.starts_at if plan.lane == Lane.DEFERRED else ticket.opened_at


def _settle(ticket: Ticket, intake: Intake, *, by: Actor, now: datetime) -> None:
    """A call that was solved before it was written down; the client is told at a decent hour."""
    assert intake.resolved_at is not None  # noqa: S101 - is_registered_afterwards says so
    not_before = telling.decent_hour(ticket, now)
    resolution.settle(
        ticket,
        by=by,
        now=now,
        solution=intake.solution,
        at=intake.resolved_at,
        not_before=not_before,
        attended_by=desk_queries.config(ticket.desk).member(ticket.assignee_id),
    )


def _tell_client(ticket: Ticket, plan: Plan, rows: Rows, *, quote: str, now: datetime) -> None:
    """The number, who attends it or when it will be attended, and outside office hours whom to call."""
    code = {Lane.OFFICE: "opened", Lane.ON_CALL: "opened_on_call", Lane.DEFERRED: "opened_deferred"}[Lane(plan.lane)]
    telling.client(
        ticket,
        code,
        key=f"opened/{ticket.pk}",
        now=now,
        call_first=None if plan.open else telling.number_to_call(ticket, now),
        starts_at=ticket.starts_at,
        respond_by=plan.dues.get("first_response", ticket.starts_at),
        priority=Priority(ticket.priority).label,
        rows=rows,
        quote=quote,
        raised=_raised(ticket, plan),
    )


def _raised(ticket: Ticket, plan: Plan) -> str:
    """That a near deadline raised the priority, as the client reads it; "" where none did."""
    if ticket.deadline_at is None or not any(code["code"] == "deadline_near" for code in plan.why):
        return ""
    priority = Priority(ticket.priority).label
    return telling.sentence(
        ticket, "mail.raised", deadline=ticket.deadline_at, priority=priority, now=ticket.recorded_at
    )
