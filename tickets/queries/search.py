"""Looking for words in tickets: the newest candidates, ranked among these; notes only for the desk's people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import BooleanField, Case, F, FloatField, Func, IntegerField, Q, QuerySet, TextField, Value, When
from psycopg.sql import quote

from clients.models import TaxId
from core.actor import Actor
from tickets import searchterms
from tickets.models import Ticket, TicketSearch
from tickets.queries.searchfilters import condition
from tickets.searchquery import Search

CANDIDATES: Final = 1000
# What marks the beginning and the end of a hit: signs for private use, taken out of every text before.
START, STOP = "\ue000", "\ue001"
_NUMBER: Final = re.compile(r"(?:([A-Za-z]{2,8})\s*[-–]?\s*)?0*([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Asked:
    """A search with what its words mean for this person at this moment; `zone` is that of the desk's days."""

    search: Search
    actor: Actor
    # Where the actor reads notes too; elsewhere only what the client may read is looked through.
    desk_ids: tuple[int, ...]
    zone: ZoneInfo
    now: datetime
    # Whether the tickets to look through are all those of `desk_ids`, narrowed by nothing else.
    whole_desks: bool = False


class Looked(SearchQuery):
    """Words for `to_tsquery`, the last one maybe unfinished, or keys that are found exactly, or either.

    They stand in the statement itself. As a parameter PostgreSQL would after some searches make one plan for all
    words, and look for one in half of the tickets as if it were rare: ten times as slow.
    """

    def __init__(self, words: str, exact: str = "", *, unfinished: bool = False) -> None:
        super().__init__(words)
        self.words, self.exact, self.unfinished = words, exact, unfinished

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[str]]:  # type: ignore[override]
        words = f"to_tsquery('es_unaccent', {_literal(self.words)})"
        words = f"fewest_words({words})" if self.unfinished else words
        parts = [(words, self.words), (f"{_literal(self.exact)}::tsquery", self.exact)]
        return f"({' || '.join(sql for sql, text in parts if text)})", []


def _literal(text: str) -> str:
    """The text as SQL has it; the driver, which looks for places in the statement, passes doubled per cents."""
    connection.ensure_connection()
    return quote(text, connection.connection).replace("%", "%%")


class ReadsWords(Func):
    """Always true: tells the planner what unpacking the words of a ticket costs (migration 0016)."""

    function = "reads_words"
    output_field = BooleanField()


def found(tickets: QuerySet[Ticket], asked: Asked) -> QuerySet[Ticket]:
    """The tickets that answer, best first: what was asked for exactly, then by rank, then the newest. 0 queries.

    `tickets` are those that the actor may see. At most about a thousand are ranked.
    """
    search, actor = asked.search, asked.actor
    if actor.third_party_id is not None:  # reads one thread, and has no list to look through
        return tickets.none()
    if not search.terms and not search.filters:  # nothing but signs
        return tickets.none()
    own = Q(pk__isnull=False) if actor.reach.everything else Q(desk_id__in=asked.desk_ids)
    asks = condition(search, user_id=actor.user_id, zone=asked.zone, now=asked.now, staffed=own)
    tickets = tickets.filter(asks)
    if not search.terms:
        return tickets.annotate(exact=Value(0), rank=Value(0.0)).order_by("-pk")
    exact = searchterms.asked_exactly(search)
    query = searchterms.tsquery(search)
    if not query and not exact:  # a run of signs, or one too long to be a word
        return tickets.none()
    looked = Looked(query, exact, unfinished=search.unfinished)
    kept = []
    if asked.whole_desks and not search.filters:
        kept.append(_newest_of_desks(looked, asked))
    elif actor.reach.everything or asked.desk_ids:
        kept.append(_newest(tickets.filter(_COST, own, _at(asked), ticketsearch__staff_tsv=looked)))
    if not actor.reach.everything and (actor.contact_ids or actor.client_ids or not asked.desk_ids):
        kept.append(_newest(tickets.filter(_COST, ticketsearch__public_tsv=looked)))
    named = _named(search)
    kept += [_newest(tickets.filter(q)) for q in named]
    ids = kept[0].union(*kept[1:]) if len(kept) > 1 else kept[0]
    is_exact = [When(q, then=Value(2)) for q in named]
    if exact:
        keys = Looked("", exact.replace(":*", ":*A") if exact.endswith(":*") else f"{exact}:A")
        is_exact.append(When(own & Q(ticketsearch__staff_tsv=keys), then=Value(1)))
        is_exact.append(When(ticketsearch__public_tsv=keys, then=Value(1)))
    return (
        tickets.filter(pk__in=ids)
        .annotate(
            exact=Case(*is_exact, default=Value(0), output_field=IntegerField()) if is_exact else Value(0),
            rank=Case(
                When(own, then=SearchRank(F("ticketsearch__staff_tsv"), looked)),
                default=SearchRank(F("ticketsearch__public_tsv"), looked),
                output_field=FloatField(),
            ),
        )
        .order_by("-exact", "-rank", "-pk")
    )


_COST: Final = ReadsWords("ticketsearch__ticket_id")


def _at(asked: Asked) -> Q:
    """The desks once more, on the index of words: it has the desk in it."""
    return Q(ticketsearch__desk_id__in=asked.desk_ids) if asked.desk_ids else Q()


def _newest_of_desks(looked: Looked, asked: Asked) -> QuerySet[Any, Any]:
    """The newest candidates of whole desks: the index of words knows the desk, no ticket needs to be read."""
    rows = TicketSearch.objects.filter(ReadsWords("ticket_id"), desk_id__in=asked.desk_ids, staff_tsv=looked)
    return rows.order_by("-ticket_id").values("ticket_id")[:CANDIDATES]


def _newest(tickets: QuerySet[Ticket]) -> QuerySet[Any, Any]:
    return tickets.order_by("-pk").values("pk")[:CANDIDATES]


def _named(search: Search) -> list[Q]:
    """Tickets that the words name: by number (`IMX-4821`, `imx 4821`, `4821`), or by an RFC of their company."""
    text = " ".join(search.words)
    found = []
    if number := _NUMBER.fullmatch(text):
        prefix, counter = number.groups()
        found.append(Q(counter=int(counter), **({"desk__prefix": prefix.upper()} if prefix else {})))
    if rfc := searchterms.rfc_of(text):
        found.append(Q(client_id__in=TaxId.objects.filter(rfc=rfc).values("client_id")))
    return found


def ranked(tickets: QuerySet[Ticket], asked: Asked) -> list[int]:
    """Ids of the tickets that answer, best first. 1 query."""
    return list(found(tickets, asked).values_list("pk", flat=True)[:CANDIDATES])


# ------------------------------------------------------------------ what is marked

_OPTIONS: Final = f"StartSel={START},StopSel={STOP}"
_CUT: Final = f'{_OPTIONS},MaxWords=24,MinWords=10,ShortWord=0,MaxFragments=1,FragmentDelimiter=" … "'
_WORDS: Final = "to_tsquery('es_unaccent', %s)"
_SUBJECT: Final = (
    f"ts_headline('es_unaccent', translate({{0}}, '{START}{STOP}', ''), {_WORDS}, '{_OPTIONS},HighlightAll=true')"
)
_SNIPPET: Final = f"""
    coalesce((
        SELECT ts_headline('es_unaccent', left(translate(m.body, '{START}{STOP}', ''), 4000), {_WORDS}, '{_CUT}')
        FROM (SELECT body, seq FROM tickets_message WHERE ticket_id = {{0}} ORDER BY seq DESC LIMIT 30) m
        WHERE to_tsvector('es_unaccent', regexp_replace(left(m.body, 4000), '[^[:alnum:]]+', ' ', 'g')) @@ {_WORDS}
        ORDER BY m.seq DESC LIMIT 1
    ), (
        SELECT translate(f.filename, '{START}{STOP}', '')
        FROM tickets_message m JOIN tickets_messagefile mf ON mf.message_id = m.id
            JOIN files_attachment f ON f.id = mf.attachment_id
        WHERE m.ticket_id = {{0}} AND NOT mf.reserved
            AND to_tsvector('es_unaccent', regexp_replace(f.filename, '[^[:alnum:]]+', ' ', 'g')) @@ {_WORDS}
        ORDER BY mf.id DESC LIMIT 1
    ), '')
"""  # noqa: S608 - of constants


class Marked(Func):
    """A column as `ts_headline` marks it."""

    output_field = TextField()

    def __init__(self, column: str, sql: str, words: str) -> None:
        super().__init__(F(column))
        self.sql, self.words = sql, words

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[str]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        return self.sql.replace("{0}", column), [*params, *([self.words] * self.sql.count("%s"))]


def marked(tickets: QuerySet[Ticket], search: Search) -> QuerySet[Ticket]:
    """With `hit`, the subject, and `snippet`, the newest message where a word stands or else a file's name.

    For the desk's people: notes are quoted too. Of a long conversation the last thirty messages are looked through.
    """
    words = searchterms.any_of(search)
    if not words:
        return tickets.annotate(hit=Value("", TextField()), snippet=Value("", TextField()))
    return tickets.annotate(hit=Marked("subject", _SUBJECT, words), snippet=Marked("pk", _SNIPPET, words))


# ------------------------------------------------------------------ slips of the finger

_NEAREST: Final = """
    SELECT typed, near.word FROM unnest(%(words)s::text[]) typed, LATERAL (
        SELECT word FROM tickets_deskword
        WHERE desk_id = ANY(%(desks)s) AND folded %% typed
        ORDER BY (folded = typed) DESC, round(similarity(folded, typed)::numeric, 1) DESC, n DESC, folded LIMIT 1
    ) near
"""


def did_you_mean(search: Search, desk_ids: Sequence[int]) -> str:
    """The search with words of the desk in place of those that nobody there uses; empty without any. 1 query."""
    words = searchterms.unknown_words(search)
    if not words or not desk_ids:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, {"words": words, "desks": list(desk_ids)})
        return searchterms.suggestion(search, dict(cursor.fetchall()))
