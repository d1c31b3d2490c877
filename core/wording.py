"""Sentences to clients, in the desk's manner of address.

A key has two sentences side by side, `usted` and `tu`; a desk may override any of them in its
file. The *trato* is a choice of the desk, never a locale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml

TRATOS: Final = ("usted", "tu")
CATALOGUE_DIR: Final = Path(__file__).resolve().parent.parent / "desks" / "data" / "wording"

Pair = Mapping[str, str]


class UnknownWording(KeyError):
    """No sentence has this key: a mistake in the code or in a desk's file."""


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Pair]:
    """Every key of `desks/data/wording/*.yaml`; a key that stands twice is refused."""
    merged: dict[str, Pair] = {}
    for path in sorted(CATALOGUE_DIR.glob("*.yaml")):
        for key, pair in (yaml.safe_load(path.read_text("utf-8")) or {}).items():
            if key in merged:
                raise ValueError(f"{path.name}: {key} stands in another file too")
            merged[key] = _checked(key, pair)
    return merged


def _checked(key: str, pair: str | Pair) -> Pair:
    if isinstance(pair, str):  # the same sentence for both
        return dict.fromkeys(TRATOS, pair)
    if set(pair) != set(TRATOS):
        raise ValueError(f"{key}: needs exactly {TRATOS}")
    return dict(pair)


def say(key: str, *, trato: str, overrides: Mapping[str, str] | None = None, **params: object) -> str:
    """The sentence of `key` for this manner of address, filled in. Raises UnknownWording."""
    text = (overrides or {}).get(key)
    if text is None:
        try:
            text = catalogue()[key][trato]
        except KeyError as missing:
            raise UnknownWording(key) from missing
    return text.format_map(params) if params else text


class Wording(Mapping[str, str]):
    """The desk's sentences as templates read them: `{{ say.report_title }}`.

    Filled with `params` where a sentence has places; looking up an unknown key raises, so that
    a page with a misspelt key fails in its first test.
    """

    def __init__(self, trato: str, overrides: Mapping[str, str] | None = None, **params: object) -> None:
        self.trato, self.overrides, self.params = trato, overrides or {}, params

    def __getitem__(self, key: str) -> str:
        return say(key, trato=self.trato, overrides=self.overrides, **self.params)

    def __iter__(self) -> Iterator[str]:
        return iter(catalogue())

    def __len__(self) -> int:
        return len(catalogue())
