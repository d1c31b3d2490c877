"""Keeping files: bytes first, types by content, limits by what really came."""

from __future__ import annotations

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import translation

from core.errors import Invalid
from files import actions, sniffing
from files.models import Attachment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PASSWORD = serialization.BestAvailableEncryption(b"secreta")


def store(name: str, content: bytes, claimed: str = "text/html") -> Attachment:
    return actions.store(SimpleUploadedFile(name, content, content_type=claimed), now=NOW)


def zipped(*entries: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in entries:
            archive.writestr(entry, "x")
    return buffer.getvalue()


def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Prueba")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    return builder.sign(KEY, hashes.SHA256())


def test_the_bytes_are_kept_as_they_came(media: Path) -> None:
    content = os.urandom(3_000_000)

    attachment = store("Factura Ñ.bin", content)

    assert re.fullmatch(r"a/2026/11/[0-9a-f-]{36}", attachment.storage_key)
    assert (media / attachment.storage_key).read_bytes() == content
    assert (attachment.size, attachment.sha256) == (3_000_000, hashlib.sha256(content).hexdigest())
    assert (attachment.filename, attachment.created_at) == ("Factura Ñ.bin", NOW)


def test_files_of_one_name_do_not_meet() -> None:
    assert store("a.txt", b"1").storage_key != store("a.txt", b"2").storage_key


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(b"%PDF-1.7\n", "application/pdf", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png", id="png"),
        pytest.param(b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg", id="jpeg"),
        pytest.param(b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", id="webp"),
        pytest.param(zipped("a.txt"), "application/zip", id="zip"),
        pytest.param(zipped("[Content_Types].xml", "xl/workbook.xml"), sniffing._OFFICE["xl/"], id="xlsx"),
        pytest.param(zipped("[Content_Types].xml", "word/document.xml"), sniffing._OFFICE["word/"], id="docx"),
        pytest.param(b"PK\x03\x04 and nothing more", "application/zip", id="a zip cut short"),
        pytest.param(b'<?xml version="1.0"?><cfdi:Comprobante/>', "application/xml", id="a CFDI"),
        pytest.param("\ufeff<?xml version='1.0'?><x/>".encode(), "application/xml", id="a CFDI with a mark"),
        pytest.param(b"<html><script>alert(1)</script>", "text/plain", id="html is text"),
        pytest.param(b'<?xml version="1.0"?><svg onload="x"/>', "text/plain", id="svg is text"),
        pytest.param(b'<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>', "text/plain", id="xml that is styled"),
        pytest.param("Señal ñ €".encode() * 2000, "text/plain", id="text, cut inside a character"),
        pytest.param("Señal".encode("latin-1"), "text/plain", id="text of Windows"),
        pytest.param(b"MZ\x90\x00", "application/vnd.microsoft.portable-executable", id="a program"),
        pytest.param(b"\x00\x01\x02", "application/octet-stream", id="anything"),
        pytest.param(b"", "text/plain", id="nothing"),
    ],
)
def test_the_type_is_judged_by_content_never_by_what_is_claimed(content: bytes, kind: str) -> None:
    assert store("x", content, claimed="text/html").content_type == kind


@pytest.mark.parametrize(
    ("name", "content", "secret"),
    [
        pytest.param("sello.key", b"x", True, id="by name"),
        pytest.param(
            "documento.pdf",
            KEY.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, PASSWORD),
            True,
            id="a locked key under another name",
        ),
        pytest.param(
            "notas.txt",
            KEY.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            True,
            id="a key as text",
        ),
        pytest.param(
            "foto.jpg",
            pkcs12.serialize_key_and_certificates(b"x", KEY, certificate(), None, PASSWORD),
            True,
            id="a key store under another name",
        ),
        pytest.param("csd.zip", zipped("csd/FNO180312KX1.key", "csd/a.cer"), True, id="packed"),
        pytest.param("a.cer", certificate().public_bytes(serialization.Encoding.DER), False, id="a certificate"),
        pytest.param("fotos.zip", zipped("1.jpg"), False, id="an innocent archive"),
        pytest.param("a.txt", b"mi llave es azul", False, id="text"),
    ],
)
def test_private_keys_are_recognised(name: str, content: bytes, secret: bool) -> None:
    assert store(name, content).secret_like is secret


def test_an_archive_that_lists_absurdly_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped("a.key", *(f"{n}.txt" for n in range(50)))
    assert store("a.zip", content).secret_like

    monkeypatch.setattr(sniffing, "_MAX_DIRECTORY", 100)

    assert not store("a.zip", content).secret_like
    assert store("a.zip", content).content_type == "application/zip"


def test_a_large_file_is_refused_by_name_and_size(media: Path) -> None:
    with pytest.raises(Invalid) as refused, translation.override("es-mx"):
        store("respaldo.zip", bytes(actions.MAX_BYTES + 1))

    (error,) = refused.value.errors
    assert (error.field, error.code) == ("files", "too_large")
    assert "respaldo.zip" in str(error.message)
    assert "25.0" in str(error.message)
    assert not Attachment.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_exactly_the_limit_fits() -> None:
    assert store("a.bin", bytes(actions.MAX_BYTES)).size == actions.MAX_BYTES


def test_what_was_announced_is_not_believed() -> None:
    class Liar(SimpleUploadedFile):
        size = 10

        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            for _ in range(30):
                yield bytes(1024 * 1024)

    upload = Liar("a.bin", b"")
    upload.size = 10
    with pytest.raises(Invalid):
        actions.store(upload, now=NOW)


def test_what_never_got_a_row_is_swept_after_a_day(media: Path) -> None:
    kept = store("a.txt", b"1")
    with transaction.atomic():
        lost = store("b.txt", b"2").storage_key
        transaction.set_rollback(True)
    old = (NOW - timedelta(hours=25)).timestamp()
    for path in media.rglob("*"):
        if path.is_file():
            os.utime(path, (old, old))
    young = media / "a/2026/11/young"
    young.write_bytes(b"3")
    os.utime(young, (NOW.timestamp(), NOW.timestamp()))
    foreign = media / "otra" / "cosa"
    foreign.parent.mkdir()
    foreign.write_bytes(b"4")

    assert actions.sweep_orphans(now=NOW) == 1

    assert not (media / lost).exists()
    assert (media / kept.storage_key).exists()
    assert young.exists()
    assert foreign.exists()
    assert actions.sweep_orphans(now=NOW) == 0


def test_the_month_before_is_swept_too(media: Path) -> None:
    path = media / "a/2025/12/lost"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    at = datetime(2026, 1, 3, tzinfo=UTC)
    os.utime(path, ((at - timedelta(days=5)).timestamp(),) * 2)

    assert actions.sweep_orphans(now=at) == 1
