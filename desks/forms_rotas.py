"""Forms of *Guardias*: a window with a person, and the rule of the rota."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fields import FIRST_YEAR, LAST_YEAR
from core.errors import FieldError
from desks.config import Member
from schedules.calendar_spec import clock
from schedules.rota_spec import LayerSpec, Rule

ROTATIONS: Final = (
    ("weekly", gettext_lazy("weekly")),
    ("daily", gettext_lazy("daily")),
    ("custom", gettext_lazy("days of each person")),
)
_CLOCK: Final = re.compile(r"^\s*(\d{1,2})[:.]?(\d{2})\s*$")


class DayField(forms.DateField):
    """A day of which instants can be made and reckoned with."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise forms.ValidationError(_("The date lies too far away."), code="out_of_range")


class ClockField(forms.CharField):
    """An hour as people type it (`9:00`, `0900`, `24:00`), as `HH:MM`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=5, widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "hm"}), **kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        found = _CLOCK.match(text)
        if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > 1440:
            raise forms.ValidationError(_("Write the hour as 19:00."), code="invalid_time")
        return f"{int(found[1]):02d}:{found[2]}"


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class WindowForm(forms.Form):
    """Who, from when until when, in the desk's zone."""

    person = forms.TypedChoiceField(label=gettext_lazy("Person"), coerce=int)
    start_on = DayField(label=gettext_lazy("From, day"), widget=DateInput())
    start_at = ClockField(label=gettext_lazy("From, hour"))
    end_on = DayField(label=gettext_lazy("Until, day"), widget=DateInput())
    end_at = ClockField(label=gettext_lazy("Until, hour"))
    note = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, people: Sequence[Member], zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["person"].choices = [(member.user_id, member.name) for member in people]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the actions take: person, two instants, the note."""
        data = self.cleaned_data
        return {
            "user_id": data["person"],
            "start_at": instant(data["start_on"], data["start_at"], self.zone),
            "end_at": instant(data["end_on"], data["end_at"], self.zone),
            "note": data["note"],
        }


def instant(day: date, hhmm: str, zone: ZoneInfo) -> datetime:
    """The instant of a local hour; 24:00 is the midnight that ends the day."""
    if hhmm == "24:00":
        return datetime.combine(day + timedelta(days=1), time(0), zone)
    return datetime.combine(day, time.fromisoformat(hhmm), zone)


def window_initial(start: datetime, end: datetime, zone: ZoneInfo) -> dict[str, Any]:
    first, last = start.astimezone(zone), end.astimezone(zone)
    return {
        "start_on": first.date(),
        "start_at": f"{first:%H:%M}",
        "end_on": last.date(),
        "end_at": f"{last:%H:%M}",
    }


# ------------------------------------------------------------------ the rule


class RuleForm(forms.Form):
    """The rule of a rota: layers in order, each with people by their place. A layer without people is left out."""

    name = forms.CharField(label=gettext_lazy("Name of the rota"), max_length=120)
    outside = forms.BooleanField(
        label=gettext_lazy("Nobody is on call while the office is open"),
        required=False,
    )
    base = forms.IntegerField(widget=forms.HiddenInput, required=False)
    layers = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=10)

    def __init__(self, *args: Any, people: Sequence[Member], n_layers: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people, self.n_layers = people, n_layers
        for n in range(n_layers):
            self.fields.update(_layer_fields(n, people))

    def layer_rows(self) -> Iterator[Mapping[str, Any]]:
        """The layers as the page draws them."""
        for n in range(self.n_layers):
            yield {
                "title": _("Layer %d") % (n + 1),
                "fields": [self[f"l{n}-{name}"] for name in ("name", "rotation", "handoffs", "start")],
                "people": [
                    {
                        "name": member.name,
                        "place": self[f"l{n}-place-{member.user_id}"],
                        "days": self[f"l{n}-days-{member.user_id}"],
                    }
                    for member in self.people
                ],
            }

    def rule(self, kept: Rule | None, outside: str | None) -> dict[str, Any]:
        """The rule as `schedules.rota_spec` reads it. Hours of a layer, which only the file sets, are kept."""
        rows = [row for n in range(self.n_layers) if (row := self._layer(n, kept))]
        return {"layers": rows, "outside": outside if self.cleaned_data["outside"] else None}

    def _layer(self, n: int, kept: Rule | None) -> dict[str, Any] | None:
        data = self.cleaned_data
        placed = [
            (data[f"l{n}-place-{member.user_id}"], member.user_id)
            for member in self.people
            if data.get(f"l{n}-place-{member.user_id}")
        ]
        if not placed:
            return None
        members = [user_id for _place, user_id in sorted(placed)]
        handoffs = [part.strip() for part in re.split(r"[,; ]+", data[f"l{n}-handoffs"]) if part.strip()]
        row: dict[str, Any] = {
            "name": data[f"l{n}-name"] or _("Layer %d") % (n + 1),
            "rotation": data[f"l{n}-rotation"] or "weekly",
            "members": members,
            "handoffs": [_as_clock(part) for part in handoffs],
            "start": data[f"l{n}-start"].isoformat() if data[f"l{n}-start"] else "",
        }
        if row["rotation"] == "custom":
            row["days"] = [data.get(f"l{n}-days-{user_id}") or 1 for user_id in members]
        if kept is not None and n < len(kept.layers) and kept.layers[n].hours:
            row["hours"] = [
                {"weekday": one.weekday, "opens": clock(one.interval.opens), "closes": clock(one.interval.closes)}
                for one in kept.layers[n].hours
            ]
        return row

    def adopt(self, errors: Sequence[FieldError]) -> None:
        """Put what the rule refused beside its field, what has none above the form."""
        for error in errors:
            parts = error.field.split(".")
            name = f"l{parts[1]}-{parts[2]}" if len(parts) > 2 and parts[0] == "layers" else error.field
            self.add_error(name if name in self.fields else None, str(error.message))


def _as_clock(text: str) -> str:
    found = _CLOCK.match(text)
    return f"{int(found[1]):02d}:{found[2]}" if found else text


def _layer_fields(n: int, people: Sequence[Member]) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {
        f"l{n}-name": forms.CharField(label=_("Name"), max_length=120, required=False),
        f"l{n}-rotation": forms.ChoiceField(label=_("Rotation"), choices=ROTATIONS, required=False),
        f"l{n}-handoffs": forms.CharField(
            label=_("Hand-off hours"),
            max_length=200,
            required=False,
            help_text=_("09:00; a daily rotation may have several: 07:00, 15:00, 23:00."),
        ),
        f"l{n}-start": forms.DateField(
            label=_("First day"), widget=DateInput(), required=False, help_text=_("The first person begins on it.")
        ),
    }
    for member in people:
        fields[f"l{n}-place-{member.user_id}"] = forms.IntegerField(
            label=_("Place of %s") % member.name,
            min_value=1,
            max_value=100,
            required=False,
            widget=forms.NumberInput(attrs={"class": "input sm"}),
        )
        fields[f"l{n}-days-{member.user_id}"] = forms.IntegerField(
            label=_("Days of %s") % member.name,
            min_value=1,
            max_value=366,
            required=False,
            widget=forms.NumberInput(attrs={"class": "input sm"}),
        )
    return fields


def rule_initial(name: str, rule: Rule | None, base: int | None, n_layers: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": name,
        "outside": rule is None or rule.outside is not None,
        "base": base,
        "layers": n_layers,
    }
    for n, layer in enumerate(rule.layers if rule else ()):
        values.update(_layer_initial(n, layer))
    return values


def _layer_initial(n: int, layer: LayerSpec) -> dict[str, Any]:
    values: dict[str, Any] = {
        f"l{n}-name": layer.name,
        f"l{n}-rotation": layer.rotation,
        f"l{n}-handoffs": ", ".join(clock(handoff) for handoff in layer.handoffs),
        f"l{n}-start": layer.start,
    }
    for place, user_id in enumerate(layer.members, start=1):
        values.setdefault(f"l{n}-place-{user_id}", place)
        if layer.rotation == "custom":
            values[f"l{n}-days-{user_id}"] = layer.days[place - 1]
    return values
