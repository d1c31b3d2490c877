"""The sections of calendars and rotas: a change is a new version, which holds from the loading on.

People of a rota stand in the file by e-mail; the rule of the database holds their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Invalid
from desks import actions
from desks.deskfile.reader import Node, unique
from desks.deskfile.rows import apply, reconcile
from desks.deskfile.sections import Saving, Section, declared
from desks.models import Desk
from schedules import actions as schedule_actions
from schedules import calendar_spec, rota_spec, zones
from schedules.hours import Spec
from schedules.models import BusinessCalendar, Rota

_ROWS: Final = {
    "hours": frozenset({"weekday", "opens", "closes"}),
    "closures": frozenset({"date", "name", "opens", "closes"}),
    "extra_openings": frozenset({"date", "opens", "closes"}),
}
_SPEC: Final = ("timezone", "hours", "holidays", "closures", "extra_openings")


def _check(root: Node) -> dict[str, dict[str, Any]]:
    nodes = root.items("calendars")
    zone = root.child("desk").value.get("timezone")
    slugs = [node.slug("slug", longest=64) for node in nodes]
    unique(nodes, "slug", slugs)
    return {slug: _calendar(node, zone) for node, slug in zip(nodes, slugs, strict=True)}


def _calendar(node: Node, zone: object) -> dict[str, Any]:
    name = node.text("name", longest=120, required=True)
    spec: Spec | None = None
    try:
        spec = calendar_spec.parse({"timezone": zone, **{key: node.get(key) for key in _SPEC if node.has(key)}})
    except Invalid as refused:
        node.adopt("", refused)
    for key, known in _ROWS.items():
        _refuse_slips(node, key, known)
    node.done()
    return {"name": name, "spec": spec}


def _refuse_slips(node: Node, key: str, known: frozenset[str]) -> None:
    """Refuse names in the rows that the reader of calendars would pass over."""
    rows = node.value.get(key)
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, Mapping):
            inner = Node(row, node.at(f"{key}.{index}"), node.faults)
            inner.read.update(known)
            inner.done()


def _save(saving: Saving, calendars: dict[str, dict[str, Any]]) -> None:
    desk = saving.of()
    rows = reconcile(
        BusinessCalendar.objects.filter(scope=desk.slug),
        lambda row: row.slug,
        {slug: {"name": calendar["name"]} for slug, calendar in calendars.items()},
        lambda slug, values: BusinessCalendar.objects.create(
            scope=desk.slug, slug=slug, created_at=saving.now, **values
        ),
        saving,
        "calendar",
    )
    for slug, row in rows.items():
        if actions.save_calendar_version(row, calendars[slug]["spec"], by=saving.by.label, now=saving.now):
            saving.changed(f"calendar {slug}: version")


def _dump(desk: Desk) -> Mapping[str, Any]:
    rows = BusinessCalendar.objects.filter(scope=desk.slug, is_active=True).order_by("id")
    return {"calendars": [_dump_calendar(row, desk.timezone) for row in rows]}


def _dump_calendar(calendar: BusinessCalendar, zone: str) -> dict[str, Any]:
    spec = calendar_spec.as_json(actions.newest_spec(calendar))
    silent: dict[str, Any] = {"timezone": zone, "holidays": None, "closures": [], "extra_openings": []}
    told = {key: spec[key] for key in _SPEC if key not in silent or spec[key] != silent[key]}
    return {"slug": calendar.slug, "name": calendar.name, **told}


CALENDARS: Final = Section("calendars", frozenset({"calendars"}), _check, _save, _dump)

# --- rotas


def _check_rotas(root: Node) -> dict[str, dict[str, Any]]:
    nodes = root.items("rotas")
    slugs = [node.slug("slug", longest=64) for node in nodes]
    unique(nodes, "slug", slugs)
    people = [email.lower() for email in declared(root, "people", "email")]
    calendars = declared(root, "calendars", "slug")
    desk = root.child("desk").value
    zone, scope = str(desk.get("timezone") or ""), str(desk.get("slug") or "")
    return {slug: _rota(node, (scope, zone), people, calendars) for node, slug in zip(nodes, slugs, strict=True)}


def _rota(node: Node, desk: tuple[str, str], people: list[str], calendars: list[str]) -> dict[str, Any]:
    scope, zone = desk
    values = {"name": node.text("name", longest=120, required=True), "timezone": node.text("timezone", default=zone)}
    if not zones.exists(values["timezone"]):
        node.refuse("timezone", "unknown_zone", _("There is no such time zone."))
    elif Rota.objects.filter(scope=scope, slug=node.value.get("slug")).exclude(timezone=values["timezone"]).exists():
        node.refuse("timezone", "fixed", _("The time zone of a rota cannot be changed."))
    layers = node.items("layers")
    rule = {
        "layers": [_layer(layer, people) for layer in layers],
        "outside": node.choice("outside", calendars, required=False) or None,
    }
    node.done()
    try:
        rota_spec.parse(rule)
    except Invalid as refused:
        node.adopt("", refused)
    return {**values, "rule": rule, "people": people}


def _layer(node: Node, people: list[str]) -> dict[str, Any]:
    """Return the layer as the rule writes it, its people as places in the list of the file."""
    members = [people.index(email) + 1 for email in _emails(node, people)]
    layer = {key: node.get(key) for key in ("name", "rotation", "days", "handoffs", "start", "hours") if node.has(key)}
    node.done()
    return {**layer, "members": members}


def _emails(node: Node, people: list[str]) -> list[str]:
    rows = node.get("members")
    found = []
    for index, email in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(email, str) and email.lower() in people:
            found.append(email.lower())
        else:
            node.refuse(f"members.{index}", "unknown", _("This person is not in the file."))
    return found


def _save_rotas(saving: Saving, rotas: dict[str, dict[str, Any]]) -> None:
    desk = saving.of()
    known = {row.slug: row for row in Rota.objects.filter(scope=desk.slug)}
    for slug, rota in rotas.items():
        before = _state(known.pop(slug, None))
        ids = [saving.users[email].pk for email in rota["people"]]
        row = schedule_actions.save_rota(
            scope=desk.slug,
            slug=slug,
            name=rota["name"],
            timezone=rota["timezone"],
            rule=_with_members(rota["rule"], [None, *ids].__getitem__),
            by=saving.by,
            now=saving.now,
        )
        if _state(row) != before:
            saving.changed(f"rota {slug}")
    for slug, row in known.items():
        apply(row, {"is_active": False}, saving, f"rota {slug}")


def _state(rota: Rota | None) -> tuple[object, ...]:
    """What a rota says, to see whether saving changed it. 1 query."""
    return (rota.name, rota.is_active, rota.versions.order_by("valid_from", "id").last()) if rota else ()


def _with_members(rule: Mapping[str, Any], name: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the rule with its people by other names."""
    layers = [{**layer, "members": [name(member) for member in layer["members"]]} for layer in rule["layers"]]
    return {**rule, "layers": layers}


def _dump_rotas(desk: Desk) -> Mapping[str, Any]:
    rows = Rota.objects.filter(scope=desk.slug, is_active=True).order_by("id")
    return {"rotas": [_dump_rota(row, desk.timezone) for row in rows]}


def _dump_rota(rota: Rota, zone: str) -> dict[str, Any]:
    newest = rota_spec.parse(rota.versions.latest("valid_from", "id").rule)
    emails = dict(User.objects.filter(pk__in=newest.people).values_list("pk", "email"))
    rule = _with_members(rota_spec.as_json(newest), emails.__getitem__)
    return {
        "slug": rota.slug,
        "name": rota.name,
        "timezone": rota.timezone if rota.timezone != zone else None,
        "outside": rule["outside"],
        "layers": [{key: layer[key] for key in _LAYER if key in layer} for layer in rule["layers"]],
    }


_LAYER: Final = ("name", "rotation", "members", "days", "handoffs", "start", "hours")
ROTAS: Final = Section("rotas", frozenset({"rotas"}), _check_rotas, _save_rotas, _dump_rotas)
