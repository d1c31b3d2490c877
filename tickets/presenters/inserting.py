"""What may be put into a reply, as lists and previews show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tickets import canned
from tickets.inserting import Choice


def preview(filled: canned.Filled) -> dict[str, Any]:
    """A filled text in stretches, with what is still missing."""
    return {
        "pieces": [{"kind": piece.kind, "text": piece.text} for piece in filled.pieces],
        "gaps": gap_words(filled.gaps),
    }


def gap_words(gaps: Iterable[str]) -> list[str]:
    """`[[fecha del pago]]` as a person reads it: `fecha del pago`."""
    return [gap.strip("[]{} ") for gap in gaps]


def choice(one: Choice) -> dict[str, Any]:
    """A line of the list."""
    return {"key": one.key, "title": one.title, "hint": one.hint, "excerpt": one.excerpt, "own": one.own}
