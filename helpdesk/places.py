"""Where the servers' files lie, and as whom they run: as root PostgreSQL wants another user, who must reach them."""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from helpdesk.processes import Owner

SERVER_USER = "nobody"  # who runs the servers when we are root
REACHABLE_HOME = Path("/var/lib/helpdesk-embedded")  # for root, when the checkout is closed to SERVER_USER


class EmbeddedError(Exception):
    """The services cannot start; the message says why, for a person."""


def server_user() -> Owner | None:
    """Return whom the servers run as; None: ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise EmbeddedError(f"PostgreSQL refuses to run as root, and there is no user {SERVER_USER}") from None
    return Owner(entry.pw_uid, entry.pw_gid)


def reachable(path: Path) -> bool:
    """Tell whether a stranger can pass through every folder above `path`."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents if folder.exists())


def open_folder(path: Path) -> Path:
    """Make `path` a folder that everybody can pass through, whatever our umask."""
    path.mkdir(parents=True, exist_ok=True)
    for folder in (path, *(p for p in path.parents if p == REACHABLE_HOME)):
        folder.chmod(0o755)
    return path


def closed_folder(path: Path, owner: Owner | None) -> Path:
    """Make `path` a folder of the server's user and nobody else."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    if owner:
        os.chown(path, owner.uid, owner.gid)
    return path


def reachable_copy(program: Path, owner: Owner | None, parts: Sequence[Path]) -> Path:
    """Return `program`, or its copy where the server's user can reach it.

    `parts` is what it needs to run, files and folders with one folder above them all; they keep their places.
    """
    if owner is None or reachable(program):
        return program
    base = Path(os.path.commonpath([part.parent for part in parts]))
    mark = f"{program.resolve()}:{program.stat().st_mtime_ns}"
    copy = open_folder(REACHABLE_HOME / "bin") / sha256(mark.encode()).hexdigest()[:12]
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(dir=copy.parent))
        for part in parts:
            target = partial / part.relative_to(base)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(part, target, symlinks=True) if part.is_dir() else shutil.copy2(part, target)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            partial.rename(copy)
        except OSError:  # another start was quicker
            shutil.rmtree(partial)
    return copy / program.relative_to(base)
