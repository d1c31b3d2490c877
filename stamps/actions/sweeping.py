"""The sweep: judge every account at which it is time to look again, many at a time, in constant memory.

A batch is read without locks: accounts by the index of `look_at`, what their days used by one statement, their lots by
another. Where nothing got worse the verdicts are written by one statement, guarded by the balance that was read. What
got worse is judged again alone, under its lock, and told there; so a process that dies leaves each account either
told and marked, or to be looked at again, and two sweeps tell nobody twice. Movements are never read.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from django.db import connection, transaction
from django.db.models import Q

from desks.models import Desk
from notifications import doorbell
from schedules.businesstime import Hours
from stamps import forecast, lots, queries
from stamps.actions import judging, ledger
from stamps.actions.judging import RANK, Verdict
from stamps.forecast import Calendar, Forecast, History
from stamps.lots import Lot
from stamps.models import StampAccount, StampLot

SWEEP: Final = "stamps.tasks.sweep_levels"
BATCH: Final = 1_000
SWEEP_SECONDS: Final = 60.0
RETRY: Final = timedelta(hours=1)  # an account that cannot be judged does not stop the others

# How many days after %(since)s, and how many stamps: small numbers travel faster than dates.
_DAYS: Final = """
    SELECT account_id, array_agg(used_on - %(since)s::date), array_agg(used)
    FROM stamps_stampday
    WHERE account_id = ANY(%(ids)s) AND used_on BETWEEN %(since)s AND %(today)s
    GROUP BY account_id
"""
# An account that somebody holds is being moved, and judged there.
_FREE: Final = """
    SELECT id FROM stamps_stampaccount WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
_KEEP: Final = """
    UPDATE stamps_stampaccount a
    SET level = v.level, exhausts_on = v.exhausts_on, order_by = v.order_by, daily_rate = v.daily_rate,
        judged_at = %(now)s, look_at = v.look_at
    FROM unnest(
        %(id)s::bigint[], %(balance)s::bigint[], %(judged_at)s::timestamptz[], %(level)s::text[],
        %(exhausts_on)s::date[], %(order_by)s::timestamptz[], %(daily_rate)s::float8[], %(look_at)s::timestamptz[]
    ) AS v (id, balance, judged_at, level, exhausts_on, order_by, daily_rate, look_at)
    WHERE a.id = v.id AND a.balance = v.balance AND a.judged_at IS NOT DISTINCT FROM v.judged_at
"""
_LOCK: Final = "SELECT pg_try_advisory_lock(hashtextextended('stamps.sweep', 0))"
_UNLOCK: Final = "SELECT pg_advisory_unlock(hashtextextended('stamps.sweep', 0))"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """What the accounts of a desk share: its calendar, and the kinds of days that were worked out so far."""

    hours: Hours
    calendar: Calendar
    today: date
    since: date


@dataclass(slots=True)
class Batch:
    """Accounts of a batch: those whose verdict is written together, and those that got worse."""

    settled: list[tuple[StampAccount, Verdict]] = field(default_factory=list)
    worse: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)


def drain(clock: Callable[[], datetime], *, seconds: float = SWEEP_SECONDS) -> int:
    """Judge what is due by a running clock, for at most about `seconds`; rings for the rest. Return how many.

    One sweep at a time: 0 at once while another one runs.
    """
    deadline, judged = time.monotonic() + seconds, 0
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not cursor.fetchone()[0]:
            return 0
    try:
        for accounts in _due(clock()):
            judged += _judge_all(accounts, clock())
            if time.monotonic() > deadline:
                doorbell.ring(SWEEP)
                break
    finally:
        with connection.cursor() as cursor:
            cursor.execute(_UNLOCK)
    return judged


def sweep(*, now: datetime) -> int:
    """Judge every account at which it is time to look at `now`. Return how many."""
    return sum(_judge_all(accounts, now) for accounts in _due(now))


def _due(now: datetime) -> Iterator[list[StampAccount]]:
    """Yield batches, the longest waiting first. An index scan a batch."""
    after = Q()
    accounts = StampAccount.objects.filter(look_at__lte=now).order_by("look_at", "id")
    accounts = accounts.only("desk_id", "balance", "terms", "told", "opened_at", "judged_at", "look_at")
    while batch := list(accounts.filter(after)[:BATCH]):
        yield batch
        last = batch[-1]
        after = Q(look_at__gt=last.look_at) | Q(look_at=last.look_at, pk__gt=last.pk)


def _judge_all(accounts: Sequence[StampAccount], now: datetime) -> int:
    """Judge a batch: most of it by one statement, what got worse one by one."""
    by_desk: dict[int, list[StampAccount]] = defaultdict(list)
    for account in accounts:
        by_desk[account.desk_id].append(account)
    batch = Batch()
    desks = Desk.objects.select_related("vendor").in_bulk(by_desk)
    for desk_id, rows in by_desk.items():
        try:
            _look(rows, _place(desks[desk_id], now), now, batch)
        except LookupError:  # a desk without a calendar
            batch.failed += [account.pk for account in rows]
    _keep(batch.settled, now)
    for pk in batch.worse:
        _judge_alone(pk, now, batch)
    StampAccount.objects.filter(pk__in=batch.failed).update(look_at=now + RETRY)
    return len(accounts) - len(batch.failed)


_places: dict[tuple[int, int, date], Place] = {}


def _place(desk: Desk, now: datetime) -> Place:
    """What the accounts of a desk share today; kept while its calendar does not change."""
    hours = queries.sales_hours(desk, now)
    today = now.astimezone(hours.zone).date()
    key = (desk.pk, id(hours), today)
    if key not in _places:
        if len(_places) > 50:
            _places.clear()
        _places[key] = Place(hours, Calendar(hours), today, today - timedelta(days=forecast.WINDOW_DAYS))
    return _places[key]


def _look(accounts: Sequence[StampAccount], place: Place, now: datetime, batch: Batch) -> None:
    """Foretell the accounts of a desk. 2 queries, and arithmetic."""
    ids = [account.pk for account in accounts]
    days, stock = _days(ids, place), _stock(ids)
    for account in accounts:
        used = days.get(account.pk, {})
        opened_on = account.opened_at.astimezone(place.hours.zone).date()
        found = forecast.forecast(
            account.balance,
            History(used, min([opened_on, *used])),
            now=now,
            hours=place.hours,
            endless=account.is_endless,
            lots=lots.standing(account.balance, stock.get(account.pk, [])),
            calendar=place.calendar,
            ranged=False,
        )
        _sort(account, found, place, now, batch)


def _sort(account: StampAccount, found: Forecast, place: Place, now: datetime, batch: Batch) -> None:
    if RANK[found.level] > RANK[account.told]:
        batch.worse.append(account.pk)
    else:
        batch.settled.append((account, judging.verdict(found, now=now, hours=place.hours)))


def _days(ids: Sequence[int], place: Place) -> dict[int, dict[date, int]]:
    """What the accounts used on each day of the window. 1 query."""
    dates = [place.since + timedelta(days=n) for n in range(forecast.WINDOW_DAYS + 1)]
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"ids": list(ids), "since": place.since, "today": place.today})
        return {
            pk: {dates[n]: used for n, used in zip(numbers, amounts, strict=True)}
            for pk, numbers, amounts in cursor.fetchall()
        }


def _stock(ids: Sequence[int]) -> dict[int, list[Lot]]:
    """The open lots of the accounts, oldest first. 1 query."""
    found: dict[int, list[Lot]] = defaultdict(list)
    rows = StampLot.objects.filter(account_id__in=ids, closed_at__isnull=True).order_by("account_id", "since", "id")
    for pk, amount, expires_on, since in rows.values_list("account_id", "amount", "expires_on", "since"):
        found[pk].append(Lot(amount, expires_on, since))
    return found


def _keep(settled: Sequence[tuple[StampAccount, Verdict]], now: datetime) -> None:
    """Write the verdicts where the account is still as it was read: a movement has judged by itself. 2 queries."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FREE, [[account.pk for account, _ in settled]])
        free = {pk for (pk,) in cursor.fetchall()}
        rows = [(account, seen) for account, seen in settled if account.pk in free]
        columns = {
            "id": [account.pk for account, _ in rows],
            "balance": [account.balance for account, _ in rows],
            "judged_at": [account.judged_at for account, _ in rows],
            "level": [str(seen.level) for _, seen in rows],
            "exhausts_on": [seen.exhausts_on for _, seen in rows],
            "order_by": [seen.order_by for _, seen in rows],
            "daily_rate": [seen.daily_rate for _, seen in rows],
            "look_at": [seen.look_at for _, seen in rows],
        }
        cursor.execute(_KEEP, {"now": now, **columns})  # type: ignore[dict-item]


def _judge_alone(pk: int, now: datetime, batch: Batch) -> None:
    """Judge an account that seems to have got worse, under its lock, and tell it."""
    try:
        with transaction.atomic():
            judging.judge(ledger.locked(pk), now=now)
    except Exception:
        log.exception("account_not_judged", account=pk)
        batch.failed.append(pk)
