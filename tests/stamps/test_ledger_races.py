"""Many at once on one account: real threads, real connections, real locks."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db.models import Sum

from core.errors import Conflict
from stamps import actions
from stamps.models import StampAccount, StampDay, StampMovement
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC, open_account
from tests.tickets.test_races import at_once


@pytest.mark.django_db(transaction=True)
def test_twelve_draw_at_once_and_a_prepaid_account_never_goes_below_zero() -> None:
    cast = Cast()
    account, by = open_account(cast, balance=100), factories.actor(cast.paola)

    def draw(n: int) -> object:
        return actions.use(account, used=30, at=OFFICE, reference=f"u{n}", by=by, now=OFFICE)

    results = at_once([partial(draw, n) for n in range(12)])

    won = [result for result in results if isinstance(result, dict)]
    lost = [result for result in results if isinstance(result, Conflict)]
    assert sorted(answer["balance"] for answer in won) == [10, 40, 70]
    assert {refused.code for refused in lost} == {"insufficient_balance"}
    assert len(won) + len(lost) == 12
    account.refresh_from_db()
    assert account.balance == account.movements.aggregate(sum=Sum("amount"))["sum"] == 10
    assert StampDay.objects.get(account=account).used == 90


@pytest.mark.django_db(transaction=True)
def test_one_reference_told_eight_times_at_once_is_one_movement() -> None:
    cast = Cast()
    account, by = open_account(cast), factories.actor(cast.paola)

    results = at_once(
        [lambda: actions.use(account, used=30, at=OFFICE, reference="lote 7", by=by, now=OFFICE)] * 8,
    )

    assert all(result == results[0] for result in results), results
    assert results[0]["balance"] == 1_170
    assert StampMovement.objects.filter(account=account, kind="usage").count() == 1


@pytest.mark.django_db(transaction=True)
def test_uses_late_uses_and_reported_balances_at_once_end_at_what_was_reported() -> None:
    cast = Cast()
    account, by = open_account(cast), factories.actor(cast.paola)
    read_at = OFFICE - timedelta(days=2)

    def tell(n: int) -> object:
        if n == 0:
            return actions.report(account, balance=1_000, at=read_at, reference="corte", by=by, now=OFFICE)
        at = OFFICE - timedelta(days=3) if n % 2 else OFFICE - timedelta(days=1)
        return actions.use(account, used=10, at=at, reference=f"u{n}", by=by, now=OFFICE)

    results = at_once([partial(tell, n) for n in range(13)])

    assert all(isinstance(result, dict) for result in results), results
    account.refresh_from_db()
    assert account.balance == 1_000 - 6 * 10, "six were used after the balance was read"
    assert account.balance == account.movements.aggregate(sum=Sum("amount"))["sum"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_the_same_account_one_is_told_that_it_is_there() -> None:
    cast = Cast()

    results = at_once([lambda: open_account(cast, (RFC, "NUE200101AB1"))] * 4)

    assert sum(isinstance(result, StampAccount) for result in results) == 1
    assert {result.code for result in results if isinstance(result, Conflict)} == {"account_exists"}
    assert sum(isinstance(result, Conflict) for result in results) == 3, results
