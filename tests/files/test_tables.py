"""Tables from spreadsheets: as Excel in Mexico saves them, and never a formula on the way out."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from core.errors import Invalid
from files import tables


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("Empresa,Razón Social\nPapelería Ñandú,x\n".encode(), id="utf-8"),
        pytest.param("Empresa,Razón Social\r\nPapelería Ñandú,x\r\n".encode("utf-8-sig"), id="utf-8 with a mark"),
        pytest.param("Empresa;Razón Social\r\nPapelería Ñandú;x\r\n".encode("cp1252"), id="Windows-1252, semicolon"),
        pytest.param("Empresa\tRazón Social\nPapelería Ñandú\tx\n".encode(), id="tabs"),
        pytest.param('\n\nEmpresa, "Razón Social" ,\n" Papelería  Ñandú ",x,\n,,\n'.encode(), id="empty lines, blanks"),
        pytest.param(workbook(["Empresa", "Razón Social"], ["Papelería Ñandú", "x"], [None, None]), id="workbook"),
    ],
)
def test_reads_what_excel_saves(data):
    table = tables.read(data)

    assert table.headings == ("empresa", "razon social")
    assert [row.cells for row in table.rows] == [{"empresa": "Papelería Ñandú", "razon social": "x"}]


def test_the_line_is_the_one_that_the_person_sees():
    table = tables.read(b"a,b\n1,2\n\n3,4\n")

    assert [row.line for row in table.rows] == [2, 4]


def test_numbers_and_days_of_a_workbook_are_what_people_see():
    table = tables.read(workbook(["tel", "desde", "n"], [7225550145, date(2026, 3, 1), 2.5]))

    assert table.rows[0].cells == {"tel": "7225550145", "desde": "2026-03-01", "n": "2.5"}


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (tables.MAX_UNPACKED + 1))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"a,b\n", "empty", id="headings only"),
        pytest.param(b"a,A\n1,2\n", "repeated_heading", id="heading twice"),
        pytest.param(b"a\n" + b"1\n" * (tables.MAX_ROWS + 1), "too_many_rows", id="too many rows"),
        pytest.param(b"a\n" + b"x" * tables.MAX_BYTES, "too_large", id="too large"),
        pytest.param(b"\xd0\xcf\x11\xe0\x00\x00", "unreadable", id="old workbook"),
        pytest.param(b"PK\x03\x04 not a zip", "unreadable", id="broken workbook"),
        pytest.param(_bomb(), "unreadable", id="a workbook that unpacks without end"),
    ],
)
def test_says_why_a_file_cannot_be_used(data, code):
    with pytest.raises(Invalid) as refused:
        tables.read(data, field="archivo")

    assert [(error.field, error.code) for error in refused.value.errors] == [("archivo", code)]


@pytest.mark.parametrize("cell", ["=1+1", "+52", "-1", "@cmd", "\tx"])
def test_no_cell_is_written_as_a_formula(cell):
    row = tables.csv_bytes(["a"], [[cell]]).decode("utf-8-sig").splitlines()[1]
    book = load_workbook(io.BytesIO(tables.workbook_bytes("Hoja", ["a"], [[cell]])))

    assert row.strip('"').startswith("'")
    assert book.active["A2"].data_type == "s"


def test_a_workbook_keeps_numbers_and_days():
    sheet = load_workbook(io.BytesIO(tables.workbook_bytes("Hoja", ["n", "d"], [[1.5, date(2026, 3, 1)]]))).active

    assert sheet["A2"].value == 1.5
    assert sheet["B2"].value.date() == date(2026, 3, 1)
