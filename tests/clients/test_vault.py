"""The vault by itself: asked for once, sealed, shown to whoever has the case, gone in time."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from clients import vault
from clients.models import VaultRequest, VaultSecret
from core.actor import Actor
from core.errors import Forbidden, Invalid
from schedules.models import Timer
from tests.clients.vaultbox import BOXES, Box
from tests.factories import OFFICE, Cast, actor

pytestmark = pytest.mark.django_db

NOW = OFFICE
LATER = NOW + timedelta(minutes=20)
PLANTED = "Tijuana-2026!xK"


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def box(cast: Cast) -> Box:
    BOXES[1] = Box(desk=cast.desk, looker=cast.ada.pk)
    return BOXES[1]


@pytest.fixture
def ada(cast: Cast) -> Actor:
    return actor(cast.ada)


def ask(cast: Cast, ada: Actor, **fields: Any) -> tuple[VaultRequest, str]:
    asked = vault.request("box/1", contact=cast.rosa, by=ada, now=NOW, **fields)
    return asked.request, asked.url.rstrip("/").rpartition("/")[2]


def give(token: str, *, at: Any = LATER, value: str = PLANTED) -> VaultSecret:
    item = vault.values_item(vault.Kind.ACCESS, {"user": "rosa", "password": value})
    (secret,) = vault.give(token, items=[item], now=at)
    return secret


# ------------------------------------------------------------------ asking and giving


def test_asking_tells_the_client_the_link_and_keeps_only_its_hash(cast: Cast, box: Box, ada: Actor) -> None:
    asked, token = ask(cast, ada, what="Usuario del portal")

    ((code, told),) = box.client
    assert code == "vault_ask"
    assert told["url"].endswith(f"/datos/{token}/")
    assert told["what"] == "Usuario del portal"
    assert token not in str(VaultRequest.objects.filter(pk=asked.pk).values().get())
    assert box.facts == [("access_requested", {"by": "Ada Lozano", "request": asked.pk})]


def test_only_who_has_the_case_asks(cast: Cast, box: Box) -> None:
    with pytest.raises(Forbidden):
        vault.request("box/1", contact=cast.rosa, by=actor(cast.bruno), now=NOW)
    assert not VaultRequest.objects.exists()


def test_nothing_is_asked_when_the_case_is_over(cast: Cast, box: Box, ada: Actor) -> None:
    box.over = True
    with pytest.raises(vault.CaseOver):
        ask(cast, ada)


def test_asking_again_takes_the_first_link_back(cast: Cast, box: Box, ada: Actor) -> None:
    _first, old = ask(cast, ada)
    ask(cast, ada)

    with pytest.raises(vault.LinkOver):
        give(old)
    assert not VaultSecret.objects.exists()


def test_a_link_serves_once(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    give(token)

    with pytest.raises(vault.LinkOver):
        give(token)
    assert VaultSecret.objects.count() == 1
    assert [code for code, _ in box.team] == ["vault_given"]


@pytest.mark.parametrize(("late", "serves"), [(-1, True), (0, False)])
def test_a_link_serves_until_its_hour(cast: Cast, box: Box, ada: Actor, late: int, serves: bool) -> None:
    asked, token = ask(cast, ada)
    at = asked.expires_at + timedelta(seconds=late)

    if serves:
        give(token, at=at)
    else:
        with pytest.raises(vault.LinkOver):
            give(token, at=at)
    assert VaultSecret.objects.exists() is serves


def test_an_unknown_link_and_an_empty_form_are_refused(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    with pytest.raises(vault.LinkOver):
        give("nobody-has-this")
    with pytest.raises(Invalid):
        vault.give(token, items=[], now=LATER)
    give(token)


# ------------------------------------------------------------------ keeping and looking


def test_what_is_kept_is_sealed(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    secret = give(token)

    row = VaultSecret.objects.get(pk=secret.pk)
    assert row.ciphertext is not None
    assert PLANTED.encode() not in bytes(row.ciphertext)
    assert PLANTED not in repr(vault.values_item(vault.Kind.ACCESS, {"password": PLANTED}))
    assert row.expires_at == LATER + timedelta(hours=72)


def test_each_look_is_written_and_told(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    secret = give(token)
    box.client.clear()

    for minute in (30, 31):
        shown = vault.reveal(secret.pk, topic="box/1", by=ada, now=NOW + timedelta(minutes=minute))
        assert shown.values == {"user": "rosa", "password": PLANTED}
        assert PLANTED not in repr(shown)

    secret.refresh_from_db()
    assert (secret.n_looks, secret.last_look_by) == (2, "Ada Lozano")
    assert [code for code, _ in box.facts].count("secret_seen") == 2
    assert [code for code, _ in box.client] == ["vault_seen", "vault_seen"]
    assert PLANTED not in str(box.facts) + str(box.client) + str(box.team)


def test_a_file_comes_back_as_it_was(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    content = bytes(range(256)) * 9
    (secret,) = vault.give(token, items=[vault.file_item("csd.key", content)], now=LATER)

    shown = vault.reveal(secret.pk, topic="box/1", by=ada, now=LATER)
    assert (shown.secret.filename, shown.content) == ("csd.key", content)


def test_others_see_nothing_and_leave_no_trace(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    secret = give(token)
    before = list(box.facts)

    with pytest.raises(Forbidden):
        vault.reveal(secret.pk, topic="box/1", by=actor(cast.bruno), now=LATER)
    with pytest.raises(LookupError):
        vault.reveal(uuid4(), topic="box/1", by=ada, now=LATER)
    assert box.facts == before


def test_a_secret_of_another_case_is_not_found(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    secret = give(token)
    BOXES[2] = Box(desk=cast.desk, looker=cast.ada.pk, topic="box/2")

    with pytest.raises(LookupError):
        vault.reveal(secret.pk, topic="box/2", by=ada, now=LATER)
    with pytest.raises(LookupError):
        vault.destroy(secret.pk, topic="box/2", by=ada, now=LATER)


def test_a_missing_key_is_said_and_counts_as_no_look(cast: Cast, box: Box, ada: Actor, settings: Any) -> None:
    _asked, token = ask(cast, ada)
    secret = give(token)
    settings.VAULT_KEYS = [base64.urlsafe_b64encode(b"o" * 32).decode()]

    with pytest.raises(vault.Unreadable):
        vault.reveal(secret.pk, topic="box/1", by=ada, now=LATER)
    secret.refresh_from_db()
    assert secret.n_looks == 0


def test_the_list_never_loads_the_content(cast: Cast, box: Box, ada: Actor, django_assert_num_queries: Any) -> None:
    _asked, token = ask(cast, ada)
    give(token)
    with django_assert_num_queries(1):
        (row,) = vault.kept("box/1")
        assert "ciphertext" in row.get_deferred_fields()


# ------------------------------------------------------------------ destroying


def test_72_hours_after_it_was_given_it_is_gone(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    secret = give(token)

    timer = Timer.objects.get(handler=vault.TIMER)
    assert timer.due_at == LATER + timedelta(hours=72)
    vault.expires(timer, timer.due_at)

    secret.refresh_from_db()
    assert (secret.ciphertext, secret.destroyed_cause) == (None, "time")
    assert box.facts[-1][0] == "secret_destroyed"
    with pytest.raises(vault.Destroyed):
        vault.reveal(secret.pk, topic="box/1", by=ada, now=timer.due_at)


def test_nobody_looks_after_72_hours_even_when_the_sweep_is_late(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    secret = give(token)
    with pytest.raises(vault.Destroyed):
        vault.reveal(secret.pk, topic="box/1", by=ada, now=LATER + timedelta(hours=72))


def test_the_end_of_the_case_destroys_all_and_takes_the_link_back(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    give(token)
    _again, open_token = ask(cast, ada)

    assert vault.end_case(box, by=ada, now=LATER) == 1
    assert vault.end_case(box, by=ada, now=LATER) == 0
    assert not VaultSecret.objects.filter(ciphertext__isnull=False).exists()
    assert Timer.objects.get(handler=vault.TIMER).cancelled_at == LATER
    assert vault.open_request("box/1", now=LATER) is None
    with pytest.raises(vault.LinkOver):
        give(open_token)


def test_by_hand_once(cast: Cast, box: Box, ada: Actor) -> None:
    _asked, token = ask(cast, ada)
    secret = give(token)

    for _twice in range(2):
        vault.destroy(secret.pk, topic="box/1", by=ada, now=LATER)

    assert [code for code, _ in box.facts].count("secret_destroyed") == 1
    assert Timer.objects.get(handler=vault.TIMER).cancelled_at is not None
    with pytest.raises(Forbidden):
        vault.destroy(secret.pk, topic="box/1", by=actor(cast.bruno), now=LATER)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"destroyed_at": LATER}, id="destroyed with its content"),
        pytest.param({"ciphertext": None}, id="without content and not destroyed"),
        pytest.param({"expires_at": LATER + timedelta(hours=72, seconds=1)}, id="longer than 72 hours"),
    ],
)
def test_the_database_holds_it(cast: Cast, box: Box, ada: Actor, change: dict[str, Any]) -> None:
    _asked, token = ask(cast, ada)
    give(token)
    with pytest.raises(IntegrityError), transaction.atomic():
        VaultSecret.objects.update(**change)
