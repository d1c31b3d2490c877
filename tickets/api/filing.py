"""From a body of the API to a report: what it names is looked up among what the caller may name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from clients import queries as client_queries
from clients import rfc
from clients.models import Branch, Client, Contact
from core.actor import Actor
from core.errors import FieldError, Forbidden, Invalid
from desks import queries as desk_queries
from desks.models import Desk, Product
from tickets import queries
from tickets.intake import Intake


@dataclass(slots=True)
class Filer:
    """Who files at which desk: one of its people, or a client of its vendor."""

    desk: Desk
    actor: Actor

    @property
    def is_staff(self) -> bool:
        return self.actor.works_tickets(self.desk.pk)

    def contact(self) -> Contact | None:
        """The person as the vendor knows them. 1 query."""
        return client_queries.own_contact(self.actor, self.desk.vendor_id)


def filer(actor: Actor, slug: str) -> Filer:
    """Who may file there. Raises Http404 for a desk that the actor does not know, Forbidden for one not theirs."""
    desk = desk_queries.seen(actor, slug)
    if desk is None:
        raise Http404
    if actor.works_tickets(desk.pk):
        return Filer(desk, actor)
    # Who works nowhere sees a desk only as a contact of its vendor; who does may be one besides.
    if not actor.contact_ids or (actor.desk_roles and Filer(desk, actor).contact() is None):
        raise Forbidden
    return Filer(desk, actor)


def intake(who: Filer, body: dict[str, Any], *, now: datetime) -> Intake:
    """The report of a validated body. Raises Invalid for what it names and is not there."""
    errors: list[FieldError] = []
    product = _product(who.desk, body["product"] or "", errors)
    client = _client(who, body["client_rfc"] or "", now)
    branch = _branch(client, body["branch"] or "", errors)
    person = _requester(who, body.get("requester"), errors)
    if errors:
        raise Invalid(errors=errors)
    return Intake(
        request_type=body["request_type"],
        affects_operation=body["affects_operation"],
        subject=body["subject"],
        description=body["description"],
        channel=body["channel"] or "api",
        impact=body["impact"] or "",
        product=product,
        product_version=body["product_version"] or "",
        support_method=body["support_method"] or "",
        client=client,
        client_rfc=body["client_rfc"] or "",
        branch=branch,
        deadline_at=body["deadline"],
        deadline_kind=body["deadline_kind"] or "",
        lessons=body["lessons"],
        wants_executive=body["account_executive"],
        outage=body["outage"],
        occurred_at=body["occurred_at"],
        answered_at=body["answered_at"],
        resolved_at=body["resolved_at"],
        solution=body["solution"] or "",
        name=person["name"],
        email=person["email"],
        phone=person["phone"],
    )


def _requester(who: Filer, given: dict[str, Any] | None, errors: list[FieldError]) -> dict[str, str]:
    """Who asks: what the body says, and for a client who is signed in what is known of them."""
    person = {name: (given or {}).get(name) or "" for name in ("name", "email", "phone")}
    reachable = person["email"].strip() or person["phone"].strip()
    if who.is_staff:
        if given is None:
            errors.append(FieldError("requester", "required", _("Say who asks.")))
    elif not (person["name"].strip() and reachable):
        known = who.contact()
        if known is not None:
            person["name"] = person["name"].strip() or known.name
            if not reachable:
                person |= {"email": known.email, "phone": str(known.phone or "")}
    return person


def _product(desk: Desk, slug: str, errors: list[FieldError]) -> Product | None:
    if not slug:
        return None
    known = desk_queries.config(desk).product(slug)
    if known is None:
        errors.append(FieldError("product", "invalid_choice", _("Choose one of the options.")))
        return None
    return Product(pk=known.id, slug=known.slug, name=known.name, vendor_id=desk.vendor_id)


def _client(who: Filer, typed: str, now: datetime) -> Client | None:
    """The company that the caller may name: for staff by its RFC, for a client one of their own."""
    number = _normalised(typed)
    if who.is_staff:
        return client_queries.client_of_rfc(who.desk.vendor, number) if number else None
    today = now.astimezone(desk_queries.config(who.desk).zone).date()
    own = queries.companies_of(who.actor, who.desk.vendor_id, today=today)
    if number:
        return next((c for c in own if c.tax_ids.filter(rfc=number).exists()), None)
    return own[0] if len(own) == 1 else None


def _normalised(typed: str) -> str:
    """The RFC without its blanks; "" for what has not its shape, which the action refuses with the reason."""
    try:
        return rfc.check(typed).rfc if typed.strip() else ""
    except Invalid:
        return ""


def _branch(client: Client | None, name: str, errors: list[FieldError]) -> Branch | None:
    if not name:
        return None
    found = client.branches.filter(name__iexact=name.strip()).first() if client else None
    if found is None:
        errors.append(FieldError("branch", "invalid_choice", _("The company has no branch of that name.")))
    return found
