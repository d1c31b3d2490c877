"""What is climbing at the desks of a person, what is about to, and what has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count

from core import paging
from core.paging import Key, Page
from tickets import lifecycle
from tickets.models import Escalation, Ticket
from tickets.queries import board

SIZE: Final = 20
SOON: Final = timedelta(hours=1)
WEEK: Final = timedelta(days=7)
MONTH: Final = timedelta(days=30)
QUARTER: Final = timedelta(days=90)
BOUND: Final = 100
_STARTED: Final = (Key("started_at", parse=paging.instant), Key("id"))
_ENDED: Final = (Key("ended_at", descending=True, parse=paging.instant), Key("id", descending=True))


def active(desk_ids: Sequence[int], *, cursor: str | None) -> Page[Escalation]:
    """The climbs that have not ended, oldest first. 1 query."""
    running = Escalation.objects.filter(desk_id__in=desk_ids, ended_at__isnull=True)
    return paging.page(_with_ticket(running), _STARTED, cursor=cursor, size=SIZE)


def ended(desk_ids: Sequence[int], *, cursor: str | None) -> Page[Escalation]:
    """The climbs that have ended, newest first. 1 query."""
    over = Escalation.objects.filter(desk_id__in=desk_ids, ended_at__isnull=False)
    return paging.page(_with_ticket(over).annotate(n_steps=Count("rungs__fired_at")), _ENDED, cursor=cursor, size=SIZE)


def _with_ticket(escalations: Any) -> Any:
    return escalations.select_related(
        "ticket", "ticket__desk", "ticket__client", "ticket__assignee", "acknowledged_by", "silenced_by"
    )


def at_risk(desk_ids: Sequence[int], *, now: datetime, cursor: str | None) -> Page[Ticket]:
    """The open tickets whose first clock expires within the hour, or has, soonest first. 1 query."""
    soon = Ticket.objects.filter(
        desk_id__in=desk_ids, status__in=sorted(lifecycle.OPEN), sort_due_at__lt=now + SOON
    ).select_related("desk", "client", "assignee")
    return paging.page(soon, board.ORDERS["due"], cursor=cursor, size=SIZE)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The figures above the list; `n_risk` up to BOUND."""

    n_unanswered: int
    n_answered: int
    longest_since: datetime | None
    n_risk: int
    next_due_at: datetime | None
    n_week: int


_NUMBERS: Final = """
    SELECT
        count(*) FILTER (WHERE acknowledged_at IS NULL)::int,
        count(*) FILTER (WHERE acknowledged_at IS NOT NULL)::int,
        min(started_at) FILTER (WHERE acknowledged_at IS NULL),
        (SELECT count(*)::int FROM (SELECT FROM tickets_ticket WHERE desk_id = ANY(%(desks)s)
            AND status = ANY(%(open)s) AND sort_due_at < %(soon)s LIMIT %(bound)s) risk),
        (SELECT min(sort_due_at) FROM tickets_ticket WHERE desk_id = ANY(%(desks)s)
            AND status = ANY(%(open)s) AND sort_due_at >= %(now)s AND sort_due_at < %(soon)s),
        (SELECT count(*)::int FROM tickets_escalation WHERE desk_id = ANY(%(desks)s) AND ended_at >= %(week)s)
    FROM tickets_escalation WHERE desk_id = ANY(%(desks)s) AND ended_at IS NULL
"""


def numbers(desk_ids: Sequence[int], *, now: datetime) -> Numbers:
    """The figures of this moment. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _NUMBERS,
            {
                "desks": list(desk_ids),
                "open": sorted(lifecycle.OPEN),
                "now": now,
                "soon": now + SOON,
                "week": now - WEEK,
                "bound": BOUND,
            },
        )
        return Numbers(*cursor.fetchone())


@dataclass(frozen=True, slots=True)
class Level:
    """How a step of the ladder answered: `median_s` seconds from its first notice to *Enterado* or taking it.

    `n_in_time` answered before the next step was due.
    """

    position: int
    whom: str
    n: int
    n_in_time: int
    median_s: float


# The step that answered is the highest that was told by then; its time runs from its first notice.
_LEVELS: Final = """
    SELECT position, whom, count(*)::int,
        count(*) FILTER (WHERE next_due IS NULL OR answered_at < next_due)::int,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - told_at))::float
    FROM (
        SELECT reached.position, reached.whom, reached.told_at, climb.answered_at,
            (SELECT min(due_at) FROM tickets_escalationrung
             WHERE escalation_id = climb.id AND position > reached.position) AS next_due
        FROM (
            SELECT id, coalesce(acknowledged_at, ended_at) AS answered_at FROM tickets_escalation
            WHERE desk_id = ANY(%(desks)s) AND acknowledged_at >= %(since)s
            UNION ALL
            SELECT id, ended_at FROM tickets_escalation
            WHERE desk_id = ANY(%(desks)s) AND ended_at >= %(since)s
                AND end_reason = 'taken' AND acknowledged_at IS NULL
        ) climb
        CROSS JOIN LATERAL (
            SELECT rung.position, rung.whom, min(notice.planned_at) AS told_at
            FROM tickets_escalationnotice notice JOIN tickets_escalationrung rung ON rung.id = notice.rung_id
            WHERE notice.escalation_id = climb.id AND notice.fired_at <= climb.answered_at
            GROUP BY rung.position, rung.whom ORDER BY rung.position DESC LIMIT 1
        ) reached
    ) answers
    GROUP BY position, whom ORDER BY position, whom
"""


def levels_of_month(desk_ids: Sequence[int], *, now: datetime) -> list[Level]:
    """How fast each level answered in the last 30 days. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_LEVELS, {"desks": list(desk_ids), "since": now - MONTH})
        return [Level(*row) for row in cursor.fetchall()]


def reasons_of_quarter(desk_ids: Sequence[int], *, now: datetime) -> list[tuple[str, int]]:
    """Why it was escalated in the last 90 days, most frequent first. 1 query."""
    over = Escalation.objects.filter(desk_id__in=desk_ids, ended_at__gte=now - QUARTER)
    return list(over.values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")[:6])
