"""Signed links of third parties: their own thread on one ticket, and nothing else.

Worth something from the client's consent until they are taken out, at the latest 30 days after the ticket's closing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.core import signing

from core.actor import Actor, ActorKind
from tickets import lifecycle, links
from tickets.models import ThirdParty

_SALT: Final = "tickets.thirdparties"


def token(third: ThirdParty) -> str:
    """The token of the third party."""
    signer = signing.Signer(key=settings.LINK_KEYS[0], salt=_SALT)
    return signer.sign(f"{third.pk:x}").replace(":", "~")


def url(third: ThirdParty) -> str:
    """The absolute address of their thread."""
    return f"{settings.SITE_URL.rstrip('/')}/tercero/{token(third)}/"


def read(text: str, *, now: datetime) -> tuple[ThirdParty, Actor] | None:
    """The third party and the actor that the token stands for; None when it is not (any more) good. 1 query."""
    signer = signing.Signer(key=settings.LINK_KEYS[0], fallback_keys=list(settings.LINK_KEYS[1:]), salt=_SALT)
    try:
        pk = int(signer.unsign(text.replace("~", ":")), 16)
    except (signing.BadSignature, ValueError):
        return None
    third = ThirdParty.objects.select_related("ticket__desk__vendor").filter(pk=pk).first()
    if third is None or not third.is_in or third.ticket.status in lifecycle.ENDED - {lifecycle.Status.CLOSED}:
        return None
    closed_at = third.ticket.closed_at
    if closed_at is not None and now > closed_at + links.VALID_AFTER_CLOSING:
        return None
    return third, actor_of(third)


def actor_of(third: ThirdParty) -> Actor:
    """Somebody outside: no ticket is theirs to see, only what is written in their thread."""
    return Actor(ActorKind.THIRD_PARTY, id=third.pk, label=third.name, third_party_id=third.pk)
