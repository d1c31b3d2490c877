"""Figures are for the machine itself or for who has the token."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from schedules.models import Timer

pytestmark = pytest.mark.django_db


def test_the_machine_itself_reads_them(client: Client) -> None:
    response = client.get("/metrics")

    assert response.status_code == 200
    assert b"django_http_requests" in response.content


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        pytest.param({"REMOTE_ADDR": "203.0.113.9"}, 404, id="a stranger"),
        pytest.param({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 404, id="a stranger behind a proxy of this machine"),
        pytest.param({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer wrong"}, 404, id="wrong token"),
        pytest.param({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer right"}, 200, id="the token"),
    ],
)
def test_others_need_the_token(client: Client, settings: object, extra: dict[str, str], status: int) -> None:
    settings.METRICS_TOKEN = "right"  # type: ignore[attr-defined]

    assert client.get("/metrics", **extra).status_code == status


def test_no_token_set_opens_for_no_token_given(client: Client, settings: object) -> None:
    settings.METRICS_TOKEN = ""  # type: ignore[attr-defined]

    response = client.get("/metrics", REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer ")

    assert response.status_code == 404


def test_the_lateness_of_timers_is_exported(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    minute = timedelta(minutes=1)
    for n, (due_at, fired_at) in enumerate(
        [
            (now - 3 * minute, now - 3 * minute + timedelta(seconds=2)),
            (now - 2 * minute, now - 2 * minute + timedelta(seconds=4)),
            (now - 9 * minute, now - 8 * minute),  # too long ago
        ]
    ):
        _timer(f"done-{n}", due_at, created_at=due_at, fired_at=fired_at, done_at=fired_at)
    _timer("set-for-the-past", now - 60 * minute, created_at=now - minute, fired_at=now - minute, done_at=now - minute)
    _timer("waits", now - timedelta(seconds=7), created_at=now - minute)
    _timer("parked", now - minute, created_at=now - minute, parked_at=now)

    text = client.get("/metrics").content.decode()

    assert "helpdesk_timer_oldest_due_seconds 7.0" in text
    assert "helpdesk_timers_parked 1.0" in text
    assert "helpdesk_timers_fired 2.0" in text
    assert 'helpdesk_timer_lateness_seconds{quantile="0.5"} 3.0' in text
    assert 'helpdesk_timer_lateness_seconds{quantile="1"} 4.0' in text


def _timer(key: str, due_at: datetime, **fields: Any) -> None:
    Timer.objects.create(key=key, handler="x", owner="x", due_at=due_at, next_attempt_at=due_at, **fields)
