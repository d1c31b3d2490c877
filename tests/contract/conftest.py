"""Callers and a clock that stands, for the tests of the contract."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.contract.world import OPEN_AT, World

Clock = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the doors read this instant."""

    def stand(instant: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant.astimezone(UTC))

    stand(OPEN_AT)
    return stand


@pytest.fixture
def world(db: None, at: Clock) -> World:
    """Both desks of the seeds with their people, and two companies at one of them, one at the other."""
    return World()
