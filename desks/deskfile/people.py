"""The sections of people and products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from accounts.models import User
from core.actor import ROLES
from desks.deskfile.reader import Node, unique
from desks.deskfile.rows import apply, reconcile
from desks.deskfile.sections import Saving, Section, declared
from desks.models import Desk, Membership, Product, Vendor
from schedules.models import BusinessCalendar

# --- people


def _check_people(root: Node) -> list[dict[str, Any]]:
    nodes = root.items("people")
    products = declared(root, "products", "slug")
    calendars = declared(root, "calendars", "slug")
    known = [email.lower() for email in declared(root, "people", "email")]
    people = [_person(node, products, calendars, known) for node in nodes]
    unique(nodes, "email", [person["email"] for person in people])
    _check_no_circle(nodes, people)
    return people


def _person(node: Node, products: list[str], calendars: list[str], known: list[str]) -> dict[str, Any]:
    person = {
        "email": node.email("email").lower(),
        "name": node.text("name", longest=120, required=True),
        "phone": _phone(node),
        "roles": node.strings("roles", known=ROLES),
        "reports_to": node.text("reports_to").lower(),
        "skills": node.strings("products", known=products),
        "max_open": node.number("max_open", least=1, most=1000, default=25),
        "calendar": node.choice("calendar", calendars, required=False),
    }
    if not node.has("roles") or not node.value["roles"]:
        node.refuse("roles", "required", _("A person needs at least one role."))
    if person["reports_to"] and person["reports_to"] not in known:
        node.refuse("reports_to", "unknown", _("This person is not in the file."))
    node.done()
    return person


def _phone(node: Node) -> str:
    typed = node.text("phone", longest=40)
    if not typed:
        return ""
    number = PhoneNumber.from_string(typed, region="MX")
    if not number.is_valid():
        node.refuse("phone", "phone", _("That number does not exist in Mexico. Check its area code."))
        return ""
    return str(number.as_e164)


def _check_no_circle(nodes: list[Node], people: list[dict[str, Any]]) -> None:
    """Refuse people who stand above themselves, at whatever distance: a ladder must end."""
    above = {person["email"]: person["reports_to"] for person in people}
    for node, person in zip(nodes, people, strict=True):
        seen, email = set(), person["email"]
        while email and email not in seen:
            seen.add(email)
            email = above.get(email, "")
        if email and email == person["email"]:
            node.refuse("reports_to", "circle", _("Nobody can stand above themselves."))


def _save_people(saving: Saving, people: list[dict[str, Any]]) -> None:
    desk = saving.of()
    calendars = {row.slug: row for row in BusinessCalendar.objects.filter(scope=desk.slug)}
    for person in people:
        person["calendar"] = calendars.get(person["calendar"])
        saving.users[person["email"]] = _user(saving, person)
    rows = reconcile(
        Membership.objects.filter(desk=desk).select_related("user"),
        lambda row: row.user.email,
        {p["email"]: {name: p[name] for name in ("roles", "skills", "max_open", "calendar")} for p in people},
        lambda email, values: Membership.objects.create(desk=desk, user=saving.users[email], **values),
        saving,
        "person",
    )
    for person in people:
        above = rows[person["reports_to"]] if person["reports_to"] else None
        apply(rows[person["email"]], {"reports_to": above}, saving, f"person {person['email']}")


def _user(saving: Saving, person: dict[str, Any]) -> User:
    """Return the account, made without a password: its owner sets one by the link of a forgotten one."""
    user = User.objects.filter(email=person["email"]).first()
    if user is None:
        saving.changed(f"account {person['email']}: +")
        return User.objects.create_user(person["email"], name=person["name"], phone=person["phone"])
    return apply(user, {"name": person["name"], "phone": person["phone"]}, saving, f"account {person['email']}")


def _dump_people(desk: Desk) -> Mapping[str, Any]:
    rows = list(desk.memberships.filter(is_active=True).select_related("user", "calendar").order_by("id"))
    email_of = {row.pk: row.user.email for row in rows}
    return {
        "people": [
            {
                "email": row.user.email,
                "name": row.user.name,
                "phone": str(row.user.phone or ""),
                "roles": list(row.roles),
                "reports_to": email_of.get(row.reports_to_id) if row.reports_to_id else None,
                "products": list(row.skills),
                "max_open": row.max_open,
                "calendar": row.calendar.slug if row.calendar else None,
            }
            for row in rows
        ]
    }


PEOPLE: Final = Section("people", frozenset({"people"}), _check_people, _save_people, _dump_people)

# --- products


def _check_products(root: Node) -> dict[str, dict[str, Any]]:
    nodes = root.items("products")
    slugs = [node.slug("slug") for node in nodes]
    unique(nodes, "slug", slugs)
    found = {}
    for node, slug in zip(nodes, slugs, strict=True):
        found[slug] = {
            "name": node.text("name", longest=120, required=True),
            "versions": node.strings("versions", longest=30),
        }
        node.done()
    return found


def _save_products(saving: Saving, products: dict[str, dict[str, Any]]) -> None:
    vendor = saving.of().vendor
    reconcile(
        Product.objects.filter(vendor=vendor),
        lambda row: row.slug,
        products,
        lambda slug, values: Product.objects.create(vendor=vendor, slug=slug, **values),
        saving,
        "product",
        drop=_is_alone(vendor),
    )


def _is_alone(vendor: Vendor) -> bool:
    """Whether the vendor has one desk only: products are the vendor's, another desk may name others."""
    return vendor.desks.filter(is_active=True).count() <= 1


def _dump_products(desk: Desk) -> Mapping[str, Any]:
    rows = desk.vendor.products.filter(is_active=True).order_by("id")
    return {"products": [{"slug": row.slug, "name": row.name, "versions": list(row.versions)} for row in rows]}


PRODUCTS: Final = Section("products", frozenset({"products"}), _check_products, _save_products, _dump_products)
