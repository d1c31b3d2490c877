"""What may be put into a reply, as lists and previews show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tickets import canned

EXCERPT: Final = 110


def excerpt(body: str) -> str:
    """The first words of a text on one line, after its greeting."""
    lines = [line.strip() for line in body.split("\n") if line.strip()]
    if len(lines) > 1 and lines[0].startswith("{{saludo}}"):
        lines = lines[1:]
    line = " ".join(" ".join(lines).split())
    return line if len(line) <= EXCERPT else line[:EXCERPT].rsplit(" ", 1)[0] + "…"


def preview(filled: canned.Filled) -> dict[str, Any]:
    """A filled text in stretches, with what is still missing."""
    return {
        "pieces": [{"kind": piece.kind, "text": piece.text} for piece in filled.pieces],
        "gaps": gap_words(filled.gaps),
    }


def gap_words(gaps: Iterable[str]) -> list[str]:
    """`[[fecha del pago]]` as a person reads it: `fecha del pago`."""
    return [gap.strip("[]{} ") for gap in gaps]
