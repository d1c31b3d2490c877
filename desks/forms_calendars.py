"""The form of a calendar: weekly hours, closures and extra openings as rows that work without script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, Self

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from core import localtime
from core.errors import Invalid
from desks import peakdays
from desks.peakdays import Rule
from schedules import calendar_spec
from schedules.hours import Closure, ExtraOpening, Spec

# Where the clocks of Mexico differ; the calendar's own zone is offered too.
ZONES: Final = (
    "America/Mexico_City", "America/Cancun", "America/Merida", "America/Monterrey", "America/Matamoros",
    "America/Chihuahua", "America/Ciudad_Juarez", "America/Ojinaga", "America/Mazatlan", "America/Bahia_Banderas",
    "America/Hermosillo", "America/Tijuana",
)  # fmt: skip
SHOWN_BACK: Final = timedelta(days=31)  # older closures and openings are kept, but not shown
MOST_ROWS: Final = 150
MOST_STRETCHES: Final = 8
_SHORT_TIME: Final = re.compile(r"[0-9]:[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class Shape:
    """How many rows the form has: stretches of each weekday, closures, extra openings."""

    hours: tuple[int, ...]
    closures: int
    extras: int

    @classmethod
    def of(cls, spec: Spec) -> Self:
        """As many rows as the timetable has, and one to write in."""
        stretches = tuple(max(1, sum(row.weekday == day for row in spec.hours)) for day in range(7))
        return cls(stretches, len(spec.closures) + 1, len(spec.extra_openings) + 1)

    @classmethod
    def sent(cls, data: Mapping[str, Any]) -> Self:
        """The rows of a form that came back; what lies above the bounds was not made by our page."""

        def count(prefix: str, last: str, most: int) -> int:
            return next(n for n in range(most + 1) if n == most or f"{prefix}-{n}-{last}" not in data)

        stretches = tuple(max(1, count(f"hours-{day}", "opens", MOST_STRETCHES)) for day in range(7))
        return cls(stretches, count("closures", "date", MOST_ROWS), count("extras", "date", MOST_ROWS))

    def with_one_more(self, what: str) -> Shape:
        """One row more of `closures`, `extras` or `hours-<weekday>`; anything else changes nothing."""
        if what == "closures":
            return replace(self, closures=min(MOST_ROWS, self.closures + 1))
        if what == "extras":
            return replace(self, extras=min(MOST_ROWS, self.extras + 1))
        name, _dash, day = what.partition("-")
        if name != "hours" or day not in {"0", "1", "2", "3", "4", "5", "6"}:
            return self
        more = (min(MOST_STRETCHES, n + (str(index) == day)) for index, n in enumerate(self.hours))
        return replace(self, hours=tuple(more))


def split(spec: Spec, today: date) -> tuple[Spec, Spec]:
    """Return what the form shows, and the closures and openings of long ago, which stay as they are."""
    cut = today - SHOWN_BACK
    shown = replace(
        spec,
        closures=tuple(row for row in spec.closures if row.on >= cut),
        extra_openings=tuple(row for row in spec.extra_openings if row.on >= cut),
    )
    old = replace(
        spec,
        closures=tuple(row for row in spec.closures if row.on < cut),
        extra_openings=tuple(row for row in spec.extra_openings if row.on < cut),
    )
    return shown, old


def ordered(spec: Spec) -> Spec:
    """The same timetable with its rows in order, to compare two of them."""

    def place(row: Closure | ExtraOpening) -> tuple[date, int]:
        window = row.window if isinstance(row, Closure) else row.interval
        return row.on, window.opens if window else -1

    return replace(
        spec,
        hours=tuple(sorted(spec.hours, key=lambda row: (row.weekday, row.interval.opens, row.interval.closes))),
        closures=tuple(sorted(spec.closures, key=place)),
        extra_openings=tuple(sorted(spec.extra_openings, key=place)),
    )


def initial_of(spec: Spec) -> dict[str, Any]:
    """The values that the form begins with."""
    values: dict[str, Any] = {"timezone": spec.timezone, "holidays": spec.holidays is not None}
    document = calendar_spec.as_json(ordered(spec))
    seen = [0] * 7
    for row in document["hours"]:
        day = row["weekday"]
        values |= {f"hours-{day}-{seen[day]}-{key}": row[key] for key in ("opens", "closes")}
        seen[day] += 1
    for name, rows in (("closures", document["closures"]), ("extras", document["extra_openings"])):
        for n, row in enumerate(rows):
            values |= {f"{name}-{n}-{key}": value for key, value in row.items()}
    return values


class CalendarForm(forms.Form):
    """A calendar as a person edits it. After `is_valid` the timetable is `spec`; `old` is added to what was shown."""

    valid_from = forms.DateField(
        label=_("Holds from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    timezone = forms.ChoiceField(label=_("Time zone"))
    holidays = forms.BooleanField(label=_("Closed on the mandatory rest days of Mexico"), required=False)
    base = forms.IntegerField(widget=forms.HiddenInput)
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, shape: Shape, old: Spec, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shape, self.old = shape, old
        self.spec: Spec | None = None
        zone_names = dict.fromkeys([*ZONES, old.timezone])
        self._choose("timezone", [(name, name.removeprefix("America/").replace("_", " ")) for name in zone_names])
        for prefix, words in self._prefixes():
            for key, label in words.items():
                self.fields[f"{prefix}-{key}"] = self._text(key, label)

    def _choose(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        found = self.fields[name]
        assert isinstance(found, forms.ChoiceField)  # noqa: S101 - declared above
        found.choices = choices

    @staticmethod
    def _text(key: str, label: str) -> forms.CharField:
        attrs = {"aria-label": label, "autocomplete": "off"}
        if key == "date":
            return forms.CharField(
                label=label,
                required=False,
                widget=forms.DateInput(attrs={**attrs, "type": "date", "class": "input sm"}),
            )
        if key == "name":
            attrs |= {"class": "input sm", "maxlength": str(calendar_spec.MAX_NAME)}
        else:
            attrs |= {"class": "input sm num hm", "inputmode": "numeric", "maxlength": "5", "placeholder": "00:00"}
        return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attrs))

    def _prefixes(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Each row's prefix with the fields that it has and how they are called aloud."""
        for day, n_stretches in enumerate(self.shape.hours):
            for n in range(n_stretches):
                where = {"day": localtime.WEEKDAYS[day].capitalize(), "n": n + 1}
                yield (
                    f"hours-{day}-{n}",
                    {
                        "opens": str(_("%(day)s, stretch %(n)d, opens") % where),
                        "closes": str(_("%(day)s, stretch %(n)d, closes") % where),
                    },
                )
        for n in range(self.shape.closures):
            yield (
                f"closures-{n}",
                {
                    "date": str(_("Closure %d, date") % (n + 1)),
                    "name": str(_("Closure %d, name") % (n + 1)),
                    "opens": str(_("Closure %d, from") % (n + 1)),
                    "closes": str(_("Closure %d, until") % (n + 1)),
                },
            )
        for n in range(self.shape.extras):
            yield (
                f"extras-{n}",
                {
                    "date": str(_("Extra opening %d, date") % (n + 1)),
                    "opens": str(_("Extra opening %d, opens") % (n + 1)),
                    "closes": str(_("Extra opening %d, closes") % (n + 1)),
                },
            )

    # --- rows for the template

    def week(self) -> Iterator[dict[str, Any]]:
        for day, n_stretches in enumerate(self.shape.hours):
            yield {
                "day": day,
                "name": localtime.WEEKDAYS[day].capitalize(),
                "stretches": [self._row(f"hours-{day}-{n}", "opens", "closes") for n in range(n_stretches)],
                "add": n_stretches < MOST_STRETCHES,
            }

    def closure_rows(self) -> list[dict[str, Any]]:
        return [self._row(f"closures-{n}", "date", "name", "opens", "closes") for n in range(self.shape.closures)]

    def extra_rows(self) -> list[dict[str, Any]]:
        return [self._row(f"extras-{n}", "date", "opens", "closes") for n in range(self.shape.extras)]

    def _row(self, prefix: str, *keys: str) -> dict[str, Any]:
        bound: dict[str, BoundField] = {key: self[f"{prefix}-{key}"] for key in keys}
        faults = [field for field in bound.values() if field.errors]
        return {**bound, "faults": faults}

    # --- reading

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        paths: dict[str, str] = {}
        document: dict[str, Any] = {
            "timezone": values.get("timezone") or self.old.timezone,
            "holidays": "MX" if values.get("holidays") else None,
            "hours": [],
            "closures": [],
            "extra_openings": [],
        }
        for prefix, keys in self._prefixes():
            row = {key: _typed(values.get(f"{prefix}-{key}", "")) for key in keys}
            if any(row.values()):
                self._put(document, paths, prefix, row)
        try:
            spec = calendar_spec.parse(document)
        except Invalid as refused:
            self._refuse(refused, paths)
        else:
            self.spec = replace(
                spec,
                closures=(*self.old.closures, *spec.closures),
                extra_openings=(*self.old.extra_openings, *spec.extra_openings),
            )
        return values

    @staticmethod
    def _put(document: dict[str, Any], paths: dict[str, str], prefix: str, row: dict[str, Any]) -> None:
        """Add the row to the document and remember which fields of the form it came from."""
        name = prefix.split("-")[0]
        section = "extra_openings" if name == "extras" else name
        if name == "hours":
            row = {"weekday": int(prefix.split("-")[1]), **row}
        elif name == "closures" and not row["opens"] and not row["closes"]:
            row = {"date": row["date"], "name": row["name"]}
        paths[f"{section}.{len(document[section])}"] = prefix
        document[section].append(row)

    def _refuse(self, refused: Invalid, paths: Mapping[str, str]) -> None:
        for error in refused.errors:
            place, _dot, key = error.field.rpartition(".")
            if place in paths and f"{paths[place]}-{key}" in self.fields:
                name = f"{paths[place]}-{key}"
                self.add_error(name, f"{self.fields[name].label}: {error.message}")
            else:
                self.add_error(error.field if error.field in self.fields else None, str(error.message))


def _typed(text: str) -> str:
    """What a person typed, `9:00` as 09:00."""
    text = text.strip()
    return f"0{text}" if _SHORT_TIME.fullmatch(text) else text


# ------------------------------------------------------------------ busy days


class PeakDaysForm(forms.Form):
    """Rules as boxes, days of the month as numbers, dates a line each. After `is_valid` they are `rules`."""

    quincena = forms.BooleanField(label=_("Quincena: the 15th and the last day of the month"), required=False)
    month_end = forms.BooleanField(label=_("Month end: the last day"), required=False)
    days = forms.CharField(
        label=_("Days of every month"),
        required=False,
        max_length=400,
        help_text=_("A line each: 17 monthly returns. The name may be left out."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    dates = forms.CharField(
        label=_("Dates"),
        required=False,
        max_length=6000,
        help_text=_("A line each: 2027-04-30 yearly return."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    rules: tuple[Rule, ...] = ()

    @staticmethod
    def initial_of(rules: Sequence[Rule]) -> dict[str, Any]:
        """The values that stand for the rules."""
        return {
            "quincena": any(rule.rule == peakdays.QUINCENA for rule in rules),
            "month_end": any(rule.rule == peakdays.MONTH_END for rule in rules),
            "days": "\n".join(f"{rule.day} {rule.name}".strip() for rule in rules if rule.rule == peakdays.DAY),
            "dates": "\n".join(f"{rule.on} {rule.name}".strip() for rule in rules if rule.rule == peakdays.DATE),
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        lines = [("days", *line) for line in _lines(values.get("days", ""))]
        lines += [("dates", *line) for line in _lines(values.get("dates", ""))]
        rows: list[dict[str, Any]] = [_peak_row(*line) for line in lines]
        rows += [{"rule": name} for name in (peakdays.QUINCENA, peakdays.MONTH_END) if values.get(name)]
        try:
            self.rules = peakdays.parse(rows)
        except Invalid as refused:
            for error in refused.errors:
                place = error.field.split(".")
                index = int(place[1]) if len(place) > 1 else 0
                field, first, _name = lines[index] if index < len(lines) else ("days", "", "")
                self.add_error(field, f"{first}: {error.message}" if first else str(error.message))
        return values


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """What stands first in each line, and the rest of it."""
    for line in text.splitlines():
        first, _space, rest = line.strip().partition(" ")
        if first:
            yield first, rest.strip()


def _peak_row(field: str, first: str, name: str) -> dict[str, Any]:
    if field == "dates":
        return {"rule": peakdays.DATE, "date": first, "name": name}
    number = int(first) if first.isascii() and first.isdigit() and len(first) < 3 else first
    return {"rule": peakdays.DAY, "day": number, "name": name}
