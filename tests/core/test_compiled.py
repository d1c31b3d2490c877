"""Reads that are compiled once answer as the queryset would, for whoever asks."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from core.compiled import OneOf, compiled
from desks.models import Desk
from tests.factories import Cast
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    """A desk with its people and two companies."""
    return Cast()


@compiled
def _of_slug(slug: Any) -> QuerySet[Desk]:
    """The desk and its vendor."""
    return Desk.objects.active().select_related("vendor").filter(slug=slug)


@compiled
def _names(slug: Any, pk: Any) -> QuerySet[Desk, tuple[Any, ...]]:
    return Desk.objects.filter(pk__gte=pk, slug=slug).values_list("id", "name")


@compiled
def _among(ids: Any, slug: Any) -> QuerySet[Desk]:
    return Desk.objects.filter(OneOf("pk", ids), slug=slug)


@compiled
def _nothing(slug: Any) -> QuerySet[Desk]:
    return Desk.objects.filter(pk__in=[], slug=slug)


@compiled
def _ticket(number: Any) -> QuerySet[Ticket]:
    return Ticket.objects.with_people().filter(number=number)


def test_rows_come_as_the_queryset_gives_them(cast: Cast, django_assert_num_queries: Any) -> None:
    ticket = cast.ticket()
    plain = Ticket.objects.with_people().get(number=ticket.number)
    with django_assert_num_queries(1):
        found = _ticket.first(number=ticket.number)
        assert found is not None
        assert found.desk.name == plain.desk.name
        assert found.requester.phone == plain.requester.phone
    attributes = {field.attname for field in Ticket._meta.concrete_fields}
    assert {name: getattr(found, name) for name in attributes} == {name: getattr(plain, name) for name in attributes}


def test_each_call_binds_its_own_values(cast: Cast) -> None:
    slug, pk = cast.desk.slug, cast.desk.pk
    assert _of_slug.first(slug=slug) == cast.desk
    assert _of_slug.first(slug="no-such-desk") is None
    assert _names(slug=slug, pk=pk) == [(pk, cast.desk.name)]
    assert _names(slug=slug, pk=pk + 1) == []


def test_a_list_is_a_parameter(cast: Cast) -> None:
    pk = cast.desk.pk
    assert _among(ids=[pk, pk + 1], slug=cast.desk.slug) == [cast.desk]
    assert _among(ids=[pk + 1], slug=cast.desk.slug) == []
    assert _among(ids=[], slug=cast.desk.slug) == []


def test_what_can_have_no_rows_is_not_asked(cast: Cast, django_assert_num_queries: Any) -> None:
    for _again in range(2):
        with django_assert_num_queries(0):
            assert _nothing(slug=cast.desk.slug) == []


def test_what_changed_meanwhile_is_read_anew(cast: Cast) -> None:
    assert _of_slug.first(slug=cast.desk.slug) == cast.desk
    Desk.objects.filter(pk=cast.desk.pk).update(is_active=False)
    assert _of_slug.first(slug=cast.desk.slug) is None


def test_a_missing_value_is_a_mistake(cast: Cast) -> None:
    with pytest.raises(KeyError):
        _names(slug=cast.desk.slug)


@pytest.mark.django_db(transaction=True)
def test_threads_ask_over_their_own_connections(cast: Cast) -> None:
    _of_slug.first(slug=cast.desk.slug)
    backends: list[Any] = []

    def ask() -> None:
        assert _of_slug.first(slug=cast.desk.slug) == cast.desk
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backends.append(cursor.fetchone())
        connection.close()

    threads = [Thread(target=ask) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(backends)) == 3


def test_it_is_documented_as_its_function() -> None:
    assert _of_slug.__doc__ == "The desk and its vendor."
