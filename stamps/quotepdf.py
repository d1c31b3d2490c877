"""The quote as a letter: one page, the same bytes for the same quote. Pure: plain values in, a PDF out."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fpdf import FPDF

_INK: Final = (20, 33, 31)
_MUTE: Final = (90, 104, 101)
_BRAND: Final = (11, 90, 91)
_LINE: Final = (221, 224, 217)
_SOFT: Final = (244, 245, 241)
# What the built-in letters of a PDF lack, as people would type it.
_TYPED: Final = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "•": "·"})


@dataclass(frozen=True, slots=True)
class Quote:
    """All that the letter says, worded. `made_at` dates the file."""

    title: str
    number: str
    made_at: datetime
    date: str
    seller: Sequence[str]
    client: Sequence[tuple[str, str]]
    concept: str
    quantity: str
    unit_price: str
    subtotal: str
    tax: str
    total: str
    bank: Sequence[tuple[str, str]]
    notes: Sequence[str]


def letter(quote: Quote) -> bytes:
    """Draw the quote on one sheet of letter paper."""
    pdf = FPDF(orientation="P", unit="mm", format="letter")
    pdf.set_creation_date(quote.made_at.astimezone(UTC).replace(microsecond=0))
    pdf.set_title(_latin(f"{quote.title} {quote.number}"))
    pdf.set_author(_latin(quote.seller[0]))
    pdf.set_lang("es-MX")
    pdf.set_margins(20, 20, 20)
    pdf.set_auto_page_break(auto=False)
    pdf.add_page()
    _head(pdf, quote)
    _client(pdf, quote)
    _table(pdf, quote)
    _bank(pdf, quote)
    _notes(pdf, quote)
    return bytes(pdf.output())


def _head(pdf: FPDF, quote: Quote) -> None:
    pdf.set_fill_color(*_BRAND)
    pdf.rect(0, 0, 216, 6, style="F")
    pdf.set_xy(20, 16)
    _write(pdf, 15, quote.seller[0], bold=True, width=110, height=7, cut=46)
    for line in quote.seller[1:]:
        pdf.set_x(20)
        _write(pdf, 9, line, colour=_MUTE, width=110, height=4.6, cut=70)
    pdf.set_xy(130, 16)
    _write(pdf, 10, quote.title.upper(), colour=_MUTE, width=66, height=5, align="R")
    pdf.set_x(130)
    _write(pdf, 19, quote.number, bold=True, colour=_BRAND, width=66, height=9, align="R")
    pdf.set_x(130)
    _write(pdf, 9, quote.date, colour=_MUTE, width=66, height=5, align="R")


def _client(pdf: FPDF, quote: Quote) -> None:
    pdf.set_y(50)
    _facts(pdf, quote.client)


def _facts(pdf: FPDF, facts: Sequence[tuple[str, str]]) -> None:
    for label, value in facts:
        pdf.set_x(20)
        _write(pdf, 9, label, colour=_MUTE, width=42, height=5.6, newline=False)
        _write(pdf, 10, value, width=134, height=5.6, cut=76)


def _table(pdf: FPDF, quote: Quote) -> None:
    pdf.set_xy(20, pdf.get_y() + 6)
    widths = (86, 28, 30, 32)
    pdf.set_fill_color(*_SOFT)
    for text, width, align in zip(("Concepto", "Cantidad", "Precio", "Importe"), widths, "LRRR", strict=True):
        _write(pdf, 9, text, bold=True, width=width, height=8, align=align, fill=True, newline=False)
    pdf.ln(8)
    pdf.set_x(20)
    cells = (quote.concept, quote.quantity, quote.unit_price, quote.subtotal)
    for text, width, align in zip(cells, widths, "LRRR", strict=True):
        _write(pdf, 10, text, width=width, height=9, align=align, newline=False, cut=48)
    pdf.ln(9)
    _rule(pdf)
    for label, amount, is_total in (
        ("Subtotal", quote.subtotal, False),
        ("IVA 16 %", quote.tax, False),
        ("Total en pesos", quote.total, True),
    ):
        pdf.set_x(106)
        size = 12 if is_total else 10
        _write(pdf, size, label, bold=is_total, width=58, height=7, align="R", newline=False)
        _write(pdf, size, amount, bold=is_total, width=32, height=7, align="R")


def _bank(pdf: FPDF, quote: Quote) -> None:
    pdf.set_xy(20, pdf.get_y() + 8)
    _write(pdf, 11, "Para pagar", bold=True, colour=_BRAND, width=176, height=7)
    _facts(pdf, quote.bank)


def _notes(pdf: FPDF, quote: Quote) -> None:
    pdf.set_y(pdf.get_y() + 6)
    _rule(pdf)
    pdf.set_y(pdf.get_y() + 3)
    for note in quote.notes:
        pdf.set_x(20)
        pdf.set_font("helvetica", size=9)
        pdf.set_text_color(*_MUTE)
        pdf.multi_cell(176, 4.8, _latin(note), align="L", new_x="LMARGIN", new_y="NEXT")


def _rule(pdf: FPDF) -> None:
    pdf.set_draw_color(*_LINE)
    pdf.line(20, pdf.get_y(), 196, pdf.get_y())


def _write(
    pdf: FPDF,
    size: float,
    text: str,
    *,
    width: float,
    height: float,
    bold: bool = False,
    colour: tuple[int, int, int] = _INK,
    align: str = "L",
    fill: bool = False,
    newline: bool = True,
    cut: int = 90,
) -> None:
    """One line in a box; what does not fit ends in dots."""
    pdf.set_font("helvetica", style="B" if bold else "", size=size)
    pdf.set_text_color(*colour)
    shown = _latin(text)
    shown = shown if len(shown) <= cut else f"{shown[: cut - 3]}..."
    pdf.cell(
        width,
        height,
        shown,
        align=align,
        fill=fill,
        new_x="LMARGIN" if newline else "RIGHT",
        new_y="NEXT" if newline else "TOP",
    )


def _latin(text: str) -> str:
    """The text in the letters that every PDF reader has; others lose their accents or become a question mark."""
    plain = unicodedata.normalize("NFC", text).translate(_TYPED)
    return plain.encode("latin-1", "replace").decode("latin-1")
