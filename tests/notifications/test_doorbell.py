"""The doorbell: never in the way, and heard when somebody is there."""

from __future__ import annotations

import json
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
import redis
from celery import current_app
from kombu.connection import Connection
from pytest_django import Settings

from notifications import doorbell


@pytest.fixture
def bell(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> doorbell.Bell:
    settings.DOORBELL = True
    fresh = doorbell.Bell()
    monkeypatch.setattr(doorbell, "_bell", fresh)
    return fresh


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Point Celery at another broker: put its address into the list."""
    address: list[str] = []
    monkeypatch.setattr(type(current_app.conf), "broker_write_url", property(lambda _conf: address[0]), raising=False)
    return address


def test_a_ring_becomes_a_message_for_the_worker(bell: doorbell.Bell, settings: Settings) -> None:
    server = redis.Redis.from_url(settings.REDIS_URL)
    server.delete("celery")

    for _time in range(5):
        doorbell.ring("notifications.tasks.send_due")
    assert doorbell.flush(5)

    messages = [json.loads(message) for message in server.lrange("celery", 0, -1)]
    server.delete("celery")
    assert 1 <= len(messages) <= 5
    assert {message["headers"]["task"] for message in messages} == {"notifications.tasks.send_due"}
    assert all(message["headers"]["expires"] for message in messages)


def test_a_ring_for_later_names_its_hour(bell: doorbell.Bell, settings: Settings) -> None:
    server = redis.Redis.from_url(settings.REDIS_URL)
    server.delete("celery")

    bell.ring("schedules.tasks.fire_due", timedelta(seconds=10))
    assert doorbell.flush(5)

    [message] = [json.loads(message) for message in server.lrange("celery", 0, -1)]
    server.delete("celery")
    hour, end = (datetime.fromisoformat(message["headers"][name]) for name in ("eta", "expires"))
    assert timedelta(seconds=5) < hour - datetime.now(UTC) <= timedelta(seconds=10)
    assert (end - hour).total_seconds() == pytest.approx(doorbell.EXPIRES_SECONDS, abs=1)


def test_a_broker_that_is_down_costs_nothing(bell: doorbell.Bell, broker: list[str]) -> None:
    broker.append("redis://127.0.0.1:1/0")

    started = time.perf_counter()
    doorbell.ring("notifications.tasks.send_due")
    took = time.perf_counter() - started

    assert took < 0.1
    assert doorbell.flush(3)
    assert bell._resting_until > time.monotonic()


def test_a_broker_that_hangs_is_given_up_on_soon(bell: doorbell.Bell, broker: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker.append(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")

        started = time.perf_counter()
        doorbell.ring("notifications.tasks.send_due")
        rung = time.perf_counter() - started
        assert doorbell.flush(5)
        given_up = time.perf_counter() - started

    assert rung < 0.1
    assert given_up < 2


def test_after_a_failure_nobody_knocks_for_a_while(bell: doorbell.Bell, monkeypatch: pytest.MonkeyPatch) -> None:
    knocks: list[str] = []

    def down(rings: list[doorbell.Ring]) -> None:
        knocks.extend(task for task, _after in rings)
        raise OSError("down")

    monkeypatch.setattr(bell._line, "publish", down)
    for _time in range(3):
        doorbell.ring("a")
        assert doorbell.flush(3)
    assert knocks == ["a"]

    bell._resting_until = 0.0
    doorbell.ring("a")
    assert doorbell.flush(3)
    assert knocks == ["a", "a"]


def test_a_kept_connection_that_the_broker_dropped_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    line, failures = doorbell.Line(), iter([False, True, False, True, True])
    sent: list[str] = []

    def send(rings: list[doorbell.Ring]) -> None:
        sent.extend(task for task, _after in rings)
        if next(failures):
            raise OSError("dropped")
        line._connection = Connection("memory://")

    monkeypatch.setattr(line, "_send", send)

    line.publish([("a", 0.0)])
    line.publish([("b", 0.0)])  # fails on the kept connection, goes out on a fresh one
    with pytest.raises(OSError, match="dropped"):
        line.publish([("c", 0.0)])  # fails on the fresh one as well

    assert sent == ["a", "b", "b", "c", "c"]
    assert line._connection is None


def test_rings_share_a_connection(bell: doorbell.Bell, settings: Settings) -> None:
    connections = set()
    for task in ("a", "b", "c"):
        doorbell.ring(task)
        assert doorbell.flush(5)
        connections.add(bell._line._connection)

    assert len(connections) == 1
    assert None not in connections
