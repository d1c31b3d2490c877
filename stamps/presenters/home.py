"""The card of a client's home: their accounts of stamps, the first to end first, from what is kept of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core import localtime
from desks.config import DeskConfig
from stamps import doorways, queries
from stamps.forecast import Level
from stamps.models import StampAccount
from stamps.presenters import faces

Row = dict[str, Any]


def cards(accounts: Sequence[StampAccount], config: DeskConfig, now: datetime, *, named: bool) -> list[Row]:
    """A row an account; `named` where the reader has several companies. No query where RFCs were fetched along."""
    return [_card(account, config, now, named=named) for account in accounts]


def _card(account: StampAccount, config: DeskConfig, now: datetime, *, named: bool) -> Row:
    rfcs = queries.rfcs_of(account)
    return {
        "href": doorways.of_client(account),
        "name": account.client.name if named else account.product.name,
        "balance": f"{account.balance:,}",
        "rate": faces.number(account.daily_rate),
        "level": faces.level(account.level),
        "advice": _advice(account, config, now),
        "order_href": doorways.order_form(account, rfcs[0] if len(rfcs) == 1 else ""),
    }


def _advice(account: StampAccount, config: DeskConfig, now: datetime) -> str:
    """What to do now, in the desk's words; whether the last ones are used or expire is said on the account's page."""
    if account.ends_on is None or account.order_by is None:
        return config.say("stamps_account_ok")
    code = account.level if account.level in (Level.EMPTY, Level.URGENT) else "calm"
    ends = localtime.long_day(account.ends_on)
    return config.say(f"stamps_account_{code}", day=ends, until=localtime.exact(account.order_by, config.zone))
