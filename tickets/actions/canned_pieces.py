"""Canned answers as pieces that can be put into a reply (`tickets.inserting`)."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from tickets import canned
from tickets.actions import canned as canned_actions
from tickets.actions import uploads
from tickets.inserting import Choice, Kind, Piece, Where
from tickets.models import CannedAnswer, CannedFile
from tickets.queries import canned as queries

NAME: Final = "plantilla"


def key_of(pk: int) -> str:
    return f"{NAME}-{pk}"


def find(where: Where, like: str, by_shortcut: bool) -> list[Choice]:
    """Those that fit the ticket and what was typed, at most a dozen. 1 query."""
    found = queries.usable(where.ticket, where.by, like=like, by_shortcut=by_shortcut)
    return [
        Choice(key_of(row.pk), row.title, f"/{row.shortcut}", canned.excerpt(row.body), row.owner_id is not None)
        for row in found
    ]


def read(where: Where, pk: int) -> Piece | None:
    """The answer filled in by the ticket, while it is in use. Up to 2 queries."""
    answer = _usable(where, pk)
    if answer is None:
        return None
    values = queries.values(where.ticket, where.config, where.by, now=where.now)
    names = tuple(file["name"] for file in answer.attached)  # type: ignore[attr-defined]  # the query annotates it
    return Piece(key_of(pk), answer.title, canned.fill(answer.body, values), names)


def _usable(where: Where, pk: int) -> CannedAnswer | None:
    answer = queries.one(where.by, pk)
    fits = answer is not None and answer.is_active and answer.desk_id == where.ticket.desk_id
    return answer if fits else None


@transaction.atomic
def take(where: Where, pk: int) -> None:
    """Count it, and lay copies of its files beside the text. 1 query without files."""
    canned_actions.count(pk)
    for file in CannedFile.objects.filter(answer_id=pk).select_related("attachment"):
        origin = f"{key_of(pk)}/{file.pk}"
        uploads.keep_copy(where.ticket, file.attachment, origin=origin, by=where.by, now=where.now)


KIND: Final = Kind(NAME, find, read, take)
