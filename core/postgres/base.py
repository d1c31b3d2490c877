"""The database backend: Django's own, but a connection that is kept is looked at before it is asked.

With `CONN_HEALTH_CHECKS` Django sends `SELECT 1` before the first statement of every request. A server that
restarted or ended the session has closed the socket, which this process can see for itself: a socket on which
nothing has come in, of a connection that was used a moment ago, is sound. Everything else is asked as before.

And the driver remembers where the parameters of long statements stand. It forgets those of more than 4,096
characters, as texts that hardly come again; the one write of a filing (`core.rows`) has 6,000 that always do.
"""

from __future__ import annotations

import select
import time
from typing import Any, Final

from django.db.backends.postgresql import base
from psycopg import _queries

# A firewall forgets connections that rest, and tells nobody.
BELIEVED_SECONDS: Final = 30.0
_queries.MAX_CACHED_STATEMENT_LENGTH = 16_384


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    health_check_done: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rests_since = float("-inf")

    def close_if_unusable_or_obsolete(self) -> None:
        super().close_if_unusable_or_obsolete()
        self._rests_since = time.monotonic()

    def close_if_health_check_failed(self) -> None:
        if self.connection is not None and not self.health_check_done and self._is_sound():
            self.health_check_done = True  # until the request ends: every cursor comes by here
        super().close_if_health_check_failed()

    def _is_sound(self) -> bool:
        """Whether it was used a moment ago and nothing came in since: no end of the session, no notice of it."""
        if time.monotonic() - self._rests_since > BELIEVED_SECONDS or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)
