"""Rows that one statement writes are those that Django's own way would write."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy

from core.rows import Rows, _plain, joined, new_ids
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


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (Decimal("12.50"), "12.50"),
        (date(2026, 11, 27), "2026-11-27"),
        (time(9, 5), "09:05:00"),
        (NOW, "2026-11-27T16:00:00+00:00"),
        (gettext_lazy("Helpdesk"), "Mesa de Ayuda"),
        (b"\x00\xff", "\\x00ff"),
    ],
)
def test_values_that_json_has_no_name_for_are_written_as_the_database_reads_them(value: Any, kept: str) -> None:
    assert _plain(value) == kept


@pytest.mark.parametrize("value", [datetime(2026, 11, 27), F("n") + 1, object()])  # noqa: DTZ001 - that is the point
def test_what_is_no_value_is_refused(cast: Cast, value: Any) -> None:
    rows = Rows()
    rows.insert(QueueDelta(desk_id=cast.desk.pk, key="test", n=value))
    with pytest.raises(TypeError):
        rows.write()


def test_a_ticket_is_written_as_django_would_write_it(cast: Cast) -> None:
    """Every kind of column: phone, choices, arrays, JSON, instants, dates, nulls."""
    kept = Ticket.objects.get(pk=cast.ticket(phone="+527225550198", subject='Ñu "comillas" \\ {}').pk)
    ids = new_ids(tickets_ticket=2)["tickets_ticket"]
    ours, theirs = copy.copy(kept), copy.copy(kept)
    for copied, pk in zip((ours, theirs), ids, strict=True):
        copied.pk, copied.number, copied.counter = pk, f"IMX-{pk + 90_000}", pk + 90_000
    rows = Rows()
    rows.insert(ours)
    rows.write()
    theirs.save(force_insert=True)
    [first] = Ticket.objects.filter(pk=ours.pk).values()
    [second] = Ticket.objects.filter(pk=theirs.pk).values()
    assert {**first, "id": 0, "number": "", "counter": 0} == {**second, "id": 0, "number": "", "counter": 0}
