"""Private keys among the files: known by their content however they are called, never written openly."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption as Locked
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, pkcs7
from django.core.files.base import ContentFile
from django.http import Http404

from files import actions, serving
from files.models import Attachment
from tests.files.test_actions import certificate

pytestmark = pytest.mark.django_db

NOW: Final = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)
RSA: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC: Final = ec.generate_private_key(ec.SECP256R1())
ED: Final = ed25519.Ed25519PrivateKey.generate()
OPEN: Final = NoEncryption()
DER, PEM = Encoding.DER, Encoding.PEM
PKCS8, OLD = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL


def store(name: str, content: bytes) -> Attachment:
    return actions.store(ContentFile(content, name=name), now=NOW)


def zipped(**entries: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return packed.getvalue()


CERTIFICATE: Final = certificate()
CHAIN: Final = CERTIFICATE.public_bytes(PEM) * 12  # longer than the beginning that tells a type
HIDDEN: Final = RSA.private_bytes(DER, PKCS8, OPEN)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(HIDDEN, id="PKCS#8, not locked"),
        pytest.param(RSA.private_bytes(DER, PKCS8, Locked(b"12345678a")), id="PKCS#8, locked as the tax office does"),
        pytest.param(RSA.private_bytes(DER, OLD, OPEN), id="PKCS#1"),
        pytest.param(EC.private_bytes(DER, PKCS8, OPEN), id="a curve in PKCS#8"),
        pytest.param(EC.private_bytes(DER, OLD, OPEN), id="SEC1"),
        pytest.param(ED.private_bytes(DER, PKCS8, OPEN), id="Ed25519"),
        pytest.param(ED.private_bytes(PEM, PrivateFormat.OpenSSH, OPEN), id="OpenSSH"),
        pytest.param(CHAIN + RSA.private_bytes(PEM, PKCS8, OPEN), id="behind certificates"),
        pytest.param(b"PuTTY-User-Key-File-3: ssh-rsa\r\n", id="PuTTY"),
        pytest.param(b"\xfe\xed\xfe\xed\x00\x00\x00\x02", id="a key store of Java"),
        pytest.param(zipped(**{"factura.xml": b"<a/>", "foto.jpg": HIDDEN}), id="renamed in a zip"),
        pytest.param(zipped(dentro=zipped(**{"x.bin": HIDDEN})), id="in a zip in a zip"),
        pytest.param(zipped(dentro=zipped(**{"csd.key": b"-"})), id="by name in a zip in a zip"),
    ],
)
def test_a_key_is_a_key_whatever_its_name(content: bytes, media: Path) -> None:
    attachment = store("documento.pdf", content)

    assert attachment.secret_like
    (written,) = [path for path in media.rglob("*") if path.is_file()]
    assert content[:40] not in written.read_bytes()
    assert attachment.sha256 == ""


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(CERTIFICATE.public_bytes(DER), id="a certificate"),
        pytest.param(CHAIN, id="a chain of certificates"),
        pytest.param(RSA.public_key().public_bytes(DER, PublicFormat.SubjectPublicKeyInfo), id="a public key"),
        pytest.param(RSA.public_key().public_bytes(DER, PublicFormat.PKCS1), id="a public key of PKCS#1"),
        pytest.param(pkcs7.serialize_certificates([CERTIFICATE], DER), id="certificates in PKCS#7"),
        pytest.param(zipped(**{"a.cer": CERTIFICATE.public_bytes(DER), "b.xml": b"<a/>"}), id="a zip of public things"),
        pytest.param(zipped(dentro=zipped(**{"a.cer": CERTIFICATE.public_bytes(DER)})), id="a zip in a zip"),
        pytest.param(zipped(dentro=b"PK\x03\x04 damaged"), id="a damaged zip in a zip"),
        pytest.param(b"\x30", id="one byte"),
        pytest.param(b"\x30\x84", id="a length that is cut"),
    ],
)
def test_what_is_public_stays_an_ordinary_file(content: bytes) -> None:
    assert not store("csd.cer", content).secret_like


def test_it_is_handed_over_once_and_nothing_stays(media: Path, django_capture_on_commit_callbacks: Any) -> None:
    attachment = store("csd.key", HIDDEN)

    with django_capture_on_commit_callbacks(execute=True):
        assert actions.surrender(attachment, now=NOW) == HIDDEN
        assert actions.surrender(attachment, now=NOW) is None

    assert not [path for path in media.rglob("*") if path.is_file()]
    attachment.refresh_from_db()
    assert attachment.taken_at == NOW


def test_what_a_crash_left_behind_is_swept(media: Path) -> None:
    path = media / store("csd.key", HIDDEN).storage_key
    os.utime(path, ((NOW - timedelta(days=2)).timestamp(),) * 2)
    assert actions.sweep_orphans(now=NOW) == 0  # it waits to be hung on something

    Attachment.objects.update(taken_at=NOW)
    assert actions.sweep_orphans(now=NOW) == 1
    assert not path.exists()


def test_nobody_downloads_it() -> None:
    with pytest.raises(Http404):
        serving.download_response(store("csd.key", HIDDEN))
