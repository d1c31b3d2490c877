"""Many workers, one outbox: real transactions in threads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from notifications import actions, outcomes, senders
from notifications.models import Notification
from tests.notifications.cast import NOW, put

pytestmark = pytest.mark.django_db(transaction=True)


def in_threads(number: int, work: Callable[[], object]) -> None:
    """Run `work` in so many threads at once; raise what any of them raised."""
    errors: list[BaseException] = []
    start = threading.Barrier(number)

    def run() -> None:
        try:
            start.wait(10)
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


def test_workers_at_once_deliver_everything_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(senders, "send", lambda notice: sent.append(notice.key))
    for number in range(60):
        put(f"{number % 12:02d}/{number:02d}", topic=f"ticket/{number % 12}")

    def work() -> None:
        # A worker that finds a topic taken goes home; beat would bring it back.
        while Notification.objects.pending().exists():
            actions.send_due(now=NOW)

    in_threads(6, work)

    assert Counter(sent) == Counter(Notification.objects.values_list("key", flat=True))
    for topic in range(12):
        of_topic = [key for key in sent if key.startswith(f"{topic:02d}/")]
        assert of_topic == sorted(of_topic)
    assert set(Notification.objects.values_list("attempts", flat=True)) == {1}


def test_one_outcome_is_told_once_however_many_tell_it(monkeypatch: pytest.MonkeyPatch, outcome_table: None) -> None:
    monkeypatch.setattr(senders, "send", lambda notice: None)
    outcomes.register("sample", on_delivered=lambda notice: put(f"follow-up/{notice.key}", template="other", topic="t"))
    notice = put("k1")
    actions.send_due(now=NOW)
    Notification.objects.exclude(pk=notice.pk).delete()
    Notification.objects.filter(pk=notice.pk).update(outcome_told_at=None)  # the worker died before telling

    in_threads(6, lambda: actions._tell(notice.pk, NOW))

    assert Notification.objects.filter(key="follow-up/k1").count() == 1
    assert Notification.objects.get(pk=notice.pk).outcome_told_at == NOW


def test_a_sent_notice_stays_sent_while_it_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(senders, "send", lambda notice: sent.append(notice.key))
    for number in range(20):
        put(f"k{number:02d}", topic=f"ticket/{number}")

    def cancel_all() -> None:
        for number in range(20):
            actions.cancel(topic=f"ticket/{number}", now=NOW)

    works: list[Callable[[], object]] = [lambda: actions.send_due(now=NOW), cancel_all]

    def work() -> None:
        works.pop()()

    in_threads(2, work)

    for notice in Notification.objects.all():
        assert (notice.sent_at is not None) == (notice.key in sent)
        assert notice.sent_at is not None or notice.cancelled_at is not None


def test_the_same_key_put_at_once_is_one_notice() -> None:
    def work() -> None:
        with transaction.atomic():
            put("same")

    in_threads(6, work)

    assert Notification.objects.filter(key="same").count() == 1


def test_the_lock_is_not_held_while_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def send(notice: Notification) -> None:
        assert not connection.in_atomic_block

        def look() -> None:
            with transaction.atomic():
                seen.append(Notification.objects.select_for_update(nowait=True).filter(pk=notice.pk).exists())

        in_threads(1, look)

    monkeypatch.setattr(senders, "send", send)
    put("k1")

    actions.send_due(now=NOW + timedelta(seconds=1))

    assert seen == [True]
