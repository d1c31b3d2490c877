"""Children that end when we end: starting, stopping, and starting again those that crash."""

import contextlib
import ctypes
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # before a crashed child is started again; doubles each time
STEADY_SECONDS = 60.0  # a child that lived so long starts with the first pause again

Child = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Owner:
    """The user a child runs as when we are root."""

    uid: int
    gid: int


# ---------------------------------------------------------------- one child


def die_with_parent(how: int) -> Callable[[], None]:
    """Return a function for a fresh child: it then gets signal `how` when its parent ends in any way (Linux only).

    The kernel looks at the thread that forked, so children are started from the main thread.
    """
    return _arming(os.getpid(), how)


def end_with_parent(how: int = signal.SIGTERM) -> None:
    """Let ourselves get signal `how` when our own parent ends."""
    _arming(os.getppid(), how)()


def _arming(parent: int, how: int) -> Callable[[], None]:
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
) -> Child:
    """Start a child in a session of its own; its output goes to `log`, else where ours goes."""
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(  # noqa: S603 - every caller names a program of ours
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
            preexec_fn=die_with_parent(on_parent_death),
        )
    finally:
        if output:
            output.close()


def stop(child: Child, how: int = signal.SIGTERM, seconds: float = STOP_SECONDS) -> None:
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


# ---------------------------------------------------------------- many children


@dataclass
class Program:
    """A child that should always run: how to start it, and which signal asks it to end."""

    name: str
    start: Callable[[], Child]
    stop_signal: int = signal.SIGTERM
    child: Child | None = None
    started_at: float = 0.0  # monotonic
    pause: float = field(default=FIRST_PAUSE)
    not_before: float = 0.0


class Supervisor:
    """Keeps programs running; not a daemon: its owner calls `tick` about twice a second."""

    def __init__(self, say: Callable[[str], None] = lambda _: None) -> None:
        self.programs: list[Program] = []
        self._say = say

    def add(self, program: Program) -> None:
        """Start `program` now and keep it running."""
        program.started_at = time.monotonic()
        program.child = program.start()
        self.programs.append(program)

    def tick(self) -> None:
        """Start again what has died, each after its pause."""
        now = time.monotonic()
        for program in self.programs:
            if program.child is not None and program.child.poll() is not None:
                self._put_off(program, now, f"ended ({program.child.returncode})")
            elif program.child is None and now >= program.not_before:
                self._start_again(program, now)

    def _start_again(self, program: Program, now: float) -> None:
        try:
            program.child = program.start()
            program.started_at = now
        except Exception as error:  # whatever keeps it from starting may pass; the others must go on
            self._put_off(program, now, f"does not start ({error})")

    def _put_off(self, program: Program, now: float, what: str) -> None:
        program.child = None
        if now - program.started_at > STEADY_SECONDS:
            program.pause = FIRST_PAUSE
        program.not_before = now + program.pause
        self._say(f"{program.name} {what}, next start in {program.pause:.0f} s")
        program.pause = min(program.pause * 2, LONGEST_PAUSE)

    def alive(self, name: str) -> bool:
        return any(p.name == name and p.child is not None and p.child.poll() is None for p in self.programs)

    def stop(self) -> None:
        """End all: asked together, waited for in the reverse order of their start."""
        programs, self.programs = self.programs[::-1], []
        for program in programs:
            if program.child and program.child.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    program.child.send_signal(program.stop_signal)
        for program in programs:
            if program.child:
                stop(program.child, program.stop_signal)


# ---------------------------------------------------------------- being asked to end


class Stopped(BaseException):
    """SIGINT or SIGTERM arrived."""


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped at the first SIGINT or SIGTERM inside the block; later ones are ignored, the end is bounded."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(which, signal.SIG_IGN)
        raise Stopped

    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, leave)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
        signal.signal(signal.SIGHUP, leave)
    yield


# ---------------------------------------------------------------- folders, ports


class Busy(Exception):
    """Somebody else holds the folder."""


class FolderLock:
    """One owner at a time for a folder; the kernel releases it when the owner ends in any way."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 20).decode().strip() or "unknown"
            os.close(self._file)
            raise Busy(f"{folder} is in use by another start (pid {holder})") from None
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        os.close(self._file)


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that nobody listens on, below those that outgoing connections are given in the meantime."""
    for _ in range(1000):
        port = 20_000 + secrets.randbelow(12_000)
        if port_is_free(port):
            return port
    raise OSError("no free port between 20000 and 32000 on 127.0.0.1")
