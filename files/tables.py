"""Tables kept in spreadsheets, read from CSV or XLSX: a heading, then rows with the line they stand on. Pure.

What Excel in Mexico saves is read as it is: UTF-8 with or without its mark or Windows-1252; commas, semicolons or
tabs; empty lines between rows; a workbook's numbers and dates as people see them.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from core.errors import Invalid

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_UNPACKED: Final = 60 * 1024 * 1024  # a workbook is a zip: what it says it holds, before any of it is read
MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 60
MAX_CELL: Final = 2_000

# Characters with which a spreadsheet begins a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the number that the person sees in their spreadsheet, and its cells by heading."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The headings as they were written, and the rows that are not empty."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def read(data: bytes, *, field: str = "file") -> Table:
    """Return the table in a CSV or XLSX file, told apart by content. Cells are trimmed text, NFC.

    Dates of a workbook come as YYYY-MM-DD. Raises Invalid on `field`: `too_large`, `unreadable`, `empty`,
    `too_many_rows`, `repeated_heading`.
    """
    if len(data) > MAX_BYTES:
        raise Invalid.field(field, "too_large", _("The file may have up to %d MB.") % (MAX_BYTES // 1024 // 1024))
    lines = _of_workbook(data, field) if data.startswith(b"PK\x03\x04") else _of_csv(data, field)
    return _table(lines, field)


def _of_csv(data: bytes, field: str) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(data, field)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as wrong:
        raise unreadable(field) from wrong


def _decoded(data: bytes, field: str) -> str:
    if b"\x00" in data:  # a workbook of another kind, a picture …
        raise unreadable(field)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """What parts the cells of the first line that is not empty: `;`, a tab or, where neither is seen more, `,`."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max((",", ";", "\t"), key=first.count)


def _of_workbook(data: bytes, field: str) -> Iterator[tuple[int, list[str]]]:
    """The first sheet, formulas by the value that was last shown."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise unreadable(field)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file claims of its size is not believed
        for line, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True), start=1):
            yield line, [_shown(value) for value in cells]
    except Invalid:
        raise
    except Exception as wrong:  # a broken workbook fails in many ways inside the library
        raise unreadable(field) from wrong


def _shown(value: Any) -> str:
    """A cell as people read it: 7225550145 and not 7225550145.0, a day without its midnight."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _table(lines: Iterable[tuple[int, Sequence[str]]], field: str) -> Table:
    filled = ((line, [_clean(cell) for cell in cells[: MAX_COLUMNS + 1]]) for line, cells in lines)
    filled = ((line, cells) for line, cells in filled if any(cells))
    headings = _headings(next(filled, (0, []))[1], field)
    rows: list[Row] = []
    for line, cells in filled:
        if len(rows) == MAX_ROWS:
            raise Invalid.field(
                field, "too_many_rows", _("The file has more than %d rows; send it in parts.") % MAX_ROWS
            )
        rows.append(Row(line, {name: cell for name, cell in zip(headings, cells, strict=False) if name}))
    if not rows:
        raise Invalid.field(field, "empty", _("The file has no rows below its headings."))
    return Table(tuple(name for name in headings if name), tuple(rows))


def _headings(cells: Sequence[str], field: str) -> list[str]:
    names = [key(cell) for cell in cells]
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise Invalid.field(
            field, "repeated_heading", _("Two columns have the same heading: %s.") % ", ".join(repeated)
        )
    return names


def key(heading: str) -> str:
    """A heading without capitals, accents and signs: `Razón Social:` is `razon social`."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", heading.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def _clean(cell: str) -> str:
    visible = "".join(c for c in cell if c.isprintable() or c.isspace())
    return " ".join(unicodedata.normalize("NFC", visible).split())[:MAX_CELL]


def unreadable(field: str) -> Invalid:
    """The refusal of a file that is no table."""
    return Invalid.field(
        field, "unreadable", _("This file cannot be read. Save it as CSV or as an Excel workbook (.xlsx).")
    )


def defused(value: Any) -> str:
    """A cell to be written: text that a spreadsheet would run as a formula gets an apostrophe; numbers stay."""
    if not isinstance(value, str):
        return "" if value is None else str(value)
    return f"'{value}" if value.startswith(_FORMULA) else value


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file that Excel opens with its accents right; formulas defused."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([defused(name) for name in headings])
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def workbook_bytes(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """An Excel workbook of one sheet. Numbers and dates stay what they are; no text of it is ever a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for row in (headings, *rows):
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value="".join(c for c in value if c.isprintable() or c in "\n\t"))
    cell.data_type = "s"  # without it text that begins with = becomes a formula
    return cell
