"""Feeding search: the vectors grow with each message, in the transaction that writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import connection

from files.models import Attachment
from tickets.models import Message, Ticket

# Longer texts are searched by their beginning; a vector may not exceed 1 MB.
MAX_CHARS: Final = 20_000

_UPSERT: Final = """
    INSERT INTO tickets_ticketsearch (ticket_id, desk_id, client_id, public_tsv, staff_tsv)
    VALUES (%(ticket)s, %(desk)s, %(client)s, to_tsvector('es_unaccent', %(public)s),
            to_tsvector('es_unaccent', %(staff)s))
    ON CONFLICT (ticket_id) DO UPDATE SET
        client_id = EXCLUDED.client_id,
        public_tsv = strip(tickets_ticketsearch.public_tsv) || strip(EXCLUDED.public_tsv),
        staff_tsv = strip(tickets_ticketsearch.staff_tsv) || strip(EXCLUDED.staff_tsv)
"""


def start(ticket: Ticket, message: Message, files: Sequence[Attachment]) -> None:
    """Index a new ticket: what it is about, who asks, and the first message. 1 query."""
    client = ticket.client.name if ticket.client else ""
    about = " ".join([ticket.number, ticket.subject, ticket.requester_name, ticket.client_rfc, client])
    text = " ".join([about, _text(message, files)])
    _put(ticket, public=text, staff=text)


def add(ticket: Ticket, message: Message, files: Sequence[Attachment]) -> None:
    """Index one more message; a note goes to the vector of the staff only. 1 query."""
    text = _text(message, files)
    _put(ticket, public="" if message.internal else text, staff=text)


def _text(message: Message, files: Sequence[Attachment]) -> str:
    return " ".join([message.body[:MAX_CHARS], *(file.filename for file in files)])


def _put(ticket: Ticket, *, public: str, staff: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT,
            {
                "ticket": ticket.pk,
                "desk": ticket.desk_id,
                "client": ticket.client_id,
                "public": public,
                "staff": staff,
            },
        )
