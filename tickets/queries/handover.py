"""What stands at a hand-over: the hand-offs around an instant, and what goes on at the desk. Bounded reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet, Sum

from desks.config import DeskConfig
from desks.models import Desk
from schedules import handoffs
from schedules import queries as schedule_queries
from schedules.handoffs import Handoff
from tickets import counts, lifecycle
from tickets.lifecycle import RequestType, Status
from tickets.models import Clock, Escalation, Handover, HandoverAsk, QueueDelta, Ticket

LEAD: Final = timedelta(minutes=10)  # before a closing, holders are asked; who comes in may receive
RECEIVE: Final = timedelta(minutes=10)  # after a hand-off, the superior is told
LOOK: Final = timedelta(days=16)  # longer than any holidays between two hand-offs
MOST: Final = 50

# Open, and on somebody's mind tonight: what is deferred has not begun.
RUNNING: Final = sorted(lifecycle.OPEN - {Status.DEFERRED})


# ------------------------------------------------------------------ hand-offs


def between(config: DeskConfig, start: datetime, end: datetime) -> list[Handoff]:
    assert config.rota_id is not None  # noqa: S101 - asked only of desks with a rota
    return handoffs.handoffs(schedule_queries.roster(config.rota_id, start), start, end)


@dataclass(frozen=True, slots=True)
class Around:
    """The hand-offs about an instant: the last gone through, those that come. None, empty: none within 16 days."""

    last: Handoff | None
    coming: tuple[Handoff, ...]

    @property
    def next(self) -> Handoff | None:
        return self.coming[0] if self.coming else None

    def until(self, one: Handoff) -> datetime | None:
        """When what `one` began ends: the hand-off after it."""
        return next((other.at for other in self.coming if other.at > one.at), None)

    def open(self, now: datetime) -> Handoff | None:
        """The hand-off that can be received: the next within its ten minutes, else the last."""
        return self.next if self.next is not None and self.next.at - LEAD <= now else self.last

    def noted(self, now: datetime, *, received: bool) -> Handoff | None:
        """The hand-off whose note is written: the last for ten minutes while it is not received, else the next."""
        waits = self.last is not None and not received and now < self.last.at + RECEIVE
        return self.last if waits else self.next


def around(config: DeskConfig, now: datetime) -> Around:
    """Return the hand-offs about `now`; at its very instant one is gone through. 0 queries when the rota is warm."""
    if config.rota_id is None:
        return Around(None, ())
    found = between(config, now - LOOK, now + LOOK)
    gone = [one for one in found if one.at <= now]
    return Around(gone[-1] if gone else None, tuple(found[len(gone) :]))


# ------------------------------------------------------------------ what goes on


def around_the_clock(desk: Desk) -> QuerySet[Ticket]:
    """Cases whose clocks go on while the office is closed, the first to expire first."""
    clocks = Clock.objects.filter(ticket=OuterRef("pk"), stopped_at__isnull=True, calendar_version__isnull=True)
    cases = Ticket.objects.filter(Exists(clocks), desk=desk, status__in=RUNNING)
    return cases.order_by("sort_due_at", "priority_rank", "id")


def climbs(desk: Desk) -> Sequence[Escalation]:
    """Ladders that have not ended, the oldest first, at most 50. 1 query."""
    running = Escalation.objects.filter(desk=desk, ended_at__isnull=True, ticket__status__in=RUNNING)
    people = ("ticket__assignee", "ticket__client", "ticket__requester", "acknowledged_by")
    return list(running.select_related(*people).order_by("started_at", "id")[:MOST])


def summary(desk: Desk, *, now: datetime) -> dict[str, int]:
    """What goes on, in numbers, as a hand-over keeps it. 4 queries."""
    cases = around_the_clock(desk)
    deferred = QueueDelta.objects.filter(desk=desk, key=counts.DEFERRED).aggregate(n=Sum("n"))["n"]
    return {
        "climbs": Escalation.objects.filter(desk=desk, ended_at__isnull=True, ticket__status__in=RUNNING).count(),
        "running": cases.count(),
        "outages": cases.filter(request_type=RequestType.SYSTEM_DOWN).count(),
        "deferred": deferred or 0,
    }


def open_asks(desk: Desk, *, user_id: int | None, now: datetime) -> list[HandoverAsk]:
    """What the person is asked and has not answered. 1 query."""
    asks = HandoverAsk.objects.filter(holder_id=user_id, answer="", moved_at=None, answer_by__gt=now)
    return list(
        asks.filter(handover__desk=desk).select_related("ticket", "handover").order_by("answer_by", "id")[:MOST]
    )


def past(desk: Desk, *, n: int = 8) -> list[Handover]:
    """The last hand-overs that were gone through, the newest first. 1 query."""
    gone = Handover.objects.filter(desk=desk, passed_at__isnull=False)
    return list(gone.select_related("giver", "taker", "received_by", "noted_by").order_by("-at")[:n])


def at(desk: Desk, instant: datetime) -> Handover | None:
    """The row of a hand-off, None where it was not written yet. 1 query."""
    rows = Handover.objects.select_related("giver", "taker", "received_by", "noted_by")
    return rows.filter(desk=desk, at=instant).first()
