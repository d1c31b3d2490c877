"""Who a signed-in client is at one vendor: their contact, companies, RFCs and branches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clients.models import Branch, Client, Contact, ContactLink, TaxId
from core.actor import Actor
from portal.forms import Person
from tickets import queries as ticket_queries


def person_of(actor: Actor, vendor_id: int, *, today: date) -> Person:
    """What the form knows of who fills it in. 4 queries for a client of the vendor, 1 for another's, 0 for visitors."""
    if not actor.contact_ids:
        return Person()
    contact = Contact.objects.filter(pk__in=list(actor.contact_ids), vendor_id=vendor_id).first()
    if contact is None:
        return Person()
    companies = ticket_queries.companies_of(actor, vendor_id, today=today)
    ids = [company.pk for company in companies]
    return Person(
        contact=contact,
        companies=companies,
        tax_ids=list(TaxId.objects.filter(client_id__in=ids).order_by("client__name", "rfc")),
        branches=list(Branch.objects.filter(client_id__in=ids).order_by("client__name", "name")),
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """The companies that a person may look at, over all vendors that know them."""

    contacts: Sequence[Contact]
    companies: Sequence[Client]

    def chosen(self, text: str) -> Client | None:
        """The company of that id, where it is one of theirs."""
        return next((company for company in self.companies if str(company.pk) == text), None)

    def of_vendor(self, vendor_id: int) -> list[Client]:
        return [company for company in self.companies if company.vendor_id == vendor_id]


def reach_of(actor: Actor, *, today: date) -> Reach:
    """2 queries."""
    contacts = list(Contact.objects.filter(pk__in=list(actor.contact_ids), vendor__is_active=True).order_by("id"))
    links = ContactLink.objects.valid_on(today).filter(contact__in=contacts)
    companies = Client.objects.filter(is_active=True, pk__in=links.values("client_id")).select_related("vendor")
    return Reach(contacts, list(companies.order_by("name", "id")))
