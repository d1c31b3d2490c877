"""Changing the keys of the vault: what older keys sealed is sealed anew by the first of VAULT_KEYS.

What those keys seal: secrets of clients, seeds of second factors (accounts.adapters), and what higher apps name in
their `apps.py`:

    rotation.register("drafts", draftkeys.reseal)

A batch is a transaction; whoever stops in the middle goes on where it was, and running twice changes
nothing. Secrets may be asked for, shown and destroyed meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any, Final
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet

from clients.models import VaultSecret
from core import sealing

BATCH: Final = 200
PAUSE_SECONDS: Final = 0.05
# Of an authenticator's data, what is sealed: the seed of an app, that of recovery codes, codes brought from elsewhere.
SEALED: Final = ("secret", "seed", "migrated_codes")

# How many were sealed anew and how many nobody can open, batch by batch.
Batches = Generator[tuple[int, int]]
_OTHERS: Final[dict[str, Callable[[], Batches]]] = {}


def register(name: str, reseal: Callable[[], Batches]) -> None:
    """Say what else is sealed with the keys of the vault; twice with another function is a mistake (ValueError)."""
    if _OTHERS.setdefault(name, reseal) != reseal:
        raise ValueError(f"{name} is sealed anew twice")


def all_kinds() -> dict[str, Batches]:
    """Everything that is sealed, by what the command calls it."""
    return {
        "secrets": secrets(),
        "second factors": second_factors(),
        **{name: reseal() for name, reseal in _OTHERS.items()},
    }


def secrets(*, batch: int = BATCH) -> Batches:
    """Seal the clients' secrets anew, in batches; after each yield how many were done and how many nobody can open."""
    lost: set[UUID] = set()
    while True:
        with transaction.atomic():
            # Never waiting for a row, it never stands in the way of who ends a case and destroys several.
            found = list(_stale(lost).select_for_update(skip_locked=True)[:batch])
            done = [row for row in found if _resealed(row)]
            VaultSecret.objects.bulk_update(done, ["ciphertext", "key_id"])
        if found:
            lost |= {row.pk for row in found} - {row.pk for row in done}
            yield len(done), len(found) - len(done)
        elif _stale(lost).exists():  # held by somebody who looks or destroys just now
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _stale(lost: set[UUID]) -> QuerySet[VaultSecret]:
    rows = VaultSecret.objects.filter(destroyed_at__isnull=True).exclude(key_id=sealing.key_id())
    return rows.exclude(pk__in=lost).order_by("pk")


def _resealed(row: VaultSecret) -> bool:
    try:
        row.ciphertext = sealing.resealed(bytes(row.ciphertext or b""))
    except sealing.Unreadable:
        return False
    row.key_id = sealing.key_id()
    return True


def second_factors(*, batch: int = BATCH) -> Batches:
    """The same for the seeds of second factors."""
    last = 0
    while True:
        with transaction.atomic():
            rows = Authenticator.objects.filter(pk__gt=last).order_by("pk").select_for_update(of=("self",))[:batch]
            found = list(rows)
            if not found:
                return
            last = found[-1].pk
            outcomes = [_factor_resealed(row) for row in found]
            Authenticator.objects.bulk_update(found, ["data"])
        yield outcomes.count("done"), outcomes.count("unreadable")


def _factor_resealed(row: Authenticator) -> str:
    """`done`, `current` when nothing had to change, or `unreadable`."""
    outcome = "current"
    for name in SEALED:
        value = row.data.get(name)
        try:
            fresh = _value_resealed(value)
        except sealing.Unreadable:
            return "unreadable"
        if fresh != value:
            row.data[name], outcome = fresh, "done"
    return outcome


def _value_resealed(value: Any) -> Any:
    if isinstance(value, list):
        return [_value_resealed(item) for item in value]
    if not isinstance(value, str) or sealing.is_current(value.encode()):
        return value
    return sealing.resealed(value.encode()).decode()
