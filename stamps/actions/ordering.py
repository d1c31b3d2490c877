"""Placing an order: checked, urgent from its first second where the account says so, numbered without gaps."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from clients import actions as client_actions
from clients import phones
from clients import rfc as rfc_rules
from clients.models import Client, Contact, TaxId
from core import emails
from core.actor import Actor, ActorKind
from core.errors import Conflict, FieldError, Forbidden, Invalid
from desks import queries as desk_queries
from desks.models import Desk, DeskCounter
from stamps import queries
from stamps.actions import order_record, telling
from stamps.forecast import Level
from stamps.models import MOST_STAMPS, StampAccount, StampOrder
from tickets import numbering
from tickets import queries as ticket_queries

PREFIX: Final = "TIM"
_PRESSING: Final = frozenset({Level.URGENT, Level.EMPTY})
_NEXT_NUMBER: Final = """
    INSERT INTO desks_deskcounter (desk_id, kind, last) VALUES (%s, %s, 1)
    ON CONFLICT (desk_id, kind) DO UPDATE SET last = desks_deskcounter.last + 1
    RETURNING last
"""


@dataclass(frozen=True, slots=True)
class Request:
    """What any door understood: how many, who is invoiced, who receives (the same by default), who asks.

    `key` is the form's own: the same form sent again is the same order.
    """

    quantity: int
    rfc: str
    trade_name: str
    account_rfc: str = ""
    product: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    key: uuid.UUID | None = None


def place(desk: Desk, request: Request, *, by: Actor, now: datetime) -> StampOrder:
    """Place an order at the desk and tell client and sales.

    A client's people who are signed in need not say who they are; a visitor of the public form does, and reads
    nothing of how the RFC stands. Raises Forbidden for somebody signed in who neither works at the desk nor is a
    client of its vendor, Invalid by the contract's fields, Conflict `ambiguous_account` where the receiving RFC draws
    from several accounts that the actor sees and no product is named.
    """
    known = _contact(desk, by)
    if known is None and not _may_order(desk, by):
        raise Forbidden
    order = _checked(desk, request, known)
    account = _account(desk, order.account_rfc, request.product, by)
    order.requested_at, order.intake_key = now, request.key
    order.client = _client(desk, order, known, by, now)
    order.account = None if by.kind is ActorKind.VISITOR else account
    order.product_id = account.product_id if order.account and account else _product_id(desk, request.product)
    order.urgent = account is not None and queries.foretold(account, now).level in _PRESSING
    try:
        with transaction.atomic():
            _write(order, by=by, now=now)
    except IntegrityError:  # the same form at the same moment: the other one ordered
        found = StampOrder.objects.filter(desk=desk, intake_key=request.key).first() if request.key else None
        if found is None:
            raise
        return found
    return order


def _may_order(desk: Desk, by: Actor) -> bool:
    return by.kind is ActorKind.VISITOR or by.has_role(desk.pk)


def _write(order: StampOrder, *, by: Actor, now: datetime) -> None:
    """Write the order with who asked, its first event and its notices."""
    if order.contact is None:
        order.contact = client_actions.ensure_contact(
            order.desk.vendor,
            name=order.contact_name,
            email=order.contact_email,
            phone=order.contact_phone,
            now=now,
        )
    if by.kind is ActorKind.VISITOR:  # who ordered has a name from here on, for this order and nothing else
        by = Actor(ActorKind.CONTACT, id=order.contact.pk, label=order.contact_name)
    _number(order)
    order.save(force_insert=True)
    order_record.event(order, "requested", by=by, now=now, urgent=order.urgent)
    telling.requested(order, now=now)
    order_record.announce(order)


def _contact(desk: Desk, by: Actor) -> Contact | None:
    """Who the actor is as a client of the desk's vendor; None for the desk's own people."""
    if by.has_role(desk.pk) or not by.contact_ids:
        return None
    return Contact.objects.filter(pk__in=list(by.contact_ids), vendor_id=desk.vendor_id).first()


def _checked(desk: Desk, request: Request, contact: Contact | None) -> StampOrder:
    """The order without its number. Raises Invalid with every mistake at once."""
    errors: list[FieldError] = []
    rfc = _rfc(request.rfc, "rfc", errors)
    account_rfc = _rfc(request.account_rfc, "account_rfc", errors) if request.account_rfc.strip() else rfc
    if account_rfc in rfc_rules.GENERIC:
        errors.append(FieldError("account_rfc", "generic", _("A generic RFC has no stamps of its own.")))
    if not 1 <= request.quantity <= MOST_STAMPS:
        errors.append(FieldError("quantity", "out_of_range", _("Order from 1 to 1,000,000 stamps.")))
    trade_name = " ".join(request.trade_name.split())
    if not trade_name:
        errors.append(FieldError("trade_name", "required", _("Write the trade name.")))
    if len(trade_name) > 200:
        errors.append(FieldError("trade_name", "max_length", _("At most %(limit)d characters.") % {"limit": 200}))
    if request.product and desk_queries.config(desk).product(request.product) is None:
        errors.append(FieldError("product", "invalid_choice", _("Choose one of the options.")))
    person = _person(request, contact, errors)
    if errors:
        raise Invalid(errors=errors)
    return StampOrder(
        desk=desk,
        quantity=request.quantity,
        rfc=rfc,
        account_rfc=account_rfc,
        trade_name=trade_name,
        contact=contact,
        contact_name=person["name"],
        contact_email=person["email"],
        contact_phone=person["phone"],
    )


def _rfc(text: str, field: str, errors: list[FieldError]) -> str:
    try:
        return rfc_rules.check(text, field=field).rfc
    except Invalid as refused:
        errors += refused.errors
        return ""


def _person(request: Request, contact: Contact | None, errors: list[FieldError]) -> dict[str, str]:
    """Who asks: what was said, and for a client who is signed in what is known of them."""
    person = {"name": " ".join(request.name.split()), "email": request.email.strip(), "phone": request.phone.strip()}
    if contact is not None:
        person["name"] = person["name"] or contact.name
        if not (person["email"] or person["phone"]):
            person |= {"email": contact.email, "phone": str(contact.phone or "")}
    if not person["name"]:
        errors.append(FieldError("contact.name", "required", _("This is needed.")))
    if len(person["name"]) > 160:
        errors.append(FieldError("contact.name", "max_length", _("At most %(limit)d characters.") % {"limit": 160}))
    if not (person["email"] or person["phone"]):
        errors.append(FieldError("contact.email", "unreachable", _("Write an e-mail address or a telephone number.")))
    if person["email"]:
        try:
            emails.validate(person["email"])
        except ValidationError as wrong:
            errors.append(FieldError("contact.email", "invalid", wrong.message))
    if person["phone"]:
        try:
            person["phone"] = str(phones.parse(person["phone"], field="contact.phone"))
        except Invalid as refused:
            errors += refused.errors
    return person


def _account(desk: Desk, rfc: str, product: str, by: Actor) -> StampAccount | None:
    """The account that receives, among those that the actor sees: a foreign RFC tells nobody how it stands.

    A visitor's is looked up for sales only: whether it presses is not told to who asked.
    """
    if by.kind is ActorKind.VISITOR:
        try:
            return queries.the_account(
                queries.drawn_by(StampAccount.objects.filter(vendor_id=desk.vendor_id), rfc, product=product)
            )
        except Conflict:
            return None
    if by.has_role(desk.pk):
        accounts = StampAccount.objects.filter(vendor_id=desk.vendor_id)
    else:
        accounts = StampAccount.objects.visible_to(by).filter(vendor_id=desk.vendor_id)
    return queries.the_account(queries.drawn_by(accounts, rfc, product=product))


def _client(desk: Desk, order: StampOrder, contact: Contact | None, by: Actor, now: datetime) -> Client | None:
    """The company that orders: for the desk's people that of the RFCs, for a client one of their own."""
    numbers = [order.account_rfc, order.rfc]
    known = {
        row.rfc: row.client
        for row in TaxId.objects.filter(vendor_id=desk.vendor_id, rfc__in=numbers).select_related("client")
    }
    named = [known[number] for number in numbers if number in known]
    if by.kind is ActorKind.VISITOR:  # an RFC that was typed proposes a company and opens none
        return None
    if contact is None:
        return named[0] if named else None
    today = now.astimezone(desk_queries.config(desk).zone).date()
    own = ticket_queries.companies_of(by, desk.vendor_id, today=today)
    theirs = [client for client in named if client in own]
    if theirs:
        return theirs[0]
    return own[0] if len(own) == 1 else None


def _product_id(desk: Desk, slug: str) -> int | None:
    """The product that is named, or the only one that there is."""
    products = desk_queries.config(desk).products
    if slug:
        return next((product.id for product in products if product.slug == slug), None)
    return products[0].id if len(products) == 1 else None


def reach(order: StampOrder, *, name: str, email: str | None, phone: str | None) -> None:
    """Mend whom to answer; what is None or empty as a name stays. Raises Invalid by the contract's fields."""
    errors: list[FieldError] = []
    request = Request(
        quantity=order.quantity,
        rfc=order.rfc,
        trade_name=order.trade_name,
        name=name or order.contact_name,
        email=order.contact_email if email is None else email,
        phone=order.contact_phone if phone is None else phone,
    )
    person = _person(request, None, errors)
    if errors:
        raise Invalid(errors=errors)
    order.contact_name, order.contact_email, order.contact_phone = person["name"], person["email"], person["phone"]


def account_of(order: StampOrder, by: Actor) -> StampAccount | None:
    """The account that the receiving RFC draws from now, among those of the order's product where there are several."""
    product = order.product.slug if order.product else ""
    return _account(order.desk, order.account_rfc, product, by)


def _number(order: StampOrder) -> None:
    """Take the desk's next number: the last lock of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [order.desk_id, DeskCounter.Kind.ORDER])
        (order.counter,) = cursor.fetchone()
    order.number = numbering.render(prefix=PREFIX, counter=order.counter)
