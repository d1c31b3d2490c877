"""Stamps moved by hand: with a reason, once for a key, tied in twos, countered and never edited."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import Error, connection, transaction
from django.db.models import Sum

from core.errors import Conflict, Forbidden, Invalid
from schedules import actions as schedule_actions
from stamps import actions, lots, queries
from stamps.models import StampAccount, StampLot, StampMovement
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import OPENED, RFC, open_account
from tests.tickets.test_races import at_once

DAY = timedelta(days=1)
OTHER_RFC = "NTR150610AB4"


def by(cast: Cast) -> Any:
    return factories.actor(cast.paola)


def fresh(account: StampAccount) -> StampAccount:
    found = StampAccount.objects.select_related("desk__vendor", "product", "client").get(pk=account.pk)
    assert found.balance == (found.movements.aggregate(sum=Sum("amount"))["sum"] or 0)
    return found


def adjust(cast: Cast, account: StampAccount, amount: int, **fields: Any) -> StampMovement:
    values = {"reason": "Cortesía", "reference": "", "now": OFFICE, "by": by(cast), **fields}
    return actions.adjust(account, amount=amount, **values)


def grant(
    cast: Cast, account: StampAccount, amount: int, expires_on: date | None = None, **fields: Any
) -> StampMovement:
    values = {"reason": "Promoción", "reference": "", "now": OFFICE, "by": by(cast), **fields}
    return actions.grant(account, amount=amount, expires_on=expires_on, **values)


def transfer(cast: Cast, one: StampAccount, other: StampAccount, amount: int, **fields: Any) -> StampMovement:
    values = {"reason": "Cambio de sucursal", "reference": str(uuid4()), "now": OFFICE, "by": by(cast), **fields}
    return actions.transfer(one, other, amount=amount, **values)


def take_back(cast: Cast, row: StampMovement, **fields: Any) -> StampMovement:
    return actions.take_back(row, **{"reason": "Se capturó mal", "by": by(cast), "now": OFFICE, **fields})


@pytest.fixture
def second(cast: Cast) -> StampAccount:
    """Another account of the Ferretería's for the same product."""
    cast.company.tax_ids.create(vendor=cast.desk.vendor, rfc=OTHER_RFC)
    return open_account(cast, (OTHER_RFC,), balance=100)


# ------------------------------------------------------------------ adjusting


def test_an_adjustment_says_why_and_counts_once_for_its_key(cast: Cast, account: StampAccount) -> None:
    first = adjust(cast, account, -200, reference="mano/1")
    again = adjust(cast, account, -200, reference="mano/1")

    assert first.pk == again.pk
    assert fresh(account).balance == 1_000
    assert (first.kind, first.reason, first.actor_label) == ("adjustment", "Cortesía", "Paola Nava")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"amount": 0}, "out_of_range", id="nothing"),
        pytest.param({"amount": 5, "reason": "  "}, "required", id="no reason"),
        pytest.param({"amount": 5, "reason": "x" * 301}, "max_length", id="a reason without end"),
    ],
)
def test_an_adjustment_is_refused_with_its_field(cast: Cast, account: StampAccount, fields: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        adjust(cast, account, **fields)

    assert refused.value.errors[0].code == code
    assert fresh(account).balance == 1_200


def test_a_prepaid_account_is_not_adjusted_below_zero(cast: Cast, account: StampAccount) -> None:
    with pytest.raises(Conflict) as refused:
        adjust(cast, account, -1_201)

    assert refused.value.code == "insufficient_balance"


def test_only_sales_and_managers_move_stamps(
    cast: Cast, account: StampAccount, second: StampAccount, stranger: Cast
) -> None:
    for person in (cast.ada, cast.elena, cast.rosa, stranger.paola):
        who = factories.actor(person)
        with pytest.raises(Forbidden):
            adjust(cast, account, 5, by=who)
        with pytest.raises(Forbidden):
            grant(cast, account, 5, by=who)
        with pytest.raises(Forbidden):
            transfer(cast, account, second, 5, by=who)
        with pytest.raises(Forbidden):
            actions.add_rfc(account, rfc="NTR150610AB5", by=who, now=OFFICE)
        with pytest.raises(Forbidden):
            actions.merge(account, second, reason="x", by=who, now=OFFICE)
    assert adjust(cast, account, 5, by=factories.actor(cast.marcela)).amount == 5


# ------------------------------------------------------------------ transfers


def test_a_transfer_is_two_tied_rows(cast: Cast, account: StampAccount, second: StampAccount) -> None:
    given = transfer(cast, account, second, 300, reference="mano/7")
    again = transfer(cast, account, second, 300, reference="mano/7")

    rows = list(StampMovement.objects.filter(transfer=given.transfer).order_by("amount"))
    assert [(row.account_id, row.amount) for row in rows] == [(account.pk, -300), (second.pk, 300)]
    assert again.pk == given.pk
    assert (fresh(account).balance, fresh(second).balance) == (900, 400)
    assert queries.tied_to([given])[given.pk] == second


def test_a_transfer_keeps_the_day_on_which_stamps_expire(
    cast: Cast, account: StampAccount, second: StampAccount
) -> None:
    adjust(cast, account, -1_200)
    grant(cast, account, 100, date(2026, 12, 31))
    grant(cast, account, 50)

    transfer(cast, account, second, 120)

    found = lots.standing(fresh(second).balance, queries.plain(queries.open_lots(second)))
    assert [(lot.amount, lot.expires_on) for lot in found] == [(100, None), (100, date(2026, 12, 31)), (20, None)]
    left = lots.left(fresh(account).balance, queries.plain(queries.open_lots(account)))
    assert left == [0, 30]


def test_stamps_move_between_accounts_of_one_product_only(cast: Cast, account: StampAccount) -> None:
    cloud = open_account(cast, product="nube", balance=5)

    for into, code in ((cloud, "other_product"), (account, "same_account")):
        with pytest.raises(Invalid) as refused:
            transfer(cast, account, into, 1)
        assert refused.value.errors[0].code == code


def test_half_a_transfer_is_refused_by_the_database(cast: Cast, account: StampAccount) -> None:
    row = StampMovement(
        account=account, kind="transfer", amount=5, at=OFFICE, recorded_at=OFFICE, transfer=uuid4(), actor_kind="user",
        actor_label="x",
    )  # fmt: skip

    def half() -> None:
        with transaction.atomic():
            row.save(force_insert=True)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(Error, match="two rows"):
        half()


@pytest.mark.django_db(transaction=True)
def test_transfers_crosswise_wait_for_nobody() -> None:
    cast = Cast()
    one = open_account(cast)
    cast.company.tax_ids.create(vendor=cast.desk.vendor, rfc=OTHER_RFC)
    other = open_account(cast, (OTHER_RFC,))

    jobs = [partial(transfer, cast, *pair, 10) for pair in [(one, other), (other, one)] * 5]
    results = at_once(jobs)

    assert all(isinstance(result, StampMovement) for result in results), results
    assert (fresh(one).balance, fresh(other).balance) == (1_200, 1_200)


# ------------------------------------------------------------------ taking back


def test_a_movement_is_taken_back_once(cast: Cast, account: StampAccount) -> None:
    row = adjust(cast, account, -200)

    back = take_back(cast, row)

    assert (back.kind, back.amount, back.counters) == ("counter", 200, row)
    assert fresh(account).balance == 1_200
    with pytest.raises(Conflict) as refused:
        take_back(cast, row)
    assert refused.value.code == "countered"
    with pytest.raises(Conflict, match="not_counterable"):
        take_back(cast, back)


def test_a_use_taken_back_was_not_used_on_its_day(cast: Cast, account: StampAccount) -> None:
    actions.use(account, used=70, at=OFFICE - 3 * DAY, reference="a", by=by(cast), now=OFFICE)

    take_back(cast, StampMovement.objects.get(account=account, reference="a"))

    assert fresh(account).balance == 1_200
    assert [row.used for row in account.days.all()] == [0]


def test_a_use_that_a_balance_had_already_changes_nothing_when_it_is_taken_back(cast: Cast) -> None:
    account = open_account(cast, balance=100)
    actions.report(account, balance=0, at=OPENED + 10 * DAY, reference="r", by=by(cast), now=OFFICE)
    actions.use(account, used=60, at=OPENED + 5 * DAY, reference="a", by=by(cast), now=OFFICE)

    take_back(cast, StampMovement.objects.get(account=account, reference="a"))

    assert fresh(account).balance == 0
    assert sum(row.used for row in account.days.all()) == 100


def test_a_transfer_is_taken_back_at_both_ends(cast: Cast, account: StampAccount, second: StampAccount) -> None:
    row = transfer(cast, account, second, 300)

    take_back(cast, row)

    assert (fresh(account).balance, fresh(second).balance) == (1_200, 100)
    assert StampMovement.objects.filter(kind="counter", transfer=row.transfer).count() == 2


def test_a_credit_is_not_taken_back_when_it_is_used(cast: Cast) -> None:
    account = open_account(cast, balance=0)
    row = grant(cast, account, 100)
    actions.use(account, used=40, at=OFFICE, reference="a", by=by(cast), now=OFFICE)

    with pytest.raises(Conflict) as refused:
        take_back(cast, row)

    assert refused.value.code == "insufficient_balance"
    assert fresh(account).balance == 60


# ------------------------------------------------------------------ expiry


def expire(now: Any) -> None:
    schedule_actions.fire_due(now=now)


def test_what_is_left_of_a_lot_expires_at_the_end_of_its_last_day(cast: Cast) -> None:
    account = open_account(cast, balance=0)
    grant(cast, account, 100, date(2026, 11, 20))
    grant(cast, account, 50)
    actions.use(account, used=30, at=OFFICE, reference="a", by=by(cast), now=OFFICE)
    midnight = OFFICE.fromisoformat("2026-11-21T00:00:00-06:00")

    expire(midnight - timedelta(seconds=1))
    assert fresh(account).balance == 120
    expire(midnight)
    expire(midnight + DAY)

    assert fresh(account).balance == 50
    row = StampMovement.objects.get(account=account, kind="expired")
    assert (row.amount, row.at, row.actor_kind) == (-70, midnight, "system")
    assert StampLot.objects.get(account=account, expires_on__isnull=False).closed_at == midnight


def test_a_use_told_late_had_not_expired(cast: Cast) -> None:
    account = open_account(cast, balance=0)
    grant(cast, account, 100, date(2026, 11, 20))
    grant(cast, account, 50)
    expire(OFFICE + 5 * DAY)
    assert fresh(account).balance == 50

    for used, reference, balance in ((40, "a", 50), (70, "b", 40)):
        answer = actions.use(
            account, used=used, at=OFFICE + DAY, reference=reference, by=by(cast), now=OFFICE + 6 * DAY
        )
        assert answer["balance"] == balance, "a hundred had expired: forty and sixty of them were used"
    assert fresh(account).balance == 40


def test_a_balance_read_after_an_expiry_that_came_late_knows_of_it(cast: Cast) -> None:
    account = open_account(cast, balance=0)
    grant(cast, account, 100, date(2026, 11, 20))
    grant(cast, account, 50)
    later = OFFICE + 5 * DAY
    actions.report(account, balance=50, at=later, reference="r", by=by(cast), now=later)

    expire(later)

    assert fresh(account).balance == 50


def test_a_last_day_that_has_passed_is_refused(cast: Cast, account: StampAccount) -> None:
    with pytest.raises(Invalid) as refused:
        grant(cast, account, 5, date(2026, 11, 16))

    assert refused.value.errors[0].field == "expires_on"


# ------------------------------------------------------------------ joining


def test_another_rfc_of_the_company_draws_from_the_account(cast: Cast, account: StampAccount) -> None:
    actions.add_rfc(account, rfc="ntr-150610-ab4", by=by(cast), now=OFFICE)

    assert queries.rfcs_of(account) == [RFC, OTHER_RFC]
    assert cast.company.tax_ids.filter(rfc=OTHER_RFC).exists()


def test_an_rfc_of_another_company_or_account_is_refused(
    cast: Cast, account: StampAccount, second: StampAccount
) -> None:
    with pytest.raises(Invalid) as foreign:
        actions.add_rfc(account, rfc="MSC120215JH5", by=by(cast), now=OFFICE)
    with pytest.raises(Conflict) as taken:
        actions.add_rfc(account, rfc=OTHER_RFC, by=by(cast), now=OFFICE)

    assert foreign.value.errors[0].code == "several_clients"
    assert taken.value.code == "account_exists"


def test_a_merge_moves_everything_and_closes_the_account(
    cast: Cast, account: StampAccount, second: StampAccount
) -> None:
    actions.use(second, used=30, at=OFFICE - DAY, reference="a", by=by(cast), now=OFFICE)
    actions.use(account, used=20, at=OFFICE - DAY, reference="a", by=by(cast), now=OFFICE)

    into = actions.merge(second, account, reason="Una sola bolsa", by=by(cast), now=OFFICE)

    assert (fresh(into).balance, fresh(second).balance) == (1_250, 0)
    assert queries.rfcs_of(into) == [RFC, OTHER_RFC]
    assert [row.used for row in into.days.all()] == [50]
    closed = fresh(second)
    assert (closed.merged_into, closed.level, closed.look_at) == (into, "ok", None)
    with pytest.raises(Conflict, match="merged"):
        adjust(cast, second, 5)
    assert queries.accounts_of(by(cast), OTHER_RFC) == [into]


def test_accounts_of_two_companies_are_not_merged(cast: Cast, account: StampAccount) -> None:
    foreign = open_account(cast, ("MSC120215JH5",), balance=5)

    with pytest.raises(Invalid) as refused:
        actions.merge(foreign, account, reason="x", by=by(cast), now=OFFICE)

    assert refused.value.errors[0].code == "several_clients"
