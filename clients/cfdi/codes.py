"""Error codes and folios fiscales in what people write. Pure.

Clients copy what their program shows: codes of the tax office's rules (`CFDI40147`, `CRP20201`, `NOM132`, `CCE123`),
of the PAC (`301 XML mal formado`), and the UUID that a stamped document carries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SAT: Final = "sat"
PAC: Final = "pac"
FOLIO: Final = "uuid"
KINDS: Final = (SAT, PAC, FOLIO)
# A pasted log of thousands of lines is known by its first codes.
MAX_CODES: Final = 20

# CFDI 3.3 and 4.0, payments (CRP), payroll (NOM, written without a hyphen: NOM-035 is a norm of work), foreign trade.
_SAT: Final = re.compile(r"(?<![A-Z0-9])(?:(CFDI|CRP)[ _-]?(\d{5})|(NOM|CCE)(\d{3}))(?![A-Z0-9])", re.IGNORECASE)
_CFDI_SERIES: Final = ("33", "40")
_CRP_SERIES: Final = ("10", "20")

# The codes of annex 20 by which a PAC turns a document away. Bare numbers mean many things, so one must be told to
# be an error: "error 302", "código del PAC: 305", "301 - XML mal formado".
_PAC_NUMBER: Final = r"(30[1-8]|40[123])"
# Few words stand between: without a limit a text of "error del pac" over and over is read from each of them to its end.
_TOLD: Final = (
    r"\b(?:error(?:es)?|c[oó]d(?:igo)?s?|rechaz(?:o|a|ó|ado)|incidencia)\b"
    r"(?:[\s.:#=(\[«\"'-]+(?:del?|el|la|su|pac|sat|n[uú]m(?:ero)?|no|error|c[oó]digo|timbrado|es|fue|con|como)){0,8}"
)
_PAC_TOLD: Final = re.compile(
    rf"(?:{_TOLD}|\bpac\b[^.\n\d]{{0,25}}?)[\s.:#=(\[«\"'-]*{_PAC_NUMBER}(?![\w/%])", re.IGNORECASE
)
_PAC_NAMED: Final = re.compile(
    rf"(?<![\w.,$/-]){_PAC_NUMBER}\s*[-–:.,]?\s*[«\"'(]?\s*(?:xml mal|el xml|sello|el sello|certificado|el certificado"
    r"|rfc del emisor|el rfc del emisor|la fecha|fecha de emisi[oó]n|el csd|csd|cfdi ya|timbre previo|ya contiene)",
    re.IGNORECASE,
)
# What follows a number that counts or pays something: "error: 301 facturas", "305.50", "302 pesos".
_COUNTED: Final = re.compile(
    r"\s*(?:[.,]\d|(?:facturas?|timbres?|folios?|pesos|mxn|usd|clientes?|recibos?|empleados?|veces|n[oó]minas?|cfdis?"
    r"|documentos?|archivos?|art[ií]culos?|d[ií]as|horas|minutos)\b)",
    re.IGNORECASE,
)
# The codes of the web that look the same; 401 and 403 are nearly always these.
_WEB: Final = re.compile(
    r"\b(?:https?|p[aá]gina|navegador|servidor|proxy|iis|apache)\W*(?:\w+\W+){0,2}$", re.IGNORECASE
)
_WEB_TWINS: Final = frozenset({"401", "403"})
_PAC_WORD: Final = re.compile(r"\bpac\b", re.IGNORECASE)

_UUID: Final = re.compile(
    r"(?<![\w/-])([0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12})(?![\w-])", re.IGNORECASE
)
_NIL: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A code as the vendor's tickets share it: `kind` of KINDS, `text` in capitals without separators."""

    kind: str
    text: str

    @property
    def label(self) -> str:
        """As people say it: `CFDI40147`, `PAC 302`, the UUID."""
        return f"PAC {self.text}" if self.kind == PAC else self.text


def recognised(text: str) -> tuple[Code, ...]:
    """The codes in a text, each once, in the order in which they stand; at most MAX_CODES."""
    if not any(char.isdigit() for char in text):
        return ()
    found = sorted([*_sat(text), *_pac(text), *_folios(text)], key=lambda pair: pair[0])
    return tuple(dict.fromkeys(code for _at, code in found))[:MAX_CODES]


def parse(text: str) -> Code | None:
    """A code as it stands in an address or a search box: `cfdi40147`, `PAC 302`, a UUID; None for other text."""
    plain = " ".join(text.split())
    pac = re.fullmatch(rf"PAC[ :-]?{_PAC_NUMBER}", plain, re.IGNORECASE)
    if pac:
        return Code(PAC, pac.group(1))
    found = [code for _at, code in (*_sat(plain), *_folios(plain))]
    return found[0] if len(found) == 1 and len(plain) <= len(found[0].text) + 1 else None


def _sat(text: str) -> Iterator[tuple[int, Code]]:
    for match in _SAT.finditer(text):
        series, number, rule, rule_number = match.groups()
        if rule:
            yield match.start(), Code(SAT, f"{rule.upper()}{rule_number}")
        elif number[:2] in (_CFDI_SERIES if series.upper() == "CFDI" else _CRP_SERIES):
            yield match.start(), Code(SAT, f"{series.upper()}{number}")


def _pac(text: str) -> Iterator[tuple[int, Code]]:
    for pattern in (_PAC_TOLD, _PAC_NAMED):
        for match in pattern.finditer(text):
            number, at = match.group(1), match.start(1)
            if _COUNTED.match(text, match.end(1)) or _WEB.search(text[max(0, at - 60) : at]):
                continue
            if number in _WEB_TWINS and pattern is _PAC_TOLD and not _PAC_WORD.search(match.group()):
                continue
            yield at, Code(PAC, number)


def _folios(text: str) -> Iterator[tuple[int, Code]]:
    for match in _UUID.finditer(text):
        if match.group(1) != _NIL:
            yield match.start(), Code(FOLIO, match.group(1).upper())
