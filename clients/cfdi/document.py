"""A CFDI in XML, read for a few facts: no entities, no network, bounded in size, depth and elements. Never trusted.

The parser hands over one element after the other, so nothing grows with the document but the counters.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 32
MAX_ELEMENTS: Final = 50_000
MAX_TEXT: Final = 254

_CFDI: Final = {
    "http://www.sat.gob.mx/cfd/3": "3.3",
    "http://www.sat.gob.mx/cfd/4": "4.0",
}
_STAMP: Final = "http://www.sat.gob.mx/TimbreFiscalDigital"
PAYROLL: Final = "payroll"
PAYMENTS: Final = "payments"
FREIGHT: Final = "freight"
# Name space -> complement; the version stands behind its last sign.
_COMPLEMENTS: Final = {
    ("http://www.sat.gob.mx/nomina12", "Nomina"): PAYROLL,
    ("http://www.sat.gob.mx/nomina", "Nomina"): PAYROLL,
    ("http://www.sat.gob.mx/Pagos20", "Pagos"): PAYMENTS,
    ("http://www.sat.gob.mx/Pagos", "Pagos"): PAYMENTS,
    ("http://www.sat.gob.mx/CartaPorte20", "CartaPorte"): FREIGHT,
    ("http://www.sat.gob.mx/CartaPorte30", "CartaPorte"): FREIGHT,
    ("http://www.sat.gob.mx/CartaPorte31", "CartaPorte"): FREIGHT,
}
KINDS: Final = frozenset("IETNP")
_RFC: Final = re.compile(r"[A-ZÑ&]{3,4}\d{6}[A-Z\d]{3}")
_UUID: Final = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_AMOUNT: Final = re.compile(r"\d{1,18}(?:\.\d{1,6})?")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


class NotRead(Exception):
    """It is no CFDI, or one that is not read: `reason` of `not_xml`, `not_cfdi`, `hostile`, `too_large`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Document:
    """What stands in a CFDI; "" where it does not say. Amounts and dates as written, dates without a zone."""

    version: str = ""
    kind: str = ""
    serial: str = ""
    folio: str = ""
    issued: str = ""
    total: str = ""
    currency: str = ""
    certificate: str = ""
    issuer_rfc: str = ""
    issuer: str = ""
    receiver_rfc: str = ""
    receiver: str = ""
    uuid: str = ""
    stamped: str = ""
    pac: str = ""
    paid: str = ""
    complements: tuple[str, ...] = field(default_factory=tuple)

    @property
    def is_payroll(self) -> bool:
        """What somebody earns: told by the type and by the complement, whichever is there."""
        return self.kind == "N" or PAYROLL in self.complements

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "complements": list(self.complements)}


def read(content: bytes) -> Document:
    """Read a CFDI 3.3 or 4.0. Raises NotRead, nothing else, whatever the bytes."""
    if len(content) > MAX_BYTES:
        raise NotRead("too_large")
    reader = _Reader()
    parser = DefusedXMLParser(target=reader, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(content)
        parser.close()
    except DefusedXmlException as error:
        raise NotRead("hostile") from error
    except (ParseError, ValueError, LookupError) as error:  # no XML; bytes or an encoding that nobody knows
        raise NotRead("not_xml") from error
    return reader.document()


class _Reader:
    """The target of the parser: keeps what the card shows and counts what it walks through."""

    def __init__(self) -> None:
        self.depth = 0
        self.elements = 0
        self.facts: dict[str, Any] = {}
        self.complements: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH or self.elements > MAX_ELEMENTS:
            raise NotRead("hostile")
        space, _brace, name = tag.removeprefix("{").rpartition("}")
        if self.depth == 1:
            self._root(space, name, attributes)
        elif self.depth == 2 and space in _CFDI:
            self._party(name, attributes)
        elif (space, name) == (_STAMP, "TimbreFiscalDigital"):
            self._stamp(attributes)
        elif (space, name) in _COMPLEMENTS:
            self.complements.append(_COMPLEMENTS[space, name])
        elif name == "Totales" and "MontoTotalPagos" in attributes:
            self.facts["paid"] = _matching(_AMOUNT, attributes["MontoTotalPagos"])

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def data(self, _text: str) -> None:
        """Texts between elements say nothing in a CFDI."""

    def close(self) -> None:
        """Nothing is held open."""

    def _root(self, space: str, name: str, attributes: dict[str, str]) -> None:
        version = attributes.get("Version", "")
        if name != "Comprobante" or _CFDI.get(space) != version:
            raise NotRead("not_cfdi")
        kind = attributes.get("TipoDeComprobante", "").upper()
        self.facts |= {
            "version": version,
            "kind": kind if kind in KINDS else "",
            "serial": _short(attributes.get("Serie"), 25),
            "folio": _short(attributes.get("Folio"), 40),
            "issued": _matching(_INSTANT, attributes.get("Fecha", "")),
            "total": _matching(_AMOUNT, attributes.get("Total", "")),
            "currency": _matching(re.compile("[A-Z]{3}"), attributes.get("Moneda", "")),
            "certificate": _matching(re.compile(r"\d{20}"), attributes.get("NoCertificado", "")),
        }

    def _party(self, name: str, attributes: dict[str, str]) -> None:
        role = {"Emisor": "issuer", "Receptor": "receiver"}.get(name)
        if role:
            self.facts[f"{role}_rfc"] = _matching(_RFC, attributes.get("Rfc", "").upper())
            self.facts[role] = _short(attributes.get("Nombre"), MAX_TEXT)

    def _stamp(self, attributes: dict[str, str]) -> None:
        self.facts |= {
            "uuid": _matching(_UUID, attributes.get("UUID", "").upper()),
            "stamped": _matching(_INSTANT, attributes.get("FechaTimbrado", "")),
            "pac": _matching(_RFC, attributes.get("RfcProvCertif", "").upper()),
        }

    def document(self) -> Document:
        return Document(**self.facts, complements=tuple(dict.fromkeys(self.complements)))


def _matching(pattern: re.Pattern[str], text: str) -> str:
    """The text when it has the shape that it must have, else nothing: what is shown is never made up by a sender."""
    plain = text.strip()
    return plain if pattern.fullmatch(plain) else ""


def _short(text: str | None, limit: int) -> str:
    return " ".join((text or "").replace("\0", "").split())[:limit]
