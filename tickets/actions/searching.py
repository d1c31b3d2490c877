"""Feeding search: the vectors grow with each message, in the transaction that writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.rows import Rows, joined
from files.models import Attachment
from tickets.models import Message, Ticket

# Longer texts are searched by their beginning; a vector may not exceed 1 MB.
MAX_CHARS: Final = 20_000

_UPSERT: Final = """
    INSERT INTO tickets_ticketsearch (ticket_id, desk_id, client_id, public_tsv, staff_tsv)
    VALUES (%s, %s, %s, to_tsvector('es_unaccent', %s), to_tsvector('es_unaccent', %s))
    ON CONFLICT (ticket_id) DO UPDATE SET
        client_id = EXCLUDED.client_id,
        public_tsv = strip(tickets_ticketsearch.public_tsv) || strip(EXCLUDED.public_tsv),
        staff_tsv = strip(tickets_ticketsearch.staff_tsv) || strip(EXCLUDED.staff_tsv)
"""


def start(ticket: Ticket, message: Message, files: Sequence[Attachment], rows: Rows) -> None:
    """Index a new ticket with `rows`: what it is about, who asks, and the first message."""
    client = ticket.client.name if ticket.client else ""
    about = " ".join([ticket.number, ticket.subject, ticket.requester_name, ticket.client_rfc, client])
    text = " ".join([about, _text(message, files)])
    _put(ticket, rows, public=text, staff=text)


def add(ticket: Ticket, message: Message, files: Sequence[Attachment], rows: Rows) -> None:
    """Index one more message with `rows`; what the client does not read goes to the vector of the staff only."""
    text = _text(message, files)
    hidden = message.internal or (message.thread_id is not None and not message.shared)
    _put(ticket, rows, public="" if hidden else text, staff=text)


def publish(ticket: Ticket, message: Message) -> None:
    """Let the client find what was shared with them. 2 queries."""
    names = message.files.values_list("attachment__filename", flat=True)
    with joined(None) as rows:
        _put(ticket, rows, public=" ".join([message.body[:MAX_CHARS], *names]), staff="")


def _text(message: Message, files: Sequence[Attachment]) -> str:
    return " ".join([message.body[:MAX_CHARS], *(file.filename for file in files)])


def _put(ticket: Ticket, rows: Rows, *, public: str, staff: str) -> None:
    rows.add(_UPSERT, [ticket.pk, ticket.desk_id, ticket.client_id, public, staff])
