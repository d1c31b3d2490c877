"""Reads of clients and their people."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.db.models.functions import Lower
from phonenumber_field.phonenumber import PhoneNumber

from clients.models import Client, Contact, Contract
from desks.models import Desk, Plan, Vendor


def find_contact(vendor: Vendor, email: str, phone: PhoneNumber | str | None) -> Contact | None:
    """Return who these addresses already stand for at the vendor. 1 query, 0 without either.

    An e-mail decides alone; a phone finds only people who have no e-mail. A phone typed by a
    stranger so never joins them to somebody who is known by an address of their own.
    """
    contacts = Contact.objects.filter(vendor=vendor)
    if email.strip():
        return contacts.alias(lower=Lower("email")).filter(lower=email.strip().lower()).exclude(email="").first()
    if phone:
        return contacts.filter(email="", phone=phone).first()
    return None


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
    contract = (
        Contract.objects.filter(client=client, plan__desk=desk, plan__is_active=True, starts_on__lte=on)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
        .select_related("plan")
        .order_by("-starts_on", "-pk")
        .first()
    )
    return contract.plan if contract else None
