"""Orders by their door: the way of the contract, who may use a verb, what a refusal says, and who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, transaction

from notifications import rendering
from notifications.models import Notification
from stamps import actions
from stamps.models import StampAccount, StampOrder, StampOrderEvent, StampPayment
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC, open_account
from tests.tickets.conftest import Caller

URL = "/api/v1/stamps/orders/"
BODY = {
    "desk": "invoice-mx",
    "quantity": 500,
    "rfc": RFC,
    "trade_name": "La Norteña",
    "product": "escritorio",
    "contact": {"name": "Rosa Medina", "email": "rosa@lanortena.example", "phone": "722 555 0133"},
}
PAID = {"amount": "1160.00", "date": "2026-11-17", "bank": "BBVA", "tracking_key": "BNET01002611170001"}
WAY = ("quote", "pay", "request-access", "receive-access", "complete")


def order(client: Any, **changed: Any) -> Any:
    return client.post(URL, {**BODY, **changed}, format="json")


def use(client: Any, number: str, verb: str, **body: Any) -> Any:
    return client.post(f"{URL}{number}/{verb}/", body, format="json")


def bring(client: Any, number: str, until: str) -> Any:
    """Bring an order to the state behind a verb of the way."""
    bodies = {"quote": {"unit_price": "2.00"}, "pay": PAID}
    for verb in WAY[: WAY.index(until) + 1]:
        answer = use(client, number, verb, **bodies.get(verb, {}))
        assert answer.status_code == 200, answer.json()
    return answer


def told(number: str) -> list[tuple[str, str]]:
    order = StampOrder.objects.get(number=number)
    rows = Notification.objects.filter(topic=f"order/{order.pk}").order_by("seq")
    return [(row.recipient, row.params["subject"]) for row in rows]


# ------------------------------------------------------------------ the story


def test_from_the_request_to_the_credit(cast: Cast, caller: Caller, account: StampAccount) -> None:
    paola, rosa = caller(cast.paola), caller(cast.rosa)

    placed = order(rosa)
    number = placed.json()["number"]
    quoted = use(paola, number, "quote", unit_price="2.00", valid_until="2026-11-30").json()
    paid = use(paola, number, "pay", **PAID).json()
    consultant = caller(cast.ada if paid["assignee"]["id"] == cast.ada.pk else cast.bruno)
    asked = use(consultant, number, "request-access").json()
    received = use(rosa, number, "receive-access").json()
    credited = use(consultant, number, "complete").json()

    assert (placed.status_code, number, placed.json()["status"]) == (201, "TIM-1", "requested")
    assert placed["Location"] == f"{URL}TIM-1/"
    assert (quoted["status"], quoted["subtotal"], quoted["tax"], quoted["total"]) == (
        "quoted",
        "1000.00",
        "160.00",
        "1160.00",
    )
    assert (paid["status"], paid["paid"], paid["payments"][0]["bank"]) == ("paid", "1160.00", "BBVA")
    assert [asked["status"], received["status"], credited["status"]] == [
        "access_requested",
        "access_received",
        "credited",
    ]
    assert [event["type"] for event in credited["timeline"]] == [
        "order.requested",
        "order.quoted",
        "order.payment_confirmed",
        "order.paid",
        "order.access_requested",
        "order.access_received",
        "order.credited",
    ]
    account.refresh_from_db()
    assert account.balance == 1_700
    assert rosa.get("/api/v1/stamps/accounts/" + RFC + "/").json()["balance"] == 1_700
    assert rosa.get(f"{URL}tim-1/").json() == credited


def test_client_sales_and_consultant_are_told_in_the_desks_words(
    cast: Cast, caller: Caller, account: StampAccount
) -> None:
    number = order(caller(cast.rosa)).json()["number"]
    bring(caller(cast.paola), number, "complete")
    client, sales = "rosa@lanortena.example", cast.paola.email
    assignee = StampOrder.objects.get(number=number).assignee
    assert assignee is not None

    assert told(number) == [
        (client, "[TIM-1] Recibimos su pedido de 500 timbres"),
        (sales, "[TIM-1] Pedido de 500 timbres: La Norteña"),
        (client, "[TIM-1] Cotización de sus timbres: $1,160.00"),
        (client, f"[TIM-1] Pago confirmado: {assignee.name} agrega sus timbres"),
        (assignee.email, "[TIM-1] Pagado: agregar 500 timbres a La Norteña"),
        (client, "[TIM-1] Denos acceso para agregar sus timbres"),
        (assignee.email, "[TIM-1] Ya hay acceso: La Norteña"),
        (client, "[TIM-1] Sus 500 timbres ya están en su cuenta"),
        (sales, "[TIM-1] Agregados 500 timbres: La Norteña"),
    ]
    words = " ".join(str(row.params) for row in Notification.objects.all())
    assert RFC not in words


def test_every_notice_renders(cast: Cast, caller: Caller, account: StampAccount) -> None:
    paola = caller(cast.paola)
    bring(paola, order(paola).json()["number"], "complete")
    use(paola, order(paola).json()["number"], "cancel", reason="Se repitió")

    for notice in Notification.objects.filter(topic__startswith="order/"):
        rendered = rendering.render(notice, now=OFFICE)
        assert notice.params["lines"][0] in rendered.text
        assert notice.params["number"].encode() in rendered.content


def test_without_mail_sales_is_told_what_to_say_and_whom_to_call(cast: Cast, caller: Caller) -> None:
    number = order(caller(cast.paola), contact={"name": "Don Chuy", "phone": "722 555 0133"}).json()["number"]

    tell = Notification.objects.get(recipient=cast.paola.email, params__subject__icontains="no tiene correo")
    assert tell.params["subject"] == f"[{number}] Llamar a Don Chuy: no tiene correo"
    assert "722 555 0133".replace(" ", "") in tell.params["lines"][0].replace(" ", "")
    assert "Su pedido es el TIM-1" in tell.params["lines"][1]


def test_numbers_have_no_gaps(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)

    numbers = [order(paola).json().get("number") for _ in range(3)]
    refused = order(paola, quantity=0)
    numbers.append(order(paola).json()["number"])

    assert refused.status_code == 400
    assert numbers == ["TIM-1", "TIM-2", "TIM-3", "TIM-4"]


def test_an_idempotency_key_orders_once(cast: Cast, caller: Caller) -> None:
    rosa = caller(cast.rosa)

    answers = [rosa.post(URL, BODY, format="json", HTTP_IDEMPOTENCY_KEY="uno") for _ in range(2)]

    assert answers[1].json() == answers[0].json()
    assert StampOrder.objects.count() == 1


# ------------------------------------------------------------------ urgent


@pytest.mark.parametrize(("balance", "urgent"), [(2_000, False), (30, True), (0, True)])
def test_less_than_two_business_days_left_is_urgent_from_the_first_second(
    cast: Cast, caller: Caller, balance: int, urgent: bool
) -> None:
    account, by = open_account(cast), factories.actor(cast.paola)
    for n in range(1, 41):
        actions.use(account, used=20, at=OFFICE - timedelta(days=n), reference=f"{n}", by=by, now=OFFICE)
    actions.report(account, balance=balance, at=OFFICE, reference="saldo", by=by, now=OFFICE)

    placed = order(caller(cast.rosa)).json()

    assert placed["urgent"] is urgent
    subjects = [subject for _who, subject in told(placed["number"])]
    assert all(("rgente" in subject or "URGENTE" in subject) is urgent for subject in subjects), subjects


def test_terms_that_never_run_out_are_never_urgent(cast: Cast, caller: Caller) -> None:
    open_account(cast, balance=0, terms="postpaid")

    assert order(caller(cast.rosa)).json()["urgent"] is False


def test_a_foreign_rfc_says_nothing_of_how_it_stands(cast: Cast, caller: Caller) -> None:
    open_account(cast, balance=0)

    placed = order(caller(cast.tom)).json()

    assert placed["urgent"] is False
    row = StampOrder.objects.get(number=placed["number"])
    assert (row.account, row.client) == (None, cast.other_company)


# ------------------------------------------------------------------ paying


def test_a_payment_in_part_waits_for_the_rest(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)
    number = order(paola).json()["number"]
    bring(paola, number, "quote")

    part = use(paola, number, "pay", **{**PAID, "amount": "1000"}).json()
    rest = use(paola, number, "pay", **{**PAID, "amount": 160, "tracking_key": "otra"}).json()

    assert (part["status"], part["paid"]) == ("quoted", "1000.00")
    assert (rest["status"], rest["paid"]) == ("paid", "1160.00")
    assert ("rosa@lanortena.example", f"[{number}] Recibimos un pago; faltan $160.00") in told(number)


def test_a_tracking_key_pays_once_however_it_is_typed(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)
    one, two = (order(paola).json()["number"] for _ in range(2))
    bring(paola, one, "pay")
    bring(paola, two, "quote")

    again = use(paola, two, "pay", **{**PAID, "bank": " bbva ", "tracking_key": "bnet0100 2611170001"})

    assert (again.status_code, again.json()["code"]) == (409, "payment_used")
    assert use(paola, one, "pay", **PAID).json()["state"] == "paid"
    assert StampPayment.objects.count() == 1


def test_without_a_price_any_payment_settles_it(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)
    number = order(paola).json()["number"]

    quoted = use(paola, number, "quote").json()
    paid = use(paola, number, "pay", **{**PAID, "amount": "1.00"}).json()

    assert (quoted["status"], quoted["total"]) == ("quoted", None)
    assert paid["status"] == "paid"


def test_a_new_quote_replaces_the_one_before(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)
    number = order(paola).json()["number"]
    bring(paola, number, "quote")

    assert use(paola, number, "quote", unit_price="1.50").json()["total"] == "870.00"


@pytest.mark.parametrize(
    ("verb", "body", "field", "code"),
    [
        ("quote", {"unit_price": "0"}, "unit_price", "min_value"),
        ("quote", {"unit_price": True}, "unit_price", "invalid"),
        ("quote", {"valid_until": "2026-11-16"}, "valid_until", "in_the_past"),
        ("pay", {**PAID, "amount": "-5"}, "amount", "min_value"),
        ("pay", {**PAID, "date": "2026-11-18"}, "date", "in_the_future"),
        ("pay", {**PAID, "bank": " "}, "bank", "required"),
        ("pay", {**PAID, "tracking_key": ""}, "tracking_key", "required"),
        ("cancel", {"reason": " "}, "reason", "required"),
    ],
)
def test_a_wrong_body_names_the_field(
    cast: Cast, caller: Caller, verb: str, body: dict[str, Any], field: str, code: str
) -> None:
    paola = caller(cast.paola)
    number = order(paola).json()["number"]
    bring(paola, number, "quote")

    answer = use(paola, number, verb, **body)

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"quantity": 1_000_001}, {"quantity": "max_value"}),
        ({"quantity": "500"}, {"quantity": "invalid"}),
        ({"rfc": "X"}, {"rfc": "rfc_shape"}),
        ({"rfc": "XAXX010101000"}, {"account_rfc": "generic"}),
        ({"trade_name": " "}, {"trade_name": "required"}),
        ({"product": "nada"}, {"product": "invalid_choice"}),
        ({"contact": {"name": "Rosa"}}, {"contact.email": "unreachable"}),
        ({"contact": {"name": "", "phone": "12"}}, {"contact.name": "required", "contact.phone": "phone"}),
        ({"rfc": "X", "trade_name": ""}, {"rfc": "rfc_shape", "trade_name": "required"}),
    ],
)
def test_a_wrong_order_names_the_fields(
    cast: Cast, caller: Caller, changed: dict[str, Any], errors: dict[str, str]
) -> None:
    answer = order(caller(cast.paola), **changed)

    assert answer.status_code == 400
    assert {error["field"]: error["code"] for error in answer.json()["errors"]} == errors


# ------------------------------------------------------------------ crediting


def test_a_first_order_opens_the_account(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)
    number = order(paola, rfc="NUE200101AB1", trade_name="Nueva").json()["number"]

    bring(paola, number, "complete")

    account = StampAccount.objects.get(rfcs__rfc="NUE200101AB1")
    assert (account.balance, account.client.name, account.terms) == (500, "Nueva", "prepaid")


def test_who_is_invoiced_and_who_receives_may_differ(cast: Cast, caller: Caller, account: StampAccount) -> None:
    paola = caller(cast.paola)
    number = order(paola, rfc="MSC120215JH5", account_rfc=RFC).json()["number"]

    bring(paola, number, "complete")

    account.refresh_from_db()
    assert account.balance == 1_700


def test_without_product_and_account_the_credit_asks_which(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)
    number = order(paola, product=None).json()["number"]
    bring(paola, number, "receive-access")

    refused = use(paola, number, "complete")
    done = use(paola, number, "complete", product="nube")

    assert (refused.status_code, refused.json()["code"]) == (409, "product_needed")
    assert (done.json()["status"], done.json()["product"]) == ("credited", "nube")


def test_an_rfc_of_two_products_is_asked_for_when_ordering(cast: Cast, caller: Caller, account: StampAccount) -> None:
    open_account(cast, product="nube")

    assert order(caller(cast.rosa), product=None).json()["code"] == "ambiguous_account"
    assert order(caller(cast.rosa), product="nube").json()["product"] == "nube"


def test_no_step_is_skipped_and_none_is_done_twice(cast: Cast, caller: Caller, account: StampAccount) -> None:
    paola = caller(cast.paola)
    number = order(paola).json()["number"]

    early = use(paola, number, "complete")
    bring(paola, number, "complete")
    again = [
        use(paola, number, verb, **({"reason": "x"} if verb == "cancel" else {})) for verb in ("complete", "cancel")
    ]

    assert (early.status_code, early.json()["code"], early.json()["state"]) == (
        409,
        "transition_not_allowed",
        "requested",
    )
    assert [answer.json()["state"] for answer in again] == ["credited", "credited"]
    account.refresh_from_db()
    assert account.balance == 1_700


# ------------------------------------------------------------------ cancelling


def test_the_client_cancels_until_it_is_paid(cast: Cast, caller: Caller) -> None:
    paola, rosa = caller(cast.paola), caller(cast.rosa)
    one, two = (order(rosa).json()["number"] for _ in range(2))
    bring(paola, two, "pay")

    cancelled, refused = use(rosa, one, "cancel", reason="Ya no"), use(rosa, two, "cancel", reason="Ya no")

    assert (cancelled.json()["status"], cancelled.json()["cancel_reason"]) == ("cancelled", "Ya no")
    assert refused.status_code == 403
    assert use(paola, two, "cancel", reason="Se devuelve").json()["status"] == "cancelled"
    assert (cast.paola.email, f"[{one}] Pedido cancelado: La Norteña") in told(one)
    assert (cast.paola.email, f"[{two}] Pedido cancelado: La Norteña") not in told(two)


# ------------------------------------------------------------------ who


def test_who_sees_an_order_and_who_may_use_a_verb(
    cast: Cast, stranger: Cast, caller: Caller, account: StampAccount
) -> None:
    number = order(caller(cast.rosa)).json()["number"]
    bring(caller(cast.paola), number, "pay")
    row = StampOrder.objects.get(number=number)
    assigned, other = (cast.ada, cast.bruno) if row.assignee_id == cast.ada.pk else (cast.bruno, cast.ada)

    sees = {
        cast.paola: 200,
        cast.marcela: 200,
        cast.rosa: 200,
        assigned: 200,
        other: 404,
        cast.elena: 404,
        cast.tom: 404,
        stranger.paola: 404,
        stranger.rosa: 404,
    }
    for person, status in sees.items():
        assert caller(person).get(f"{URL}{number}/").status_code == status, person
    for verb in ("quote", "pay", "cancel"):
        assert use(caller(assigned), number, verb).status_code == 403, verb
    for verb in ("quote", "pay", "request-access", "complete"):
        assert use(caller(cast.rosa), number, verb).status_code == 403, verb
    assert use(caller(other), number, "request-access").status_code == 404


def test_consultants_share_the_work(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)
    for n in range(4):
        number = order(paola).json()["number"]
        bring(paola, number, "quote")
        use(paola, number, "pay", **{**PAID, "tracking_key": f"k{n}"})

    shares = [row.assignee_id for row in StampOrder.objects.all()]
    assert sorted(shares.count(person.pk) for person in (cast.ada, cast.bruno)) == [2, 2]


def test_strangers_and_the_unknown_desk(cast: Cast, stranger: Cast, caller: Caller, client: Any) -> None:
    assert client.post(URL, BODY, content_type="application/json").status_code == 401
    assert order(caller(stranger.rosa)).status_code == 404
    assert order(caller(cast.rosa), desk="nada").status_code == 404
    assert caller(cast.rosa).get(f"{URL}TIM-9/").status_code == 404


def test_each_desk_counts_its_own_and_who_sees_both_is_asked(cast: Cast, stranger: Cast, caller: Caller) -> None:
    order(caller(cast.paola))
    order(caller(stranger.paola), desk="otra-mesa")
    both = caller(factories.make_user("Alma Rey", email="alma@casa.example", is_staff=True))

    asked, named = both.get(f"{URL}TIM-1/"), both.get(f"{URL}TIM-1/?desk=otra-mesa")

    assert (asked.status_code, asked.json()["code"]) == (409, "ambiguous_order")
    assert [choice["desk"] for choice in asked.json()["choices"]] == ["invoice-mx", "otra-mesa"]
    assert named.json()["desk"] == "otra-mesa"


# ------------------------------------------------------------------ what the database refuses


def test_timeline_and_payments_are_final(cast: Cast, caller: Caller) -> None:
    paola = caller(cast.paola)
    bring(paola, order(paola).json()["number"], "pay")

    for change in (
        lambda: StampOrderEvent.objects.update(type="order.nothing"),
        lambda: StampPayment.objects.update(amount=1),
        lambda: StampPayment.objects.all().delete(),
        lambda: StampOrder.objects.update(status="credited"),
    ):
        with pytest.raises(Error), transaction.atomic():
            change()
