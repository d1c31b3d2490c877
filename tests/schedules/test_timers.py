"""Timers: each occurrence once, in order, whatever fails or whoever else sweeps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction

from schedules import actions, timers
from schedules.models import BusinessCalendar, Timer

NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys of the timers of handler `note`, in the order in which they fired; `fail` raises, `write` leaves a row."""
    keys: list[str] = []
    monkeypatch.setattr(timers, "_HANDLERS", {})
    timers.register("note", lambda timer, now: keys.append(timer.key))
    timers.register("fail", fail)
    timers.register("write", write)
    return keys


def write(timer: Timer, now: datetime) -> None:
    BusinessCalendar.objects.create(scope="effect", slug=timer.key, name=timer.owner, created_at=now)


def fail(timer: Timer, now: datetime) -> None:
    write(timer, now)
    raise RuntimeError("no such luck")


def put(key: str, *, due: timedelta = timedelta(0), handler: str = "note", owner: str = "ticket/1") -> None:
    timers.set(key=key, handler=handler, due_at=NOW + due, owner=owner, payload={"key": key}, now=NOW)


def effects() -> list[str]:
    return list(BusinessCalendar.objects.filter(scope="effect").order_by("slug").values_list("slug", flat=True))


def test_set_is_idempotent_on_the_key() -> None:
    put("ladder/91/step/2")
    put("ladder/91/step/2", due=timedelta(hours=1))

    assert Timer.objects.get().due_at == NOW


def test_set_many_costs_one_query(django_assert_num_queries: Any) -> None:
    wanted = [timers.Request(key=f"k/{n}", handler="note", owner="t/1", due_at=NOW) for n in range(20)]

    with django_assert_num_queries(1):
        timers.set_many(wanted, now=NOW)
    with django_assert_num_queries(0):
        timers.set_many([], now=NOW)

    assert Timer.objects.count() == 20


def test_a_cancelled_key_does_not_come_back(heard: list[str]) -> None:
    put("a")
    assert timers.cancel(owner="ticket/1", now=NOW) == 1

    put("a")

    assert actions.fire_due(now=NOW) == 0
    assert heard == []


def test_cancel_takes_owner_and_prefix_together(heard: list[str]) -> None:
    put("clock/1/step/1")
    put("clock/10/step/1")
    put("other")
    put("clock/1/of-another", owner="ticket/2")

    n = timers.cancel(owner="ticket/1", key_prefix="clock/1/", now=NOW)

    assert n == 1
    actions.fire_due(now=NOW)
    assert heard == ["clock/10/step/1", "other", "clock/1/of-another"]


def test_cancel_refuses_to_cancel_everything() -> None:
    with pytest.raises(ValueError, match="whose"):
        timers.cancel(now=NOW)


@pytest.mark.parametrize(
    ("due", "fired"),
    [
        pytest.param(timedelta(microseconds=1), 0, id="a moment early"),
        pytest.param(timedelta(0), 1, id="at the instant"),
        pytest.param(timedelta(days=-3), 1, id="after an outage"),
    ],
)
def test_a_timer_fires_when_it_is_due(heard: list[str], due: timedelta, fired: int) -> None:
    put("a", due=due)

    assert actions.fire_due(now=NOW) == fired


def test_fires_once_in_order_of_what_is_due_and_records_lateness(heard: list[str]) -> None:
    for key, minutes in (("c", -1), ("a", -30), ("b", -20)):
        put(key, due=timedelta(minutes=minutes))

    assert [actions.fire_next(now=NOW) for _ in range(4)] == [True, True, True, False]

    assert heard == ["a", "b", "c"]
    timer = Timer.objects.get(key="a")
    assert (timer.done_at, timer.fired_at, timer.attempts) == (NOW, NOW, 1)
    assert timer.done_at is not None
    assert timer.done_at - timer.due_at == timedelta(minutes=30)


def test_what_a_handler_sets_for_now_fires_in_the_same_run(heard: list[str]) -> None:
    timers.register("chain", lambda timer, now: put("next", owner="ticket/9"))
    put("first", handler="chain")

    assert actions.fire_due(now=NOW) == 2
    assert heard == ["next"]


def test_a_handler_that_raises_is_undone_put_off_and_does_not_stop_the_next(heard: list[str]) -> None:
    put("bad", due=timedelta(minutes=-1), handler="fail")
    put("good", owner="ticket/2")

    assert actions.fire_due(now=NOW) == 2

    bad = Timer.objects.get(key="bad")
    assert heard == ["good"]
    assert effects() == []
    assert (bad.done_at, bad.parked_at, bad.attempts) == (None, None, 1)
    assert bad.error == "RuntimeError: no such luck"
    assert bad.next_attempt_at == NOW + actions.PAUSES[0]


def test_pauses_grow_until_a_person_must_look(heard: list[str]) -> None:
    put("bad", handler="fail")
    at, instants = NOW, []

    while Timer.objects.pending().exists():
        at = Timer.objects.get().next_attempt_at
        instants.append(at - NOW)
        actions.fire_due(now=at)

    timer = Timer.objects.get()
    assert timer.parked_at == at
    assert timer.attempts == len(actions.PAUSES) + 1
    assert [two - one for one, two in pairwise(instants)] == list(actions.PAUSES)
    assert actions.fire_due(now=at + timedelta(days=1)) == 0


def test_an_unknown_handler_waits_for_a_newer_process(heard: list[str]) -> None:
    put("a", handler="of.tomorrow")
    actions.fire_due(now=NOW)
    assert "of.tomorrow" in Timer.objects.get().error

    timers.register("of.tomorrow", lambda timer, now: heard.append("at last"))
    actions.fire_due(now=NOW + actions.PAUSES[0])

    assert heard == ["at last"]


def test_a_parked_timer_can_be_retried_or_cancelled(heard: list[str]) -> None:
    for key in ("a", "b"):
        put(key, owner=key)
    Timer.objects.update(parked_at=NOW, attempts=9)

    assert actions.retry_parked(Timer.objects.get(key="a"), now=NOW) is True
    assert actions.retry_parked(Timer.objects.get(key="a"), now=NOW) is False
    assert timers.cancel(owner="b", now=NOW) == 1

    actions.fire_due(now=NOW)
    assert heard == ["a"]


def test_registering_another_function_under_a_name_is_a_mistake(heard: list[str]) -> None:
    with pytest.raises(ValueError, match="twice"):
        timers.register("note", fail)


def test_the_owner_is_locked_before_the_timer(heard: list[str]) -> None:
    order: list[str] = []
    timers.register("locked", lambda t, now: order.append("fire"), lock=lambda p: order.append(f"lock {p['key']}"))
    put("a", handler="locked")

    actions.fire_due(now=NOW)

    assert order == ["lock a", "fire"]


def test_cancelled_while_the_owner_was_awaited_does_not_fire(heard: list[str]) -> None:
    timers.register("race", lambda t, now: heard.append("fired"), lock=lambda p: timers.cancel(owner="o", now=NOW))
    put("a", handler="race", owner="o")

    assert actions.fire_due(now=NOW) == 0
    assert heard == []


def test_handed_over_while_the_owner_was_awaited_it_fires_for_the_new_one(heard: list[str]) -> None:
    fired: list[tuple[str, str]] = []

    def lock(payload: Any) -> None:
        if payload["key"] == "k":
            timers.hand_over("k", owner="ticket/2", payload={"key": "of two"})

    timers.register("race", lambda t, now: fired.append((t.owner, t.payload["key"])), lock=lock)
    put("k", handler="race")

    actions.fire_due(now=NOW)
    assert fired == []
    actions.fire_due(now=NOW)

    assert fired == [("ticket/2", "of two")]


def test_a_handler_may_cancel_everything_of_its_owner(heard: list[str]) -> None:
    timers.register("last", lambda timer, now: heard.append(f"cancelled {timers.cancel(owner='o', now=now)}"))
    put("a", handler="last", owner="o")
    put("b", due=timedelta(minutes=5), owner="o")

    assert actions.fire_due(now=NOW + timedelta(hours=1)) == 1

    assert heard == ["cancelled 1"]
    assert Timer.objects.get(key="a").done_at is not None


def test_purge_leaves_what_is_pending_parked_or_recent() -> None:
    old, recent = NOW - timedelta(days=91), NOW - timedelta(days=89)
    for n, fields in enumerate(
        ({"done_at": old}, {"cancelled_at": old}, {"done_at": recent}, {"parked_at": old}, {}, {"done_at": old})
    ):
        put(f"k{n}", due=timedelta(days=-100))
        Timer.objects.filter(key=f"k{n}").update(**fields)

    assert actions.purge_timers(now=NOW, batch=1) == 3
    assert sorted(Timer.objects.values_list("key", flat=True)) == ["k2", "k3", "k4"]


# --- with real transactions and threads


def run_threads(*works: Callable[[], None]) -> None:
    """Run each in a thread with a connection of its own and let failures out."""
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    close_old_connections()
    assert failures == []
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_drain_500_without_a_double(heard: list[str]) -> None:
    timers.set_many(
        [
            timers.Request(
                key=f"t/{n:03}", handler="write", owner=f"ticket/{n % 60}", due_at=NOW - timedelta(seconds=n)
            )
            for n in range(500)
        ],
        now=NOW,
    )
    counts: list[int] = []
    start = threading.Barrier(2)

    def sweep() -> None:
        start.wait()
        n = actions.drain(lambda: NOW)
        while Timer.objects.due(NOW).exists():  # the other holds the last owner
            n += actions.drain(lambda: NOW)
        counts.append(n)

    run_threads(sweep, sweep)

    assert len(effects()) == 500  # a second effect would break the unique key
    assert sum(counts) == 500
    assert min(counts) > 0
    assert Timer.objects.exclude(done_at=NOW).count() == 0
    assert Timer.objects.exclude(attempts=1).count() == 0


@pytest.mark.django_db(transaction=True)
def test_timers_of_one_owner_fire_in_order_under_two_sweepers(heard: list[str]) -> None:
    for n in range(60):
        put(f"step/{n:02}", due=timedelta(seconds=n - 100), owner="ticket/7")

    def sweep() -> None:
        while Timer.objects.due(NOW).exists():
            actions.drain(lambda: NOW)

    run_threads(sweep, sweep)

    assert heard == [f"step/{n:02}" for n in range(60)]


@pytest.mark.django_db(transaction=True)
def test_a_busy_owner_does_not_hold_up_the_others(heard: list[str]) -> None:
    put("busy", due=timedelta(minutes=-5), owner="ticket/1")
    put("free", owner="ticket/2")
    inside, leave = threading.Event(), threading.Event()

    def wait(timer: Timer, now: datetime) -> None:
        inside.set()
        assert leave.wait(30)

    timers.register("slow", wait)
    put("slow", due=timedelta(minutes=-9), owner="ticket/1", handler="slow")

    def work() -> None:
        actions.fire_next(now=NOW)

    def others() -> None:
        assert inside.wait(30)
        assert actions.fire_due(now=NOW) == 1
        leave.set()

    run_threads(work, others)

    assert heard == ["free"]


@pytest.mark.django_db(transaction=True)
def test_an_owner_whose_row_is_locked_is_left_for_later(heard: list[str]) -> None:
    row = BusinessCalendar.objects.create(scope="s", slug="owner", name="x", created_at=NOW)

    def lock(payload: Any) -> None:
        BusinessCalendar.objects.select_for_update().get(pk=row.pk)

    timers.register("locked", lambda timer, now: heard.append("fired"), lock=lock)
    put("a", handler="locked", owner="o")
    held, release = threading.Event(), threading.Event()

    def person() -> None:
        with transaction.atomic():
            lock(None)
            held.set()
            assert release.wait(30)

    def sweeper() -> None:
        assert held.wait(30)
        assert actions.fire_next(now=NOW) is False  # after the lock's time-out
        release.set()

    run_threads(person, sweeper)

    timer = Timer.objects.get()
    assert (timer.attempts, timer.error) == (0, "")
    assert actions.fire_due(now=NOW) == 1
    assert heard == ["fired"]


def test_the_sweep_reads_one_index_however_much_is_pending() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO schedules_timer
                (key, handler, owner, payload, due_at, next_attempt_at, created_at, attempts, error)
            SELECT 'p/' || n, 'note', 'ticket/' || n %% 5000, '{}', %(now)s + n * interval '1 second',
                   %(now)s + n * interval '1 second', %(now)s, 0, ''
            FROM generate_series(1, 50000) n
            """,
            {"now": NOW},
        )
        cursor.execute("ANALYZE schedules_timer")

    nothing = Timer.objects.due(NOW)[: actions.BATCH].explain(analyze=True, buffers=True)
    some = Timer.objects.due(NOW + timedelta(seconds=500))[: actions.BATCH].explain(analyze=True)

    for plan in (nothing, some):
        assert "Index Scan using timer_sweep" in plan
        assert "Sort" not in plan
        assert "Seq Scan" not in plan
        assert "Rows Removed" not in plan
    assert list(Timer.objects.due(NOW)) == []
