"""Busy days: rules and dates, the file of the desk, the form, and what they propose on the calendar's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from core.errors import Forbidden, Invalid
from desks import actions, peakdays
from desks import queries as desk_queries
from desks.models import Desk
from desks.peakdays import Rule
from helpdesk import deskfile
from tests.factories import OFFICE, Cast, actor
from tests.tickets.cast import load_desk

Browser = Callable[[User], Client]
STORY = (Rule("day", 17, name="declaraciones"), Rule("quincena"), Rule("month_end"), Rule("day", 5))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        pytest.param(date(2026, 11, 17), "declaraciones", id="the 17th"),
        pytest.param(date(2026, 11, 15), "quincena", id="the 15th, a Sunday"),
        pytest.param(date(2026, 11, 30), "quincena, fin de mes", id="the last day is both"),
        pytest.param(date(2027, 2, 28), "quincena, fin de mes", id="the last of February"),
        pytest.param(date(2028, 2, 28), "", id="not the last in a leap year"),
        pytest.param(date(2026, 12, 5), "día 5", id="a day without a name"),
        pytest.param(date(2026, 12, 6), "", id="an ordinary day"),
    ],
)
def test_a_day_is_a_peak_by_its_rule(day: date, name: str) -> None:
    assert peakdays.name_on(STORY, day) == name


def test_the_thirty_first_falls_only_in_long_months() -> None:
    found = peakdays.between([Rule("day", 31)], date(2026, 1, 1), 365)

    assert [day.month for day in found] == [1, 3, 5, 7, 8, 10, 12]


RULES = st.one_of(
    st.integers(1, 31).map(lambda day: Rule("day", day)),
    st.sampled_from([Rule("quincena"), Rule("month_end", name="cierre")]),
    st.dates(date(1970, 1, 1), date(2100, 12, 31)).map(lambda on: Rule("date", on=on, name="anual")),
)


@given(st.lists(RULES, max_size=20, unique=True))
def test_rules_are_read_back_as_they_were_written(rules: list[Rule]) -> None:
    assert peakdays.parse(peakdays.as_json(rules)) == tuple(rules)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ("17", "peak_days"),
        ([{"rule": "day", "day": 17}] * 61, "peak_days"),
        (["17"], "peak_days.0"),
        ([{"rule": "noon"}], "peak_days.0.rule"),
        ([{"rule": ["day"]}], "peak_days.0.rule"),
        ([{"rule": "day"}], "peak_days.0.day"),
        ([{"rule": "day", "day": 32}], "peak_days.0.day"),
        ([{"rule": "day", "day": True}], "peak_days.0.day"),
        ([{"rule": "date", "date": "2026-02-30"}], "peak_days.0.date"),
        ([{"rule": "date", "date": "1066-10-14"}], "peak_days.0.date"),
        ([{"rule": "quincena", "day": 3}], "peak_days.0.day"),
        ([{"rule": "quincena", "name": "x" * 81}], "peak_days.0.name"),
        ([{"rule": "quincena", "name": "a\x00b"}], "peak_days.0.name"),
    ],
)
def test_nonsense_is_told_at_its_place(rows: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        peakdays.parse(rows)

    assert [error.field for error in refused.value.errors] == [field]


# ------------------------------------------------------------------ the desk, its file, its pages


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setattr("django.utils.timezone.now", lambda: OFFICE)

    def sign_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in


@pytest.mark.django_db
def test_the_file_of_a_desk_holds_them() -> None:
    desk = load_desk("invoice-mx")

    assert peakdays.name_on(desk_queries.config(desk).peak_days, date(2026, 11, 17)) == "declaraciones mensuales"
    assert "{rule: quincena}" in deskfile.dump(desk)


def test_only_a_manager_says_which(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        actions.set_peak_days(cast.desk, STORY, by=actor(cast.elena))
    version = cast.desk.config_version

    actions.set_peak_days(cast.desk, STORY, by=actor(cast.marcela))
    actions.set_peak_days(cast.desk, STORY, by=actor(cast.marcela))

    assert cast.desk.config_version == version + 1
    assert desk_queries.config(cast.desk).peak_days == STORY


def test_the_form_reads_rules_and_dates(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)
    values = {"quincena": "on", "days": "17 declaraciones\n\n 5", "dates": "2027-04-30 declaración anual"}

    assert marcela.post("/ajustes/dias-pico/", values).status_code == 302

    desk = Desk.objects.get(pk=cast.desk.pk)
    assert desk.peak_days == [
        {"rule": "day", "day": 17, "name": "declaraciones"},
        {"rule": "day", "day": 5},
        {"rule": "date", "date": "2027-04-30", "name": "declaración anual"},
        {"rule": "quincena"},
    ]
    form = marcela.get("/ajustes/dias-pico/").context["form"]
    assert form["days"].value() == "17 declaraciones\n5"
    assert form["dates"].value() == "2027-04-30 declaración anual"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"days": "17 x\n99 y"}, "days"),
        ({"days": "mañana"}, "days"),
        ({"dates": "30 de abril"}, "dates"),
        ({"days": "17 " + "x" * 100}, "days"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_kept(
    cast: Cast, browser: Browser, values: dict[str, str], field: str
) -> None:
    page = browser(cast.marcela).post("/ajustes/dias-pico/", values)

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert page.context["form"][field].value() == values[field]


def test_the_calendar_marks_them_and_proposes_where_it_is_closed_or_short(cast: Cast, browser: Browser) -> None:
    actions.set_peak_days(cast.desk, STORY, by=actor(cast.marcela))
    marcela = browser(cast.marcela)

    page = marcela.get("/ajustes/calendarios/oficina/")

    assert page.context["days"][0]["peak"] == "declaraciones"
    assert page.context["year"]["peaks"] == 48  # four days in each of twelve months
    proposed = {row["on"]: row["href"] for row in page.context["proposals"]}
    assert list(proposed) == ["mar 17 nov", "lun 30 nov", "sáb 5 dic", "mar 15 dic", "jue 17 dic", "jue 31 dic"]
    assert [on for on, href in proposed.items() if href] == ["sáb 5 dic"]

    form = marcela.get(proposed["sáb 5 dic"]).context["form"]
    assert [form[f"extras-0-{key}"].value() for key in ("date", "opens", "closes")] == ["2026-12-05", "09:00", "14:00"]


@pytest.mark.parametrize("query", ["abrir=x", "abrir=2026-13-01", "abrir=2026-12-05&de=<b>&a=", "abrir="])
def test_a_made_up_proposal_harms_nothing(cast: Cast, browser: Browser, query: str) -> None:
    page = browser(cast.marcela).get(f"/ajustes/calendarios/oficina/?{query}")

    assert page.status_code == 200
    assert "<b>" not in str(page.context["form"]["extras-0-opens"])


def test_the_rota_marks_them_too(cast: Cast, browser: Browser) -> None:
    actions.set_peak_days(cast.desk, STORY, by=actor(cast.marcela))

    page = browser(cast.marcela).get("/guardias/")

    marked = {day["label"]: day["peak"] for day in page.context["days"] if day["peak"]}
    assert marked == {"mar 17 nov": "declaraciones"}
    assert "declaraciones" in page.content.decode()
