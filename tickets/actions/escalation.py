"""*Enterado* and *No puedo resolverlo*: the verbs of a ladder, and what its timers call."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import localtime
from core.actor import SYSTEM, Actor
from core.errors import Conflict, Forbidden, TooMany, TransitionNotAllowed
from desks import queries as desk_queries
from schedules.models import Timer
from tickets import escalation as rule
from tickets import lifecycle
from tickets.actions import guards, ladder, progress, record, writing
from tickets.lifecycle import Lane, Status
from tickets.models import Escalation, EscalationNotice, Ticket, TicketEvent
from tickets.models.escalation import EscalationKind

# How often a client may press *Escalar* on one ticket within an hour.
CLIENT_ESCALATIONS_PER_HOUR: Final = 2
WITHIN: Final = timedelta(hours=1)
# What somebody of the desk does that shows that the case moves.
PROGRESS: Final = tuple(
    f"ticket.{kind}"
    for kind in (
        "taken",
        "assigned",
        "message_added",
        "note_added",
        "client_told",
        "waiting_client",
        "waiting_third_party",
        "resumed",
        "scheduled",
        "reclassified",
    )
)
# While these hold the next word is somebody else's, or its hour is agreed.
RESTING: Final = frozenset({Status.WAITING_CLIENT, Status.WAITING_THIRD_PARTY, Status.SCHEDULED})


def acknowledge(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """Whoever was told says *Enterado*: the climb stops; the ticket's state stays as it was.

    Where nothing happens on the case within the policy's minutes the climb goes on (`patience_due`).
    """
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
            climb.silenced_until = None
            climb.save(update_fields=["acknowledged_at", "acknowledged_by", "silenced_until"])
        ladder.hush(fresh, now=now)
        for climb in climbs:
            ladder.wait_for_progress(climb, fresh, ends_at=_patience(climb, fresh, ()), now=now)
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
    if ticket.parent_id is not None:
        return _hurry_parent(ticket, by=by, now=now, reason=reason, by_client=by_client)
    with record.changing(ticket, now=now) as fresh:
        if not by_client:
            guards.assignee(fresh, by)
        if fresh.status not in lifecycle.OPEN:
            raise TransitionNotAllowed(state=fresh.status)
        if by_client:
            _limit(fresh, now)
        code = "client_asked" if by_client else "cannot_solve"
        climb = _climb_of(fresh, code, by=by, now=now)
        record.record(fresh, "escalated", by=by, now=now, public=True, reason=code, climb=climb.pk)
        writing.write(fresh, by=by, now=now, body=reason, internal=not by_client)
        _force(climb, fresh, now=now, asker=None if by_client else by.user_id)
    return fresh


def _hurry_parent(ticket: Ticket, *, by: Actor, now: datetime, reason: str, by_client: bool) -> Ticket:
    """Somebody asks on a report that belongs to an outage: the one ladder of its case is hurried, for all of them.

    The limit is the case's, so forty clients do not wake the whole desk in a minute.
    """
    code = "client_asked" if by_client else "cannot_solve"
    with transaction.atomic():
        list(Ticket.objects.select_for_update().filter(pk__in=[ticket.pk, ticket.parent_id]).order_by("pk"))
        with record.changing(ticket, now=now) as fresh:
            if not by_client:
                guards.assignee(fresh, by)
            if fresh.parent_id is None or fresh.status not in lifecycle.OPEN:
                raise TransitionNotAllowed(state=fresh.status)
            with record.changing(Ticket(pk=fresh.parent_id), now=now) as parent:
                if parent.status not in lifecycle.OPEN:
                    raise TransitionNotAllowed(state=fresh.status)
                if by_client:
                    _limit(parent, now)
                climb = _climb_of(parent, code, by=SYSTEM, now=now)
                record.record(parent, "escalated", by=SYSTEM, now=now, reason=code, climb=climb.pk)
                _force(climb, parent, now=now, asker=None if by_client else by.user_id)
            record.record(fresh, "escalated", by=by, now=now, public=True, reason=code, climb=climb.pk)
            writing.write(fresh, by=by, now=now, body=reason, internal=not by_client)
    return fresh


def _climb_of(ticket: Ticket, code: str, *, by: Actor, now: datetime) -> Escalation:
    """The ladder that is climbed in the ticket's lane, or a new one.

    On call the first step is whoever has the ticket, and taken as told; in the office it is their superior.
    """
    on_call = ticket.lane == Lane.ON_CALL
    kind = EscalationKind.ON_CALL if on_call else EscalationKind.OFFICE
    first = ticket.assignee_id if on_call else None
    return ladder.running(ticket, kind) or ladder.start(
        ticket, kind=kind, reason=code, by=by, now=now, first=first, tell=False
    )


def _force(climb: Escalation, ticket: Ticket, *, now: datetime, asker: int | None) -> None:
    """Tell the next step that is somebody else than who of the desk asks."""
    ticket.escalated_at = ticket.escalated_at or now
    if not ladder.force_next(climb, ticket, now=now, asker=asker):
        raise Conflict(_("Nobody else is left on the ladder to be told."), code="ladder_exhausted")


def _limit(ticket: Ticket, now: datetime) -> None:
    """Raise TooMany where the client has asked as often as an hour allows; it says when they may again. 1 query."""
    asked = TicketEvent.objects.filter(
        ticket=ticket, type="ticket.escalated", data__reason="client_asked", at__gt=now - WITHIN
    ).values_list("at", flat=True)
    again_at = rule.may_ask_again(list(asked), now=now, most=CLIENT_ESCALATIONS_PER_HOUR, within=WITHIN)
    if again_at is None:
        return
    zone = desk_queries.config(ticket.desk).zone
    refusal = TooMany(
        math.ceil((again_at - now).total_seconds()),
        _("You have already asked for it twice in this hour; the people above were told. You may again at %(at)s.")
        % {"at": localtime.hhmm(again_at + timedelta(seconds=59), zone)},
    )
    refusal.extra["again_at"] = again_at.astimezone(zone).isoformat()
    raise refusal


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


def _patience(climb: Escalation, ticket: Ticket, progress: Sequence[datetime]) -> datetime | None:
    minutes = desk_queries.config(ticket.desk).progress_minutes.get(climb.kind, 0)
    assert climb.acknowledged_at is not None  # noqa: S101 - asked of what was acknowledged
    return rule.patience_ends(climb.acknowledged_at, progress, minutes=minutes)


def patience_due(timer: Timer, now: datetime) -> None:
    """*Enterado* was said a while ago: without progress since, the climb goes on where it stopped.

    Each thing that the desk did in between lets it hold anew; so does a wait for the client or for an hour agreed.
    """
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    with record.changing(ticket, now=now) as fresh:
        climb = Escalation.objects.get(pk=timer.payload["climb"])
        if climb.ended_at is not None or climb.acknowledged_at is None:
            return
        climb.ticket = fresh
        moved = fresh.events.filter(
            Q(actor_kind="user"), ~Q(data__from_client=True), type__in=PROGRESS, recorded_at__gt=climb.acknowledged_at
        ).values_list("recorded_at", flat=True)
        progress = [*moved, timer.due_at] if fresh.status in RESTING else list(moved)
        ends_at = _patience(climb, fresh, progress)
        if ends_at is None or ends_at > timer.due_at:
            ladder.wait_for_progress(climb, fresh, ends_at=ends_at, now=now)
            return
        ladder.go_on(climb, fresh, at=timer.due_at, now=now)
