"""The board, the list and the page of an order, for the desk's people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from core.actor import CONSULTANT, SALES
from notifications.models import Notification
from stamps import actions
from stamps.models import StampAccount, StampOrder
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC, open_account, place_order
from tests.tickets.conftest import Clock

PAYMENT = {"amount": "1,160.00", "date": "2026-11-17", "bank": "BBVA", "tracking_key": "K-1"}


def browse(person: Any) -> Browser:
    browser = Browser()
    browser.force_login(person)
    return browser


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def order(cast: Cast, **fields: Any) -> StampOrder:
    values = {"quantity": 500, "rfc": RFC, "trade_name": "La Norteña", "product": "escritorio", **fields}
    by = factories.actor(cast.paola)
    wish = actions.Request(name="Rosa Medina", email="rosa@lanortena.example", **values)
    return actions.place(cast.desk, wish, by=by, now=OFFICE)


def quoted(cast: Cast, **fields: Any) -> StampOrder:
    return actions.quote(order(cast, **fields), by=factories.actor(cast.paola), now=OFFICE, unit_price=Decimal(2))


# ------------------------------------------------------------------ the board


def test_the_board_has_six_stages_with_counts_sums_and_the_urgent_first(cast: Cast, at: Clock) -> None:
    open_account(cast, balance=1_000_000)
    plain = order(cast, trade_name="Sin prisa")
    StampOrder.objects.filter(pk=order(cast, trade_name="Con prisa").pk).update(urgent=True)
    quoted(cast, quantity=1_000)
    at(OFFICE + timedelta(hours=2))

    page = browse(cast.paola).get("/timbres/")
    columns = {column["id"]: column for column in page.context["columns"]}

    assert list(columns) == ["requested", "quoted", "paid", "access_requested", "access_received", "credited"]
    assert (columns["requested"]["n"], columns["requested"]["stamps"]) == ("2", "1,000")
    assert [card["trade_name"] for card in columns["requested"]["cards"]] == ["Con prisa", "Sin prisa"]
    assert (columns["quoted"]["n"], columns["quoted"]["pesos"]) == ("1", "$2,320.00")
    assert columns["requested"]["cards"][1]["age"] == "2 h hábiles en esta etapa"
    assert "1 urgente" in text(page)
    assert f'action="/timbres/{plain.number}/cotizar/?mesa=invoice-mx"' in text(page)


def test_ageing_counts_the_hours_of_sales_only(cast: Cast, at: Clock) -> None:
    order(cast)
    at(OFFICE + timedelta(days=1))  # Wednesday 10:42: a whole day of eight hours

    page = browse(cast.paola).get("/timbres/")

    assert page.context["columns"][0]["cards"][0]["age"] == "8 h hábiles en esta etapa"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Uno", "Dos"}),
        ("?urgentes=1", {"Dos"}),
        ("?texto=uno", {"Uno"}),
        ("?texto=TIM-2", {"Dos"}),
        ("?texto=2", {"Dos"}),
        (f"?texto={RFC.lower()}", {"Uno"}),
        ("?mios=1", set()),
        ("?mesa=invoice-mx", {"Uno", "Dos"}),
        ("?mesa=otra", set()),
    ],
)
def test_filters_are_in_the_address(cast: Cast, query: str, found: set[str]) -> None:
    order(cast, trade_name="Uno")
    StampOrder.objects.filter(pk=order(cast, trade_name="Dos", rfc="MSC120215JH5").pk).update(urgent=True)

    for view in (query, f"{query}{'&' if query else '?'}vista=lista"):
        page = browse(cast.paola).get(f"/timbres/{view}")
        cards = [card for column in page.context["columns"] for card in column["cards"]]
        assert {card["trade_name"] for card in [*cards, *page.context["rows"]]} == found, view


def test_the_board_costs_the_same_with_many_orders(cast: Cast, django_assert_num_queries: Any) -> None:
    browser = browse(cast.paola)
    order(cast)
    browser.get("/timbres/")
    with django_assert_num_queries(9):
        browser.get("/timbres/")
    for n in range(25):
        order(cast, trade_name=f"Empresa {n}")

    with django_assert_num_queries(9):
        page = browser.get("/timbres/")

    column = page.context["columns"][0]
    assert (len(column["cards"]), column["more"], column["n"]) == (20, 6, "26")
    assert "Ver los 26" in text(page)


def test_the_list_goes_on_page_by_page(cast: Cast) -> None:
    for n in range(35):
        order(cast, trade_name=f"Empresa {n}")
    browser = browse(cast.paola)

    first = browser.get("/timbres/?vista=lista&etapa=requested")
    second = browser.get(f"/timbres/{first.context['next_href']}")

    assert [row["number"] for row in first.context["rows"]] == [f"TIM-{n}" for n in range(35, 5, -1)]
    assert [row["number"] for row in second.context["rows"]] == [f"TIM-{n}" for n in range(5, 0, -1)]
    assert browser.get("/timbres/?vista=lista&cursor=x").status_code == 200


def test_who_sees_what(cast: Cast, stranger: Cast) -> None:
    paid = quoted(cast)
    paid = actions.pay(
        paid, by=factories.actor(cast.paola), now=OFFICE, amount=Decimal(1160), paid_on=OFFICE.date(), bank="BBVA",
        tracking_key="K1",
    )  # fmt: skip
    order(cast)
    mine, other = (cast.ada, cast.bruno) if paid.assignee_id == cast.ada.pk else (cast.bruno, cast.ada)

    def numbers(person: Any) -> set[str]:
        page = browse(person).get("/timbres/")
        return {card["number"] for column in page.context["columns"] for card in column["cards"]}

    assert numbers(cast.paola) == numbers(cast.marcela) == {"TIM-1", "TIM-2"}
    assert numbers(mine) == {"TIM-1"}
    assert numbers(other) == numbers(cast.elena) == numbers(stranger.paola) == set()
    assert browse(cast.rosa.user).get("/timbres/").status_code == 403
    assert browse(stranger.paola).get("/timbres/TIM-1/").status_code == 404
    assert browse(other).get("/timbres/TIM-1/").status_code == 404


# ------------------------------------------------------------------ one order


def test_from_the_request_to_the_credit_by_buttons(cast: Cast, at: Clock) -> None:
    account = open_account(cast)
    number = place_order(cast).number
    paola = browse(cast.paola)

    def press(browser: Browser, verb: str, **data: str) -> Any:
        response = browser.post(f"/timbres/{number}/{verb}/?mesa=invoice-mx", data)
        assert response.status_code == 302, text(response)
        return browser.get(response["Location"])

    page = press(paola, "cotizar", unit_price="2.00", valid_until="2026-11-30")
    assert "cotizado; el cliente lo recibe por correo." in text(page)
    assert "$1,160.00" in text(page)
    press(paola, "pagar", **PAYMENT)
    assignee = StampOrder.objects.get().assignee
    consultant = browse(assignee)
    asked = consultant.post(f"/timbres/{number}/pedir-acceso/")
    assert (asked.status_code, "/datos/" in asked.context["link"]) == (200, True), "shown this once"
    press(consultant, "acceso-recibido")
    page = press(consultant, "abonar")

    assert StampOrder.objects.get().status == "credited"
    account.refresh_from_db()
    assert account.balance == 1_700
    assert page.context["panels"] == []
    assert [entry["text"] for entry in page.context["timeline"]][:2] == [
        f"{assignee.name} abonó los timbres",
        f"{assignee.name} registró que ya hay acceso",
    ]


@pytest.mark.parametrize(
    ("verb", "data", "says"),
    [
        ("cotizar", {"unit_price": "dos"}, "Escriba una cantidad en pesos"),
        ("cotizar", {"unit_price": "1.23456"}, "Como máximo 4 decimales."),
        ("cotizar", {"unit_price": "2", "valid_until": "2020-01-01"}, "Esta fecha ya pasó."),
        ("cancelar", {"reason": " "}, "Este dato es necesario."),
    ],
)
def test_what_is_wrong_comes_back_with_what_was_typed(cast: Cast, verb: str, data: dict[str, str], says: str) -> None:
    number = order(cast).number

    page = browse(cast.paola).post(f"/timbres/{number}/{verb}/", data)

    assert page.status_code == 422
    assert says in text(page)
    assert data.get("unit_price", "") in text(page)
    assert StampOrder.objects.get().status == "requested"


def test_a_payment_that_was_used_is_said_in_spanish(cast: Cast) -> None:
    first, second = quoted(cast), quoted(cast)
    paola = browse(cast.paola)
    paola.post(f"/timbres/{first.number}/pagar/", PAYMENT)

    page = paola.post(f"/timbres/{second.number}/pagar/", PAYMENT)

    assert page.status_code == 409
    assert "Este pago ya se usó." in text(page)
    assert StampOrder.objects.get(pk=second.pk).status == "quoted"


def test_a_button_pressed_twice_does_it_once(cast: Cast) -> None:
    number = order(cast).number
    paola = browse(cast.paola)
    paola.post(f"/timbres/{number}/cancelar/", {"reason": "Se duplicó"})

    page = paola.post(f"/timbres/{number}/cancelar/", {"reason": "Se duplicó"})

    assert page.status_code == 409
    assert "El estado del pedido no permite esto." in text(page)
    assert Notification.objects.filter(key__startswith="order-cancelled/").count() == 1


def test_two_desks_may_share_a_number(cast: Cast, stranger: Cast) -> None:
    both = factories.make_member(cast.desk, "Berta Sol", SALES)
    stranger.desk.memberships.create(user=both, roles=[SALES])
    order(cast)
    by = factories.actor(stranger.paola)
    wish = actions.Request(
        quantity=1, rfc=RFC, trade_name="Allá", product="escritorio", name="Eva", email="e@x.example"
    )
    actions.place(stranger.desk, wish, by=by, now=OFFICE)
    browser = browse(both)

    page = browser.get("/timbres/TIM-1/")

    assert page.status_code == 409
    assert "Hay varios pedidos TIM-1" in text(page)
    for desk, name in ((cast.desk, "La Norteña"), (stranger.desk, "Allá")):
        assert name in text(browser.get(f"/timbres/tim-1/?mesa={desk.slug}"))
    assert browser.post("/timbres/TIM-1/cancelar/", {"reason": "x"}).status_code == 409
    assert browser.post(f"/timbres/TIM-1/cancelar/?mesa={cast.desk.slug}", {"reason": "x"}).status_code == 302
    assert StampOrder.objects.filter(status="cancelled").get().desk == cast.desk


def test_verbs_are_for_whom_they_are(cast: Cast) -> None:
    paid = actions.pay(
        quoted(cast), by=factories.actor(cast.paola), now=OFFICE, amount=Decimal(1160), paid_on=OFFICE.date(),
        bank="BBVA", tracking_key="K1",
    )  # fmt: skip
    assert paid.assignee is not None
    consultant = browse(paid.assignee)

    page = consultant.get(f"/timbres/{paid.number}/")

    assert [panel["slug"] for panel in page.context["panels"]] == ["pedir-acceso", "comprobante"]
    assert consultant.post(f"/timbres/{paid.number}/cancelar/", {"reason": "x"}).status_code == 403
    assert consultant.get(f"/timbres/{paid.number}/pedir-acceso/").status_code == 302
    assert StampOrder.objects.get().status == "paid"


def test_a_consultant_who_sells_elsewhere_sees_no_more(cast: Cast, stranger: Cast) -> None:
    both = factories.make_member(cast.desk, "Berta Sol", CONSULTANT)
    stranger.desk.memberships.create(user=both, roles=[SALES])
    number = order(cast).number

    assert browse(both).get(f"/timbres/{number}/").status_code == 404


def test_an_account_that_runs_out_makes_it_urgent_on_the_board(cast: Cast) -> None:
    account: StampAccount = open_account(cast, balance=10)
    by = factories.actor(cast.paola)
    actions.use(account, used=10, at=OFFICE - timedelta(hours=1), reference="u", by=by, now=OFFICE)
    order(cast)

    page = browse(cast.paola).get("/timbres/")

    assert page.context["n_urgent"] == 1


def test_the_page_costs_the_same_whatever_happened(cast: Cast, django_assert_max_num_queries: Any) -> None:
    browser = browse(cast.paola)
    number = quoted(cast).number
    browser.get(f"/timbres/{number}/")
    with CaptureQueriesContext(connection) as first:
        browser.get(f"/timbres/{number}/")
    n_first = len(first)
    for n in range(4):
        data = {**PAYMENT, "amount": "100", "tracking_key": f"K{n}"}
        assert browser.post(f"/timbres/{number}/pagar/", data).status_code == 302
    browser.get(f"/timbres/{number}/")  # shows what was said of the four

    with django_assert_max_num_queries(n_first):
        page = browser.get(f"/timbres/{number}/")

    assert len(page.context["payments"]) == 4
