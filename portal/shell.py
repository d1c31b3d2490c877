"""What stands around every page of a client: brand, menu, account, help in the same place, the desk's clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from clients.models import Client
from core import localtime
from core.actor import Actor
from core.wording import Wording
from desks.config import DeskConfig

Row = dict[str, Any]


def around(
    config: DeskConfig,
    *,
    now: datetime,
    actor: Actor | None = None,
    current: str = "",
    companies: Sequence[Row] = (),
    signs_in: bool = True,
    stream: str = "",
) -> Row:
    """`say` and `shell` of a page of the desk. `actor` None: a page by signed link, which knows no account."""
    phrases = config.phrases(vendor=config.vendor_name)
    known = actor is not None and actor.user_id is not None
    return {
        "say": phrases,
        "shell": {
            "vendor": config.vendor_name,
            "home_href": reverse("portal:home") if _is_client(actor) else reverse("portal:desk", args=[config.slug]),
            "nav": _nav(config, phrases, actor, current),
            "account": _account(config, actor, companies) if known else None,
            "login_href": reverse("account_login") if signs_in and not known else "",
            "companies": list(companies),
            "companies_href": reverse("portal:home"),
            "contacts": footer(config),
            "clock": clock(config, now),
            "now_epoch": int(now.timestamp()),
            "stream": stream,
        },
    }


def nowhere(now: datetime) -> Row:
    """The same for a page of which no desk is known: it reveals none."""
    return {"say": Wording("usted", vendor=""), "shell": {"home_href": "/", "now_epoch": int(now.timestamp())}}


def _is_client(actor: Actor | None) -> bool:
    return actor is not None and actor.user_id is not None and actor.is_client


def _nav(config: DeskConfig, say: Wording, actor: Actor | None, current: str) -> list[Row]:
    items = [("home", reverse("portal:home"), say["shell_nav_home"])] if _is_client(actor) else []
    items += [
        ("report", reverse("portal:report", args=[config.slug]), say["shell_nav_report"]),
        ("stamps", reverse("portal:stamps", args=[config.slug]), say["shell_nav_stamps"]),
        ("desk", reverse("portal:desk", args=[config.slug]), say["shell_nav_desk"]),
    ]
    return [{"href": href, "text": text, "current": name == current} for name, href, text in items]


def _account(config: DeskConfig, actor: Actor | None, companies: Sequence[Row]) -> Row | None:
    if actor is None:
        return None
    n_companies = len(actor.client_ids)
    sub = config.say("home.companies", n=n_companies) if n_companies > 1 else ""
    return {"name": actor.label, "sub": sub, "href": "/cuenta/"}


def footer(config: DeskConfig) -> list[Row]:
    """Office, on call and mail: one of each, where the desk has them."""
    wanted = (("phone", "office"), ("phone", "on_call"), ("email", "helpdesk"))
    found = []
    for kind, purpose in wanted:
        contact = next((c for c in config.contacts if c.kind == kind and c.purpose == purpose), None)
        if contact is not None:
            found.append({"label": contact.label, "href": contact.href, "text": contact.address})
    return found


def clock(config: DeskConfig, now: datetime) -> Row:
    """The desk's wall clock."""
    local = now.astimezone(config.zone)
    return {
        "iso": local.isoformat(timespec="seconds"),
        "text": localtime.hhmm(now, config.zone),
        "zone": config.zone.key,
        "label": config.say("shell_clock"),
    }


def company_rows(companies: Sequence[Client], chosen: int | None, *, every: str) -> list[Row]:
    """The choice of company for who has several; `every` stands for all of them."""
    rows = [{"value": str(c.pk), "text": c.name, "selected": c.pk == chosen} for c in companies]
    return [*rows, {"value": "", "text": every, "selected": chosen is None}] if len(rows) > 1 else rows
