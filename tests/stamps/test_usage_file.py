"""Usage from a spreadsheet: what is understood, and what is said of a row that is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from core.errors import Invalid
from stamps import usage_file
from stamps.usage_file import Fault, Line

ZONE = ZoneInfo("America/Mexico_City")
NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)
HEAD = "rfc,used,balance,at,reference\n"


def read(text: str, encoding: str = "utf-8") -> tuple[list[Line], list[Fault]]:
    with translation.override("es-mx"):
        return usage_file.read(text.encode(encoding), zone=ZONE, now=NOW)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param("rfc,used,at,reference\nFNO180312KX1,40,2026-11-16 09:00,Día 16\n", "utf-8", id="utf-8, commas"),
        pytest.param(
            "RFC;Consumo;Fecha;Referencia\r\nFNO180312KX1;40;16/11/2026 09:00;Día 16\r\n", "cp1252", id="cp1252"
        ),
        pytest.param(
            "RFC\tUsados\tMomento\tReferencia\nfno-180312-kx1\t40.0\t2026-11-16T15:00:00Z\tDía 16\n",
            "utf-8-sig",
            id="tabs",
        ),
    ],
)
def test_rows_are_read_as_spreadsheets_save_them(text: str, encoding: str) -> None:
    lines, faults = read(text, encoding)

    assert faults == []
    at = datetime(2026, 11, 16, 9, tzinfo=ZONE)
    assert lines == [Line(2, "FNO180312KX1", "", 40, None, at, "Día 16")]


@pytest.mark.parametrize(
    ("written", "at"),
    [
        pytest.param("16/11/2026", datetime(2026, 11, 16, tzinfo=ZONE), id="a day: its midnight"),
        pytest.param("16-11-2026 23:59:30", datetime(2026, 11, 16, 23, 59, 30, tzinfo=ZONE), id="with seconds"),
        pytest.param("2026-11-16", datetime(2026, 11, 16, tzinfo=ZONE), id="ISO day"),
        pytest.param("2026-11-16T09:00:00-05:00", datetime(2026, 11, 16, 14, tzinfo=UTC), id="with an offset"),
        pytest.param("17/11/2026 10:46", NOW + timedelta(minutes=4), id="a clock that is fast"),
    ],
)
def test_dates_as_people_write_them(written: str, at: datetime) -> None:
    lines, _ = read(f"{HEAD}FNO180312KX1,40,,{written},a\n")

    assert lines[0].at == at


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param("FNO18312KX1,40,,16/11/2026,a", "falta un dígito", id="no RFC"),
        pytest.param("FNO180312KX1,,,16/11/2026,a", "Escriba los timbres usados o el saldo", id="neither"),
        pytest.param("FNO180312KX1,4,9,16/11/2026,a", "Escriba los timbres usados o el saldo", id="both"),
        pytest.param(
            'FNO180312KX1,"12,5 x",,16/11/2026,a', "«12,5 x» no es un número entero de timbres", id="no number"
        ),
        pytest.param("FNO180312KX1,2.5,,16/11/2026,a", "«2.5» no es un número entero", id="half a stamp"),
        pytest.param("FNO180312KX1,0,,16/11/2026,a", "más de cero", id="nothing used"),
        pytest.param("FNO180312KX1,9999999999,,16/11/2026,a", "no es un número entero", id="too many"),
        pytest.param("FNO180312KX1,4,,,a", "Falta la fecha", id="no date"),
        pytest.param("FNO180312KX1,4,,31/02/2026,a", "«31/02/2026» no es una fecha", id="no such day"),
        pytest.param("FNO180312KX1,4,,16/11/2026 25:00,a", "no es una fecha", id="no such hour"),
        pytest.param("FNO180312KX1,4,,ayer,a", "«ayer» no es una fecha", id="a word"),
        pytest.param("FNO180312KX1,4,,18/11/2026,a", "todavía no llega", id="tomorrow"),
        pytest.param("FNO180312KX1,4,,0001-01-01,a", "no es una fecha", id="long ago"),
        pytest.param("FNO180312KX1,4,,16/11/2026,", "Falta la referencia", id="no reference"),
        pytest.param("FNO180312KX1,4,,16/11/2026," + "x" * 121, "más de 120", id="a reference without end"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(row: str, said: str) -> None:
    lines, faults = read(f"{HEAD}{row}\n")

    assert lines == []
    assert [fault.line for fault in faults] == [2]
    assert said in faults[0].text


def test_a_row_says_all_that_is_wrong_with_it() -> None:
    _, faults = read(f"{HEAD}NADA,x,,ayer,\n")

    assert len(faults[0].text.split(".")) >= 4


def test_one_reference_twice_in_a_file_is_one_row_too_many() -> None:
    lines, faults = read(
        f"{HEAD}FNO180312KX1,4,,16/11/2026,a\n\nFNO180312KX1,5,,16/11/2026,a\nMSC120215JH5,5,,16/11/2026,a\n"
    )

    assert [line.line for line in lines] == [2, 5]
    assert faults == [Fault(4, "La referencia es la misma que en el renglón 2.")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("rfc,at\nx,y\n", "missing_columns", id="columns are missing"),
        pytest.param("", "empty", id="nothing"),
        pytest.param("rfc,used,at,reference\n", "empty", id="no rows"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)

    assert refused.value.errors[0].code == code
    assert refused.value.errors[0].field == "file"
