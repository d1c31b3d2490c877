"""Changing the keys: everything is sealed by the newest, nothing is lost on the way, twice is once."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from clients import rotation, vault
from clients.models import VaultSecret
from core import sealing
from core.actor import SYSTEM
from tests.clients.vaultbox import BOXES, Box
from tests.factories import OFFICE, Cast, actor

pytestmark = pytest.mark.django_db

OLD, NEW, LOST = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
PLANTED = "Tijuana-2026!xK"


@pytest.fixture
def cast(settings: Any) -> Cast:
    settings.VAULT_KEYS = [OLD]
    cast = Cast()
    BOXES[1] = Box(desk=cast.desk, looker=cast.ada.pk)
    return cast


def keep(n: int) -> list[UUID]:
    items = [vault.values_item(vault.Kind.PASSWORD, {"text": PLANTED})] * n
    return [row.pk for row in vault.keep(BOXES[1], items, by=SYSTEM, now=OFFICE)]


def test_after_it_the_old_key_may_go(cast: Cast, settings: Any, capsys: Any) -> None:
    ids = keep(3)
    factor = Authenticator.objects.create(user=cast.ada, type="totp", data={"secret": sealing.seal(b"SEED").decode()})
    settings.VAULT_KEYS = [NEW, OLD]

    call_command("rotate_vault")
    assert "secrets: 3 sealed anew, 0" in capsys.readouterr().out
    call_command("rotate_vault")
    assert "secrets: 0 sealed anew, 0" in capsys.readouterr().out

    settings.VAULT_KEYS = [NEW]
    for pk in ids:
        assert vault.reveal(pk, topic="box/1", by=actor(cast.ada), now=OFFICE).values["text"] == PLANTED
    factor.refresh_from_db()
    assert sealing.unseal(factor.data["secret"].encode()) == b"SEED"


def test_stopped_in_the_middle_it_goes_on_from_there(cast: Cast, settings: Any) -> None:
    keep(5)
    settings.VAULT_KEYS = [NEW, OLD]

    batches = rotation.secrets(batch=2)
    assert next(batches) == (2, 0)
    batches.close()
    assert VaultSecret.objects.filter(key_id=sealing.key_id()).count() == 2
    assert list(rotation.secrets(batch=2)) == [(2, 0), (1, 0)]


def test_what_no_key_opens_is_left_and_said(cast: Cast, settings: Any) -> None:
    keep(1)
    settings.VAULT_KEYS = [LOST]
    keep(1)
    settings.VAULT_KEYS = [NEW, OLD]
    before = set(VaultSecret.objects.filter(key_id__isnull=False).values_list("pk", "ciphertext"))

    with pytest.raises(CommandError):
        call_command("rotate_vault")
    kept = [row for row in before if VaultSecret.objects.filter(pk=row[0], ciphertext=row[1]).exists()]
    assert len(kept) == 1


def test_what_was_destroyed_stays_destroyed(cast: Cast, settings: Any) -> None:
    (pk,) = keep(1)
    vault.destroy(pk, topic="box/1", by=actor(cast.ada), now=OFFICE)
    settings.VAULT_KEYS = [NEW, OLD]

    assert list(rotation.secrets()) == []
    assert VaultSecret.objects.get(pk=pk).ciphertext is None
