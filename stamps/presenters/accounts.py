"""What the pages of accounts show: rows of the list, and everything around one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Contact
from core import localtime
from desks import queries as desk_queries
from stamps import doorways, lots, queries
from stamps.actions import moving
from stamps.models import StampAccount, StampLot, StampMovement, StampOrder, StampWarning
from stamps.presenters import faces

Row = dict[str, Any]
MOST_RFCS_SHOWN: Final = 3


def row(
    account: StampAccount, rfcs: Sequence[str], order: StampOrder | None, warned: StampWarning | None, now: datetime
) -> Row:
    """An account in the list."""
    zone = desk_queries.config(account.desk).zone
    today = now.astimezone(zone).date()
    more = len(rfcs) - MOST_RFCS_SHOWN
    return {
        "href": doorways.of_sales(account),
        "name": account.client.name,
        "product": account.product.name,
        "rfcs": ", ".join(rfcs[:MOST_RFCS_SHOWN]) + (_(" and %d more") % more if more > 0 else ""),
        "balance": f"{account.balance:,}",
        "rate": faces.number(account.daily_rate),
        "level": faces.level(account.level),
        "ends": faces.day(account.ends_on, today) or _("does not run out"),
        "until": localtime.when(account.order_by, zone, now) if account.order_by else "",
        "late": bool(account.order_by and now > account.order_by),
        "order": order_row(order, account),
        "told": told(warned, zone, now),
    }


def order_row(order: StampOrder | None, account: StampAccount) -> Row | None:
    """The order that is on its way to an account."""
    if order is None:
        return None
    href = f"/timbres/{order.number}/?mesa={account.desk.slug}"
    return {"number": order.number, "href": href, "text": order.get_status_display()}


def told(warning: StampWarning | None, zone: ZoneInfo, now: datetime) -> Row | None:
    """Who knows of it: written to, to be called, called."""
    if warning is None:
        return None
    at = localtime.when(warning.at, zone, now)
    if warning.called_at:
        return {
            "tone": "ok",
            "icon": "phone",
            "text": _("called %s") % localtime.when(warning.called_at, zone, now),
            "call": None,
        }
    if warning.to_call:
        whom = f"{warning.call_name} {warning.call_phone}".strip() or _("nobody on record")
        call = {"id": warning.pk, "whom": whom}
        return {"tone": "bad", "icon": "phone", "text": _("no e-mail: call %s") % whom, "call": call}
    if warning.n_told:
        return {"tone": "ok", "icon": "mail", "text": _("told %s") % at, "call": None}
    return {"tone": "mute", "icon": "mail", "text": _("does not want to be told"), "call": None}


def movement(
    row: StampMovement,
    other: StampAccount | None,
    zone: ZoneInfo,
    now: datetime,
    *,
    may: bool,
    private: bool = False,
) -> Row:
    """A line of the ledger; `private`: for the client, who reads neither who wrote it nor why by hand."""
    taken_back = hasattr(row, "countered_by")
    return {
        "id": row.pk,
        "at": localtime.when(row.at, zone, now),
        "recorded": localtime.when(row.recorded_at, zone, now) if row.recorded_at != row.at else "",
        "kind": row.get_kind_display(),
        "amount": f"{row.amount:+,}".replace("-", "−"),
        "negative": row.amount < 0,
        "reported": f"{row.reported:,}" if row.reported is not None else "",
        "why": ("" if private else row.reason) or (row.order.number if row.order else "") or _reference(row),
        "who": "" if private else row.actor_label if row.actor_kind != "system" else _("by itself"),
        "other": {"href": doorways.of_sales(other), "text": other.client.name} if other else None,
        "taken_back": taken_back,
        "may_take_back": may and not taken_back and row.kind in moving.COUNTERABLE,
    }


def _reference(row: StampMovement) -> str:
    return "" if row.reference.startswith(("mano/", "merge/")) else row.reference


def lot_rows(account: StampAccount, rows: Sequence[StampLot], zone: ZoneInfo, now: datetime) -> list[Row]:
    """The lots with stamps left, in the order of use; none where the account has nothing but stamps of no lot."""
    today = now.astimezone(zone).date()
    found = []
    for lot in lots.standing(account.balance, queries.plain(rows)):
        found.append(
            {
                "since": faces.day(lot.since.astimezone(zone).date(), today) if lot.since else _("earlier"),
                "left": f"{lot.amount:,}",
                "expires": faces.day(lot.expires_on, today) or _("never"),
            }
        )
    return found if rows else []


def contact(person: Contact, wanted: Mapping[int, bool]) -> Row:
    """Whom a warning reaches."""
    asked = wanted.get(person.pk, True)
    return {"name": person.name, "email": person.email, "phone": str(person.phone or ""), "wanted": asked}


def warning(row: StampWarning, zone: ZoneInfo, now: datetime) -> Row:
    return {
        "level": faces.level(row.level),
        "at": localtime.when(row.at, zone, now),
        "balance": f"{row.balance:,}",
        "told": told(row, zone, now),
    }


def verb_href(account: StampAccount, verb: str) -> str:
    return reverse("stamp-account-verb", args=[account.pk, verb])
