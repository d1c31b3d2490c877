"""Reading the invoice of a sale: a CFDI in XML, from outside, bounded and without entities. Pure.

Annex 20 of the Resolución Miscelánea Fiscal, "Comprobante" 3.3 and 4.0; "TimbreFiscalDigital" 1.1 holds the fiscal
folio.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final
from uuid import UUID

import defusedxml.ElementTree as safe
from defusedxml.common import DefusedXmlException

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_BYTES: Final = 2 * 1024 * 1024
_CFDI: Final = re.compile(r"\{http://www\.sat\.gob\.mx/cfd/[34]\}Comprobante")
_STAMP: Final = "{http://www.sat.gob.mx/TimbreFiscalDigital}TimbreFiscalDigital"


class NotCfdi(ValueError):
    """The file is not what it should be. The argument says why: too_large, not_xml, not_cfdi, not_stamped, bad_uuid,
    bad_total.
    """


@dataclass(frozen=True, slots=True)
class Cfdi:
    """What a sale's invoice says: fiscal folio, who issued it and to whom, total, and its local date."""

    uuid: UUID
    issuer_rfc: str
    receiver_rfc: str
    total: Decimal
    issued_on: date


def read(content: bytes) -> Cfdi:
    """Read an invoice. Raises NotCfdi."""
    if len(content) > MOST_BYTES:
        raise NotCfdi("too_large")
    try:
        root = safe.fromstring(content, forbid_dtd=True)
    except (DefusedXmlException, SyntaxError, ValueError, LookupError) as error:
        raise NotCfdi("not_xml") from error
    if not _CFDI.fullmatch(root.tag):
        raise NotCfdi("not_cfdi")
    stamp = root.find(f".//{_STAMP}")
    if stamp is None:
        raise NotCfdi("not_stamped")
    space = root.tag.removesuffix("Comprobante")
    return Cfdi(
        uuid=_uuid(stamp.get("UUID", "")),
        issuer_rfc=_rfc(root.find(f"{space}Emisor")),
        receiver_rfc=_rfc(root.find(f"{space}Receptor")),
        total=_total(root.get("Total", "")),
        issued_on=_day(root.get("Fecha", "")),
    )


def _uuid(text: str) -> UUID:
    if not re.fullmatch(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", text):
        raise NotCfdi("bad_uuid")
    return UUID(text)


def _rfc(part: Element | None) -> str:
    return (part.get("Rfc") or "").upper() if part is not None else ""


def _total(text: str) -> Decimal:
    try:
        total = Decimal(text)
    except InvalidOperation as error:
        raise NotCfdi("bad_total") from error
    if not total.is_finite() or not 0 <= total < Decimal(10**15):
        raise NotCfdi("bad_total")
    return round(total, 2)


def _day(text: str) -> date:
    try:
        return datetime.fromisoformat(text).date()  # the issuer's wall clock, without an offset
    except ValueError as error:
        raise NotCfdi("not_cfdi") from error
