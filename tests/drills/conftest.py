"""A broker, a mail server and a crew of Celery processes of the drill's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from celery import current_app
from pytest_django import Settings

from helpdesk.embedded import Embedded, Options
from helpdesk.processes import free_port
from notifications import doorbell
from tests.drills.crew import Crew, SlowMailbox


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


@pytest.fixture
def crew(folder: Path, broker: Embedded, mailbox: SlowMailbox) -> Iterator[Crew]:
    crew = Crew(folder, broker, mailbox.port)
    yield crew
    crew.end()


@pytest.fixture
def ring_own_broker(settings: Settings, broker: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DOORBELL = True
    monkeypatch.setattr(doorbell, "_bell", doorbell.Bell())
    address = property(lambda _conf: broker.redis_url)
    monkeypatch.setattr(type(current_app.conf), "broker_write_url", address, raising=False)
