"""The sections of the vendor and of the desk itself, with what the desk points at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from desks.config import CHANNELS, SUPPORT_METHODS
from desks.deskfile.reader import Node
from desks.deskfile.rows import apply
from desks.deskfile.sections import Saving, Section, declared
from desks.models import Desk, DeskCounter, Trato, Vendor
from schedules import zones
from schedules.models import BusinessCalendar, Rota

# What the desk points at, and the list of the file in which it must stand.
_POINTS: Final = {
    "calendar": "calendars",
    "sales_calendar": "calendars",
    "rota": "rotas",
    "sla_policy": "sla_policies",
}


def _check(root: Node) -> dict[str, Any]:
    root.number("format", least=1, most=1, required=True)
    vendor = root.child("vendor", required=True)
    named = {"slug": vendor.slug("slug"), "name": vendor.text("name", longest=200, required=True)}
    vendor.done()
    desk = root.child("desk", required=True)
    for key in _POINTS:  # judged by the section below
        desk.get(key)
    values = _settings(desk)
    desk.done()
    _check_owner(desk, named["slug"], values["slug"])
    return {"vendor": named, "desk": values}


def _settings(desk: Node) -> dict[str, Any]:
    values: dict[str, Any] = {
        "slug": desk.slug("slug"),
        "name": desk.text("name", longest=120, required=True),
        "prefix": desk.text("prefix", longest=8, required=True),
        "trato": desk.choice("trato", Trato.values),
        "timezone": desk.text("timezone", required=True),
        "email": desk.email("email"),
        "channels": desk.strings("channels", known=CHANNELS),
        "support_methods": desk.strings("support_methods", known=SUPPORT_METHODS),
        "join_minutes": desk.number("join_minutes", default=60),
        "close_after_business_days": desk.number("close_after_business_days", least=1, most=60, default=2),
        "tell_clients_from": desk.clock("tell_clients_from", default="08:00"),
        "rest_hours": desk.number("rest_hours", most=24, default=8),
        "take_minutes": desk.number("take_minutes", most=2400, default=0),
        "usual_first": desk.flag("usual_first"),
    }
    if values["timezone"] and not zones.exists(values["timezone"]):
        desk.refuse("timezone", "unknown_zone", _("There is no such time zone."))
    prefix = str(values["prefix"])
    if prefix and not (prefix.isascii() and prefix.isalnum() and prefix.isupper() and prefix[0].isalpha()):
        desk.refuse("prefix", "invalid_prefix", _("A prefix is made of capital letters and digits, such as IMX."))
    return values


def _check_owner(node: Node, vendor: str, slug: str) -> None:
    """Refuse what the database holds otherwise: the desk of another vendor, the prefix of another desk."""
    if Desk.objects.filter(slug=slug).exclude(vendor__slug=vendor).exists():
        node.refuse("slug", "taken", _("Another vendor has a desk of that name."))
    if Desk.objects.filter(prefix=node.value.get("prefix")).exclude(slug=slug).exists():
        node.refuse("prefix", "taken", _("Another desk has that prefix."))


def _save(saving: Saving, values: dict[str, Any]) -> None:
    named, settings = values["vendor"], values["desk"]
    vendor = Vendor.objects.filter(slug=named["slug"]).first()
    if vendor is None:
        vendor = Vendor.objects.create(**named)
        saving.changed("vendor: +")
    apply(vendor, {**named, "is_active": True}, saving, "vendor")
    desk = Desk.objects.select_for_update().filter(slug=settings["slug"]).first()
    if desk is None:
        desk = Desk.objects.create(vendor=vendor, **settings)
        saving.changed("desk: +")
    apply(desk, {**settings, "is_active": True}, saving, "desk")
    for kind in DeskCounter.Kind.values:
        DeskCounter.objects.get_or_create(desk=desk, kind=kind)
    saving.desk = desk


def _dump(desk: Desk) -> Mapping[str, Any]:
    return {
        "format": 1,
        "vendor": {"slug": desk.vendor.slug, "name": desk.vendor.name},
        "desk": {
            "slug": desk.slug,
            "name": desk.name,
            "prefix": desk.prefix,
            "trato": str(desk.trato),
            "timezone": desk.timezone,
            "email": desk.email,
            "channels": list(desk.channels),
            "support_methods": list(desk.support_methods),
            "join_minutes": desk.join_minutes,
            "close_after_business_days": desk.close_after_business_days,
            "tell_clients_from": f"{desk.tell_clients_from:%H:%M}",
            "rest_hours": desk.rest_hours,
            "take_minutes": desk.take_minutes,
            "usual_first": desk.usual_first,
            "calendar": desk.calendar.slug if desk.calendar else None,
            "sales_calendar": desk.sales_calendar.slug if desk.sales_calendar else None,
            "rota": desk.rota.slug if desk.rota else None,
            "sla_policy": desk.sla_policy.slug if desk.sla_policy else None,
        },
    }


SETTINGS: Final = Section("desk", frozenset({"format", "vendor", "desk"}), _check, _save, _dump)


def _check_points(root: Node) -> dict[str, str]:
    desk = root.child("desk")
    found = {}
    for key, listed in _POINTS.items():
        known = declared(root, listed, "slug")
        found[key] = desk.choice(key, known, required=key != "rota") if desk.value else ""
    return found


def _save_points(saving: Saving, points: dict[str, str]) -> None:
    desk = saving.of()
    calendars = {row.slug: row for row in BusinessCalendar.objects.filter(scope=desk.slug)}
    apply(
        desk,
        {
            "calendar": calendars[points["calendar"]],
            "sales_calendar": calendars[points["sales_calendar"]],
            "rota": Rota.objects.get(scope=desk.slug, slug=points["rota"]) if points["rota"] else None,
            "sla_policy": desk.sla_policies.get(slug=points["sla_policy"]),
        },
        saving,
        "desk",
    )


POINTS: Final = Section("points", frozenset(), _check_points, _save_points, lambda desk: {})
