"""The sections of contacts, texts and wording: what the client reads."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.wording import catalogue
from desks.deskfile.reader import Node
from desks.deskfile.rows import apply
from desks.deskfile.sections import Saving, Section
from desks.models import Desk, DeskContact

# --- contacts

_CONTACT: Final = ("label", "kind", "purpose", "address", "hours")


def _check_contacts(root: Node) -> list[dict[str, Any]]:
    return [_contact(node) for node in root.items("contacts")]


def _contact(node: Node) -> dict[str, Any]:
    kind = node.choice("kind", DeskContact.Kind.values)
    contact = {
        "label": node.text("label", longest=80, required=True),
        "kind": kind,
        "purpose": node.choice("purpose", DeskContact.Purpose.values),
        "address": node.email("address") if kind == "email" else node.text("address", longest=120, required=True),
        "hours": node.choice("hours", DeskContact.Hours.values, required=False, default="always"),
    }
    if kind == "web" and contact["address"] and not contact["address"].startswith("https://"):
        node.refuse("address", "not_https", _("A web address begins with https://."))
    if kind in ("phone", "whatsapp") and sum(c.isdigit() for c in contact["address"]) < 10:
        node.refuse("address", "phone", _("A telephone number in Mexico has 10 digits."))
    node.done()
    return contact


def _save_contacts(saving: Saving, contacts: list[dict[str, Any]]) -> None:
    """A contact is known by its kind, address and purpose; one that is left out stays, inactive."""
    desk = saving.of()
    if [_plain(row) for row in _active(desk)] == contacts:
        return
    known = {(row.kind, row.address, row.purpose): row for row in desk.contacts.order_by("is_active", "pk")}
    desk.contacts.filter(is_active=True).update(is_active=False)
    for position, contact in enumerate(contacts, start=1):
        row = known.pop((contact["kind"], contact["address"], contact["purpose"]), None) or DeskContact(desk=desk)
        for name, value in {**contact, "position": position, "is_active": True}.items():
            setattr(row, name, value)
        row.save()
    saving.changed("contacts")


def _active(desk: Desk) -> list[DeskContact]:
    return list(desk.contacts.filter(is_active=True).order_by("position"))


def _plain(row: DeskContact) -> dict[str, Any]:
    return {name: str(getattr(row, name)) for name in _CONTACT}


CONTACTS: Final = Section(
    "contacts",
    frozenset({"contacts"}),
    _check_contacts,
    _save_contacts,
    lambda desk: {"contacts": [_plain(row) for row in _active(desk)]},
)

# --- texts


def _check_texts(root: Node) -> dict[str, Any]:
    found = {}
    texts = root.child("texts")
    for name, text in texts.entries():
        found[name] = {
            "title": text.text("title", longest=120, required=True),
            "intro": text.text("intro", longest=4000).strip(),
            "items": [_item(item) for item in text.items("items")],
            "note": text.text("note", longest=4000).strip(),
        }
        text.done()
    return found


def _item(node: Node) -> dict[str, str]:
    item = {"title": node.text("title", longest=200), "body": node.text("body", longest=4000).strip()}
    if not item["title"] and not item["body"]:
        node.refuse("body", "required", _("This is missing."))
    node.done()
    return item


def _save_texts(saving: Saving, texts: dict[str, Any]) -> None:
    apply(saving.of(), {"texts": texts}, saving, "desk")


def _dump_texts(desk: Desk) -> Mapping[str, Any]:
    return {"texts": {name: _spoken(text) for name, text in desk.texts.items()}}


def _spoken(text: dict[str, Any]) -> dict[str, Any]:
    """Return the text without its empty parts."""
    spoken = {name: text[name] for name in ("title", "intro", "items", "note") if text.get(name)}
    if "items" in spoken:
        spoken["items"] = [{name: part for name, part in item.items() if part} for item in spoken["items"]]
    return spoken


TEXTS: Final = Section("texts", frozenset({"texts"}), _check_texts, _save_texts, _dump_texts)

# --- wording


def _check_wording(root: Node) -> dict[str, str]:
    node = root.child("wording")
    trato = root.child("desk").text("trato")
    found = {}
    for key in node.names():
        found[key] = node.text(key, longest=4000, required=True)
        if key not in catalogue():
            node.refuse(key, "unknown", _("No sentence has this name."))
        elif trato in catalogue()[key] and places(found[key]) != places(catalogue()[key][trato]):
            node.refuse(key, "places", _("The sentence must fill in the same places as the one it replaces."))
    return found


def places(sentence: str) -> frozenset[str]:
    """Return the names that a sentence fills in, `{number}`; a sentence with odd braces has the place "?"."""
    try:
        return frozenset(name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name is not None)
    except ValueError:
        return frozenset({"?"})


def _save_wording(saving: Saving, wording: dict[str, str]) -> None:
    apply(saving.of(), {"wording": wording}, saving, "desk")


WORDING: Final = Section(
    "wording",
    frozenset({"wording"}),
    _check_wording,
    _save_wording,
    lambda desk: {"wording": dict(desk.wording)},
)
