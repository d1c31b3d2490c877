"""Folding the kept counts: the deltas of each key become one row, in one statement."""

from __future__ import annotations

from typing import Final

from django.db import connection

# Whoever counts meanwhile sees either the many rows or the one; two folds at once take other rows.
_FOLD: Final = """
    WITH gone AS (
        DELETE FROM tickets_queuedelta WHERE id IN (
            SELECT id FROM tickets_queuedelta ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
        ) RETURNING desk_id, key, n
    )
    INSERT INTO tickets_queuedelta (desk_id, key, n)
    SELECT desk_id, key, sum(n) FROM gone GROUP BY desk_id, key HAVING sum(n) <> 0
"""
BATCH: Final = 50_000


def fold() -> int:
    """Fold the oldest deltas and return how many rows stand for them now."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, [BATCH])
        return int(cursor.rowcount)
