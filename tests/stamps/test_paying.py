"""Receipts, payments, the balance in favour, credit and orders that go on without a payment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import Error, transaction
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Conflict, Forbidden, Invalid, TransitionNotAllowed
from files import actions as file_actions
from notifications.models import Notification
from stamps import actions, links, queries
from stamps.actions import money
from stamps.models import StampAllocation, StampOrder, StampPayment, StampReceipt
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import place_order
from tests.stamps.test_views_orders import browse, text
from tests.tickets.conftest import Clock
from tests.tickets.test_races import at_once

D = Decimal


def quoted(cast: Cast, **values: Any) -> StampOrder:
    """1,160 pesos."""
    values = {"unit_price": D(2), **values}
    return actions.quote(place_order(cast), by=factories.actor(cast.paola), now=OFFICE, **values)


def pay(cast: Cast, order: StampOrder, amount: Any, key: str = "K1") -> StampOrder:
    return actions.pay(
        order, by=factories.actor(cast.paola), now=OFFICE, amount=D(amount), paid_on=OFFICE.date(), bank="BBVA",
        tracking_key=key,
    )  # fmt: skip


def use(cast: Cast, order: StampOrder) -> StampOrder:
    return actions.use_balance(order, by=factories.actor(cast.paola), now=OFFICE)


# ------------------------------------------------------------------ where money goes


def test_what_is_over_is_in_favour_and_pays_the_next_order(cast: Cast) -> None:
    first = pay(cast, quoted(cast), 2_000)
    second = quoted(cast)
    assert (actions.paid(first), actions.in_favour(second)) == (D(1_160), D(840))

    second = use(cast, second)
    assert (second.status, actions.owed(second), actions.in_favour(second)) == ("quoted", D(320), D(0))
    second = pay(cast, second, 320, "K2")

    assert second.status == "paid"
    mail = Notification.objects.get(key=f"order-paid/{first.pk}/client")
    assert "Le quedan $840.00 a favor: se usan en su siguiente pedido, o pídalos a ventas." in mail.params["lines"]


def test_one_payment_pays_two_orders(cast: Cast) -> None:
    first, second = quoted(cast), quoted(cast)

    pay(cast, first, 2_320)
    second = use(cast, second)

    assert second.status == "paid"
    assert StampPayment.objects.count() == 1
    assert queries.given(queries.payments(second)) == D(1_160)


def test_the_balance_is_the_companys_own(cast: Cast) -> None:
    pay(cast, quoted(cast), 2_000)
    wish = actions.Request(quantity=500, rfc="MSC120215JH5", trade_name="Santa Clara", product="escritorio")
    foreign = actions.place(cast.desk, wish, by=factories.actor(cast.tom), now=OFFICE)
    foreign = actions.quote(foreign, by=factories.actor(cast.paola), now=OFFICE, unit_price=D(2))

    with pytest.raises(Conflict) as refused:
        use(cast, foreign)
    assert refused.value.code == "no_balance"


def test_what_was_paid_for_a_cancelled_order_is_in_favour(cast: Cast) -> None:
    order = pay(cast, quoted(cast), 500)
    actions.cancel(order, by=factories.actor(cast.paola), now=OFFICE, reason="x")

    assert actions.in_favour(quoted(cast)) == D(500)


def test_the_database_gives_no_peso_twice(cast: Cast) -> None:
    first, second = pay(cast, quoted(cast), 1_200), quoted(cast)
    payment = StampPayment.objects.get()
    row = {"payment": payment, "at": OFFICE, "actor_kind": "user", "actor_label": "x"}

    for values in ({"order": second, "amount": D("40.01")}, {"order": first, "amount": D("-1160.01")}):
        with pytest.raises(Error), transaction.atomic():
            StampAllocation.objects.create(**row, **values)
    with pytest.raises(Error), transaction.atomic():
        StampAllocation.objects.update(amount=1)
    StampAllocation.objects.create(**row, order=second, amount=D(40))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["pay", "use", "cancel"]), st.integers(0, 2), st.integers(1, 300_000)), max_size=9
    )
)
def test_every_peso_is_at_an_order_or_in_favour(cast: Cast, steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        orders = [quoted(cast) for _n in range(3)]
        told = D(0)
        for n, (verb, which, cents) in enumerate(steps):
            fresh = StampOrder.objects.select_related("desk").get(pk=orders[which].pk)
            try:
                if verb == "pay":
                    pay(cast, fresh, D(cents) / 100, f"K{n}")
                    told += D(cents) / 100
                elif verb == "use":
                    use(cast, fresh)
                else:
                    actions.cancel(fresh, by=factories.actor(cast.paola), now=OFFICE, reason="x")
            except Conflict:
                continue
        paid = [
            actions.paid(order)
            for order in StampOrder.objects.select_related("desk").filter(pk__in=[o.pk for o in orders])
        ]
        assert sum(paid) + actions.in_favour(orders[0]) == told
        assert all(D(0) <= amount <= D(1_160) for amount in paid)
        for order in StampOrder.objects.filter(pk__in=[o.pk for o in orders]):
            assert (actions.paid(order) == D(1_160)) == (order.status == "paid")
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_orders_that_use_the_balance_at_once_share_it() -> None:
    cast = Cast()
    pay(cast, quoted(cast), 2_320)
    orders = [quoted(cast) for _n in range(4)]

    results = at_once([partial(use, cast, order) for order in orders])

    assert sum(getattr(result, "status", "") == "paid" for result in results) == 1
    assert actions.in_favour(orders[0]) == D(0)
    assert sum(actions.paid(order) for order in orders) == D(1_160)


# ------------------------------------------------------------------ before the money is there


def test_on_credit_the_stamps_come_first_and_the_total_stays_owed(cast: Cast) -> None:
    order = quoted(cast, terms="credit")

    order = actions.skip_payment(order, by=factories.actor(cast.paola), now=OFFICE)
    assert (order.status, actions.owed(order)) == ("paid", D(1_160))
    order = pay(cast, order, 1_000)
    order = pay(cast, order, 160, "K2")

    assert (order.status, actions.owed(order)) == ("paid", D(0))
    assert order.events.latest("pk").type == "order.settled"
    with pytest.raises(TransitionNotAllowed):
        pay(cast, order, 1, "K3")


def test_only_a_manager_lets_it_pass_and_says_why(cast: Cast) -> None:
    order = quoted(cast)

    with pytest.raises(Forbidden):
        actions.skip_payment(order, by=factories.actor(cast.paola), now=OFFICE, reason="Cortesía")
    with pytest.raises(Invalid):
        actions.skip_payment(order, by=factories.actor(cast.marcela), now=OFFICE)
    order = actions.skip_payment(order, by=factories.actor(cast.marcela), now=OFFICE, reason="Cortesía")

    assert (order.status, order.skip_reason, actions.owed(order)) == ("paid", "Cortesía", D(0))
    assert order.assignee is not None


# ------------------------------------------------------------------ receipts


@pytest.fixture
def folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_a_receipt_is_no_payment(cast: Cast, at: Clock, folder: None) -> None:
    order = quoted(cast)
    path = f"/o/{links.token(order)}/"
    pdf = ContentFile(b"%PDF-1.4 x", name="spei.pdf")

    page = Browser().post(f"{path}comprobante/", {"receipt": pdf}, follow=True)

    order.refresh_from_db()
    receipt = StampReceipt.objects.get()
    assert order.status == "quoted"
    assert "Recibimos el comprobante." in text(page)
    assert Notification.objects.get(key__startswith="order-receipt/").recipient == cast.paola.email
    assert "$1,160.00, comprobante recibido" in text(browse(cast.paola).get("/timbres/"))
    assert Browser().get(f"{path}archivos/{receipt.file_id}/").status_code == 200
    assert browse(cast.paola).get(f"/timbres/{order.number}/archivos/{receipt.file_id}/").status_code == 200
    assert browse(cast.tom.user).get(f"/timbres/{order.number}/cliente/archivos/{receipt.file_id}/").status_code == 404
    other = quoted(cast)
    assert Browser().get(f"/o/{links.token(other)}/archivos/{receipt.file_id}/").status_code == 404
    assert Browser().get(f"{path}archivos/{'-' * 36}/").status_code == 404


def test_a_form_without_a_file_says_so(cast: Cast, at: Clock) -> None:
    page = Browser().post(f"/o/{links.token(quoted(cast))}/comprobante/", {})

    assert page.status_code == 422
    assert "Este dato es necesario." in text(page)


def test_an_order_takes_so_many_receipts_until_its_end(cast: Cast, folder: None, monkeypatch: Any) -> None:
    monkeypatch.setattr("stamps.actions.paying.MOST_RECEIPTS", 1)
    order, by = quoted(cast), factories.actor(cast.rosa)
    file = file_actions.store(ContentFile(b"x", name="a.txt"), now=OFFICE)
    actions.add_receipt(order, file=file, by=by, now=OFFICE)

    with pytest.raises(Invalid):
        actions.add_receipt(order, file=file, by=by, now=OFFICE)
    with pytest.raises(Forbidden):
        actions.add_receipt(order, file=file, by=factories.actor(cast.tom), now=OFFICE)
    actions.cancel(order, by=by, now=OFFICE, reason="x")
    with pytest.raises(TransitionNotAllowed):
        actions.add_receipt(order, file=file, by=by, now=OFFICE + timedelta(hours=1))


def test_by_page_the_verbs_of_money_work(cast: Cast, at: Clock) -> None:
    pay(cast, quoted(cast), 2_320)
    order = quoted(cast)
    paola = browse(cast.paola)

    page = paola.get(f"/timbres/{order.number}/")
    assert 'Saldo a favor del cliente: <b class="num">$1,160.00' in text(page)
    assert paola.post(f"/timbres/{order.number}/saldo/").status_code == 302
    order.refresh_from_db()
    assert order.status == "paid"
    assert money.owed(order) == 0
    third = quoted(cast)
    assert paola.post(f"/timbres/{third.number}/saldo/").status_code == 409
    assert paola.post(f"/timbres/{third.number}/sin-pago/", {"reason": "x"}).status_code == 403
    assert browse(cast.marcela).post(f"/timbres/{third.number}/sin-pago/", {"reason": ""}).status_code == 422
    assert browse(cast.marcela).post(f"/timbres/{third.number}/sin-pago/", {"reason": "Cortesía"}).status_code == 302
    assert "Sin pago: Cortesía" in text(paola.get(f"/timbres/{third.number}/"))
