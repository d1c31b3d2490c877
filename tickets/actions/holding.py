"""Who has a ticket: the automatic choice, taking, assigning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Q, Sum

from core.actor import CONSULTANT, SUPERVISING, Actor, ActorKind
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from tickets import assignment, counts
from tickets.actions import record, telling
from tickets.assignment import Candidate, Choice
from tickets.lifecycle import Status
from tickets.models import QueueDelta, Tally, Ticket, TicketEvent

_LOCK_CLASS: Final = 4821  # names the assignment lock among PostgreSQL's advisory locks
AVAILABLE: Final = "available"


def lock_desk(desk_id: int) -> None:
    """Take the desk's assignment lock until the transaction ends (after tickets, before counters)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, desk_id])


def choose(ticket: Ticket, *, now: datetime, locked: bool = True) -> Choice:
    """Choose who gets the ticket, by the loads of this moment. 3 queries, 4 in the hours after a night.

    Under the desk's lock (`locked`) two tickets at once see each other's choice; without it the
    answer is for people who ask *¿A quién le tocaría y por qué?*
    """
    if locked:
        lock_desk(ticket.desk_id)
    config = desk_queries.config(ticket.desk)
    people = candidates(config, config.with_role(CONSULTANT), now=now)
    return assignment.choose(people, product=ticket.product.slug if ticket.product else None)


def candidates(config: DeskConfig, members: Iterable[Member], *, now: datetime) -> list[Candidate]:
    """The consultants of a desk with what they have in hand. 2 queries, 3 in the hours after a night."""
    members, desk_id = list(members), config.desk_id
    keys = [key(m.user_id) for m in members for key in (counts.mine, counts.load)]
    held = dict(QueueDelta.objects.filter(desk_id=desk_id, key__in=keys).values_list("key").annotate(total=Sum("n")))
    last = dict(Tally.objects.filter(desk_id=desk_id).values_list("user_id", "last_assigned_at"))
    rest = resting(config, [m.user_id for m in members], now=now)
    return [
        Candidate(
            user_id=m.user_id,
            available=m.availability == AVAILABLE,
            skills=m.skills,
            n_open=held.get(counts.mine(m.user_id), 0),
            max_open=m.max_open,
            load=held.get(counts.load(m.user_id), 0),
            last_assigned_at=last.get(m.user_id),
            resting=m.user_id in rest,
        )
        for m in members
    ]


def resting(config: DeskConfig, user_ids: Iterable[int], *, now: datetime) -> set[int]:
    """Who of them attended at night and rests. 1 query over at most a night of theirs, none later in the day.

    Whatever a person wrote on a timeline counts, at the instant when it happened: taking, *Enterado*, a word to the
    client, and a call of the night that is registered the next day.
    """
    nights = assignment.nights(now, zone=config.zone, rest=timedelta(hours=config.rest_hours))
    if not nights:
        return set()
    within = Q()
    for starts, ends in nights:
        within |= Q(at__gte=starts, at__lt=ends)
    attended = TicketEvent.objects.filter(
        within, actor_kind=ActorKind.USER, actor_id__in=list(user_ids), desk_id=config.desk_id
    )
    return {user_id for user_id in attended.order_by().values_list("actor_id", flat=True).distinct() if user_id}


def note_assigned(desk_id: int, user_id: int, *, now: datetime) -> None:
    """Remember when the person was last given a ticket. 1 query."""
    Tally.objects.bulk_create(
        [Tally(desk_id=desk_id, user_id=user_id, last_assigned_at=now)],
        update_conflicts=True,
        unique_fields=["desk", "user"],
        update_fields=["last_assigned_at"],
    )


def explain(choice: Choice) -> dict[str, Any]:
    """The reasons of a choice as codes for the timeline."""
    return {
        "code": choice.code,
        "passed_over": [{"id": refusal.user_id, "code": refusal.code} for refusal in choice.passed_over],
    }


def give(
    ticket: Ticket,
    member: Member,
    *,
    by: Actor,
    now: datetime,
    why: Mapping[str, Any],
    tell: bool = True,
) -> None:
    """Put the ticket into a person's hands and tell them; the locked row is saved by the caller."""
    ticket.assignee_id = member.user_id
    if ticket.status in {Status.NEW, Status.DEFERRED}:
        ticket.status = Status.ASSIGNED
    note_assigned(ticket.desk_id, member.user_id, now=now)
    entry = record.record(ticket, "assigned", by=by, now=now, public=True, assignee=person(member), why=dict(why))
    if tell and by.user_id != member.user_id:
        telling.team(ticket, [member.user_id], "assigned", key=f"assigned/{entry.pk}", now=now)


def give_to_chosen(ticket: Ticket, *, by: Actor, now: datetime) -> bool:
    """Choose and give; False (and those who supervise told) when nobody fits."""
    choice = choose(ticket, now=now)
    config = desk_queries.config(ticket.desk)
    member = config.member(choice.user_id)
    if member is not None:
        give(ticket, member, by=by, now=now, why=explain(choice))
        return True
    entry = record.record(ticket, "unassigned", by=by, now=now, why=explain(choice))
    tell_nobody_fits(ticket, key=f"nobody_fits/{entry.pk}", now=now)
    return False


def tell_nobody_fits(ticket: Ticket, *, key: str, now: datetime) -> None:
    """Tell those who supervise that a ticket waits in the line with nobody to give it to."""
    above = [m.user_id for m in desk_queries.config(ticket.desk).members if m.roles & SUPERVISING]
    telling.team(ticket, above, "nobody_fits", key=key, now=now)


def person(member: Member) -> dict[str, Any]:
    return {"id": member.user_id, "name": member.name, "kind": "user"}
