"""CFDI in a ZIP: a few entries, each read up to a bound whatever its header claims; no archive within an archive."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from clients.cfdi import document
from clients.cfdi.document import Document, NotRead

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_ENTRIES: Final = 200
# Documents that a card shows; a month's ZIP is told by its number.
MAX_DOCUMENTS: Final = 10
MAX_TOTAL: Final = 8 * 1024 * 1024
# An invoice shrinks to a tenth; what shrinks more was made to fill a disk.
MAX_RATIO: Final = 60
_DAMAGED: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, ValueError, NotImplementedError, EOFError, OSError,
    RuntimeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """The documents of a file in its order; `n` more than these when there are more. `whole`: nothing was left out."""

    documents: tuple[Document, ...]
    n: int
    whole: bool = True

    @property
    def has_payroll(self) -> bool:
        return any(one.is_payroll for one in self.documents)


def read(content: bytes) -> Found:
    """Read what a CFDI, or a ZIP of them, holds. Raises NotRead, nothing else, whatever the bytes."""
    if not content.startswith(b"PK\x03\x04"):
        return Found((document.read(content),), 1)
    if len(content) > MAX_BYTES:
        raise NotRead("too_large")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _documents(archive)
    except _DAMAGED as error:
        raise NotRead("damaged") from error


def _documents(archive: zipfile.ZipFile) -> Found:
    entries = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".xml") and not entry.is_dir()]
    found: list[Document] = []
    payroll: Document | None = None
    left, whole = MAX_TOTAL, len(entries) <= MAX_ENTRIES
    for entry in entries[:MAX_ENTRIES]:
        one, used = _document(archive, entry, left)
        left -= used
        whole = whole and one is not None
        if left <= 0:
            whole = False
            break
        if one is not None:
            found.append(one)
            payroll = payroll or (one if one.is_payroll else None)
    if not found:
        raise NotRead("not_cfdi")
    shown = found[:MAX_DOCUMENTS]
    if payroll is not None and payroll not in shown:
        shown[-1] = payroll  # what makes the file reserved is among what its card shows
    return Found(tuple(shown), len(found), whole)


def _document(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> tuple[Document | None, int]:
    """The document of an entry and how many bytes were read for it; None for what is none, is locked or is a bomb."""
    if entry.flag_bits & 0x1 or entry.file_size > MAX_RATIO * max(entry.compress_size, 64):
        return None, 0
    limit = min(document.MAX_BYTES, left)
    try:
        with archive.open(entry) as packed:
            content = packed.read(limit + 1)
        return document.read(content), len(content)
    except NotRead:
        return None, len(content)
    except _DAMAGED:
        return None, limit  # whatever it cost, it is taken for the most
