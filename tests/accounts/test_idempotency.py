"""One effect for one key."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import IdempotencyRecord, User
from tests.accounts import effects

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.api_urls")]

URL = "/api/v1/create/"


def create(api: APIClient, key: str | None, body: Any = None, **options: Any) -> Any:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return api.post(URL, body if body is not None else {"a": 1}, headers=headers, **options)


def made() -> int:
    return User.objects.filter(name="effect").count()


def test_the_same_call_again_gives_the_first_answer(ada_api: APIClient) -> None:
    first = create(ada_api, "k1", {"a": 1, "b": [2]})
    again = create(ada_api, "k1", {"b": [2], "a": 1})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["id"] == first.json()["id"]
    assert again["Location"] == first["Location"]
    assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
    assert made() == 1


def test_the_digest_of_a_body_is_worth_nothing_without_the_key(ada_api: APIClient, settings: Any) -> None:
    for key, secret_key in (("k1", "one key of the installation"), ("k2", "another key of it")):
        settings.SECRET_KEY = secret_key
        create(ada_api, key, {"body": "contraseña: 1234"})
    assert IdempotencyRecord.objects.values("fingerprint").distinct().count() == 2


def test_what_is_secret_is_answered_once_and_not_kept(ada_api: APIClient) -> None:
    first, again = create(ada_api, "k1"), create(ada_api, "k1")

    assert first.json()["secret"] == "s3cret"
    assert "secret" not in again.json()
    assert b"s3cret" not in bytes(IdempotencyRecord.objects.get().body)


@pytest.mark.parametrize("change", ["body", "file", "address"])
def test_another_request_under_the_same_key_is_refused(ada_api: APIClient, change: str) -> None:
    def upload(content: bytes) -> dict[str, Any]:
        return {"a": "1", "files": SimpleUploadedFile("x.txt", content)}

    if change == "file":
        create(ada_api, "k1", upload(b"uno"), format="multipart")
        same = create(ada_api, "k1", upload(b"uno"), format="multipart")
        other = create(ada_api, "k1", upload(b"dos"), format="multipart")
        assert same["Idempotent-Replayed"] == "true"
    elif change == "body":
        create(ada_api, "k1", {"a": 1})
        other = create(ada_api, "k1", {"a": 2})
    else:
        create(ada_api, "k1")
        other = ada_api.post(f"{URL}?x=1", {"a": 1}, headers={"Idempotency-Key": "k1"})

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert other["Content-Type"] == "application/problem+json"
    assert made() == 1


def test_keys_belong_to_who_sent_them(ada_api: APIClient, api: APIClient) -> None:
    ids = {
        create(ada_api, "k1").json()["id"],
        create(api, "k1").json()["id"],
        create(api, "k1", REMOTE_ADDR="203.0.113.9").json()["id"],
    }

    assert len(ids) == 3
    assert not IdempotencyRecord.objects.filter(principal__contains="127.0.0.1").exists()


def test_a_refusal_is_kept_and_leaves_no_effect(ada_api: APIClient) -> None:
    first, again = (create(ada_api, "k1", {"status": 409}) for _ in range(2))

    assert first.status_code == again.status_code == 409
    assert first.json() == again.json()
    assert again["Content-Type"] == "application/problem+json"
    assert again["Idempotent-Replayed"] == "true"
    assert made() == 0


def test_an_answered_refusal_undoes_its_effect_too(ada_api: APIClient) -> None:
    assert create(ada_api, "k1", {"status": 422}).status_code == 422

    assert made() == 0


@pytest.mark.parametrize("status", [429, 503, 500])
def test_failures_are_not_kept(ada_api: APIClient, status: int) -> None:
    ada_api.raise_request_exception = False

    first, again = (create(ada_api, "k1", {"status": status}) for _ in range(2))

    assert first.status_code == again.status_code == status
    assert "Idempotent-Replayed" not in again
    assert not IdempotencyRecord.objects.exists()
    assert made() == 0


def test_after_a_day_the_key_is_free(ada_api: APIClient) -> None:
    first = create(ada_api, "k1").json()["id"]
    record = IdempotencyRecord.objects.get()
    record.created_at -= timedelta(hours=24)
    record.save()

    assert create(ada_api, "k1", {"other": 1}).json()["id"] != first
    assert create(ada_api, "k1", {"other": 1})["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", " ", "con espacio", "ñ", "x" * 256])
def test_a_key_is_printable_and_bounded(ada_api: APIClient, key: str) -> None:
    response = create(ada_api, key)

    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "invalid_key")
    assert made() == 0


def test_without_a_key_every_call_counts(ada_api: APIClient) -> None:
    create(ada_api, None)
    create(ada_api, None)

    assert made() == 2
    assert not IdempotencyRecord.objects.exists()


def test_who_may_not_come_in_leaves_no_record(settings: Settings, api: APIClient) -> None:
    response = api.post(URL, {}, headers={"Idempotency-Key": "k1", "Authorization": "Token no"})

    assert response.status_code == 401
    assert not IdempotencyRecord.objects.exists()


# --------------------------------------------------------------------------- at once


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Hold every handler until the test opens."""
    gate = threading.Event()
    monkeypatch.setattr(effects, "gate", gate)
    effects.entered.clear()
    yield gate
    gate.set()


def post_in_thread(token: str, body: dict[str, Any]) -> Any:
    try:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
        return create(client, "k1", body)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("status", "expected"), [(201, 1), (500, 0)], ids=["the first succeeds", "the first fails"])
def test_two_at_once_make_one(token: str, gate: threading.Event, status: int, expected: int) -> None:
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(post_in_thread, token, {"status": status})
        assert effects.entered.wait(10)
        others = [pool.submit(post_in_thread, token, {"status": status}) for _ in range(5)]
        # They wait on the unique index, not in the handler.
        assert not any(other.done() for other in others)
        gate.set()
        answers = [first.result(30), *(other.result(30) for other in others)]

    assert {answer.status_code for answer in answers} == {status}
    assert made() == expected
    replayed = [answer for answer in answers if answer.get("Idempotent-Replayed")]
    assert len(replayed) == (5 if expected else 0)
    if expected:
        assert len({answer.json()["id"] for answer in answers}) == 1
