"""Which view an address has, looked up once.

Django tries the patterns of an installation one after the other, some two hundred for an address that stands late in
the list, and does so again for each request. What an address leads to depends on nothing but its path.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

REMEMBERED: Final = 1024


class Remembering(URLResolver):
    """All patterns below one that remembers where the latest paths led. A path that leads nowhere is not kept."""

    def __init__(self, patterns: Sequence[URLPattern | URLResolver]) -> None:
        super().__init__(RoutePattern(""), patterns)
        self.resolve: Any = lru_cache(REMEMBERED)(self._look_up)

    def _look_up(self, path: str) -> ResolverMatch:
        match: ResolverMatch = super().resolve(path)
        match.tried = []  # two hundred patterns that it was not, which the page of an error of DEBUG shows
        return match
