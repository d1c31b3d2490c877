"""The stamp forecast beside a simple moving average and an exponential one, on synthetic seasons.

    python bench/stamps_forecast.py [--seasons 200]

A season is an account of its own: weekly rhythm, ends of months, holidays, growth, noise and now and then one big day,
from dice with a fixed seed. After half a year of use each method says when a balance runs out; the season then goes on
and shows when it does. Printed for each kind of season: the mean error in calendar days, and on how many seasons the
warning would have come later than the last instant at which an order arrives in time, by how many days at worst.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from schedules import businesstime
from schedules.businesstime import Hours
from schedules.hours import Interval, Spec, Weekly
from stamps import forecast
from stamps.forecast import History

WEEK = tuple(Weekly(day, Interval(9 * 60, 18 * 60)) for day in range(5))
SALES = businesstime.compile_hours(Spec("America/Mexico_City", WEEK, "MX"))
FIRST = date(2025, 3, 1)
PAST, FUTURE = 180, 150
AVERAGE_DAYS, ALPHA = 28, 0.1


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of season: factors for Monday to Sunday, the end of a month, growth a month, noise, big days."""

    week: tuple[float, ...] = (1.2, 1.1, 1.1, 1.1, 1.3, 0.5, 0.1)
    end: float = 1.0
    growth: float = 0.0
    noise: float = 0.25
    big: float = 0.0


KINDS = {
    "even": Kind(week=(1.0,) * 7, noise=0.1),
    "working week": Kind(),
    "month end": Kind(end=3.0),
    "growing": Kind(end=2.0, growth=0.08),
    "shrinking": Kind(end=2.0, growth=-0.08),
    "big days": Kind(end=2.0, big=0.01),
    "noisy": Kind(end=2.0, noise=0.7),
}


def season(kind: Kind, seed: int) -> tuple[History, dict[date, int], int]:
    """The past, the future and a balance; the same for the same seed."""
    dice = random.Random(seed)
    base = math.exp(dice.uniform(math.log(8), math.log(400)))
    used = {}
    for n in range(PAST + FUTURE):
        day = FIRST + timedelta(days=seed % 365 + n)
        factor = kind.week[day.weekday()]
        if day.weekday() < 5 and not businesstime.is_business_day(day, SALES):
            factor = min(kind.week)
        ends = businesstime.add_business_days((day.replace(day=28) + timedelta(days=4)).replace(day=1), -3, SALES)
        expected = base * factor * (kind.end if day >= ends else 1.0) * (1 + kind.growth) ** ((n - PAST) / 30.4)
        noisy = expected * math.exp(dice.gauss(-(kind.noise**2) / 2, kind.noise))
        used[day] = round(noisy * (12 if n < PAST and dice.random() < kind.big else 1))
    today = FIRST + timedelta(days=seed % 365 + PAST)
    past = {day: stamps for day, stamps in used.items() if day < today}
    future = {day: stamps for day, stamps in used.items() if day >= today}
    return History(past, min(past)), future, round(base * dice.uniform(8, 60))


def truth(balance: int, future: dict[date, int]) -> date | None:
    """The day on which the last stamp goes; None when the season is over before."""
    for day in sorted(future):
        balance -= future[day]
        if balance <= 0:
            return day
    return None


Method = Callable[[int, History, date], date]


def ours(balance: int, history: History, today: date) -> date:
    now = datetime.combine(today, time(6), UTC)
    found = forecast.forecast(balance, history, now=now, hours=SALES).exhausts_on
    return found or date(2100, 1, 1)


def simple(balance: int, history: History, today: date) -> date:
    days = [history.used.get(today - timedelta(days=n), 0) for n in range(1, AVERAGE_DAYS + 1)]
    return today + timedelta(days=math.ceil(balance / max(mean(days), 0.01)) - 1)


def exponential(balance: int, history: History, today: date) -> date:
    rate = 0.0
    for n in range(PAST, 0, -1):
        rate += ALPHA * (history.used.get(today - timedelta(days=n), 0) - rate)
    return today + timedelta(days=math.ceil(balance / max(rate, 0.01)) - 1)


METHODS: dict[str, Method] = {"rhythm": ours, "simple 28 d": simple, "exponential": exponential}


@dataclass(slots=True)
class Score:
    """How a method did on a kind of season."""

    error: float
    late: int
    latest: int


def within(kind: Kind, seasons: int, hours: Hours = SALES) -> float:
    """Return the share of the seasons of a kind whose last stamp went within the range that was told."""
    held = []
    for seed in range(seasons):
        history, future, balance = season(kind, seed)
        ends = truth(balance, future)
        if ends is None:
            continue
        now = datetime.combine(min(future), time(6), UTC)
        found = forecast.forecast(balance, history, now=now, hours=hours)
        held.append((found.earliest_on or ends) <= ends <= (found.latest_on or ends))
    return mean(held)


def score(kind: Kind, seasons: int, method: Method, hours: Hours = SALES) -> Score:
    """Foretell every season of a kind. A warning is late by the days from the last that helps to the one given."""
    errors, late = [], []
    for seed in range(seasons):
        history, future, balance = season(kind, seed)
        ends = truth(balance, future)
        if ends is None:
            continue
        said = method(balance, history, min(future))
        errors.append(abs((said - ends).days))
        lateness = forecast.order_by(said, hours) - forecast.order_by(ends, hours)
        late.append(lateness.days)
    return Score(mean(errors), sum(days > 0 for days in late), max(0, *late))


def main() -> None:
    """Print a row for each kind of season and method."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--seasons", type=int, default=200)
    seasons = parser.parse_args().seasons
    print(f"{'season':14}{'method':14}{'error, days':>12}{'late':>8}{'at worst':>10}")
    for name, kind in KINDS.items():
        for label, method in METHODS.items():
            found = score(kind, seasons, method)
            print(f"{name:14}{label:14}{found.error:12.2f}{found.late:8d}{found.latest:8d} d")
        print(f"{name:14}{'in the range':14}{100 * within(kind, seasons):10.0f} %")


if __name__ == "__main__":
    main()
