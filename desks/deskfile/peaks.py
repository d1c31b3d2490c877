"""The section of the busy days."""

from __future__ import annotations

from typing import Any, Final

from core.errors import Invalid
from desks import peakdays
from desks.deskfile.reader import Node
from desks.deskfile.rows import apply
from desks.deskfile.sections import Saving, Section


def _check(root: Node) -> list[dict[str, Any]]:
    rows = root.get("peak_days")
    try:
        return peakdays.as_json(peakdays.parse([] if rows is None else rows))
    except Invalid as refused:
        root.adopt("", refused)
        return []


def _save(saving: Saving, rows: list[dict[str, Any]]) -> None:
    apply(saving.of(), {"peak_days": rows}, saving, "desk")


PEAKS: Final = Section(
    "peak_days", frozenset({"peak_days"}), _check, _save, lambda desk: {"peak_days": list(desk.peak_days)}
)
