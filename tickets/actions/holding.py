"""Who has a ticket: the automatic choice, taking, assigning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Max

from core.actor import CONSULTANT, Actor
from core.rows import Rows, joined
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from schedules import businesstime, timers
from schedules import queries as schedule_queries
from tickets import assignment, counts
from tickets.actions import record, telling
from tickets.assignment import Candidate, Choice, Preferred
from tickets.lifecycle import Lane, Status
from tickets.models import Ticket

_LOCK_CLASS: Final = 4821  # names the assignment lock among PostgreSQL's advisory locks
AVAILABLE: Final = assignment.AVAILABLE
TAKE: Final = "tickets.take"
LINE: Final = "tickets.line"
# The superior who takes it at a breach is held to it by the ladder, not by the minutes to take it.
OF_A_LADDER: Final = frozenset({"breach"})
# How far back a client's tickets tell who attends them.
LATELY: Final = timedelta(days=180)


_IN_HAND: Final = """
    SELECT person.id,
        coalesce(sum(held.n) FILTER (WHERE held.key = person.mine), 0)::int,
        coalesce(sum(held.n) FILTER (WHERE held.key = person.load), 0)::int,
        tally.last_assigned_at
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS person (id, mine, load)
    LEFT JOIN (
        SELECT key, sum(n) AS n FROM tickets_queuedelta WHERE desk_id = %s AND key = ANY(%s) GROUP BY key
    ) held ON held.key IN (person.mine, person.load)
    LEFT JOIN tickets_tally tally ON tally.desk_id = %s AND tally.user_id = person.id
    GROUP BY person.id, tally.last_assigned_at
"""
_ATTENDED: Final = """
    SELECT DISTINCT event.actor_id
    FROM unnest(%s::timestamptz[], %s::timestamptz[]) AS night (starts, ends)
    JOIN tickets_ticketevent event ON event.at >= night.starts AND event.at < night.ends
    WHERE event.actor_kind = 'user' AND event.actor_id = ANY(%s) AND event.desk_id = %s
"""
_GIVEN: Final = """
    INSERT INTO tickets_tally (desk_id, user_id, last_assigned_at) VALUES (%s, %s, %s)
    ON CONFLICT (desk_id, user_id) DO UPDATE SET last_assigned_at = EXCLUDED.last_assigned_at
"""


def lock_desk(desk_id: int) -> None:
    """Take the desk's assignment lock until the transaction ends (after tickets, before counters)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, desk_id])


def choose(
    ticket: Ticket,
    *,
    now: datetime,
    locked: bool = True,
    desk_open: bool | None = None,
    let_go: int | None = None,
    planned: bool = False,
    first: Preferred = (),
) -> Choice:
    """Choose who gets the ticket, by the loads of this moment. 2 queries, 3 in the hours after a night, and one
    where the desk's policy sends clients to whom they know.

    Under the desk's lock (`locked`) two tickets at once see each other's choice; without it the answer is for people
    who ask *¿A quién le tocaría y por qué?* `let_go` has just let this ticket go back; `desk_open` None: as it is.
    `planned` looks at dates only, `first` are preferred to everybody.
    """
    if locked:
        lock_desk(ticket.desk_id)
    config = desk_queries.config(ticket.desk)
    open_now = is_open(ticket, now) if desk_open is None else desk_open
    people = candidates(config, config.with_role(CONSULTANT), now=now, desk_open=open_now, planned=planned)
    if let_go is not None:
        people = [replace(person, let_go=person.user_id == let_go) for person in people]
    return _chosen(ticket, config, people, now=now, first=first)


def _chosen(
    ticket: Ticket, config: DeskConfig, people: Iterable[Candidate], *, now: datetime, first: Preferred = ()
) -> Choice:
    product = ticket.product.slug if ticket.product else None
    return assignment.choose(people, product=product, preferred=[*first, *preferred(ticket, config, now=now)])


def outlook(ticket: Ticket, *, now: datetime) -> tuple[Choice, list[Candidate]]:
    """Who would get the ticket if it entered the line now, and what each has in hand without it; changes nothing."""
    config = desk_queries.config(ticket.desk)
    people = candidates(config, config.with_role(CONSULTANT), now=now, desk_open=is_open(ticket, now))
    people = [_without(person, ticket) if person.user_id == ticket.assignee_id else person for person in people]
    return _chosen(ticket, config, people, now=now), people


def _without(person: Candidate, ticket: Ticket) -> Candidate:
    if not ticket.is_open:
        return person
    return replace(person, n_open=person.n_open - 1, load=person.load - assignment.WEIGHT[ticket.priority])


def is_open(ticket: Ticket, now: datetime) -> bool:
    """Whether the desk attends at that instant. 0 queries when warm."""
    return businesstime.is_open(now, desk_queries.hours(ticket.desk, now))


def preferred(ticket: Ticket, config: DeskConfig, *, now: datetime) -> list[tuple[int, str]]:
    """Whom the client asked for, and whom the desk's policy puts first. 0 queries, 1 where it does so for a client."""
    asked = _executive(ticket)
    if not config.usual_first or ticket.client_id is None:
        return asked
    usual = usual_consultant(ticket.client_id, config.desk_id, now=now)
    return [*asked, (usual, "usual")] if usual is not None else asked


def _executive(ticket: Ticket) -> list[tuple[int, str]]:
    """The account executive whom the client waits for; in the line only where they attend tickets."""
    waits = ticket.executive_asked_at is not None and ticket.executive_answered_at is None
    executive_id = ticket.client.account_executive_id if waits and ticket.client else None
    return [(executive_id, "executive")] if executive_id else []


def usual_consultant(client_id: int, desk_id: int, *, now: datetime) -> int | None:
    """Who has attended most of the client's tickets lately, the latest of several; None for a new client. 1 query."""
    found = (
        Ticket.objects.filter(client_id=client_id, desk_id=desk_id, assignee__isnull=False, opened_at__gte=now - LATELY)
        .order_by()
        .values_list("assignee_id")
        .annotate(n=Count("id"), last=Max("opened_at"))
        .order_by("-n", "-last")
        .first()
    )
    return found[0] if found else None


def candidates(
    config: DeskConfig, members: Iterable[Member], *, now: datetime, desk_open: bool, planned: bool = False
) -> list[Candidate]:
    """The consultants of a desk with what they have in hand. 1 query, 2 in the hours after a night."""
    members = list(members)
    hands = _in_hand(config.desk_id, [m.user_id for m in members])
    rest = resting(config, [m.user_id for m in members], now=now)
    absent = config.absent(now)
    return [
        Candidate(
            user_id=m.user_id,
            skills=m.skills,
            n_open=hands[m.user_id][0],
            max_open=m.max_open,
            load=hands[m.user_id][1],
            last_assigned_at=hands[m.user_id][2],
            absence=assignment.presence(
                desk_open=desk_open,
                own_hours_open=_in_own_hours(m, now),
                availability=m.availability,
                resting=m.user_id in rest,
                absent=m.user_id in absent,
                planned=planned,
            ),
        )
        for m in members
    ]


def _in_own_hours(member: Member, now: datetime) -> bool:
    """Whether the person works at that instant, where their hours are not those of the desk. 0 queries when warm."""
    return member.calendar_id is None or businesstime.is_open(now, schedule_queries.hours_for(member.calendar_id, now))


def _in_hand(desk_id: int, user_ids: Sequence[int]) -> dict[int, tuple[int, int, datetime | None]]:
    """Of each person: open tickets, their weight, when they were last given one. 1 query."""
    if not user_ids:
        return {}
    mine, load = [counts.mine(pk) for pk in user_ids], [counts.load(pk) for pk in user_ids]
    with connection.cursor() as cursor:
        cursor.execute(_IN_HAND, [list(user_ids), mine, load, desk_id, [*mine, *load], desk_id])
        return {row[0]: row[1:] for row in cursor.fetchall()}


def resting(config: DeskConfig, user_ids: Iterable[int], *, now: datetime) -> set[int]:
    """Who of them attended at night and rests. 1 query over at most a night of theirs, none later in the day.

    Whatever a person wrote on a timeline counts, at the instant when it happened: taking, *Enterado*, a word to the
    client, and a call of the night that is registered the next day.
    """
    nights = assignment.nights(now, zone=config.zone, rest=timedelta(hours=config.rest_hours))
    if not nights:
        return set()
    starts, ends = map(list, zip(*nights, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_ATTENDED, [starts, ends, list(user_ids), config.desk_id])
        return {row[0] for row in cursor.fetchall()}


def note_assigned(desk_id: int, user_id: int, *, now: datetime, rows: Rows | None = None) -> None:
    """Remember when the person was last given a ticket. 1 query, 0 with `rows`."""
    with joined(rows) as written:
        written.add(_GIVEN, [desk_id, user_id, now])


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
    if why.get("code") not in OF_A_LADDER:
        timers.set_many(take_timers(ticket, now=now), now=now)
    if tell and by.user_id != member.user_id:
        telling.team(ticket, [member.user_id], "assigned", key=f"assigned/{entry.pk}", now=now)


def take_timers(ticket: Ticket, *, now: datetime) -> list[timers.Request]:
    """The end of the time to take what has just been given, in the desk's open minutes; none where nobody waits for it.

    The key names the person and the instant: given again, it is another occurrence. On call the ladder rules.
    """
    minutes = desk_queries.config(ticket.desk).take_minutes
    if not minutes or ticket.lane != Lane.OFFICE or ticket.status != Status.ASSIGNED or ticket.parent_id is not None:
        return []
    at = now.astimezone(UTC)
    due_at = businesstime.add(at, timedelta(minutes=minutes), desk_queries.hours(ticket.desk, now))
    return [
        timers.Request(
            key=f"ticket/{ticket.pk}/take/{ticket.assignee_id}/{at:%Y%m%dT%H%M%S%fZ}",
            handler=TAKE,
            owner=f"ticket/{ticket.pk}",
            due_at=due_at,
            payload={"ticket": ticket.pk, "user": ticket.assignee_id, "at": at.isoformat()},
        )
    ]


def give_to_chosen(ticket: Ticket, *, by: Actor, now: datetime, let_go: int | None = None) -> bool:
    """Choose and give; False when nobody fits: those who supervise are told; at a closed desk the opening chooses."""
    choice = choose(ticket, now=now, let_go=let_go)
    config = desk_queries.config(ticket.desk)
    member = config.member(choice.user_id)
    if member is not None:
        give(ticket, member, by=by, now=now, why=explain(choice))
        return True
    entry = record.record(ticket, "unassigned", by=by, now=now, why=explain(choice))
    opens_at = None if is_open(ticket, now) else businesstime.next_open(now, desk_queries.hours(ticket.desk, now))
    if opens_at is not None:
        timers.set_many([line_timer(ticket, opens_at)], now=now)
        return False
    tell_nobody_fits(ticket, key=f"nobody_fits/{entry.pk}", now=now)
    return False


def line_key(ticket: Ticket) -> str:
    """What the keys of the ticket's openings begin with."""
    return f"ticket/{ticket.pk}/line/"


def line_timer(ticket: Ticket, opens_at: datetime) -> timers.Request:
    """The opening at which somebody is chosen for a ticket that came back while everybody was at home."""
    return timers.Request(
        key=f"{line_key(ticket)}{opens_at:%Y%m%dT%H%M%SZ}",
        handler=LINE,
        owner=f"ticket/{ticket.pk}",
        due_at=opens_at,
        payload={"ticket": ticket.pk},
    )


def tell_nobody_fits(ticket: Ticket, *, key: str, now: datetime, rows: Rows | None = None) -> None:
    """Tell those who supervise that a ticket waits in the line with nobody to give it to."""
    above = [m.user_id for m in desk_queries.config(ticket.desk).members if m.supervises]
    telling.team(ticket, above, "nobody_fits", key=key, now=now, rows=rows)


def person(member: Member) -> dict[str, Any]:
    return {"id": member.user_id, "name": member.name, "kind": "user"}
