"""The mandatory rest days against a table of our own, year by year, and the weeks in which a person would doubt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from django.utils import translation

from schedules import holidays_mx

YEARS = range(2006, 2041)


def nth_monday(year: int, month: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (n - 1))


def article_74(year: int) -> Mapping[date, str]:
    """Ley Federal del Trabajo, article 74, as in force from 18 January 2006, and its reform of 2024 on I October."""
    days = {
        date(year, 1, 1): "Año Nuevo",
        nth_monday(year, 2, 1): "Día de la Constitución",
        # 2006 was the two hundredth birthday of Juárez: the reform left 21 March where it was that year.
        (date(2006, 3, 21) if year == 2006 else nth_monday(year, 3, 3)): "Natalicio de Benito Juárez",
        date(year, 5, 1): "Día del Trabajo",
        date(year, 9, 16): "Día de la Independencia",
        nth_monday(year, 11, 3): "Día de la Revolución",
        date(year, 12, 25): "Navidad",
    }
    if year in (2006, 2012, 2018):
        days[date(year, 12, 1)] = "Transmisión del Poder Ejecutivo Federal"
    if year in (2024, 2030, 2036):
        days[date(year, 10, 1)] = "Transmisión del Poder Ejecutivo Federal"
    return dict(sorted(days.items()))


ARTICLE_74 = {year: article_74(year) for year in YEARS}


@pytest.mark.parametrize("year", YEARS)
def test_the_days_of_the_year(year: int) -> None:
    assert dict(holidays_mx.of_year(year)) == ARTICLE_74[year]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        pytest.param(date(2006, 3, 21), "Natalicio de Benito Juárez", id="bicentenary of Juárez"),
        pytest.param(date(2006, 3, 20), None, id="the third Monday only from 2007"),
        pytest.param(date(2025, 2, 3), "Día de la Constitución", id="first Monday of February"),
        pytest.param(date(2025, 2, 5), None, id="no longer 5 February"),
        pytest.param(date(2025, 3, 17), "Natalicio de Benito Juárez", id="third Monday of March"),
        pytest.param(date(2026, 11, 16), "Día de la Revolución", id="third Monday of November"),
        pytest.param(date(2018, 12, 1), "Transmisión del Poder Ejecutivo Federal", id="the last 1 December"),
        pytest.param(date(2024, 10, 1), "Transmisión del Poder Ejecutivo Federal", id="the first 1 October"),
        pytest.param(date(2024, 12, 1), None, id="no 1 December in 2024"),
        pytest.param(date(2018, 10, 1), None, id="no 1 October in 2018"),
        pytest.param(date(2026, 10, 1), None, id="no transmission in 2026"),
        pytest.param(date(2027, 5, 1), "Día del Trabajo", id="a Saturday stays a Saturday"),
        pytest.param(date(2027, 5, 3), None, id="nothing moves to the Monday after"),
        pytest.param(date(2024, 6, 2), None, id="an election day is the desk's own closure"),
        pytest.param(date(2026, 4, 3), None, id="Good Friday is custom, not law"),
        pytest.param(date(2026, 12, 12), None, id="nor 12 December"),
    ],
)
def test_a_doubtful_day(day: date, name: str | None) -> None:
    assert holidays_mx.of_year(day.year).get(day) == name


def test_names_are_spanish_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    holidays_mx.of_year.cache_clear()
    for variable in ("LANG", "LANGUAGE", "LC_ALL"):
        monkeypatch.setenv(variable, "en_US.UTF-8")

    with translation.override("en"):
        names = list(holidays_mx.of_year(2026).values())

    assert names == list(ARTICLE_74[2026].values())


def test_years_without_rules_are_empty() -> None:
    assert dict(holidays_mx.of_year(1969)) == dict(holidays_mx.of_year(2101)) == {}
