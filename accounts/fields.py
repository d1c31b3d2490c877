"""Instants of the API: in with any offset but never without one, out with the desk's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions, serializers

DEFAULT_ZONE: Final = ZoneInfo("America/Mexico_City")
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2099  # what is reckoned from an instant must still lie in the calendars, which end with 2100

# A `+` that a client forgot to escape in an address arrives as a blank.
_LOST_PLUS: Final = re.compile(r"(?<=\d) (?=\d{2}:?\d{2}$)")
_DATE_TIME: Final = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")

MESSAGES: Final = {
    "invalid": _("Write an instant as 2026-11-17T10:42:00-06:00."),
    "offset_required": _("The instant needs its offset, such as 2026-11-17T10:42:00-06:00."),
    "out_of_range": _("The instant lies too far away."),
}


def parse_instant(text: object) -> datetime:
    """Return the instant in UTC. Raises ValueError whose only argument is a code of MESSAGES."""
    if not isinstance(text, str) or not _DATE_TIME.match(text.strip()):
        raise ValueError("invalid")
    try:
        parsed = parse_datetime(_LOST_PLUS.sub("+", text.strip()))
    except ValueError:
        parsed = None
    if parsed is None:
        raise ValueError("invalid")
    if parsed.tzinfo is None:
        raise ValueError("offset_required")
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        raise ValueError("out_of_range")
    return parsed.astimezone(UTC)


def query_instant(params: Mapping[str, str], name: str, *, default: datetime | None = None) -> datetime:
    """Return the instant of a query parameter. Raises a 400 naming it when it is wrong, or missing without default."""
    text = params.get(name)
    if text is None or text == "":
        if default is None:
            raise serializers.ValidationError({name: [exceptions.ErrorDetail(gettext("Say the instant."), "required")]})
        return default
    try:
        return parse_instant(text)
    except ValueError as error:
        code = str(error)
        raise serializers.ValidationError({name: [exceptions.ErrorDetail(str(MESSAGES[code]), code)]}) from error


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field[datetime, str, str, Any]):
    """An instant. The offset of the answer is that of the desk: `context["zone_of"](instance)` or
    `context["zone"]`, else central Mexico's."""

    default_error_messages = dict(MESSAGES)

    def to_internal_value(self, data: object) -> datetime:
        """Return the instant in UTC."""
        try:
            return parse_instant(data)
        except ValueError as error:
            self.fail(str(error))

    def get_attribute(self, instance: Any) -> Any:
        """Return the instant in the zone of the object's desk."""
        value = super().get_attribute(instance)
        zone_of = self.context.get("zone_of")
        return value.astimezone(zone_of(instance)) if zone_of and isinstance(value, datetime) else value

    def to_representation(self, value: datetime) -> str:
        """Return ISO 8601 with the offset."""
        zone = None if self.context.get("zone_of") else self.context.get("zone", DEFAULT_ZONE)
        return (value.astimezone(zone) if zone else value).isoformat()
