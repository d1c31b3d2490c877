"""Many at once at the API's door: numbers without a gap, one winner for one ticket, one effect for one key."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from accounts import actions as account_actions
from accounts.models import User
from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.test_api_tickets import URL, body
from tickets.models import Message, Ticket, TicketEvent

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 16


@pytest.fixture
def house(transactional_db: None) -> Cast:
    return factories.Cast()


def token(user: User) -> str:
    return account_actions.issue_token(user, label="race", now=OFFICE)[1]


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run them all in threads of their own that start together."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            gate.wait(20)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def posting(text: str, path: str, data: dict[str, Any] | None = None, **headers: str) -> Callable[[], Any]:
    def post() -> Any:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {text}", **headers)
        return client.post(path, data or {}, format="json")

    return post


def test_sixteen_at_once_get_consecutive_numbers_and_refusals_leave_no_gap(house: Cast) -> None:
    text = token(house.rosa.user)
    calls = []
    for n in range(THREADS):
        calls.append(posting(text, URL, body(subject=f"Reporte {n}")))
        if n % 3 == 0:
            calls.append(posting(text, URL, body(description="Ayuda")))

    answers = at_once(calls)

    filed = [answer.json()["number"] for answer in answers if answer.status_code == 201]
    assert sorted(answer.status_code for answer in answers) == [201] * THREADS + [400] * 6
    assert sorted(int(number.removeprefix("IMX-")) for number in filed) == list(range(1, THREADS + 1))


def test_of_two_who_take_it_at_once_one_gets_it(house: Cast) -> None:
    ticket = house.ticket()
    texts = {user.pk: token(user) for user in (house.ada, house.bruno)}

    answers = at_once([posting(text, f"{URL}{ticket.number}/take/") for text in texts.values()])

    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    assert lost.json()["code"] == "already_taken"
    assert lost.json()["assignee"] == won.json()["assignee"]
    assert TicketEvent.objects.filter(ticket=ticket, type="ticket.taken").count() == 1


def test_two_requests_with_one_key_create_one(house: Cast) -> None:
    text = token(house.ada)

    answers = at_once([posting(text, URL, body(), HTTP_IDEMPOTENCY_KEY="same") for _n in range(6)])

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert sum(answer.headers.get("Idempotent-Replayed") == "true" for answer in answers) == 5
    assert Ticket.objects.count() == 1


def test_messages_at_once_keep_one_order(house: Cast) -> None:
    ticket = house.ticket()
    path = f"{URL}{ticket.number}/messages/"
    texts = [token(house.ada), token(house.rosa.user)]

    answers = at_once([posting(texts[n % 2], path, {"body": f"Mensaje {n}"}) for n in range(10)])

    assert {answer.status_code for answer in answers} == {201}
    assert list(Message.objects.filter(ticket=ticket).values_list("seq", flat=True)) == list(range(1, 12))
