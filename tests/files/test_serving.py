"""Handing files out so that nothing of them runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404

from files import actions, serving

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)


def test_a_file_is_downloaded_never_shown() -> None:
    attachment = actions.store(SimpleUploadedFile("Señal “x”.html", b"<script>"), now=NOW)

    response = serving.download_response(attachment)

    assert b"".join(response) == b"<script>"
    assert response["Content-Type"] == "text/plain"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "filename*=utf-8''Se%C3%B1al" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Length"] == "8"


def test_a_file_that_the_storage_lost_is_not_found(media: Path) -> None:
    attachment = actions.store(SimpleUploadedFile("a.txt", b"x"), now=NOW)
    (media / attachment.storage_key).unlink()

    with pytest.raises(Http404):
        serving.download_response(attachment)
