"""The installation as a caller sees it: both desks from their files, people with tokens, one clock. No action is called
but to make who signs in; everything else goes through the doors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.management import call_command
from rest_framework.test import APIClient

from accounts import actions as account_actions
from accounts.models import User
from desks import queries as desk_queries
from desks.models import Desk
from tests import factories

ROOT: Final = Path(__file__).resolve().parents[2]
API: Final = "/api/v1/"
MEXICO: Final = ZoneInfo("America/Mexico_City")

OPEN_AT: Final = datetime(2026, 11, 17, 10, 42, tzinfo=MEXICO)  # a Tuesday
LUNCH_AT: Final = datetime(2026, 11, 17, 14, 30, tzinfo=MEXICO)  # both desks are shut
NIGHT_AT: Final = datetime(2026, 11, 17, 23, 10, tzinfo=MEXICO)
SATURDAY_AT: Final = datetime(2026, 11, 14, 15, 20, tzinfo=MEXICO)  # the Monday after is a holiday

REPORT: Final[Mapping[str, Any]] = {
    "desk": "invoice-mx",
    "request_type": "operational_question",
    "affects_operation": False,
    "subject": "No timbra: error CFDI40147",
    "description": "Al timbrar aparece CFDI40147 en todas las facturas desde las 08:50, con tres clientes distintos.",
    "requester": {"name": "Rosa Medina", "email": "rosa@invoice-mx-cliente.example"},
}
OUTAGE: Final[Mapping[str, Any]] = {
    **REPORT,
    "request_type": "system_down",
    "affects_operation": True,
    "impact": "stopped",
}

# name of the caller -> e-mail; clients are made below
STAFF: Final = {
    "manager": "marcela@invoicemx.example",
    "supervisor": "elena@invoicemx.example",
    "karla": "karla@invoicemx.example",
    "ivan": "ivan@invoicemx.example",
    "ana": "ana@invoicemx.example",
    "sales": "paola@invoicemx.example",
    "fac_manager": "hector@facturando.example",
    "fac_consultant": "diego@facturando.example",
}


def load_desks() -> None:
    """Load both desks from the files that ship."""
    files = [str(ROOT / "desks" / "data" / f"{slug}.yaml") for slug in ("invoice-mx", "facturando")]
    call_command("load_desk", *files, stdout=StringIO())
    desk_queries.forget()


class World:
    """Callers by name: `world.karla.get("tickets/")`."""

    def __init__(self) -> None:
        load_desks()
        self.users = {name: User.objects.get(email=email) for name, email in STAFF.items()}
        self.users["admin"] = factories.make_user("Ada Central", email="central@installation.example", is_staff=True)
        imx = Desk.objects.get(slug="invoice-mx").vendor
        fac = Desk.objects.get(slug="facturando").vendor
        company = factories.make_client(imx)
        for name, vendor, client in (
            ("client", imx, company),
            ("other_client", imx, factories.make_client(imx, "Muebles Santa Clara", rfc="MSC120215JH5")),
            ("fac_client", fac, factories.make_client(fac, "Papelería Lux", rfc="PLU150706AB9")),
        ):
            person = {"client": "Rosa Medina", "other_client": "Tom Vilchis", "fac_client": "Nora Prado"}[name]
            contact = factories.make_contact(vendor, person, client=client, account=True)
            assert contact.user is not None
            self.users[name] = contact.user
        self.callers = {name: Caller(user) for name, user in self.users.items()}
        self.anonymous = Caller(None)

    def __getattr__(self, name: str) -> Caller:
        if name in {"callers", "users"} or name not in self.callers:
            raise AttributeError(name)
        return self.callers[name]

    def person(self, name: str) -> dict[str, Any]:
        user = self.users[name]
        return {"id": user.pk, "name": user.name, "kind": "user"}


class Caller(APIClient):
    """A client of the API that carries its person's token and speaks JSON."""

    def __init__(self, user: User | None) -> None:
        super().__init__(raise_request_exception=False)
        if user is not None:
            _token, text = account_actions.issue_token(user, label="contract", now=OPEN_AT.astimezone(UTC))
            self.credentials(HTTP_AUTHORIZATION=f"Token {text}")

    def ask(self, path: str, **params: Any) -> Any:
        return self.get(API + path, params)

    def send(self, path: str, body: Any = None, **headers: Any) -> Any:
        return self.post(API + path, {} if body is None else body, format="json", **headers)

    def file(self, **changes: Any) -> dict[str, Any]:
        """File a report and return the ticket."""
        response = self.send("tickets/", {**REPORT, **changes})
        assert response.status_code == 201, response.content
        return dict(response.json())

    def use(self, number: str, verb: str, **body: Any) -> Any:
        return self.send(f"tickets/{number}/{verb}/", body)

    def must(self, number: str, verb: str, **body: Any) -> dict[str, Any]:
        response = self.use(number, verb, **body)
        assert response.status_code == 200, (verb, response.content.decode())
        return dict(response.json())


def is_problem(response: Any, status: int) -> dict[str, Any]:
    """Return the body of a refusal after holding it against RFC 9457 and the contract."""
    assert response.status_code == status, (response.status_code, response.content.decode()[:600])
    assert response["Content-Type"].startswith("application/problem+json"), response["Content-Type"]
    body = response.json()
    assert {"type", "title", "status", "code", "detail"} <= body.keys(), body
    assert body["status"] == status
    for error in body.get("errors", []):
        assert error.keys() == {"field", "code", "message"}, error
        assert all(isinstance(part, str) for part in error.values())
    return dict(body)


def names_field(response: Any, field: str, status: int = 400) -> str:
    """Return the code of the error of that field."""
    body = is_problem(response, status)
    found = [error["code"] for error in body.get("errors", []) if error["field"] == field]
    assert found, (field, body)
    return str(found[0])
