"""The ledger: the balance is the sum, what comes late is countered, the database refuses the rest."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from django.db import Error, transaction
from django.db.models import Sum

from core.errors import Conflict, Forbidden, Invalid
from desks.models import Product
from stamps import actions, queries
from stamps.models import StampAccount, StampDay, StampMovement
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import OPENED, RFC, open_account

DAY = timedelta(days=1)


def use(cast: Cast, account: StampAccount, used: int, at: datetime, reference: str = "") -> int:
    by = factories.actor(cast.paola)
    told = actions.use(account, used=used, at=at, reference=reference or f"{used}@{at}", by=by, now=OFFICE)
    return int(told["balance"])


def report(cast: Cast, account: StampAccount, balance: int, at: datetime, reference: str = "") -> int:
    by = factories.actor(cast.paola)
    told = actions.report(account, balance=balance, at=at, reference=reference or f"={at}", by=by, now=OFFICE)
    return int(told["balance"])


def ledger(account: StampAccount) -> list[tuple[str, int]]:
    return list(account.movements.order_by("at", "id").values_list("kind", "amount"))


def used_by_day(account: StampAccount) -> dict[date, int]:
    return {row.used_on: row.used for row in account.days.all() if row.used}


def test_a_use_lowers_the_balance_and_is_counted_on_its_local_day(cast: Cast, account: StampAccount) -> None:
    late = datetime.fromisoformat("2026-11-16T23:30:00-06:00")

    assert use(cast, account, 40, late) == 1_160

    account.refresh_from_db()
    assert account.balance == 1_160
    assert ledger(account) == [("opening", 1_200), ("usage", -40)]
    assert used_by_day(account) == {date(2026, 11, 16): 40}


def test_a_reported_balance_books_the_difference_over_the_days_since_the_last(
    cast: Cast, account: StampAccount
) -> None:
    assert report(cast, account, 1_000, OPENED + 10 * DAY) == 1_000
    assert report(cast, account, 1_050, OPENED + 11 * DAY) == 1_050, "more than the ledger said: nobody used a stamp"

    assert ledger(account) == [("opening", 1_200), ("report", -200), ("report", 50)]
    first = OPENED.astimezone(queries.sales_hours(cast.desk, OFFICE).zone).date()
    assert used_by_day(account) == {first + n * DAY: 20 for n in range(1, 11)}


def test_later_movements_apply_after_a_reported_balance(cast: Cast, account: StampAccount) -> None:
    use(cast, account, 300, OPENED + 20 * DAY)

    assert report(cast, account, 1_150, OPENED + 10 * DAY) == 850, "1,150 then, less the 300 of ten days later"


def test_a_use_told_late_is_in_the_balance_reported_after_it(cast: Cast, account: StampAccount) -> None:
    report(cast, account, 1_000, OPENED + 10 * DAY)

    assert use(cast, account, 120, OPENED + 4 * DAY) == 1_000

    assert sorted(ledger(account)) == [("absorbed", 120), ("opening", 1_200), ("report", -200), ("usage", -120)]
    used = used_by_day(account)
    first = OPENED.astimezone(queries.sales_hours(cast.desk, OFFICE).zone).date()
    assert sum(used.values()) == 200, "the 200 that were missed are the same 200"
    assert used[first + 4 * DAY] == 120 + 8
    assert used[first + 9 * DAY] == 8


def test_a_use_before_the_opening_teaches_the_forecast_only(cast: Cast, account: StampAccount) -> None:
    assert use(cast, account, 5_000, OPENED - 3 * DAY) == 1_200

    assert sum(used_by_day(account).values()) == 5_000


def test_a_balance_between_two_leaves_the_later_one_as_it_is(cast: Cast, account: StampAccount) -> None:
    report(cast, account, 1_000, OPENED + 10 * DAY)

    assert report(cast, account, 1_180, OPENED + 5 * DAY) == 1_000

    first = OPENED.astimezone(queries.sales_hours(cast.desk, OFFICE).zone).date()
    assert used_by_day(account) == {first + n * DAY: 4 if n <= 5 else 36 for n in range(1, 11)}


def test_a_positive_correction_between_two_never_dips_below_zero(cast: Cast) -> None:
    account = open_account(cast, balance=10)
    report(cast, account, 0, OPENED + 10 * DAY)

    assert report(cast, account, 500, OPENED + 5 * DAY) == 0


def test_at_the_instant_of_a_reported_balance_what_is_told_after_it_applies(cast: Cast, account: StampAccount) -> None:
    report(cast, account, 1_000, OPENED + DAY)

    assert use(cast, account, 10, OPENED + DAY) == 990


@pytest.mark.parametrize("terms", ["postpaid", "unlimited"])
def test_only_prepaid_accounts_stop_at_zero(cast: Cast, terms: str) -> None:
    endless = open_account(cast, terms=terms, balance=10)
    prepaid = open_account(cast, product="nube", balance=10)

    assert use(cast, endless, 25, OFFICE) == -15
    with pytest.raises(Conflict) as refused:
        use(cast, prepaid, 11, OFFICE)
    assert refused.value.code == "insufficient_balance"
    with pytest.raises(Conflict):
        report(cast, prepaid, -1, OFFICE)
    assert use(cast, prepaid, 10, OFFICE) == 0
    assert ledger(prepaid) == [("opening", 10), ("usage", -10)], "what was refused left nothing"


def test_the_same_reference_is_the_same_movement(cast: Cast, account: StampAccount) -> None:
    by = factories.actor(cast.paola)
    first = actions.use(account, used=40, at=OFFICE, reference="lote 7", by=by, now=OFFICE)
    use(cast, account, 60, OFFICE)

    again = actions.use(account, used=40, at=OFFICE, reference="lote 7", by=by, now=OFFICE + DAY)

    assert again == first
    assert StampMovement.objects.filter(account=account, reference="lote 7").count() == 1
    for used, at in ((41, OFFICE), (40, OFFICE - DAY)):
        with pytest.raises(Conflict) as refused:
            actions.use(account, used=used, at=at, reference="lote 7", by=by, now=OFFICE)
        assert refused.value.code == "reference_used"
    with pytest.raises(Conflict):
        actions.report(account, balance=40, at=OFFICE, reference="lote 7", by=by, now=OFFICE)


def test_a_reported_balance_repeated_with_another_number_is_refused(cast: Cast, account: StampAccount) -> None:
    report(cast, account, 1_000, OFFICE, "corte")

    assert report(cast, account, 1_000, OFFICE, "corte") == 1_000
    with pytest.raises(Conflict):
        report(cast, account, 999, OFFICE, "corte")


def test_what_is_to_come_is_refused(cast: Cast, account: StampAccount) -> None:
    with pytest.raises(Invalid) as refused:
        use(cast, account, 1, OFFICE + timedelta(minutes=6))

    assert refused.value.errors[0].code == "in_the_future"


def test_credit_is_later_than_any_balance_reported(cast: Cast, account: StampAccount) -> None:
    report(cast, account, 1_000, OFFICE + timedelta(minutes=3))
    account.refresh_from_db()

    actions.credit(account, 500, by=factories.actor(cast.paola), now=OFFICE)
    use(cast, account, 10, OFFICE)

    account.refresh_from_db()
    assert account.balance == 1_500, "the ten were used before the balance was read"


def test_dice_never_part_the_balance_from_its_sum(cast: Cast) -> None:
    account, dice = open_account(cast, terms="postpaid"), random.Random(6)  # noqa: S311 - dice of a test

    for n in range(120):
        at = OPENED + timedelta(hours=dice.randrange(-100, 60 * 24))
        if dice.random() < 0.3:
            told = dice.randrange(-500, 2_000)
            answer = report(cast, account, told, at, f"r{n}")
            last = account.movements.filter(kind__in=["report", "opening"]).order_by("at", "id").last()
            assert last is not None
            later = account.movements.filter(kind__in=["usage"], at__gt=last.at).aggregate(sum=Sum("amount"))["sum"]
            assert last.reported is not None
            assert answer == last.reported + (later or 0)
        else:
            use(cast, account, dice.randrange(1, 90), at, f"u{n}")

    account.refresh_from_db()
    assert account.balance == account.movements.aggregate(sum=Sum("amount"))["sum"]


# ------------------------------------------------------------------ what the database refuses


def test_a_movement_is_never_edited_and_a_balance_never_set(account: StampAccount) -> None:
    row = account.movements.get()

    for change in (
        lambda: StampMovement.objects.filter(pk=row.pk).update(amount=5),
        lambda: row.delete(),
        lambda: StampAccount.objects.filter(pk=account.pk).update(balance=5_000),
    ):
        with pytest.raises(Error), transaction.atomic():
            change()
    account.refresh_from_db()
    assert account.balance == 1_200


def test_an_account_cannot_begin_with_stamps_out_of_nowhere(account: StampAccount) -> None:
    account.pk, account.balance = None, 7
    account._state.adding = True

    with pytest.raises(Error), transaction.atomic():
        account.save()


# ------------------------------------------------------------------ opening


def test_an_rfc_draws_from_one_account_of_a_product(cast: Cast, account: StampAccount) -> None:
    other = open_account(cast, product="nube")

    assert {row.rfc for row in other.rfcs.all()} == {RFC}
    with pytest.raises(Conflict) as refused:
        open_account(cast, (RFC, "FNO180312KX1"))
    assert refused.value.code == "account_exists"
    assert StampAccount.objects.count() == 2


def test_unknown_rfcs_join_the_company_that_is_known(cast: Cast) -> None:
    account = open_account(cast, ("fno-180312-kx1", "GAVR850101AB3"))

    assert account.client == cast.company
    assert set(cast.company.tax_ids.values_list("rfc", flat=True)) == {RFC, "GAVR850101AB3"}


def test_a_company_that_nobody_knows_is_kept_with_its_rfc(cast: Cast) -> None:
    account = open_account(cast, ("NUE200101AB1",))

    assert (account.client.name, account.client.vendor) == ("NUE200101AB1", cast.desk.vendor)


def test_rfcs_of_two_companies_are_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        open_account(cast, (RFC, "MSC120215JH5"))

    assert refused.value.errors[0].code == "several_clients"
    assert not StampAccount.objects.exists()


@pytest.mark.parametrize(
    ("rfcs", "field", "code"),
    [((), "rfcs", "required"), ((RFC, "X"), "rfcs.1", "rfc_shape"), (("XAXX010101000",), "rfcs.0", "generic")],
)
def test_rfcs_are_judged_by_name(cast: Cast, rfcs: tuple[str, ...], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_account(cast, rfcs)

    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_only_sales_open_accounts(cast: Cast) -> None:
    product = Product.objects.get(vendor=cast.desk.vendor, slug="nube")

    for person in (cast.marcela, cast.ada, cast.rosa):
        with pytest.raises(Forbidden):
            actions.open_account(
                cast.desk,
                product=product,
                rfcs=[RFC],
                terms="prepaid",
                balance=1,
                at=OFFICE,
                by=factories.actor(person),
                now=OFFICE,
            )


def test_a_forecast_reads_a_row_a_day_and_no_movements(
    cast: Cast, account: StampAccount, django_assert_num_queries: object
) -> None:
    for n in range(1, 31):
        use(cast, account, 20, OFFICE - n * DAY)
    account = queries.accounts_of(factories.actor(cast.paola), RFC)[0]
    queries.foretold(account, OFFICE)

    with django_assert_num_queries(2) as seen:  # type: ignore[operator]
        found = queries.foretold(account, OFFICE)

    assert "stamps_stampday" in seen[0]["sql"]
    assert "stamps_stamplot" in seen[1]["sql"]
    assert 14 < found.daily_rate < 26
    assert StampDay.objects.filter(account=account).count() == 30
