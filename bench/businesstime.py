"""Business time beside what PyPI offers: microseconds per question on the InvoiceMX calendar, and the ratios.

    python bench/businesstime.py [--json FILE]

Everybody answers the same questions in one run, aware datetimes in and out: 8 and 400 business hours added, open time
over three months, from 200 instants of two years (in and out of hours). The packages are installed into a throw-away
environment (`bench/businesstime.txt`), never into the project's. Answers are compared before anything is timed.

`businesstime` knows one window a day, no zones and no addition: it is asked only for elapsed time, Monday to Friday
from 09:00 to 17:00, with the conversion from and to aware datetimes that its user would have to write.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
ZONE = ZoneInfo("America/Mexico_City")
YEARS = range(2025, 2029)
EIGHT, MANY, SPAN = timedelta(hours=8), timedelta(hours=400), timedelta(days=91)
QUESTIONS = ("add 8 h", "add 400 h", "elapsed, 3 months")
ROUNDS = 7

Ask = Callable[[datetime], Any]


def starts() -> list[datetime]:
    """200 instants over two years, the same on every run."""
    dice, first = random.Random(4821), datetime(2025, 1, 1, tzinfo=ZONE)
    return [first + timedelta(minutes=dice.randrange(2 * 365 * 1440)) for _ in range(200)]


def ours() -> dict[str, Ask]:
    from schedules import businesstime
    from schedules.hours import Interval, Spec, Weekly

    windows = [(day, o, c) for day in range(6) for o, c in ((9, 14), (16, 19)) if day < 5 or o == 9]
    week = tuple(Weekly(day, Interval(opens * 60, closes * 60)) for day, opens, closes in windows)
    hours = businesstime.compile_hours(Spec("America/Mexico_City", week, "MX"))
    return {
        "add 8 h": lambda at: businesstime.add(at, EIGHT, hours),
        "add 400 h": lambda at: businesstime.add(at, MANY, hours),
        "elapsed, 3 months": lambda at: businesstime.elapsed(at, at + SPAN, hours),
    }


def holidays_mx() -> list[Any]:
    import holidays

    return sorted(holidays.country_holidays("MX", years=YEARS))


def workclock() -> dict[str, Ask]:
    from datetime import time as clock

    package = import_module("workclock")
    week = [package.WorkDay(clock(9), clock(14), days=range(6)), package.WorkDay(clock(16), clock(19))]
    schedule = package.Schedule([*week, package.Holidays(holidays_mx())], time_zone="America/Mexico_City")
    return {
        "add 8 h": lambda at: schedule.add(at, EIGHT),
        "add 400 h": lambda at: schedule.add(at, MANY),
        "elapsed, 3 months": lambda at: schedule.between(at, at + SPAN),
    }


def django_bizcal() -> dict[str, Ask]:
    week = {day: [("09:00", "14:00"), ("16:00", "19:00")] for day in range(5)} | {5: [("09:00", "14:00")]}
    calendar = import_module("django_bizcal").WorkingCalendar.from_country(
        country="MX", years=list(YEARS), tz="America/Mexico_City", weekly_schedule=week
    )
    return {
        "add 8 h": lambda at: calendar.add_business_time(at, EIGHT),
        "add 400 h": lambda at: calendar.add_business_time(at, MANY),
        "elapsed, 3 months": lambda at: calendar.business_time_between(at, at + SPAN),
    }


def businesstimedelta() -> dict[str, Ask]:
    from datetime import time as clock

    import holidays

    btd = import_module("businesstimedelta")
    zone = import_module("pytz").timezone("America/Mexico_City")
    rules = btd.Rules(
        [
            btd.WorkDayRule(start_time=clock(9), end_time=clock(14), working_days=list(range(6)), tz=zone),
            btd.WorkDayRule(start_time=clock(16), end_time=clock(19), working_days=list(range(5)), tz=zone),
            btd.HolidayRule(holidays.country_holidays("MX", years=YEARS), tz=zone),
        ]
    )
    eight, many = (btd.BusinessTimeDelta(rules, timedelta=amount) for amount in (EIGHT, MANY))
    return {
        "add 8 h": lambda at: at + eight,
        "add 400 h": lambda at: at + many,
        "elapsed, 3 months": lambda at: rules.difference(at, at + SPAN).timedelta,
    }


def businesstime() -> dict[str, Ask]:
    calendar = import_module("businesstime").BusinessTime(holidays=holidays_mx())

    def elapsed(at: datetime) -> timedelta:
        start, end = (one.astimezone(ZONE).replace(tzinfo=None) for one in (at, at + SPAN))
        result: timedelta = calendar.businesstimedelta(start, end)
        return result

    return {"elapsed, 3 months": elapsed}


PACKAGES = (workclock, django_bizcal, businesstimedelta, businesstime)


def microseconds(ask: Ask, instants: Sequence[datetime]) -> float:
    """The best of a few rounds, per question; slow packages get fewer instants."""
    for at in instants[:5]:
        ask(at)
    started = time.perf_counter()
    ask(instants[0])
    take = max(3, min(len(instants), int(0.3 / max(time.perf_counter() - started, 1e-6))))
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for at in instants[:take]:
            ask(at)
        best = min(best, (time.perf_counter() - started) / take)
    return best * 1e6


def differences(reference: dict[str, Ask], other: dict[str, Ask], instants: Sequence[datetime]) -> dict[str, int]:
    """How many of 20 answers differ from ours, per question."""
    return {name: sum(ask(at) != reference[name](at) for at in instants[:20]) for name, ask in other.items()}


def measure() -> dict[str, Any]:
    instants, reference = starts(), ours()
    table = {"ours": {name: microseconds(ask, instants) for name, ask in reference.items()}}
    differ = {}
    for package in PACKAGES:
        asks = package()
        differ[package.__name__] = differences(reference, asks, instants)
        table[package.__name__] = {name: microseconds(ask, instants) for name, ask in asks.items()}
    fastest = {
        name: min(row[name] for who, row in table.items() if who != "ours" and name in row) for name in QUESTIONS
    }
    return {
        "python": sys.version.split()[0],
        "microseconds": {who: {name: round(us, 3) for name, us in row.items()} for who, row in table.items()},
        "differences_of_20": differ,
        "times_faster_than_the_fastest": {name: round(fastest[name] / table["ours"][name], 1) for name in QUESTIONS},
        "add_400_over_add_8": round(table["ours"]["add 400 h"] / table["ours"]["add 8 h"], 2),
    }


def lines(result: dict[str, Any]) -> Iterator[str]:
    """The result as the table of `docs/business-time.md`."""
    yield "| µs per question | " + " | ".join(QUESTIONS) + " |"
    yield "| --- |" + " ---: |" * len(QUESTIONS)
    for who, row in result["microseconds"].items():
        yield f"| {who} | " + " | ".join(f"{row[name]:.2f}" if name in row else "-" for name in QUESTIONS) + " |"
    ratios = result["times_faster_than_the_fastest"]
    yield "| times the fastest package | " + " | ".join(f"{ratios[name]:.1f}" for name in QUESTIONS) + " |"
    yield ""
    yield f"Adding 400 hours costs {result['add_400_over_add_8']} times adding 8. Answers that differ from ours, of 20:"
    for who, row in result["differences_of_20"].items():
        yield f"- {who}: " + (", ".join(f"{name} {n}" for name, n in row.items() if n) or "none")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", type=Path, help="write the result there too")
    args = parser.parse_args()
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != HERE]  # this file is named like a package
    if any(importlib.util.find_spec(name) is None for name in ("workclock", "businesstimedelta")):
        sys.exit(in_throw_away_environment(sys.argv[1:]))
    result = measure()
    print("\n".join(lines(result)))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def in_throw_away_environment(arguments: Sequence[str]) -> int:
    """Install what is compared into a folder that goes away, and run there."""
    with tempfile.TemporaryDirectory(prefix="bench-businesstime-") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        install = [str(python), "-m", "pip", "install", "-q", "-r", str(HERE / "businesstime.txt")]
        subprocess.run(install, check=True)
        run = [str(python), str(Path(__file__).resolve()), *arguments]
        return subprocess.run(run, check=False, env={**os.environ, "PYTHONPATH": str(HERE.parent)}).returncode


if __name__ == "__main__":
    main()
