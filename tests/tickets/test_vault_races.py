"""The vault with several at once: real threads, real connections, real locks."""

from __future__ import annotations

import base64
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from clients import rotation, vault
from clients.models import VaultRequest, VaultSecret
from schedules import actions as schedule_actions
from tests.factories import OFFICE, Cast, actor
from tests.tickets.test_races import at_once
from tickets import actions
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db(transaction=True)

LATER = OFFICE + timedelta(minutes=30)


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)


def given(ticket: Ticket, cast: Cast, n: int = 1) -> list[VaultSecret]:
    asked = vault.request(f"ticket/{ticket.pk}", contact=cast.rosa, by=actor(cast.ada), now=OFFICE)
    items = [vault.values_item(vault.Kind.ACCESS, {"password": f"Zafiro-{i}"}) for i in range(n)]
    return vault.give(asked.url.rstrip("/").rpartition("/")[2], items=items, now=LATER)


def test_a_link_used_twice_at_once_keeps_one(cast: Cast, ticket: Ticket) -> None:
    asked = vault.request(f"ticket/{ticket.pk}", contact=cast.rosa, by=actor(cast.ada), now=OFFICE)
    token = asked.url.rstrip("/").rpartition("/")[2]
    items = [vault.values_item(vault.Kind.ACCESS, {"password": "Zafiro"})]

    results = at_once([partial(vault.give, token, items=items, now=LATER)] * 4)

    assert sum(isinstance(result, vault.LinkOver) for result in results) == 3
    assert VaultSecret.objects.count() == 1


def test_asking_at_once_leaves_one_link(cast: Cast, ticket: Ticket) -> None:
    ask = partial(vault.request, f"ticket/{ticket.pk}", contact=cast.rosa, by=actor(cast.ada), now=OFFICE)
    results = at_once([ask] * 4)

    assert all(isinstance(result, vault.Asked) for result in results)
    assert VaultRequest.objects.filter(withdrawn_at=None).count() == 1


def test_looking_while_the_case_ends_shows_it_or_says_that_it_is_gone(cast: Cast, ticket: Ticket) -> None:
    (secret,) = given(ticket, cast)
    look = partial(vault.reveal, secret.pk, topic=secret.topic, by=actor(cast.ada), now=LATER)
    end = partial(actions.resolve, ticket, by=actor(cast.ada), now=LATER, solution="Quedó.")

    results = at_once([look, look, end, look])

    shown = [result for result in results if isinstance(result, vault.Revealed)]
    gone = [result for result in results if isinstance(result, vault.Destroyed)]
    assert len(shown) + len(gone) == 3
    assert TicketEvent.objects.filter(type="ticket.secret_seen").count() == len(shown)
    assert VaultSecret.objects.get().ciphertext is None


def test_the_72_hours_while_the_case_ends_destroy_once(cast: Cast, ticket: Ticket) -> None:
    given(ticket, cast)
    due = LATER + vault.LIFETIME
    end = partial(actions.resolve, ticket, by=actor(cast.ada), now=due, solution="Quedó.")

    def sweep() -> Any:
        return schedule_actions.fire_due(now=due)

    results = at_once([sweep, end, sweep])

    assert not [result for result in results if isinstance(result, Exception)]
    assert TicketEvent.objects.filter(type="ticket.secret_destroyed").count() == 1


def test_keys_change_while_people_look_and_destroy(cast: Cast, ticket: Ticket, settings: Any) -> None:
    secrets = given(ticket, cast, n=12)
    settings.VAULT_KEYS = [base64.urlsafe_b64encode(b"n" * 32).decode(), *settings.VAULT_KEYS]
    topic = f"ticket/{ticket.pk}"
    looks = [partial(vault.reveal, s.pk, topic=topic, by=actor(cast.ada), now=LATER) for s in secrets[:3]]
    ends = [partial(vault.destroy, s.pk, topic=topic, by=actor(cast.ada), now=LATER) for s in secrets[3:6]]

    results = at_once([lambda: list(rotation.secrets(batch=5)), *looks, *ends, lambda: list(rotation.secrets(batch=3))])

    assert not [result for result in results if isinstance(result, Exception)]
    list(rotation.secrets())
    settings.VAULT_KEYS = settings.VAULT_KEYS[:1]
    alive = VaultSecret.objects.filter(destroyed_at=None)
    assert alive.count() == 9
    for secret in alive:
        assert vault.reveal(secret.pk, topic=topic, by=actor(cast.ada), now=LATER).values
