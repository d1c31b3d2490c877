"""How an account stands: kept on its row with the instant to look again, and told once where it got worse.

Judged in the transaction of every movement, and by the sweep when `look_at` has come. A credit begins a new round:
what it leaves is where the round begins, and each level that is worse than what was told so far is told once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from schedules.businesstime import Hours
from stamps import queries
from stamps.actions import warning
from stamps.forecast import Basis, Forecast, Level
from stamps.models import FAR, StampAccount

NEAR: Final = timedelta(days=30)  # an end that is nearer is looked at every day
WEEK: Final = timedelta(days=7)  # and one that is farther every week: use may fall, or stop
MORNING: Final = time(7)  # before the desks open
# A balance read that is higher by more than so many days' use: somebody added stamps outside.
REARM_DAYS: Final = 10
RANK: Final[Mapping[str, int]] = {Level.OK: 0, Level.LOW: 1, Level.URGENT: 2, Level.EMPTY: 3}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is kept of a forecast."""

    level: Level
    exhausts_on: date
    order_by: datetime | None
    daily_rate: float
    look_at: datetime | None


def judge(account: StampAccount, *, now: datetime, anew: bool = False, raised: int = 0) -> Forecast:
    """Keep how a locked account stands, tell what got worse, and return its forecast. 3 queries, more where it tells.

    `anew`: stamps were added, a new round begins. `raised`: by how much a balance read changed what was known.
    """
    hours = queries.sales_hours(account.desk, now)
    found = queries.foretold(account, now)
    added = found.level == Level.OK and raised > REARM_DAYS * found.daily_rate
    if anew or (raised > 0 and added):
        account.round += 1
        account.told = str(found.level)
        warning.take_back(account, now=now)
    worse = RANK[found.level] > RANK[account.told]
    if worse:
        account.told = str(found.level)
    keep(account, verdict(found, now=now, hours=hours), now=now)
    if worse:
        warning.give(account, found, now=now)
    return found


def verdict(found: Forecast, *, now: datetime, hours: Hours) -> Verdict:
    """What is kept of a forecast, with the instant to look again."""
    return Verdict(
        level=found.level,
        exhausts_on=found.exhausts_on or FAR,
        order_by=found.order_by,
        daily_rate=found.daily_rate,
        look_at=look_at(found, now=now, hours=hours),
    )


def look_at(found: Forecast, *, now: datetime, hours: Hours) -> datetime | None:
    """When the account can have got worse without a movement; None where only a movement changes it.

    Tomorrow morning while its end is near, at once after the last instant to order, else once a week.
    """
    if found.level == Level.EMPTY or (found.exhausts_on is None and found.basis in (Basis.NONE, Basis.IDLE)):
        return None
    local = now.astimezone(hours.zone)
    today = datetime.combine(local.date(), MORNING, hours.zone)
    if found.exhausts_on is None:
        return today + WEEK
    far = datetime.combine(found.exhausts_on, MORNING, hours.zone) - NEAR
    tomorrow = today + timedelta(days=1)
    again = max(tomorrow, min(today + WEEK, far))
    crosses = found.order_by + timedelta(seconds=1) if found.order_by else again
    return min(again, crosses) if crosses > now else again


def keep(account: StampAccount, seen: Verdict, *, now: datetime) -> None:
    """Write how a locked account stands. 1 query."""
    account.level, account.exhausts_on, account.order_by = str(seen.level), seen.exhausts_on, seen.order_by
    account.daily_rate, account.judged_at, account.look_at = seen.daily_rate, now, seen.look_at
    StampAccount.objects.filter(pk=account.pk).update(
        level=account.level,
        exhausts_on=account.exhausts_on,
        order_by=account.order_by,
        daily_rate=account.daily_rate,
        judged_at=now,
        look_at=account.look_at,
        round=account.round,
        told=account.told,
    )
