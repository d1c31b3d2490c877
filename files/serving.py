"""Handing a stored file to a browser so that nothing of it ever runs there."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404

from files.models import Attachment


def download_response(attachment: Attachment) -> FileResponse:
    """Return the bytes as a download. Raises Http404 when the storage lost them, and for a secret: see the vault.

    Who may have the file is the caller's question; ask it before.
    """
    if attachment.secret_like:
        raise Http404
    try:
        content = default_storage.open(attachment.storage_key)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=True, filename=attachment.filename, content_type=attachment.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
