"""Rows of the demo's people: companies with their RFCs, contacts, contracts, accounts and channels that wake."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.actions import TOKEN_PREFIX, token_digest
from accounts.models import ApiToken, User
from clients import phones
from clients.models import Branch, Client, Contact, ContactLink, Contract, TaxId
from desks.models import Desk, Membership
from helpdesk.history.companies import PASSWORD, Company, Person
from notifications.models import WakeChannel

LONG_AGO = date(2024, 1, 2)
ADMINISTRATOR = "administracion@mesa.example"


@dataclass(frozen=True, slots=True)
class Cast:
    """A desk's clients and the people who write for them."""

    desk: Desk
    clients: tuple[Client, ...]
    contacts: tuple[tuple[Contact, tuple[Client, ...]], ...]


def make_cast(desk: Desk, companies: Sequence[Company], people: Sequence[Person], *, now: datetime) -> Cast:
    """Write the companies and their people, once."""
    clients = tuple(_client(desk, company) for company in companies)
    contacts = tuple(
        (
            _contact(desk, person, [clients[i] for i in person.companies], now=now),
            tuple(clients[i] for i in person.companies),
        )
        for person in people
    )
    return Cast(desk, clients, contacts)


def _client(desk: Desk, company: Company) -> Client:
    client = Client.objects.create(vendor=desk.vendor, name=company.name)
    TaxId.objects.create(
        vendor=desk.vendor,
        client=client,
        rfc=company.rfc,
        legal_name=company.legal_name,
        regimen=company.regimen,
        postal_code=company.postal_code,
    )
    Branch.objects.bulk_create(Branch(client=client, name=name) for name in company.branches)
    plan = desk.plans.filter(is_active=True).order_by("id").first()
    if plan is not None:
        Contract.objects.create(client=client, plan=plan, starts_on=LONG_AGO)
    return client


def _contact(desk: Desk, person: Person, clients: Sequence[Client], *, now: datetime) -> Contact:
    user = None
    if person.signs_in:
        user = User.objects.create_user(person.email, name=person.name)
    contact = Contact.objects.create(
        vendor=desk.vendor,
        user=user,
        name=person.name,
        email=person.email,
        phone=phones.parse(person.phone),
        created_at=now,
    )
    ContactLink.objects.bulk_create(
        ContactLink(contact=contact, client=client, scope=ContactLink.Scope.COMPANY, valid_from=LONG_AGO)
        for client in clients
    )
    return contact


def open_doors(desks: Sequence[Desk], *, now: datetime) -> None:
    """Let the people sign in with the demo's password, and be woken through the demo's catcher."""
    administrator, _made = User.objects.get_or_create(
        email=ADMINISTRATOR, defaults={"name": "Administración", "is_staff": True, "password": "!"}
    )
    members = User.objects.filter(memberships__desk__in=desks, memberships__is_active=True)
    clients = User.objects.filter(contacts__vendor__in=[desk.vendor_id for desk in desks])
    # One hash for all: hashing forty times would take longer than the rest of the loading.
    password = make_password(PASSWORD)
    people = User.objects.filter(pk__in=[administrator.pk, *members.values_list("pk", flat=True)]) | clients
    for user in people.distinct():
        user.password = password
        user.save(update_fields=["password"])
        ApiToken.objects.get_or_create(
            digest=token_digest(token_of(user)),
            defaults={"user": user, "label": "Demostración", "prefix": token_of(user)[:8], "created_at": now},
        )
    _wake_channels(desks, now=now)


def token_of(user: User) -> str:
    """The demo's API token of a person: told again at every start, so it is derived, from this installation's key."""
    secret = hmac.new(settings.SECRET_KEY.encode(), f"demo token of {user.email}".encode(), hashlib.sha256)
    return TOKEN_PREFIX + secret.hexdigest()


def _wake_channels(desks: Sequence[Desk], *, now: datetime) -> None:
    for member in Membership.objects.filter(desk__in=desks, is_active=True).select_related("user"):
        if member.user.phone and not set(member.roles) <= {"sales"}:
            WakeChannel.objects.get_or_create(
                user=member.user,
                kind="webhook",
                address=str(member.user.phone.as_e164),
                defaults={"created_at": now, "tested_at": now, "acknowledged_at": now},
            )
