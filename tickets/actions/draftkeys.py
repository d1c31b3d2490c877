"""Changing the keys of the vault for drafts: see `clients.rotation`."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from django.db import transaction

from core import sealing
from tickets.models import Draft
from tickets.models.draft import SEALED

BATCH: Final = 200


def reseal(*, batch: int = BATCH) -> Generator[tuple[int, int]]:
    """Seal drafts anew by the first key, a batch a transaction; yield how many were done and how many nobody opens."""
    last = 0
    while True:
        with transaction.atomic():
            stale = Draft.objects.filter(pk__gt=last).exclude(key_id=sealing.key_id()).order_by("pk")
            found = list(stale.select_for_update(of=("self",))[:batch])
            if not found:
                return
            last = found[-1].pk
            done = [row for row in found if _resealed(row)]
            Draft.objects.bulk_update(done, SEALED)
        yield len(done), len(found) - len(done)


def _resealed(row: Draft) -> bool:
    try:
        row.sealed = sealing.resealed(bytes(row.sealed))
    except sealing.Unreadable:
        return False
    row.key_id = sealing.key_id()
    return True
