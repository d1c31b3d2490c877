"""What a file is, judged by its first bytes; what the sender claims is never believed. Pure.

Only a few types are told apart. Markup that a browser would execute (HTML, SVG) is plain text
here: it is shown as text or downloaded, nothing else.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from typing import IO, Final

from files import names

HEAD_BYTES: Final = 4096
UNKNOWN: Final = "application/octet-stream"
TEXT: Final = "text/plain"
PRIVATE_KEY: Final = "application/pkcs8-encrypted"
KEY_STORE: Final = "application/x-pkcs12"
SECRET_TYPES: Final = frozenset({PRIVATE_KEY, KEY_STORE})

# Offset, magic, type. The first that matches wins.
_MAGIC: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"BM", "image/bmp"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-executable"),
)
_OFFICE: Final = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_PBE_OIDS: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05"  # PKCS#5: how the tax office's .key files are locked
_RSA_OID: Final = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
_EC_OID: Final = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
_ED_OID: Final = b"\x06\x03\x2b\x65"  # Ed25519 and its family
_JAVA_STORES: Final = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_PKCS7_OID: Final = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_MAX_DIRECTORY: Final = 1_048_576
MAX_LOOKED: Final = 200
MAX_INNER: Final = 4 * 1024 * 1024
# Where a key stands in a file of text: behind the certificates of a chain.
MAX_TEXT: Final = 262_144
_DAMAGED: Final = (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError, EOFError, OSError)


def content_type(head: bytes, entries: list[str]) -> str:
    """Return the type of a file from its beginning and, of a zip, the names inside.

    HEAD_BYTES tell the type; more of it, up to MAX_TEXT, also finds a key behind certificates.
    """
    if head.startswith(b"PK\x03\x04"):
        return _zip_type(entries)
    for offset, magic, kind in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return kind
    return _secret_type(head) or _text_type(head[:HEAD_BYTES])


def _zip_type(entries: list[str]) -> str:
    if "[Content_Types].xml" in entries:
        for prefix, kind in _OFFICE.items():
            if any(entry.startswith(prefix) for entry in entries):
                return kind
    return "application/zip"


def _secret_type(head: bytes) -> str | None:
    """Recognise keys by structure: PEM, PKCS#8, PKCS#1, SEC1, PKCS#12, PuTTY, Java; None for the rest."""
    if b"PRIVATE KEY-----" in head or head.startswith((b"PuTTY-User-Key-File-", b"openssh-key-v1")):
        return PRIVATE_KEY
    if head.startswith(_JAVA_STORES):
        return KEY_STORE
    if head[:1] != b"\x30":  # DER: everything starts as a SEQUENCE
        return None
    inside = _after_length(head, 1)
    if head[inside : inside + 3] == b"\x02\x01\x03" and _PKCS7_OID in head[: inside + 40]:
        return KEY_STORE
    return PRIVATE_KEY if _is_open_key(head, inside) or _PBE_OIDS in head[: inside + 24] else None


def _is_open_key(head: bytes, inside: int) -> bool:
    """A key that no password locks: PKCS#8 (version, algorithm, key), PKCS#1 (version, modulus) or SEC1 (1, key)."""
    version, rest = head[inside : inside + 3], inside + 3
    if version == b"\x02\x01\x01":
        return head[rest : rest + 1] == b"\x04" or _ED_OID in head[rest : rest + 16]
    if version != b"\x02\x01\x00":
        return False
    if head[rest : rest + 1] == b"\x30":
        return any(oid in head[rest : rest + 16] for oid in (_RSA_OID, _EC_OID, _ED_OID))
    return head[rest : rest + 2] == b"\x02\x82"  # a modulus of 1,024 bits or more


def _after_length(der: bytes, at: int) -> int:
    """Where the content begins whose length is written at `at`; also for lengths of BER that are left open."""
    first = der[at] if len(der) > at else 0
    return at + 1 + (first & 0x7F if first & 0x80 else 0)


def _text_type(head: bytes) -> str:
    if b"\x00" in head:
        return UNKNOWN
    for cut in range(4):  # the head may end inside a character
        try:
            text = head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return "application/xml" if _is_plain_xml(text) else TEXT
    # Spanish text in Windows' own encoding: printable, no control characters.
    return TEXT if not any(byte < 9 or 13 < byte < 32 for byte in head) else UNKNOWN


def _is_plain_xml(text: str) -> bool:
    """Tell XML such as a CFDI from markup that a browser would run."""
    start = text.lstrip("\ufeff \r\n\t")
    lowered = text.casefold()
    return start.startswith("<?xml") and not any(tag in lowered for tag in ("<svg", "<html", "xml-stylesheet"))


def zip_entries(file: IO[bytes], size: int) -> list[str]:
    """Return the names inside a zip file, [] when it is none, is damaged or lists absurdly many."""
    archive = _opened_zip(file, size)
    return archive.namelist() if archive else []


def zip_hides_key(file: IO[bytes], size: int, *, deeper: bool = True) -> bool:
    """Tell whether a zip packs a private key or a key store, by name or by content, in a zip inside it too.

    Reads the beginning of the first MAX_LOOKED entries; what is locked or damaged is judged by its name.
    """
    archive = _opened_zip(file, size)
    if archive is None:
        return False
    if any(names.is_secret_like(name) for name in archive.namelist()):
        return True
    return any(_entry_is_secret(archive, entry, deeper) for entry in archive.infolist()[:MAX_LOOKED])


def _entry_is_secret(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, deeper: bool) -> bool:
    try:
        with archive.open(entry) as packed:
            head = packed.read(HEAD_BYTES)
            if _secret_type(head) is not None:
                return True
            if not (deeper and head.startswith(b"PK\x03\x04")):
                return False
            inner = head + packed.read(MAX_INNER - HEAD_BYTES)
    except (*_DAMAGED, RuntimeError, zlib.error):  # RuntimeError: locked by a password
        return False
    return zip_hides_key(BytesIO(inner), len(inner), deeper=False)


def _opened_zip(file: IO[bytes], size: int) -> zipfile.ZipFile | None:
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return None
    (directory_size,) = struct.unpack("<I", tail[at + 12 : at + 16])
    if directory_size > _MAX_DIRECTORY:
        return None
    try:
        return zipfile.ZipFile(file)
    except _DAMAGED:
        return None


def is_secret(filename: str, kind: str, *, packed: bool = False) -> bool:
    """Tell whether a file is, by name, by content or by what it packs, a private key or a key store."""
    return packed or kind in SECRET_TYPES or names.is_secret_like(filename)
