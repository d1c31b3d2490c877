"""An order as screens show it: its card, its stages, what was paid, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from clients import phones
from core import localtime
from core.actor import Actor
from desks import queries as desk_queries
from desks.config import DeskConfig
from schedules import businesstime
from stamps import board, links, queries, quotes, satcatalogue, verbs
from stamps.board import Column, Filters
from stamps.lifecycle import ENDED, OrderStatus
from stamps.models import StampBilling, StampOrder, StampOrderEvent, StampPayment
from stamps.verbs import Verb

Row = dict[str, Any]

NAMES: Final = {
    OrderStatus.REQUESTED: gettext_lazy("Requested"),
    OrderStatus.QUOTED: gettext_lazy("Quoted"),
    OrderStatus.PAID: gettext_lazy("Paid"),
    OrderStatus.ACCESS_REQUESTED: gettext_lazy("Access asked for"),
    OrderStatus.ACCESS_RECEIVED: gettext_lazy("Access received"),
    OrderStatus.CREDITED: gettext_lazy("Credited"),
    OrderStatus.CANCELLED: gettext_lazy("Cancelled"),
}
TONES: Final = {
    OrderStatus.REQUESTED: "info",
    OrderStatus.QUOTED: "warn",
    OrderStatus.CREDITED: "ok",
    OrderStatus.CANCELLED: "mute",
}
_EVENTS: Final[dict[str, tuple[str, str, str]]] = {
    "order.requested": ("stamp", "info", gettext_noop("%(who)s placed the order")),
    "order.quoted": ("mail", "brand", gettext_noop("%(who)s sent the quote")),
    "order.payment_confirmed": ("check", "ok", gettext_noop("%(who)s confirmed a payment of %(amount)s")),
    "order.paid": ("ok", "ok", gettext_noop("Paid in full")),
    "order.access_requested": ("key", "brand", gettext_noop("%(who)s asked for the access data")),
    "order.access_received": ("key", "ok", gettext_noop("%(who)s recorded that access was given")),
    "order.access_given": ("key", "ok", gettext_noop("%(who)s gave other access data")),
    "order.secret_seen": ("eye", "warn", gettext_noop("%(who)s looked at the access data")),
    "order.secret_destroyed": ("lock", "ok", gettext_noop("The access data were destroyed")),
    "order.credited": ("stamp", "ok", gettext_noop("%(who)s credited the stamps")),
    "order.receipt_received": ("clip", "info", gettext_noop("%(who)s handed in a receipt")),
    "order.balance_used": ("swap", "ok", gettext_noop("%(who)s used %(amount)s of the balance in favour")),
    "order.payment_skipped": ("right", "warn", gettext_noop("%(who)s let it go on without a payment")),
    "order.settled": ("ok", "ok", gettext_noop("Nothing is owed any more")),
    "order.billing_set": ("doc", "", gettext_noop("%(who)s wrote the billing data")),
    "order.invoice_added": ("doc", "brand", gettext_noop("%(who)s attached the invoice")),
    "order.corrected": ("edit", "info", gettext_noop("%(who)s corrected the order")),
    "order.refunded": ("swap", "warn", gettext_noop("%(who)s recorded a refund of %(stamps)s stamps and %(amount)s")),
    "order.advanced": ("stamp", "warn", gettext_noop("%(who)s advanced %(stamps)s stamps")),
    "order.advance_settled": ("ok", "ok", gettext_noop("The advance is settled")),
    "order.cancelled": ("x", "mute", gettext_noop("%(who)s cancelled the order")),
}


def money(amount: Decimal) -> str:
    return f"${amount:,.2f}"


def name(status: str) -> Any:
    """The stage in a word, translated when it is shown."""
    return NAMES[OrderStatus(status)]


def tone(status: str) -> str:
    return TONES.get(OrderStatus(status), "brand")


# ------------------------------------------------------------------ the board


def columns(found: Sequence[Column], actor: Actor, query: str, now: datetime) -> list[Row]:
    """The six columns with their cards. 0 queries where the calendars are warm."""
    return [
        {
            "id": column.stage.value,
            "name": NAMES[column.stage],
            "tone": tone(column.stage),
            "n": f"{column.n:,}",
            "stamps": f"{column.stamps:,}",
            "pesos": money(column.pesos) if column.pesos else "",
            "cards": [card(order, actor, now) for order in column.cards],
            "more": column.more,
            "href": f"?vista=lista&etapa={column.stage.value}{query}",
        }
        for column in found
    ]


def card(order: StampOrder, actor: Actor, now: datetime) -> Row:
    """One order on the board."""
    zone = desk_queries.config(order.desk).zone
    verb = verbs.main_of(order, actor)
    over = order.status in ENDED
    return {
        "number": order.number,
        "href": links.page(order),
        "urgent": order.urgent and not over,
        "quantity": f"{order.quantity:,}",
        "trade_name": order.trade_name,
        "rfc": order.account_rfc,
        "when": localtime.when(order.since, zone, now),
        "age": "" if over else aged(order, now),
        "note": _note(order),
        "step": step(order, verb) if verb else None,
    }


def aged(order: StampOrder, now: datetime) -> str:
    """How long it has stood in its stage, in business time of the sales calendar."""
    passed = businesstime.elapsed(order.since, now, queries.sales_hours(order.desk, now))
    return _("%s of business time") % localtime.minutes_label(passed.total_seconds() / 60)


def _note(order: StampOrder) -> str:
    if order.status == OrderStatus.QUOTED and order.price:
        total = money(order.price.total)
        return _("%s, receipt received") % total if getattr(order, "has_receipt", False) else total
    if order.status == OrderStatus.CREDITED and order.account:
        return _("balance %s") % f"{order.account.balance:,}"
    return order.assignee.name if order.assignee else ""


def step(order: StampOrder, verb: Verb) -> Row:
    """The button of a card: what needs no more is done at once, the rest leads to its form."""
    at_once = not verb.form.base_fields or verb.slug in ("abonar", "cotizar")
    return {
        "text": verb.title,
        "post": address(order, verb) if at_once else "",
        "href": "" if at_once else f"{links.page(order)}#{verb.slug}",
    }


def address(order: StampOrder, verb: Verb) -> str:
    return f"/timbres/{order.number}/{verb.slug}/?mesa={order.desk.slug}"


def filters(asked: Filters, desks: Sequence[Any], *, lists: bool, stage: str) -> Row:
    """The controls of the toolbar as they stand."""
    return {
        "desks": [{"value": d.slug, "text": d.name, "selected": d.slug == asked.desk} for d in desks]
        if len(desks) > 1
        else [],
        "text": asked.text,
        "urgent": asked.urgent,
        "mine": asked.mine,
        "lists": lists,
        "stages": [{"value": s.value, "text": NAMES[s], "selected": s.value == stage} for s in OrderStatus],
    }


def listed(orders: Iterable[StampOrder], now: datetime) -> list[Row]:
    """The rows of the list."""
    rows = []
    for order in orders:
        zone = desk_queries.config(order.desk).zone
        rows.append(
            {
                "number": order.number,
                "href": links.page(order),
                "desk": order.desk.name,
                "trade_name": order.trade_name,
                "rfc": order.account_rfc,
                "quantity": f"{order.quantity:,}",
                "total": money(order.price.total) if order.price else "—",
                "status": NAMES[OrderStatus(order.status)],
                "tone": tone(order.status),
                "urgent": order.urgent and order.status not in ENDED,
                "when": localtime.when(order.requested_at, zone, now),
                "assignee": order.assignee.name if order.assignee else "",
            }
        )
    return rows


# ------------------------------------------------------------------ one order


def steps(order: StampOrder, config: DeskConfig, now: datetime) -> list[Row]:
    """The stages: done, current, to come; those of a cancelled order end where it ended."""
    reached = [stage for stage in board.STAGES if getattr(order, f"{stage.value}_at")]
    rows = []
    for stage in board.STAGES:
        at = getattr(order, f"{stage.value}_at")
        state = "done" if stage in reached else "todo"
        if stage == order.status and stage != OrderStatus.CREDITED:
            state = "current"
        note = localtime.when(at, config.zone, now) if at else ""
        rows.append({"text": NAMES[stage], "note": note, "state": state})
    if order.cancelled_at:
        at = localtime.when(order.cancelled_at, config.zone, now)
        rows = [row for row in rows if row["state"] != "todo"]
        rows.append({"text": NAMES[OrderStatus.CANCELLED], "note": at, "state": "current"})
    return rows


def facts(order: StampOrder) -> list[Row]:
    """What was ordered, for the desk's people."""
    same = order.rfc == order.account_rfc
    rows: list[Row] = [
        {"label": _("Quantity"), "text": _("%s stamps") % f"{order.quantity:,}"},
        {"label": _("Invoiced to"), "text": order.rfc, "rfc": True},
        {"label": _("Credited to"), "text": _("the same RFC") if same else order.account_rfc, "rfc": not same},
        {"label": _("Trade name"), "text": order.trade_name},
        {"label": _("Product"), "text": order.product.name if order.product else _("to be said")},
        {"label": _("Consultant"), "text": order.assignee.name if order.assignee else _("nobody yet")},
    ]
    if order.client:
        rows.insert(4, {"label": _("Company"), "text": order.client.name})
    return rows


def contact(order: StampOrder) -> Row:
    return {
        "name": order.contact_name,
        "email": order.contact_email,
        "phone": phones.national(order.contact_phone) if order.contact_phone else "",
        "tel": f"tel:{order.contact_phone}" if order.contact_phone else "",
    }


def amounts(order: StampOrder) -> Row | None:
    """What it costs; None where there is no price."""
    price = order.price
    if price is None:
        return None
    return {
        "unit_price": quotes.pesos(order.unit_price) if order.unit_price else "",
        "subtotal": money(price.subtotal),
        "tax": money(price.tax),
        "total": money(price.total),
        "valid_until": localtime.day_label(order.valid_until) if order.valid_until else "",
    }


def payments(rows: Iterable[StampPayment]) -> list[Row]:
    return [
        {
            "amount": money(row.amount),
            "date": localtime.day_label(row.paid_on),
            "bank": row.bank,
            "tracking_key": row.tracking_key,
            "given": money(row.given) if row.given != row.amount else "",  # type: ignore[attr-defined]
        }
        for row in rows
    ]


def papers(order: StampOrder, base: str, query: str, config: DeskConfig, now: datetime) -> list[Row]:
    """What can be downloaded: the quote, receipts, invoices. 2 queries."""
    rows: list[Row] = []
    if order.price is not None and order.quoted_at:
        at = localtime.when(order.quoted_at, config.zone, now)
        rows.append({"name": _("Quote as a letter"), "at": at, "href": f"{base}cotizacion.pdf{query}"})
    for receipt in order.receipts.select_related("file").order_by("pk"):
        at = localtime.when(receipt.at, config.zone, now)
        name = _("Receipt: %s") % receipt.file.filename
        rows.append({"name": name, "at": at, "href": f"{base}archivos/{receipt.file_id}/{query}"})
    for invoice in order.invoices.select_related("xml", "pdf").order_by("pk"):
        at = localtime.day_label(invoice.issued_on)
        for file, kind in ((invoice.xml, "XML"), (invoice.pdf, "PDF")):
            if file is not None:
                name = _("Invoice %(uuid)s, %(kind)s") % {"uuid": str(invoice.uuid)[:8].upper(), "kind": kind}
                rows.append({"name": name, "at": at, "href": f"{base}archivos/{file.pk}/{query}"})
    return rows


def billing(row: StampBilling | None) -> list[Row]:
    """How the RFC is invoiced; [] where nobody has said."""
    if row is None:
        return []
    said = satcatalogue
    return [
        {"label": _("Legal name"), "text": row.legal_name},
        {"label": _("Tax regime"), "text": f"{row.regimen} · {said.REGIMENES.get(row.regimen, '')}"},
        {"label": _("Postal code"), "text": row.postal_code},
        {"label": _("Use of the CFDI"), "text": f"{row.cfdi_use} · {said.CFDI_USES.get(row.cfdi_use, '')}"},
        {"label": _("Form of payment"), "text": f"{row.payment_form} · {said.PAYMENT_FORMS.get(row.payment_form, '')}"},
        {"label": _("Method of payment"), "text": row.payment_method},
    ]


def timeline(events: Iterable[StampOrderEvent], config: DeskConfig, now: datetime) -> list[Row]:
    """What happened, the newest first."""
    return [_entry(event, config, now) for event in events]


def _entry(event: StampOrderEvent, config: DeskConfig, now: datetime) -> Row:
    icon, colour, text = _EVENTS.get(event.type, ("info", "", gettext_noop("%(who)s changed the order")))
    amount = event.data.get("amount")
    said = _(text) % {
        "who": event.actor_label or _("The system"),
        "amount": money(Decimal(amount)) if amount else "",
        "stamps": f"{event.data.get('stamps', 0):,}",
    }
    return {"icon": icon, "tone": colour, "at": localtime.when(event.at, config.zone, now), "text": said, "why": []}
