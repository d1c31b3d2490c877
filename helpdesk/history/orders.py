"""Orders of stamps in every stage, told through the real actions by the same clock as the cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.core.files.base import ContentFile

from clients import actors
from clients.models import Client, Contact
from core.actor import SALES, Actor
from desks import queries as desk_queries
from desks.models import Product
from files import actions as file_actions
from helpdesk.history.people import Cast
from helpdesk.history.player import Player
from stamps import actions
from stamps.models import StampAccount, StampOrder

HOUR: Final = timedelta(hours=1)
OPENED: Final = timedelta(days=45)
RECEIPT: Final = b"%PDF-1.4\n% Comprobante de una transferencia inventada\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Script:
    """An order: of which company (index), how many, how many hours ago it came, and the hours between its steps."""

    company: int
    quantity: int
    hours_ago: float
    steps: tuple[tuple[str, float], ...] = ()
    account: tuple[int, int] | None = None  # balance at its opening, stamps a day


_ALL: Final = (("quote", 0.6), ("pay", 5), ("ask", 0.5), ("receive", 1.5), ("complete", 0.5))
SCRIPTS: Final = {
    "invoice-mx": (
        Script(0, 3_000, 140, _ALL, account=(6_400, 140)),
        Script(5, 2_000, 120, _ALL),
        Script(11, 500, 100, (("quote", 1), ("cancel", 20))),
        Script(8, 10_000, 75, _ALL[:4]),
        Script(4, 1_000, 52, _ALL[:3]),
        Script(2, 1_000, 50, _ALL[:2]),
        Script(1, 2_000, 46, (("quote", 0.6), ("receipt", 20)), account=(2_300, 48)),
        Script(6, 500, 27, _ALL[:2]),
        Script(3, 5_000, 2.5, account=(1_900, 41)),
        Script(7, 500, 1.2),
        Script(9, 1_000, 0.4),
    ),
    "facturando": (
        Script(0, 500, 90, _ALL),
        Script(1, 1_000, 30, _ALL[:2]),
        Script(3, 300, 1.5),
    ),
}


def tell(cast: Cast, player: Player) -> None:
    """Plan the orders of a desk."""
    for n, script in enumerate(SCRIPTS[cast.desk.slug]):
        player.at(player.now - HOUR * script.hours_ago, _placing(cast, player, script, n))


def _placing(cast: Cast, player: Player, script: Script, n: int) -> Callable[[datetime], None]:
    def place(now: datetime) -> None:
        client, contact = cast.clients[script.company], _contact(cast, cast.clients[script.company])
        rfc = client.tax_ids.order_by("pk")[0].rfc
        if script.account:
            _account(cast, rfc, *script.account, now=now)
        wish = actions.Request(
            quantity=script.quantity,
            rfc=rfc,
            trade_name=client.name,
            product=_product(cast).slug,
            name=contact.name,
            email=contact.email,
            phone=str(contact.phone or ""),
        )
        by = actors.actor_for(contact.user, today=now.date()) if contact.user else seller(cast)
        order = actions.place(cast.desk, wish, by=by, now=now)
        at = now
        for verb, hours in script.steps:
            at += HOUR * hours
            player.at(at, _step(cast, order, verb, n))

    return place


def _step(cast: Cast, order: StampOrder, verb: str, n: int) -> Callable[[datetime], None]:
    def act(now: datetime) -> None:
        fresh = StampOrder.objects.select_related("desk__vendor", "assignee", "contact__user").get(pk=order.pk)
        sales = seller(cast)
        consultant = actors.actor_for(fresh.assignee) if fresh.assignee else sales
        if verb == "quote":
            actions.quote(fresh, by=sales, now=now, from_list=True)
        elif verb == "pay":
            total = fresh.price.total if fresh.price else Decimal(1)
            key = f"BNET{now:%y%m%d}{n:04d}"
            day = now.astimezone(desk_queries.config(cast.desk).zone).date()
            actions.pay(fresh, by=sales, now=now, amount=total, paid_on=day, bank="BBVA", tracking_key=key)
        elif verb == "receipt":
            sent = ContentFile(RECEIPT, name="comprobante-spei.pdf")
            client = actors.actor_for(fresh.contact.user) if fresh.contact and fresh.contact.user else sales
            actions.add_receipt(fresh, file=file_actions.store(sent, now=now), by=client, now=now)
        elif verb == "cancel":
            actions.cancel(fresh, by=sales, now=now, reason="El cliente pidió esperar a enero")
        else:
            verbs = {"ask": actions.request_access, "receive": actions.receive_access, "complete": actions.complete}
            verbs[verb](fresh, by=consultant, now=now)

    return act


def _account(cast: Cast, rfc: str, balance: int, daily: int, *, now: datetime) -> None:
    """An account with weeks of use behind it, unless somebody has opened it."""
    if StampAccount.objects.filter(vendor=cast.desk.vendor, rfcs__rfc=rfc).exists():
        return
    sales = seller(cast)
    account = actions.open_account(
        cast.desk,
        product=_product(cast),
        rfcs=[rfc],
        terms="prepaid",
        balance=balance,
        at=now - OPENED,
        by=sales,
        now=now,
    )
    for day in range(OPENED.days - 1, 0, -1):
        at = now - timedelta(days=day)
        used = daily if at.weekday() < 5 else daily // 8
        actions.use(account, used=used, at=at, reference=f"demo-{at:%Y%m%d}", by=sales, now=now)


def _contact(cast: Cast, client: Client) -> Contact:
    return next(contact for contact, clients in cast.contacts if client in clients)


def _product(cast: Cast) -> Product:
    return cast.desk.vendor.products.filter(is_active=True).order_by("pk")[0]


def seller(cast: Cast) -> Actor:
    """Who sells at the desk; its manager where nobody does."""
    config = desk_queries.config(cast.desk)
    person = (config.with_role(SALES) or config.managers)[0]
    membership = cast.desk.memberships.select_related("user").get(user_id=person.user_id)
    return actors.actor_for(membership.user)
