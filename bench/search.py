"""Search, measured in the database: many tickets with three messages each, loaded by SQL.

    python -m bench.search [--tickets 200000] [--var DIR]

For each word the very statement of a page of results is run, warm, one caller; shown are the median and the 95th
percentile of the time that PostgreSQL itself reports (EXPLAIN ANALYZE, planning and execution).
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.main_job import _configure
from helpdesk.embedded import Embedded, Options

RESULTS: Final = Path(__file__).resolve().parent / "results" / "search.md"
BATCH: Final = 50_000
WARM: Final = 3
ROUNDS: Final = 40
# what is asked, of how many tickets, milliseconds to reach (p95)
CASES: Final[Sequence[tuple[str, str, float | None]]] = (
    ("rara7 ", "a word in 0.01 %", 50.0),
    ("poco7 ", "a word in 0.1 %", 50.0),
    ("poco7", "the same, unfinished (as one types)", 50.0),
    ('"poco7 sello"', "a phrase with it", 50.0),
    ("timbra ", "a word in half of them", 100.0),
    ("timbra", "the same, unfinished", 100.0),
    ("timbra poco7 ", "both", 50.0),
    ("timbra estado:abierto ", "the half, narrowed to 1 %", 100.0),
    ("IMX-4821", "a number", 50.0),
    ("722 555 0145", "a telephone", 50.0),
    ("nohaytal ", "nothing", 50.0),
)

_TICKETS: Final = """
    INSERT INTO tickets_ticket ({columns}) SELECT {values}
    FROM tickets_ticket m, generate_series(%(first)s, %(last)s) g WHERE m.id = %(model)s
"""
# 2,000 different words by a skewed draw, as language has it; every text has about forty.
_TEXT: Final = """
    (SELECT string_agg('palabra' || (power(random(), 3) * 2000)::int, ' ') FROM generate_series(1, 38) w WHERE t.id > 0)
    || CASE WHEN t.counter %% 2 = 0 THEN ' no timbra la factura' ELSE ' no abre el portal' END
    || CASE WHEN t.counter %% 1000 = {n} THEN ' poco7 sello'
            WHEN t.counter %% 10000 = {n} + 10 THEN ' rara7' ELSE '' END
"""
_MESSAGES: Final = """
    INSERT INTO tickets_message
        (ticket_id, seq, body, internal, is_solution, from_team, author_kind, author_label, created_at, shared)
    SELECT t.id, {seq}, {text}, {internal}, false, {internal}, 'contact', 'Rosa Medina', t.opened_at, false
    FROM tickets_ticket t WHERE t.counter BETWEEN %(first)s AND %(last)s
"""
_VECTORS: Final = """
    INSERT INTO tickets_ticketsearch (ticket_id, desk_id, client_id, public_tsv, staff_tsv)
    SELECT t.id, t.desk_id, t.client_id,
        a.v || to_tsvector('es_unaccent', string_agg(m.body, ' ' ORDER BY m.seq) FILTER (WHERE NOT m.internal)),
        a.v || to_tsvector('es_unaccent', string_agg(m.body, ' ' ORDER BY m.seq))
    FROM tickets_ticket t JOIN tickets_message m ON m.ticket_id = t.id,
        LATERAL (SELECT setweight(to_tsvector('es_unaccent', t.subject || ' ' || t.requester_name), 'A') AS v) a
    WHERE t.counter BETWEEN %(first)s AND %(last)s GROUP BY t.id, a.v
"""


@dataclass(frozen=True)
class Time:
    """Milliseconds of one case, and how many rows the page has."""

    asked: str
    what: str
    target: float | None
    p50: float
    p95: float
    n_rows: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=200_000)
    parser.add_argument("--var", type=Path, help="where the servers keep their data")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as folder:
        services = Embedded(Options(var=options.var or Path(folder) / "var", fsync=False)).start()
        try:
            _configure(services)
            report = _measured(options.tickets)
        finally:
            services.stop()
    RESULTS.write_text(report, "utf-8")
    sys.stdout.write(report)
    return 0


def _measured(n: int) -> str:
    from django.utils import timezone

    from bench import data

    data.forget()
    desk = data.Desk(timezone.now())
    began = time.monotonic()
    _load(desk, n)
    loading = time.monotonic() - began
    return _report(n, loading, [_time(desk, *case) for case in CASES], _sizes())


def _load(desk: Any, n: int) -> None:
    """Tickets in batches, the newest 1 % open; three messages each, one of them a note; then the vectors."""
    from django.db import connection

    from tickets.models import Ticket

    names = [field.column for field in Ticket._meta.concrete_fields if field.column != "id"]
    late = f"m.opened_at - (({n} - g) || ' minutes')::interval"
    is_open = f"g > {n} * 0.99"
    changed = {
        "counter": "g",
        "number": "'IMX-' || g",
        "subject": "'Reporte ' || g || ' palabra' || (g %% 2000)",
        "status": f"CASE WHEN {is_open} THEN 'assigned' ELSE 'closed' END",
        "assignee_id": str(desk.cast.ada.pk),
        "opened_at": late,
        "last_activity_at": late,
        "resolved_at": f"CASE WHEN {is_open} THEN NULL ELSE {late} END",
        "closed_at": f"CASE WHEN {is_open} THEN NULL ELSE {late} END",
        "sort_due_at": f"CASE WHEN {is_open} THEN m.sort_due_at ELSE '9000-01-01Z' END",
        "intake_key": "NULL",
    }
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(str(name), f'm."{name}"') for name in names)
    with connection.cursor() as cursor:
        for first in range(1_000, n, BATCH):
            at = {"first": first, "last": min(first + BATCH, n) - 1, "model": desk.model.pk}
            cursor.execute(_TICKETS.format(columns=columns, values=values), at)
            for seq in (1, 2, 3):
                text = _TEXT.format(n=8 if seq == 1 else -100)
                cursor.execute(_MESSAGES.format(seq=seq, text=text, internal=str(seq == 3)), at)
            cursor.execute(_VECTORS, at)
            sys.stderr.write(f"{at['last']:,} tickets\n")
        cursor.execute("VACUUM ANALYZE tickets_ticketsearch")
        cursor.execute("VACUUM ANALYZE tickets_ticket")
        cursor.execute("ANALYZE tickets_message")


def _time(desk: Any, asked: str, what: str, target: float | None) -> Time:
    """The statement of a page, forty times, under EXPLAIN ANALYZE without its own clocks."""
    from django.db import connection
    from django.utils import timezone

    from tests import factories
    from tickets import searchquery
    from tickets.queries import board, search

    now = timezone.now()
    read = searchquery.parse(asked, today=now.date())
    wanted = board.Wanted(desk_ids=(desk.cast.desk.pk,), words=asked, search=read)
    actor = factories.actor(desk.cast.ada)
    tickets = board.tickets_of(wanted, user_id=actor.user_id, now=now)
    asking = search.Asked(read, actor, wanted.desk_ids, wanted.zone, now, whole_desks=wanted.whole_desks)
    best = search.found(tickets, asking)
    page = board._rows(search.marked(best, read), "hit", "snippet")[: board.SIZE + 1]
    n_rows = len(page)
    sql, params = page.query.sql_with_params()
    times = []
    with connection.cursor() as cursor:
        for _n in range(WARM + ROUNDS):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
            (plan,) = cursor.fetchone()[0]
            times.append(plan["Planning Time"] + plan["Execution Time"])
    times = sorted(times[WARM:])
    return Time(asked, what, target, times[len(times) // 2], times[int(len(times) * 0.95) - 1], n_rows)


def _sizes() -> dict[str, str]:
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for name in ("tickets_ticketsearch", "search_staff", "search_public", "tickets_message", "tickets_ticket"):
            cursor.execute("SELECT pg_size_pretty(pg_total_relation_size(%s::regclass))", [name])
            found[name] = cursor.fetchone()[0]
    return found


def _report(n: int, loading: float, times: Sequence[Time], sizes: dict[str, str]) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = [
        "# Search, measured",
        "",
        f"Written by `python -m bench.search --tickets {n}`: {n:,} tickets of one desk with three messages of about",
        "forty words each (one of the three a note), 1 % of them open; loaded by SQL in "
        f"{loading:.0f} s. Each line is the one statement",
        "that finds, ranks, marks and reads a page of 25; warm, one caller, forty times; planning and execution as",
        "PostgreSQL reports them.",
        "",
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} CPUs, {platform.machine()}. "
        f"Load of the machine meanwhile (1, 5, 15 minutes): {load};",
        "above its CPUs, times are inflated.",
        "",
        "| asked | found | p50 ms | p95 ms | to reach (p95) | rows |",
        "| --- | --- | ---: | ---: | --- | ---: |",
    ]
    for row in times:
        kept = "" if row.target is None else f"{row.target:.0f} ms: {'kept' if row.p95 <= row.target else 'not yet'}"
        lines.append(f"| `{row.asked}` | {row.what} | {row.p50:.1f} | {row.p95:.1f} | {kept} | {row.n_rows} |")
    lines += ["", "Sizes: " + ", ".join(f"`{name}` {size}" for name, size in sizes.items()) + ".", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
