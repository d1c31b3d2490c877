"""Who calls the API: a token in the header, or the browser's session with its CSRF token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.actions import token_digest
from accounts.models import ApiToken, User
from core.compiled import compiled

KEYWORD: Final = "Token"
SEEN_EVERY: Final = timedelta(minutes=5)


@compiled
def _of_digest(digest: Any) -> QuerySet[ApiToken]:
    return ApiToken.objects.select_related("user").filter(digest=digest)


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token <token>`. 1 query; one more every SEEN_EVERY to note the use."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the person and the token; None when the header names another scheme."""
        words = authentication.get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD.lower().encode():
            return None
        if len(words) != 2:
            raise exceptions.AuthenticationFailed(_("The token is not valid."), code="invalid_token")
        now = timezone.now()  # noqa: TID251 - this is a door
        token = self._find(words[1].decode("latin-1"), now)
        self._note_use(token, now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return KEYWORD

    def _find(self, plaintext: str, now: datetime) -> ApiToken:
        """Return the usable token. Says the same whether it never was, expired, or its owner left."""
        token = _of_digest.first(digest=token_digest(plaintext))
        if token is None or not token.is_usable(now) or not token.user.is_active:
            raise exceptions.AuthenticationFailed(_("The token is not valid."), code="invalid_token")
        return token

    def _note_use(self, token: ApiToken, now: datetime) -> None:
        if token.last_used_at is None or now - token.last_used_at > SEEN_EVERY:
            stale = Q(last_used_at=None) | Q(last_used_at__lt=now - SEEN_EVERY)
            ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes the header."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the scheme as OpenAPI writes it."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <token>`; tokens are made on the person's own page.",
        }
