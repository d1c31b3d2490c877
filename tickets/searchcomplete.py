"""What may follow in the search box: operators, then their values. Pure: names come from who asks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tickets.searchquery import CODES, DUE, ME, NOBODY, OPERATORS, OVERDUE, PERIOD, WEEK, fold

MOST: Final = 8
# Values that need nobody's names.
FIXED: Final[Mapping[str, Sequence[str]]] = {
    **{name: tuple(values) for name, values in CODES.items()},
    DUE: ("hoy", "mañana", OVERDUE, WEEK),
    **dict.fromkeys(PERIOD, ("hoy", "ayer")),
    "asignado": (ME, NOBODY),
}
_LAST: Final = re.compile(r'(?:^|(?<=\s))(-?)(?:([^\W\d_]+):("[^"]*|[^\s"]*)|([^\W\d_]*))$')


@dataclass(frozen=True, slots=True)
class Option:
    """`text` is the whole box with the completion in it; `write` the part that is proposed."""

    text: str
    write: str
    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Where the text ends: after `before`, in an operator's name or, with `value`, in its value."""

    before: str
    minus: str
    name: str
    value: str | None


def gap(text: str) -> Gap | None:
    """What the end of the text may become; None in a phrase, and after a blank."""
    found = _LAST.search(text)
    if found is None:
        return None
    minus, name, value, partial = found.groups()
    before = text[: found.start()]
    if before.count('"') % 2:  # inside of a phrase
        return None
    if name is not None:
        return Gap(before, minus, fold(name), value.lstrip('"'))
    if not partial and (before or minus):
        return None
    return Gap(before, minus, fold(partial), None)


def options(text: str, names: Mapping[str, Sequence[str]]) -> list[Option]:
    """At most eight; `names` holds the desk's own values of `asignado`, `producto`, `mesa` and `cliente`."""
    at = gap(text)
    if at is None:
        return []
    start = at.before + at.minus
    if at.value is None:
        matching = [name for name in OPERATORS if name.startswith(at.name)]
        return [Option(f"{start}{name}:", f"{at.minus}{name}:", name) for name in matching[: MOST + 4]]
    typed = fold(at.value)
    own = names.get(at.name, ())
    first = [value for value in (*FIXED.get(at.name, ()), *own) if fold(value).startswith(typed)]
    later = [value for value in own if typed in fold(value) and value not in first]
    proposed = [*first, *later][:MOST]
    if [fold(value) for value in proposed] == [typed]:
        return []
    return [
        Option(f"{start}{at.name}:{_quoted(value)} ", f"{at.minus}{at.name}:{_quoted(value)}", at.name)
        for value in proposed
    ]


def _quoted(value: str) -> str:
    plain = value.replace('"', "")
    return f'"{plain}"' if re.search(r"\s", plain) else plain
