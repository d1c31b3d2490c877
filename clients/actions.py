"""What changes clients and their people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from clients import queries
from clients.models import Client, Contact, TaxId
from core.errors import Invalid
from desks.models import Vendor


def ensure_contact(vendor: Vendor, *, name: str, email: str, phone: PhoneNumber | str | None, now: datetime) -> Contact:
    """Return the contact with that e-mail (without one: that phone), made when there is none.

    A contact that is known keeps what is known: whoever fills in a form has proved nothing.
    Two at once get the same row. 1 query when found, 2 when made.
    """
    email = email.strip()
    if not email and not phone:
        raise Invalid.field("requester.email", "unreachable", _("Write an e-mail address or a telephone number."))
    found = queries.find_contact(vendor, email, phone)
    if found:
        return found
    try:
        with transaction.atomic():
            return Contact.objects.create(
                vendor=vendor, name=name.strip(), email=email, phone=phone or "", created_at=now
            )
    except IntegrityError:
        won = queries.find_contact(vendor, email, phone)
        if won is None:
            raise
        return won


def ensure_client(vendor: Vendor, rfcs: Sequence[str], *, name: str = "") -> Client:
    """Return the company that has these RFCs (well-formed, see `clients.rfc`), made when none of them is known.

    RFCs not known yet become the company's; a new company is called `name`, by its first RFC without
    one. Two at once get the same.
    Raises Invalid where they are of several companies.
    """
    try:
        with transaction.atomic():
            return _client_of(vendor, rfcs, name)
    except IntegrityError:  # somebody else has just written one of them
        return _client_of(vendor, rfcs, name)


def _client_of(vendor: Vendor, rfcs: Sequence[str], name: str) -> Client:
    known = list(TaxId.objects.filter(vendor=vendor, rfc__in=rfcs).select_related("client"))
    companies = {row.client_id: row.client for row in known}
    if len(companies) > 1:
        raise Invalid.field("rfcs", "several_clients", _("These RFCs belong to different companies."))
    client = next(iter(companies.values()), None) or Client.objects.create(vendor=vendor, name=name or rfcs[0])
    missing = [rfc for rfc in rfcs if rfc not in {row.rfc for row in known}]
    TaxId.objects.bulk_create(TaxId(vendor=vendor, client=client, rfc=rfc) for rfc in missing)
    return client
