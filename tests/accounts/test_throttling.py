"""How often one may ask."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import addresses, throttling
from accounts.throttling import Rate
from core.errors import TooMany

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.api_urls")]


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.RATE_LIMITS = True
    settings.RATES = {"api_read": "100/d", "api_write": "100/d", "api_anonymous": "5/d", "open_ticket": "3/d"}
    cache.clear()


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("60/m", Rate(60, 60)),
        ("5/10m", Rate(5, 600)),
        ("1/s", Rate(1, 1)),
        ("9/2h", Rate(9, 7200)),
        ("1/d", Rate(1, 86400)),
    ],
)
def test_a_rate_reads_as_it_is_said(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", ["", "60", "60/", "60/x", "/m", "-1/m", "0/m", "60/0m", "a/m"])
def test_a_wrong_rate_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Rate.parse(text)


def test_strangers_are_limited_by_their_address(api: APIClient) -> None:
    statuses = [api.get("/api/v1/public/?at=2026-11-17T10:00:00Z").status_code for _ in range(7)]
    other = api.get("/api/v1/public/?at=2026-11-17T10:00:00Z", REMOTE_ADDR="203.0.113.9").status_code

    assert statuses == [200] * 5 + [429] * 2
    assert other == 200


def test_a_view_may_count_its_writes_on_its_own(ada_api: APIClient) -> None:
    writes = [ada_api.post("/api/v1/public/", {}) for _ in range(4)]

    assert [response.status_code for response in writes] == [201, 201, 201, 429]
    assert ada_api.get("/api/v1/public/?at=2026-11-17T10:00:00Z").status_code == 200
    refused = writes[-1]
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused["Retry-After"]) <= 86401


def test_zero_turns_limits_off(api: APIClient, settings: Settings) -> None:
    settings.RATE_LIMITS = False

    assert {api.post("/api/v1/public/", {}).status_code for _ in range(10)} == {201}


def test_without_the_cache_everybody_gets_in(api: APIClient, settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}

    assert {api.post("/api/v1/public/", {}).status_code for _ in range(10)} == {201}


def test_pages_ask_by_the_same_door() -> None:
    for _time in range(3):
        throttling.check("open_ticket", "anon:1")
    throttling.check("open_ticket", "anon:2")
    throttling.check("no_such_scope", "anon:1")

    with pytest.raises(TooMany) as refused:
        throttling.check("open_ticket", "anon:1")
    assert refused.value.extra["retry_after"] >= 1


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        pytest.param(0, "198.51.100.7", "127.0.0.1", id="nobody is believed"),
        pytest.param(1, "198.51.100.7", "198.51.100.7", id="one proxy of ours"),
        pytest.param(1, "10.9.9.9, 198.51.100.7", "198.51.100.7", id="what the client claims stands further left"),
        pytest.param(2, "10.9.9.9, 198.51.100.7, 10.0.0.1", "198.51.100.7", id="two proxies"),
        pytest.param(2, "198.51.100.7", "127.0.0.1", id="fewer hops than proxies: it came around them"),
        pytest.param(1, "", "127.0.0.1", id="no header"),
    ],
)
def test_the_client_behind_proxies(settings: Settings, proxies: int, forwarded: str, expected: str) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})

    assert addresses.client_ip(request) == expected


def test_a_wrong_rate_stops_the_start(settings: Settings) -> None:
    config = apps.get_app_config("accounts")
    config.ready()

    settings.RATES = {"open_ticket": "lots"}
    with pytest.raises(ImproperlyConfigured, match="RATE_OPEN_TICKET"):
        config.ready()
