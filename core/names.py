"""How people are called: by their first name, with the title that they write before it. Pure."""

from __future__ import annotations

from typing import Final

# Titles as people here write them before their name, without dots.
_TITLES: Final = frozenset(
    {
        *("don", "doña", "sr", "sra", "srita", "srta", "lic", "licda", "ing", "arq", "dr", "dra"),
        *("prof", "profa", "profr", "mtro", "mtra", "cp", "cpc", "lcp", "lcpf", "lae", "lci", "tec", "téc"),
    }
)


def first(name: str) -> str:
    """`Rosa` of `Rosa Medina`, `C.P. Norma` of `C.P. Norma Villegas`: a title alone calls nobody. Empty for nothing."""
    words = name.split()
    for n, word in enumerate(words, start=1):
        if word.replace(".", "").casefold() not in _TITLES:
            return " ".join(words[:n])
    return " ".join(words[:1])
