"""The demo: what it tells its processes, and that all of them come and go together."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpdesk import demo
from helpdesk.processes import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
SERVICES = {"DATABASE_URL": "postgresql://x@127.0.0.1:1/helpdesk", "REDIS_URL": "redis://127.0.0.1:1/0"}


def test_environment_is_that_of_a_demo(tmp_path: Path) -> None:
    env = demo.environment(tmp_path, 8123, SERVICES, {})

    assert env["DEMO"] == "1"
    assert env["RATE_LIMITS"] == "0"
    assert env["SITE_URL"] == "http://localhost:8123"
    assert env["DATABASE_URL"] == SERVICES["DATABASE_URL"]
    assert env["EMAIL_URL"].startswith("smtp://127.0.0.1:")
    assert "EMAIL_KEEP_DIR" not in env


def test_keys_are_those_of_the_last_start(tmp_path: Path) -> None:
    """New keys would break every link that was sent and every secret that was kept."""
    first = demo.environment(tmp_path, 8000, SERVICES, {})
    demo.write_env(tmp_path / "demo.env", first)

    second = demo.environment(tmp_path, 8000, SERVICES, {})

    assert [second[name] for name in demo.new_secrets()] == [first[name] for name in demo.new_secrets()]
    assert (tmp_path / "demo.env").stat().st_mode & 0o777 == 0o600


def test_a_mail_server_of_ones_own_is_used_and_mails_are_kept_all_the_same(tmp_path: Path) -> None:
    env = demo.environment(tmp_path, 8000, SERVICES, {"EMAIL_URL": "smtp://mail.example:25"})

    assert env["EMAIL_URL"] == "smtp://mail.example:25"
    assert env["EMAIL_KEEP_DIR"] == str(tmp_path / "mail")


def test_catchers_run_only_for_what_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    monkeypatch.setenv("WAKE_WEBHOOK_URL", "https://voice.example/wake")
    env = demo.environment(tmp_path, 8000, SERVICES, os.environ)

    names = [program.name for program in demo.programs(tmp_path, 8000, env)]

    assert names == ["mail", "web", "worker", "beat"]


def test_other_shells_read_the_demos_addresses(tmp_path: Path) -> None:
    env = demo.environment(tmp_path, 8000, SERVICES, {})
    demo.write_env(tmp_path / "demo.env", env)
    code = "from django.conf import settings; print(settings.DEMO, settings.SITE_URL, settings.RATE_LIMITS)"
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "helpdesk.settings.dev"}

    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**clean, "SITE_URL": "http://else"}, capture_output=True, text=True
    )

    assert shown.stdout.split() == ["True", "http://else", "False"], shown.stderr


def test_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(demo.DemoError, match=f"port {port} on 127.0.0.1 is taken"):
            demo.run(tmp_path / "var", port)

    assert not (tmp_path / "var").exists()


# ---------------------------------------------------------------- the whole of it


class Running:
    """A demo started as `make demo` does."""

    def __init__(self, var: Path) -> None:
        self.var, self.port = var, free_port()
        unwanted = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE", "WAKE_WEBHOOK_URL"}
        env = {name: value for name, value in os.environ.items() if name not in unwanted}
        env.update(VAR_DIR=str(var), PORT=str(self.port))
        self.log = (var.parent / "demo.log").open("a")
        self.started = time.monotonic()
        argv = [sys.executable, "-m", "helpdesk.demo"]
        self.process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=self.log, stderr=subprocess.STDOUT)

    def wait_ready(self, seconds: float) -> dict[str, Any]:
        while time.monotonic() - self.started < seconds:
            assert self.process.poll() is None, (self.var.parent / "demo.log").read_text()[-2000:]
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                    state: dict[str, Any] = json.loads(answer.read())
                    return state
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"not ready in {seconds} s: " + (self.var.parent / "demo.log").read_text()[-2000:])

    def members(self) -> list[int]:
        """Return every process with this demo's VAR_DIR in its environment, command line or folder, ours excluded."""
        mark, found = str(self.var).encode(), []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) not in (os.getpid(), self.process.pid):
                try:
                    text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                    text += os.readlink(entry / "cwd").encode()  # PostgreSQL and Valkey write their own titles
                    state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                except OSError:
                    continue
                if mark in text and state not in "ZX":
                    found.append(int(entry.name))
        return found


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Running]]:
    var = tmp_path_factory.mktemp("demo") / "var"
    for folder in var.parents:
        if folder.owner() == var.parent.owner() and folder.stat().st_mode & 0o777 == 0o700:
            folder.chmod(0o711)
    started: list[Running] = []

    def go() -> Running:
        started.append(Running(var))
        return started[-1]

    yield go
    for running in started:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)
            running.process.wait(60)
        running.log.close()


def gone(running: Running, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while running.members() and time.monotonic() < deadline:
        time.sleep(0.1)
    return not running.members()


@pytest.mark.drill
def test_demo_comes_up_survives_crashes_and_leaves_nobody_behind(start: Callable[[], Running]) -> None:
    first = start()
    state = first.wait_ready(170)
    assert (state["database"], state["migrations"], state["broker"]) == (True, True, True)
    assert len(first.members()) > 8  # both servers, their helpers, five programs, the worker's pool

    # kill -9 of the supervisor: everything ends by itself.
    first.process.kill()
    first.process.wait(10)
    assert gone(first)

    # The second start is quick; data and keys are those of the first.
    second = start()
    second.wait_ready(15)

    # A crashed part comes back.
    web = next(pid for pid in second.members() if b"uvicorn" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(web, signal.SIGKILL)
    second.started = time.monotonic()
    time.sleep(0.5)
    second.wait_ready(20)

    # Ctrl-C ends all, cleanly.
    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(40) == 0
    assert gone(second, 2)


@pytest.mark.drill
def test_accounts_printed_by_the_command_are_those_of_the_demo(start: Callable[[], Running]) -> None:
    running = start()
    running.wait_ready(170)
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(running.var)}
    argv = [sys.executable, "manage.py", "demo_accounts", "--format", "json"]

    shown = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    accounts = json.loads(shown.stdout)
    roles = {(account["desk"], account["role"]) for account in accounts}
    assert {("invoice-mx", "consultant"), ("facturando", "consultant"), ("invoice-mx", "client")} <= roles
