"""Signed links: one ticket, for one contact, without an account.

A token names ticket, contact and the ticket's `link_version`; raising that revokes all that are
out. It is worth something until 30 days after closing. Keys rotate: the first of LINK_KEYS
signs, all of them verify.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core import signing

from core.actor import Actor, ActorKind
from tickets.models import Ticket

VALID_AFTER_CLOSING: Final = timedelta(days=30)
_SALT: Final = "tickets.links"


def token(ticket: Ticket) -> str:
    """The token of the ticket's requester."""
    signer = signing.Signer(key=settings.LINK_KEYS[0], salt=_SALT)
    value = f"{ticket.pk:x}.{ticket.requester_id:x}.{ticket.link_version:x}"
    return signer.sign(value).replace(":", "~")


def url(ticket: Ticket) -> str:
    """The absolute address of the ticket for its requester."""
    return f"{settings.SITE_URL.rstrip('/')}/t/{token(ticket)}/"


def staff_url(ticket: Ticket) -> str:
    """The absolute address of the ticket for the team."""
    return f"{settings.SITE_URL.rstrip('/')}/tickets/{ticket.number}/"


def read(text: str, *, now: datetime) -> tuple[Ticket, Actor] | None:
    """The ticket and the actor that the token stands for; None when it is not (any more) good. 1 query."""
    signer = signing.Signer(key=settings.LINK_KEYS[0], fallback_keys=list(settings.LINK_KEYS[1:]), salt=_SALT)
    try:
        ticket_id, contact_id, version = (int(part, 16) for part in signer.unsign(text.replace("~", ":")).split("."))
    except (signing.BadSignature, ValueError):
        return None
    ticket = Ticket.objects.with_people().filter(pk=ticket_id, link_version=version).first()
    if ticket is None or _over(ticket, now):
        return None
    return ticket, actor_of(ticket, contact_id)


def actor_of(ticket: Ticket, contact_id: int) -> Actor:
    """The contact behind a link: this ticket and nothing else."""
    label = ticket.requester_name if contact_id == ticket.requester_id else ""
    return Actor(
        ActorKind.CONTACT,
        id=contact_id,
        label=label,
        contact_ids=frozenset({contact_id}),
        vendor_ids=frozenset({ticket.desk.vendor_id}),
        ticket_id=ticket.pk,
    )


def _over(ticket: Ticket, now: datetime) -> bool:
    ended = ticket.closed_at
    return ended is not None and now > ended + VALID_AFTER_CLOSING
