"""The command that does what is due at an instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command

from notifications.models import Notification
from schedules import timers
from schedules.models import Timer
from tests.notifications.cast import NOW, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def reminder(monkeypatch: pytest.MonkeyPatch) -> str:
    """A timer handler that puts a notice, and once sets a further timer."""

    def fire(timer: Timer, now: datetime) -> None:
        put(f"from/{timer.key}", now=now)
        if timer.key == "first":
            timers.set(
                key="second",
                handler="test.reminder",
                due_at=NOW + timedelta(minutes=20),
                owner="t",
                payload={},
                now=now,
            )

    monkeypatch.setattr(timers, "_HANDLERS", dict(timers._HANDLERS))
    timers.register("test.reminder", fire)
    return "test.reminder"


def run(now: str) -> str:
    out = StringIO()
    call_command("run_due", "--now", now, stdout=out)
    return out.getvalue().strip()


def test_timers_then_notices_until_nothing_is_due(reminder: str, mailoutbox: list[EmailMessage]) -> None:
    timers.set(key="first", handler=reminder, due_at=NOW + timedelta(minutes=10), owner="t", payload={}, now=NOW)
    put("planned", topic="ticket/2", not_before=NOW + timedelta(minutes=15))

    assert run(NOW.isoformat()) == "timers 0, notices 0"
    assert run((NOW + timedelta(minutes=15)).isoformat()) == "timers 1, notices 2"
    assert run((NOW + timedelta(hours=1)).isoformat()) == "timers 1, notices 1"
    assert run((NOW + timedelta(hours=1)).isoformat()) == "timers 0, notices 0"

    assert len(mailoutbox) == 3
    assert set(Notification.objects.values_list("outcome", flat=True)) == {"delivered"}


def test_any_offset_is_the_same_instant() -> None:
    put("k1", not_before=NOW)

    assert run("2026-11-17T10:42:00-06:00") == "timers 0, notices 1"


@pytest.mark.parametrize("text", ["2026-11-17T10:42:00", "mañana", ""])
def test_an_instant_needs_its_offset(text: str) -> None:
    with pytest.raises(CommandError):
        run(text)
