"""Making rows say what the file says, and nothing more: what is equal is not written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Model

from desks.deskfile.sections import Saving

M = TypeVar("M", bound=Model)


def apply(row: M, values: Mapping[str, Any], saving: Saving, what: str) -> M:
    """Write the columns that differ. 1 query, none where nothing differs."""
    differing = [name for name, value in values.items() if _plain(getattr(row, name)) != _plain(value)]
    if differing:
        for name in differing:
            setattr(row, name, values[name])
        row.save(update_fields=differing)
        saving.changed(f"{what}: {', '.join(differing)}")
    return row


def _plain(value: Any) -> Any:
    """Return a value that compares: phone numbers and choices by their text."""
    return str(value) if value is not None and not isinstance(value, bool | int | list | dict | Model) else value


def reconcile(
    rows: Iterable[M],
    key: Callable[[M], str],
    wanted: Mapping[str, Mapping[str, Any]],
    make: Callable[[str, Mapping[str, Any]], M],
    saving: Saving,
    what: str,
    *,
    drop: bool = True,
) -> dict[str, M]:
    """Make, change or deactivate rows so that the active ones are those `wanted`; return these by key."""
    left = {key(row): row for row in rows}
    found: dict[str, M] = {}
    for name, values in wanted.items():
        row = left.pop(name, None)
        if row is None:
            found[name] = make(name, values)
            saving.changed(f"{what} {name}: +")
        else:
            found[name] = apply(row, {**values, "is_active": True}, saving, f"{what} {name}")
    for name, row in left.items():
        if drop:
            apply(row, {"is_active": False}, saving, f"{what} {name}")
    return found
