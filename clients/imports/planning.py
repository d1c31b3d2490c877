"""What a file would change at a vendor: rows to be made, fields to be set, lines that cannot be used. Writes nothing.

The number of statements does not depend on the file: everything that its companies may already have is read first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from django.db.models import Model, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from clients.imports.companies import Company
from clients.imports.lines import Line
from clients.models import Branch, Client, Contact, ContactLink, Contract, TaxId
from core.errors import FieldError
from desks.models import Desk, Membership, Plan
from files.tables import key

# In the order in which they can be written: each points only at rows of kinds before it.
KINDS: Final[tuple[type[Model], ...]] = (Client, TaxId, Branch, Contact, ContactLink, Contract)


@dataclass(slots=True)
class Change:
    """Fields of a row that exists: name -> (as it is, as the file wants it)."""

    row: Model
    fields: dict[str, tuple[Any, Any]]


@dataclass(slots=True)
class Planned:
    """What a file amounts to. `made` holds unsaved rows by kind; `lines` the rows of the file with what is wrong."""

    lines: list[Line] = field(default_factory=list)
    made: dict[type[Model], list[Model]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    changes: list[Change] = field(default_factory=list)
    n_companies: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.changes and not any(self.made.values())

    @property
    def refused(self) -> list[Line]:
        return [line for line in self.lines if line.errors]

    def summary(self) -> dict[str, int]:
        """Counts by name, as the page shows them and the row of the import keeps them."""
        changed = Counter(type(change.row) for change in self.changes)
        counts = {f"new_{kind.__name__.lower()}": len(rows) for kind, rows in self.made.items()}
        counts |= {f"changed_{kind.__name__.lower()}": changed[kind] for kind in KINDS}
        return counts | {"lines": len(self.lines), "refused": len(self.refused), "companies": self.n_companies}


def plan(desk: Desk, lines: Sequence[Line], companies: Iterable[Company], *, today: date, now: Any) -> Planned:
    """Return what these companies would change. `today` is the desk's date; `now` is when new contacts were made.

    A row whose plan, executive or RFC does not fit joins the refused ones, and nothing of it is used. 8 queries.
    """
    found = _Found(desk, list(companies))
    planner = _Planner(desk, found, today, now)
    for company in found.companies:
        planner.add(company)
    wrong = planner.errors
    planner.out.lines = [
        replace(line, errors=(*line.errors, *wrong[line.number])) if line.number in wrong else line for line in lines
    ]
    return planner.out


class _Found:
    """Everything that these companies may already have, by what the file knows it by."""

    def __init__(self, desk: Desk, companies: list[Company]) -> None:
        self.companies = companies
        self.lines = [line for company in companies for line in company.lines]
        vendor = desk.vendor_id
        self.plans = self._plans(desk)
        self.executives = self._executives(desk)
        self.tax_ids = {
            row.rfc: row
            for row in TaxId.objects.filter(
                vendor=vendor, rfc__in=[rfc for company in companies for rfc in company.rfcs]
            ).select_related("client")
        }
        self.by_name = self._by_name(vendor)
        self.clients = {row.client_id: row.client for row in self.tax_ids.values()}
        self.clients |= {row.pk: row for row in self.by_name.values()}  # one object a row, whichever way it is found
        owners = self.clients.keys()
        self.branches = {(row.client_id, key(row.name)): row for row in Branch.objects.filter(client__in=list(owners))}
        self.by_email, self.by_phone = self._contacts(vendor)
        people = [row.pk for row in (*self.by_email.values(), *self.by_phone.values())]
        self.links = {
            (row.contact_id, row.client_id): row
            for row in ContactLink.objects.filter(contact__in=people, client__in=list(owners))
        }
        self.contracts = {
            (row.client_id, row.plan_id, row.starts_on): row
            for row in Contract.objects.filter(client__in=list(owners), plan__desk=desk).order_by("pk")
        }

    def _plans(self, desk: Desk) -> dict[str, Plan]:
        plans = list(Plan.objects.filter(desk=desk, is_active=True))
        return {key(name): plan for plan in plans for name in (plan.slug, plan.name)}

    def _executives(self, desk: Desk) -> dict[str, int]:
        """Address -> account of the people of the desk."""
        members = Membership.objects.filter(desk=desk, is_active=True, user__is_active=True)
        return {email.lower(): user_id for email, user_id in members.values_list("user__email", "user_id")}

    def _by_name(self, vendor_id: int) -> dict[str, Client]:
        """Companies of these names; where two have one, it says nothing."""
        names = {line.company.lower() for line in self.lines if line.company}
        rows = Client.objects.filter(vendor=vendor_id).alias(lower=Lower("name")).filter(lower__in=list(names))
        found: dict[str, list[Client]] = {}
        for row in rows.order_by("pk"):
            found.setdefault(key(row.name), []).append(row)
        return {name: same[0] for name, same in found.items() if len(same) == 1}

    def _contacts(self, vendor_id: int) -> tuple[dict[str, Contact], dict[str, Contact]]:
        """People by their address in small letters, and by telephone those who have no address."""
        emails = {line.email.lower() for line in self.lines if line.email}
        numbers = {line.phone for line in self.lines if line.phone and not line.email}
        rows = list(
            Contact.objects.filter(vendor=vendor_id)
            .alias(lower=Lower("email"))
            .filter(Q(lower__in=list(emails)) & ~Q(email="") | Q(email="", phone__in=list(numbers)))
        )
        return (
            {row.email.lower(): row for row in rows if row.email},
            {str(row.phone.as_e164): row for row in rows if not row.email},
        )


class _Planner:
    """Goes through the companies in order; what a row of the file made is there for the rows after it."""

    def __init__(self, desk: Desk, found: _Found, today: date, now: Any) -> None:
        self.desk, self.found, self.today, self.now = desk, found, today, now
        self.out = Planned()
        self.errors: dict[int, list[FieldError]] = {}
        self.changed: dict[int, Change] = {}  # by identity of the row
        self.seen: set[tuple[Any, ...]] = set()

    def add(self, company: Company) -> None:
        usable = self._usable(company)
        if not usable.lines:
            return
        self.out.n_companies += 1
        client = self._client(usable)
        for line in usable.lines:
            self._line(client, line)

    # --- which lines can be used

    def _usable(self, company: Company) -> Company:
        owners = {row.client_id for rfc in company.rfcs if (row := self.found.tax_ids.get(rfc))}
        for line in company.lines:
            self._check(line, several=len(owners) > 1)
        return Company(tuple(line for line in company.lines if line.number not in self.errors))

    def _check(self, line: Line, *, several: bool) -> None:
        if line.plan and key(line.plan) not in self.found.plans:
            self._refuse(line, "plan", "unknown", _("This desk has no plan “%s”.") % line.plan[:60])
        if line.executive and line.executive not in self.found.executives:
            self._refuse(line, "executive", "unknown", _("Nobody of this desk has the address %s.") % line.executive)
        owner = self.found.tax_ids.get(line.rfc)
        if several and owner is not None:
            text = _("%(rfc)s belongs to “%(owner)s”, other rows of this company to another one.")
            self._refuse(line, "rfc", "several_clients", text % {"rfc": line.rfc, "owner": owner.client.name})

    def _refuse(self, line: Line, column: str, code: str, message: str) -> None:
        self.errors.setdefault(line.number, []).append(FieldError(column, code, message))

    # --- the company

    def _client(self, company: Company) -> Client:
        known = self._known(company)
        executive = next((line.executive for line in reversed(company.lines) if line.executive), "")
        executive_id = self.found.executives.get(executive)
        if known is None:
            made = Client(vendor_id=self.desk.vendor_id, name=company.name, account_executive_id=executive_id)
            self._make(made)
            return made
        wanted: dict[str, Any] = {"is_active": True}
        if any(line.company for line in company.lines):
            wanted["name"] = company.name
        if executive_id is not None:
            wanted["account_executive_id"] = executive_id
        self._set(known, wanted)
        return known

    def _known(self, company: Company) -> Client | None:
        """Whose RFCs these are, else the one company of that name."""
        for rfc in company.rfcs:
            if rfc in self.found.tax_ids:
                owner = self.found.tax_ids[rfc]
                return self.found.clients.get(owner.client_id, owner.client)  # one that this file makes has no id yet
        names = (key(line.company) for line in company.lines if line.company)
        return next((self.found.by_name[name] for name in names if name in self.found.by_name), None)

    # --- what hangs on it

    def _line(self, client: Client, line: Line) -> None:
        if line.rfc:
            self._tax_id(client, line)
        if line.branch:
            self._branch(client, line)
        if line.contact:
            self._link(self._contact(line), client, line)
        if line.plan:
            self._contract(client, line)

    def _tax_id(self, client: Client, line: Line) -> None:
        values = _given(legal_name=line.legal_name, regimen=line.regimen, postal_code=line.postal_code)
        row = self.found.tax_ids.get(line.rfc)
        if row is None:
            row = self.found.tax_ids[line.rfc] = TaxId(vendor_id=client.vendor_id, client=client, rfc=line.rfc)
            self._make(row)
        self._set(row, values)

    def _branch(self, client: Client, line: Line) -> None:
        mark = (_mark(client), key(line.branch))
        row = self.found.branches.get(mark)
        if row is None:
            row = self.found.branches[mark] = Branch(client=client, name=line.branch)
            self._make(row)
        self._set(row, _given(address=line.branch_address))

    def _contact(self, line: Line) -> Contact:
        index, mark = (self.found.by_email, line.email.lower()) if line.email else (self.found.by_phone, line.phone)
        row = index.get(mark)
        if row is None:
            row = index[mark] = Contact(vendor_id=self.desk.vendor_id, email=line.email, created_at=self.now)
            self._make(row)
        self._set(row, _given(name=line.contact, phone=line.phone))
        return row

    def _link(self, contact: Contact, client: Client, line: Line) -> None:
        """What the person may see. Where the file names them twice with one company, the wider scope holds."""
        mark = (_mark(contact), _mark(client))
        row = self.found.links.get(mark)
        if row is None:
            row = self.found.links[mark] = ContactLink(
                contact=contact, client=client, scope=line.scope, valid_from=self.today
            )
            self._make(row)
            self.seen.add(mark)
            return
        wider = line.scope == "company" or mark not in self.seen
        self.seen.add(mark)
        values: dict[str, Any] = {"scope": line.scope} if wider else {}
        if row.valid_until is not None and row.valid_until < self.today:
            values["valid_until"] = None
        self._set(row, values)

    def _contract(self, client: Client, line: Line) -> None:
        plan = self.found.plans[key(line.plan)]
        row = self._contract_known(client, plan, line.starts_on)
        if row is None:
            row = Contract(client=client, plan=plan, starts_on=line.starts_on or self.today)
            self.found.contracts[_mark(client), plan.pk, row.starts_on] = row
            self._make(row)
        if line.ends_on is not None:
            self._set(row, {"ends_on": line.ends_on})

    def _contract_known(self, client: Client, plan: Plan, starts_on: date | None) -> Contract | None:
        """The contract of that first day; without one, the newest of that plan."""
        owner = _mark(client)
        if starts_on is not None:
            return self.found.contracts.get((owner, plan.pk, starts_on))
        same = [row for (whose, which, _on), row in self.found.contracts.items() if (whose, which) == (owner, plan.pk)]
        return max(same, key=lambda row: row.starts_on, default=None)

    # --- rows

    def _make(self, row: Model) -> None:
        self.out.made[type(row)].append(row)

    def _set(self, row: Model, values: dict[str, Any]) -> None:
        """Give the row these values; of one that exists, remember what they were."""
        for name, wanted in values.items():
            current = getattr(row, name)
            if _same(current, wanted):
                continue
            if row.pk is not None:
                change = self.changed.get(id(row))
                if change is None:
                    change = self.changed[id(row)] = Change(row, {})
                    self.out.changes.append(change)
                before = change.fields[name][0] if name in change.fields else current
                change.fields[name] = (before, wanted)
            setattr(row, name, wanted)


def _mark(row: Model) -> int:
    """What tells rows apart, those without an id too."""
    return int(row.pk) if row.pk is not None else -id(row)


def _given(**values: str) -> dict[str, Any]:
    """What the row says; an empty cell leaves things as they are."""
    return {name: value for name, value in values.items() if value}


def _same(current: Any, wanted: Any) -> bool:
    return bool(current == wanted or (current is not None and wanted is not None and str(current) == str(wanted)))
