"""A notice with defaults, and servers at the rim: what these tests need again and again."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any

from notifications import outbox
from notifications.models import Notification

NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)
ROSA = "rosa@cliente.example"


def put(key: str = "k1", **fields: Any) -> Notification:
    """Put a sample notice."""
    values: dict[str, Any] = {
        "key": key,
        "topic": "ticket/1",
        "recipient": ROSA,
        "template": "sample",
        "now": NOW,
        "params": {"title": f"Reporte {key}", "name": "Rosa", "text": "Ya quedó.", "desk": "Mesa", "number": "IMX-1"},
    }
    return outbox.put(**{**values, **fields})


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
