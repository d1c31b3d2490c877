"""Two hands on one order: credited once, paid once, told once; numbers without gaps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from core.errors import Conflict, Invalid, TransitionNotAllowed
from desks.models import DeskCounter
from notifications.models import Notification
from stamps import actions
from stamps.models import StampMovement, StampOrder, StampPayment
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC, open_account
from tests.tickets.conftest import Caller
from tests.tickets.test_races import at_once

WISH = actions.Request(
    quantity=500, rfc=RFC, trade_name="La Norteña", product="escritorio", name="Rosa", email="rosa@lanortena.example"
)
PAYMENT = {"amount": Decimal("1160"), "paid_on": date(2026, 11, 17), "bank": "BBVA", "tracking_key": "K1"}


def quoted(cast: Cast) -> StampOrder:
    by = factories.actor(cast.paola)
    placed = actions.place(cast.desk, WISH, by=by, now=OFFICE)
    return actions.quote(placed, unit_price=Decimal("2"), by=by, now=OFFICE)


@pytest.mark.django_db(transaction=True)
def test_eight_completions_at_once_credit_once_and_tell_once() -> None:
    cast = Cast()
    account, by = open_account(cast), factories.actor(cast.paola)
    order = actions.pay(quoted(cast), by=by, now=OFFICE, **PAYMENT)
    actions.receive_access(actions.request_access(order, by=by, now=OFFICE), by=by, now=OFFICE)

    results = at_once([partial(actions.complete, order, by=by, now=OFFICE)] * 8)

    assert sum(isinstance(result, StampOrder) for result in results) == 1
    assert sum(isinstance(result, TransitionNotAllowed) for result in results) == 7, results
    account.refresh_from_db()
    assert account.balance == 1_700
    assert StampMovement.objects.filter(order=order).count() == 1
    assert Notification.objects.filter(key__startswith="order-credited/").count() == 2, "the client and Paola"


@pytest.mark.django_db(transaction=True)
def test_one_payment_confirmed_six_times_at_once_pays_once() -> None:
    cast = Cast()
    order, by = quoted(cast), factories.actor(cast.paola)

    results = at_once([partial(actions.pay, order, by=by, now=OFFICE, **PAYMENT)] * 6)

    assert sum(isinstance(result, StampOrder) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 5, results
    assert StampPayment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_payment_for_two_orders_at_once_pays_one() -> None:
    cast = Cast()
    by, orders = factories.actor(cast.paola), [quoted(cast), quoted(cast)]

    results = at_once([partial(actions.pay, order, by=by, now=OFFICE, **PAYMENT) for order in orders])

    assert sum(isinstance(result, StampOrder) for result in results) == 1
    assert [result.code for result in results if isinstance(result, Conflict)] == ["payment_used"]
    assert sorted(StampOrder.objects.values_list("status", flat=True)) == ["paid", "quoted"]


@pytest.mark.django_db(transaction=True)
def test_twelve_orders_at_once_have_consecutive_numbers() -> None:
    cast = Cast()
    by = factories.actor(cast.paola)
    refused = actions.Request(quantity=0, rfc=RFC, trade_name="x", name="x", email="x@y.example")

    jobs = [partial(actions.place, cast.desk, wish, by=by, now=OFFICE) for wish in [WISH] * 12 + [refused] * 4]
    results = at_once(jobs)

    assert sum(isinstance(result, Invalid) for result in results) == 4
    assert sorted(result.counter for result in results if isinstance(result, StampOrder)) == list(range(1, 13))
    assert DeskCounter.objects.get(desk=cast.desk, kind="order").last == 12


def test_a_call_that_is_sent_again_credits_once(cast: Cast, caller: Caller) -> None:
    account, by = open_account(cast), factories.actor(cast.paola)
    order = actions.pay(quoted(cast), by=by, now=OFFICE, **PAYMENT)
    actions.receive_access(actions.request_access(order, by=by, now=OFFICE), by=by, now=OFFICE)
    path, paola = f"/api/v1/stamps/orders/{order.number}/complete/", caller(cast.paola)

    answers = [paola.post(path, {}, format="json", headers={"Idempotency-Key": "k-1"}) for _n in range(2)]
    other = paola.post(path, {}, format="json", headers={"Idempotency-Key": "k-2"})

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (other.status_code, other.json()["code"]) == (409, "transition_not_allowed")
    account.refresh_from_db()
    assert account.balance == 1_700
    assert Notification.objects.filter(key__startswith="order-credited/").count() == 2
