"""*Días pico*: days on which a desk of invoicing software is busier, as rules and dates. Pure.

Days are local dates as the calendar has them: a rule does not move to the next business day, since that a peak falls on
a closed one is what a manager wants to see.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import FieldError, Invalid, Text

DAY: Final = "day"  # that day of every month; 31 only of the long ones
QUINCENA: Final = "quincena"  # the 15th and the last day of the month: pay days
MONTH_END: Final = "month_end"
DATE: Final = "date"
RULES: Final = (DAY, QUINCENA, MONTH_END, DATE)
MOST: Final = 60
LONGEST_NAME: Final = 80
_KEYS: Final[Mapping[str, frozenset[str]]] = {
    DAY: frozenset({"rule", "day", "name"}),
    QUINCENA: frozenset({"rule", "name"}),
    MONTH_END: frozenset({"rule", "name"}),
    DATE: frozenset({"rule", "date", "name"}),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A day of the month, one of the two rules with a name, or a date."""

    rule: str
    day: int = 0
    on: date | None = None
    name: str = ""

    def falls_on(self, day: date) -> bool:
        last = monthrange(day.year, day.month)[1]
        match self.rule:
            case "day":
                return day.day == self.day
            case "quincena":
                return day.day in (15, last)
            case "month_end":
                return day.day == last
            case _:
                return day == self.on

    @property
    def label(self) -> str:
        """How the day is called: the name that it was given, else what it is."""
        if self.name:
            return self.name
        match self.rule:
            case "day":
                return _("day %d") % self.day
            case "quincena":
                return _("quincena")
            case "month_end":
                return _("month end")
            case _:
                return _("peak day")


def name_on(rules: Iterable[Rule], day: date) -> str:
    """Return why the day is a peak (`quincena, fin de mes`), nothing where it is none."""
    return ", ".join(dict.fromkeys(rule.label for rule in rules if rule.falls_on(day)))


def between(rules: Iterable[Rule], first: date, n: int) -> dict[date, str]:
    """Return the peak days of the `n` dates from `first` on, in order, each with its name."""
    rules = list(rules)
    named = ((day, name_on(rules, day)) for day in (first + timedelta(days=offset) for offset in range(n)))
    return {day: name for day, name in named if name}


# ------------------------------------------------------------------ as JSON, and as a file writes it


def parse(rows: object, path: str = "peak_days") -> tuple[Rule, ...]:
    """Return the rules of a list. Raises Invalid with every fault and its path."""
    faults: list[FieldError] = []
    if not isinstance(rows, list | tuple):
        raise Invalid.field(path, "not_a_list", _("This must be a list."))
    if len(rows) > MOST:
        raise Invalid.field(path, "too_many", _("There are too many rows."))
    found = [_rule(row, f"{path}.{index}", faults) for index, row in enumerate(rows)]
    if faults:
        raise Invalid(errors=faults)
    return tuple(dict.fromkeys(rule for rule in found if rule is not None))


def _rule(row: object, path: str, faults: list[FieldError]) -> Rule | None:
    def refuse(key: str, code: str, message: Text) -> None:
        faults.append(FieldError(f"{path}.{key}" if key else path, code, message))

    if not isinstance(row, Mapping):
        refuse("", "not_an_object", _("This must be an object."))
        return None
    kind = row.get("rule")
    if not isinstance(kind, str) or kind not in _KEYS:
        refuse("rule", "unknown", _KNOWN)
        return None
    for key in row.keys() - _KEYS[kind]:
        refuse(str(key)[:60], "unknown_name", _("The file of a desk knows no such name."))
    name = row.get("name") or ""
    if not isinstance(name, str) or len(name) > LONGEST_NAME or not name.isprintable():
        refuse("name", "invalid", _("This must be a short text."))
        name = ""
    return Rule(kind, _day(row, kind, refuse), _date(row, kind, refuse), name.strip())


_KNOWN: Final = gettext_lazy("A peak is a day, a quincena, a month_end or a date.")


def _day(row: Mapping[Any, Any], kind: str, refuse: Any) -> int:
    if kind != DAY:
        return 0
    day = row.get("day")
    if isinstance(day, bool) or not isinstance(day, int) or not 1 <= day <= 31:
        refuse("day", "invalid_day", _("Write a day of the month, from 1 to 31."))
        return 0
    return day


def _date(row: Mapping[Any, Any], kind: str, refuse: Any) -> date | None:
    if kind != DATE:
        return None
    value = row.get("date")
    try:
        day = value if type(value) is date else date.fromisoformat(value if isinstance(value, str) else "")
        if not 1970 <= day.year <= 2100:
            raise ValueError
    except ValueError:
        refuse("date", "invalid_date", _("Write the date as YYYY-MM-DD."))
        return None
    return day


def as_json(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return what `parse` reads, and no more than needed."""
    found = []
    for rule in rules:
        row: dict[str, Any] = {"rule": rule.rule}
        if rule.rule == DAY:
            row["day"] = rule.day
        if rule.on is not None:
            row["date"] = rule.on.isoformat()
        if rule.name:
            row["name"] = rule.name
        found.append(row)
    return found
