"""What a page of the queue costs as the desk grows: 1,000 tickets, a million with 1,000 open, a million with 50,000.

    nice python -m bench.queue_size [--tickets 1000000] [--var DIR] [--explain]

The application is asked in this process, warm, one caller. As the desk grows its database is copied, and at the end
the three are asked in turn, page by page, in rounds: on a machine that others use, what was measured minutes apart
cannot be compared. CPU is that of this process and of the one backend that answers it, by the operating system's own
accounting.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench import cpu
from bench.main_job import _configure
from helpdesk.embedded import Embedded, Options

RESULTS: Final = Path(__file__).resolve().parent / "results" / "queue_size.md"
SMALL: Final = 1_000
MANY_OPEN: Final = 50_000
BATCH: Final = 100_000
WARM: Final = 6
ROUNDS: Final = 15
EACH: Final = 6
# What is asked.
PAGES: Final[Mapping[str, str]] = {  # the last one walks on from its place in the queue
    "the queue": "/cola/",
    "all open, by priority": "/cola/?vista=todos&orden=prioridad",
    "all open, the latest": "/cola/?vista=todos&orden=recientes",
    "mine": "/cola/?vista=mios",
    "overdue": "/cola/?vista=vencidos",
    "critical ones, by filter": "/cola/?vista=todos&prioridad=critical",
    "nobody's, by filter (none)": "/cola/?vista=todos&asignado=nadie",
    "by telephone (1 in 50)": "/cola/?vista=todos&canal=phone",
    "a ticket of the queue": "/tickets/{number}/?de=vista%3Dtodos",
}
# How many times the cost at 1,000 tickets the queue may take: with 1,000 open, with 50,000.
GOALS: Final = (1.2, 2.0)


@dataclass(frozen=True)
class Cost:
    """What one page of one desk took in a round, in milliseconds of CPU."""

    web_ms: float
    database_ms: float

    @property
    def total_ms(self) -> float:
        return self.web_ms + self.database_ms


@dataclass(frozen=True)
class Size:
    """The desk at one size: a connection to its copy of the database, and the backend that answers it."""

    connection: Any
    backend: int
    paths: Mapping[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--var", type=Path, help="where the servers keep their data")
    parser.add_argument("--explain", action="store_true", help="show how the rows of each page are found")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as folder:
        services = Embedded(Options(var=options.var or Path(folder) / "var", fsync=False)).start()
        try:
            _configure(services)
            report = _measured(options.tickets, explain=options.explain)
        finally:
            services.stop()
    if options.tickets == parser.get_default("tickets"):
        RESULTS.write_text(report, "utf-8")
    sys.stdout.write(report)
    return 0


def _measured(n: int, *, explain: bool) -> str:
    from django.utils import timezone

    from bench import data

    data.forget()
    desk = data.Desk(timezone.now())
    browser = _signed_in(desk)
    began = time.monotonic()
    sizes: list[Size] = []
    for total, n_open in ((SMALL, SMALL), (n, SMALL), (n + MANY_OPEN - SMALL, MANY_OPEN)):
        _grow(desk, total=total, n_open=n_open)
        sys.stderr.write(f"{total:,} tickets, {n_open:,} open, after {time.monotonic() - began:.0f} s\n")
        if explain:
            _explain(desk)
        sizes.append(_copied(f"size_{len(sizes)}"))
    statements = {name: [_statements(browser, size, name) for size in sizes] for name in PAGES}
    rounds: dict[str, list[list[Cost]]] = {name: [] for name in PAGES}
    for _round in range(ROUNDS):
        for name, costs in rounds.items():
            costs.append([_asked(browser, size, name) for size in sizes])
    return _report(n, statements, rounds, time.monotonic() - began)


def _signed_in(desk: Any) -> Any:
    from django.test import Client

    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(desk.cast.ada)
    return browser


# ------------------------------------------------------------------ the desk


def _grow(desk: Any, *, total: int, n_open: int) -> None:
    """Bring the desk to `total` tickets of which `n_open` are open, in SQL; foreign keys are not looked at again."""
    from django.db import connection

    from bench import data
    from desks.models import DeskCounter
    from tickets.models import Ticket

    first = DeskCounter.objects.get(desk=desk.cast.desk, kind="ticket").last + 1
    last = first + total - Ticket.objects.count() - 1
    open_from = last - (n_open - Ticket.objects.active().count()) + 1
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with _without_indexes(cursor, enough=last - first > BATCH):
            for start in range(first, last + 1, BATCH):
                _tickets(cursor, desk, start, min(start + BATCH - 1, last), open_from)
        _clocks(cursor, desk, open_from)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(
            "UPDATE desks_deskcounter SET last = %s WHERE desk_id = %s AND kind = 'ticket'", [last, desk.cast.desk.pk]
        )
    data._counts(desk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE, PARALLEL 0) tickets_ticket")
        cursor.execute("VACUUM ANALYZE tickets_clock")
        cursor.execute("VACUUM ANALYZE tickets_queuedelta")


@contextmanager
def _without_indexes(cursor: Any, *, enough: bool) -> Iterator[None]:
    """Put the table's indexes away while many rows come in: making them anew is quicker than keeping them."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'tickets_ticket' AND NOT EXISTS "
        "(SELECT FROM pg_constraint WHERE conname = indexname)"
    )
    away = cursor.fetchall() if enough else []
    for name, _definition in away:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _name, definition in away:
        cursor.execute(definition)


def _tickets(cursor: Any, desk: Any, first: int, last: int, open_from: int) -> None:
    """Closed ones into the past, one every two minutes; open ones of four priorities and two people."""
    from tickets.models import Ticket

    names = [field.column for field in Ticket._meta.concrete_fields if field.column != "id"]
    late = "m.opened_at - (%(open_from)s - g) * interval '2 minutes'"
    is_open = "g >= %(open_from)s"
    rank = "CASE WHEN g %% 20 = 0 THEN 0 WHEN g %% 5 = 0 THEN 1 WHEN g %% 3 = 0 THEN 3 ELSE 2 END"
    at = f"CASE WHEN {is_open} THEN m.opened_at + (g %% 100) * interval '1 second' ELSE {late} END"
    changed = {
        "counter": "g",
        "number": "'IMX-' || g",
        "subject": "'Reporte ' || g || ' ' || substr(md5(g::text), 1, 6) || ': no timbra'",
        "status": f"CASE WHEN {is_open} THEN 'assigned' ELSE 'closed' END",
        "priority": f"(ARRAY['critical', 'high', 'normal', 'low'])[1 + {rank}]",
        "priority_rank": rank,
        "channel": "CASE WHEN g %% 50 = 0 THEN 'phone' ELSE 'web' END",
        "assignee_id": "(%(people)s::bigint[])[1 + g %% 2]",
        "opened_at": at,
        "last_activity_at": at,
        "resolved_at": f"CASE WHEN {is_open} THEN NULL ELSE {late} END",
        "closed_at": f"CASE WHEN {is_open} THEN NULL ELSE {late} END",
        "sort_due_at": f"CASE WHEN {is_open} THEN m.sort_due_at + ((g %% 5000) - 100) * interval '1 minute' "
        "ELSE '9000-01-01Z' END",
        "sort_due_kind": f"CASE WHEN {is_open} THEN m.sort_due_kind ELSE '' END",
        "intake_key": "NULL",
    }
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(str(name), f'm."{name}"') for name in names)
    cursor.execute(
        f"INSERT INTO tickets_ticket ({columns}) SELECT {values} "  # noqa: S608
        "FROM tickets_ticket m, generate_series(%(first)s::bigint, %(last)s::bigint) g WHERE m.id = %(model)s",
        {
            "first": first,
            "last": last,
            "open_from": open_from,
            "model": desk.model.pk,
            "people": [desk.cast.ada.pk, desk.cast.bruno.pk],
        },
    )


def _clocks(cursor: Any, desk: Any, open_from: int) -> None:
    """The clock that each row of the queue shows."""
    from tickets.models import Clock

    names = [field.column for field in Clock._meta.concrete_fields if field.column not in {"id", "ticket_id"}]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f'm."{name}"' for name in names)
    cursor.execute(
        f"INSERT INTO tickets_clock (ticket_id, {columns}) SELECT t.id, {values} "  # noqa: S608
        "FROM tickets_clock m, tickets_ticket t "
        "WHERE m.ticket_id = %s AND t.desk_id = %s AND t.counter >= %s AND t.status = 'assigned'",
        [desk.model.pk, desk.cast.desk.pk, open_from],
    )


# ------------------------------------------------------------------ asking


def _copied(alias: str) -> Size:
    """A copy of the database as it is now, which the application can be pointed to."""
    from django.db import connection, connections

    from tickets.models import Ticket

    number = Ticket.objects.active().order_by("-id")[0].number
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{alias}" TEMPLATE "{name}" STRATEGY FILE_COPY')
    connections.settings[alias] = {**connections.settings["default"], "NAME": alias}
    copy = connections[alias]
    with copy.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    return Size(copy, backend, {name: path.format(number=number) for name, path in PAGES.items()})


def _statements(browser: Any, size: Size, name: str) -> int:
    """Warm the page up and count its statements."""
    _point_to(size)
    for _n in range(WARM):
        answer = browser.get(size.paths[name], HTTP_X_BENCH_COUNT="1")
    return int(answer["X-Bench-Statements"])


def _asked(browser: Any, size: Size, name: str) -> Cost:
    _point_to(size)
    browser.get(size.paths[name])
    mine, theirs = time.process_time(), cpu.seconds(size.backend)
    for _n in range(EACH):
        browser.get(size.paths[name])
    web = time.process_time() - mine
    return Cost(1000 * web / EACH, 1000 * (cpu.seconds(size.backend) - theirs) / EACH)


def _point_to(size: Size) -> None:
    from django.db import connections

    connections["default"] = size.connection


def _explain(desk: Any) -> None:
    from django.db import connection
    from django.http import QueryDict
    from django.utils import timezone

    from tickets.queries import board
    from tickets.views import asking

    now = timezone.now()
    for name, path in PAGES.items():
        params = QueryDict(path.partition("?")[2])
        wanted, _chosen = asking.asked(params, [desk.cast.desk], user_id=desk.cast.ada.pk, now=now)
        rows = board._rows(board.tickets_of(wanted, user_id=desk.cast.ada.pk, now=now))
        order = [f"-{k.column}" if k.descending else k.column for k in board.ORDERS[wanted.order]]
        sql, params_ = rows.order_by(*order)[: board.SIZE + 1].query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", params_)
            sys.stderr.write(f"\n-- {name}\n" + "\n".join(line for (line,) in cursor.fetchall()) + "\n")


# ------------------------------------------------------------------ telling


def _times(costs: Sequence[Sequence[Cost]], size: int) -> float:
    """How many times the small desk's page: the median of the rounds, in each of which they were neighbours."""
    return median(found[size].total_ms / found[0].total_ms for found in costs)


def _lines(statements: Mapping[str, Sequence[int]], rounds: Mapping[str, Sequence[Sequence[Cost]]]) -> Iterator[str]:
    for name, costs in rounds.items():
        cells = []
        for size in range(3):
            web, database = (
                median(column) for column in zip(*((c[size].web_ms, c[size].database_ms) for c in costs), strict=True)
            )
            cells.append(f"{web + database:.1f} ({web:.1f} + {database:.1f})")
            if size:
                cells.append(f"{_times(costs, size):.2f}")
        n_sql = ", ".join(str(n) for n in sorted(set(statements[name])))
        yield f"| {name} | {n_sql} | {' | '.join(cells)} |"


def _report(
    n: int, statements: Mapping[str, Sequence[int]], rounds: Mapping[str, Sequence[Sequence[Cost]]], seconds: float
) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    ratios = [_times(rounds["the queue"], size) for size in (1, 2)]
    kept = [
        f"{r:.2f} (at most {goal}): {'kept' if r <= goal else 'not yet'}" for r, goal in zip(ratios, GOALS, strict=True)
    ]
    return "\n".join(
        [
            "# The queue, as the desk grows",
            "",
            f"Written by `python -m bench.queue_size --tickets {n}` in {seconds:.0f} s. CPU milliseconds of a page:",
            "the application (in one process, with Django's test client) + the database backend. The three sizes are",
            f"asked in turn, {EACH} times each, in {ROUNDS} rounds; shown are medians, also of the rounds' ratios to",
            f"{SMALL:,} tickets, all open.",
            "",
            f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {platform.machine()}. "
            f"Load of the machine meanwhile (1, 5, 15 minutes): {load}.",
            "",
            f"| page | SQL | {SMALL:,} | {n:,}, {SMALL:,} open | times | {n:,}, {MANY_OPEN:,} open | times |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            *_lines(statements, rounds),
            "",
            f"The queue: {kept[0]}; {kept[1]}.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
