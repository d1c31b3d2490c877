"""Rows that the tests of desks and clients begin with. Plain functions with defaults, no surprises."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from accounts.models import User
from clients.models import Client, Contact, ContactLink, TaxId
from desks.models import Desk, Membership, Vendor
from schedules.models import BusinessCalendar, CalendarVersion

NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)  # a Tuesday, 10:42 in Mexico City

WEEK = [
    {"weekday": day, "opens": opens, "closes": closes}
    for day in range(5)
    for opens, closes in (("09:00", "14:00"), ("16:00", "19:00"))
] + [{"weekday": 5, "opens": "09:00", "closes": "14:00"}]
SPEC: dict[str, Any] = {
    "hours": WEEK,
    "holidays": "MX",
    "closures": [],
    "extra_openings": [],
}


def make_user(name: str = "Ada Lozano", *, email: str = "", **fields: Any) -> User:
    return User.objects.create_user(email or f"{name.split()[0].lower()}@invoicemx.example", name=name, **fields)


def make_vendor(slug: str = "vendor") -> Vendor:
    return Vendor.objects.create(slug=slug, name=slug.title())


def make_calendar(scope: str, slug: str = "oficina", *, zone: str = "America/Mexico_City") -> BusinessCalendar:
    calendar = BusinessCalendar.objects.create(scope=scope, slug=slug, name=slug.title(), created_at=NOW)
    CalendarVersion.objects.create(calendar=calendar, timezone=zone, spec=SPEC, created_at=NOW)
    return calendar


def make_desk(slug: str = "norte", *, vendor: Vendor | None = None, **fields: Any) -> Desk:
    fields = {"name": slug.title(), "prefix": slug[:3].upper(), "email": f"ayuda@{slug}.example", **fields}
    fields.setdefault("calendar", make_calendar(slug))
    return Desk.objects.create(vendor=vendor or make_vendor(f"{slug}-sa"), slug=slug, **fields)


def join(desk: Desk, user: User, *roles: str, reports_to: Membership | None = None) -> Membership:
    return Membership.objects.create(desk=desk, user=user, roles=list(roles), reports_to=reports_to)


def make_client(vendor: Vendor, name: str = "Ferretería La Norteña", *, rfc: str = "FNO180312KX1") -> Client:
    client = Client.objects.create(vendor=vendor, name=name)
    TaxId.objects.create(vendor=vendor, client=client, rfc=rfc, legal_name=f"{name} SA de CV")
    return client


def make_contact(vendor: Vendor, name: str = "Rosa Medina", **fields: Any) -> Contact:
    fields = {"email": f"{name.split()[0].lower()}@cliente.example", **fields}
    return Contact.objects.create(vendor=vendor, name=name, created_at=NOW, **fields)


def link(contact: Contact, client: Client, scope: str = "company", **fields: Any) -> ContactLink:
    return ContactLink.objects.create(
        contact=contact, client=client, scope=scope, **{"valid_from": date(2020, 1, 1), **fields}
    )
