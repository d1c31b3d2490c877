"""Usage kept in a spreadsheet: what each row says, or why it cannot be read.

Columns: the RFC, either stamps used or a balance, when, and a reference; a product where an RFC has several accounts.
A day without an hour is its midnight. Values in, values out: no rows of the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clients import rfc as rfc_rules
from core.errors import Invalid
from files import tables

MOST: Final = 1_000_000_000
MOST_REFERENCE: Final = 120
AHEAD: Final = timedelta(minutes=5)
# column -> headings that are understood, as `files.tables.key` writes them
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "rfc": ("rfc",),
    "used": ("used", "usados", "timbres usados", "consumo"),
    "balance": ("balance", "saldo"),
    "at": ("at", "fecha", "fecha y hora", "momento"),
    "reference": ("reference", "referencia"),
    "product": ("product", "producto"),
}
_DAY: Final = re.compile(r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ T]+(.+))?$")
_HOUR: Final = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$")
_NUMBER: Final = re.compile(r"^-?\d+(?:\.0+)?$")


@dataclass(frozen=True, slots=True)
class Line:
    """A row that was understood; exactly one of `used` and `balance` is there."""

    line: int
    rfc: str
    product: str
    used: int | None
    balance: int | None
    at: datetime
    reference: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that was not, and why."""

    line: int
    text: str

    def as_json(self) -> dict[str, Any]:
        return {"line": self.line, "text": self.text}


def read(data: bytes, *, zone: ZoneInfo, now: datetime) -> tuple[list[Line], list[Fault]]:
    """Read a file as `files.tables` does. Raises Invalid on `file`, also where a column is missing."""
    table = tables.read(data)
    columns = {name: next((h for h in table.headings if h in known), None) for name, known in HEADINGS.items()}
    missing = [name for name in ("rfc", "at", "reference") if columns[name] is None]
    if columns["used"] is None and columns["balance"] is None:
        missing.insert(1, "used")
    if missing:
        names = ", ".join(f"«{HEADINGS[name][-1]}»" for name in missing)
        raise Invalid.field("file", "missing_columns", _("The file lacks these columns: %s.") % names)
    lines: list[Line] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str, str], Line] = {}
    for row in table.rows:
        cells = {name: row.cells.get(heading, "") if heading else "" for name, heading in columns.items()}
        try:
            line = _line(row.line, cells, zone=zone, now=now)
        except Invalid as wrong:
            faults.append(Fault(row.line, " ".join(str(error.message) for error in wrong.errors)))
            continue
        first = seen.setdefault((line.rfc, line.product, line.reference), line)
        if first is not line:
            faults.append(Fault(row.line, _("The reference is the same as in row %d.") % first.line))
        else:
            lines.append(line)
    return lines, faults


def _line(number: int, cells: Mapping[str, str], *, zone: ZoneInfo, now: datetime) -> Line:
    """One row. Raises Invalid with every mistake of it."""
    errors = []
    values: dict[str, Any] = {}
    for name, parse in (
        ("rfc", lambda: rfc_rules.check(cells["rfc"]).rfc),
        ("amount", lambda: _amount(cells["used"], cells["balance"])),
        ("at", lambda: _instant(cells["at"], zone, now)),
        ("reference", lambda: _reference(cells["reference"])),
    ):
        try:
            values[name] = parse()
        except Invalid as wrong:
            errors += wrong.errors
    if errors:
        raise Invalid(errors=errors)
    used, balance = values["amount"]
    return Line(number, values["rfc"], cells["product"], used, balance, values["at"], values["reference"])


def _amount(used: str, balance: str) -> tuple[int | None, int | None]:
    if bool(used) == bool(balance):
        raise Invalid.field("used", "one_of_two", _("Write either the stamps used or the balance, not both."))
    if not used:
        return None, _whole(balance)
    found = _whole(used)
    if found <= 0:
        raise Invalid.field("used", "min_value", _("The stamps used are more than zero."))
    return found, None


def _whole(text: str) -> int:
    plain = re.sub(r"[,\s]", "", text).replace("−", "-")
    if not _NUMBER.match(plain) or abs(float(plain)) > MOST:
        raise Invalid.field("used", "invalid", _("“%s” is not a whole number of stamps.") % text[:40])
    return int(plain.partition(".")[0])


def _reference(text: str) -> str:
    if not text:
        raise Invalid.field(
            "reference", "required", _("The reference is missing: without it a row is not safe to repeat.")
        )
    if len(text) > MOST_REFERENCE:
        raise Invalid.field(
            "reference", "max_length", _("The reference is longer than %d characters.") % MOST_REFERENCE
        )
    return text


def _instant(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """`2026-11-17T10:42:00-06:00`, `2026-11-17 10:42`, `17/11/2026 10:42`, `17/11/2026`; local by default."""
    if not text:
        raise Invalid.field("at", "required", _("The date is missing."))
    try:
        found = _parsed(text)
    except ValueError:
        message = _("“%s” is not a date: write it as 17/11/2026 10:42.")
        raise Invalid.field("at", "invalid", message % text[:40]) from None
    found = found if found.tzinfo else found.replace(tzinfo=zone)
    if not 2000 <= found.year <= 2100:
        raise Invalid.field("at", "invalid", _("“%s” is not a date: write it as 17/11/2026 10:42.") % text[:40])
    if found > now + AHEAD:
        raise Invalid.field("at", "in_the_future", _("“%s” is still to come.") % text[:40])
    return found


def _parsed(text: str) -> datetime:
    """Raises ValueError."""
    day = _DAY.match(text)
    if day is None:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    hour = _HOUR.match(day[4] or "0:00")
    if hour is None:
        raise ValueError(text)
    clock = time(int(hour[1]), int(hour[2]), int(hour[3] or 0))
    return datetime.combine(date(int(day[3]), int(day[2]), int(day[1])), clock)
