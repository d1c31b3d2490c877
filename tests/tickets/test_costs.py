"""What the main actions cost in statements, warm; transactions and savepoints are not counted (docs/tickets.md)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser

from schedules import queries as schedule_queries
from schedules.models import Timer
from tests import factories
from tests.factories import CLEAR, OFFICE, Cast
from tests.tickets.conftest import Caller, Clock
from tickets import actions, drafts
from tickets.actions import leaving

REPORT = {"subject": "No timbra: error CFDI40147", "description": CLEAR}
FORM = {**REPORT, "need": "question", "impact": "none", "name": "Rosa Medina", "email": "rosa@lanortena.example"}
BODY = {
    **REPORT, "desk": "invoice-mx", "request_type": "usage_guidance", "affects_operation": False,
    "requester": {"name": "Rosa Medina", "email": "rosa@lanortena.example"},
}  # fmt: skip


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent, as they are sent."""
    seen: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = " ".join(str(sql).split())
        if not text.startswith(("SAVEPOINT", "RELEASE")):
            seen.append(text[:320])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def cost(act: Callable[[], Any], status: int) -> list[str]:
    """What the act sends when everything that is kept has been read."""
    act()
    settle()
    act()
    with counted() as seen:
        assert act().status_code == status
    return seen


def settle() -> None:
    """As a while after the last change of a calendar."""
    for kept in vars(schedule_queries).values():
        getattr(kept, "_doubted", {}).clear()


@pytest.fixture
def morning(cast: Cast, at: Clock, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Office hours in which who attended at night is looked for; calendars and rota are believed once read."""
    at(OFFICE)
    monkeypatch.setattr(schedule_queries, "FRESH_SECONDS", 3600.0)
    return cast


def test_filing_by_form(morning: Cast) -> None:
    browser = Browser()

    seen = cost(lambda: browser.post("/invoice-mx/reportar/", {**FORM, "key": str(uuid.uuid4())}), 303)

    assert len(seen) == 7, "\n".join(seen)


def test_filing_by_api(morning: Cast, caller: Caller) -> None:
    client = caller(morning.rosa)

    seen = cost(lambda: client.post("/api/v1/tickets/", BODY), 201)

    assert len(seen) == 12, "\n".join(seen)


def test_a_reply(morning: Cast) -> None:
    ticket = actions.take(morning.ticket(), by=factories.actor(morning.ada), now=OFFICE)
    browser = Browser()
    browser.force_login(morning.ada)

    leaves: list[list[str]] = []

    def leave() -> None:
        """The ten seconds of the reply are over, as the worker finds it."""
        timer = Timer.objects.pending().get(handler=leaving.TIMER)
        with counted() as sent:
            leaving.leave_due(timer, OFFICE + drafts.HOLD)
        leaves.append(sent)
        Timer.objects.filter(pk=timer.pk).update(done_at=OFFICE)

    def press() -> Any:
        return browser.post(f"/tickets/{ticket.number}/responder/", {"kind": "reply", "body": CLEAR})

    for _time in range(2):
        assert press().status_code == 302
        leave()
        settle()
    with counted() as pressed:
        press()
    leave()

    assert len(pressed) == 7, "\n".join(pressed)
    assert len(leaves[-1]) == 12, "\n".join(leaves[-1])
