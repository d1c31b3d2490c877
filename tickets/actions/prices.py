"""What an attention costs extra, and asking the client first.

"Si se requiere de soporte especializado, como son enlaces remotos o atención telefónica, éstos
tendrán un costo adicional" (Facturando guide, "Recomendaciones"): nobody begins a paid method before
the client accepted its price, and what was accepted is kept with who said it and when.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from clients import queries as client_queries
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from tickets import links, pricing
from tickets.actions import guards, record, telling
from tickets.lifecycle import OPEN, SupportMethod, check_in
from tickets.models import PriceConsent, Ticket

MAX_NAME: Final = 160


def price_of(ticket: Ticket, method: str, *, now: datetime) -> Decimal | None:
    """What the method costs the client of the ticket, in MXN before VAT; None where it is included.

    1 query where the desk charges for the method at all, else none.
    """
    config = desk_queries.config(ticket.desk)
    listed = pricing.listed([plan.extra_prices for plan in config.plans], method)
    if listed is None or ticket.client_id is None:
        return listed
    plan = client_queries.plan_of(ticket.client, ticket.desk, on=now.astimezone(config.zone).date())
    return pricing.of_plan(plan.extra_prices, method) if plan else listed


def usable(ticket: Ticket, method: str) -> PriceConsent | None:
    """A price that was accepted and has not paid for an attention yet. 1 query."""
    accepted = PriceConsent.objects.filter(ticket=ticket, method=method, accepted=True, attention__isnull=True)
    return accepted.order_by("id").first()


def pending(ticket: Ticket, method: str) -> PriceConsent | None:
    """The question that the client has not answered. 1 query."""
    return PriceConsent.objects.filter(ticket=ticket, method=method, answered_at__isnull=True).first()


def require(ticket: Ticket, method: str, *, now: datetime) -> PriceConsent | None:
    """The consent that pays for an attention; None where the plan includes it. Raises Conflict `price_not_accepted`."""
    price = price_of(ticket, method, now=now)
    if price is None:
        return None
    consent = usable(ticket, method)
    if consent is None:
        raise Conflict(
            _("The client has not accepted the price yet: ask for it first."),
            code="price_not_accepted",
            extra={"method": method, "price": str(price)},
        )
    return consent


def put(ticket: Ticket, method: str, *, by: Actor, now: datetime) -> PriceConsent | None:
    """The price as asked of a locked ticket's client, accepted or not; None where nothing is charged."""
    price = price_of(ticket, method, now=now)
    if price is None:
        return None
    known = usable(ticket, method) or pending(ticket, method)
    if known is not None:
        return known
    asked_by = by.user_id if by.works_tickets(ticket.desk_id) else None
    consent = PriceConsent.objects.create(ticket=ticket, method=method, price=price, asked_at=now, asked_by_id=asked_by)
    record.record(ticket, "price_asked", by=by, now=now, public=True, method=method, price=str(price))
    return consent


def ask(ticket: Ticket, *, by: Actor, now: datetime, method: str) -> PriceConsent:
    """Ask the client whether they accept what the method costs. Twice asks once.

    Raises Conflict `nothing_to_accept` where the plan includes it.
    """
    guards.consultant(ticket, by)
    if method not in SupportMethod.values:
        raise Invalid.field("method", "invalid_choice", _("Choose how it will be attended."))
    with record.changing(ticket, now=now) as fresh:
        check_in(fresh.status, OPEN)
        consent = put(fresh, method, by=by, now=now)
        if consent is None:
            raise Conflict(_("The client's plan includes it: there is nothing to accept."), code="nothing_to_accept")
        if consent.answered_at is None:
            telling.client(
                fresh,
                "price_asked",
                key=f"price_asked/{consent.pk}",
                now=now,
                url=f"{links.url(fresh)}cita/",
                method=SupportMethod(method).label,
                price=pricing.money(consent.price),
            )
    return consent


def answer(
    ticket: Ticket, *, by: Actor, now: datetime, consent_id: int, accepted: bool, told_by: str = ""
) -> PriceConsent:
    """Keep the client's word on a price: their own, or what they told the desk (`told_by` says who of them).

    The same answer again changes nothing; another one raises Conflict `price_answered`.
    """
    with record.changing(ticket, now=now) as fresh:
        consent = PriceConsent.objects.filter(pk=consent_id, ticket=fresh).first()
        if consent is None:
            raise Invalid.field("consent", "unknown", _("There is no such price on this ticket."))
        if consent.answered_at is not None:
            if consent.accepted != accepted:
                raise Conflict(_("This price has been answered already."), code="price_answered")
            return consent
        check_in(fresh.status, OPEN)
        settle(fresh, consent, by=by, now=now, accepted=accepted, told_by=told_by)
    return consent


def settle(
    ticket: Ticket, consent: PriceConsent, *, by: Actor, now: datetime, accepted: bool, told_by: str = ""
) -> None:
    """Write the answer on a locked ticket and tell whoever has it."""
    staff = by.works_tickets(ticket.desk_id)
    if staff:
        consent.told_to_id, consent.via = by.user_id, PriceConsent.Via.TOLD
        consent.answered_by = _name(told_by)
    else:
        guards.client(ticket, by)
        by_link = by.ticket_id is not None
        consent.via = PriceConsent.Via.LINK if by_link else PriceConsent.Via.ACCOUNT
        consent.answered_by = (by.label or ticket.requester_name)[:MAX_NAME]
    consent.accepted, consent.answered_at = accepted, now
    consent.save()
    kind = "price_accepted" if accepted else "price_declined"
    codes = {"method": consent.method, "price": str(consent.price), "via": consent.via}
    record.record(ticket, kind, by=by, now=now, public=True, consent=consent.pk, **codes)
    if not staff and ticket.assignee_id is not None:
        words: dict[str, Any] = {"method": SupportMethod(consent.method).label, "price": pricing.money(consent.price)}
        telling.team(ticket, [ticket.assignee_id], kind, key=f"{kind}/{consent.pk}", now=now, **words)


def accept_told(ticket: Ticket, method: str, *, by: Actor, now: datetime, told_by: str) -> PriceConsent | None:
    """The client said yes by telephone: asked and accepted in one step, on a locked ticket."""
    if by.user_id is None:
        raise Forbidden()
    consent = put(ticket, method, by=by, now=now)
    if consent is not None and consent.answered_at is None:
        settle(ticket, consent, by=by, now=now, accepted=True, told_by=told_by)
    return consent


def _name(told_by: str) -> str:
    name = told_by.strip()[:MAX_NAME]
    if not name:
        raise Invalid.field("told_by", "required", _("Write who of the client said it."))
    return name
