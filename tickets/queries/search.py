"""Looking for words in tickets: the newest candidates, ranked among these; notes only for the desk's people."""

from __future__ import annotations

import re
from typing import Final

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q, QuerySet

from core.actor import Actor
from tickets.models import Ticket, TicketSearch

CONFIG: Final = "es_unaccent"
CANDIDATES: Final = 1000
MAX_CHARS: Final = 200
_WORD: Final = re.compile(r"[^\W_]+")
_NUMBER: Final = re.compile(r"^\s*(?:([A-Za-z]{2,8})\s*[-–]?\s*)?0*(\d{1,12})\s*$")


def query_of(text: str) -> SearchQuery | None:
    """All the words, the last of them as a beginning, since people are still typing; None without a word."""
    words = _WORD.findall(text[:MAX_CHARS])
    if not words:
        return None
    return SearchQuery(" & ".join([*words[:-1], f"{words[-1]}:*"]), config=CONFIG, search_type="raw")


def by_number(tickets: QuerySet[Ticket], text: str) -> list[int]:
    """Ids of the tickets whose number it is (`IMX-4821`, `imx 4821`, `4821`). 1 query, 0 for other text."""
    found = _NUMBER.match(text)
    if not found:
        return []
    prefix, counter = found.groups()
    same = Q(counter=int(counter))
    if prefix:
        same &= Q(desk__prefix=prefix.upper())
    return list(tickets.filter(same).order_by("-id").values_list("pk", flat=True)[:10])


def ranked(tickets: QuerySet[Ticket], actor: Actor, text: str, *, desk_ids: list[int]) -> list[int]:
    """Ids of the tickets that answer to the text, best first, an exact number before all.

    `desk_ids` are the desks where the actor reads notes too; elsewhere only what the client may read
    is looked through. 2 queries, 3 for who is both staff and client.
    """
    first = by_number(tickets, text)
    query = query_of(text)
    if query is None:
        return first
    found: list[tuple[int, float]] = []
    if desk_ids or actor.is_admin:
        found += _candidates(tickets, query, "staff_tsv", None if actor.is_admin else Q(desk_id__in=desk_ids))
    if not actor.is_admin and (actor.contact_ids or actor.client_ids or not desk_ids):
        found += _candidates(tickets, query, "public_tsv", None)
    found.sort(key=lambda row: (-row[1], -row[0]))
    return list(dict.fromkeys([*first, *(pk for pk, _rank in found)]))


def _candidates(tickets: QuerySet[Ticket], query: SearchQuery, column: str, where: Q | None) -> list[tuple[int, float]]:
    scope = where if where is not None else Q(ticket__in=tickets.values("pk"))
    rows = TicketSearch.objects.filter(scope, **{column: query})
    newest = rows.order_by("-ticket_id").annotate(rank=SearchRank(F(column), query))
    return list(newest.values_list("ticket_id", "rank")[:CANDIDATES])
