"""A settled ticket told again as an article: who it was about goes, neutral words stay."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from clients.cfdi.codes import FOLIO, Code
from clients.models import TaxId
from knowledge import neutral, queries
from knowledge.actions import MAX_BODY, MAX_CODES, MAX_TITLE, Content
from knowledge.neutral import Known, Replaced
from knowledge.queries import Wanted
from tickets.models import Message, Ticket, TicketCode

# Headings of what is written: an article is Spanish whatever the language of who makes it.
PROBLEM: Final = "## Qué pasa"
SOLUTION: Final = "## Cómo se resuelve"
UNKNOWN: Final = "(Escriba aquí cómo se resolvió.)"
_HALF: Final = MAX_BODY // 2 - 200


def content(ticket: Ticket) -> tuple[Content, tuple[Replaced, ...]]:
    """The ticket as an article, and what neutral words stand for in it. 3 queries, 4 with codes."""
    first, solution = _texts(ticket)
    known = _known(ticket, first, solution)
    parts = [neutral.neutral(text, known) for text in (ticket.subject, _body(first)[:_HALF], _body(solution)[:_HALF])]
    title, problem, solved = (part.text.strip() for part in parts)
    versions = [ticket.product_version] if ticket.product_id and ticket.product_version else []
    text = f"{PROBLEM}\n\n{problem}\n\n{SOLUTION}\n\n{solved or UNKNOWN}\n"
    found = dict.fromkeys(one for part in parts for one in part.replaced)
    return (
        Content(
            title=title[:MAX_TITLE] or ticket.number,
            body=text[:MAX_BODY],
            product=ticket.product,
            product_versions=[version[:30] for version in versions],
            codes=[code.label for code in codes(ticket)],
        ),
        tuple(found),
    )


def wanted(ticket: Ticket) -> Wanted:
    """What is looked for among the articles for a ticket. 1 query, 0 for a ticket without codes."""
    return queries.told(
        ticket.subject, product_id=ticket.product_id, version=ticket.product_version, codes=codes(ticket)
    )


def _texts(ticket: Ticket) -> tuple[Message | None, Message | None]:
    """What the client wrote first, and the last solution that they were told. 1 query."""
    told = Message.objects.filter(Q(seq=1) | Q(is_solution=True), ticket=ticket, internal=False, thread__isnull=True)
    rows = list(told.order_by("seq"))
    first = rows[0] if rows and not rows[0].is_solution else None
    return first, next((row for row in reversed(rows) if row.is_solution), None)


def _body(message: Message | None) -> str:
    return message.body if message is not None else ""


def _known(ticket: Ticket, *messages: Message | None) -> list[Known]:
    """The names that the ticket knows. 1 query for the names of the company."""
    people = [ticket.requester_name, *ticket.requester_name.split()[:1]]
    people += [message.author_label for message in messages if message is not None]
    companies = [ticket.client.name] if ticket.client else []
    companies += [ticket.branch.name] if ticket.branch else []
    if ticket.client_id is not None:
        companies += TaxId.objects.filter(client_id=ticket.client_id).values_list("legal_name", flat=True)[:20]
    return [
        Known(neutral.TICKET, ticket.number),
        *(Known(neutral.PERSON, name) for name in people if name),
        *(Known(neutral.COMPANY, name) for name in companies if name),
    ]


def codes(ticket: Ticket) -> list[Code]:
    """The ticket's error codes: a folio fiscal is the client's. 1 query, 0 for a ticket without."""
    if ticket.codes_since is None:
        return []
    rows = TicketCode.objects.filter(ticket=ticket).exclude(kind=FOLIO).order_by("id")
    return [Code(*row) for row in rows.values_list("kind", "text")[:MAX_CODES]]
