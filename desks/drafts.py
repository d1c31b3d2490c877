"""A calendar that a manager is trying out: kept in their session until it is saved or thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.http import HttpRequest

from core.errors import Invalid
from schedules import calendar_spec
from schedules.hours import Spec

_KEY: Final = "calendar_drafts"
MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A timetable and the local date from which it would hold."""

    spec: Spec
    valid_from: date


def keep(request: HttpRequest, calendar_id: int, draft: Draft) -> None:
    """Keep the draft; of many calendars the ones tried last."""
    kept: dict[str, Any] = dict(request.session.get(_KEY, {}))
    kept.pop(str(calendar_id), None)
    kept[str(calendar_id)] = {**as_json(draft.spec), "valid_from": draft.valid_from.isoformat()}
    request.session[_KEY] = dict(list(kept.items())[-MOST:])


def of(request: HttpRequest, calendar_id: int) -> Draft | None:
    """Return the draft of the calendar, None where there is none that can be read."""
    kept: Mapping[str, Any] | None = request.session.get(_KEY, {}).get(str(calendar_id))
    if kept is None:
        return None
    try:
        return Draft(calendar_spec.parse(kept), date.fromisoformat(kept["valid_from"]))
    except (Invalid, KeyError, ValueError):
        return None


def forget(request: HttpRequest, calendar_id: int) -> None:
    kept = dict(request.session.get(_KEY, {}))
    if kept.pop(str(calendar_id), None) is not None:
        request.session[_KEY] = kept


def as_json(spec: Spec) -> dict[str, Any]:
    return calendar_spec.as_json(spec)
