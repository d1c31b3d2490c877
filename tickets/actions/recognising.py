"""Codes, folios and fiscal documents that come with a message: linked across tickets, read into cards.

What holds none costs a look at the text, and no statement.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.files.storage import default_storage

from clients import queries as client_queries
from clients import seals
from clients.cfdi import archive, certificate, codes
from clients.cfdi.archive import Found
from clients.cfdi.certificate import Certificate
from clients.cfdi.codes import Code
from clients.cfdi.document import NotRead
from files.models import Attachment
from tickets.models import Message, MessageFile, Ticket, TicketCode

_TYPES: Final = frozenset({"application/xml", "text/plain", "application/zip"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was found in a text and its files."""

    codes: tuple[Code, ...] = ()
    documents: Mapping[UUID, Found] = field(default_factory=dict)
    certificates: Mapping[UUID, Certificate] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        return bool(self.codes or self.documents or self.certificates)

    @property
    def reserved(self) -> frozenset[UUID]:
        """The files that hold payroll."""
        return frozenset(pk for pk, found in self.documents.items() if found.has_payroll)

    def card(self, file: Attachment) -> dict[str, Any] | None:
        """What the file's card shows, as it is kept."""
        if file.pk in self.certificates:
            return {"certificate": self.certificates[file.pk].as_json()}
        found = self.documents.get(file.pk)
        if found is None:
            return None
        return {"n": found.n, "whole": found.whole, "documents": [one.as_json() for one in found.documents]}


def look(text: str, files: Sequence[Attachment] = ()) -> Recognised:
    """Recognise what a text and stored files hold; 0 queries. A secret is never opened."""
    read = {file.pk: found for file in files if (found := _read(file)) is not None}
    documents = {pk: found for pk, found in read.items() if isinstance(found, Found)}
    certificates = {pk: found for pk, found in read.items() if isinstance(found, Certificate)}
    in_files = (
        Code(codes.FOLIO, one.uuid)
        for found in documents.values()
        if not found.has_payroll
        for one in found.documents
        if one.uuid
    )
    found_codes = tuple(dict.fromkeys([*codes.recognised(text), *in_files]))
    return Recognised(found_codes[: codes.MAX_CODES], documents, certificates)


def _read(file: Attachment) -> Found | Certificate | None:
    name = file.filename.lower()
    is_certificate = name.endswith(".cer")
    is_document = name.endswith((".xml", ".zip")) and file.content_type in _TYPES
    if file.secret_like or file.size > archive.MAX_BYTES or not (is_certificate or is_document):
        return None
    try:
        with default_storage.open(file.storage_key) as stored:
            content = stored.read(archive.MAX_BYTES + 1)
        return certificate.read(content) if is_certificate else archive.read(content)
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
        issuers = (one.issuer_rfc for found in seen.documents.values() for one in found.documents)
        rfc = next((rfc for rfc in (*issuers, *(one.rfc for one in seen.certificates.values())) if rfc), "")
        if rfc:
            ticket.proposed_client = client_queries.client_of_rfc(ticket.desk.vendor, rfc)


def anew(ticket: Ticket, *, beside: Ticket, now: datetime) -> None:
    """Let the codes of a locked ticket be those of what stands in it now; the caller saves it. 4 queries.

    What was read in files is taken from their cards. A code that the ticket `beside` it showed keeps the day on which
    it was seen there.
    """
    texts = Message.objects.filter(ticket=ticket).order_by("seq").values_list("body", flat=True)
    files = list(MessageFile.objects.filter(message__ticket=ticket).values_list("card", "reserved"))
    found = dict.fromkeys(code for text in (ticket.subject, *texts) for code in codes.recognised(text))
    found |= dict.fromkeys(code for card, reserved in files if card and not reserved for code in _of_card(card))
    rows = list(TicketCode.objects.filter(ticket__in=[ticket.pk, beside.pk]))
    seen_at = {Code(row.kind, row.text): row.seen_at for row in rows}
    mine = {Code(row.kind, row.text): row.pk for row in rows if row.ticket_id == ticket.pk}
    TicketCode.objects.filter(pk__in=[pk for code, pk in mine.items() if code not in found]).delete()
    TicketCode.objects.bulk_create(
        TicketCode(
            ticket=ticket,
            vendor_id=ticket.desk.vendor_id,
            kind=code.kind,
            text=code.text,
            seen_at=seen_at.get(code, now),
        )
        for code in found
        if code not in mine
    )
    ticket.codes_since = (ticket.codes_since or now) if found or any(card for card, _reserved in files) else None
    ticket.reserved_at = (ticket.reserved_at or now) if any(reserved for _card, reserved in files) else None


def _of_card(card: Mapping[str, Any]) -> list[Code]:
    return [Code(codes.FOLIO, one["uuid"]) for one in card.get("documents", ()) if one.get("uuid")]


def keep_seals(ticket: Ticket, seen: Recognised, *, now: datetime) -> None:
    """Keep the certificates of the ticket's company. 0 queries without any, or where no company is known."""
    if seen.certificates and ticket.client is not None:
        for one in seen.certificates.values():
            seals.keep(ticket.client, one, now=now)


def keep_earlier_seals(ticket: Ticket, *, now: datetime) -> None:
    """The company is known now: keep what came in before. 1 query, 0 where nothing was ever recognised."""
    if ticket.client is None or ticket.codes_since is None:
        return
    cards = MessageFile.objects.filter(message__ticket=ticket, card__has_key="certificate").order_by("id")
    for card in cards.values_list("card", flat=True):
        if card is not None:
            seals.keep(ticket.client, Certificate.from_json(card["certificate"]), now=now)


def rows(ticket: Ticket, seen: Recognised, *, now: datetime) -> list[TicketCode]:
    """The codes of a ticket, to be written; those that it has already stay as they are. 0 queries."""
    vendor_id = ticket.desk.vendor_id
    return [
        TicketCode(ticket=ticket, vendor_id=vendor_id, kind=code.kind, text=code.text, seen_at=now)
        for code in seen.codes
    ]
