"""What every page tells the browser it may do."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/entrar/", "/no-such-page-anywhere/x/"])
def test_page_allows_only_its_own_scripts_and_no_frame(client: Client, address: str) -> None:
    response = client.get(address)

    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_administration_is_entered_by_the_one_door(client: Client) -> None:
    response = client.get("/admin/login/?next=/admin/")

    assert response.status_code == 302
    assert response["Location"].startswith("/entrar/")


def test_pages_of_the_schema_need_no_inline_script(client: Client) -> None:
    response = client.get("/api/v1/docs/")

    assert response.status_code == 200
    assert b"<script>" not in response.content
    assert b'<script type="text/javascript">' not in response.content
