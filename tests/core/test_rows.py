"""Rows that one statement writes are those that Django's own way would write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.rows import Rows, joined, new_ids
from schedules.models import Timer
from tests.factories import Cast
from tickets.models import QueueDelta, Ticket, TicketEvent

NOW = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)


@pytest.fixture
def cast(db: None) -> Cast:
    """A desk with its people and two companies."""
    return Cast()


def timer(key: str) -> Timer:
    return Timer(
        key=key, handler="t", owner="ticket/1", payload={"n": [1, "ñ"]}, due_at=NOW, next_attempt_at=NOW, created_at=NOW
    )


def fact(ticket: Ticket, type: str) -> TicketEvent:
    return TicketEvent(
        ticket=ticket, desk_id=ticket.desk_id, type=type, at=NOW, recorded_at=NOW, actor_kind="system", data={"a": None}
    )


def test_several_tables_cost_one_statement(cast: Cast, django_assert_num_queries: Any) -> None:
    ticket = cast.ticket()
    [event_pk] = new_ids(tickets_ticketevent=1)["tickets_ticketevent"]
    named = fact(ticket, "ticket.test")
    named.pk = event_pk
    rows = Rows()
    rows.insert(named)
    rows.insert(timer("a"), timer("b"))
    rows.insert(QueueDelta(desk_id=cast.desk.pk, key="test", n=3))
    ticket.subject = "Otro asunto"
    rows.update(ticket, ["subject"])
    rows.add("UPDATE desks_desk SET name = %s WHERE id = %s", ["100 % nuevo", cast.desk.pk])

    with django_assert_num_queries(1):
        rows.write()

    kept = TicketEvent.objects.get(pk=event_pk)
    assert (kept.type, kept.data, kept.public) == ("ticket.test", {"a": None}, False)
    assert kept.xid  # what the database fills in
    assert [row.payload for row in Timer.objects.filter(key__in=["a", "b"])] == [{"n": [1, "ñ"]}] * 2
    assert QueueDelta.objects.get(key="test").n == 3
    ticket.refresh_from_db()
    cast.desk.refresh_from_db()
    assert (ticket.subject, cast.desk.name) == ("Otro asunto", "100 % nuevo")


def test_nothing_to_write_is_no_statement(cast: Cast, django_assert_num_queries: Any) -> None:
    rows = Rows()
    rows.insert()
    rows.update(cast.desk, [])
    with django_assert_num_queries(0):
        rows.write()


def test_what_is_written_is_not_written_again(cast: Cast) -> None:
    rows = Rows()
    rows.insert(timer("once"))
    rows.write()
    rows.write()
    assert Timer.objects.filter(key="once").count() == 1


def test_a_conflict_is_left_out_where_that_is_said(cast: Cast) -> None:
    timer("taken").save()
    rows = Rows()
    rows.insert(timer("taken"), timer("free"), on_conflict="ON CONFLICT DO NOTHING")
    rows.write()
    assert Timer.objects.filter(key__in=["taken", "free"]).count() == 2

    rows.insert(timer("new"))
    rows.insert(timer("taken"))
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.write()
    assert not Timer.objects.filter(key="new").exists()  # all or nothing


def test_rows_of_one_table_keep_their_order(cast: Cast) -> None:
    rows = Rows()
    for key in ("first", "second"):
        rows.insert(timer(key))
        rows.insert(QueueDelta(desk_id=cast.desk.pk, key=key, n=1))
    rows.insert(timer("third"))
    rows.write()
    assert list(Timer.objects.filter(owner="ticket/1").order_by("id").values_list("key", flat=True)) == [
        "first", "second", "third",
    ]  # fmt: skip


def test_ids_are_taken_once(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        first = new_ids(tickets_ticket=1, tickets_ticketevent=3, tickets_clock=0)
    second = new_ids(tickets_ticket=1, tickets_ticketevent=3)
    assert [len(ids) for ids in first.values()] == [1, 3, 0]
    assert not set(first["tickets_ticketevent"]) & set(second["tickets_ticketevent"])
    assert sorted(first["tickets_ticketevent"]) == first["tickets_ticketevent"]
    made = fact(cast.ticket(), "ticket.later")
    made.save()
    assert made.pk > max(second["tickets_ticketevent"])


def test_joined_writes_at_once_or_with_the_others(cast: Cast) -> None:
    with joined(None) as rows:
        rows.insert(timer("at once"))
    assert Timer.objects.filter(key="at once").exists()

    mine = Rows()
    with joined(mine) as rows:
        rows.insert(timer("with the others"))
    assert not Timer.objects.filter(key="with the others").exists()
    mine.write()
    assert Timer.objects.filter(key="with the others").exists()


def test_what_fails_in_between_writes_nothing(cast: Cast) -> None:
    def act() -> None:
        with joined(None) as rows:
            rows.insert(timer("lost"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert not Timer.objects.filter(key="lost").exists()
