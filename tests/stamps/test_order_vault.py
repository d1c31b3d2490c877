"""Access data of an order: asked for by a link that serves once, kept by the vault, gone at the order's end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser

from clients import vault
from clients.models import VaultRequest, VaultSecret
from core.errors import TransitionNotAllowed
from notifications.models import Notification
from schedules import actions as schedule_actions
from stamps import actions, links
from stamps.models import StampOrder
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC, open_account
from tests.stamps.test_views_orders import browse, text
from tests.tickets.conftest import Clock


def paid(cast: Cast, **contact: str) -> StampOrder:
    """An order that is paid; Ada or Bruno is to add the stamps."""
    by = factories.actor(cast.paola)
    contact = contact or {"email": "rosa@lanortena.example"}
    wish = actions.Request(500, RFC, "La Norteña", product="escritorio", name="Rosa Medina", **contact)
    order = actions.quote(actions.place(cast.desk, wish, by=by, now=OFFICE), by=by, now=OFFICE, unit_price=Decimal(2))
    return actions.pay(
        order, by=by, now=OFFICE, amount=Decimal(1160), paid_on=OFFICE.date(), bank="BBVA", tracking_key="K"
    )


def asked(cast: Cast, order: StampOrder) -> StampOrder:
    assert order.assignee is not None
    return actions.request_access(order, by=factories.actor(order.assignee), now=OFFICE)


def give(order: StampOrder, *, minutes: int = 5) -> None:
    items = [vault.values_item(vault.Kind.ACCESS, {"user": "rosa", "password": "s3creta"})]
    vault.give(order.asked_url.rstrip("/").rpartition("/")[2], items=items, now=OFFICE + timedelta(minutes=minutes))


def test_what_the_client_writes_brings_the_order_on(cast: Cast) -> None:
    order = asked(cast, paid(cast))
    mail = Notification.objects.get(recipient="rosa@lanortena.example", template="stamps/vault")
    assert mail.params["url"] == order.asked_url

    give(order)

    order = StampOrder.objects.get()
    assert (order.status, order.access_received_at) == ("access_received", OFFICE + timedelta(minutes=5))
    assert [event.type for event in order.events.order_by("pk")][-2:] == [
        "order.access_requested",
        "order.access_received",
    ]
    told = Notification.objects.filter(key__startswith="vault/given/")
    assert [row.recipient for row in told] == [order.assignee.email]
    assert "s3creta" not in str(list(Notification.objects.values_list("params", flat=True)))
    assert "s3creta" not in str(list(order.events.values_list("data", flat=True)))


def test_the_consultant_sees_it_once_and_the_client_is_told(cast: Cast, at: Clock) -> None:
    open_account(cast)
    order = asked(cast, paid(cast))
    give(order, minutes=0)
    secret = VaultSecret.objects.get()
    path = f"/timbres/{order.number}/boveda/{secret.pk}/ver/"
    consultant = browse(order.assignee)

    assert "s3creta" not in text(consultant.get(path))
    page = consultant.post(path)

    assert "s3creta" in text(page)
    assert "no-store" in page["Cache-Control"]
    assert Notification.objects.filter(key__startswith="vault/seen/", recipient="rosa@lanortena.example").count() == 1
    assert order.assignee.name in text(Browser().get(f"/o/{links.token(order)}/"))


def test_who_may_not_look(cast: Cast, stranger: Cast, at: Clock) -> None:
    order = asked(cast, paid(cast))
    give(order, minutes=0)
    path = f"/timbres/{order.number}/boveda/{VaultSecret.objects.get().pk}/ver/"
    other = cast.bruno if order.assignee == cast.ada else cast.ada

    answers = {
        name: browse(person).post(path).status_code
        for name, person in (
            ("sales", cast.paola), ("another consultant", other), ("client", cast.rosa.user),
            ("another vendor", stranger.paola), ("manager", cast.marcela),
        )
    }  # fmt: skip

    assert answers == {
        "sales": 403, "another consultant": 404, "client": 403, "another vendor": 404, "manager": 200,
    }  # fmt: skip


@pytest.mark.parametrize("end", ["complete", "cancel"])
def test_at_the_end_nothing_is_left(cast: Cast, end: str) -> None:
    open_account(cast)
    order = asked(cast, paid(cast))
    give(order)
    if end == "complete":
        actions.complete(order, by=factories.actor(order.assignee), now=OFFICE + timedelta(hours=1))
    else:
        actions.cancel(order, by=factories.actor(cast.paola), now=OFFICE + timedelta(hours=1), reason="x")

    secret = VaultSecret.objects.get()
    assert (secret.ciphertext, secret.destroyed_cause) == (None, "case_over")
    assert StampOrder.objects.get().events.filter(type="order.secret_destroyed").exists()


def test_after_72_hours_it_is_gone_while_the_order_waits(cast: Cast) -> None:
    order = asked(cast, paid(cast))
    give(order)

    schedule_actions.fire_due(now=OFFICE + timedelta(hours=73))

    assert VaultSecret.objects.get().ciphertext is None
    assert StampOrder.objects.get().status == "access_received"


def test_another_link_takes_the_place_of_the_first(cast: Cast, at: Clock) -> None:
    order = asked(cast, paid(cast))
    consultant = browse(order.assignee)

    page = consultant.post(f"/timbres/{order.number}/reenviar-enlace/")
    again = StampOrder.objects.get()

    assert "/datos/" in page.context["link"]
    assert page.context["link"] != order.asked_url
    with pytest.raises(vault.LinkOver):
        give(order)
    again.asked_url = page.context["link"]
    give(again)
    assert StampOrder.objects.get().status == "access_received"
    assert VaultRequest.objects.filter(withdrawn_at__isnull=False).count() == 1


def test_without_mail_the_link_is_passed_on_by_who_asked(cast: Cast, at: Clock) -> None:
    order = paid(cast, phone="722 555 0199")

    page = browse(order.assignee).post(
        f"/timbres/{order.number}/pedir-acceso/", headers={"Referer": "http://testserver/timbres/"}
    )

    assert "El cliente no tiene correo" in text(page)
    tell = Notification.objects.filter(key__endswith=f"/tell/team/{cast.paola.pk}").latest("pk")
    assert "/datos/" not in str(tell.params)


def test_from_the_board_one_goes_back_to_the_board(cast: Cast, at: Clock) -> None:
    order = paid(cast)

    sent = browse(order.assignee).post(
        f"/timbres/{order.number}/pedir-acceso/", headers={"Referer": "http://testserver/timbres/?mios=1"}
    )

    assert sent["Location"] == "/timbres/?mios=1"


def test_no_link_before_it_is_asked_for_nor_after_the_end(cast: Cast) -> None:
    order = paid(cast)
    by: Any = factories.actor(cast.paola)
    with pytest.raises(TransitionNotAllowed):
        actions.ask_again(order, by=by, now=OFFICE)
    actions.cancel(order, by=by, now=OFFICE, reason="x")
    with pytest.raises(TransitionNotAllowed):
        actions.ask_again(order, by=by, now=OFFICE)
