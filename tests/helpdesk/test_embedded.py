"""The launcher of PostgreSQL and Valkey: data is kept, nobody is left behind, a second start is refused."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from helpdesk import embedded, places
from helpdesk.embedded import Embedded, Options, choose_port, clear_stale_pid
from helpdesk.places import EmbeddedError
from helpdesk.processes import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
only_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PDEATHSIG and /proc are Linux")


@pytest.fixture
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the servers' user can reach: pytest's own are closed to others."""
    path = tmp_path_factory.mktemp("embedded", numbered=True)
    for folder in (path, *path.parents):
        if folder.owner() == path.owner() and folder.stat().st_mode & 0o777 == 0o700:
            folder.chmod(0o711)
    return path


def launch(var: Path, *command: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "helpdesk.embedded", "--var", str(var), "--no-fsync", *command]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def addresses(launcher: subprocess.Popen[str]) -> dict[str, str]:
    assert launcher.stdout is not None
    lines = [launcher.stdout.readline().strip() for _ in range(2)]
    assert all(lines), launcher.communicate(timeout=30)
    return dict(line.partition("=")[::2] for line in lines)


def server_pids(var: Path) -> list[int]:
    """Return the processes whose command line or folder is under `var`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                cwd = os.readlink(entry / "cwd")
            except OSError:
                continue
            if state not in "ZX" and (str(var) in command or cwd.startswith(str(var))):
                found.append(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


@pytest.fixture
def launcher(var: Path) -> Iterator[subprocess.Popen[str]]:
    process = launch(var)
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait(30)


@only_linux
def test_restart_keeps_data_and_addresses(var: Path) -> None:
    first = launch(var)
    known = addresses(first)
    with psycopg.connect(known["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'ñandú' AS word")
    client = redis.Redis.from_url(known["REDIS_URL"])
    client.set("kept", "1")
    client.close()
    first.terminate()

    assert first.wait(30) == 0
    assert wait_until(lambda: not server_pids(var))

    second = launch(var)
    again = addresses(second)
    with psycopg.connect(again["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("ñandú",)
    client = redis.Redis.from_url(again["REDIS_URL"])
    kept = client.get("kept")
    client.close()
    second.terminate()
    second.wait(30)

    assert kept == b"1"
    assert again == known


@only_linux
def test_a_killed_supervisor_leaves_no_orphan_and_no_lock(var: Path, launcher: subprocess.Popen[str]) -> None:
    known = addresses(launcher)
    with psycopg.connect(known["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    assert len(server_pids(var)) > 2

    launcher.kill()
    launcher.wait(10)

    assert wait_until(lambda: not server_pids(var)), (var / "postgres.log").read_text()
    successor = launch(var)
    with psycopg.connect(addresses(successor)["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
    successor.terminate()
    successor.wait(30)


@only_linux
def test_second_start_on_a_folder_in_use_is_refused(var: Path, launcher: subprocess.Popen[str]) -> None:
    addresses(launcher)

    second = launch(var)
    _, complaint = second.communicate(timeout=30)

    assert second.returncode == 1
    assert f"in use by another start (pid {launcher.pid})" in complaint


@only_linux
def test_a_crashed_server_is_started_again(var: Path, launcher: subprocess.Popen[str]) -> None:
    known = addresses(launcher)
    pid = int((var / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(pid, signal.SIGKILL)

    def answers() -> bool:
        try:
            with psycopg.connect(known["DATABASE_URL"], connect_timeout=2) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    assert wait_until(answers, 30)


def test_command_gets_both_addresses_and_its_exit_code_is_ours(var: Path) -> None:
    ask = "import os, sys; sys.exit(7 if os.environ['DATABASE_URL'] and os.environ['REDIS_URL'] else 1)"

    assert launch(var, "--", sys.executable, "-c", ask).wait(60) == 7


def test_given_port_that_is_taken_is_refused(var: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(EmbeddedError, match="is taken"):
            choose_port(taken.getsockname()[1], 0)


def test_port_of_last_time_is_taken_again_when_free() -> None:
    port = free_port()

    assert choose_port(0, port) == port


@only_linux
@pytest.mark.parametrize("content", ["", "not a number\n", "999999999\n/somewhere\n"], ids=["empty", "garbage", "dead"])
def test_pid_file_nobody_stands_behind_is_removed(tmp_path: Path, content: str) -> None:
    (tmp_path / "postmaster.pid").write_text(content)

    clear_stale_pid(tmp_path)

    assert not (tmp_path / "postmaster.pid").exists()


@only_linux
def test_pid_file_of_an_unrelated_process_is_removed_and_the_process_lives(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]) as stranger:
        (tmp_path / "postmaster.pid").write_text(f"{stranger.pid}\n{tmp_path}\n")

        clear_stale_pid(tmp_path)

        assert stranger.poll() is None
        stranger.kill()
    assert not (tmp_path / "postmaster.pid").exists()


def test_data_of_another_major_version_is_refused(var: Path) -> None:
    launch(var, "--", "true").wait(60)
    (var / "postgres" / "PG_VERSION").write_text("14\n")

    with pytest.raises(EmbeddedError, match="made by PostgreSQL 14"):
        Embedded(Options(var=var)).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as somebody else")
def test_root_in_a_closed_folder_keeps_data_where_the_servers_reach(
    tmp_path: Path, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(embedded, "REACHABLE_HOME", var / "home")
    monkeypatch.setattr(places, "REACHABLE_HOME", var / "home")

    services = Embedded(Options(var=closed / "var", fsync=False)).start()
    try:
        with psycopg.connect(services.database_url.replace("/helpdesk", "/postgres")) as connection:
            shown = connection.execute("SHOW data_directory").fetchone()
    finally:
        services.stop()

    assert shown is not None
    assert shown[0].startswith(str(var / "home"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as somebody else")
def test_root_with_closed_programs_runs_a_copy_of_them(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a checkout under /root: the whole of it is closed, wheels and all."""
    real = places.reachable
    monkeypatch.setattr(places, "reachable", lambda path: real(path) and "site-packages" not in str(path))
    monkeypatch.setattr(places, "REACHABLE_HOME", var / "home")

    for _ in range(2):  # the second start takes the copies of the first
        services = Embedded(Options(var=var / "data", fsync=False)).start()
        try:
            with psycopg.connect(services.database_url.replace("/helpdesk", "/postgres")) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            assert services.programs.is_relative_to(var / "home" / "bin")
        finally:
            services.stop()

    assert len(list((var / "home" / "bin").iterdir())) == 2
