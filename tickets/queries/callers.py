"""Who is calling: contacts by telephone, RFC, company or name; and what they reported lately."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import OuterRef, Q, Subquery

from clients import phones
from clients import rfc as rfc_rules
from clients.models import Contact, Contract, TaxId
from core.errors import Invalid
from desks.models import Desk
from tickets import lifecycle
from tickets.models import CallNote, Ticket

LIMIT: Final = 8
LATELY: Final = timedelta(hours=72)
_DIGITS: Final = re.compile(r"\D+")


@dataclass(frozen=True, slots=True)
class Caller:
    """A contact with one of the companies that they stand for; ids are 0 where there is none."""

    contact_id: int
    name: str
    phone: str
    email: str
    client_id: int
    company: str
    rfc: str
    plan: str


def callers(vendor_id: int, text: str) -> list[Caller]:
    """The contacts that the text may mean, by name. 1 query, 0 for less than two signs."""
    words = " ".join(text.split())[:80]
    if len(words) < 2:
        return []
    meant = (
        Q(name__unaccent__icontains=words)
        | Q(email__istartswith=words)
        | Q(links__client__name__unaccent__icontains=words)
        | Q(links__client__tax_ids__rfc__startswith=words.upper().replace(" ", ""))
    )
    digits = _DIGITS.sub("", words)
    if len(digits) >= 4 and not re.search(r"[A-Za-z]", words):
        meant = Q(phone__contains=digits[-10:])
    return _found(Contact.objects.filter(meant, vendor_id=vendor_id))


def caller(vendor_id: int, contact_id: int, client_id: int | None) -> Caller | None:
    """The contact of that id, for that company when several are theirs. 1 query."""
    rows = _found(Contact.objects.filter(pk=contact_id, vendor_id=vendor_id))
    return next((row for row in rows if row.client_id == client_id), rows[0] if rows else None)


def _found(contacts: object) -> list[Caller]:
    first_rfc = TaxId.objects.filter(client=OuterRef("links__client")).order_by("pk").values("rfc")[:1]
    newest_plan = (
        Contract.objects.filter(client=OuterRef("links__client"), plan__is_active=True, ends_on__isnull=True)
        .order_by("-starts_on", "-pk")
        .values("plan__name")[:1]
    )
    rows = (
        contacts.annotate(rfc=Subquery(first_rfc), plan=Subquery(newest_plan))  # type: ignore[attr-defined]
        .order_by("name", "pk", "links__client__name")
        .values_list("pk", "name", "phone", "email", "links__client_id", "links__client__name", "rfc", "plan")
        .distinct()[:LIMIT]
    )
    return [
        Caller(pk, name, str(phone or ""), email, client_id or 0, company or "", rfc or "", plan or "")
        for pk, name, phone, email, client_id, company, rfc, plan in rows
    ]


def lately(desk_id: int, contact_id: int, *, now: datetime) -> list[Ticket]:
    """What the contact reported in the last days at the desk, newest first. 1 query."""
    return list(
        Ticket.objects.filter(desk_id=desk_id, requester_id=contact_id, opened_at__gte=now - LATELY).order_by(
            "-opened_at", "-id"
        )[:5]
    )


def same_incident(desk: Desk, *, contact_id: int | None, phone: str, email: str, now: datetime) -> list[Ticket]:
    """Open tickets that the same person filed within the desk's minutes, newest first. 1 query.

    The person is whoever was chosen, else who has the telephone or the address as typed.
    """
    reached = Q(pk__in=[])
    if contact_id:
        reached |= Q(requester_id=contact_id)
    if email.strip():
        reached |= Q(requester_email__iexact=email.strip())
    if phone.strip():
        with contextlib.suppress(Invalid):
            reached |= Q(requester_phone=phones.parse(phone))
    since = now - timedelta(minutes=desk.join_minutes)
    recent = Ticket.objects.filter(desk=desk, status__in=lifecycle.OPEN, recorded_at__gte=since, opened_at__gte=since)
    return list(recent.filter(reached).order_by("-opened_at", "-id")[:5])


def numbers_on_file(vendor_id: int, *, contact_id: int | None, rfc: str) -> list[tuple[str, str]]:
    """(E.164, whose) of the people who may speak for whoever calls: themselves, and those who see the whole company.

    What a caller says their number is is not on file. 1 query.
    """
    whose = Q(pk__in=[])
    if contact_id:
        whose |= Q(pk=contact_id) | Q(links__scope="company", links__client__links__contact=contact_id)
    if rfc.strip():
        whose |= Q(links__scope="company", links__client__tax_ids__rfc=rfc_rules.normalise(rfc))
    people = Contact.objects.filter(whose, vendor_id=vendor_id).exclude(phone="").distinct().order_by("name", "pk")
    return [(str(phone), name) for phone, name in people.values_list("phone", "name")[:LIMIT]]


# ------------------------------------------------------------------ calls that wait to be written down

MOST_NOTED: Final = 20


def unregistered(desk_id: int) -> list[CallNote]:
    """The noted calls of the desk that have no ticket yet, the oldest first; at most twenty. 1 query."""
    notes = CallNote.objects.waiting().filter(desk_id=desk_id)
    return list(notes.select_related("user", "about").order_by("called_at", "id")[:MOST_NOTED])


def noted(desk_id: int, pk: int | None) -> CallNote | None:
    """One noted call of the desk that waits; 1 query, 0 without a number."""
    if pk is None:
        return None
    return CallNote.objects.waiting().filter(pk=pk, desk_id=desk_id).first()
