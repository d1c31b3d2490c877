"""Who a session belongs to, and whom a password lets in."""

from __future__ import annotations

from typing import Any

from allauth.account import auth_backends
from django.db.models import QuerySet

from accounts.models import User
from core.compiled import compiled


@compiled
def _person(pk: Any) -> QuerySet[User]:
    return User.objects.filter(pk=pk, is_active=True)


class AuthenticationBackend(auth_backends.AuthenticationBackend):  # type: ignore[misc]
    """Sign-in by e-mail as django-allauth does it; the person of a session is read by a compiled statement."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person, None when they are gone or may not sign in any more. 1 query."""
        return _person.first(pk=user_id)
