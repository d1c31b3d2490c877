"""The whole product on one machine: services, database, web, worker, beat and catchers under one supervisor.

    python -m helpdesk.demo        (what `make demo` runs)

Everything it starts ends with it, in whatever way it ends. Data is kept in VAR_DIR, and what a person changed is
never overwritten. `VAR_DIR/demo.env` tells other shells (`python manage.py …`) the addresses and keys.
"""

import argparse
import base64
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from helpdesk import messages
from helpdesk.embedded import Embedded, Options, ensure_database
from helpdesk.places import EmbeddedError
from helpdesk.processes import (
    Program,
    Stopped,
    Supervisor,
    die_with_parent,
    end_with_parent,
    free_port,
    port_is_free,
    spawn,
    stop,
    stoppable,
)

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60.0
ROLES = {
    "client": "cliente",
    "consultant": "consultor",
    "supervisor": "supervisor",
    "manager": "gerente",
    "sales": "ventas",
    "administrator": "administrador",
}


class DemoError(Exception):
    """The demo cannot start; the message says why, for a person."""


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


# ---------------------------------------------------------------- environment


def new_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "LINK_KEYS": secrets.token_urlsafe(32),
        "VAULT_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "WAKE_WEBHOOK_SECRET": secrets.token_urlsafe(32),
    }


def remembered(path: Path) -> dict[str, str]:
    """Return what an earlier start wrote to `demo.env`."""
    if not path.exists():
        return {}
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


def environment(var: Path, port: int, services: Mapping[str, str], outside: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of every process of the demo; what `outside` sets wins."""
    known = remembered(var / "demo.env")
    kept = {name: known.get(name, value) for name, value in new_secrets().items()}
    mail = {} if outside.get("EMAIL_URL") else {"EMAIL_URL": f"smtp://127.0.0.1:{free_port()}"}
    wake = {} if outside.get("WAKE_WEBHOOK_URL") else {"WAKE_WEBHOOK_URL": f"http://127.0.0.1:{free_port()}/"}
    ours = {
        **kept,
        **services,
        **mail,
        **wake,
        "DJANGO_SETTINGS_MODULE": "helpdesk.settings.dev",
        "VAR_DIR": str(var),
        "PORT": str(port),
        "SITE_URL": f"http://localhost:{port}",
        "DEMO": "1",
        "RATE_LIMITS": "0",
        "CONN_MAX_AGE": "0",  # under ASGI each request has a thread of its own
    }
    if "EMAIL_URL" not in mail:
        ours["EMAIL_KEEP_DIR"] = str(var / "mail")
    ours.update({name: value for name in ours if (value := outside.get(name))})
    ours.update({name: outside[name] for name in ("EMAIL_URL", "WAKE_WEBHOOK_URL") if outside.get(name)})
    return ours


def write_env(path: Path, values: Mapping[str, str]) -> None:
    path.touch(0o600)
    path.chmod(0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in sorted(values.items())))


# ---------------------------------------------------------------- services


@contextlib.contextmanager
def services(var: Path, outside: Mapping[str, str]) -> Iterator[tuple[dict[str, str], Supervisor]]:
    """Run what the environment does not name; yields both addresses and who keeps the servers running."""
    own = {name: not outside.get(name) for name in ("DATABASE_URL", "REDIS_URL")}
    if not any(own.values()):
        yield {name: outside[name] for name in own}, Supervisor()
        return
    embedded = Embedded(Options(var=var, postgres=own["DATABASE_URL"], valkey=own["REDIS_URL"])).start()
    try:
        if own["DATABASE_URL"]:
            ensure_database(embedded.database_url)
        addresses = {"DATABASE_URL": embedded.database_url, "REDIS_URL": embedded.redis_url}
        yield {name: addresses[name] if own[name] else outside[name] for name in own}, embedded.family
    finally:
        embedded.stop()


# ---------------------------------------------------------------- programs


def programs(var: Path, port: int, env: Mapping[str, str]) -> list[Program]:
    """Return what runs beside the services. Their output goes to VAR_DIR/log, the catchers' lines to the terminal."""
    python, logs = sys.executable, var / "log"
    logs.mkdir(parents=True, exist_ok=True)
    celery = (python, "-m", "celery", "-A", "helpdesk", "--quiet")
    worker = ("worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle", "--hostname", "demo@%h")
    beat = ("beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler", "--pidfile", "")
    web = (python, "-m", "uvicorn", "helpdesk.asgi:application", "--host", "127.0.0.1", "--port", str(port))
    quiet = ("--lifespan", "off", "--no-access-log", "--timeout-graceful-shutdown", "2")

    def runs(name: str, *argv: str, log: bool = True) -> Program:
        def start() -> subprocess.Popen[bytes]:
            target = logs / f"{name}.log" if log else None
            return spawn(argv, env={**os.environ, **env}, log=target, cwd=ROOT, on_parent_death=signal.SIGKILL)

        return Program(name, start)

    catchers = [
        runs(kind, python, "-m", "helpdesk.catchers", kind, "--port", where, "--dir", str(var / kind), log=False)
        for kind, where in (("mail", _own_port(env["EMAIL_URL"])), ("wake", _own_port(env["WAKE_WEBHOOK_URL"])))
        if where and kind not in _outside(env)
    ]
    return [
        *catchers,
        runs("web", *web, *quiet),
        runs("worker", *celery, *worker),
        runs("beat", *celery, *beat),
    ]


def _own_port(url: str) -> str:
    return url.rstrip("/").rpartition(":")[2]


def _outside(env: Mapping[str, str]) -> set[str]:
    """Return the catchers that are not ours to run, because the environment named another receiver."""
    named = {"mail": "EMAIL_URL", "wake": "WAKE_WEBHOOK_URL"}
    return {kind for kind, name in named.items() if os.environ.get(name) == env[name]}


def prepare(env: Mapping[str, str], tick: Callable[[], None]) -> list[dict[str, str]]:
    """Migrate and load; return the sign-ins. Raises DemoError."""
    argv = [sys.executable, "manage.py", "prepare_demo"]
    with (Path(env["VAR_DIR"]) / "accounts.json").open("w+b") as output:
        Path(output.name).chmod(0o600)
        child = subprocess.Popen(  # noqa: S603
            argv, stdout=output, env={**os.environ, **env}, cwd=ROOT, preexec_fn=die_with_parent(signal.SIGKILL)
        )
        try:
            while child.poll() is None:
                time.sleep(0.1)
                tick()
        finally:
            stop(child)
        if child.returncode:
            raise DemoError("the database could not be prepared; the lines above say why")
        output.seek(0)
        accounts: list[dict[str, str]] = json.loads(output.read())
    return accounts


def wait_ready(port: int, tick: Callable[[], None], log: Path) -> None:
    """Wait until /readyz says 200. Raises DemoError."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        tick()
        with contextlib.suppress(OSError):
            if urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).status == 200:
                return
        time.sleep(0.2)
    raise DemoError(f"the web does not answer on port {port}; see {log}")


def announce(port: int, var: Path, accounts: Sequence[Mapping[str, str]]) -> None:
    """Print the address and one sign-in per desk and role."""
    say(f"\nMesa de ayuda: http://localhost:{port}/   (entrar: http://localhost:{port}/entrar/)\n")
    seen = set()
    for account in accounts:
        place = (account.get("desk") or "", account["role"])
        if place not in seen:
            seen.add(place)
            role = ROLES.get(account["role"], account["role"])
            say(f"  {place[0]:<12} {role:<14} {account['email']:<40} {account['password']}")
    say(f"\nCorreos: {var / 'mail'}   Llamadas: {var / 'wake'}   Bitácoras: {var / 'log'}")
    say(
        "Todas las cuentas: python manage.py demo_accounts --format json   ·   Ctrl-C detiene todo; los datos quedan.\n"
    )


def run(var: Path, port: int) -> None:
    """Run until stopped. Raises Stopped, DemoError or EmbeddedError."""
    if not port_is_free(port):
        raise DemoError(f"port {port} on 127.0.0.1 is taken; choose another: PORT={port + 1} make demo")
    var.mkdir(parents=True, exist_ok=True)
    messages.build()
    family = Supervisor(say)
    with services(var, os.environ) as (addresses, servers):
        env = environment(var, port, addresses, os.environ)
        write_env(var / "demo.env", env)
        accounts = prepare(env, servers.tick)

        def tick() -> None:
            servers.tick()
            family.tick()

        try:
            for program in programs(var, port, env):
                family.add(program)
            wait_ready(port, tick, var / "log" / "web.log")
            announce(port, var, accounts)
            while True:
                time.sleep(0.5)
                tick()
        finally:
            family.stop()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo in the foreground until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m helpdesk.demo", description=main.__doc__)
    parser.add_argument("--end-with-parent", action="store_true", help="stop when who started us ends (Linux)")
    given = parser.parse_args(argv)
    if given.end_with_parent:
        end_with_parent()
    var = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
    try:
        with stoppable():
            run(var, int(os.environ.get("PORT") or 8000))
    except (DemoError, EmbeddedError) as error:
        print(f"demo: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except Stopped:
        say("\nDetenido. Los datos quedan en " + str(var))
    return 0


if __name__ == "__main__":
    sys.exit(main())
