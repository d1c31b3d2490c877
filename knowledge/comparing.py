"""Two versions of a text side by side, line by line. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

SAME: Final = "same"
ADDED: Final = "added"
REMOVED: Final = "removed"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that both have, or only the newer (`added`) or the older one (`removed`)."""

    kind: str
    text: str


def lines(old: str, new: str) -> list[Line]:
    """Every line of both in order; where they differ the older ones come first."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Line] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            found += [Line(SAME, text) for text in after[j1:j2]]
        else:
            found += [Line(REMOVED, text) for text in before[i1:i2]]
            found += [Line(ADDED, text) for text in after[j1:j2]]
    return found
