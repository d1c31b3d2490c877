"""Whom a note names with @: the desk's people, by their full name or by as much of it as names one of them. Pure.

Capitals and accents are as people type them: `@ana lopez` is Ana López. The longest name that fits wins; a name in
full beats one that only begins so. Where two people fit, nobody is meant and the writer is asked for more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOST: Final = 20
# Behind a letter it is an address; names may hold a hyphen or an apostrophe.
_AT: Final = re.compile(r"(?<![\w@.])@(?=\w)")
_WORD: Final = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """Who is named, each once and in the order of the text: id -> as it was written; and what names several."""

    people: dict[int, str]
    unclear: tuple[str, ...] = ()


def find(text: str, people: Iterable[Person]) -> Found:
    """Read the mentions of a text; an @ that begins nobody's name is none."""
    known = [(person.id, [_plain(word) for word in _WORD.findall(person.name)]) for person in people]
    found: dict[int, str] = {}
    unclear: dict[str, None] = {}
    for at in list(_AT.finditer(text))[:MOST]:
        words = _words(text, at.end())
        fits = {pk: _fit([_plain(word) for word, _end in words], name) for pk, name in known}
        longest = max(fits.values(), default=0)
        if not longest:
            continue
        written = text[at.start() : words[longest - 1][1]]
        best = [pk for pk, length in fits.items() if length == longest]
        whole = [pk for pk, name in known if pk in best and len(name) == longest]
        meant = whole or best
        if len(meant) == 1:
            found.setdefault(meant[0], written)
        else:
            unclear[written] = None
    return Found(found, tuple(unclear))


def _words(text: str, start: int) -> list[tuple[str, int]]:
    """The words that follow each other with one blank between, with where they end."""
    words: list[tuple[str, int]] = []
    while word := _WORD.match(text, start):
        words.append((word[0], word.end()))
        if text[word.end() : word.end() + 1] != " ":
            break
        start = word.end() + 1
    return words


def _fit(words: list[str], name: list[str]) -> int:
    """How many words of the name the text begins with."""
    n = 0
    while n < min(len(words), len(name)) and words[n] == name[n]:
        n += 1
    return n


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))
