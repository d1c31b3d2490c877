"""Real Celery processes and a real mail server for the drills, to be killed and stopped in mid-work."""

from __future__ import annotations

import asyncio
import email
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope
from django.db import connection

from helpdesk.embedded import Embedded

ROOT = Path(__file__).resolve().parent.parent.parent


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


def wait_for(what: Callable[[], object], seconds: float, crew: Crew) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            tail = (crew.folder / "worker.log").read_text(errors="replace")[-3000:]
            pytest.fail(f"not within {seconds} s; the worker says:\n{tail}")
        time.sleep(0.05)
