"""An import as the page shows it: counts, what would change, what cannot be used. No queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.imports.lines import COLUMNS, Line
from clients.imports.planning import Change, Planned
from clients.models import Branch, Client, Contact, ContactLink, Contract, TaxId

Row = dict[str, Any]
SHOWN: Final = 50


def counts(summary: dict[str, int]) -> list[Row]:
    """What is new and what changes, by kind, in the words of the desk; kinds without either are left out."""
    names = (
        ("client", _("Companies")),
        ("taxid", "RFC"),
        ("branch", _("Branches")),
        ("contact", _("Contacts")),
        ("contactlink", _("Contacts joined to a company")),
        ("contract", _("Contracts")),
    )
    return [
        {"name": name, "new": summary.get(f"new_{kind}", 0), "changed": summary.get(f"changed_{kind}", 0)}
        for kind, name in names
        if summary.get(f"new_{kind}") or summary.get(f"changed_{kind}")
    ]


def refused(lines: Iterable[Line]) -> list[Row]:
    """Rows that cannot be used: their number, and a sentence a fault with the column that it stands in."""
    return [
        {
            "line": line.number,
            "what": line.company or line.rfc or line.contact,
            "faults": [{"column": COLUMNS[error.field][0], "text": str(error.message)} for error in line.errors],
        }
        for line in lines
        if line.errors
    ]


def warnings(lines: Iterable[Line]) -> list[Row]:
    return [{"line": line.number, "text": str(text)} for line in lines if not line.errors for text in line.warnings]


def changes(planned: Planned) -> tuple[list[Row], int]:
    """The first SHOWN things that would be done, companies first, and how many more there are."""
    rows = [*_made(planned), *(_changed(change) for change in planned.changes)]
    return rows[:SHOWN], max(0, len(rows) - SHOWN)


def _made(planned: Planned) -> Iterator[Row]:
    for kind, rows in planned.made.items():
        for row in rows:
            yield {"tone": "ok", "kind": _("New"), "text": _SAYS[kind](row), "fields": []}


def _changed(change: Change) -> Row:
    fields = [
        {"name": _field(name), "before": _value(before), "after": _value(after)}
        for name, (before, after) in change.fields.items()
        if name != "account_executive_id"
    ]
    if "account_executive_id" in change.fields:
        fields.append({"name": _("Account executive"), "before": "", "after": _("as in the file")})
    return {"tone": "info", "kind": _("Change"), "text": _SAYS[type(change.row)](change.row), "fields": fields}


_SAYS: Final[dict[type[Model], Any]] = {
    Client: lambda row: row.name,
    TaxId: lambda row: f"{row.rfc} · {row.client.name}",
    Branch: lambda row: f"{row.name} · {row.client.name}",
    Contact: lambda row: f"{row.name} · {row.email or row.phone}",
    ContactLink: lambda row: f"{row.contact.name} → {row.client.name}",
    Contract: lambda row: f"{row.plan.name} · {row.client.name}",
}


def _field(name: str) -> str:
    return {
        "name": _("Name"),
        "is_active": _("Active"),
        "legal_name": _("Name in law"),
        "regimen": _("Tax regime"),
        "postal_code": _("Postal code"),
        "address": _("Address"),
        "phone": _("Phone"),
        "scope": _("Sees"),
        "valid_until": _("Until"),
        "ends_on": _("Ends"),
    }[name]


def _value(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return {"own": _("own tickets only"), "company": _("all the company's tickets")}.get(str(value), str(value))


def told(summary: dict[str, int]) -> str:
    """One sentence of what an import did."""
    n = summary.get("companies", 0)
    return ngettext("%(n)d company of the file.", "%(n)d companies of the file.", n) % {"n": n}
