"""The section `stamps` of a desk's file: who sells, where the money goes, and the list of prices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from clients import rfc
from core.errors import Invalid
from desks.deskfile.reader import Node
from desks.deskfile.rows import apply, reconcile
from desks.deskfile.sections import Saving, Section
from desks.models import Desk
from stamps import clabe
from stamps.models import MOST_STAMPS, StampPrice, StampSales

Values = dict[str, Any]


def _check(root: Node) -> Values | None:
    """The section as columns; None where the desk sells no stamps."""
    if not root.has("stamps"):
        return None
    node = root.child("stamps")
    seller, bank = node.child("seller", required=True), node.child("bank", required=True)
    sales = {
        "seller_name": seller.text("name", required=True),
        "seller_rfc": _rfc(seller),
        "seller_address": seller.text("address"),
        "bank": bank.text("name", longest=60, required=True),
        "bank_holder": bank.text("holder", required=True),
        "clabe": _clabe(bank),
        "reference": _reference(bank),
        "quote_days": node.number("quote_days", least=1, most=60, default=5),
        "advance_cap": node.number("advance_cap", most=MOST_STAMPS, default=0),
    }
    prices = _prices(node)
    for part in (seller, bank, node):
        part.done()
    return {"sales": sales, "prices": prices}


def _rfc(node: Node) -> str:
    typed = node.text("rfc", required=True)
    if not typed:
        return ""
    try:
        return rfc.check(typed, field="rfc").rfc
    except Invalid as refused:
        node.adopt("", refused)
        return ""


def _clabe(node: Node) -> str:
    typed = node.text("clabe", required=True)
    found = "".join(typed.split())
    if found and not clabe.is_valid(found):
        node.refuse("clabe", "invalid_clabe", _("A CLABE has 18 digits, the last of which checks the others."))
    return found


def _reference(node: Node) -> str:
    typed = node.text("reference", longest=60, default="{number}")
    if "{number}" not in typed:
        node.refuse("reference", "no_number", _("The reference needs {number}, where the order's number goes."))
    return typed


def _prices(node: Node) -> dict[str, Values]:
    """From how many stamps on -> the price of one."""
    found: dict[str, Values] = {}
    rows = node.items("prices")
    if not rows:
        node.refuse("prices", "required", _("This is missing."))
    for row in rows:
        start = row.number("from", least=1, most=MOST_STAMPS, required=True) or 1
        if str(start) in found:
            row.refuse("from", "twice", _("This stands in the list twice."))
        found[str(start)] = {"unit_price": _price(row)}
        row.done()
    if rows and "1" not in found:
        node.refuse("prices", "from_one", _("The list needs a price from 1 stamp on."))
    return found


def _price(row: Node) -> Decimal:
    typed = row.get("unit_price", required=True)
    try:
        amount = Decimal(str(typed)) if not isinstance(typed, bool) else Decimal("NaN")
        if not (amount.is_finite() and 0 < amount < 1_000_000 and amount == round(amount, 4)):
            raise InvalidOperation
    except InvalidOperation:
        row.refuse("unit_price", "invalid_price", _("Write pesos, such as 350.00."))
        return Decimal(1)
    return amount.quantize(Decimal("0.0001"))


def _save(saving: Saving, values: Values | None) -> None:
    desk = saving.of()
    if values is None:
        reconcile(
            StampPrice.objects.filter(desk=desk), _key, {}, lambda name, fields: StampPrice(), saving, "stamp_price"
        )
        return
    sales = StampSales.objects.filter(desk=desk).first()
    if sales is None:
        StampSales.objects.create(desk=desk, **values["sales"])
        saving.changed("stamps: +")
    else:
        apply(sales, values["sales"], saving, "stamps")
    reconcile(
        StampPrice.objects.filter(desk=desk),
        _key,
        values["prices"],
        lambda name, fields: StampPrice.objects.create(desk=desk, from_quantity=int(name), **fields),
        saving,
        "stamp_price",
    )


def _key(row: StampPrice) -> str:
    return str(row.from_quantity)


def _dump(desk: Desk) -> Mapping[str, Any]:
    sales = StampSales.objects.filter(desk=desk).first()
    prices = list(StampPrice.objects.filter(desk=desk, is_active=True).order_by("from_quantity"))
    if sales is None or not prices:
        return {}
    seller = {"name": sales.seller_name, "rfc": sales.seller_rfc}
    if sales.seller_address:
        seller["address"] = sales.seller_address
    return {
        "stamps": {
            "seller": seller,
            "bank": {
                "name": sales.bank,
                "holder": sales.bank_holder,
                "clabe": sales.clabe,
                "reference": sales.reference,
            },
            "quote_days": sales.quote_days,
            "advance_cap": sales.advance_cap,
            "prices": [{"from": row.from_quantity, "unit_price": _plain(row.unit_price)} for row in prices],
        }
    }


def _plain(price: Decimal) -> str:
    """`2.10`, `0.675`: at least two decimals."""
    text = f"{price.normalize():f}"
    whole, _dot, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


STAMPS: Final = Section("stamps", frozenset({"stamps"}), _check, _save, _dump)
