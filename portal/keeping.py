"""What a refused form holds on to between two sends, signed, so that nobody hands us somebody else's.

Both tokens are bound to the form's own key: a file that was accepted, and how often the writer was
told that the text is too vague.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core import signing

from files.models import Attachment
from tickets.description import LESSONS

MAX_AGE: Final = timedelta(days=2)
_FILE: Final = "portal.kept-file"
_LESSON: Final = "portal.lessons"


def file_token(attachment: Attachment, *, key: UUID) -> str:
    return signing.TimestampSigner(salt=_FILE).sign(f"{key.hex}.{attachment.pk.hex}")


def files(tokens: Iterable[str], *, key: UUID) -> list[Attachment]:
    """The files that those tokens keep for this form, in order; what is not ours or too old is left out. 1 query."""
    wanted = [pk for pk in (_file_id(token, key) for token in tokens) if pk is not None]
    if not wanted:
        return []
    found = Attachment.objects.in_bulk(wanted)
    return [found[pk] for pk in dict.fromkeys(wanted) if pk in found]


def _file_id(token: str, key: UUID) -> UUID | None:
    try:
        form, _dot, file = signing.TimestampSigner(salt=_FILE).unsign(token, max_age=MAX_AGE).partition(".")
        return UUID(file) if form == key.hex else None
    except (signing.BadSignature, ValueError):
        return None


def lessons_token(n: int, *, key: UUID) -> str:
    return signing.Signer(salt=_LESSON).sign(f"{key.hex}.{min(n, LESSONS)}")


def lessons(token: str, *, key: UUID) -> int:
    """How often this form was refused as vague; 0 for a token that is not ours."""
    try:
        form, _dot, n = signing.Signer(salt=_LESSON).unsign(token).partition(".")
    except signing.BadSignature:
        return 0
    return min(int(n), LESSONS) if form == key.hex and n.isdigit() else 0
