"""What tests begin with: one desk like InvoiceMX's, one cast, plain functions with defaults.

Ada is on call, Elena stands above her, Marcela manages; Eva works at another vendor's desk; Rosa
asks, Tom is of another company. Rows that an action writes are written by that action.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from accounts.models import User
from clients.actors import actor_for
from clients.models import Client, Contact, ContactLink, TaxId
from core.actor import CONSULTANT, MANAGER, SALES, SUPERVISOR, SYSTEM, Actor
from desks import actions as desk_actions
from desks.models import (
    Desk,
    DeskContact,
    EscalationPolicy,
    EscalationStep,
    Membership,
    Product,
    SLAPolicy,
    SLATarget,
    Vendor,
)
from notifications.models import WakeChannel
from schedules import queries as schedule_queries
from schedules.models import ALWAYS, BusinessCalendar, CalendarVersion, Rota, RotaVersion
from tickets import actions
from tickets.intake import Intake
from tickets.models import Ticket

OFFICE: Final = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)  # Tuesday, 10:42 in Mexico City: open until 14:00
LUNCH: Final = datetime(2026, 11, 17, 20, 30, tzinfo=UTC)  # Tuesday, 14:30: closed until 16:00
NIGHT: Final = datetime(2026, 11, 18, 5, 10, tzinfo=UTC)  # Tuesday, 23:10: closed until Wednesday 09:00
SATURDAY: Final = datetime(2026, 11, 14, 21, 20, tzinfo=UTC)  # Saturday, 15:20; the Monday after is a holiday
PASSWORD: Final = "una contraseña larga"
CLEAR: Final = "Al timbrar aparece CFDI40147 en todas las facturas desde las 08:50, con tres clientes distintos."

_SPLIT: Final = (("09:00", "14:00"), ("16:00", "19:00"))
WEEK: Final = [{"weekday": day, "opens": opens, "closes": closes} for day in range(5) for opens, closes in _SPLIT] + [
    {"weekday": 5, "opens": "09:00", "closes": "14:00"}
]
# priority -> kind -> minutes, around the clock
TARGETS: Final = {
    "critical": ({"first_response": 15, "next_update": 60, "resolution": 240}, True),
    "high": ({"first_response": 30, "next_update": 120, "resolution": 480}, True),
    "normal": ({"first_response": 240, "next_update": 480, "resolution": 960}, False),
    "low": ({"first_response": 480, "next_update": 960, "resolution": 2400}, False),
}
ON_CALL_STEPS: Final[Sequence[dict[str, Any]]] = (
    {"whom": "on_call"},
    {"whom": "superior", "after_minutes": 10},
    {"whom": "manager", "after_minutes": 10, "repeat_minutes": 15, "at_most": 8},
    {"whom": "everybody", "after_minutes": 15},
)
OFFICE_STEPS: Final[Sequence[dict[str, Any]]] = (
    {"whom": "superior", "at_percent": 80},
    {"whom": "superior", "at_percent": 100, "takes": True},
    {"whom": "manager", "at_percent": 100, "after_minutes": 30},
)


# ------------------------------------------------------------------ a desk and its people


def make_desk(slug: str = "invoice-mx", *, prefix: str = "IMX", rota: bool = True, **fields: Any) -> Desk:
    """A desk of a vendor of its own, with calendar, promises, ladders, contacts and two products; no people."""
    vendor = fields.pop("vendor", None) or Vendor.objects.create(slug=slug, name=fields.get("name", "InvoiceMX"))
    desk = Desk.objects.create(
        vendor=vendor,
        slug=slug,
        prefix=prefix,
        **{
            "name": "InvoiceMX",
            "email": f"ayuda@{slug}.example",
            "calendar": make_calendar(slug),
            "channels": ["web", "phone", "whatsapp", "email", "api"],
            "support_methods": ["phone", "remote", "on_site"],
            **fields,
        },
    )
    _promise(desk)
    _ladders(desk)
    _contacts(desk)
    for name, title in (("escritorio", "InvoiceMX Escritorio"), ("nube", "InvoiceMX Nube")):
        Product.objects.get_or_create(vendor=vendor, slug=name, defaults={"name": title})
    if rota:
        desk.rota = Rota.objects.create(
            scope=slug, slug="guardia", name="Guardia", timezone=desk.timezone, created_at=OFFICE
        )
        desk.save(update_fields=["rota"])
    desk_actions.touch(desk)
    return desk


def make_calendar(scope: str, slug: str = "oficina") -> BusinessCalendar:
    calendar = BusinessCalendar.objects.create(scope=scope, slug=slug, name="Oficina InvoiceMX", created_at=OFFICE)
    CalendarVersion.objects.create(
        calendar=calendar,
        timezone="America/Mexico_City",
        spec={"hours": WEEK, "holidays": "MX", "closures": [], "extra_openings": []},
        created_at=OFFICE,
    )
    return calendar


def _promise(desk: Desk) -> None:
    policy = SLAPolicy.objects.create(desk=desk, slug="general", name="General")
    SLATarget.objects.bulk_create(
        SLATarget(policy=policy, priority=priority, kind=kind, minutes=minutes, around_the_clock=around)
        for priority, (kinds, around) in TARGETS.items()
        for kind, minutes in kinds.items()
    )
    desk.sla_policy = policy
    desk.save(update_fields=["sla_policy"])


def _ladders(desk: Desk) -> None:
    for kind, steps in (("on_call", ON_CALL_STEPS), ("office", OFFICE_STEPS)):
        policy = EscalationPolicy.objects.create(desk=desk, kind=kind, name=kind)
        EscalationStep.objects.bulk_create(
            EscalationStep(policy=policy, position=position, **step) for position, step in enumerate(steps, start=1)
        )


def _contacts(desk: Desk) -> None:
    rows = (
        ("Oficina", "phone", "office", "722 555 0145", "office"),
        ("Guardia", "phone", "on_call", "722 555 0177", "outside"),
        ("Mesa de Ayuda", "email", "helpdesk", desk.email, "always"),
    )
    DeskContact.objects.bulk_create(
        DeskContact(desk=desk, position=n, label=label, kind=kind, purpose=purpose, address=address, hours=hours)
        for n, (label, kind, purpose, address, hours) in enumerate(rows, start=1)
    )


def make_user(name: str = "Ada Lozano", *, email: str = "", **fields: Any) -> User:
    """A person with PASSWORD; the address is made of the first name."""
    return User.objects.create_user(
        email or f"{name.split()[0].lower()}@invoicemx.example", PASSWORD, name=name, **fields
    )


def make_member(
    desk: Desk, name: str = "Ada Lozano", *roles: str, reports_to: User | None = None, wakes: bool = True, **fields: Any
) -> User:
    """Somebody who works at the desk (a consultant when no role is named), reachable at night unless told otherwise."""
    user = make_user(name, email=f"{name.split()[0].lower()}@{desk.slug}.example")
    Membership.objects.create(
        desk=desk,
        user=user,
        roles=list(roles or (CONSULTANT,)),
        reports_to=Membership.objects.get(desk=desk, user=reports_to) if reports_to else None,
        **fields,
    )
    if wakes:
        WakeChannel.objects.create(
            user=user,
            kind="webhook",
            address=f"+5272255502{user.pk % 100:02d}",
            tested_at=OFFICE - timedelta(days=30),
            acknowledged_at=OFFICE - timedelta(days=30),
            created_at=OFFICE - timedelta(days=30),
        )
    desk_actions.touch(desk)
    return user


def set_on_call(desk: Desk, *users: User) -> None:
    """Let these people follow each other week by week outside office hours."""
    assert desk.rota is not None
    RotaVersion.objects.create(
        rota=desk.rota,
        valid_from=datetime.combine(ALWAYS, time.min, UTC),
        rule={
            "layers": [
                {
                    "name": "Semanal",
                    "rotation": "weekly",
                    "members": [user.pk for user in users],
                    "handoffs": ["09:00"],
                    "start": "2024-01-01",
                }
            ],
            "outside": "oficina",
        },
        created_at=OFFICE,
    )
    schedule_queries.forget_rota(desk.rota.pk)


class Cast:
    """A desk with its people: Marcela manages, Elena supervises, Ada (on call) and Bruno attend, Paola sells."""

    def __init__(self, slug: str = "invoice-mx", *, prefix: str = "IMX", rota: bool = True, **fields: Any) -> None:
        self.desk = make_desk(slug, prefix=prefix, rota=rota, **fields)
        self.marcela = make_member(self.desk, "Marcela Ibarra", MANAGER)
        self.elena = make_member(self.desk, "Elena Robles", SUPERVISOR, reports_to=self.marcela)
        self.ada = make_member(self.desk, "Ada Lozano", CONSULTANT, reports_to=self.elena)
        self.bruno = make_member(self.desk, "Bruno Ortega", CONSULTANT, reports_to=self.elena)
        self.paola = make_member(self.desk, "Paola Nava", SALES, reports_to=self.marcela)
        if rota:
            set_on_call(self.desk, self.ada)
        self.company = make_client(self.desk.vendor)
        self.rosa = make_contact(self.desk.vendor, "Rosa Medina", client=self.company, account=True)
        self.other_company = make_client(self.desk.vendor, "Muebles Santa Clara", rfc="MSC120215JH5")
        self.tom = make_contact(self.desk.vendor, "Tom Vilchis", client=self.other_company, account=True)

    def ticket(self, **fields: Any) -> Ticket:
        """A ticket of Rosa's, filed by herself."""
        return make_ticket(self.desk, contact=self.rosa, **fields)


# ------------------------------------------------------------------ clients


def make_client(vendor: Vendor, name: str = "Ferretería La Norteña", *, rfc: str = "FNO180312KX1") -> Client:
    client = Client.objects.create(vendor=vendor, name=name)
    TaxId.objects.create(vendor=vendor, client=client, rfc=rfc, legal_name=f"{name} SA de CV")
    return client


def make_contact(
    vendor: Vendor,
    name: str = "Rosa Medina",
    *,
    client: Client | None = None,
    scope: str = "company",
    account: bool = False,
    **fields: Any,
) -> Contact:
    """A person on the client's side; with `account` they sign in with PASSWORD and the same address."""
    email = fields.pop("email", f"{name.split()[0].lower()}@{vendor.slug}-cliente.example")
    user = make_user(name, email=email) if account else None
    contact = Contact.objects.create(
        vendor=vendor, name=name, email=email, user=user, **{"created_at": OFFICE, **fields}
    )
    if client is not None:
        ContactLink.objects.create(contact=contact, client=client, scope=scope, valid_from=date(2020, 1, 1))
    return contact


# ------------------------------------------------------------------ actors and tickets


def actor(person: User | Contact) -> Actor:
    """What the person may do, as when they are signed in."""
    return actor_for(person if isinstance(person, User) else person.user)


def intake(contact: Contact | None = None, **fields: Any) -> Intake:
    """A report that can be worked with: an outage of nothing, a question that does not stop anybody."""
    return Intake(
        **{
            "request_type": "operational_question",
            "affects_operation": False,
            "subject": "No timbra: error CFDI40147",
            "description": CLEAR,
            "name": contact.name if contact else "Rosa Medina",
            "email": contact.email if contact else "rosa@lanortena.example",
            **fields,
        }
    )


def make_ticket(
    desk: Desk, *, contact: Contact | None = None, by: Actor | None = None, now: datetime = OFFICE, **fields: Any
) -> Ticket:
    """A ticket, through `open_ticket`; filed by the contact when they have an account, else by the system."""
    who = by or (actor(contact) if contact is not None and contact.user_id else SYSTEM)
    if contact is not None and "client" not in fields:
        link = contact.links.select_related("client").first()
        fields["client"] = link.client if link else None
    return actions.open_ticket(desk, intake(contact, **fields), by=who, now=now)
