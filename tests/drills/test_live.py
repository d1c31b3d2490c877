"""Streams while the broker dies, stays away and comes back: late at worst, and nothing twice."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from helpdesk.embedded import valkey_program
from helpdesk.live import application
from helpdesk.processes import free_port, port_is_free
from notifications import live
from tests import factories
from tests.streaming import Listener, serving, session_of
from tickets import actions

pytestmark = [pytest.mark.drill, pytest.mark.quick, pytest.mark.django_db(transaction=True)]


class Broker:
    """A Valkey of our own, without memory, to be killed."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        argv = [str(valkey_program()), "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir"]
        log = (self.folder / "valkey.log").open("ab")
        self.process = subprocess.Popen([*argv, str(self.folder)], stdout=log, stderr=log)
        until = time.monotonic() + 10
        while port_is_free(self.port) and time.monotonic() < until:
            time.sleep(0.02)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)


@pytest.fixture
def broker(tmp_path: Path, settings: Any) -> Iterator[Broker]:
    own = Broker(tmp_path)
    own.start()
    settings.REDIS_URL = f"redis://127.0.0.1:{own.port}/0"
    settings.DOORBELL = True
    waker = live._Waker()
    old, live._waker = live._waker, waker  # its line goes to our broker
    yield own
    live._waker = old
    own.kill()


def test_streams_outlive_the_broker(transactional_db: None, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "POLL_WITHOUT_BROKER", (1.0, 1.5))
    cast = factories.Cast()
    ticket = cast.ticket()

    def say() -> None:
        body = "Se revisa el sello del comprobante 4417."
        actions.add_message(ticket, by=factories.actor(cast.bruno), now=datetime.now(UTC), body=body, internal=True)

    with serving() as port:
        stream = Listener(port, f"/stream/tickets/{ticket.number}/", cookie=session_of(cast.bruno)).ready()
        say()
        told = stream.changes(1)

        broker.kill()
        began = time.monotonic()
        say()
        assert time.monotonic() - began < 1  # the writer does not wait for the broker
        told += stream.changes(1, seconds=10)  # found by looking

        broker.start()
        time.sleep(live.REST_SECONDS + 2)  # both ends have come back
        monkeypatch.setattr(application, "POLL_SECONDS", (60.0, 60.0))
        monkeypatch.setattr(application, "POLL_WITHOUT_BROKER", (60.0, 60.0))
        say()
        told += stream.changes(1)
        began = time.monotonic()
        say()
        told += stream.changes(1)

        assert time.monotonic() - began < 2  # woken again, not found by looking
        assert len({change.id for change in told}) == len(told) == 4
        stream.close()


def test_a_stream_opens_and_tells_without_any_broker(
    transactional_db: None, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "POLL_WITHOUT_BROKER", (0.5, 1.0))
    broker.kill()
    cast = factories.Cast()
    ticket = cast.ticket()

    with serving() as port:
        stream = Listener(port, f"/stream/tickets/{ticket.number}/", cookie=session_of(cast.bruno)).ready()
        actions.take(ticket, by=factories.actor(cast.bruno), now=datetime.now(UTC))

        assert stream.changes(1, seconds=10)[0].data["type"] == "ticket.taken"
        stream.close()
