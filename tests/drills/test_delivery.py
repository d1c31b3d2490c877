"""Notices survive what happens to workers and brokers: real processes, killed and stopped in mid-work.

A mail server in this process takes what real Celery workers send; beat rings every second.
"""

from __future__ import annotations

import email
import statistics
import time

import pytest
import redis
from django.db import transaction
from django.utils import timezone

from helpdesk.embedded import Embedded
from notifications import outbox
from notifications.models import Notification
from tests.drills.crew import Crew, SlowMailbox, wait_for

pytestmark = [
    pytest.mark.drill,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("ring_own_broker"),
]

ROSA = "rosa@cliente.example"


def put(key: str, number: int = 1) -> Notification:
    with transaction.atomic():
        return outbox.put(
            key=key,
            topic=f"ticket/{number}",
            recipient=ROSA,
            template="tickets/team",
            now=timezone.now(),
            thread=f"ticket/{number}",
            params={
                "subject": f"Señal {key}",
                "lines": ["Una línea con ñ."],
                "number": f"IMX-{number}",
                "priority": "high",
                "url": "https://ayuda.mesa.example/tickets/IMX-1/",
                "desk": "Mesa",
            },
        )


def all_delivered() -> bool:
    return not Notification.objects.exclude(outcome="delivered").exists()


@pytest.mark.quick
def test_a_worker_killed_in_the_middle_of_a_delivery_loses_nothing(mailbox: SlowMailbox, crew: Crew) -> None:
    mailbox.hold_first = True
    crew.beat()
    worker = crew.worker()
    notice = put("k1")
    assert mailbox.arrived.wait(30), "the worker never called the mail server"

    crew.kill(worker)  # the mail is at the server, the answer is not at the worker
    notice.refresh_from_db()
    assert (notice.sent_at, notice.attempts) == (None, 1)
    crew.worker()
    wait_for(all_delivered, 30, crew)

    notice.refresh_from_db()
    assert notice.attempts == 2
    assert len(mailbox.got) == 2  # at least once, told apart by nothing:
    assert mailbox.got[0] == mailbox.got[1] == bytes(notice.rendered or b"")
    assert mailbox.message_ids() == {notice.message_id: 2}


def test_kills_at_random_lose_no_notice_and_change_none(mailbox: SlowMailbox, crew: Crew) -> None:
    crew.beat()
    worker = crew.worker()
    notices = 0
    for _round in range(4):
        for _one in range(15):
            notices += 1
            put(f"k{notices:03d}", number=notices % 7)
        before = len(mailbox.got)
        wait_for(lambda before=before: len(mailbox.got) > before + 2, 40, crew)  # type: ignore[misc]
        crew.kill(worker)
        worker = crew.worker()
    wait_for(all_delivered, 90, crew)

    assert len(mailbox.message_ids()) == notices
    by_id: dict[str, set[bytes]] = {}
    for content in mailbox.got:
        by_id.setdefault(str(email.message_from_bytes(content)["Message-ID"]), set()).add(content)
    assert all(len(contents) == 1 for contents in by_id.values())


@pytest.mark.quick
def test_a_broker_stopped_emptied_and_started_again(mailbox: SlowMailbox, crew: Crew, broker: Embedded) -> None:
    crew.beat()
    worker = crew.worker()
    put("before")
    wait_for(all_delivered, 30, crew)

    broker.stop()
    took = []
    for number in range(30):
        started = time.perf_counter()
        put(f"down/{number:02d}", number=number)
        took.append(time.perf_counter() - started)
    assert statistics.median(took) < 0.05
    assert max(took) < 0.5
    assert Notification.objects.pending().count() == 30

    for path in (broker.valkey_data / "appendonlydir").glob("*"):
        path.unlink()
    broker.start()
    wait_for(all_delivered, 60, crew)

    assert worker.poll() is None  # the same process, reconnected
    assert len(mailbox.message_ids()) == 31
    assert set(mailbox.message_ids().values()) == {1}


def test_a_broker_emptied_while_it_runs(mailbox: SlowMailbox, crew: Crew, broker: Embedded) -> None:
    server = redis.Redis.from_url(broker.redis_url)
    crew.beat()
    crew.worker()
    for number in range(20):
        put(f"k{number:02d}", number=number)
        server.flushall()
    wait_for(all_delivered, 60, crew)

    assert set(mailbox.message_ids().values()) == {1}


def test_workers_at_once_send_each_mail_once(mailbox: SlowMailbox, crew: Crew) -> None:
    for number in range(80):
        put(f"k{number:02d}", number=number % 10)
    crew.beat()
    for _worker in range(3):
        crew.worker()
    wait_for(all_delivered, 90, crew)

    assert set(mailbox.message_ids().values()) == {1}
    order = [str(email.message_from_bytes(content)["Message-ID"]) for content in mailbox.got]
    for topic in Notification.objects.values_list("topic", flat=True).distinct():
        ids = Notification.objects.filter(topic=topic).order_by("seq").values_list("message_id", flat=True)
        assert [one for one in order if one in set(ids)] == list(ids)
