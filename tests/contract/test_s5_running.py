"""Contract, section 5 and one live server: health, and filing by many at once over real sockets."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest
from django.test import Client

from accounts import actions as account_actions
from tests.contract.world import OPEN_AT, REPORT, World


@pytest.mark.django_db
def test_health(client: Client) -> None:
    alive = client.get("/healthz")
    assert alive.status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json().keys() >= {
        "database",
        "migrations",
        "broker",
        "oldest_due_timer_s",
        "oldest_due_notice_s",
        "last_beat_s",
        "degraded",
    }
    assert isinstance(ready.json()["degraded"], list)


@pytest.mark.django_db
def test_a_broker_that_is_away_is_only_degraded(client: Client, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["broker"] is False
    assert "broker" in ready.json()["degraded"]


def test_health_without_a_database(client: Client) -> None:
    """No fixture lets this test at the database: to the page it is away."""
    assert client.get("/healthz").status_code == 200


class Wire:
    """A caller over real sockets."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address, token

    def send(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.address}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Token {self.token}", "Content-Type": "application/json", **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)


@pytest.mark.django_db(transaction=True)
def test_sixteen_file_at_once_over_the_wire(live_server: Any) -> None:
    world = World()

    def wire(name: str) -> Wire:
        return Wire(live_server.url, account_actions.issue_token(world.users[name], label="wire", now=OPEN_AT)[1])

    client, karla, ivan = wire("client"), wire("karla"), wire("ivan")
    answers: list[tuple[int, dict[str, Any]]] = []
    refusals: list[int] = []
    together = threading.Barrier(20)

    def file() -> None:
        together.wait()
        answers.append(client.send("tickets/", dict(REPORT)))

    def refuse() -> None:
        together.wait()
        refusals.append(client.send("tickets/", {**REPORT, "description": "Ayuda"})[0])

    threads = [threading.Thread(target=work) for work in [file] * 16 + [refuse] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in answers] == [201] * 16
    assert refusals == [400] * 4
    numbers = sorted(int(ticket["number"].removeprefix("IMX-")) for _, ticket in answers)
    assert numbers == list(range(numbers[0], numbers[0] + 16))

    number = f"IMX-{numbers[0]}"
    taken: list[tuple[int, dict[str, Any]]] = []
    takers = [threading.Thread(target=lambda w=w: taken.append(w.send(f"tickets/{number}/take/", {}))) for w in (karla, ivan)]  # fmt: skip # noqa: E501
    for thread in takers:
        thread.start()
    for thread in takers:
        thread.join()
    assert sorted(status for status, _ in taken) == [200, 409]
    winner = next(body for status, body in taken if status == 200)
    loser = next(body for status, body in taken if status == 409)
    assert (loser["code"], loser["assignee"]) == ("already_taken", winner["assignee"])
