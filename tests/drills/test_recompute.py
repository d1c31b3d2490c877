"""A calendar changes under a hundred open tickets, and the process that reckons them anew is killed again and again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from desks import actions as desk_actions
from schedules.hours import Closure
from schedules.models import Timer
from tests.factories import OFFICE, Cast, make_ticket
from tickets.actions import recompute
from tickets.models import Clock, TicketEvent

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
N_TICKETS = 2 * recompute.BATCH + 7
SAVED = OFFICE + timedelta(minutes=18)


def run_due(now: datetime) -> subprocess.Popen[bytes]:
    """`manage.py run_due` on the test's database, in a process of its own."""
    values = connection.settings_dict
    database = f"{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "helpdesk.settings.dev", "DATABASE_URL": f"postgresql://{database}"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_due", "--now", now.isoformat()],
        cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def n_told() -> int:
    return TicketEvent.objects.filter(type="ticket.clock_recomputed").count()


def test_every_promise_moves_once_whatever_is_killed() -> None:
    cast = Cast()
    for n in range(N_TICKETS):
        make_ticket(cast.desk, now=OFFICE + timedelta(seconds=n), email=f"persona{n}@cliente.example")
    assert cast.desk.calendar is not None
    spec = replace(desk_actions.newest_spec(cast.desk.calendar), closures=(Closure(date(2026, 11, 18), "Inventario"),))
    desk_actions.save_calendar_version(cast.desk.calendar, spec, by="Marcela", now=SAVED)

    seen = 0
    while n_told() < N_TICKETS:
        process = run_due(SAVED + timedelta(seconds=30))
        deadline = time.monotonic() + 60
        while n_told() == seen and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)  # in the middle of the next batch
        process.wait(10)
        assert n_told() > seen
        seen = n_told()
    last = run_due(SAVED + timedelta(seconds=30))
    assert last.wait(60) == 0

    told = Counter(TicketEvent.objects.filter(type="ticket.clock_recomputed").values_list("ticket_id", flat=True))
    assert set(told.values()) == {1}
    assert len(told) == N_TICKETS
    dues = set(Clock.objects.filter(kind="resolution").values_list("due_at", flat=True))
    friday = datetime(2026, 11, 20, 16, 42, tzinfo=UTC)
    assert dues == {friday + timedelta(seconds=n) for n in range(N_TICKETS)}
    assert not Timer.objects.pending().filter(handler=recompute.TIMER).exists()
