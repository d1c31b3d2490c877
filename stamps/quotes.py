"""Quoting: the price of the list, until when it holds, and the letter."""

from __future__ import annotations

import base64
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core import localtime
from desks import queries as desk_queries
from desks.models import Desk
from schedules import businesstime
from stamps import clabe, pricing, queries, quotepdf
from stamps.models import StampOrder, StampPrice, StampSales

MEDIA_TYPE = "application/pdf"


def price_list(desk: Desk) -> list[tuple[int, Decimal]]:
    """From how many stamps on, and the price of one then. 1 query."""
    rows = StampPrice.objects.filter(desk=desk, is_active=True).order_by("from_quantity")
    return list(rows.values_list("from_quantity", "unit_price"))


def listed_price(order: StampOrder) -> Decimal | None:
    """What a stamp of this order costs by the desk's list; None where it has none. 1 query."""
    return pricing.unit_price(order.quantity, price_list(order.desk))


def holds_until(desk: Desk, now: datetime) -> date | None:
    """The last day of a quote made now: so many business days of the sales calendar. 1 query."""
    sales = StampSales.objects.filter(desk=desk).first()
    if sales is None:
        return None
    hours = queries.sales_hours(desk, now)
    return businesstime.add_business_days(now.astimezone(hours.zone).date(), sales.quote_days, hours)


def bank(order: StampOrder, sales: StampSales) -> list[tuple[str, str]]:
    """Where the money goes."""
    return [
        ("Banco", sales.bank),
        ("A nombre de", sales.bank_holder),
        ("CLABE", clabe.grouped(sales.clabe)),
        ("Referencia", sales.reference_of(order.number)),
    ]


def letter(order: StampOrder) -> bytes | None:
    """The quote as a PDF, the same bytes as long as the quote holds; None without a price or bank. 1 query."""
    price, sales = order.price, StampSales.objects.filter(desk=order.desk).first()
    if price is None or sales is None or order.quoted_at is None or order.unit_price is None:
        return None
    zone = desk_queries.config(order.desk).zone
    day = order.quoted_at.astimezone(zone).date()
    until = f"Precio vigente hasta el {_dated(order.valid_until)}. " if order.valid_until else ""
    quote = quotepdf.Quote(
        title="Cotización",
        number=order.number,
        made_at=order.quoted_at,
        date=_dated(day),
        seller=[line for line in (sales.seller_name, f"RFC {sales.seller_rfc}", sales.seller_address) if line],
        client=_client(order),
        concept=f"Timbres fiscales · {order.product.name}" if order.product else "Timbres fiscales",
        quantity=f"{order.quantity:,}",
        unit_price=pesos(order.unit_price),
        subtotal=f"${price.subtotal:,.2f}",
        tax=f"${price.tax:,.2f}",
        total=f"${price.total:,.2f}",
        bank=bank(order, sales),
        notes=[
            f"{until}Los timbres se abonan al RFC {order.account_rfc} una vez confirmado el pago en el banco.",
            "El comprobante de una transferencia no es todavía un pago confirmado: ventas lo verifica en el banco.",
        ],
    )
    return quotepdf.letter(quote)


def _client(order: StampOrder) -> list[tuple[str, str]]:
    return [
        ("Cliente", order.trade_name),
        ("Se factura a", order.rfc),
        ("Se abonan a", order.account_rfc if order.account_rfc != order.rfc else "el mismo RFC"),
        ("Atención", order.contact_name),
    ]


def attachment(order: StampOrder) -> list[dict[str, Any]]:
    """The letter as a notice carries it; [] where there is none."""
    content = letter(order)
    if content is None:
        return []
    return [{"name": filename(order), "type": MEDIA_TYPE, "base64": base64.b64encode(content).decode()}]


def filename(order: StampOrder) -> str:
    return f"cotizacion-{order.number}.pdf"


def pesos(amount: Decimal) -> str:
    """`$2.10`, `$0.675`: at least two decimals, as many as there are."""
    whole, _dot, decimals = f"{amount.normalize():f}".partition(".")
    return f"${int(whole):,}.{decimals.ljust(2, '0')}"


def _dated(day: date) -> str:
    return f"{localtime.long_day(day)} de {day.year}"
