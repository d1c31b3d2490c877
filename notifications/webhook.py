"""Notices that wake: a signed POST to a voice or SMS provider, or to a bridge in front of one.

    POST <WAKE_WEBHOOK_URL>
    Content-Type: application/json
    Idempotency-Key: <id of the notice, the same on every attempt>
    X-Helpdesk-Timestamp: 1795234000
    X-Helpdesk-Signature: v1=<hex HMAC-SHA256 over "<timestamp>." + body>

`docs/notifications.md` has the recipe for the receiving side. 2xx is delivered; 4xx other than 408
and 429 is refused for good; everything else is tried again.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import IO, Final
from urllib.parse import urlsplit

from django.conf import settings

from notifications.errors import NotConfigured, Refused
from notifications.models import Notification

TIMEOUT_SECONDS: Final = 8.0
RETRIED: Final = frozenset({408, 429})
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where wake notices go, and the key that signs them."""

    url: str
    secret: str


Resolver = Callable[[int], Endpoint | None]
_resolvers: list[Resolver] = []


def register_endpoints(resolver: Resolver) -> None:
    """Let a higher app name a desk's own endpoint; None falls back to the installation's."""
    _resolvers.append(resolver)


def endpoint_for(desk_id: int | None) -> Endpoint:
    """Return where a desk's wake notices go. Raises NotConfigured."""
    if desk_id is not None:
        for resolver in _resolvers:
            found = resolver(desk_id)
            if found is not None:
                return found
    endpoint = Endpoint(settings.WAKE_WEBHOOK_URL, settings.WAKE_WEBHOOK_SECRET)
    if not endpoint.url or not endpoint.secret:
        raise NotConfigured("WAKE_WEBHOOK_URL and WAKE_WEBHOOK_SECRET are not set")
    return endpoint


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the value of X-Helpdesk-Signature."""
    mac = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={mac.hexdigest()}"


def send(notice: Notification) -> None:
    """POST the stored bytes once. Raises Refused, NotConfigured, or OSError for what may pass."""
    body = bytes(notice.rendered or b"")
    try:
        with _opener.open(_request(notice, body), timeout=TIMEOUT_SECONDS) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    if 200 <= status < 300:
        return
    if 400 <= status < 500 and status not in RETRIED:
        raise Refused(f"HTTP {status}")
    raise OSError(f"HTTP {status}")


def _request(notice: Notification, body: bytes) -> urllib.request.Request:
    endpoint = endpoint_for(notice.desk_id)
    timestamp = str(int(time.time()))
    return urllib.request.Request(  # noqa: S310 - _checked refuses every other scheme
        _checked(endpoint.url),
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "helpdesk",
            "Idempotency-Key": notice.message_id,
            "X-Helpdesk-Timestamp": timestamp,
            "X-Helpdesk-Signature": signature(endpoint.secret, timestamp, body),
        },
    )


def _checked(url: str) -> str:
    """Return the address if it is https, or http to this very machine. Raises NotConfigured."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url
    raise NotConfigured("WAKE_WEBHOOK_URL must be https")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A signed POST goes where it was told, nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


# The default context verifies certificates and host names.
_opener = urllib.request.build_opener(_NoRedirect)
