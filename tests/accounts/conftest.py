"""People and clients for these tests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from accounts import actions
from accounts.models import User

PASSWORD = "una frase larga 42"
NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada@mesa.example", PASSWORD, name="Ada Ríos")


@pytest.fixture
def token(ada: User) -> str:
    return actions.issue_token(ada, label="pruebas", now=NOW)[1]


@pytest.fixture
def api() -> APIClient:
    return APIClient()


@pytest.fixture
def ada_api(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client
