"""Notices survive what happens to workers and brokers: real processes, killed and stopped in mid-work.

A mail server in this process takes what real Celery workers send; beat rings every second.
"""

from __future__ import annotations

import asyncio
import email
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from celery import current_app
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from helpdesk.embedded import Embedded, Options
from helpdesk.processes import free_port
from notifications import doorbell, outbox
from notifications.models import Notification

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parent.parent.parent
ROSA = "rosa@cliente.example"


class SlowMailbox:
    """A mail server that keeps what it got, and may sit on its answer to the first mail."""

    def __init__(self) -> None:
        self.port = 0
        self.got: list[bytes] = []
        self.arrived = threading.Event()
        self.hold_first = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        self.got.append(envelope.original_content or b"")
        self.arrived.set()
        if self.hold_first and len(self.got) == 1:
            await asyncio.sleep(60)  # the sender will not live to hear the answer
        return "250 OK"

    def message_ids(self) -> Counter[str]:
        return Counter(str(email.message_from_bytes(content)["Message-ID"]) for content in self.got)


@pytest.fixture
def mailbox() -> Iterator[SlowMailbox]:
    box = SlowMailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the broker's own user can reach: pytest's are closed to others."""
    path = tmp_path_factory.mktemp("drill", numbered=True)
    for each in (path, *path.parents):
        if each.owner() == path.owner() and each.stat().st_mode & 0o777 == 0o700:
            each.chmod(0o711)
    return path


@pytest.fixture
def broker(folder: Path) -> Iterator[Embedded]:
    broker = Embedded(Options(var=folder / "broker", postgres=False, fsync=False)).start()
    yield broker
    broker.stop()


class Crew:
    """Celery processes on the test's database and broker, killed at the end at the latest."""

    def __init__(self, folder: Path, broker: Embedded, mail_port: int) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []
        values = connection.settings_dict
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "helpdesk.settings.dev",
            "VAR_DIR": str(folder),
            "DATABASE_URL": f"postgresql://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{values['NAME']}",
            "REDIS_URL": broker.redis_url,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "NOTICE_LEASE_SECONDS": "3",
            "SWEEP_SECONDS": "1",
        }

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{words[0]}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "helpdesk.celery", *words],
            cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        self.running.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        return self.start("worker", "--concurrency", "1", "--without-mingle", "--without-gossip")

    def beat(self) -> subprocess.Popen[bytes]:
        return self.start("beat", "--schedule", str(self.folder / "beat"), "--pidfile", "")

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL the process and its children, as a crash of the machine would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        self.running.remove(process)

    def end(self) -> None:
        for process in list(self.running):
            self.kill(process)


@pytest.fixture
def crew(folder: Path, broker: Embedded, mailbox: SlowMailbox) -> Iterator[Crew]:
    crew = Crew(folder, broker, mailbox.port)
    yield crew
    crew.end()


@pytest.fixture(autouse=True)
def _ring_the_drills_broker(settings: Settings, broker: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DOORBELL = True
    monkeypatch.setattr(doorbell, "_bell", doorbell.Bell())
    address = property(lambda _conf: broker.redis_url)
    monkeypatch.setattr(type(current_app.conf), "broker_write_url", address, raising=False)


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


def wait_for(what: Callable[[], object], seconds: float, crew: Crew) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            tail = (crew.folder / "worker.log").read_text(errors="replace")[-3000:]
            pytest.fail(f"not within {seconds} s; the worker says:\n{tail}")
        time.sleep(0.05)


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
