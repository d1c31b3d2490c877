"""Figures are for the machine itself or for who has the token."""

import pytest
from django.test import Client


def test_the_machine_itself_reads_them(client: Client) -> None:
    response = client.get("/metrics")

    assert response.status_code == 200
    assert b"django_http_requests" in response.content


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        pytest.param({"REMOTE_ADDR": "203.0.113.9"}, 404, id="a stranger"),
        pytest.param({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 404, id="a stranger behind a proxy of this machine"),
        pytest.param({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer wrong"}, 404, id="wrong token"),
        pytest.param({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer right"}, 200, id="the token"),
    ],
)
def test_others_need_the_token(client: Client, settings: object, extra: dict[str, str], status: int) -> None:
    settings.METRICS_TOKEN = "right"  # type: ignore[attr-defined]

    assert client.get("/metrics", **extra).status_code == status  # type: ignore[arg-type]


def test_no_token_set_opens_for_no_token_given(client: Client, settings: object) -> None:
    settings.METRICS_TOKEN = ""  # type: ignore[attr-defined]

    response = client.get("/metrics", REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer ")

    assert response.status_code == 404
