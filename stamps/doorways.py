"""Addresses of an account's pages, and the signed link by which a contact says whether to be told.

The token names the contact and nothing else: it gives no access to any account, only the choice about these mails.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.urls import reverse

from stamps import quantities
from stamps.models import StampAccount

_SALT: Final = "stamps.notices"


def order_form(account: StampAccount, rfc: str) -> str:
    """The public order form with RFC and a quantity for two months filled in, within the site."""
    query = {"rfc": rfc, "cantidad": str(quantities.suggested(account.daily_rate))}
    return f"/{account.desk.slug}/timbres/?{urlencode({name: value for name, value in query.items() if value})}"


def of_client(account: StampAccount) -> str:
    """The account's page for the people of its company."""
    return reverse("client-stamp-account", args=[account.pk])


def own_choice(account: StampAccount) -> str:
    """Where a person who is signed in says whether to be told."""
    return reverse("client-stamp-notices", args=[account.pk])


def of_sales(account: StampAccount) -> str:
    """The account's page for the desk's people."""
    return reverse("stamp-account", args=[account.pk])


def absolute(path: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def choice(contact_id: int) -> str:
    """The page on which the contact says whether to be told, within the site."""
    signer = signing.Signer(key=settings.LINK_KEYS[0], salt=_SALT)
    return reverse("stamp-notice-choice", args=[signer.sign(f"{contact_id:x}").replace(":", "~")])


def contact_of(token: str) -> int | None:
    """Id of the contact that the token stands for; None when it is not good."""
    signer = signing.Signer(key=settings.LINK_KEYS[0], fallback_keys=list(settings.LINK_KEYS[1:]), salt=_SALT)
    try:
        return int(signer.unsign(token.replace("~", ":")), 16)
    except (signing.BadSignature, ValueError):
        return None
