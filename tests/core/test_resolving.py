"""What an address leads to is looked up once, and only where it leads somewhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import Resolver404, path
from django.urls.resolvers import RoutePattern

from core.resolving import Remembering


def nowhere(request: Any, number: str) -> None:
    """A view that is never asked."""


def test_a_path_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    match = RoutePattern.match

    def watched(self: RoutePattern, text: str) -> Any:
        looked.append(text)
        return match(self, text)

    monkeypatch.setattr(RoutePattern, "match", watched)
    addresses = Remembering([path("tickets/<str:number>/", nowhere, name="ticket")])

    found = [addresses.resolve(text) for text in ("tickets/IMX-1/", "tickets/IMX-1/", "tickets/IMX-2/")]
    n_looked = len(looked)

    assert [one.kwargs["number"] for one in found] == ["IMX-1", "IMX-1", "IMX-2"]
    assert n_looked == 2 * 2  # the root's own pattern and the address
    assert addresses.reverse("ticket", "IMX-3") == "tickets/IMX-3/"


def test_what_leads_nowhere_is_said_each_time_and_not_kept() -> None:
    addresses = Remembering([path("tickets/<str:number>/", nowhere)])

    for _time in range(2):
        with pytest.raises(Resolver404):
            addresses.resolve("nada/")

    assert addresses.resolve.cache_info().currsize == 0
