"""A worker killed between the credit of an order and its notices: credited once, each reader told by one mail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from decimal import Decimal

import pytest
from django.utils import timezone

from notifications.models import Notification
from stamps import actions
from stamps.models import StampMovement, StampOrder
from tests import factories
from tests.drills.crew import ROOT, Crew, SlowMailbox, wait_for
from tests.factories import Cast
from tests.stamps.conftest import RFC, open_account

pytestmark = [
    pytest.mark.drill,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("ring_own_broker"),
]

# Completes an order in a process of its own and dies where it is told to.
COMPLETE = """
    import os, signal, sys
    import django
    django.setup()
    from django.utils import timezone
    from core.actor import SYSTEM
    from stamps import actions
    from stamps.actions import fulfilling, ledger
    from stamps.models import StampOrder

    def die(*args, **kwargs):
        os.kill(os.getpid(), signal.SIGKILL)

    place = sys.argv[2]
    if place == "before the commit":
        fulfilling.telling.credited = die
    order = StampOrder.objects.select_related("desk").get(pk=int(sys.argv[1]))
    actions.complete(order, by=SYSTEM, now=timezone.now())
    die()
"""


@pytest.fixture
def order() -> StampOrder:
    """An order whose access data were given."""
    cast = Cast()
    now, by = timezone.now(), factories.actor(cast.paola)
    open_account(cast)
    wish = actions.Request(500, RFC, "La Norteña", product="escritorio", name="Rosa", email="rosa@cliente.example")
    found = actions.quote(actions.place(cast.desk, wish, by=by, now=now), by=by, now=now, unit_price=Decimal(2))
    found = actions.pay(found, by=by, now=now, amount=Decimal(1160), paid_on=now.date(), bank="BBVA", tracking_key="K")
    return actions.receive_access(actions.request_access(found, by=by, now=now), by=by, now=now)


def complete(order: StampOrder, crew: Crew, place: str) -> None:
    """Run COMPLETE until it kills itself."""
    argv = [sys.executable, "-c", textwrap.dedent(COMPLETE), str(order.pk), place]
    done = subprocess.run(argv, cwd=ROOT, env={**os.environ, **crew.env}, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


def mails(mailbox: SlowMailbox, words: bytes) -> int:
    return sum(words in content for content in mailbox.got)


@pytest.mark.quick
@pytest.mark.parametrize("place", ["before the commit", "before the notices"])
def test_killed_between_credit_and_notice(order: StampOrder, crew: Crew, mailbox: SlowMailbox, place: str) -> None:
    complete(order, crew, place)

    order.refresh_from_db()
    credited = StampMovement.objects.filter(order=order)
    told = Notification.objects.filter(key__startswith=f"order-credited/{order.pk}/")
    if place == "before the commit":  # nothing happened, nobody is told, and it can be done again
        assert (order.status, credited.count(), told.count()) == ("access_received", 0, 0)
        complete(order, crew, "before the notices")
    order.refresh_from_db()
    assert (order.status, credited.count(), told.count()) == ("credited", 1, 2)

    Notification.objects.exclude(pk__in=told).update(outcome="delivered", sent_at=timezone.now())
    crew.beat()
    crew.worker()
    wait_for(lambda: not told.exclude(outcome="delivered").exists(), 40, crew)

    assert len(mailbox.got) == 2
    assert len(mailbox.message_ids()) == 2, "the client and sales, one mail each"
    assert order.account is not None
    assert order.account.balance == 1_700


def test_a_worker_killed_with_the_notice_in_its_hands(order: StampOrder, crew: Crew, mailbox: SlowMailbox) -> None:
    Notification.objects.update(outcome="delivered", sent_at=timezone.now())
    mailbox.hold_first = True
    crew.beat()
    worker = crew.worker()
    complete(order, crew, "before the notices")
    assert mailbox.arrived.wait(40), "the worker never called the mail server"

    crew.kill(worker)
    crew.worker()
    wait_for(lambda: not Notification.objects.exclude(outcome="delivered").exists(), 60, crew)

    assert StampMovement.objects.filter(order=order).count() == 1
    assert len(mailbox.message_ids()) == 2, "sent again with the same name, so it is one mail"
