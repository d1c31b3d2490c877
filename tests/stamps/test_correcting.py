"""Mending an order, and giving stamps or money back."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from core.errors import Conflict, Forbidden, Invalid, TransitionNotAllowed
from stamps import actions
from stamps.models import StampAccount, StampOrder, StampRefund
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC, open_account, place_order, quote
from tests.stamps.test_paying import pay
from tests.stamps.test_views_orders import browse, text
from tests.tickets.conftest import Clock
from tests.tickets.test_races import at_once

D = Decimal


def correct(cast: Cast, order: StampOrder, **values: Any) -> StampOrder:
    return actions.correct(order, by=factories.actor(cast.paola), now=OFFICE, **values)


def refund(cast: Cast, order: StampOrder, **values: Any) -> StampRefund:
    return actions.refund(order, by=factories.actor(cast.paola), now=OFFICE, reason="Se cobró dos veces", **values)


def credited(cast: Cast, paid: Any = 1_160) -> StampOrder:
    by = factories.actor(cast.paola)
    order = pay(cast, quote(cast, place_order(cast)), paid)
    order = actions.receive_access(actions.request_access(order, by=by, now=OFFICE), by=by, now=OFFICE)
    return actions.complete(order, by=by, now=OFFICE)


# ------------------------------------------------------------------ correcting


def test_a_new_quantity_takes_the_quote_back(cast: Cast) -> None:
    order = correct(cast, quote(cast, place_order(cast)), quantity=1_000)

    assert (order.quantity, order.status, order.unit_price) == (1_000, "requested", None)
    assert order.events.latest("pk").data == {"fields": ["quantity"], "quantity": 1_000}


def test_who_receives_is_mended_until_the_end_and_finds_its_account(cast: Cast) -> None:
    account = open_account(cast, ("MSC120215JH5",))
    order = correct(cast, pay(cast, quote(cast, place_order(cast)), 1_160), account_rfc="MSC120215JH5")

    assert (order.account, order.status) == (account, "paid")
    with pytest.raises(Conflict) as refused:
        correct(cast, order, quantity=1)
    assert refused.value.code == "already_paid"


def test_the_contact_is_mended(cast: Cast) -> None:
    order = correct(cast, place_order(cast), name="Nora Paz", email="", phone="722 555 0199")

    assert (order.contact_name, order.contact_email, order.contact_phone) == ("Nora Paz", "", "+527225550199")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"rfc": "X"}, "rfc"),
        ({"account_rfc": "XAXX010101000"}, "account_rfc"),
        ({"email": "", "phone": ""}, "contact.email"),
        ({"email": "x"}, "contact.email"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(cast: Cast, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        correct(cast, place_order(cast), **values)
    assert refused.value.errors[0].field == field


def test_nothing_different_and_nothing_at_the_end(cast: Cast) -> None:
    order = place_order(cast)
    with pytest.raises(Conflict) as refused:
        correct(cast, order, quantity=500)
    assert refused.value.code == "nothing_changed"
    actions.cancel(order, by=factories.actor(cast.paola), now=OFFICE, reason="x")
    with pytest.raises(TransitionNotAllowed):
        correct(cast, order, quantity=1)
    with pytest.raises(Forbidden):
        actions.correct(order, by=factories.actor(cast.rosa), now=OFFICE, quantity=1)


# ------------------------------------------------------------------ giving back


def test_stamps_are_taken_back_by_an_adjustment_and_money_leaves_the_order(cast: Cast) -> None:
    account = open_account(cast)
    order = credited(cast)

    row = refund(cast, order, stamps=200, amount=D(464))

    assert StampAccount.objects.get(pk=account.pk).balance == 1_500
    assert row.movement is not None
    assert (row.movement.kind, row.movement.amount) == ("adjustment", -200)
    assert (actions.paid(order), actions.in_favour(order)) == (D(696), D(0))


def test_no_more_than_there_is(cast: Cast) -> None:
    open_account(cast)
    order = credited(cast, 1_200)
    refund(cast, order, stamps=400)

    for values in ({"stamps": 101}, {"amount": D("1200.01")}, {"stamps": 0}, {"stamps": -1}):
        with pytest.raises(Invalid):
            refund(cast, order, **values)
    refund(cast, order, stamps=100, amount=D(1_200))
    assert (actions.paid(order), actions.in_favour(order)) == (D(0), D(0))


def test_stamps_that_are_used_are_not_taken_back(cast: Cast) -> None:
    account = open_account(cast, balance=0)
    order = credited(cast)
    by = factories.actor(cast.paola)
    actions.use(account, used=450, at=OFFICE, reference="u", by=by, now=OFFICE)

    with pytest.raises(Conflict) as refused:
        refund(cast, order, stamps=100)
    assert refused.value.code == "insufficient_balance"
    assert not StampRefund.objects.exists()


def test_what_a_cancelled_order_had_got_goes_back_from_the_balance(cast: Cast) -> None:
    order = pay(cast, quote(cast, place_order(cast)), 500)
    order = actions.cancel(order, by=factories.actor(cast.paola), now=OFFICE, reason="x")

    refund(cast, order, amount=D(300))

    assert actions.in_favour(order) == D(200)
    with pytest.raises(Invalid):
        refund(cast, order, stamps=1)


def test_not_while_it_is_on_its_way(cast: Cast) -> None:
    with pytest.raises(TransitionNotAllowed):
        refund(cast, place_order(cast), amount=D(1))


@pytest.mark.django_db(transaction=True)
def test_two_refunds_at_once_give_back_what_there_is() -> None:
    cast = Cast()
    open_account(cast)
    order = credited(cast)

    results = at_once([partial(refund, cast, order, stamps=300, amount=D(700))] * 3)

    assert sum(isinstance(result, StampRefund) for result in results) == 1, results
    assert StampAccount.objects.get().balance == 1_400
    assert actions.paid(order) == D(460)


def test_by_page(cast: Cast, at: Clock) -> None:
    open_account(cast)
    order = place_order(cast)
    paola = browse(cast.paola)
    data = {
        "quantity": "1,000", "rfc": RFC, "account_rfc": RFC, "trade_name": "La Norteña", "name": "Rosa Medina",
        "email": "rosa@lanortena.example", "phone": "",
    }  # fmt: skip

    assert paola.post(f"/timbres/{order.number}/corregir/", {**data, "quantity": "muchos"}).status_code == 422
    assert paola.post(f"/timbres/{order.number}/corregir/", {**data, "email": "rosa"}).status_code == 422
    assert paola.post(f"/timbres/{order.number}/corregir/", data).status_code == 302
    order.refresh_from_db()
    assert order.quantity == 1_000
    done = credited(cast)
    page = paola.post(f"/timbres/{done.number}/devolver/", {"stamps": "600", "reason": "x"})
    assert page.status_code == 422
    assert "De este pedido se pueden retirar 500 timbres." in text(page)
    assert paola.post(f"/timbres/{done.number}/devolver/", {"stamps": "100", "reason": "x"}).status_code == 302
    assert "registró una devolución de 100 timbres" in text(paola.get(f"/timbres/{done.number}/"))
