"""Signed links: one order, for its contact, without an account; and the addresses of an order's pages.

As with tickets, a token names order, contact and the order's `link_version`; raising that revokes
all that are out. It is worth something until 30 days after the order's end.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing

from core.actor import Actor, ActorKind
from stamps.models import StampOrder

VALID_AFTER_THE_END: Final = timedelta(days=30)
_SALT: Final = "stamps.links"
# A number as it stands in an address: `TIM-318`, typed in any case.
NUMBER: Final = r"(?P<number>[A-Za-z]{2,8}-[0-9]{1,12})"


def token(order: StampOrder) -> str:
    """The token of the order's contact. Raises ValueError for an order of which no contact is known."""
    if order.contact_id is None:
        raise ValueError(f"{order} has no contact")
    signer = signing.Signer(key=settings.LINK_KEYS[0], salt=_SALT)
    return signer.sign(f"{order.pk:x}.{order.contact_id:x}.{order.link_version:x}").replace(":", "~")


def path(order: StampOrder) -> str:
    """The address of the order for its contact, within the site."""
    return f"/o/{token(order)}/"


def url(order: StampOrder) -> str:
    """The absolute address of the order for its contact; empty where no contact is known."""
    return f"{settings.SITE_URL.rstrip('/')}{path(order)}" if order.contact_id else ""


def page(order: StampOrder, *, named: bool = True) -> str:
    """The address of the order for who signs in; `named` says the desk, since two may share a number."""
    query = f"?{urlencode({'mesa': order.desk.slug})}" if named else ""
    return f"/timbres/{order.number}/{query}"


def staff_url(order: StampOrder) -> str:
    """The absolute address of the order for the desk's people."""
    return f"{settings.SITE_URL.rstrip('/')}{page(order)}"


def read(text: str, *, now: datetime) -> tuple[StampOrder, Actor] | None:
    """The order and the actor that the token stands for; None when it is not (any more) good. 1 query."""
    signer = signing.Signer(key=settings.LINK_KEYS[0], fallback_keys=list(settings.LINK_KEYS[1:]), salt=_SALT)
    try:
        order_id, contact_id, version = (int(part, 16) for part in signer.unsign(text.replace("~", ":")).split("."))
    except (signing.BadSignature, ValueError):
        return None
    rows = StampOrder.objects.select_related("desk__vendor", "product", "assignee", "client")
    order = rows.filter(pk=order_id, link_version=version, contact_id=contact_id).first()
    if order is None or _over(order, now):
        return None
    return order, actor_of(order, contact_id)


def actor_of(order: StampOrder, contact_id: int) -> Actor:
    """The contact behind a link: this order and nothing else."""
    return Actor(
        ActorKind.CONTACT,
        id=contact_id,
        label=order.contact_name,
        contact_ids=frozenset({contact_id}),
        vendor_ids=frozenset({order.desk.vendor_id}),
        order_id=order.pk,
    )


def _over(order: StampOrder, now: datetime) -> bool:
    ended = order.credited_at or order.cancelled_at
    return ended is not None and now > ended + VALID_AFTER_THE_END
