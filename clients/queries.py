"""Reads of clients and their people."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from phonenumber_field.phonenumber import PhoneNumber

from clients.models import Client, Contact, Contract
from core.actor import Actor
from core.compiled import OneOf, compiled
from desks.models import Desk, Plan, Vendor

_PHONE: Final[Any] = Contact._meta.get_field("phone")


def find_contact(vendor: Vendor, email: str, phone: PhoneNumber | str | None) -> Contact | None:
    """Return who these addresses already stand for at the vendor. 1 query, 0 without either.

    An e-mail decides alone; a phone finds only people who have no e-mail. A phone typed by a
    stranger so never joins them to somebody who is known by an address of their own.
    """
    if email.strip():
        return _of_email.first(vendor=vendor.pk, email=email.strip().lower())
    if phone:
        return _of_phone.first(vendor=vendor.pk, phone=_stored(phone))
    return None


def _stored(phone: PhoneNumber | str) -> Any:
    return _PHONE.get_prep_value(phone)


@compiled
def _of_email(vendor: Any, email: Any) -> QuerySet[Contact]:
    named = Contact.objects.filter(vendor_id=vendor).alias(lower=Lower("email"))
    return named.filter(lower=email).exclude(email="").order_by("pk")[:1]


@compiled
def _of_phone(vendor: Any, phone: Any) -> QuerySet[Contact]:
    return Contact.objects.filter(vendor_id=vendor, email="", phone=phone).order_by("pk")[:1]


def own_contact(actor: Actor, vendor_id: int) -> Contact | None:
    """Return who the person is at a vendor. 1 query, 0 for who is no contact."""
    if not actor.contact_ids:
        return None
    return _own.first(contacts=sorted(actor.contact_ids), vendor=vendor_id)


@compiled
def _own(contacts: Any, vendor: Any) -> QuerySet[Contact]:
    return Contact.objects.filter(OneOf("pk", contacts), vendor_id=vendor).order_by("pk")[:1]


def contacts_reached_by(vendor: Vendor, *, email: str = "", phone: PhoneNumber | str | None = None) -> list[Contact]:
    """Return everybody with that e-mail or phone, for staff to choose from. 1 query."""
    same = Q(pk__in=[])
    if email.strip():
        same |= Q(lower=email.strip().lower())
    if phone:
        same |= Q(phone=phone)
    return list(Contact.objects.filter(vendor=vendor).alias(lower=Lower("email")).filter(same).order_by("name", "pk"))


def client_of_rfc(vendor: Vendor, rfc: str) -> Client | None:
    """Return the active client with that RFC (normalised, see `clients.rfc`). 1 query."""
    return Client.objects.filter(vendor=vendor, is_active=True, tax_ids__rfc=rfc).first()


def plan_of(client: Client | None, desk: Desk, *, on: date) -> Plan | None:
    """Return what the client bought at the desk, on a day; the newest contract where two overlap. 1 query."""
    if client is None:
        return None
    return plan_of_id(client.pk, desk, on=on)


def plan_of_id(client_id: int, desk: Desk, *, on: date) -> Plan | None:
    """`plan_of` for who has only the company's id. 1 query."""
    contract = _contract.first(client=client_id, desk=desk.pk, on=on)
    return contract.plan if contract else None


@compiled
def _contract(client: Any, desk: Any, on: Any) -> QuerySet[Contract]:
    return (
        Contract.objects.filter(client_id=client, plan__desk_id=desk, plan__is_active=True, starts_on__lte=on)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
        .select_related("plan")
        .order_by("-starts_on", "-pk")[:1]
    )
