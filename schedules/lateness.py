"""How late timers fire: figures of the last minutes, for who watches the installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

WINDOW: Final = timedelta(minutes=5)

_SQL: Final = """
    SELECT count(*),
           coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY late), 0),
           coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY late), 0),
           coalesce(max(late), 0)
    FROM (
        SELECT greatest(0, extract(epoch FROM fired_at - due_at))::float8 AS late
        FROM schedules_timer
        WHERE done_at > %(since)s AND done_at <= %(now)s AND created_at <= due_at
    ) fired
"""


@dataclass(frozen=True, slots=True)
class Lateness:
    """Of the timers that were done within the window: how many, and the seconds from due to the first attempt."""

    n_fired: int
    median: float
    p95: float
    worst: float


def lateness(now: datetime) -> Lateness:
    """Return the figures of the last five minutes; what was set for the past does not count as late. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"since": now - WINDOW, "now": now})
        return Lateness(*cursor.fetchone())
