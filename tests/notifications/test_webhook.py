"""Notices that wake: the signed call, as a real HTTP server gets it."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings

from notifications import actions, webhook
from notifications.models import Channel, Notification
from tests.notifications.cast import NOW, put

pytestmark = pytest.mark.django_db

PHONE = "+527225550177"
SECRET = "compartido"


class Provider:
    """A voice provider on loopback that answers `status` and keeps what it was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.location = ""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                provider.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(provider.status)
                if provider.location:
                    self.send_header("Location", provider.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/llamar"


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    provider = Provider()
    thread = threading.Thread(target=provider.server.serve_forever, daemon=True)
    thread.start()
    settings.WAKE_WEBHOOK_URL = provider.url
    settings.WAKE_WEBHOOK_SECRET = SECRET
    yield provider
    provider.server.shutdown()
    provider.server.server_close()
    thread.join()


def wake(key: str = "k1", **fields: Any) -> Notification:
    return put(key, channel=Channel.WEBHOOK, recipient=PHONE, wakes=True, **fields)


def end_of(notice: Notification) -> str:
    return Notification.objects.get(pk=notice.pk).outcome


def test_the_call_is_signed_and_says_what_to_say(provider: Provider) -> None:
    notice = wake()

    actions.send_due(now=NOW)

    ((headers, body),) = provider.calls
    mac = hmac.new(SECRET.encode(), headers["x-helpdesk-timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["x-helpdesk-signature"] == f"v1={mac.hexdigest()}"
    assert json.loads(body) == {
        "id": headers["idempotency-key"],
        "to": PHONE,
        "text": "Aviso para Rosa. Folio IMX-1.",
        "language": "es-MX",
        "wakes": True,
        "topic": "ticket/1",
        "template": "sample",
        "created_at": NOW.isoformat(),
    }
    assert end_of(notice) == "delivered"


def test_a_repeated_call_has_the_same_key_and_body(provider: Provider) -> None:
    provider.status = 503
    notice = wake()
    actions.send_due(now=NOW)

    provider.status = 200
    actions.send_due(now=NOW + timedelta(seconds=5))

    (first, first_body), (second, second_body) = provider.calls
    assert first["idempotency-key"] == second["idempotency-key"]
    assert first_body == second_body
    assert end_of(notice) == "delivered"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *[(status, "delivered") for status in (200, 202)],
        *[(status, "bounced") for status in (400, 404, 422)],
        *[(status, "") for status in (408, 429, 500, 503)],
    ],
)
def test_what_a_provider_answers(provider: Provider, status: int, outcome: str) -> None:
    provider.status = status
    notice = wake()

    actions.send_due(now=NOW)

    assert end_of(notice) == outcome


def test_a_redirect_is_not_followed(provider: Provider) -> None:
    provider.status, provider.location = 307, f"{provider.url}/otra-parte"
    notice = wake()

    actions.send_due(now=NOW)

    assert len(provider.calls) == 1
    assert end_of(notice) == ""


def test_a_provider_that_is_away_is_called_again(provider: Provider, settings: Settings) -> None:
    settings.WAKE_WEBHOOK_URL = "http://127.0.0.1:1/"
    notice = wake()
    actions.send_due(now=NOW)
    assert end_of(notice) == ""

    settings.WAKE_WEBHOOK_URL = provider.url
    actions.send_due(now=NOW + timedelta(seconds=5))

    assert end_of(notice) == "delivered"


def test_a_provider_that_never_answers_is_given_up_on_in_time(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.2)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as silent:  # listens, is never served
        settings.WAKE_WEBHOOK_URL = f"http://127.0.0.1:{silent.server_port}/"
        settings.WAKE_WEBHOOK_SECRET = SECRET
        notice = wake()

        actions.send_due(now=NOW)

    assert end_of(notice) == ""
    assert "imed out" in Notification.objects.get().last_error


def test_the_slowest_call_fits_into_the_lease() -> None:
    assert timedelta(seconds=2 * webhook.TIMEOUT_SECONDS) < actions.WAKE_LEASE


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        pytest.param("", SECRET, id="no address"),
        pytest.param("https://voz.example/", "", id="no key: unsigned calls do not exist"),
        pytest.param("http://voz.example/", SECRET, id="in the clear"),
        pytest.param("file:///etc/passwd", SECRET, id="not a web address"),
    ],
)
def test_without_a_safe_address_it_is_dead_at_once_so_that_a_ladder_climbs(
    settings: Settings, url: str, secret: str
) -> None:
    settings.WAKE_WEBHOOK_URL, settings.WAKE_WEBHOOK_SECRET = url, secret
    notice = wake()

    actions.send_due(now=NOW)

    assert end_of(notice) == "dead"


def test_a_desk_may_have_its_own_provider(
    provider: Provider, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_resolvers", [])
    own = webhook.Endpoint(provider.url, "propio")
    webhook.register_endpoints(lambda desk_id: own if desk_id == 7 else None)
    settings.WAKE_WEBHOOK_URL = ""

    notices = [wake("k7", desk_id=7), wake("k8", desk_id=8, topic="ticket/8")]
    actions.send_due(now=NOW)

    assert [end_of(notice) for notice in notices] == ["delivered", "dead"]
    ((headers, body),) = provider.calls
    assert headers["x-helpdesk-signature"] == webhook.signature("propio", headers["x-helpdesk-timestamp"], body)
