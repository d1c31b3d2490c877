"""*¿A quién le tocaría y por qué?*, by page, as a fragment and by API; nothing is changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from desks import actions as desk_actions
from tests import factories
from tests.factories import NIGHT, OFFICE, Cast
from tests.tickets.conftest import Caller, Clock
from tickets import actions
from tickets.models import QueueDelta, Ticket, TicketEvent


def browser_of(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def test_the_page_says_who_and_why_and_changes_nothing(cast: Cast, at: Clock) -> None:
    ticket = cast.ticket()
    before = (Ticket.objects.get().version, TicketEvent.objects.count(), QueueDelta.objects.count())

    page = browser_of(cast.elena).get(f"/tickets/{ticket.number}/a-quien/")

    text = page.content.decode()
    assert page.status_code == 200
    assert "Ada Lozano" in text
    assert "Bruno Ortega" in text
    assert "Le tocaría:" in text
    assert (Ticket.objects.get().version, TicketEvent.objects.count(), QueueDelta.objects.count()) == before


def test_htmx_gets_the_fragment(cast: Cast, at: Clock) -> None:
    ticket = cast.ticket()

    part = browser_of(cast.ada).get(f"/tickets/{ticket.number}/a-quien/", headers={"HX-Request": "true"})

    assert b'id="a-quien"' in part.content
    assert b"<html" not in part.content


def test_the_api_gives_codes_and_words(cast: Cast, caller: Caller) -> None:
    ticket = cast.ticket()
    desk_actions.set_availability(cast.bruno.memberships.get(), by=factories.actor(cast.bruno), availability="busy")

    answer = caller(cast.elena).get(f"/api/v1/tickets/{ticket.number}/whom/").json()

    rows = {row["user"]["name"]: row for row in answer["candidates"]}
    assert answer["assignee"]["name"] == "Ada Lozano"
    assert answer["code"] == "only_one"
    assert (rows["Bruno Ortega"]["code"], rows["Bruno Ortega"]["place"]) == ("busy", None)
    assert "ocupado" in rows["Bruno Ortega"]["text"].lower()


def test_who_has_it_is_weighed_without_it(cast: Cast, caller: Caller) -> None:
    ticket = cast.ticket()

    answer = caller(cast.elena).get(f"/api/v1/tickets/{ticket.number}/whom/").json()

    assert {row["load"] for row in answer["candidates"]} == {0}
    assert ticket.assignee is not None
    assert ticket.assignee.name in answer["note"]


@pytest.mark.parametrize("case", ["night", "over"])
def test_it_says_what_holds_beside_the_rule(cast: Cast, caller: Caller, at: Clock, case: str) -> None:
    if case == "night":
        ticket = cast.ticket(now=NIGHT, request_type="system_down", affects_operation=True)
        at(NIGHT + timedelta(minutes=1))
    else:
        ticket = cast.ticket()
        actions.cancel(ticket, by=factories.actor(cast.elena), now=OFFICE, reason="Se duplicó.")

    answer = caller(cast.elena).get(f"/api/v1/tickets/{ticket.number}/whom/").json()

    assert ("guardia" if case == "night" else "terminó") in answer["note"]
    if case == "night":
        assert answer["assignee"] is None
        assert {row["code"] for row in answer["candidates"]} == {"closed"}
