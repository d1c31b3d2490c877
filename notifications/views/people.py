"""Who asks, as these pages need it."""

from __future__ import annotations

from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import NumberParseException

from accounts.fields import DEFAULT_ZONE
from accounts.models import User
from core.actor import Actor


def actor_of(request: HttpRequest) -> tuple[Actor, User]:
    """Return the actor that a middleware of a higher app put on the request, and the account behind it."""
    return cast(Actor, request.actor), cast(User, request.user)  # type: ignore[attr-defined]


def national(number: str) -> str:
    """An E.164 number as people here read it; what is none stays as it is."""
    try:
        return str(PhoneNumber.from_string(number).as_national)
    except NumberParseException:
        return number


def zone_of(user: User) -> ZoneInfo:
    """Return the person's own zone, by default central Mexico's."""
    try:
        return ZoneInfo(user.timezone) if user.timezone else DEFAULT_ZONE
    except (ZoneInfoNotFoundError, ValueError):
        return DEFAULT_ZONE
