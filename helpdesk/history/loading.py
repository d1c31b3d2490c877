"""Loading the demo's history: once, in one transaction, with nothing in it due or undelivered."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Least
from django.test.utils import override_settings

from desks import queries as desk_queries
from desks.models import Desk, DeskCounter
from helpdesk.history import (
    accounts,
    cases,
    companies,
    drafts,
    heap,
    orders,
    outage,
    people,
    replying,
    savedviews,
    sharing,
    shelf,
    vaulting,
)
from helpdesk.history.player import Player
from helpdesk.history.story import Story
from notifications.models import Notification, Outcome
from tickets.actions import counting
from tickets.models import Ticket

DAYS: Final = 110
PLAN: Final = {
    "invoice-mx": (companies.INVOICE_MX, companies.PEOPLE_INVOICE_MX, cases.INVOICE_MX, 200, 4500),
    "facturando": (companies.FACTURANDO, companies.PEOPLE_FACTURANDO, cases.FACTURANDO, 80, 1200),
}


def is_loaded() -> bool:
    """Whether the demo's desks have tickets: then nothing is loaded over what people did since."""
    return Ticket.objects.filter(desk__slug__in=PLAN).exists()


def load(*, now: datetime, seed: int) -> int:
    """Write the history up to `now` and return how many tickets it has; the same for the same seed and instant.

    Raises LookupError where a desk of the demo is not there.
    """
    desks = {desk.slug: desk for desk in Desk.objects.filter(slug__in=PLAN).select_related("vendor")}
    missing = sorted(PLAN.keys() - desks.keys())
    if missing:
        raise LookupError(f"load the desks first: {', '.join(missing)}")
    desk_queries.forget()
    # Nobody is rung for what happened months ago.
    with override_settings(DOORBELL=False), transaction.atomic():
        player = Player(now)
        for slug, (firms, contacts, kinds, n, first_number) in PLAN.items():
            cast = people.make_cast(desks[slug], firms, contacts, now=now - timedelta(days=DAYS + 30))
            DeskCounter.objects.update_or_create(
                desk=desks[slug], kind=DeskCounter.Kind.TICKET, defaults={"last": first_number}
            )
            story = Story(cast, kinds, player, Random(f"{seed}/{slug}"))  # noqa: S311
            story.tell(n=n, days=DAYS)
            vaulting.tell(cast, story.do, player)
            orders.tell(cast, player)
            sharing.tell(cast, player)
            replying.tell(cast, player)
            savedviews.tell(cast, player)
            heap.tell(cast, player)
            accounts.tell(cast, player, orders.seller(cast))
            if slug == "invoice-mx":
                outage.plan(cast, player, Random(f"{seed}/outage"))  # noqa: S311
        people.open_doors(list(desks.values()), now=now - timedelta(days=DAYS))
        player.play()
        for desk in desks.values():
            shelf.fill(desk, now=now)
            drafts.leave(desk, now=now)
        accounts.judge(now)
        _deliver(now)
        counting.fold()
    return Ticket.objects.filter(desk__in=desks.values()).count()


def _deliver(now: datetime) -> None:
    """Every notice of the past left at once and arrived: no worker sends it when the demo starts."""
    soon = Least(F("next_attempt_at") + timedelta(seconds=4), Value(now), output_field=DateTimeField())
    Notification.objects.pending().update(
        sent_at=soon,
        outcome=Outcome.DELIVERED,
        outcome_told_at=soon,
        attempts=1,
    )
