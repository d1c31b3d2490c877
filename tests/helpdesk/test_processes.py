"""The supervisor starts again what crashes, with growing pauses, and ends all."""

import itertools
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpdesk import processes
from helpdesk.processes import Busy, Child, FolderLock, Program, Supervisor, spawn

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
CRASHER = [sys.executable, "-c", "raise SystemExit(3)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


def test_crashed_program_is_started_again_after_a_growing_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("helpdesk.processes.time.monotonic", lambda: clock[0])
    said: list[str] = []
    family = Supervisor(said.append)
    starts: list[float] = []

    def start() -> Child:
        starts.append(clock[0])
        child = spawn(CRASHER)
        child.wait()
        return child

    family.add(Program("crasher", start))
    for _ in range(100):
        family.tick()
        clock[0] += 0.1

    pauses = [round(after - before) for before, after in itertools.pairwise(starts)]
    assert pauses == [1, 2, 4]
    assert said[0] == "crasher ended (3), next start in 1 s"


def test_program_that_cannot_start_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("helpdesk.processes.time.monotonic", lambda: clock[0])
    said: list[str] = []
    family = Supervisor(said.append)
    attempts: list[Child] = []

    def start() -> Child:
        if attempts:
            raise OSError("no such file")
        child = spawn(CRASHER)
        child.wait()
        attempts.append(child)
        return child

    family.add(Program("gone", start))
    family.add(Program("sleeper", lambda: spawn(SLEEPER)))
    for _ in range(30):
        family.tick()
        clock[0] += 0.1

    assert family.alive("sleeper")
    assert not family.alive("gone")
    assert "gone does not start (no such file), next start in 2 s" in said
    family.stop()


def test_stop_ends_all_and_kills_what_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.5)
    monkeypatch.setattr(processes.stop, "__defaults__", (signal.SIGTERM, 0.5))
    family = Supervisor()
    children: list[Child] = []

    def keep(argv: list[str]) -> Child:
        children.append(spawn(argv))
        return children[-1]

    family.add(Program("sleeper", lambda: keep(SLEEPER)))
    family.add(Program("stubborn", lambda: keep(STUBBORN)))
    time.sleep(0.5)

    family.stop()

    assert [child.poll() is not None for child in children] == [True, True]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PDEATHSIG is Linux")
def test_child_dies_with_a_killed_parent(tmp_path: Path) -> None:
    code = (
        "import sys, time; from helpdesk.processes import spawn; "
        "child = spawn([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()

    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _living(pid):
        time.sleep(0.05)

    assert not _living(pid)


def _living(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)

    with pytest.raises(Busy, match="in use by another start"):
        FolderLock(tmp_path)

    lock.release()
    FolderLock(tmp_path).release()
