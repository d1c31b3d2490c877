"""Who is who in the tests of tickets: the people of `desks/data/invoice-mx.yaml` and a client."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command

from accounts.models import User
from clients import actors
from clients.models import Client, Contact, ContactLink, TaxId
from core.actor import Actor
from desks import queries as desk_queries
from desks.models import Desk
from schedules import actions as schedule_actions
from tickets import actions, links
from tickets.intake import Intake
from tickets.models import Ticket

ROOT = Path(__file__).resolve().parents[2]
LONG_AGO = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)

OUTAGE = Intake(
    request_type="system_down",
    affects_operation=True,
    impact="stopped",
    subject="No timbra ninguna factura",
    description="Desde las 8:50 ninguna factura timbra; aparece «CFDI40147 – El campo DomicilioFiscalReceptor».",
    name="Rosa Medina",
    email="rosa.medina@lanortena.example",
)
QUESTION = replace(
    OUTAGE,
    request_type="usage_guidance",
    affects_operation=False,
    impact="none",
    subject="Cancelar con motivo 02",
    description="¿Cómo cancelo con motivo 02 una factura de octubre que el receptor ya aceptó?",
)


def load_desk(slug: str) -> Desk:
    call_command("load_desk", str(ROOT / "desks" / "data" / f"{slug}.yaml"), verbosity=0)
    desk_queries.forget()
    return Desk.objects.select_related("vendor").get(slug=slug)


class Imx:
    """The desk and its people by first name: `imx.karla` is an actor, `imx.user("karla")` the account."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def user(self, name: str) -> User:
        return User.objects.get(email=f"{name}@invoicemx.example")

    def actor(self, name: str) -> Actor:
        return actors.actor_for(self.user(name))

    def open(self, intake: Intake = OUTAGE, *, now: datetime, by: Actor | None = None, **changes: Any) -> Ticket:
        """File a report, as a visitor by default."""
        from core.actor import VISITOR

        return actions.open_ticket(self.desk, replace(intake, **changes), by=by or VISITOR, now=now)

    def client(self, name: str = "Ferretería La Norteña", rfc: str = "FNO180312KX1") -> Client:
        client = Client.objects.create(vendor=self.desk.vendor, name=name)
        TaxId.objects.create(vendor=self.desk.vendor, client=client, rfc=rfc)
        return client

    def contact(self, client: Client | None = None, name: str = "Rosa Medina", email: str = "") -> Contact:
        contact = Contact.objects.create(
            vendor=self.desk.vendor,
            name=name,
            email=email or "rosa.medina@lanortena.example",
            created_at=LONG_AGO,
        )
        if client is not None:
            ContactLink.objects.create(contact=contact, client=client, scope="company", valid_from=date(2020, 1, 1))
        return contact

    def requester(self, ticket: Ticket) -> Actor:
        """The client as the signed link makes them."""
        return links.actor_of(Ticket.objects.with_people().get(pk=ticket.pk), ticket.requester_id)


def run_timers(now: datetime) -> int:
    return schedule_actions.fire_due(now=now)
