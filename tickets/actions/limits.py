"""What a person may have at most, on whatever tickets: counted while nobody else counts it."""

from __future__ import annotations

from typing import Final

from django.db import connection

_LOCK_CLASS: Final = 4822  # beside `holding._LOCK_CLASS` among PostgreSQL's advisory locks


def lock_person(user_id: int) -> None:
    """Take the lock of the person's limits until the transaction ends, after the ticket's. 1 query.

    Two tickets at once then see each other's reminder or minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, user_id])
