"""Canned answers (*plantillas*): the places that a text may name, and how they are filled in. Pure.

A place is written `{{cliente.nombre}}` and comes from a closed list, `PLACES`; nothing of a text is ever run.
`[[fecha del pago]]` is a gap that whoever sends it fills in by hand. What a ticket cannot fill becomes such a
gap too, so that one look, `gaps`, tells whether a text may go out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# Place -> what it stands for in a preview without a ticket. All invented.
PLACES: Final[Mapping[str, str]] = {
    "saludo": "Buenos días",
    "cliente.nombre": "Rosa Medina",
    "cliente.primer_nombre": "Rosa",
    "empresa": "Ferretería La Norteña",
    "ticket.numero": "IMX-4821",
    "ticket.asunto": "No timbra: error CFDI40147",
    "ticket.enlace": "https://ayuda.example/tickets/IMX-4821/",
    "producto": "InvoiceMX Escritorio",
    "version": "4.2.7",
    "cita": "martes 17 de noviembre a las 12:30",
    "consultor": "Karla",
    "consultor.nombre": "Karla Jiménez",
    "mesa": "InvoiceMX",
    "mesa.horario": "lunes a viernes de 09:00 a 14:00 y de 16:00 a 19:00",
    "mesa.telefono": "722 555 0145",
    "mesa.correo": "ayuda@invoicemx.example",
}
MAX_BODY: Final = 10_000
MAX_VALUE: Final = 300
MAX_EXCERPT: Final = 110
_PLACE: Final = re.compile(r"\{\{([^{}\n]{0,60})\}\}")
# A letter comes first: `[[1, 2], [3]]` of a pasted log is none.
_GAP: Final = re.compile(r"\[\[([^\W\d_][^\[\]\n]{0,59})\]\]")
_PIECE: Final = re.compile(f"{_PLACE.pattern}|{_GAP.pattern}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a filled text: `kind` is `text` as it was written, `filled` what a place became, or a `gap`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its places filled in."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The text as it goes into the composer; holds no place of PLACES any more."""
        joined = "".join(piece.text for piece in self.pieces)
        while (bare := _PLACE.sub(_bare, joined)) != joined:  # braces around a place may make another one
            joined = bare
        return joined

    @property
    def gaps(self) -> tuple[str, ...]:
        """What has still to be filled in by hand, in order and once each."""
        return gaps(self.text)


def name_of(written: str) -> str:
    """The place that somebody means: `{{ Cliente.Nombre }}` is `cliente.nombre`."""
    return "".join(written.split()).casefold()


def unknown(body: str) -> tuple[str, ...]:
    """The places of a text that nobody knows, as they are written; braces without a partner count as one."""
    found = [match.group() for match in _PLACE.finditer(body) if name_of(match.group(1)) not in PLACES]
    rest = _PLACE.sub("", body)
    found += [sign for sign in ("{{", "}}") if sign in rest]
    return tuple(dict.fromkeys(found))


def fill(body: str, values: Mapping[str, str]) -> Filled:
    """Fill in the places of a text, once: what a value holds is not looked at again. Never raises.

    An empty or missing value becomes a gap that names its place; an unknown place becomes a gap with its own words.
    """
    pieces: list[Piece] = []
    at = 0
    for match in _PIECE.finditer(body):
        if match.start() > at:
            pieces.append(Piece("text", body[at : match.start()]))
        pieces.append(_piece(match, values))
        at = match.end()
    if at < len(body):
        pieces.append(Piece("text", body[at:]))
    return Filled(tuple(pieces))


def _piece(match: re.Match[str], values: Mapping[str, str]) -> Piece:
    written, gap = match.groups()
    if gap is not None:
        return Piece("gap", match.group())
    place = name_of(written)
    value = plain(values.get(place, "")) if place in PLACES else ""
    return Piece("filled", value) if value else Piece("gap", f"[[{_words(place)}]]")


def plain(value: str) -> str:
    """A value on one line, of a bounded length, that can be taken for neither a place nor a gap."""
    line = " ".join(value.split())[:MAX_VALUE]
    for sign in ("{{", "}}", "[[", "]]"):
        while sign in line:
            line = line.replace(sign, sign[0])
    return line


def _words(place: str) -> str:
    """A place as a gap says it: without signs that would end the gap."""
    found = re.sub(r"[^\w .]", " ", place).replace("_", " ").lstrip(" .0123456789")
    return " ".join(found.split())[:60] or "dato"


def _bare(match: re.Match[str]) -> str:
    return match.group(1) if name_of(match.group(1)) in PLACES else match.group()


def gaps(text: str) -> tuple[str, ...]:
    """What a text still has to be given before it goes out: its gaps, and places written by hand. In order, once each.

    Only what a canned answer makes counts: other brackets and braces, and other names in them, are the writer's own.
    """
    found = []
    for match in _PIECE.finditer(text):
        place, gap = match.groups()
        if gap is not None or name_of(place) in PLACES:
            found.append(match.group())
    return tuple(dict.fromkeys(found))


def excerpt(body: str) -> str:
    """The first words of a text on one line, without its greeting and signature."""
    lines = [line.strip() for line in body.split("\n")]
    said = [line for line in lines if line and not line.startswith(("{{saludo}}", "{{consultor", "{{mesa}}"))]
    line = " ".join(" ".join(said or lines).split())
    return line if len(line) <= MAX_EXCERPT else line[:MAX_EXCERPT].rsplit(" ", 1)[0] + "…"
