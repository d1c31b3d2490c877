"""Sessions in the database, as Django keeps them; the read behind every page is compiled once."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from core.compiled import compiled


@compiled
def _living(key: Any, now: Any) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(db.SessionStore):
    """Django's own store. Not in a cache: who signed out while the cache was down is out."""

    def _get_session_from_db(self) -> Session | None:
        """Return the row, None where there is none that still holds. 1 query."""
        row = _living.first(key=self.session_key, now=timezone.now())  # noqa: TID251 - a door
        if row is None:
            self._session_key = None
        return row
