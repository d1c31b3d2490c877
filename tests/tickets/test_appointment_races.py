"""Two who book, move, attend and release at once: real threads, real connections, real locks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from core.errors import Conflict
from schedules import actions as schedule_actions
from tests.tickets.cast import QUESTION, Imx
from tests.tickets.test_races import at_once
from tickets import actions
from tickets.actions import attentions
from tickets.models import Appointment, Attention, Ticket

NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)
START = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)
SLOT: dict[str, Any] = {"method": "remote", "minutes": 30, "now": NOW}

pytestmark = pytest.mark.django_db(transaction=True)


def of_karla(imx: Imx) -> Ticket:
    return actions.take(imx.open(QUESTION, now=NOW), by=imx.actor("karla"), now=NOW)


def test_one_consultant_gets_one_appointment_an_hour(imx_committed: Imx) -> None:
    karla = imx_committed.actor("karla")
    tickets = [of_karla(imx_committed) for _ in range(4)]

    results = at_once(
        [partial(actions.schedule, t, by=karla, starts_at=START + n * timedelta(minutes=5), **SLOT)
         for n, t in enumerate(tickets)]
    )  # fmt: skip

    assert sum(isinstance(r, Ticket) for r in results) == 1
    assert {r.code for r in results if isinstance(r, Conflict)} == {"double_booking"}
    assert Appointment.objects.count() == 1
    assert sorted(Ticket.objects.values_list("status", flat=True)) == ["in_progress"] * 3 + ["scheduled"]


def test_one_ticket_gets_one_appointment(imx_committed: Imx) -> None:
    ticket = of_karla(imx_committed)
    hours = [START + n * timedelta(hours=1) for n in range(4)]

    results = at_once(
        [partial(actions.schedule, ticket, by=imx_committed.requester(ticket), starts_at=at, **SLOT)
         for at in hours]
    )  # fmt: skip

    assert all(isinstance(r, Ticket) for r in results)
    (row,) = Appointment.objects.all()
    assert row.sequence == 3
    ticket.refresh_from_db()
    assert ticket.appointment_at == row.starts_at


def test_tickets_of_nobody_are_spread_over_who_is_free(imx_committed: Imx) -> None:
    tickets = [imx_committed.open(QUESTION, now=NOW) for _ in range(8)]
    Ticket.objects.update(assignee=None, status="new")

    results = at_once(
        [partial(actions.schedule, t, by=imx_committed.requester(t), starts_at=START, **SLOT) for t in tickets]
    )

    booked = list(Appointment.objects.values_list("consultant_id", flat=True))
    assert len(booked) == len(set(booked)) == sum(isinstance(r, Ticket) for r in results) > 1
    assert {r.code for r in results if isinstance(r, Conflict)} <= {"double_booking"}


def test_attending_and_the_release_do_not_both_happen(imx_committed: Imx) -> None:
    karla, ticket = imx_committed.actor("karla"), of_karla(imx_committed)
    actions.schedule(ticket, by=karla, starts_at=START, **SLOT)

    at_once(
        [
            lambda: attentions.attend(ticket, by=karla, now=START + timedelta(minutes=10)),
            lambda: schedule_actions.fire_due(now=START + timedelta(minutes=10, seconds=1)),
            lambda: schedule_actions.fire_due(now=START + timedelta(minutes=10, seconds=1)),
        ]
    )

    row = Appointment.objects.get()
    assert row.state in {"serving", "no_show"}
    assert Attention.objects.count() == (row.state == "serving")
    assert ticket.events.filter(type="ticket.appointment_released").count() == (row.state == "no_show")


def test_two_who_begin_begin_once(imx_committed: Imx) -> None:
    karla, ticket = imx_committed.actor("karla"), of_karla(imx_committed)
    actions.schedule(ticket, by=karla, starts_at=START, **SLOT)

    results = at_once([lambda: attentions.attend(ticket, by=karla, now=START)] * 4)

    assert sum(isinstance(r, Ticket) for r in results) == 1
    assert {r.code for r in results if isinstance(r, Conflict)} == {"appointment_state"}
    assert Attention.objects.count() == 1
