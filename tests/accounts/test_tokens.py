"""Tokens of the API: what opens, what does not, and what is kept of them."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts import actions
from accounts.models import ApiToken, User
from tests.accounts.conftest import NOW, PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.api_urls")]


def whoami(api: APIClient, header: str) -> int:
    return int(api.get("/api/v1/whoami/", headers={"Authorization": header}).status_code)


def test_a_token_opens_the_api(api: APIClient, token: str) -> None:
    response = api.get("/api/v1/whoami/", headers={"Authorization": f"Token {token}"})

    assert (response.status_code, response.json()) == (200, {"email": "ada@mesa.example"})


def test_only_a_digest_is_kept(token: str) -> None:
    kept = ApiToken.objects.get()

    assert token.startswith(kept.prefix)
    assert token not in "".join(str(value) for value in vars(kept).values())
    assert kept.digest == actions.token_digest(token)


def test_what_opens_nothing(api: APIClient, ada: User, token: str) -> None:
    expired = actions.issue_token(ada, label="e", now=NOW, expires_at=NOW + timedelta(seconds=1))[1]
    row, revoked = actions.issue_token(ada, label="r", now=NOW)
    actions.revoke_token(row, now=NOW)

    for header in (f"Token {expired}", f"Token {revoked}", "Token nada", "Token", "Token a b", f"Token {token}x"):
        response = api.get("/api/v1/whoami/", headers={"Authorization": header})
        assert response.status_code == 401, header
        assert response["WWW-Authenticate"] == "Token"
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "invalid_token"
    assert whoami(api, f"Bearer {token}") == 401

    ada.is_active = False
    ada.save()
    assert whoami(api, f"Token {token}") == 401


def test_use_is_noted_now_and_then(ada_api: APIClient, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ada_api.get("/api/v1/whoami/")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    assert timezone.now() - first < timedelta(minutes=1)

    with django_assert_num_queries(1):
        ada_api.get("/api/v1/whoami/")

    ApiToken.objects.update(last_used_at=first - timedelta(hours=1))
    ada_api.get("/api/v1/whoami/")
    assert ApiToken.objects.get().last_used_at > first  # type: ignore[operator]


def test_revoking_twice_keeps_the_first_instant(ada: User) -> None:
    token, _plaintext = actions.issue_token(ada, label="r", now=NOW)

    actions.revoke_token(token, now=NOW)
    actions.revoke_token(token, now=NOW + timedelta(hours=1))

    assert ApiToken.objects.get(pk=token.pk).revoked_at == NOW


def test_the_command_prints_a_token_that_works(api: APIClient, ada: User) -> None:
    out = StringIO()

    call_command("issue_token", "ADA@mesa.example", "--days", "30", stdout=out)

    assert whoami(api, f"Token {out.getvalue().strip()}") == 200
    assert ApiToken.objects.get().expires_at is not None


def test_the_command_refuses_whom_it_does_not_know(ada: User) -> None:
    User.objects.create_user("gone@mesa.example", name="Gone", is_active=False)

    for arguments in (["nadie@mesa.example"], ["gone@mesa.example"], ["ada@mesa.example", "--days", "0"]):
        with pytest.raises(CommandError):
            call_command("issue_token", *arguments)


@pytest.mark.parametrize("arguments", [["--days", "999999999"], ["--label", "x" * 81]])
def test_the_command_refuses_what_no_token_can_have(ada: User, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"va de 1 a|admite hasta"):
        call_command("issue_token", "ada@mesa.example", *arguments)

    assert not ApiToken.objects.exists()


def test_a_browser_session_works_with_csrf_only(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.login(email="ada@mesa.example", password=PASSWORD)
    body = {"at": "2026-11-17T10:42:00-06:00", "requester": {"name": "Rosa"}}

    reading = client.get("/api/v1/whoami/")
    writing = client.post("/api/v1/whoami/", body, content_type="application/json")

    assert reading.status_code == 200
    assert (writing.status_code, writing.json()["code"]) == (403, "csrf_failed")
    assert writing.json()["detail"] == "Falta el token CSRF, o no es el de la sesión."
