"""Accounts of stamps that run out, expire or never do, with the balances that were read of them week by week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.actor import Actor
from helpdesk.history.people import Cast
from helpdesk.history.player import Player
from stamps import actions
from stamps.actions import sweeping
from stamps.models import StampAccount

WEEKS: Final = 9
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Script:
    """An account: of which company (index), what is left now, stamps a week, terms; a gift and in how many days it ends."""

    company: int
    left: int
    weekly: int
    terms: str = "prepaid"
    gift: int = 0
    gift_days: int = 0


SCRIPTS: Final = {
    "invoice-mx": (
        Script(9, 410, 240),
        Script(12, 90, 21, gift=300, gift_days=11),
        Script(13, -1_840, 175, terms="postpaid"),
    ),
    "facturando": (Script(2, 150, 88),),
}


def tell(cast: Cast, player: Player, sales: Actor) -> None:
    """Plan the accounts of a desk: each opened two months ago, then its balance read every week, the last time today."""
    for script in SCRIPTS[cast.desk.slug]:
        opened = player.now - timedelta(weeks=WEEKS) - HOUR
        player.at(opened, _opening(cast, player, script, sales))


def _opening(cast: Cast, player: Player, script: Script, sales: Actor) -> Callable[[datetime], None]:
    def act(now: datetime) -> None:
        client = cast.clients[script.company]
        account = actions.open_account(
            cast.desk,
            product=cast.desk.vendor.products.filter(is_active=True).order_by("pk")[0],
            rfcs=[client.tax_ids.order_by("pk")[0].rfc],
            terms=script.terms,
            balance=script.left + script.weekly * WEEKS,
            at=now,
            by=sales,
            now=now,
        )
        for week in range(1, WEEKS + 1):
            player.at(now + timedelta(weeks=week), _reading(account, script, week, sales))
        if script.gift:
            player.at(player.now - HOUR / 2, _giving(account, script, sales))

    return act


def _reading(account: StampAccount, script: Script, week: int, sales: Actor) -> Callable[[datetime], object]:
    balance = script.left + script.weekly * (WEEKS - week)
    return lambda now: actions.report(account, balance=balance, at=now, reference=f"lectura {week}", by=sales, now=now)


def _giving(account: StampAccount, script: Script, sales: Actor) -> Callable[[datetime], object]:
    return lambda now: actions.grant(
        account,
        amount=script.gift,
        reason="Promoción de fin de año",
        reference="demo-promocion",
        expires_on=(now + timedelta(days=script.gift_days)).date(),
        by=sales,
        now=now,
    )


def judge(now: datetime) -> None:
    """What the sweep would have told by now is told."""
    sweeping.sweep(now=now)
