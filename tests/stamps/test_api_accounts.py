"""Accounts by their door: the contract's fields, codes and who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from clients.models import Contact
from stamps.models import StampAccount, StampMovement
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC, open_account
from tests.tickets.conftest import Caller

URL = "/api/v1/stamps/accounts/"
AT = "2026-11-17T09:00:00-06:00"
BODY = {"desk": "invoice-mx", "product": "escritorio", "rfcs": [RFC], "terms": "prepaid", "balance": 1_200, "at": AT}


def tell(client: Any, rfc: str = RFC, query: str = "", **body: Any) -> Any:
    body = {"at": AT, "reference": "lote 7", **body}
    return client.post(f"{URL}{rfc}/usage/{query}", body, format="json")


def test_sales_open_read_and_use_an_account(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)

    opened = paola.post(URL, {**BODY, "at": "2026-09-18T09:00:00-06:00"}, format="json")
    for n in range(1, 41):
        at = (OFFICE - timedelta(days=n)).isoformat()
        assert tell(paola, used=10, at=at, reference=f"día {n}").status_code == 201
    read = paola.get(f"{URL}{RFC}/").json()

    assert opened.status_code == 201
    assert opened.json() == {
        "desk": "invoice-mx",
        "product": "escritorio",
        "rfcs": [RFC],
        "terms": "prepaid",
        "balance": 1_200,
        "daily_rate": 0.0,
        "exhausts_on": None,
        "exhausts_by": None,
        "earliest_on": None,
        "latest_on": None,
        "order_by": None,
        "level": "ok",
        "basis": "none",
    }
    assert opened["Location"] == f"{URL}{RFC}/"
    assert (read["balance"], read["level"], read["basis"]) == (800, "ok", "rhythm")
    assert 9 < read["daily_rate"] < 13
    assert "2027-01-15" < read["exhausts_on"] < "2027-02-15"
    assert read["order_by"].endswith(("19:00:00-06:00", "14:00:00-06:00"))


def test_the_level_follows_the_balance(cast: Cast, caller: Caller) -> None:
    paola, account = caller(cast.paola), open_account(cast)
    for n in range(1, 41):
        at = (OFFICE - timedelta(days=n)).isoformat()
        tell(paola, used=20, at=at, reference=f"día {n}")

    levels = []
    for balance in (400, 100, 20, 0):
        answer = tell(paola, balance=balance, at=OFFICE.isoformat(), reference=f"saldo {balance}")
        levels.append((answer.json()["balance"], answer.json()["level"]))

    assert account.client == cast.company
    assert levels == [(400, "ok"), (100, "low"), (20, "urgent"), (0, "empty")]


def test_the_same_reference_and_body_gives_the_same_answer(cast: Cast, caller: Caller, account: StampAccount) -> None:
    paola = caller(cast.paola)
    first = tell(paola, used=40)
    tell(paola, used=60, reference="lote 8")

    again, other = tell(paola, used=40), tell(paola, used=41)

    assert (again.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "reference_used")
    assert StampMovement.objects.filter(account=account, kind="usage").count() == 2


def test_below_zero_is_refused_with_its_code(cast: Cast, caller: Caller, account: StampAccount) -> None:
    answer = tell(caller(cast.paola), used=1_201)

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_balance")
    assert answer["Content-Type"] == "application/problem+json"


def test_an_rfc_of_two_products_asks_which(cast: Cast, caller: Caller, account: StampAccount) -> None:
    open_account(cast, product="nube", balance=7)
    paola = caller(cast.paola)

    refused, chosen = paola.get(f"{URL}{RFC}/"), paola.get(f"{URL}{RFC}/?desk=invoice-mx&product=nube")

    assert (refused.status_code, refused.json()["code"]) == (409, "ambiguous_account")
    assert refused.json()["choices"] == [
        {"desk": "invoice-mx", "product": product, "rfcs": [RFC]} for product in ("escritorio", "nube")
    ]
    assert chosen.json()["balance"] == 7
    assert tell(paola, used=1).json()["code"] == "ambiguous_account"
    assert tell(paola, query="?product=nube", used=1).json()["balance"] == 6


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "used", "one_of_two"),
        ({"used": 1, "balance": 1}, "used", "one_of_two"),
        ({"used": 0}, "used", "min_value"),
        ({"used": "12"}, "used", "invalid"),
        ({"used": 1.5}, "used", "invalid"),
        ({"used": 1, "reference": " "}, "reference", "required"),
        ({"used": 1, "at": "2026-11-17T09:00:00"}, "at", "offset_required"),
        ({"used": 1, "at": "2026-11-18T09:00:00-06:00"}, "at", "in_the_future"),
    ],
)
def test_a_wrong_body_names_the_field(
    cast: Cast, caller: Caller, account: StampAccount, body: dict[str, Any], field: str, code: str
) -> None:
    answer = tell(caller(cast.paola), **body)

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"product": "nada"}, "product", "invalid_choice"),
        ({"terms": "gratis"}, "terms", "invalid_choice"),
        ({"rfcs": ["FNO18031KX1"]}, "rfcs.0", "rfc_shape"),
        ({"rfcs": []}, "rfcs", "required"),
        ({"balance": None}, "balance", "null"),
    ],
)
def test_a_wrong_account_names_the_field(
    cast: Cast, caller: Caller, changed: dict[str, Any], field: str, code: str
) -> None:
    answer = caller(cast.paola).post(URL, {**BODY, **changed}, format="json")

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


# ------------------------------------------------------------------ who


def test_who_opens_reads_and_uses(cast: Cast, stranger: Cast, caller: Caller, account: StampAccount) -> None:
    people: dict[User | Contact, tuple[int, int, int]] = {
        cast.paola: (201, 200, 201),
        cast.marcela: (403, 200, 201),
        cast.elena: (403, 404, 404),
        cast.ada: (403, 404, 404),
        cast.rosa: (403, 200, 403),
        cast.tom: (403, 404, 404),
        stranger.paola: (404, 404, 404),
        stranger.rosa: (403, 404, 404),
    }
    for n, (person, (opens, reads, uses)) in enumerate(people.items()):
        client = caller(person)
        assert client.post(URL, {**BODY, "product": "nube"}, format="json").status_code == opens, person
        assert client.get(f"{URL}{RFC}/?product=escritorio").status_code == reads, person
        answer = tell(client, query="?product=escritorio", used=1, reference=f"lote {n}")
        assert answer.status_code == uses, person


def test_the_same_rfc_at_two_vendors_is_two_accounts(cast: Cast, stranger: Cast, caller: Caller) -> None:
    open_account(cast, balance=5)
    open_account(stranger, balance=9)

    assert caller(cast.paola).get(f"{URL}{RFC}/").json()["balance"] == 5
    assert caller(stranger.paola).get(f"{URL}{RFC}/").json()["balance"] == 9
    both = factories.make_user("Alma Rey", email="alma@casa.example", is_staff=True)
    assert len(caller(both).get(f"{URL}{RFC}/").json()["choices"]) == 2


def test_nobody_signed_in_and_no_such_rfc(cast: Cast, caller: Caller, client: Any) -> None:
    assert client.get(f"{URL}{RFC}/").status_code == 401
    assert caller(cast.paola).get(f"{URL}{RFC}/").status_code == 404
    assert caller(cast.paola).get(f"{URL}nada/").status_code == 404


def test_an_idempotency_key_opens_one_account(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)

    answers = [paola.post(URL, BODY, format="json", HTTP_IDEMPOTENCY_KEY="abc") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert StampAccount.objects.count() == 1
