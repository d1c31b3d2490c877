"""Keyset paging: each page costs the same however deep, and never skips or repeats a row.

DRF's cursor paginator falls back to OFFSET on ties; here the key ends in a unique column and
no column of it is ever null, so the next page is one row comparison.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Key:
    """One column of the order; `descending` turns it round. `parse` reads it back from JSON."""

    column: str
    descending: bool = False
    parse: Callable[[Any], Any] = int


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Rows in order, and the cursors of the pages around (None at an end)."""

    items: list[M]
    next: str | None
    previous: str | None


def instant(value: str) -> datetime:
    return datetime.fromisoformat(value)


def page(queryset: QuerySet[M], order: Sequence[Key], *, cursor: str | None, size: int) -> Page[M]:
    """Return one page of `queryset` in `order`: 1 query. Raises Invalid for a cursor that is not ours."""
    backwards, values = _decode(cursor, order) if cursor else (False, None)
    keys = [Key(k.column, k.descending != backwards, k.parse) for k in order]
    rows = queryset.order_by(*(f"-{k.column}" if k.descending else k.column for k in keys))
    if values is not None:
        rows = rows.filter(_after(keys, values))
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    has_next = bool(cursor) if backwards else more
    has_previous = more if backwards else bool(cursor)
    return Page(
        items=found,
        next=_encode(found[-1], order, backwards=False) if found and has_next else None,
        previous=_encode(found[0], order, backwards=True) if found and has_previous else None,
    )


def beyond(queryset: QuerySet[M], order: Sequence[Key], row: Any, *, backwards: bool = False) -> QuerySet[M]:
    """What comes after `row` in `order` (before it: `backwards`), the nearest first. 0 queries."""
    keys = [Key(k.column, k.descending != backwards, k.parse) for k in order]
    values = [getattr(row, key.column) for key in keys]
    ordered = queryset.order_by(*(f"-{k.column}" if k.descending else k.column for k in keys))
    return ordered.filter(_after(keys, values))


def _after(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """Rows strictly after `values`: (a > x) or (a = x and (b > y or …)), with the first column bounded."""
    condition = Q()
    for key, value in reversed(list(zip(keys, values, strict=True))):
        beyond = Q(**{f"{key.column}__{'lt' if key.descending else 'gt'}": value})
        condition = beyond | (Q(**{key.column: value}) & condition) if condition else beyond
    first = keys[0]
    # The redundant bound lets the index start at the cursor instead of at the top.
    return Q(**{f"{first.column}__{'lte' if first.descending else 'gte'}": values[0]}) & condition


def _encode(row: Model, order: Sequence[Key], *, backwards: bool) -> str:
    values = [_plain(getattr(row, key.column)) for key in order]
    raw = json.dumps([int(backwards), *values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # an instant is one too
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _decode(cursor: str, order: Sequence[Key]) -> tuple[bool, list[Any]]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        backwards, *values = json.loads(raw)
        parsed = [key.parse(value) for key, value in zip(order, values, strict=True)]
        _reject_out_of_range(parsed)
        return bool(backwards), parsed
    except (ValueError, TypeError, KeyError, binascii.Error, OverflowError, RecursionError) as wrong:
        raise invalid_cursor() from wrong


def invalid_cursor() -> Invalid:
    """The refusal of a cursor that is not ours."""
    return Invalid.field("cursor", "invalid_cursor", _("This page link is not valid any more."))


def _reject_out_of_range(values: Sequence[Any]) -> None:
    for value in values:
        if isinstance(value, int) and abs(value) >= 2**63:
            raise ValueError("out of range")
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError("naive")
