"""Two sweepers and a person at one hand-over: each effect once, whoever is faster."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from core.errors import DomainError
from notifications.models import Notification
from schedules import actions as schedule_actions
from schedules.models import Timer
from tests.tickets.cast import Imx
from tickets import actions
from tickets.actions import handing, handover
from tickets.models import Handover, HandoverAsk, TicketEvent

pytestmark = pytest.mark.django_db(transaction=True)
MEXICO = ZoneInfo("America/Mexico_City")


def local(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 17, hour, minute, tzinfo=MEXICO).astimezone(UTC)


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do all of them in threads of their own; what a rule refuses is an answer too."""

    def do(deed: Callable[[], Any]) -> Any:
        try:
            return deed()
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


@pytest.fixture
def chain(imx_committed: Imx) -> Imx:
    imx = imx_committed
    Timer.objects.all().delete()
    handover.ensure(imx.desk, now=local(12))
    ticket = actions.take(imx.open(now=local(13, 40)), by=imx.actor("karla"), now=local(13, 40))
    actions.add_message(ticket, by=imx.actor("karla"), now=local(13, 41), body="Estamos revisando con su usuario.")
    return imx


def sweep(now: datetime) -> Callable[[], int]:
    return lambda: schedule_actions.fire_due(now=now)


def test_sweepers_side_by_side_ask_hand_over_and_tell_once(chain: Imx) -> None:
    for minute in (local(13, 50), local(14), local(14, 10)):
        at_once(*[sweep(minute)] * 4)
        schedule_actions.fire_due(now=minute)

    assert HandoverAsk.objects.count() == 1
    assert Handover.objects.count() == 1
    keys = Notification.objects.filter(template="tickets/handover").values_list("key", flat=True)
    assert sorted(key.split("/")[2] for key in keys if "moved" not in key) == ["ask", "late", "soon"]
    assert TicketEvent.objects.filter(type="ticket.lane_changed").count() == 1


def test_answering_and_closing_at_one_instant_leave_one_truth(chain: Imx) -> None:
    schedule_actions.fire_due(now=local(13, 50))
    ask, karla = HandoverAsk.objects.get(), chain.actor("karla")

    at_once(lambda: handing.answer(ask, by=karla, now=local(13, 59), keep=True), sweep(local(14)), sweep(local(14)))
    schedule_actions.fire_due(now=local(14))

    ask.refresh_from_db()
    ask.ticket.refresh_from_db()
    assert (ask.answer == "keep", ask.moved_at is None, ask.ticket.lane == "office") in {
        (True, True, True),
        (False, False, False),
    }


def test_receiving_while_the_superior_is_about_to_be_told(chain: Imx) -> None:
    schedule_actions.fire_due(now=local(14))
    ivan = chain.actor("ivan")

    at_once(
        sweep(local(14, 10)),
        lambda: handover.receive(chain.desk, by=ivan, now=local(14, 10)),
        lambda: handover.receive(chain.desk, by=ivan, now=local(14, 10)),
    )
    schedule_actions.fire_due(now=local(14, 10))

    row = Handover.objects.get()
    told = Notification.objects.filter(key__contains="/late/").count()
    assert row.received_at == local(14, 10)
    assert told == (1 if row.superior_told_at else 0)
