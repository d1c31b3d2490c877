"""The ASGI application of the streams: everything else goes on to Django."""

from __future__ import annotations

import asyncio
import io
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.db import Error as DatabaseError
from django.db import close_old_connections

from helpdesk.live import sources
from helpdesk.live.hub import Hub, Waiter
from helpdesk.live.sources import Look, NotSignedIn, Source

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
T = TypeVar("T")

PREFIX: Final = "/stream/"
THREADS: Final = 4
RETRY_MS: Final = 2000
LIFE_SECONDS: Final = (840.0, 900.0)  # then the browser comes again, perhaps to another process
HEARTBEAT_SECONDS: Final = 20.0
POLL_SECONDS: Final = (45.0, 60.0)  # a lost wake-up costs at most this
POLL_WITHOUT_BROKER: Final = (8.0, 12.0)
UNSETTLED_SECONDS: Final = (0.2, 2.0)  # the first and the longest pause while an older transaction is still writing
GATHER_SECONDS: Final = 0.05  # the changes of one action are one look
RECHECK_SECONDS: Final = 10.0  # rights older than this are looked at again before anything is told
SUSPECT_SECONDS: Final = 0.5  # signing out rings just before the session is gone
STALLED_SECONDS: Final = 30.0  # a reader that takes nothing for so long is let go
STREAMS_PER_READER: Final = 20

# Without an id, so that the place of the stream stays; what it is about the page asks for itself.
HINT: Final = "event: %s\ndata: {}\n\n"

HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]

log = structlog.get_logger(__name__)


class Refused(Exception):
    """What is answered instead of a stream."""

    def __init__(self, status: int, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(status)
        self.status, self.headers = status, headers


class Streams:
    """Serve `/stream/…`; hand every other request to `django`."""

    def __init__(self, django: Application) -> None:
        self._django = django
        self._hub = Hub()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._django(scope, receive, send)
            return
        try:
            await self._stream(_request(scope), receive, send)
        except Refused as refusal:
            await _answer(send, refusal)

    async def _stream(self, request: ASGIRequest, receive: Receive, send: Send) -> None:
        _check(request)
        source = await self._find(request)
        if self._hub.open_streams(source.reader) >= STREAMS_PER_READER:
            raise Refused(429, (b"retry-after", b"30"))
        with self._hub.waiting(source.names, source.reader) as waiter:
            stream = _Stream(self, request, source, waiter, send)
            watching = asyncio.create_task(_watch(receive, waiter))
            try:
                await stream.run()
            finally:
                watching.cancel()

    async def _find(self, request: ASGIRequest) -> Source:
        """What is streamed. Raises Refused: 401 without a session, 404 for what is foreign, 503 without database."""
        try:
            source = await self.in_thread(find, request)
        except NotSignedIn:
            raise Refused(401) from None
        except DatabaseError as error:
            log.warning("stream_without_database", error=type(error).__name__)
            raise Refused(503, (b"retry-after", b"5")) from error
        if source is None:
            raise Refused(404)
        return source

    @property
    def hears(self) -> bool:
        """Whether wake-ups arrive."""
        return self._hub.connected

    async def in_thread(self, function: Callable[..., T], *args: Any) -> T:
        """Run what asks the database in one of a few threads, so that no stream holds a connection."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _tidily, function, *args)


def find(request: ASGIRequest) -> Source | None:
    """What the address is for this reader at this moment. Raises NotSignedIn."""
    session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return sources.find(request.path, session_key, now=datetime.now(UTC))


def _tidily(function: Callable[..., T], *args: Any) -> T:
    close_old_connections()
    try:
        return function(*args)
    finally:
        close_old_connections()


class _Stream:
    """One answer that does not end: look, tell, wait, and look again."""

    def __init__(self, app: Streams, request: ASGIRequest, source: Source, waiter: Waiter, send: Send) -> None:
        self._app, self._request, self._source, self._waiter, self._send = app, request, source, waiter, send
        self._end_at = time.monotonic() + random.uniform(*LIFE_SECONDS)  # noqa: S311 - spreads load
        self._checked_at = time.monotonic()
        self._unsettled = 0.0

    async def run(self) -> None:
        """Tell what comes after the reader's place until somebody or the time ends it."""
        last_id = self._request.headers.get("Last-Event-ID", "")
        hint = self._request.GET.get("v", "") or self._request.GET.get("desde", "")
        try:
            position = await self._app.in_thread(self._source.start, last_id, hint)
            await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await self._write(f"retry: {RETRY_MS}\nevent: ready\nid: {position}\ndata: {{}}\n\n")
            await self._tell_from(position)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, OSError) as error:  # nobody reads any more
            log.debug("stream_lost", error=type(error).__name__)

    async def _tell_from(self, position: str) -> None:
        while not self._waiter.gone and time.monotonic() < self._end_at:
            self._waiter.rest()
            try:
                look = await self._app.in_thread(self._source.read, position)
                if not await self._may_go_on(telling=bool(look.events)):
                    return
            except DatabaseError as error:  # the browser comes again with its place
                log.warning("stream_without_database", error=type(error).__name__)
                return
            if look.events:
                await self._write(_told(look))
            position = look.position
            if not look.more:
                await self._rest(self._pause(look))

    async def _may_go_on(self, *, telling: bool) -> bool:
        """Look at the reader's rights again where that is due; False when they are not what they were."""
        age = time.monotonic() - self._checked_at
        if self._waiter.suspect:
            self._waiter.suspect = False
            await asyncio.sleep(SUSPECT_SECONDS)
        elif age < (RECHECK_SECONDS if telling else POLL_WITHOUT_BROKER[0]):
            return True
        try:
            same = await self._app.in_thread(find, self._request) == self._source
        except NotSignedIn:
            return False
        self._checked_at = time.monotonic()
        return same

    def _pause(self, look: Look) -> float:
        """How long to wait for a wake-up before looking all the same."""
        if look.unsettled:
            self._unsettled = min(max(self._unsettled * 2, UNSETTLED_SECONDS[0]), UNSETTLED_SECONDS[1])
            return self._unsettled
        self._unsettled = 0.0
        return random.uniform(*(POLL_SECONDS if self._app.hears else POLL_WITHOUT_BROKER))  # noqa: S311 - spreads load

    async def _rest(self, seconds: float) -> None:
        """Wait until woken or the time is over; show that we live meanwhile."""
        await self._hint()  # what came as the last wait ended
        until = min(time.monotonic() + seconds, self._end_at)
        while (left := until - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(min(left, HEARTBEAT_SECONDS)):
                    await self._waiter.event.wait()
            except TimeoutError:
                if left >= HEARTBEAT_SECONDS:
                    await self._write(":\n\n")
                continue
            await asyncio.sleep(GATHER_SECONDS)
            self._waiter.event.clear()  # before writing: who comes meanwhile is told next
            await self._hint()
            if self._waiter.changed:
                return

    async def _hint(self) -> None:
        while self._waiter.hints:
            await self._write(HINT % self._waiter.hints.pop())

    async def _write(self, text: str) -> None:
        async with asyncio.timeout(STALLED_SECONDS):
            await self._send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _told(look: Look) -> str:
    """The events as the browser reads them; each id is where to go on from, `cola` says how many these were."""
    lines = [
        f"event: ticket\nid: {event.id}\ndata: "
        + json.dumps({"number": event.number, "version": event.version, "type": event.type})
        + "\n\n"
        for event in look.events
    ]
    return "".join(lines) + f"event: cola\ndata: {json.dumps({'n': len(look.events)})}\n\n"


async def _watch(receive: Receive, waiter: Waiter) -> None:
    """Wait until the reader is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    waiter.close()


# ------------------------------------------------------------------ the door


def _request(scope: Scope) -> ASGIRequest:
    return ASGIRequest(scope, io.BytesIO())


def _check(request: ASGIRequest) -> None:
    """Raise Refused unless a page of ours asks, at an address that is ours."""
    if request.method != "GET":
        raise Refused(405, (b"allow", b"GET"))
    try:
        host = request.get_host()
    except DisallowedHost:
        raise Refused(400) from None
    origin = request.headers.get("Origin")
    if origin is not None and not _is_ours(origin, host, secure=request.is_secure()):
        raise Refused(403)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Refused(403)


def _is_ours(origin: str, host: str, *, secure: bool) -> bool:
    own = urlsplit(origin)
    return (own.netloc == host and own.scheme == ("https" if secure else "http")) or (
        origin in settings.CSRF_TRUSTED_ORIGINS
    )


async def _answer(send: Send, refusal: Refused) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"0"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": [*headers, *refusal.headers]})
    await send({"type": "http.response.body", "body": b""})
