"""Make `.venv` and install a lock file into it: `python3 scripts/environment.py demo|dev`. Needs only Python 3.11+.

Nothing is done when the lock is the one that was installed last. `dev` holds all of `demo`. The installing is uv's
where it can reach an index, else pip's; both check every hash.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
HOLDS = {"demo": ("demo", "dev"), "dev": ("dev",)}  # which installed locks are enough for which wish


def main() -> int:
    """Install the lock that the first argument names."""
    if sys.version_info < (3, 11):  # noqa: UP036 - any Python may be the one that starts this
        sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=python3.12 …")
    wish = sys.argv[1] if len(sys.argv) == 2 else ""
    if wish not in HOLDS:
        print(__doc__, file=sys.stderr)
        return 2
    if any(marker(name).exists() and marker(name).read_text() == digest(name) for name in HOLDS[wish]):
        return 0
    print(f"Installing requirements/{wish}.txt into .venv …", flush=True)
    create()
    install(lock(wish))
    marker(wish).write_text(digest(wish))
    return 0


def lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def marker(name: str) -> Path:
    return VENV / f".installed-{name}"


def digest(name: str) -> str:
    return hashlib.sha256(lock(name).read_bytes()).hexdigest()


def create() -> None:
    """Make the environment; begin again when an interrupted start left half of one."""
    if (VENV / "bin" / "pip").exists():
        return
    try:
        venv.create(VENV, clear=True, with_pip=True)
    except (subprocess.CalledProcessError, ImportError):
        sys.exit("Python's venv cannot install pip here; on Debian and Ubuntu: apt-get install python3-venv")


def install(requirements: Path) -> None:
    """Install with uv, itself installed by hash, or with pip alone."""
    python = str(VENV / "bin" / "python")
    pip = [python, "-m", "pip", "install", "-qq", "--require-hashes", "-r"]
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    try:
        subprocess.run([*pip, str(lock("uv"))], check=True, env=quiet)
        argv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--compile-bytecode", "--require-hashes"]
        fast = {**quiet, "VIRTUAL_ENV": str(VENV), "UV_HTTP_TIMEOUT": "60"}
        subprocess.run([*argv, "-r", str(requirements), "--python", python], check=True, env=fast)
    except (subprocess.CalledProcessError, OSError):
        print("… with pip alone, which takes a minute or two longer", flush=True)
        subprocess.run([*pip, str(requirements)], check=True, env=quiet)


if __name__ == "__main__":
    sys.exit(main())
