"""Two people, and the sweep, at once: real threads, real connections, real locks."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from core.actor import Actor
from core.errors import AlreadyTaken, DomainError, Invalid
from desks.models import Desk, DeskCounter, Membership
from schedules import actions as schedule_actions
from schedules.models import Timer
from tests.factories import make_member
from tests.tickets.cast import OUTAGE, QUESTION, Imx
from tickets import actions, counts
from tickets.actions import counting
from tickets.models import Escalation, EscalationNotice, QueueDelta, Ticket, TicketEvent

NIGHT = datetime(2026, 11, 21, 21, 20, tzinfo=UTC)
DAY = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Start all jobs at one instant, each on a connection of its own; exceptions come back as values."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_get_consecutive_numbers(imx_committed: Imx) -> None:
    def file(n: int) -> Ticket:
        return imx_committed.open(QUESTION, now=DAY, email=f"persona{n}@cliente.example", subject=f"Caso {n}")

    def refused() -> Ticket:
        return imx_committed.open(QUESTION, now=DAY, description="Ayuda")

    results = at_once([*(partial(file, n) for n in range(16)), *[refused] * 4])

    numbers = sorted(r.counter for r in results if isinstance(r, Ticket))
    assert numbers == list(range(1, 17))
    assert sum(isinstance(r, Invalid) for r in results) == 4
    assert DeskCounter.objects.get(kind="ticket").last == 16
    loads = [t.assignee_id for t in Ticket.objects.all()]
    spread = [loads.count(person) for person in set(loads)]
    assert max(spread) - min(spread) <= 1, "the assignment lock lets each see the others' choice"


@pytest.mark.django_db(transaction=True)
def test_one_button_pressed_at_the_same_time_files_once(imx_committed: Imx) -> None:
    key = uuid4()

    results = at_once([lambda: imx_committed.open(OUTAGE, now=DAY, intake_key=key)] * 4)

    assert {r.number for r in results} == {"IMX-1"}
    assert imx_committed.open(QUESTION, now=DAY).number == "IMX-2"


@pytest.mark.django_db(transaction=True)
def test_two_take_one_ticket(imx_committed: Imx) -> None:
    ticket = imx_committed.open(OUTAGE, now=DAY)
    people = [imx_committed.actor(name) for name in ("karla", "bruno", "ana", "ivan")]

    results = at_once([partial(actions.take, ticket, by=by, now=DAY) for by in people])

    won = [r for r in results if isinstance(r, Ticket)]
    lost = [r for r in results if isinstance(r, AlreadyTaken)]
    assert (len(won), len(lost)) == (1, 3)
    assert {error.extra["assignee"]["id"] for error in lost} == {won[0].assignee_id}


@pytest.mark.django_db(transaction=True)
def test_sweeps_and_people_do_not_deadlock_and_no_step_is_doubled(imx_committed: Imx) -> None:
    imx = imx_committed
    tickets = [imx.open(OUTAGE, now=NIGHT, subject=f"Caído {n}") for n in range(6)]
    people = [imx.actor(name) for name in ("ivan", "elena", "marcela", "karla")]
    karla = imx.user("karla").pk
    dice = random.Random(4821)  # noqa: S311 - dice, not secrets

    def sweep() -> None:
        for minute in range(0, 60, 5):
            schedule_actions.fire_due(now=NIGHT + timedelta(minutes=minute))

    def work(by: Actor, seed: int) -> list[Exception]:
        mine, errors = random.Random(seed), []  # noqa: S311
        for n in range(12):
            ticket = Ticket.objects.get(pk=mine.choice(tickets).pk)
            now = NIGHT + timedelta(minutes=5 * n)
            verb = mine.choice(
                [
                    lambda t, now: actions.acknowledge(t, by=by, now=now),
                    lambda t, now: actions.take(t, by=by, now=now),
                    lambda t, now: actions.assign(t, by=by, now=now, assignee=karla),
                    lambda t, now: actions.escalate(t, by=by, now=now, reason="No puedo"),
                    lambda t, now: actions.add_message(t, by=by, now=now, body="Sigo"),
                    lambda t, now: actions.resolve(t, by=by, now=now, solution="Listo"),
                    lambda t, now: actions.merge(t, by=by, now=now, into=mine.choice(tickets).number),
                ]
            )
            try:
                verb(ticket, now)
            except DomainError:
                pass  # somebody was faster, or it is not theirs: an answer, not a failure
            except Exception as error:
                errors.append(error)
        return errors

    results = at_once([sweep, sweep, *(partial(work, by, dice.randrange(999)) for by in people)])

    assert [r for r in results if r] == []
    assert not Timer.objects.filter(parked_at__isnull=False).exists()
    assert list(Timer.objects.exclude(error="").values_list("error", flat=True)) == []
    assert not Escalation.objects.filter(
        ended_at__isnull=True, ticket__status__in=["resolved", "closed", "merged"]
    ).exists()
    keys = list(EscalationNotice.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys))
    kept = sums()
    at_once([counting.fold, counting.fold])
    assert sums() == kept
    assert QueueDelta.objects.count() <= 2 * len(kept), "two folds at once leave at most a row each"
    recount: dict[str, int] = {}
    for ticket in Ticket.objects.all():
        for key, n in counts.buckets(ticket).items():
            recount[key] = recount.get(key, 0) + n
    assert kept == recount


def sums() -> dict[str, int]:
    """What the kept counts add up to, without zeros."""
    kept: dict[str, int] = {}
    for key, n in QueueDelta.objects.values_list("key", "n"):
        kept[key] = kept.get(key, 0) + n
    return {key: n for key, n in kept.items() if n}


@pytest.mark.django_db(transaction=True)
def test_two_hundred_at_once_spread_evenly_over_ten_and_none_is_given_twice(imx_committed: Imx) -> None:
    """Sixteen doors, real connections: each choice sees those that were made before it."""
    desk, n_people, n_tickets = imx_committed.desk, 10, 200
    Membership.objects.filter(desk=desk).update(availability="busy")
    people = [make_member(desk, f"Consultor{n:02d} Soto", wakes=False, max_open=25) for n in range(n_people)]
    imx_committed.desk = Desk.objects.select_related("vendor").get(pk=desk.pk)
    waiting = iter(range(n_tickets))

    def file() -> list[Ticket]:
        filed = []
        for n in waiting:
            filed.append(imx_committed.open(QUESTION, now=DAY, email=f"p{n}@cliente.example", subject=f"Caso {n}"))
        return filed

    results = at_once([file] * 16)

    failures = [result for result in results if isinstance(result, Exception)]
    assert failures == []
    tickets = list(Ticket.objects.all())
    held = Counter(ticket.assignee_id for ticket in tickets)
    assert len(tickets) == n_tickets
    assert held == {person.pk: n_tickets // n_people for person in people}
    given = Counter(TicketEvent.objects.filter(type="ticket.assigned").values_list("ticket_id", flat=True))
    assert set(given.values()) == {1}
    assert len(given) == n_tickets
