"""What a visitor reads when something failed, and when the database is away."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client


@pytest.mark.parametrize(
    ("raised", "status", "says"),
    [
        (OperationalError("connection refused"), 503, "Volvemos en un momento"),
        (ValueError("de nosotros"), 500, "Algo falló de nuestro lado"),
    ],
)
def test_a_page_says_whether_to_come_back(
    db: None, monkeypatch: pytest.MonkeyPatch, raised: Exception, status: int, says: str
) -> None:
    def fail(slug: str) -> None:
        raise raised

    monkeypatch.setattr("portal.views.doors.scene_of", fail)

    page = Client(raise_request_exception=False).get("/invoice-mx/")

    assert (page.status_code, page.get("Retry-After")) == (status, "10" if status == 503 else None)
    assert says in page.content.decode()
    assert str(raised) not in page.content.decode()
