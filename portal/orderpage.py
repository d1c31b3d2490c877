"""An order of stamps as its client reads it, in the desk's words."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse

from core import localtime
from core.actor import Actor
from portal import ordering
from portal.desknow import Scene
from stamps import actions, board, links, quotes
from stamps.actions import guards
from stamps.actions import money as money_rules
from stamps.lifecycle import ENDED, UNPAID, OrderStatus
from stamps.models import StampOrder, StampOrderEvent, StampSales
from stamps.presenters import orders as staff

Row = dict[str, Any]

_ICONS: Final = {
    "order.requested": ("stamp", "info"),
    "order.quoted": ("mail", "brand"),
    "order.payment_confirmed": ("check", "ok"),
    "order.paid": ("ok", "ok"),
    "order.access_requested": ("key", "brand"),
    "order.access_received": ("key", "ok"),
    "order.access_given": ("key", "ok"),
    "order.secret_seen": ("eye", "info"),
    "order.secret_destroyed": ("lock", "ok"),
    "order.credited": ("stamp", "ok"),
    "order.receipt_received": ("clip", "info"),
    "order.balance_used": ("swap", "ok"),
    "order.payment_skipped": ("right", "ok"),
    "order.invoice_added": ("doc", "brand"),
    "order.corrected": ("edit", "info"),
    "order.refunded": ("swap", "info"),
    "order.advanced": ("stamp", "warn"),
    "order.cancelled": ("x", "mute"),
}


def head(order: StampOrder, scene: Scene) -> Row:
    """Number, stage, and whether it presses."""
    return {
        "number": order.number,
        "title": scene.config.say("order_page_title", number=order.number),
        "stage": scene.config.say(f"order_stage_{order.status}"),
        "tone": staff.tone(order.status),
        "urgent": order.says_urgent and order.status not in ENDED,
        "cancel_reason": order.cancel_reason,
    }


def received(order: StampOrder, scene: Scene) -> Row:
    """What is said right after ordering: the number, the hour, and when the quote comes."""
    say = scene.config.say
    at = localtime.hhmm(order.requested_at, scene.config.zone)
    filled = {"quantity": f"{order.quantity:,}", "by": ordering.promise(scene)}
    text = (
        say("order_received_mail", email=order.contact_email, **filled)
        if order.contact_email
        else say("order_received_phone", phone=order.contact_phone, **filled)
    )
    return {"title": say("order_received", number=order.number, at=at), "text": text}


def steps(order: StampOrder, scene: Scene) -> list[Row]:
    """The stages with their instants; what is to come says what it is about."""
    say, zone, now = scene.config.say, scene.config.zone, scene.now
    rows = []
    for stage in board.STAGES:
        at = getattr(order, f"{stage.value}_at")
        if not at and order.status == OrderStatus.CANCELLED:
            continue
        is_current = stage == order.status and stage != OrderStatus.CREDITED
        note = localtime.when(at, zone, now) if at else _ahead(stage, scene)
        state = "current" if is_current else "done" if at else "todo"
        rows.append({"text": say(f"order_stage_{stage.value}"), "note": note, "state": state})
    if order.cancelled_at:
        note = localtime.when(order.cancelled_at, zone, now)
        rows.append({"text": say("order_stage_cancelled"), "note": note, "state": "current"})
    return rows


def _ahead(stage: OrderStatus, scene: Scene) -> str:
    if stage == OrderStatus.QUOTED:
        by = ordering.promise(scene)
        return scene.config.say("order_next_quoted", by=by) if by else ""
    return scene.config.say(f"order_next_{stage.value}")


def facts(order: StampOrder, scene: Scene) -> list[Row]:
    """What was ordered and what it costs. 1 query."""
    say = scene.config.say
    same = order.rfc == order.account_rfc
    rows: list[Row] = [
        {"label": say("order_page_quantity"), "text": say("order_page_stamps", quantity=f"{order.quantity:,}")},
        {"label": say("order_page_rfc"), "text": order.rfc, "rfc": True},
        {
            "label": say("order_page_account_rfc"),
            "text": say("order_page_same") if same else order.account_rfc,
            "rfc": not same,
        },
        {"label": say("order_page_trade_name"), "text": order.trade_name},
    ]
    if order.product:
        rows.append({"label": say("order_page_product"), "text": order.product.name})
    if order.assignee:
        rows.append({"label": say("order_page_consultant"), "text": order.assignee.name})
    return rows


def money(order: StampOrder, scene: Scene) -> list[Row]:
    """Total, until when it holds, what is missing; [] without a price. 1 query."""
    price, say = order.price, scene.config.say
    if price is None:
        return []
    rows = [{"label": say("order_page_total"), "text": staff.money(price.total)}]
    if order.valid_until and order.status == OrderStatus.QUOTED:
        rows.append({"label": say("order_page_until"), "text": localtime.long_day(order.valid_until)})
    owing = actions.owed(order)
    if order.status != OrderStatus.REQUESTED and Decimal(0) < owing < price.total:
        rows.append({"label": say("order_page_owing"), "text": staff.money(owing)})
    return rows


def history(events: Iterable[StampOrderEvent], scene: Scene) -> list[Row]:
    """What happened that concerns the client, the newest first."""
    return [_entry(event, scene) for event in events if event.type in _ICONS]


def _entry(event: StampOrderEvent, scene: Scene) -> Row:
    icon, tone = _ICONS[event.type]
    amount = event.data.get("amount")
    text = scene.config.say(
        f"order_event_{event.type.partition('.')[2]}",
        amount=staff.money(Decimal(amount)) if amount else "",
        who=event.actor_label,
    )
    return {"icon": icon, "tone": tone, "at": localtime.when(event.at, scene.config.zone, scene.now), "text": text}


def bank(order: StampOrder, scene: Scene) -> list[Row]:
    """Where to pay, while there is something to pay. 1 query at most."""
    if order.price is None or not money_rules.takes_payments(order):
        return []
    sales = StampSales.objects.filter(desk=order.desk).first()
    return [{"label": label, "text": text} for label, text in quotes.bank(order, sales)] if sales else []


def papers(order: StampOrder, base: str, query: str, scene: Scene) -> list[Row]:
    """What the client may download. 2 queries."""
    return staff.papers(order, base, query, scene.config, scene.now)


def takes_receipts(order: StampOrder) -> bool:
    """Whether a receipt makes sense now: quoted, or on credit and not paid. 1 query at most."""
    return order.status not in ENDED and money_rules.takes_payments(order)


def may_cancel(order: StampOrder, actor: Actor) -> bool:
    return order.status in UNPAID and guards.is_client(order, actor)


def again(order: StampOrder) -> str:
    """The order form filled in as this one was."""
    return f"{reverse('portal:stamps', args=[order.desk.slug])}?rfc={order.account_rfc}&cantidad={order.quantity}"


# ------------------------------------------------------------------ at home


def card(orders: Iterable[StampOrder], scene: Scene) -> list[Row]:
    """The client's orders as their home shows them."""
    say, zone = scene.config.say, scene.config.zone
    return [
        {
            "number": order.number,
            "href": links.page(order),
            "text": say("order_home_row", quantity=f"{order.quantity:,}"),
            "trade_name": order.trade_name,
            "stage": say(f"order_stage_{order.status}"),
            "tone": staff.tone(order.status),
            "when": localtime.when(order.since, zone, scene.now),
        }
        for order in orders
    ]
