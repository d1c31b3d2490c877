"""Channels that wake, shown to work by a test that is answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from core.actor import Actor, ActorKind
from core.errors import Conflict, Forbidden
from notifications import actions, senders, waking
from notifications.models import Notification, WakeChannel
from tests.notifications.cast import NOW

pytestmark = pytest.mark.django_db

PHONE = "+527225550177"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@mesa.example", name="Ada Ríos")


@pytest.fixture
def channel(ada: User) -> WakeChannel:
    return waking.add_channel(ada, kind="webhook", address=PHONE, now=NOW)


def actor(user: User) -> Actor:
    return Actor(ActorKind.USER, id=user.pk, user_id=user.pk)


def test_a_channel_is_added_once(ada: User, channel: WakeChannel) -> None:
    assert waking.add_channel(ada, kind="webhook", address=PHONE, now=NOW + timedelta(days=1)) == channel


def test_a_test_goes_to_the_phone_and_is_answered_by_its_link(
    monkeypatch: pytest.MonkeyPatch, client: Client, ada: User, channel: WakeChannel
) -> None:
    said: list[str] = []
    monkeypatch.setattr(senders, "send", lambda notice: said.append(notice.rendered_text))

    notice = waking.test_wake(channel, by=actor(ada), now=NOW)
    actions.send_due(now=NOW)
    path = f"/avisos/prueba/{waking.token(WakeChannel.objects.get())}/"

    assert (notice.recipient, notice.wakes, notice.channel) == (PHONE, True, "webhook")
    assert said[0].startswith("Aviso de prueba de la mesa de ayuda para Ada.")
    assert path in said[0]

    page = client.get(path)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert WakeChannel.objects.get().acknowledged_at is None  # a GET never acts: previews of links do that

    client.post(path)
    assert WakeChannel.objects.get().acknowledged_at is not None


def test_a_browser_that_tells_no_origin_can_answer(ada: User, channel: WakeChannel) -> None:
    waking.test_wake(channel, by=actor(ada), now=NOW)
    path = f"/avisos/prueba/{waking.token(WakeChannel.objects.get())}/"

    response = Client(enforce_csrf_checks=True).post(path, headers={"Origin": "null"})

    assert response.status_code == 200
    assert WakeChannel.objects.get().acknowledged_at is not None


def test_only_the_link_of_the_latest_test_answers(client: Client, ada: User, channel: WakeChannel) -> None:
    waking.test_wake(channel, by=actor(ada), now=NOW)
    old = waking.token(WakeChannel.objects.get())
    waking.test_wake(channel, by=actor(ada), now=NOW + timedelta(minutes=5))

    for wrong in (old, "nada", waking.token(WakeChannel.objects.get()) + "x"):
        assert client.post(f"/avisos/prueba/{wrong}/").status_code == 404
    assert WakeChannel.objects.get().acknowledged_at is None


def test_keys_of_links_rotate(ada: User, channel: WakeChannel, settings: Settings) -> None:
    settings.LINK_KEYS = ["old"]
    waking.test_wake(channel, by=actor(ada), now=NOW)
    token = waking.token(WakeChannel.objects.get())

    settings.LINK_KEYS = ["new", "old"]
    assert waking.read_token(token) == channel
    settings.LINK_KEYS = ["new"]
    assert waking.read_token(token) is None


def test_the_first_answer_counts(ada: User, channel: WakeChannel) -> None:
    waking.test_wake(channel, by=actor(ada), now=NOW)

    waking.acknowledge_test(channel, now=NOW + timedelta(minutes=1))
    waking.acknowledge_test(channel, now=NOW + timedelta(minutes=9))

    assert WakeChannel.objects.get().acknowledged_at == NOW + timedelta(minutes=1)


def test_nobody_touches_somebody_elses_channel(channel: WakeChannel) -> None:
    eva = User.objects.create_user("eva@mesa.example", name="Eva")

    with pytest.raises(Forbidden):
        waking.test_wake(channel, by=actor(eva), now=NOW)
    with pytest.raises(Forbidden):
        waking.remove_channel(channel, by=actor(eva))
    assert not Notification.objects.exists()


def test_push_says_that_it_is_not_there_yet(ada: User) -> None:
    channel = waking.add_channel(ada, kind="push", address="https://push.example/1", now=NOW)

    with pytest.raises(Conflict):
        waking.test_wake(channel, by=actor(ada), now=NOW)
