"""The list of prices, the CLABE, the letter of a quote, and the section of the desk's file."""

from __future__ import annotations

import base64
import re
import zlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.actor import SYSTEM
from core.errors import Invalid
from helpdesk import deskfile
from notifications import rendering
from notifications.models import Notification
from stamps import actions, clabe, pricing, quotes
from stamps.models import StampOrder, StampPrice, StampSales
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import place_order
from tests.tickets.cast import ROOT

LIST = [(1, Decimal("2.50")), (500, Decimal("2.10")), (1_000, Decimal("1.90"))]


@pytest.mark.parametrize(
    ("quantity", "price"), [(1, "2.50"), (499, "2.50"), (500, "2.10"), (999, "2.10"), (1_000, "1.90"), (10**6, "1.90")]
)
def test_the_price_is_that_of_the_range(quantity: int, price: str) -> None:
    assert pricing.unit_price(quantity, LIST) == Decimal(price)
    assert pricing.unit_price(quantity, []) is None


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 17), st.integers(1, 9))
def test_a_clabe_with_one_digit_wrong_is_none(digits: str, place: int, by: int) -> None:
    whole = digits + clabe.check_digit(digits)
    wrong = whole[:place] + str((int(whole[place]) + by) % 10) + whole[place + 1 :]

    assert clabe.is_valid(whole)
    assert not clabe.is_valid(wrong)


def test_a_clabe_of_banco_de_mexico() -> None:
    assert clabe.is_valid("002010077777777771")
    assert clabe.grouped("002010077777777771") == "002 010 07777777777 1"
    assert not clabe.is_valid("00201007777777777١")


# ------------------------------------------------------------------ quoting


@pytest.fixture
def sells(cast: Cast) -> StampSales:
    """The desk has prices and a bank."""
    for start, price in LIST:
        StampPrice.objects.create(desk=cast.desk, from_quantity=start, unit_price=price)
    return StampSales.objects.create(
        desk=cast.desk, seller_name="InvoiceMX SA de CV", seller_rfc="ISD150312AB9", bank="BBVA",
        bank_holder="InvoiceMX SA de CV", clabe="012180005555014506", reference="P {number}",
    )  # fmt: skip


def quoted(cast: Cast, **values: Any) -> StampOrder:
    values = {"from_list": True, **values}
    return actions.quote(place_order(cast), by=factories.actor(cast.paola), now=OFFICE, **values)


def test_a_quote_takes_price_and_validity_from_the_list(cast: Cast, sells: StampSales) -> None:
    order = quoted(cast)

    assert (order.unit_price, order.price and order.price.total) == (Decimal("2.10"), Decimal("1218.00"))
    assert order.valid_until == date(2026, 11, 23), "five business days of a calendar that opens on Saturday"


def test_a_price_that_is_given_beats_the_list(cast: Cast, sells: StampSales) -> None:
    assert quoted(cast, unit_price=Decimal("2.00")).unit_price == Decimal("2.00")
    assert quoted(cast, from_list=False).unit_price is None, "agreed outside"


def test_without_a_list_a_price_is_asked_for(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        quoted(cast)
    assert refused.value.errors[0].field == "unit_price"


def read(pdf: bytes) -> str:
    """What is written on the only page: the texts of its drawing, in order."""
    assert pdf.count(b"/Type /Page\n") == 1
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    drawn = b"".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"x")
    found = re.findall(rb"\(((?:\\.|[^\\()])*)\) ?Tj", drawn)
    return "\n".join(re.sub(rb"\\(.)", rb"\1", part).decode("latin-1") for part in found)


def test_the_letter_says_it_all_on_one_page(cast: Cast, sells: StampSales) -> None:
    order = quoted(cast)

    said = read(quotes.letter(order) or b"")

    for part in (
        "TIM-1", "InvoiceMX SA de CV", "ISD150312AB9", "La Norteña", "FNO180312KX1", "500", "$2.10", "$1,050.00",
        "$168.00", "$1,218.00", "012 180 00555501450 6", "P TIM-1", "lunes 23 de noviembre de 2026",
        "martes 17 de noviembre de 2026",
    ):  # fmt: skip
        assert part in said, part


def test_the_letter_has_the_same_bytes_whenever_it_is_made(cast: Cast, sells: StampSales) -> None:
    order = quoted(cast)

    first = quotes.letter(order)

    assert first == quotes.letter(StampOrder.objects.select_related("desk", "product").get(pk=order.pk))
    again = actions.quote(order, by=factories.actor(cast.paola), now=OFFICE + timedelta(hours=1), from_list=True)
    assert first != quotes.letter(again)


def test_odd_letters_and_long_names_do_not_break_it(cast: Cast, sells: StampSales) -> None:
    order = quoted(cast)
    order.trade_name, order.contact_name = "“Ünïcode” – 漢字 " * 15, "Łukasz 🙂"

    assert "nïcode" in read(quotes.letter(order) or b"")


def test_the_mail_carries_the_letter(cast: Cast, sells: StampSales) -> None:
    order = quoted(cast)
    notice = Notification.objects.get(key__startswith="order-quoted/")

    message = rendering.render(notice, now=OFFICE).content

    assert b"application/pdf" in message
    assert b'filename="cotizacion-TIM-1.pdf"' in message
    assert base64.b64decode(notice.params["files"][0]["base64"]) == quotes.letter(order)


# ------------------------------------------------------------------ the desk's file


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["invoice-mx", "facturando"])
def test_the_file_of_a_desk_comes_back(slug: str) -> None:
    text = (ROOT / "desks" / "data" / f"{slug}.yaml").read_text("utf-8")
    deskfile.load(text, now=OFFICE, by=SYSTEM)
    sales = StampSales.objects.get()
    dumped = deskfile.dump(sales.desk)

    assert yaml.load(dumped, yaml.BaseLoader)["stamps"] == yaml.load(text, yaml.BaseLoader)["stamps"]  # noqa: S506
    assert deskfile.load(dumped, now=OFFICE, by=SYSTEM) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"012180005555014506"', '"012180005555014507"', "stamps.bank.clabe"),
        ("rfc: ISD150312AB9", "rfc: ISD", "stamps.seller.rfc"),
        ('{from: 1, unit_price: "2.50"}', '{from: 2, unit_price: "2.50"}', "stamps.prices"),
        ('{from: 500, unit_price: "2.10"}', '{from: 1, unit_price: "2.10"}', "stamps.prices.1.from"),
        ('{from: 500, unit_price: "2.10"}', '{from: 500, unit_price: "-1"}', "stamps.prices.1.unit_price"),
        ('reference: "{number}"', 'reference: "x"', "stamps.bank.reference"),
        ("quote_days: 5", "quote_days: 0", "stamps.quote_days"),
    ],
)
def test_a_file_with_a_mistake_is_refused_by_its_place(old: str, new: str, fault: str) -> None:
    text = (ROOT / "desks" / "data" / "invoice-mx.yaml").read_text("utf-8")
    assert old in text

    with pytest.raises(Invalid) as refused:
        deskfile.load(text.replace(old, new), now=OFFICE, by=SYSTEM)

    assert [error.field for error in refused.value.errors] == [fault]
    assert not StampSales.objects.exists()


@pytest.mark.django_db
def test_prices_that_the_file_leaves_out_end() -> None:
    text = (ROOT / "desks" / "data" / "invoice-mx.yaml").read_text("utf-8")
    deskfile.load(text, now=OFFICE, by=SYSTEM)

    deskfile.load(text.replace('    - {from: 500, unit_price: "2.10"}\n', ""), now=OFFICE, by=SYSTEM)

    desk = StampSales.objects.get().desk
    assert [start for start, _price in quotes.price_list(desk)] == [1, 1_000, 5_000, 10_000]
    assert StampPrice.objects.filter(desk=desk).count() == 5
