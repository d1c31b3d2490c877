"""Feeding search: the vectors grow with each message, in the transaction that writes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import transaction

from core.rows import Rows, joined
from files.models import Attachment
from tickets import searchterms
from tickets.models import Message, MessageFile, Ticket, TicketSearch

# Longer texts are searched by their beginning; a vector may not exceed 1 MB.
MAX_CHARS: Final = 20_000
# Beyond this many different words a vector forgets where they stand (phrases are no longer found in it) …
MOST_PLACED: Final = 4_000
# … and beyond this many it learns no more.
MOST_WORDS: Final = 12_000

_NEW: Final = """
    setweight(to_tsvector('es_unaccent', %s), 'A') || %s::tsvector || to_tsvector('es_unaccent', %s) || %s::tsvector
"""
_GROWN: Final = f"""
    CASE WHEN length(tickets_ticketsearch.{{0}}) > {MOST_WORDS} THEN tickets_ticketsearch.{{0}}
         WHEN length(tickets_ticketsearch.{{0}}) > {MOST_PLACED}
         THEN strip(tickets_ticketsearch.{{0}}) || strip(EXCLUDED.{{0}})
         ELSE tickets_ticketsearch.{{0}} || EXCLUDED.{{0}} END
"""
_UPSERT: Final = f"""
    INSERT INTO tickets_ticketsearch (ticket_id, desk_id, client_id, public_tsv, staff_tsv)
    VALUES (%s, %s, %s, {_NEW}, {_NEW})
    ON CONFLICT (ticket_id) DO UPDATE SET client_id = EXCLUDED.client_id,
        public_tsv = {_GROWN.format("public_tsv")}, staff_tsv = {_GROWN.format("staff_tsv")}
"""  # noqa: S608 - of constants


def start(ticket: Ticket, message: Message, files: Sequence[Attachment], rows: Rows) -> None:
    """Index a new ticket with `rows`: what it is about, who asks, and the first message."""
    text = _text(message, [file.filename for file in files])
    _put(ticket, rows, public=text, staff=text, about=_about(ticket), keys=_keys(ticket))


def add(ticket: Ticket, message: Message, files: Sequence[Attachment], rows: Rows) -> None:
    """Index one more message with `rows`; what the client does not read goes to the vector of the staff only."""
    text = _text(message, [file.filename for file in files])
    _put(ticket, rows, public=text if _is_public(message) else "", staff=text)


def publish(ticket: Ticket, message: Message) -> None:
    """Let the client find what was shared with them. 2 queries."""
    names = message.files.filter(reserved=False).values_list("attachment__filename", flat=True)
    with joined(None) as rows:
        _put(ticket, rows, public=_text(message, list(names)), staff="")


def belong(ticket: Ticket) -> None:
    """Index whose ticket it turned out to be. 1 query."""
    with joined(None) as rows:
        _put(ticket, rows, public="", staff="", about=ticket.client.name if ticket.client else "", keys=_keys(ticket))


def rebuild(tickets: Iterable[Ticket]) -> int:
    """Index these tickets anew from their messages; how many. 5 queries a ticket, and 1 for each message."""
    n = 0
    for ticket in tickets:
        with transaction.atomic():
            Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
            _rebuild(ticket)
        n += 1
    return n


def anew(ticket: Ticket) -> None:
    """Index a locked ticket anew: its messages are others now. 4 queries, and 1 for each message."""
    _rebuild(ticket)


def _rebuild(ticket: Ticket) -> None:
    TicketSearch.objects.filter(pk=ticket.pk).delete()
    names: dict[int, list[str]] = {}
    files = MessageFile.objects.filter(message__ticket=ticket, reserved=False).order_by("message", "position")
    for pk, name in files.values_list("message_id", "attachment__filename"):
        names.setdefault(pk, []).append(name)
    with joined(None) as rows:
        _put(ticket, rows, public="", staff="", about=_about(ticket), keys=_keys(ticket))
    for message in Message.objects.filter(ticket=ticket).order_by("seq"):
        text = _text(message, names.get(message.pk, []))
        with joined(None) as rows:  # one statement may not change the same row twice
            _put(ticket, rows, public=text if _is_public(message) else "", staff=text)


def _is_public(message: Message) -> bool:
    """Whether the client reads it: no note, and nothing of a third party's thread that was not shared."""
    return not message.internal and (message.thread_id is None or message.shared)


def _about(ticket: Ticket) -> str:
    client = ticket.client.name if ticket.client else ""
    return " ".join([ticket.number, ticket.subject, ticket.requester_name, ticket.client_rfc, client])


def _keys(ticket: Ticket) -> set[str]:
    """What the ticket is found by exactly: RFC, address and telephone of who asks."""
    return searchterms.own_keys(
        rfc=ticket.client_rfc, email=ticket.requester_email, phone=str(ticket.requester_phone or "")
    )


def _text(message: Message, names: Sequence[str]) -> str:
    return " ".join([message.body[:MAX_CHARS], *names])


def _put(ticket: Ticket, rows: Rows, *, public: str, staff: str, about: str = "", keys: set[str] | None = None) -> None:
    own = [searchterms.indexed(about), searchterms.vector(keys or set(), weight="A")]
    texts = {text: [searchterms.indexed(text), searchterms.vector(searchterms.keys(text))] for text in (public, staff)}
    rows.add(_UPSERT, [ticket.pk, ticket.desk_id, ticket.client_id, *own, *texts[public], *own, *texts[staff]])
