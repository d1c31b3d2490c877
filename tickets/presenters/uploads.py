"""Files that lie ready for a message, as the box to write in lists them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tickets.models import Upload
from tickets.presenters.thread import size_label


def rows(base: str, uploads: Iterable[Upload]) -> list[dict[str, Any]]:
    """Each with its name, size and the address that throws it away; `base` is where the reader's door begins."""
    return [row(base, upload) for upload in uploads]


def row(base: str, upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.pk,
        "name": upload.attachment.filename,
        "size": size_label(upload.attachment.size),
        "secret": upload.attachment.secret_like,
        "remove_href": f"{base}subidas/{upload.pk}/quitar/",
    }
