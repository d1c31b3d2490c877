"""The figures of sales: their numbers by hand, at a fixed cost, and as files without formulas."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from stamps import actions, figures, pricing, queries
from stamps.models import StampOrder
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC
from tests.stamps.test_warnings import running, to

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def order(
    cast: Cast, *, at: datetime = OFFICE, quantity: int = 500, name: str = "La Norteña", **fields: Any
) -> StampOrder:
    wish = actions.Request(quantity=quantity, rfc=RFC, trade_name=name, product="escritorio")
    placed = actions.place(cast.desk, wish, by=factories.actor(cast.rosa), now=at)
    if fields:
        StampOrder.objects.filter(pk=placed.pk).update(**fields)
    return placed


def credited(cast: Cast, asked: datetime, done: datetime, **fields: Any) -> StampOrder:
    steps = dict.fromkeys(("quoted_at", "paid_at", "access_requested_at", "access_received_at", "credited_at"), done)
    account = fields.pop("account", None) or cast.company.stamp_accounts.first() or running(cast)
    return order(cast, at=asked, status="credited", account=account, unit_price=Decimal("2.0000"), **steps, **fields)


def test_the_pipeline_counts_what_is_on_its_way(cast: Cast) -> None:
    order(cast)
    order(cast, quantity=3, status="quoted", quoted_at=OFFICE, unit_price=Decimal("0.675"))
    order(cast, quantity=1, status="quoted", quoted_at=OFFICE, unit_price=Decimal("1.99"))
    order(cast, status="cancelled", cancelled_at=OFFICE)

    found = {str(stage.status): (stage.n, stage.stamps, stage.value) for stage in figures.pipeline(cast.desk)}

    assert found["requested"] == (1, 500, None)
    assert found["quoted"] == (2, 4, Decimal("2.35") + Decimal("2.31"))
    assert found["paid"] == (0, 0, None)
    assert "cancelled" not in found


@pytest.mark.parametrize(
    ("quantity", "unit"), [(3, "0.6750"), (1, "1.99"), (1_000_000, "0.4999"), (7, "0.3335"), (5, "0.0150")]
)
def test_the_database_reckons_a_total_as_the_quote_does(cast: Cast, quantity: int, unit: str) -> None:
    order(cast, quantity=quantity, status="quoted", quoted_at=OFFICE, unit_price=Decimal(unit))

    assert figures.pipeline(cast.desk)[1].value == pricing.price(quantity, Decimal(unit)).total


def test_conversion_of_a_period(cast: Cast) -> None:
    credited(cast, OFFICE - 2 * DAY, OFFICE)
    credited(cast, OFFICE - 3 * DAY, OFFICE)
    order(cast, at=OFFICE - DAY, status="cancelled", cancelled_at=OFFICE)
    order(cast)
    order(cast, at=OFFICE - 40 * DAY)

    won = figures.conversion(cast.desk, OFFICE - 30 * DAY)

    assert (won.n, won.credited, won.cancelled, won.on_their_way, won.share) == (4, 2, 1, 1, 67)


def test_the_pace_is_in_business_hours(cast: Cast) -> None:
    """Monday 16 was a holiday: from Friday 18:00 to Tuesday 10:00 are one hour, Saturday's five and one."""
    friday, tuesday = (
        datetime.fromisoformat(text) for text in ("2026-11-13T18:00:00-06:00", "2026-11-17T10:00:00-06:00")
    )
    credited(cast, friday, tuesday)
    hours = queries.sales_hours(cast.desk, OFFICE)

    found = figures.pace(cast.desk, OFFICE - 30 * DAY, hours)

    assert (found.n, found.median, found.nine_of_ten) == (1, 420, 420)


@pytest.mark.parametrize(
    ("hours", "median", "nine"),
    [
        pytest.param([], None, None, id="none"),
        pytest.param([1, 2], 90, 120, id="two"),
        pytest.param(range(1, 11), 330, 540, id="ten: the ninth"),
        pytest.param(range(1, 12), 360, 600, id="eleven: the tenth"),
    ],
)
def test_nine_of_ten(hours: list[int], median: float | None, nine: float | None) -> None:
    found = figures.paced([n * HOUR for n in hours])

    assert (found.median, found.nine_of_ten) == (median, nine)


def test_income_stands_in_the_month_of_the_bank(cast: Cast) -> None:
    by = factories.actor(cast.paola)
    for key, day, amount in (
        ("A", date(2026, 10, 31), "100.00"),
        ("B", date(2026, 11, 1), "50.50"),
        ("C", date(2025, 11, 30), "9"),
    ):
        placed = actions.quote(order(cast), by=by, now=OFFICE, unit_price=Decimal("100"))
        actions.pay(placed, by=by, now=OFFICE, amount=Decimal(amount), paid_on=day, bank="BBVA", tracking_key=key)

    months = figures.income(cast.desk, date(2026, 11, 17), queries.sales_hours(cast.desk, OFFICE).zone)

    assert (len(months), months[0].first) == (12, date(2025, 12, 1))
    assert [(m.n, m.amount) for m in months[-2:]] == [(1, Decimal("100.00")), (1, Decimal("50.50"))]
    assert sum(m.n for m in months) == 2, "a year ago is another year"


def test_accounts_at_risk_by_day_and_order(cast: Cast) -> None:
    hours = queries.sales_hours(cast.desk, OFFICE)
    one = running(cast)
    to(one, cast, 480)
    other = running(cast, rfcs=("MSC120215JH5",))
    to(other, cast, 0)
    order(cast, account=one)

    days = figures.at_risk(cast.desk, OFFICE, hours)

    assert len(days) == 11
    assert {day.on: (day.ordered, day.alone) for day in days if day.ordered or day.alone} == {
        date(2026, 11, 17): (0, 1),
        date(2026, 11, 28): (1, 0),
    }


# ------------------------------------------------------------------ the page


@pytest.fixture
def paola(cast: Cast, client: Client, at: Any) -> Client:
    client.force_login(cast.paola)
    return client


def test_the_page_costs_the_same_however_many_orders(cast: Cast, paola: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert paola.get("/timbres/cifras/").status_code == 200
        assert not [one["sql"] for one in seen.captured_queries if "stamps_stampmovement" in one["sql"]]
        return len(seen.captured_queries)

    cost()
    before = cost()
    for n in range(12):
        order(cast, name=f"Empresa {n}")

    assert cost() == before <= 15
    shown = paola.get("/timbres/cifras/?dias=30").content.decode()
    assert "12" in shown
    assert 'role="img"' in shown


@pytest.mark.parametrize("table", ["pedidos", "embudo", "ingresos", "riesgo"])
def test_every_table_is_taken_along(cast: Cast, paola: Client, table: str) -> None:
    to(running(cast), cast, 480)
    order(cast, name='=HYPERLINK("http://x.example")')

    text = paola.get(f"/timbres/cifras/{table}.csv").content.decode("utf-8-sig")
    book = load_workbook(io.BytesIO(paola.get(f"/timbres/cifras/{table}.xlsx").content))

    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) >= 2
    assert book.active.max_row == len(rows)
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    if table == "pedidos":
        assert '\'=HYPERLINK("http://x.example")' in cells
        assert book.active["F2"].data_type == "s"
        assert "TIM-1" in cells
    if table == "riesgo":
        assert RFC in cells


def test_an_unknown_table_is_not_there(paola: Client) -> None:
    assert paola.get("/timbres/cifras/todo.csv").status_code == 404
    assert paola.get("/timbres/cifras/pedidos.exe").status_code == 404


def test_another_desks_figures_are_not_there(cast: Cast, stranger: Cast, paola: Client) -> None:
    assert paola.get(f"/timbres/cifras/?mesa={stranger.desk.slug}").status_code == 404
    assert paola.get(f"/timbres/cifras/pedidos.csv?mesa={stranger.desk.slug}").status_code == 404
