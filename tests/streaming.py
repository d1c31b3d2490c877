"""A real ASGI server in a thread, and a browser's end of an event stream: for tests of what is live."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.test import Client

from accounts.models import User
from helpdesk.live import Streams


@contextmanager
def serving() -> Iterator[int]:
    """Serve pages and streams on a free port of loopback; yields the port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            Streams(get_asgi_application()), lifespan="off", log_config=None, timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server", daemon=True)
        thread.start()
        until = time.monotonic() + 10
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        assert server.started
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(15)
            assert not thread.is_alive()


def session_of(user: User | None) -> str:
    """The cookie of somebody who signed in."""
    assert user is not None
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@dataclass(frozen=True)
class Told:
    """One event as it arrived."""

    name: str
    data: dict[str, Any]
    id: str


class Listener:
    """A browser's EventSource: keeps the last id; `events` come in order, None when the stream ended."""

    def __init__(self, port: int, path: str, *, cookie: str = "", last_id: str = "", **headers: str) -> None:
        self.last_id = last_id
        self.comments = 0
        self._events: queue.Queue[Told | None] = queue.Queue()
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=70)
        sent = {"Accept": "text/event-stream", **{name.replace("_", "-"): value for name, value in headers.items()}}
        sent |= {"Cookie": cookie} if cookie else {}
        sent |= {"Last-Event-ID": last_id} if last_id else {}
        self._line.request("GET", path, headers=sent)
        self.answer = self._line.getresponse()
        self.status = self.answer.status
        if self.status == 200:
            threading.Thread(target=self._read, daemon=True).start()

    def ready(self, seconds: float = 60) -> Self:
        """Wait for the first event, which only says where we are."""
        told = self.next(seconds)
        assert told is not None
        assert told.name == "ready"
        return self

    def next(self, seconds: float = 60) -> Told | None:
        """The next event; None when the stream ended. Fails when nothing comes in time."""
        try:
            return self._events.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"nothing came in {seconds} s") from None

    def changes(self, n: int, seconds: float = 60) -> list[Told]:
        """The next `n` changes of tickets, without the sums between them."""
        found: list[Told] = []
        while len(found) < n:
            told = self.next(seconds)
            assert told is not None, f"the stream ended after {len(found)} of {n}"
            if told.name == "ticket":
                found.append(told)
        return found

    def is_silent(self, seconds: float) -> bool:
        """Whether nothing about tickets comes for so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                told = self._events.get(timeout=left)
            except queue.Empty:
                return True
            if told is None or told.name == "ticket":
                return False
        return True

    def ended(self, seconds: float) -> bool:
        """Whether the server ended it within that time."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                if self._events.get(timeout=left) is None:
                    return True
            except queue.Empty:
                return False
        return False

    def close(self) -> None:
        """Go away as a closed tab does."""
        if self._line.sock is not None:
            self._line.sock.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            while line := self.answer.readline():
                name, _, value = line.decode().rstrip("\n").partition(":")
                if name:
                    fields[name] = value.removeprefix(" ")
                elif line == b"\n" and fields:
                    self._dispatch(fields)
                    fields = {}
                elif line.startswith(b":"):
                    self.comments += 1
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            pass
        self._events.put(None)

    def _dispatch(self, fields: dict[str, str]) -> None:
        self.last_id = fields.get("id", self.last_id)
        if "data" in fields:
            self._events.put(Told(fields.get("event", "message"), json.loads(fields["data"]), self.last_id))
