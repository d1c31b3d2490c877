"""What surrounds the order form: when sales answers, how long a quantity lasts, what follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core import localtime
from core.actor import Actor
from core.errors import Conflict
from desks.models import Desk
from portal import words
from portal.desknow import Scene
from schedules import businesstime
from stamps import queries
from stamps.forecast import Forecast
from stamps.models import StampAccount

Row = dict[str, Any]
MOST_ACCOUNTS = 4  # whose balance stands beside the form


def answered_by(desk: Desk, now: datetime) -> datetime | None:
    """Until when sales quotes what comes now: the close of the day on which it is, or is next, open."""
    hours = queries.sales_hours(desk, now)
    opens = now if businesstime.is_open(now, hours) else businesstime.next_open(now, hours)
    if opens is None:
        return None
    day = opens.astimezone(hours.zone).date()
    closes = businesstime.next_close(opens, hours)
    while closes is not None:
        following = businesstime.next_open(closes, hours)
        if following is None or following.astimezone(hours.zone).date() != day:
            return closes
        closes = businesstime.next_close(following, hours)
    return None


def promise(scene: Scene) -> str:
    """`hoy a las 19:00`, `el lunes a las 19:00`; empty where sales never opens."""
    by = answered_by(scene.desk, scene.now)
    return words.opening(by, scene.config.zone, scene.now) if by else ""


def steps(scene: Scene) -> list[Row]:
    """What follows, stage by stage."""
    say, by = scene.config.say, promise(scene)
    notes = {"quoted": say("order_next_quoted", by=by) if by else ""}
    stages = ("requested", "quoted", "paid", "access_requested", "access_received", "credited")
    return [
        {
            "text": say(f"order_stage_{stage}"),
            "note": notes.get(stage) or say(f"order_next_{stage}"),
            "state": "current" if stage == "requested" else "todo",
        }
        for stage in stages
        if stage != "quoted" or by
    ]


# ------------------------------------------------------------------ how long it lasts


def accounts(actor: Actor, scene: Scene) -> list[tuple[StampAccount, Forecast]]:
    """The accounts at this vendor that the reader owns, with their forecasts. 2 queries and 1 each; none for others."""
    if not actor.client_ids:
        return []
    found = StampAccount.objects.visible_to(actor).filter(
        vendor_id=scene.config.vendor_id, client_id__in=list(actor.client_ids)
    )
    rows = found.select_related("desk__vendor", "product").prefetch_related("rfcs").order_by("balance", "pk")
    return [(account, queries.foretold(account, scene.now)) for account in rows[:MOST_ACCOUNTS]]


def of_rfc(known: Sequence[tuple[StampAccount, Forecast]], rfc: str) -> tuple[StampAccount, Forecast] | None:
    """The account that an RFC draws from, of those; the only one without an RFC."""
    found = [pair for pair in known if not rfc or rfc in queries.rfcs_of(pair[0])]
    try:
        account = queries.the_account([pair[0] for pair in found])
    except Conflict:
        return None
    return next((pair for pair in found if pair[0] is account), None)


def lasts(quantity: int, forecast: Forecast | None, scene: Scene) -> str:
    """`unos 28 días`: how long so many stamps last at the rate of the account; empty where none is known."""
    if forecast is None or forecast.daily_rate < 0.01:
        return ""
    days = round(quantity / forecast.daily_rate)
    if days > 730:
        return scene.config.say("order_form_lasts_years")
    return scene.config.say("order_form_lasts", n=f"{max(1, days):,}")


def balances(known: Sequence[tuple[StampAccount, Forecast]], scene: Scene) -> list[Row]:
    """Each account as the card beside the form shows it."""
    return [
        {
            "rfcs": ", ".join(queries.rfcs_of(account)[:3]),
            "product": account.product.name,
            "balance": f"{account.balance:,}",
            "note": _runs_out(forecast, scene),
        }
        for account, forecast in known
    ]


def _runs_out(forecast: Forecast, scene: Scene) -> str:
    say, zone = scene.config.say, scene.config.zone
    if forecast.exhausts_on is None:
        return say("order_form_never")
    day = localtime.long_day(forecast.exhausts_on)
    if forecast.order_by is None or forecast.order_by < scene.now:
        return say("order_form_pressing", day=day)
    return say("order_form_in_time", day=day, by=localtime.exact(forecast.order_by, zone))
