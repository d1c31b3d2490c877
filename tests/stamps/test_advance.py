"""*Ya no tengo timbres*: an advance from the ticket, once, within the desk's cap, settled by the payment."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from core.errors import Conflict, Forbidden, Invalid
from notifications.models import Notification
from stamps import actions
from stamps.models import StampAccount, StampAdvance, StampMovement, StampOrder, StampSales
from tests import factories
from tests.factories import NIGHT, OFFICE, Cast
from tests.stamps.conftest import RFC, open_account, place_order, quote
from tests.stamps.test_views_orders import browse, text
from tests.tickets.conftest import Clock
from tests.tickets.test_races import at_once
from tickets.actions import guards
from tickets.models import Message, Ticket


def outage(cast: Cast, **fields: Any) -> Ticket:
    values = {"subject": "Ya no tengo timbres", "affects_operation": True, "now": NIGHT, **fields}
    return cast.ticket(**values)


def ready(cast: Cast) -> tuple[StampAccount, StampOrder, Ticket]:
    """An account with 10 stamps, an order that is quoted, a ticket at night that Ada has; 100 may be advanced."""
    account = open_account(cast, balance=10)
    order = quote(cast, place_order(cast))
    StampSales.objects.update(advance_cap=100)
    return account, order, outage(cast)


def grant(cast: Cast, ticket: Ticket, order: StampOrder, amount: int = 80, by: Any = None) -> StampAdvance:
    return actions.advance(ticket, order, amount=amount, by=factories.actor(by or cast.ada), now=NIGHT)


def pay(cast: Cast, order: StampOrder, amount: Any = 1_160) -> StampOrder:
    return actions.pay(
        order, by=factories.actor(cast.paola), now=NIGHT, amount=Decimal(amount), paid_on=OFFICE.date(), bank="BBVA",
        tracking_key=f"K{amount}",
    )  # fmt: skip


def balance(account: StampAccount) -> int:
    return StampAccount.objects.get(pk=account.pk).balance


def bring_on(cast: Cast, order: StampOrder) -> StampOrder:
    by = factories.actor(cast.paola)
    order = actions.receive_access(actions.request_access(order, by=by, now=NIGHT), by=by, now=NIGHT)
    return actions.complete(order, by=by, now=NIGHT)


def test_from_the_advance_to_the_credit(cast: Cast) -> None:
    account, order, ticket = ready(cast)

    row = grant(cast, ticket, order)
    assert (balance(account), row.movement.amount, row.order, row.ticket) == (90, 80, order, ticket)
    order = pay(cast, order)
    assert StampAdvance.objects.get().settled_at == NIGHT
    bring_on(cast, order)

    assert balance(account) == 510, "ten, and the five hundred that were ordered"
    assert [m.amount for m in StampMovement.objects.filter(account=account).order_by("pk")] == [10, 80, 500, -80]
    assert "80" in Message.objects.filter(ticket=ticket, internal=True).latest("pk").body
    told = Notification.objects.filter(key__startswith="order-advanced/").order_by("pk")
    assert [notice.recipient for notice in told] == [cast.rosa.email, cast.paola.email]


def test_once_for_an_account_until_it_is_settled(cast: Cast) -> None:
    _account, order, ticket = ready(cast)
    second = quote(cast, place_order(cast))
    grant(cast, ticket, order)

    for again in (order, second):
        with pytest.raises(Conflict) as refused:
            grant(cast, ticket, again, 1)
        assert refused.value.code == "advance_open"
    pay(cast, order)
    assert grant(cast, ticket, second).amount == 80


@pytest.mark.parametrize("amount", [0, 101, -1])
def test_within_the_cap_of_the_desk(cast: Cast, amount: int) -> None:
    _account, order, ticket = ready(cast)

    with pytest.raises(Invalid):
        grant(cast, ticket, order, amount)
    assert not StampAdvance.objects.exists()


def test_who_may(cast: Cast, stranger: Cast) -> None:
    _account, order, ticket = ready(cast)

    for person in (cast.bruno, cast.paola, cast.rosa, stranger.ada):
        with pytest.raises(Forbidden):
            grant(cast, ticket, order, by=person)
    assert guards.answers_for(ticket, factories.actor(cast.elena), NIGHT)
    Ticket.objects.filter(pk=ticket.pk).update(assignee=cast.bruno)
    ticket.refresh_from_db()
    assert guards.answers_for(ticket, factories.actor(cast.ada), NIGHT), "she is on call"
    assert not guards.answers_for(ticket, factories.actor(cast.ada), OFFICE), "not any more"


def test_for_what(cast: Cast) -> None:
    _account, order, ticket = ready(cast)
    wish = actions.Request(500, "MSC120215JH5", "Santa Clara", product="escritorio")
    foreign = actions.place(cast.desk, wish, by=factories.actor(cast.tom), now=OFFICE)
    calm = cast.ticket(subject="Una duda", now=NIGHT)

    for one, other, code in ((ticket, foreign, "other_company"), (calm, order, "not_stopped")):
        with pytest.raises(Conflict) as refused:
            actions.advance(one, other, amount=1, by=factories.actor(cast.elena), now=NIGHT)
        assert refused.value.code == code


def test_an_rfc_without_an_account_gets_none(cast: Cast) -> None:
    order = quote(cast, place_order(cast))
    StampSales.objects.update(advance_cap=100)

    with pytest.raises(Conflict) as refused:
        grant(cast, outage(cast), order)
    assert refused.value.code == "no_account"


def test_a_cancelled_order_gives_the_advance_back_or_stays(cast: Cast) -> None:
    account, order, ticket = ready(cast)
    grant(cast, ticket, order)
    by = factories.actor(cast.paola)
    actions.use(account, used=20, at=NIGHT, reference="u", by=by, now=NIGHT)

    with pytest.raises(Conflict) as refused:
        actions.cancel(order, by=by, now=NIGHT, reason="x")
    assert refused.value.code == "advance_open"
    actions.report(account, balance=90, at=NIGHT, reference="r", by=by, now=NIGHT)
    actions.cancel(order, by=by, now=NIGHT, reason="x")

    assert balance(account) == 10
    assert StampAdvance.objects.get().settled_at == NIGHT


@pytest.mark.django_db(transaction=True)
def test_granted_six_times_at_once_it_is_one() -> None:
    cast = Cast()
    account, order, ticket = ready(cast)

    results = at_once([partial(grant, cast, ticket, order)] * 6)

    assert sum(isinstance(result, StampAdvance) for result in results) == 1, results
    assert balance(account) == 90
    assert Message.objects.filter(ticket=ticket, internal=True).count() == 1


def test_by_page(cast: Cast, at: Clock) -> None:
    _account, order, ticket = ready(cast)
    at(NIGHT)
    ada = browse(cast.ada)
    path = f"/tickets/{ticket.number}/anticipo/"
    assert path in text(browse(cast.elena).get(f"/tickets/{ticket.number}/"))
    assert path not in text(browse(cast.bruno).get(f"/tickets/{ticket.number}/")), "a door that is shut is not shown"

    assert path in text(ada.get(f"/tickets/{ticket.number}/"))
    page = ada.get(path)
    assert f"{order.number} · 500 · La Norteña" in text(page)
    refused = ada.post(path, {"order": str(order.pk), "amount": "5,000"})
    assert refused.status_code == 422
    assert "De 1 a 100 timbres." in text(refused)
    assert ada.post(path, {"order": "0", "amount": "x"}).status_code == 422
    assert ada.post(path, {"order": str(order.pk), "amount": "80"}).status_code == 302
    again = ada.post(path, {"order": str(order.pk), "amount": "80"})
    assert again.status_code == 409
    assert "Esta cuenta tiene un anticipo sin saldar." in text(again)
    assert browse(cast.bruno).get(path).status_code == 403
    assert RFC not in text(page)
