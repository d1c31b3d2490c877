"""What a person may change about their own access."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, Theme, User
from core.errors import Conflict

TOKEN_PREFIX: Final = "hd_"  # noqa: S105 - what every token starts with


def issue_token(user: User, *, label: str, now: datetime, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """Save a new token and return it with its text, which exists nowhere else and is shown once."""
    plaintext = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        label=label,
        digest=token_digest(plaintext),
        prefix=plaintext[:8],
        created_at=now,
        expires_at=expires_at,
    )
    return token, plaintext


def token_digest(plaintext: str) -> str:
    """Return what is stored of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(plaintext.encode("utf-8", "replace")).hexdigest()


@transaction.atomic
def revoke_token(token: ApiToken, *, now: datetime) -> ApiToken:
    """Close the token for good; closing it twice keeps the first instant."""
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
    return token


def choose_theme(user: User, *, theme: str) -> User:
    """Remember the colours that the person wants. Raises Conflict for an unknown theme."""
    if theme not in Theme.values:
        raise Conflict(_("There is no such theme."), code="unknown_theme")
    user.theme = theme
    user.save(update_fields=["theme"])
    return user
