"""The tests run on the real database and the real broker."""

import pytest
from django.core.cache import cache
from django.db import connection


@pytest.mark.django_db
def test_database_is_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('ÑÁÜ'), current_setting('server_version_num')::int")
        lowered, version = cursor.fetchone()

    assert lowered == "ñáü"
    assert version >= 150000


def test_cache_answers() -> None:
    cache.set("here", 1, 30)

    assert cache.get("here") == 1
