"""What stands in the address of a question: read strictly, refused with the name of the parameter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from core.errors import Invalid
from schedules import businesstime

_MINUTES: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DAYS: Final = re.compile(r"-?[0-9]+")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST: Final = 12  # characters of a number that can still be meant
_MOST_MINUTES: Final = 100_000_000


def _text(params: Mapping[str, str], name: str) -> str:
    found = (params.get(name) or "").strip()
    if not found:
        raise Invalid.field(name, "required", _("This parameter is missing."))
    return found


def minutes(params: Mapping[str, str], name: str = "minutes") -> timedelta:
    """Return an amount of minutes, not negative; a fraction is taken to the microsecond."""
    found = _text(params, name)
    if not _MINUTES.fullmatch(found):
        raise Invalid.field(name, "invalid", _("Write a number of minutes, such as 90."))
    if found.startswith("-") and Decimal(found):
        raise Invalid.field(name, "negative", _("The minutes cannot be negative."))
    if len(found.split(".")[0].lstrip("0")) > _LONGEST or Decimal(found) > _MOST_MINUTES:
        raise Invalid.field(name, "out_of_range", _("That is too far away to be computed."))
    return timedelta(microseconds=int(Decimal(found) * 60_000_000))


def days(params: Mapping[str, str], name: str = "days") -> int:
    """Return a whole number of days, negative for the past."""
    found = _text(params, name).removeprefix("+")
    if not _DAYS.fullmatch(found):
        raise Invalid.field(name, "invalid", _("Write a whole number of days, such as 3 or -3."))
    if len(found.lstrip("-0")) > _LONGEST:
        raise Invalid.field(name, "out_of_range", _("That is too far away to be computed."))
    return int(found)


def day(params: Mapping[str, str], name: str = "date") -> date:
    """Return a date."""
    found = _text(params, name)
    try:
        if not _DATE.fullmatch(found):
            raise ValueError(found)
        return date.fromisoformat(found)
    except ValueError as wrong:
        raise Invalid.field(name, "invalid_date", _("Write the date as YYYY-MM-DD.")) from wrong


@contextmanager
def computing() -> Iterator[None]:
    """Turn what business time cannot answer into a refusal of the parameter that asks too much."""
    try:
        yield
    except businesstime.NotOpenAgain as never:
        raise Invalid.field(
            never.argument, "not_open_again", _("The calendar does not open often enough to answer that.")
        ) from never
    except businesstime.OutOfRange as far:
        raise Invalid.field(far.argument, "out_of_range", _("That is too far away to be computed.")) from far
