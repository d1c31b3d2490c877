"""The sweep of stamps: how long many accounts take, and what of memory.

    python -m bench.stamps_sweep [--accounts 100000] [--movements 1000000] [--days 90] [--var DIR]

A database of its own (embedded PostgreSQL) with accounts whose days follow a week, one in twenty near its end, one in
ten with lots that expire. Movements are there to be left alone: each query of the sweep is explained afterwards.
Measured are the worst case, in which every account is due at once; the mornings after; and one where nothing is due.
The result is kept in bench/results/stamps_sweep.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import django

from helpdesk.embedded import Embedded, Options, ensure_database

RESULTS: Final = Path(__file__).resolve().parent / "results" / "stamps_sweep.md"
NOW: Final = datetime(2026, 11, 17, 13, 0, tzinfo=UTC)  # Tuesday, 07:00 in Mexico City
LIMIT_SECONDS: Final = 60.0
WARMED: Final = 5_000  # accounts swept before memory is read for the first time

_ACCOUNTS: Final = """
    INSERT INTO clients_client (id, vendor_id, name, is_active)
    SELECT 1000 + n, %(vendor)s, 'Empresa ' || n, true FROM generate_series(1, %(n)s) n;
    INSERT INTO stamps_stampaccount (
        id, vendor_id, desk_id, product_id, client_id, terms, balance, anchored_at, opened_at, created_at, level,
        exhausts_on, daily_rate, look_at, round, told)
    SELECT 1000 + n, %(vendor)s, %(desk)s, %(product)s, 1000 + n, 'prepaid', 0, %(opened)s, %(opened)s, %(opened)s,
           'ok', DATE '9000-01-01', 0, %(now)s, 1, 'ok'
    FROM generate_series(1, %(n)s) n
"""
# A working week with a little noise; the level of each account is its own.
_DAYS: Final = """
    INSERT INTO stamps_stampday (account_id, used_on, used)
    SELECT 1000 + a, d::date, greatest(1, ((5 + a %% 60) * (0.8 + 0.4 * random())
        * CASE extract(isodow FROM d) WHEN 6 THEN 0.5 ELSE 1 END)::int)
    FROM generate_series(1, %(n)s) a
    CROSS JOIN generate_series(%(today)s::date - %(days)s, %(today)s::date - 1, interval '1 day') d
    WHERE extract(isodow FROM d) < 7
"""
# What a week uses is 5.5 times the level: most last for months, one in twenty for about two weeks.
_BALANCES: Final = """
    INSERT INTO stamps_stampmovement (
        account_id, kind, amount, at, recorded_at, reference, reason, reported, actor_kind, actor_label)
    SELECT 1000 + n, 'opening', (5 + n %% 60) * CASE WHEN n %% 20 = 0 THEN 10 + n %% 5 ELSE 90 + n %% 200 END,
           %(opened)s, %(opened)s, '', '', 0, 'system', 'bench'
    FROM generate_series(1, %(n)s) n
"""
_MOVEMENTS: Final = """
    INSERT INTO stamps_stampmovement (
        account_id, kind, amount, at, recorded_at, reference, reason, actor_kind, actor_label)
    SELECT 1001 + m %% %(n)s, 'usage', -1, %(opened)s::timestamptz + m * interval '1 second', %(now)s, 'm' || m, '',
           'system', 'bench'
    FROM generate_series(1, %(m)s) m
"""
_LOTS: Final = """
    INSERT INTO stamps_stamplot (account_id, movement_id, amount, since, expires_on)
    SELECT account_id, id, amount / 2, at, %(today)s::date + 20 + (account_id %% 300)::int
    FROM stamps_stampmovement WHERE kind = 'opening' AND account_id %% 10 = 0 AND amount > 2
"""


@dataclass(frozen=True)
class Run:
    """One sweep."""

    name: str
    judged: int
    seconds: float
    cpu_seconds: float
    grown_mb: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--movements", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--var", type=Path)
    asked = parser.parse_args()
    var = asked.var or Path(tempfile.mkdtemp(prefix="stamps-sweep-"))
    services = Embedded(Options(var=var, fsync=False)).start()
    try:
        ensure_database(services.database_url)
        os.environ.update(
            DATABASE_URL=services.database_url,
            REDIS_URL=services.redis_url,
            DJANGO_SETTINGS_MODULE="bench.settings",
            VAR_DIR=str(var),
            DOORBELL="0",
        )
        django.setup()
        return _measure(asked.accounts, asked.movements, asked.days)
    finally:
        services.stop()


def _measure(n: int, m: int, days: int) -> int:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _fill(n, m, days)
    from stamps.actions import sweeping

    _due(WARMED)
    sweeping.sweep(now=NOW)
    runs = [
        _run("every account due at once", lambda: _due(n), NOW),
        _run("the morning after", lambda: None, NOW + timedelta(days=1)),
        _run("a week later", lambda: None, NOW + timedelta(days=7)),
        _run("a minute later", lambda: None, NOW + timedelta(days=7, minutes=1)),
    ]
    plans = _plans()
    RESULTS.write_text(_page(n, m, days, runs, plans), "utf-8")
    print(RESULTS.read_text("utf-8"))
    return 0 if max(run.seconds for run in runs) < LIMIT_SECONDS else 1


def _fill(n: int, m: int, days: int) -> None:
    from django.db import connection

    from desks.models import Product
    from tests import factories

    cast = factories.Cast()
    product = Product.objects.filter(vendor=cast.desk.vendor)[0]
    params: dict[str, Any] = {
        "n": n,
        "m": m,
        "days": days,
        "vendor": cast.desk.vendor_id,
        "desk": cast.desk.pk,
        "product": product.pk,
        "now": NOW,
        "today": NOW.date(),
        "opened": NOW - timedelta(days=days + 30),
    }
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE stamps_stampaccount DISABLE TRIGGER ALL; SELECT setseed(0.5)")
        cursor.execute(
            "ALTER TABLE stamps_stampmovement DISABLE TRIGGER ALL; ALTER TABLE stamps_stampday DISABLE TRIGGER ALL"
        )
        for statement in (_ACCOUNTS, _DAYS, _BALANCES, _MOVEMENTS, _LOTS):
            began = time.monotonic()
            for part in statement.split(";\n"):
                cursor.execute(part, params)
            print(f"{statement.split()[2]}: {cursor.rowcount:,} rows, {time.monotonic() - began:.0f} s", flush=True)
        cursor.execute(
            "UPDATE stamps_stampaccount a SET balance = m.amount FROM stamps_stampmovement m"
            " WHERE m.account_id = a.id AND m.kind = 'opening'"
        )
        for table in ("stampaccount", "stampmovement", "stampday"):
            cursor.execute(f"ALTER TABLE stamps_{table} ENABLE TRIGGER ALL")
        cursor.execute("VACUUM ANALYZE")


def _due(n: int) -> None:
    """Let the first `n` accounts be due."""
    from stamps.models import StampAccount

    StampAccount.objects.filter(pk__lte=1000 + n).update(look_at=NOW)


def _run(name: str, prepare: Callable[[], None], now: datetime) -> Run:
    from stamps.actions import sweeping

    prepare()
    began, cpu, memory = time.monotonic(), time.process_time(), _memory()
    judged = sweeping.sweep(now=now)
    run = Run(name, judged, time.monotonic() - began, time.process_time() - cpu, _memory() - memory)
    print(f"{run.name}: {run.judged:,} in {run.seconds:.1f} s", flush=True)
    return run


def _memory() -> float:
    """The most that this process ever held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _plans() -> list[tuple[str, str]]:
    """The tables that each statement of a sweep of a thousand accounts reads, as PostgreSQL plans it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from stamps.actions import sweeping

    _due(1_000)
    with CaptureQueriesContext(connection) as seen:
        sweeping.sweep(now=NOW + timedelta(days=8))
    found: dict[str, str] = {}
    for query in seen.captured_queries:
        sql = query["sql"]
        head = " ".join(sql.split()[:6])
        if sql.split()[0] in ("SELECT", "WITH", "UPDATE") and "stamps_" in sql and head not in found:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}")
                lines = [line for (line,) in cursor.fetchall()]
            found[head] = "; ".join(line.strip(" ->").split("  (")[0] for line in lines if "Scan" in line)
    return sorted(found.items())


def _page(n: int, m: int, days: int, runs: list[Run], plans: list[tuple[str, str]]) -> str:
    rows = [
        f"| {run.name} | {run.judged:,} | {run.seconds:.1f} | {run.cpu_seconds:.1f} | {run.grown_mb:.0f} |"
        for run in runs
    ]
    scans = sorted({part for _, plan in plans for part in plan.split("; ") if part})
    return "\n".join(
        [
            "# The sweep of stamps",
            "",
            f"`python -m bench.stamps_sweep --accounts {n} --movements {m} --days {days}`",
            "",
            f"Python {platform.python_version()} on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.",
            "One account in twenty is near its end. To be reached: under a minute, and memory that does not grow.",
            "",
            "| sweep | judged | seconds | of CPU | grown, MB |",
            "| --- | ---: | ---: | ---: | ---: |",
            *rows,
            "",
            "How its statements read their tables; no scan of movements:",
            "",
            *(f"- {scan}" for scan in scans),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
