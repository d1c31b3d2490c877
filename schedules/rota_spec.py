"""The JSON of a rota's rule into layers and back:

    {"layers": [{"name": "Guardia", "rotation": "weekly", "members": [3, 8, 5], "handoffs": ["09:00"],
                 "start": "2026-01-05"}],
     "outside": "oficina"}

`rotation` is daily, weekly or custom (then `days`, one per member); a daily one may hand off several times a day.
`hours` (as in a calendar) restricts a layer to some windows. `outside` names the calendar of the same scope whose
open hours need nobody on call. The first layer that has somebody decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from schedules import zones
from schedules.businesstime import Hours, compile_hours
from schedules.calendar_spec import MAX_HOURS, Reader, clock
from schedules.hours import Spec, Weekly
from schedules.rotas import Layer

TURN_DAYS: Final = {"daily": 1, "weekly": 7}
MAX_LAYERS: Final = 10
MAX_MEMBERS: Final = 100
MAX_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One layer as entered. `days` has one entry per member, `hours` none for the whole week."""

    name: str
    rotation: str
    members: tuple[int, ...]
    days: tuple[int, ...]
    handoffs: tuple[int, ...]
    start: date
    hours: tuple[Weekly, ...] = ()

    def compile(self, timezone: str) -> Layer:
        windows: Hours | None = compile_hours(Spec(timezone, self.hours)) if self.hours else None
        return Layer(self.members, self.days, self.handoffs, self.start, zones.get(timezone), windows)


@dataclass(frozen=True, slots=True)
class Rule:
    layers: tuple[LayerSpec, ...]
    outside: str | None = None

    @property
    def people(self) -> frozenset[int]:
        return frozenset(member for layer in self.layers for member in layer.members)


def parse(data: Mapping[str, Any]) -> Rule:
    """Return the rule in `data`. Raises Invalid with every fault by field."""
    reader = _RotaReader()
    layers = reader.items(data, "layers", MAX_LAYERS, reader.layer)
    if not layers and not reader.errors:
        reader.refuse("layers", "required", _("A rota needs at least one layer."))
    outside = data.get("outside")
    if outside is not None:
        outside = reader.name("outside", outside)
    if reader.errors:
        raise Invalid(errors=reader.errors)
    return Rule(layers, outside)


def as_json(rule: Rule) -> dict[str, Any]:
    """Return the JSON that `parse` reads."""
    return {"layers": [_layer_json(layer) for layer in rule.layers], "outside": rule.outside}


def _layer_json(layer: LayerSpec) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": layer.name,
        "rotation": layer.rotation,
        "members": list(layer.members),
        "handoffs": [clock(handoff) for handoff in layer.handoffs],
        "start": layer.start.isoformat(),
    }
    if layer.rotation == "custom":
        row["days"] = list(layer.days)
    if layer.hours:
        row["hours"] = [
            {"weekday": one.weekday, "opens": clock(one.interval.opens), "closes": clock(one.interval.closes)}
            for one in layer.hours
        ]
    return row


class _RotaReader(Reader):
    def layer(self, path: str, row: Mapping[str, Any]) -> LayerSpec | None:
        before = len(self.errors)
        rotation = self.rotation(f"{path}.rotation", row.get("rotation"))
        members = self.numbers(f"{path}.members", row.get("members"), most=MAX_MEMBERS)
        days = self.days(path, rotation, row.get("days"), len(members))
        handoffs = self.handoffs(f"{path}.handoffs", rotation, row.get("handoffs"))
        start = self.day(f"{path}.start", row.get("start"))
        name = self.name(f"{path}.name", row.get("name"))
        hours = self.items({f"{path}.hours": row.get("hours")}, f"{path}.hours", MAX_HOURS, self.weekly)
        if start is None or len(self.errors) > before:
            return None
        return LayerSpec(name, rotation, members, days, handoffs, start, hours)

    def rotation(self, path: str, value: object) -> str:
        if value not in (*TURN_DAYS, "custom"):
            self.refuse(path, "unknown_rotation", _("A rotation is daily, weekly or custom."))
        return str(value)

    def numbers(self, path: str, value: object, *, most: int) -> tuple[int, ...]:
        """Read a list of positive numbers."""
        if not isinstance(value, list | tuple) or not value:
            self.refuse(path, "required", _("This list needs at least one entry."))
            return ()
        if len(value) > most:
            self.refuse(path, "too_many", _("There are too many rows."))
            return ()
        for number, item in enumerate(value):
            if isinstance(item, bool) or not isinstance(item, int) or item < 1:
                self.refuse(f"{path}.{number}", "invalid", _("This must be a positive number."))
                return ()
        return tuple(value)

    def days(self, path: str, rotation: str, value: object, members: int) -> tuple[int, ...]:
        if rotation != "custom":
            return (TURN_DAYS.get(rotation, 1),) * members
        days = self.numbers(f"{path}.days", value, most=MAX_MEMBERS)
        if days and len(days) != members:
            self.refuse(f"{path}.days", "wrong_length", _("Say the days of each person, one number per person."))
        if any(day > MAX_DAYS for day in days):
            self.refuse(f"{path}.days", "out_of_range", _("A turn lasts at most 366 days."))
        return days

    def handoffs(self, path: str, rotation: str, value: object) -> tuple[int, ...]:
        if not isinstance(value, list | tuple) or not value:
            self.refuse(path, "required", _("This list needs at least one entry."))
            return ()
        if len(value) > 24 or (len(value) > 1 and rotation != "daily"):
            self.refuse(path, "too_many", _("Only a daily rotation hands off more than once."))
            return ()
        times = [self.time(f"{path}.{number}", item) for number, item in enumerate(value)]
        known = [time for time in times if time is not None]
        if len(set(known)) < len(known):
            self.refuse(path, "repeated", _("The same hour stands here twice."))
        return tuple(sorted(known))
