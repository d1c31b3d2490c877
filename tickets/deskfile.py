"""The section `canned_answers` of a desk's file: the desk's own; those of its people, and files, are not in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from desks.deskfile.reader import Node, unique
from desks.deskfile.rows import reconcile
from desks.deskfile.sections import Saving, Section, declared
from desks.models import Desk
from tickets.actions import canned as canned_actions
from tickets.models import CannedAnswer

Values = dict[str, Any]


def _check(root: Node) -> dict[str, Values]:
    """Shortcut -> its columns, `product` by slug."""
    nodes = root.items("canned_answers")
    products = declared(root, "products", "slug")
    rows = [_answer(node, products) for node in nodes]
    unique(nodes, "shortcut", [row["shortcut"] for row in rows])
    if len(nodes) > canned_actions.MOST_OF_DESK:
        root.refuse("canned_answers", "too_many", _("A desk has at most 200 canned answers."))
    return {row.pop("shortcut"): row for row in rows}


def _answer(node: Node, products: list[str]) -> Values:
    row = {
        "shortcut": node.text("shortcut", longest=40),
        "title": node.text("title", longest=120),
        "body": canned_actions.tidy(node.text("body", longest=20_000)),
        "product": node.choice("product", products, required=False),
    }
    for field, code, message in canned_actions.faults(
        canned_actions.Draft(title=row["title"], shortcut=row["shortcut"], body=row["body"])
    ):
        node.refuse(field, code, message)
    node.done()
    return row


def _save(saving: Saving, wanted: dict[str, Values]) -> None:
    desk, now = saving.of(), saving.now
    products = {row.slug: row for row in desk.vendor.products.all()}

    def columns(values: Mapping[str, Any]) -> Values:
        product = products.get(values["product"])
        return {"title": values["title"], "body": values["body"], "product_id": product.pk if product else None}

    def make(shortcut: str, values: Mapping[str, Any]) -> CannedAnswer:
        return CannedAnswer.objects.create(desk=desk, shortcut=shortcut, created_at=now, changed_at=now, **values)

    # Of several that were put away under one shortcut the newest comes back.
    rows = CannedAnswer.objects.filter(desk=desk, owner__isnull=True).order_by("is_active", "pk")
    reconcile(
        rows,
        lambda row: row.shortcut,
        {shortcut: columns(values) for shortcut, values in wanted.items()},
        make,
        saving,
        "canned_answer",
    )


def _dump(desk: Desk) -> Mapping[str, Any]:
    rows = CannedAnswer.objects.filter(desk=desk, owner__isnull=True, is_active=True).select_related("product")
    return {
        "canned_answers": [
            {
                "shortcut": row.shortcut,
                "title": row.title,
                "product": row.product.slug if row.product else "",
                "body": row.body,
            }
            for row in rows.order_by("pk")
        ]
    }


CANNED: Final = Section("canned_answers", frozenset({"canned_answers"}), _check, _save, _dump)
