"""A public certificate of the tax office (`.cer`): whose it is, its number, until when it serves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from clients.cfdi.document import NotRead

MAX_BYTES: Final = 64 * 1024
CSD: Final = "csd"
FIEL: Final = "fiel"
_PEM: Final = b"-----BEGIN CERTIFICATE-----"
_RFC: Final = re.compile(r"[A-ZÑ&]{3,4}\d{6}[A-Z\d]{3}")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says; instants in UTC, both ends serve."""

    kind: str
    rfc: str
    number: str
    valid_from: datetime
    valid_until: datetime

    def as_json(self) -> dict[str, str]:
        return {
            "kind": self.kind,
            "rfc": self.rfc,
            "number": self.number,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Certificate:
        return cls(
            kept["kind"],
            kept["rfc"],
            kept["number"],
            datetime.fromisoformat(kept["valid_from"]),
            datetime.fromisoformat(kept["valid_until"]),
        )


def read(content: bytes) -> Certificate:
    """Read a certificate, DER as the SAT hands it out or PEM. Raises NotRead, nothing else, whatever the bytes."""
    if len(content) > MAX_BYTES:
        raise NotRead("too_large")
    try:
        load = x509.load_pem_x509_certificate if content.lstrip().startswith(_PEM) else x509.load_der_x509_certificate
        found = load(content)
        rfc = _rfc(found)
        is_csd = bool(found.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME))
        number = _number(found.serial_number)
        valid = found.not_valid_before_utc, found.not_valid_after_utc
    except Exception as error:  # the library raises what its parser, in another language, comes upon
        raise NotRead("not_certificate") from error
    if not rfc:
        raise NotRead("not_certificate")  # of a web server, of somebody abroad
    # Only a seal names the branch that it was asked for; the signature of a person or company names none.
    return Certificate(CSD if is_csd else FIEL, rfc, number, valid[0].astimezone(UTC), valid[1].astimezone(UTC))


def _rfc(certificate: x509.Certificate) -> str:
    """The RFC of the owner: `FNO180312KX1 / MELR850101AB1`, the company's before its representative's."""
    for attribute in certificate.subject.get_attributes_for_oid(NameOID.X500_UNIQUE_IDENTIFIER):
        value = attribute.value if isinstance(attribute.value, str) else attribute.value.decode("latin-1")
        first = value.split("/", 1)[0].strip().upper()
        if _RFC.fullmatch(first):
            return first
    return ""


def _number(serial: int) -> str:
    """The twenty digits that CFDI carry: the tax office writes them as text into the serial number."""
    text = serial.to_bytes((serial.bit_length() + 7) // 8 or 1, "big")
    return text.decode("ascii") if text.isdigit() else f"{serial:x}"[:40]
