"""What changes clients and their people."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from clients import queries
from clients.models import Contact
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
