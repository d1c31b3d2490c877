"""Keeping what people send: bytes first, then the row; and sweeping bytes that never got one."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import sealing
from core.errors import Invalid
from files import names, sniffing
from files.models import Attachment

MAX_BYTES: Final = 25 * 1024 * 1024
GRACE: Final = timedelta(hours=24)  # a row may still be on its way: an upload, a long transaction
SWEPT_MONTHS: Final = 2


def store(upload: File[bytes], *, now: datetime, field: str = "files") -> Attachment:
    """Write the bytes, then the row, and return it. 1 query.

    The name is made safe and the type is judged by content; a private key is never written openly,
    and whoever hangs it on something passes it on to the vault (`surrender`). When the transaction around it is
    rolled back the bytes stay behind until `sweep_orphans`.
    Raises Invalid (`too_large`) on `field` above 25 MB, naming the file and its size.
    """
    filename = names.safe(upload.name)
    _refuse_large(filename, upload.size or 0, field)
    size, digest = _measure(upload)
    _refuse_large(filename, size, field)  # what was announced and what came may differ
    kind, is_secret = _judge(upload, filename, size)
    upload.seek(0)
    content = ContentFile(sealing.seal(upload.read())) if is_secret else File(upload)
    return Attachment.objects.create(
        storage_key=default_storage.save(storage_key(now), content),
        filename=filename,
        content_type=kind,
        size=size,
        sha256="" if is_secret else digest,  # whoever has a key may not find it here
        secret_like=is_secret,
        created_at=now,
    )


def _judge(upload: File[bytes], filename: str, size: int) -> tuple[str, bool]:
    """The type of a file by its content, and whether it is a private key or packs one."""
    upload.seek(0)
    head = upload.read(sniffing.MAX_TEXT)
    is_zip = head.startswith(b"PK\x03\x04")
    entries = sniffing.zip_entries(upload, size) if is_zip else []
    kind = sniffing.content_type(head, entries)
    packed = is_zip and sniffing.zip_hides_key(upload, size)
    return kind, sniffing.is_secret(filename, kind, packed=packed)


def surrender(attachment: Attachment, *, now: datetime) -> bytes | None:
    """Hand over the bytes of a secret, once: nothing of them stays here but the name. None when they are gone.

    1 query. The stored bytes (sealed) are deleted when the transaction commits; what a crash leaves
    behind can be opened by nobody who has not the keys of the vault, and is swept.
    """
    if not Attachment.objects.filter(pk=attachment.pk, taken_at__isnull=True).update(taken_at=now):
        return None
    with default_storage.open(attachment.storage_key) as stored:
        content = sealing.unseal(stored.read())
    transaction.on_commit(lambda: default_storage.delete(attachment.storage_key), robust=True)
    return content


def copy(attachment: Attachment, *, now: datetime) -> Attachment:
    """Store the same bytes under a name of their own and return the row: each message has its own file. 1 query."""
    with default_storage.open(attachment.storage_key) as stored:
        key = default_storage.save(storage_key(now), stored)
    return Attachment.objects.create(
        storage_key=key,
        filename=attachment.filename,
        content_type=attachment.content_type,
        size=attachment.size,
        sha256=attachment.sha256,
        secret_like=attachment.secret_like,
        created_at=now,
    )


def discard(attachments: Iterable[Attachment]) -> None:
    """Delete files that hang on nothing any more: the rows at once, the bytes when the transaction commits. 1 query."""
    gone = list(attachments)
    Attachment.objects.filter(pk__in=[one.pk for one in gone]).delete()
    for one in gone:
        transaction.on_commit(partial(default_storage.delete, one.storage_key), robust=True)


def storage_key(now: datetime) -> str:
    """Return a key that nobody used and nobody guesses: `a/<yyyy>/<mm>/<uuid>`."""
    return f"a/{now.astimezone(UTC):%Y/%m}/{uuid.uuid4()}"


def _measure(upload: File[bytes]) -> tuple[int, str]:
    """Return the size and SHA-256 of what really came; reads no further than a little over the limit."""
    digest, size = hashlib.sha256(), 0
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            break
    return size, digest.hexdigest()


def _refuse_large(filename: str, size: int, field: str) -> None:
    if size > MAX_BYTES:
        raise Invalid.field(
            field,
            "too_large",
            _("“%(name)s” weighs %(size)s MB; each file may have up to 25 MB.")
            % {"name": filename, "size": f"{size / 1024 / 1024:.1f}"},
        )


def sweep_orphans(*, now: datetime) -> int:
    """Delete stored files of the last months that have no row and are older than GRACE; return how many."""
    n_deleted = 0
    for folder in _folders(now):
        keys = _keys_in(folder)
        held = Attachment.objects.filter(storage_key__in=keys, taken_at__isnull=True)
        kept = set(held.values_list("storage_key", flat=True))
        for key in keys:
            if key not in kept and default_storage.get_modified_time(key) < now - GRACE:
                default_storage.delete(key)
                n_deleted += 1
    return n_deleted


def _folders(now: datetime) -> Iterator[str]:
    month = now.astimezone(UTC).replace(day=1)
    for _month in range(SWEPT_MONTHS):
        yield f"a/{month:%Y/%m}"
        month = (month - timedelta(days=1)).replace(day=1)


def _keys_in(folder: str) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    except FileNotFoundError:
        return []
