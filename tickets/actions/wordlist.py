"""Learning the words of each desk, so that a slip of the finger finds what it meant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from django.db import connection, transaction

from tickets.models import Message, WordsRead
from tickets.searchquery import fold

# Desk and word.
Key = tuple[int, str]
BATCH: Final = 1_000
# Numbers are given before they are committed: a message this old has no younger one still to come before it.
SETTLED: Final = timedelta(minutes=5)
_WORD: Final = re.compile(r"[^\W\d_]{4,40}")
_MAX_CHARS: Final = 20_000

_ADD: Final = """
    INSERT INTO tickets_deskword (desk_id, folded, word, n)
    SELECT * FROM unnest(%(desks)s::bigint[], %(folded)s::text[], %(words)s::text[], %(counts)s::int[])
    ON CONFLICT (desk_id, folded) DO UPDATE SET n = tickets_deskword.n + EXCLUDED.n
"""


@transaction.atomic
def learn(*, now: datetime) -> int:
    """Count the words of the next messages; how many messages. 0 when all are read, or somebody else reads."""
    WordsRead.objects.get_or_create(pk=1)
    mark = WordsRead.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if mark is None:
        return 0
    fresh = Message.objects.filter(pk__gt=mark.last_message).order_by("pk")
    columns = ("pk", "body", "seq", "ticket__desk_id", "ticket__subject", "ticket__client__name", "created_at")
    rows = fresh.values_list(*columns, named=True)[:BATCH]
    settled = list(takewhile(lambda row: row.created_at <= now - SETTLED, rows))
    if not settled:
        return 0
    _add(*_counted(settled))
    mark.last_message = settled[-1].pk
    mark.save(update_fields=["last_message"])
    return len(settled)


def _counted(rows: Iterable[Any]) -> tuple[Counter[Key], dict[Key, str]]:
    """How often each word stands in the messages of its desk, and how it was first written."""
    seen: Counter[Key] = Counter()
    written: dict[Key, str] = {}
    for row in rows:
        text = f"{row.ticket__subject} {row.ticket__client__name or ''} {row.body}" if row.seq == 1 else row.body
        for word in _WORD.findall(text[:_MAX_CHARS]):
            key = (row.ticket__desk_id, fold(word)[:40])
            seen[key] += 1
            written.setdefault(key, word.lower()[:40])
    return seen, written


def _add(seen: Counter[Key], written: dict[Key, str]) -> None:
    keys = sorted(seen)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "desks": [desk for desk, _word in keys],
                "folded": [word for _desk, word in keys],
                "words": [written[key] for key in keys],
                "counts": [seen[key] for key in keys],
            },
        )
