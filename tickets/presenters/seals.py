"""Certificates of a client's companies: what each is, of whom, and how long it serves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from clients.models import SealCertificate
from desks.config import DeskConfig
from tickets.presenters import cards

Row = dict[str, Any]
SOON: Final = 30
URGENT: Final = 7


def row(one: SealCertificate, config: DeskConfig, now: datetime, *, named: bool) -> Row:
    """One certificate: what it is, of whom, and how long it serves."""
    left = _days(one.valid_until, config.zone, now)
    over = one.valid_until <= now
    return {
        "name": config.say(f"seal.kind_{one.kind}"),
        "company": one.tax_id.client.name if named else "",
        "rfc": one.tax_id.rfc,
        "number": one.number,
        "until": config.say("seal.over" if over else "seal.until", at=cards.day(one.valid_until, config.zone)),
        "tone": "bad" if over or left <= URGENT else "warn" if left <= SOON else "ok",
        "left": _left(left, over, config),
    }


def _left(left: int, over: bool, config: DeskConfig) -> str:
    if over:
        return config.say("seal.expired")
    return config.say({0: "seal.today", 1: "seal.day_left"}.get(left, "seal.days_left"), n=left)


def _days(until: datetime, zone: ZoneInfo, now: datetime) -> int:
    return (until.astimezone(zone).date() - now.astimezone(zone).date()).days
