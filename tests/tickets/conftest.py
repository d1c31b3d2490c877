"""Doors of tickets under test: a clock that stands, and callers with a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import actions as account_actions
from accounts.models import User
from clients.models import Contact
from tests import factories
from tests.tickets.cast import Imx, load_desk

Clock = Callable[[datetime], None]
Caller = Callable[[User | Contact], APIClient]


@pytest.fixture
def cast(db: None) -> factories.Cast:
    """A desk with its people and two companies."""
    return factories.Cast()


@pytest.fixture
def stranger(db: None) -> factories.Cast:
    """A desk of another vendor with people of its own."""
    return factories.Cast("otra-mesa", prefix="OTR", name="Otra Mesa")


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    """A storage of its own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the doors read this instant: `at(NIGHT)`."""

    def stand(instant: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)

    stand(factories.OFFICE)
    return stand


@pytest.fixture
def caller(at: Clock) -> Caller:
    """A client of the API that carries the person's token."""

    def sign_in(person: User | Contact) -> APIClient:
        user = person if isinstance(person, User) else person.user
        assert user is not None
        _token, text = account_actions.issue_token(user, label="test", now=factories.OFFICE)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {text}")
        return client

    return sign_in


@pytest.fixture
def imx(db: None) -> Imx:
    """The desk `invoice-mx` with its people, loaded from its own file."""
    return Imx(load_desk("invoice-mx"))


@pytest.fixture
def imx_committed(transactional_db: None) -> Imx:
    """The same, committed, for tests with threads and connections of their own."""
    return Imx(load_desk("invoice-mx"))


@pytest.fixture
def office_hour() -> datetime:
    """Tuesday 17 November 2026, 10:42 in Mexico City: the desk is open."""
    return datetime(2026, 11, 17, 16, 42, tzinfo=UTC)


@pytest.fixture
def saturday_afternoon() -> datetime:
    """Saturday 21 November 2026, 15:20 in Mexico City: closed until Monday 09:00."""
    return datetime(2026, 11, 21, 21, 20, tzinfo=UTC)
