"""CPU of processes from the operating system's own accounting (Linux)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

TICK: Final = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat behind the name, which may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def parent(pid: int) -> int:
    return int(_stat(pid)[1])


def children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if parent(int(entry.name)) == pid:
                    found.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def _running(pid: int) -> float:
    """CPU of the threads of a process, to the nanosecond."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def seconds(pid: int) -> float:
    """CPU of a process, of its children that live and of those that it has buried."""
    own = _stat(pid)
    total = _running(pid) + sum(int(field) for field in own[13:15]) / TICK  # cutime, cstime
    for child in children(pid):
        try:
            total += seconds(child)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total
