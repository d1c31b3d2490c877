"""A connection that was kept: believed while its socket is silent, asked else, made anew when it is gone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from psycopg import Cursor, _queries

from core.postgres import base
from core.postgres.base import DatabaseWrapper


@pytest.fixture
def kept(db: None) -> Iterator[DatabaseWrapper]:
    """A connection of its own, as a request leaves it behind."""
    settings = {**connections["default"].settings_dict, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    own = DatabaseWrapper(settings)
    with own.cursor() as cursor:
        cursor.execute("SELECT 1")
    own.close_if_unusable_or_obsolete()
    yield own
    own.close()


def asked(own: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the server was asked before the statement of the next request, and how it ended; the statement works."""
    answers: list[bool] = []
    ask = own.is_usable

    def heard() -> bool:
        answers.append(ask())
        return answers[-1]

    monkeypatch.setattr(own, "is_usable", heard)
    with own.cursor() as cursor:
        cursor.execute("SELECT 2")
        assert cursor.fetchone() == (2,)
    return answers


def test_a_connection_that_was_used_a_moment_ago_is_believed_and_looked_at_once(
    kept: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []
    look = kept._is_sound

    def looked() -> bool:
        looks.append(look())
        return looks[-1]

    monkeypatch.setattr(kept, "_is_sound", looked)
    assert asked(kept, monkeypatch) == []
    assert asked(kept, monkeypatch) == []
    assert looks == [True]


def test_one_that_rested_long_is_asked(kept: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "BELIEVED_SECONDS", -1.0)
    assert asked(kept, monkeypatch) == [True]


def test_one_that_the_server_ended_is_made_anew(kept: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [kept.connection.info.backend_pid])
    until = time.monotonic() + 5
    while kept._is_sound() and time.monotonic() < until:
        time.sleep(0.01)
    assert asked(kept, monkeypatch) == [False]


def test_a_long_statement_that_comes_again_is_not_taken_apart_again(db: None) -> None:
    """Of psycopg's own cache: it would not keep a text of more than 4,096 characters."""
    statement = f"SELECT %s /* {'x' * 8_000} */"

    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:  # of the server's binding, as in production
        cursor.execute(statement, [1])
        before = _queries._query2pg.cache_info()
        cursor.execute(statement, [2])
        after = _queries._query2pg.cache_info()

    assert (after.hits - before.hits, after.misses - before.misses) == (1, 0)
