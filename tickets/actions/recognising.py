"""Codes, folios and fiscal documents that come with a message: linked across tickets, read into cards.

What holds none costs a look at the text, and no statement.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.files.storage import default_storage

from clients import queries as client_queries
from clients.cfdi import archive, codes
from clients.cfdi.archive import Found
from clients.cfdi.codes import Code
from clients.cfdi.document import NotRead
from files.models import Attachment
from tickets.models import Ticket, TicketCode

_TYPES: Final = frozenset({"application/xml", "text/plain", "application/zip"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was found in a text and its files."""

    codes: tuple[Code, ...] = ()
    documents: Mapping[UUID, Found] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        return bool(self.codes or self.documents)

    @property
    def reserved(self) -> frozenset[UUID]:
        """The files that hold payroll."""
        return frozenset(pk for pk, found in self.documents.items() if found.has_payroll)

    def card(self, file: Attachment) -> dict[str, Any] | None:
        """What the file's card shows, as it is kept."""
        found = self.documents.get(file.pk)
        if found is None:
            return None
        return {"n": found.n, "whole": found.whole, "documents": [one.as_json() for one in found.documents]}


def look(text: str, files: Sequence[Attachment] = ()) -> Recognised:
    """Recognise what a text and stored files hold; 0 queries. A secret is never opened."""
    documents = {}
    for file in files:
        found = _read(file)
        if found is not None:
            documents[file.pk] = found
    in_files = (
        Code(codes.FOLIO, one.uuid)
        for found in documents.values()
        if not found.has_payroll
        for one in found.documents
        if one.uuid
    )
    found_codes = tuple(dict.fromkeys([*codes.recognised(text), *in_files]))
    return Recognised(found_codes[: codes.MAX_CODES], documents)


def _read(file: Attachment) -> Found | None:
    named = file.filename.lower().endswith((".xml", ".zip"))
    if file.secret_like or file.size > archive.MAX_BYTES or not (named and file.content_type in _TYPES):
        return None
    try:
        with default_storage.open(file.storage_key) as stored:
            return archive.read(stored.read(archive.MAX_BYTES + 1))
    except NotRead as refusal:
        if refusal.reason == "hostile":
            _log.warning("hostile XML in attachment %s", file.pk)
        return None
    except OSError:  # the message counts, not its card
        _log.exception("attachment %s cannot be read", file.pk)
        return None


def mark(ticket: Ticket, seen: Recognised, *, now: datetime) -> None:
    """Note on the row of the ticket that there is something to look for; the caller saves it.

    The RFC of who issued proposes the company, where nobody has said which it is: 1 query then, else none.
    """
    if not seen.any:
        return
    ticket.codes_since = ticket.codes_since or now
    if seen.reserved:
        ticket.reserved_at = ticket.reserved_at or now
    if ticket.client_id is None and ticket.proposed_client_id is None:
        rfc = next((one.issuer_rfc for one in _documents(seen) if one.issuer_rfc), "")
        if rfc:
            ticket.proposed_client = client_queries.client_of_rfc(ticket.desk.vendor, rfc)


def _documents(seen: Recognised) -> Iterable[Any]:
    return (one for found in seen.documents.values() for one in found.documents)


def rows(ticket: Ticket, seen: Recognised, *, now: datetime) -> list[TicketCode]:
    """The codes of a ticket, to be written; those that it has already stay as they are. 0 queries."""
    vendor_id = ticket.desk.vendor_id
    return [
        TicketCode(ticket=ticket, vendor_id=vendor_id, kind=code.kind, text=code.text, seen_at=now)
        for code in seen.codes
    ]
