"""The main job, measured: CPU milliseconds per action, of the web and of the database, and against a hello-world view.

    python -m bench.main_job [--quick] [--var DIR]

Servers of its own (embedded PostgreSQL and Valkey, gunicorn as in production), worker and beat stopped, caches warm,
one caller. CPU is the operating system's own accounting of the processes. BEGIN and SAVEPOINT are not counted as
statements. Filing and replying end with a redirect, which is not followed; the notices that they leave in the outbox
are drained apart. By API a reply is sent at once. On the page it leaves ten seconds after it was pressed, and pressing
again sends what waits at once: each of these requests is one press and one reply that leaves, both counted.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlencode

import django

from bench import cpu
from helpdesk.embedded import Embedded, Options, ensure_database
from helpdesk.processes import free_port

RESULTS: Final = Path(__file__).resolve().parent / "results" / "main_job.md"
ROOT: Final = Path(__file__).resolve().parent.parent
CSRF: Final = "benchbenchbenchbenchbenchbench32"
WARM: Final = 40
ROUNDS: Final = 10
SCENARIOS: Final = ((1_000, 1_000), (100_000, 1_000), (100_000, 50_000))
# action -> CPU milliseconds and statements to reach
TARGETS: Final = {
    "file by form": (7.0, None),
    "file by API": (7.0, None),
    "queue page": (15.0, 8),
    "search page": (15.0, 8),
    "ticket page, 10 messages": (15.0, 10),
    "reply by API": (8.0, None),
}


@dataclass(frozen=True)
class Call:
    """One request, made anew each time."""

    method: str
    path: str
    expect: int
    headers: dict[str, str]
    body: Callable[[], str]


@dataclass(frozen=True)
class Cost:
    """What one action took."""

    action: str
    statements: int
    web_ms: float
    database_ms: float
    wall_ms: float

    @property
    def total_ms(self) -> float:
        return self.web_ms + self.database_ms


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer requests and the smallest desk only")
    parser.add_argument("--var", type=Path, help="where the servers keep their data")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as folder:
        services = Embedded(Options(var=options.var or Path(folder) / "var")).start()
        try:
            _configure(services)
            report = _measure_all(quick=options.quick)
        finally:
            services.stop()
    if not options.quick:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(report, "utf-8")
    return 0


def _configure(services: Embedded) -> None:
    os.environ.update(
        DATABASE_URL=services.database_url, REDIS_URL=services.redis_url, DJANGO_SETTINGS_MODULE="bench.settings"
    )
    ensure_database(services.database_url)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _measure_all(*, quick: bool) -> str:
    n = 60 if quick else 200
    parts = [_heading()]
    sys.stdout.write(parts[0])
    for total, n_open in SCENARIOS[:1] if quick else SCENARIOS:
        costs, drained = _measure(total, n_open, n)
        parts.append(_table(total, n_open, costs, drained))
        sys.stdout.write(parts[-1])
        sys.stdout.flush()
    return "\n".join(parts)


def _measure(total: int, n_open: int, n: int) -> tuple[list[Cost], tuple[int, float]]:
    """Fill a desk, serve it, ask it `n` times for each action."""
    from django.db import connection
    from django.utils import timezone

    from bench import data

    data.forget()
    desk = data.Desk(timezone.now())
    data.fill(desk, total=total, n_open=n_open)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        postmaster = cpu.parent(cursor.fetchone()[0])
    calls = _calls(desk)
    with _served() as (port, server):
        costs = _costs(calls, n, port, server, postmaster)
    return costs, _drain()


def _calls(desk: Any) -> dict[str, Call]:
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from accounts import actions as account_actions
    from tests.factories import CLEAR

    staff = Client()
    staff.force_login(desk.cast.ada)
    session = f"{settings.SESSION_COOKIE_NAME}={staff.cookies[settings.SESSION_COOKIE_NAME].value}"
    _token, token = account_actions.issue_token(desk.cast.rosa.user, label="bench", now=timezone.now())
    _token, hers = account_actions.issue_token(desk.cast.ada, label="bench", now=timezone.now())
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": CSRF}
    seen = {"Cookie": session}
    written = {**form, "Cookie": f"{session}; csrftoken={CSRF}"}
    report = {
        "subject": "No timbra: error CFDI40147",
        "description": CLEAR,
    }
    filed = {
        **report, "need": "question", "impact": "none", "name": "Rosa Medina", "email": "rosa@lanortena.example",
        "company": "", "client_rfc": "", "phone": "", "product": "", "product_version": "",
    }  # fmt: skip
    asked = {
        **report, "desk": "invoice-mx", "request_type": "usage_guidance", "affects_operation": False,
        "requester": {"name": "Rosa Medina", "email": "rosa@lanortena.example"},
    }  # fmt: skip
    api = {"Content-Type": "application/json", "Authorization": f"Token {token}"}
    nothing = dict[str, str]()
    return {
        "hello world": Call("GET", "/bench/hello/", 200, nothing, str),
        "queue page": Call("GET", "/cola/", 200, seen, str),
        "search page": Call("GET", "/cola/?q=reporte+5", 200, seen, str),  # a page of some hundred
        "ticket page, 10 messages": Call("GET", f"/tickets/{desk.busy.number}/", 200, seen, str),
        "file by form": Call(
            "POST", "/invoice-mx/reportar/", 303, {**form, "Cookie": f"csrftoken={CSRF}"},
            lambda: urlencode({**filed, "key": str(uuid.uuid4())}),
        ),
        "file by API": Call("POST", "/api/v1/tickets/", 201, api, lambda: json.dumps(asked)),
        "reply by API": Call(
            "POST", f"/api/v1/tickets/{desk.model.number}/messages/", 201, {**api, "Authorization": f"Token {hers}"},
            lambda: json.dumps({"body": f"Avance {uuid.uuid4()}: {CLEAR}"}),
        ),
        "reply by page: a press, and one that leaves": Call(
            "POST", f"/tickets/{desk.model.number}/responder/", 302, written,
            lambda: urlencode({"kind": "reply", "body": f"Avance {uuid.uuid4()}: {CLEAR}"}),
        ),
    }  # fmt: skip


@contextmanager
def _served() -> Iterator[tuple[int, int]]:
    """Gunicorn as in production, on a free port; yields the port and the master's pid."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "helpdesk.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--log-level", "error",
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ.copy())
    try:
        _wait(port, server)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, "gunicorn ended"
        try:
            if _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=10), HELLO)[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("gunicorn does not answer")


HELLO: Final = Call("GET", "/bench/hello/", 200, {}, str)


def _ask(
    connection: http.client.HTTPConnection, call: Call, *, counted: bool = False
) -> tuple[int, http.client.HTTPMessage]:
    headers = {**call.headers, "X-Bench-Count": "1"} if counted else call.headers
    connection.request(call.method, call.path, body=call.body().encode() or None, headers=headers)
    response = connection.getresponse()
    text = response.read()
    if response.status != call.expect:
        raise AssertionError(f"{call.method} {call.path}: {response.status} {text[:1500]!r}")
    return response.status, response.headers


def _costs(calls: dict[str, Call], n: int, port: int, server: int, postmaster: int) -> list[Cost]:
    """Ask in rounds, each action in each round, so that a noisy neighbour disturbs all of them alike; the medians."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    statements = {}
    for action, call in calls.items():
        for _n in range(WARM):
            _ask(connection, call)
        counts = [int(_ask(connection, call, counted=True)[1]["X-Bench-Statements"]) for _n in range(5)]
        statements[action] = min(counts)
    rounds: dict[str, list[tuple[float, float, float]]] = {action: [] for action in calls}
    for _round in range(ROUNDS):
        for action, call in calls.items():
            rounds[action].append(_round_of(connection, call, max(1, n // ROUNDS), server, postmaster))
    connection.close()
    return [
        Cost(action, statements[action], *(1000 * median(column) for column in zip(*found, strict=True)))
        for action, found in rounds.items()
    ]


def _round_of(
    connection: http.client.HTTPConnection, call: Call, n: int, server: int, postmaster: int
) -> tuple[float, float, float]:
    """CPU seconds of web and database, and seconds by the wall, for one request."""
    web, database, wall = cpu.seconds(server), cpu.seconds(postmaster), time.monotonic()
    for _n in range(n):
        _ask(connection, call)
    wall = time.monotonic() - wall
    return (cpu.seconds(server) - web) / n, (cpu.seconds(postmaster) - database) / n, wall / n


def _drain() -> tuple[int, float]:
    """Send what the outbox holds, into the void: how many, and CPU milliseconds of this process for each."""
    from django.utils import timezone

    from notifications import actions

    started, n = time.process_time(), 0
    while n < 300 and actions.send_next(now=timezone.now()):
        n += 1
    return n, 1000 * (time.process_time() - started) / max(1, n)


# ------------------------------------------------------------------ the report


def _heading() -> str:
    import importlib.metadata as metadata

    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("Django", "psycopg", "gunicorn"))
    return "\n".join(
        [
            "# The main job, measured",
            "",
            "Written by `python -m bench.main_job` (`make bench`). CPU milliseconds per action, of the web processes",
            "and of PostgreSQL, by the operating system's accounting; worker and beat stopped, warm, redirects not",
            "followed.",
            "Each action is asked in ten rounds in turn with the others; shown are the medians of the rounds.",
            "The ratio is to a hello-world view of the same server (all middleware) in the same run.",
            "",
            f"Python {platform.python_version()}, {versions}; {os.cpu_count()} CPUs, {platform.machine()}.",
        ]
    )


def _table(total: int, n_open: int, costs: list[Cost], drained: tuple[int, float]) -> str:
    hello = costs[0].total_ms
    lines = [
        "",
        f"## {total:,} tickets, {n_open:,} open",
        "",
        "| action | SQL | web ms | database ms | CPU ms | ratio | to reach | wall ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |",
    ]
    for cost in costs:
        lines.append(
            f"| {cost.action} | {cost.statements} | {cost.web_ms:.1f} | {cost.database_ms:.1f} | {cost.total_ms:.1f} "
            f"| {cost.total_ms / hello:.1f} | {_target(cost)} | {cost.wall_ms:.1f} |"
        )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines += ["", f"Load of the machine meanwhile (1, 5, 15 minutes): {load}; above its CPUs, costs are inflated."]
    lines += ["", f"Draining the outbox apart: {drained[0]} notices, {drained[1]:.1f} ms of CPU each.", ""]
    return "\n".join(lines)


def _target(cost: Cost) -> str:
    milliseconds, statements = TARGETS.get(cost.action, (None, None))
    if milliseconds is None:
        return ""
    words = f"{milliseconds:.0f} ms" + (f", {statements} SQL" if statements else "")
    kept = cost.total_ms <= milliseconds and (statements is None or cost.statements <= statements)
    return f"{words}: {'kept' if kept else 'not yet'}"


if __name__ == "__main__":
    sys.exit(main())
