"""Nothing personal and nothing secret in a log line."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from django.test import Client

from helpdesk import logs


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What production would have written."""
    written = StringIO()
    configuration = logs.configuration(json=True, level="INFO")
    formatter = dict(configuration["formatters"]["line"])
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter.pop("()")(**formatter))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("GET /t/eyJ0.abc-_123/?x=1", "GET /t/…/?x=1", id="signed link"),
        pytest.param("sin cliente para GODE561231GR8", "sin cliente para RFC…", id="RFC of a person"),
        pytest.param("rfc=cfe370814qi0.", "rfc=RFC….", id="RFC of a company, lower case"),
        pytest.param("Authorization: Token hd_abc123", "Authorization: Token …", id="API token"),
        pytest.param("postgresql://user:pw@db/x", "postgresql://user:…@db/x", id="password in an address"),
        pytest.param("IMX-4821 resuelta a las 09:14", "IMX-4821 resuelta a las 09:14", id="a ticket's number stays"),
    ],
)
def test_masked(text: str, kept: str) -> None:
    assert logs.masked(text) == kept


def test_secret_fields_are_blotted_out_at_any_depth() -> None:
    event = {"user": 7, "data": {"password": "hunter2", "list": ["/t/abc"]}, "api_key": "k"}

    assert logs.masked(event) == {"user": 7, "data": {"password": "…", "list": ["/t/…"]}, "api_key": "…"}


def test_events_and_plain_records_end_in_masked_json(lines: StringIO) -> None:
    structlog.get_logger("tickets").info("opened", rfc="GODE561231GR8", number="IMX-1")
    logging.getLogger("anything").warning("no route for %s", "/t/secret-token")

    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    assert (first["event"], first["rfc"], first["number"], first["level"]) == ("opened", "RFC…", "IMX-1", "info")
    assert second["event"] == "no route for /t/…"


def test_traceback_is_masked(lines: StringIO) -> None:
    try:
        raise ValueError("GODE561231GR8 at /t/abc")
    except ValueError:
        logging.getLogger("anything").exception("failed")

    written = json.loads(lines.getvalue())
    assert "ValueError: RFC… at /t/…" in written["exception"]


@pytest.mark.django_db
def test_request_line_has_an_id_and_no_query(lines: StringIO, client: Client) -> None:
    response = client.get("/metrics?q=GODE561231GR8", headers={"x-request-id": "trace-0001-abcd"})

    line = next(json.loads(line) for line in lines.getvalue().splitlines() if '"request"' in line)
    assert response["X-Request-ID"] == "trace-0001-abcd"
    assert line["request_id"] == "trace-0001-abcd"
    assert line["path"] == "/metrics"
    assert line["status"] == 200
    assert "GODE" not in lines.getvalue()


@pytest.mark.django_db
def test_a_request_id_that_is_not_one_is_replaced(client: Client) -> None:
    response = client.get("/metrics", headers={"x-request-id": "a b\tc" * 40})

    assert len(response["X-Request-ID"]) == 32
