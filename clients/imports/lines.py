"""A row of the file as values: which column means what, and what is wrong with a cell, in words. No database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clients import phones, rfc, sat
from core import emails
from core.errors import FieldError, Invalid, Text
from files import tables
from files.tables import Row, Table

# What a column is for -> the headings under which people keep it; the first is the one of the template.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "company": ("Empresa", "Cliente", "Nombre comercial", "Nombre de la empresa"),
    "rfc": ("RFC", "RFC de la empresa"),
    "legal_name": ("Razón social", "Denominación", "Nombre fiscal"),
    "regimen": ("Régimen", "Régimen fiscal"),
    "postal_code": ("CP", "Código postal", "C.P."),
    "branch": ("Sucursal",),
    "branch_address": ("Dirección", "Domicilio", "Dirección de la sucursal"),
    "contact": ("Contacto", "Nombre del contacto", "Nombre"),
    "email": ("Correo", "Email", "E-mail", "Correo electrónico"),
    "phone": ("Teléfono", "Tel", "Celular", "Móvil", "WhatsApp"),
    "scope": ("Alcance", "Ve"),
    "plan": ("Plan", "Contrato"),
    "starts_on": ("Inicio", "Desde", "Vigencia desde", "Inicio del contrato"),
    "ends_on": ("Fin", "Hasta", "Vigencia hasta", "Fin del contrato"),
    "executive": ("Ejecutivo", "Ejecutivo de cuenta", "Correo del ejecutivo"),
}
_MEANS: Final = {tables.key(name): column for column, names in COLUMNS.items() for name in names}
_WHOLE_COMPANY: Final = frozenset({"empresa", "toda la empresa", "todos", "todo"})
_OWN: Final = frozenset({"", "propios", "propio", "solo los suyos", "suyos"})
_LONGEST: Final = {"company": 200, "legal_name": 254, "branch": 120, "branch_address": 254, "contact": 160}
_DAY: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")


@dataclass(frozen=True, slots=True)
class Line:
    """A row that can be used, or what is wrong with it. `scope`, `phone` (E.164) and dates as the tables keep them."""

    number: int
    company: str = ""
    rfc: str = ""
    legal_name: str = ""
    regimen: str = ""
    postal_code: str = ""
    branch: str = ""
    branch_address: str = ""
    contact: str = ""
    email: str = ""
    phone: str = ""
    scope: str = "own"
    plan: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    executive: str = ""
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[Text, ...] = ()


@dataclass(slots=True)
class _Reading:
    """One row while it is read: its cells by column, and what was found wrong."""

    cells: Mapping[str, str]
    errors: list[FieldError] = field(default_factory=list)
    warnings: list[Text] = field(default_factory=list)

    def refuse(self, column: str, code: str, message: Text) -> None:
        self.errors.append(FieldError(column, code, message))

    def take(self, column: str, parse: Callable[[str], Any], empty: Any = "") -> Any:
        """The cell, parsed; `empty` where there is none or it is refused."""
        cell = self.cells.get(column, "")
        if not cell:
            return empty
        try:
            return parse(cell)
        except Invalid as wrong:
            self.errors += [FieldError(column, one.code, one.message) for one in wrong.errors]
            return empty


def unknown_headings(table: Table) -> list[str]:
    """The columns that mean nothing here, as their headings read."""
    return [name for name in table.headings if name not in _MEANS]


def read(table: Table) -> list[Line]:
    """Return a line a row, in order. Raises Invalid (`no_company_column`, `repeated_heading`) on `file`."""
    columns = [_MEANS[name] for name in table.headings if name in _MEANS]
    if not {"company", "rfc"} & set(columns):
        raise Invalid.field(
            "file", "no_company_column", _("The file needs a column “Empresa” or “RFC”; its first row names them.")
        )
    twice = sorted({COLUMNS[column][0] for column in columns if columns.count(column) > 1})
    if twice:
        raise Invalid.field("file", "repeated_heading", _("Two columns mean the same: %s.") % ", ".join(twice))
    return [_line(row) for row in table.rows]


def _line(row: Row) -> Line:
    reading = _Reading({_MEANS[name]: cell for name, cell in row.cells.items() if name in _MEANS})
    line = Line(
        number=row.line,
        rfc=reading.take("rfc", _rfc),
        regimen=reading.take("regimen", _regimen),
        postal_code=reading.take("postal_code", _postal_code),
        email=reading.take("email", _email),
        phone=reading.take("phone", lambda cell: str(phones.parse(cell).as_e164)),
        scope=reading.take("scope", _scope, "own"),
        plan=reading.cells.get("plan", ""),
        starts_on=reading.take("starts_on", _day, None),
        ends_on=reading.take("ends_on", _day, None),
        executive=reading.take("executive", _email).lower(),
        **{column: reading.take(column, _bounded(longest)) for column, longest in _LONGEST.items()},
    )
    _judge(line, reading)
    return replace(line, errors=tuple(reading.errors), warnings=tuple(reading.warnings))


def _judge(line: Line, reading: _Reading) -> None:
    """What no cell says alone."""
    has = reading.cells.get
    if not line.company and not has("rfc"):
        reading.refuse("company", "required", _("Say whose row this is: a company or an RFC."))
    if line.rfc and rfc.check(line.rfc).flag == "check_digit":
        reading.warnings.append(_("%s: its check digit does not match. Look whether it is written right.") % line.rfc)
    if not line.rfc and (line.legal_name or line.regimen or line.postal_code) and not has("rfc"):
        reading.refuse("rfc", "required", _("Name in law, regime and postal code belong to an RFC: write it."))
    if line.contact and not has("email") and not has("phone"):
        reading.refuse("email", "unreachable", _("Write an e-mail address or a telephone number of the contact."))
    if not line.contact and (line.email or line.phone):
        reading.refuse("contact", "required", _("Write the name of the contact."))
    if line.branch_address and not line.branch:
        reading.refuse("branch", "required", _("Write the name of the branch that has this address."))
    if not line.plan and (line.starts_on or line.ends_on):
        reading.refuse("plan", "required", _("Write the plan that these dates belong to."))
    if line.starts_on and line.ends_on and line.ends_on < line.starts_on:
        reading.refuse("ends_on", "before_start", _("The contract ends before it begins."))


def _bounded(longest: int) -> Callable[[str], str]:
    def parse(cell: str) -> str:
        if len(cell) > longest:
            raise Invalid.field("", "max_length", _("At most %(limit)d characters.") % {"limit": longest})
        return cell

    return parse


def _rfc(cell: str) -> str:
    checked = rfc.check(cell)
    if checked.flag == "generic":
        raise Invalid.field("", "generic_rfc", _("%s is the generic RFC: it stands for no company.") % checked.rfc)
    return checked.rfc


def _regimen(cell: str) -> str:
    code = cell[:3]
    if code not in sat.REGIMENES:
        raise Invalid.field("", "unknown", _("“%s” begins with no code of the tax office, such as 601.") % cell[:40])
    return code


def _postal_code(cell: str) -> str:
    code = cell.zfill(5) if len(cell) == 4 else cell  # a spreadsheet took 06600 for a number
    if not re.fullmatch(r"\d{5}", code, re.ASCII):
        raise Invalid.field("", "postal_code", _("A postal code has 5 digits."))
    return code


def _email(cell: str) -> str:
    try:
        emails.validate(cell)
    except ValidationError as wrong:
        raise Invalid.field("", "email", _("“%s” is not an e-mail address.") % cell[:60]) from wrong
    return cell


def _scope(cell: str) -> str:
    word = tables.key(cell)
    if word in _WHOLE_COMPANY:
        return "company"
    if word in _OWN:
        return "own"
    raise Invalid.field("", "invalid_choice", _("Write “empresa” (all its tickets) or “propios” (their own)."))


def _day(cell: str) -> date:
    """A day as a workbook keeps it or as people here write it: 2026-03-01, 01/03/2026."""
    found = _DAY.fullmatch(cell)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(cell)
    except ValueError as wrong:
        raise Invalid.field("", "invalid_date", _("Write the day as 01/03/2026.")) from wrong
