"""The outbox: rows in the transaction of their cause, once per key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from core.rows import Rows
from notifications import doorbell, outbox
from notifications.models import Notification
from tests.notifications.cast import NOW, put

pytestmark = pytest.mark.django_db


def test_the_same_key_is_one_notice() -> None:
    first = put("k1", params={"title": "uno"})

    again = put("k1", params={"title": "dos"}, recipient="otra@cliente.example")

    assert again.pk == first.pk
    assert Notification.objects.get().params == {"title": "uno"}


def test_putting_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        put("k1")


def test_what_is_returned_is_what_is_stored() -> None:
    notice = put("k1", from_name="  Mesa\n de  ayuda ", not_before=NOW + timedelta(hours=1), wakes=True, desk_id=7)

    stored = Notification.objects.get(pk=notice.pk)

    for field in Notification._meta.concrete_fields:
        assert getattr(notice, field.attname) == getattr(stored, field.attname), field.name
    assert stored.from_name == "Mesa de ayuda"
    assert stored.next_attempt_at == NOW + timedelta(hours=1)


def test_a_cause_that_is_rolled_back_tells_nobody() -> None:
    with transaction.atomic():
        put("k1")
        transaction.set_rollback(True)

    assert not Notification.objects.exists()


def test_the_bell_rings_on_commit_and_only_for_a_new_notice(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(doorbell._bell, "ring", rung.append)

    with django_capture_on_commit_callbacks(execute=True):
        put("k1")
        put("k1")
        assert rung == []

    assert rung == ["notifications.tasks.send_due"]


def test_a_later_notice_has_a_higher_number() -> None:
    assert put("k1").seq < put("k2").seq < put("k3").seq


@pytest.mark.parametrize(
    "params",
    [pytest.param({"at": NOW}, id="an instant"), pytest.param({"a": [{"b": object()}]}, id="an object, nested")],
)
def test_params_are_plain_json(params: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="not plain JSON"):
        put("k1", params=params)


def test_text_that_jsonb_refuses_is_cleaned() -> None:
    notice = put("k1", params={"text": "a\x00b \ud800 \\u0000", "list": ["\x00"]})

    notice.refresh_from_db()

    assert notice.params == {"text": "ab ? \\u0000", "list": [""]}


def test_a_notice_needs_a_recipient_and_a_channel_that_exists() -> None:
    with pytest.raises(ValueError, match="no recipient"):
        put("k1", recipient="  ")
    with pytest.raises(ValueError, match="pigeon"):
        put("k2", channel="pigeon")


def test_notices_that_are_written_together_go_out_in_the_order_of_their_putting() -> None:
    rows = Rows()
    for n in (1, 2, 3):
        outbox.put(key=f"k{n}", topic="t", recipient="a@example.org", template="x", now=NOW, rows=rows)
    outbox.put(key="k1", topic="t", recipient="a@example.org", template="x", now=NOW, rows=rows)
    assert not Notification.objects.exists()

    rows.write()

    assert list(Notification.objects.order_by("seq").values_list("key", flat=True)) == ["k1", "k2", "k3"]
