"""`/healthz` and `/readyz`: contract section 5."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.core.cache import caches
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client

from helpdesk import health, tasks
from notifications.models import Channel, Notification
from schedules.models import Timer

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
FIELDS = {
    "database", "migrations", "broker", "oldest_due_timer_s", "oldest_due_notice_s", "last_beat_s", "degraded"
}  # fmt: skip


@pytest.fixture
def hanging_broker() -> Iterator[str]:
    """A port that takes connections and never says a word."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(16)
        yield f"redis://127.0.0.1:{silent.getsockname()[1]}/0"


def make_timer(due_at: datetime) -> Timer:
    return Timer.objects.create(
        key=f"test/{due_at}", handler="test", owner="test/1", due_at=due_at, next_attempt_at=due_at, created_at=due_at
    )


def make_notice(due_at: datetime) -> Notification:
    return Notification.objects.create(
        key=f"test/{due_at}",
        topic="test",
        channel=Channel.EMAIL,
        recipient="rosa@client.example",
        template="test",
        seq=1,
        created_at=due_at,
        next_attempt_at=due_at,
    )


def test_healthz_needs_no_database_and_no_known_host(client: Client) -> None:
    response = client.get("/healthz", headers={"host": "10.0.0.7"})

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_ready_when_all_is_well(client: Client) -> None:
    tasks.beat_seen()

    response = client.get("/readyz")

    assert response.status_code == 200
    state = response.json()
    assert set(state) == FIELDS
    assert state["database"] is True
    assert state["migrations"] is True
    assert state["broker"] is True
    assert state["oldest_due_timer_s"] is None
    assert state["last_beat_s"] < 5
    assert state["degraded"] == []


@pytest.mark.django_db
def test_lateness_is_told_in_seconds() -> None:
    health.note_beat(NOW - timedelta(seconds=61))
    make_timer(NOW - timedelta(seconds=90))
    make_timer(NOW + timedelta(seconds=90))
    make_notice(NOW - timedelta(seconds=61))

    state = health.readiness(NOW)

    assert state["oldest_due_timer_s"] == 90
    assert state["oldest_due_notice_s"] == 61
    assert state["last_beat_s"] == 61
    assert state["degraded"] == ["timers", "notices", "beat"]


@pytest.mark.django_db
def test_what_has_ended_is_not_late() -> None:
    timer = make_timer(NOW - timedelta(days=1))
    Timer.objects.filter(pk=timer.pk).update(done_at=NOW)
    notice = make_notice(NOW - timedelta(days=1))
    Notification.objects.filter(pk=notice.pk).update(cancelled_at=NOW)

    state = health.readiness(NOW)

    assert state["oldest_due_timer_s"] is None
    assert state["oldest_due_notice_s"] is None


@pytest.mark.django_db
def test_missing_migration_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'schedules' AND name LIKE '0001%%'")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["migrations"] is False
    assert "migrations" in response.json()["degraded"]


@pytest.mark.django_db
def test_database_away_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "missing_migrations", away)
    monkeypatch.setattr(connection, "close", lambda: None)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["database"] is False


@pytest.mark.django_db
def test_broker_away_is_degraded_but_ready(client: Client, settings: object) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["broker"] is False
    assert response.json()["degraded"] == ["broker", "beat"]


@pytest.mark.django_db
def test_hanging_broker_does_not_hold_the_answer(client: Client, settings: object, hanging_broker: str) -> None:
    client.get("/readyz")  # what is read once in a process
    settings.CELERY_BROKER_URL = hanging_broker  # type: ignore[attr-defined]
    started = time.monotonic()

    response = client.get("/readyz")

    assert time.monotonic() - started < 0.3
    assert response.status_code == 200
    assert "broker" in response.json()["degraded"]


def test_hanging_cache_costs_one_short_wait_then_none(settings: object, hanging_broker: str) -> None:
    from helpdesk.cache import ForgivingRedisCache

    away = ForgivingRedisCache(hanging_broker, {})
    started = time.monotonic()

    assert away.get("key", "default") == "default"
    assert time.monotonic() - started < 0.5
    started = time.monotonic()
    assert away.add("key", 1) is True
    assert away.incr("key") == 1
    assert away.get_many(["a"]) == {}
    away.set("key", 1)
    assert time.monotonic() - started < 0.05


def test_cache_is_used_again_after_its_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = caches["default"]
    cache.set("kept", "yes", 60)
    monkeypatch.setattr(cache, "_resting_until", time.monotonic() + 60)
    assert cache.get("kept") is None

    monkeypatch.setattr(cache, "_resting_until", 0.0)

    assert cache.get("kept") == "yes"


def test_concurrent_probes_do_not_wait_for_each_other(settings: object, hanging_broker: str) -> None:
    settings.CELERY_BROKER_URL = hanging_broker  # type: ignore[attr-defined]
    probes = [Thread(target=health.broker_answers) for _ in range(8)]
    started = time.monotonic()

    for probe in probes:
        probe.start()
    for probe in probes:
        probe.join()

    assert time.monotonic() - started < 0.6
