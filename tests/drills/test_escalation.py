"""A ladder climbs whatever dies: workers killed again and again in the middle of it.

The cases were filed hours ago, so every step is overdue at once; the crew has to catch up while
it is being killed. Each distinct step must be told exactly once, its mails under one Message-ID.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from clients.actors import actor_for
from core.actor import VISITOR
from desks import actions as desk_actions
from desks.models import Desk
from helpdesk.embedded import Embedded
from notifications.models import Notification
from schedules.models import BusinessCalendar, CalendarVersion, Timer
from tests.drills.crew import Crew, SlowMailbox, wait_for
from tests.tickets.cast import OUTAGE, load_desk
from tickets import actions
from tickets.models import Escalation, EscalationNotice, Ticket

pytestmark = [
    pytest.mark.drill,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("ring_own_broker"),
]


def night_desk() -> Desk:
    """InvoiceMX with an office that opened last week only: now is outside its hours, whenever this runs."""
    desk = load_desk("invoice-mx")
    assert desk.calendar_id is not None
    calendar = BusinessCalendar.objects.get(pk=desk.calendar_id)
    last_week = (timezone.now() - timedelta(days=7)).date().isoformat()
    CalendarVersion.objects.create(
        calendar=calendar,
        timezone=desk.timezone,
        created_at=timezone.now(),
        spec={
            "hours": [],
            "holidays": None,
            "closures": [],
            "extra_openings": [
                {"date": last_week, "opens": "09:00", "closes": "10:00"},
                {"date": (timezone.now() + timedelta(days=30)).date().isoformat(), "opens": "09:00", "closes": "10:00"},
            ],
        },
    )
    desk_actions.touch(desk)
    time.sleep(3.1)  # how long a process may believe the version that it saw last
    return Desk.objects.select_related("vendor").get(pk=desk.pk)


def file_cases(desk: Desk, n: int) -> list[Ticket]:
    filed_at = timezone.now() - timedelta(hours=5)
    return [
        actions.open_ticket(desk, OUTAGE, by=VISITOR, now=filed_at + timedelta(seconds=number)) for number in range(n)
    ]


def steps_told() -> Counter[tuple[int, int]]:
    """(ticket, step) -> how many occurrences of it were told."""
    rows = EscalationNotice.objects.values_list("escalation__ticket_id", "rung__position", "occurrence").distinct()
    return Counter((ticket, position) for ticket, position, _occurrence in rows)


def nothing_is_due() -> bool:
    return not Timer.objects.due(timezone.now()).exists() and not Notification.objects.pending().exists()


def further_than(n: int) -> Callable[[], bool]:
    return lambda: EscalationNotice.objects.count() > n


def caught_up(n: int) -> bool:
    return len(steps_told()) == 4 * n and nothing_is_due()


@pytest.mark.quick
def test_a_worker_killed_in_the_middle_of_a_climb_tells_each_step_once(
    crew: Crew, mailbox: SlowMailbox, broker: Embedded
) -> None:
    tickets = file_cases(night_desk(), 6)
    crew.beat()
    for _kill in range(3):
        climbed = further_than(EscalationNotice.objects.count())
        worker = crew.worker()
        wait_for(lambda climbed=climbed: climbed() or caught_up(6), 40, crew)  # type: ignore[misc]
        crew.kill(worker)
    crew.worker()

    wait_for(lambda: caught_up(6), 90, crew)

    told = steps_told()
    for ticket in tickets:
        assert told[ticket.pk, 1] == 1, "who is on call"
        assert told[ticket.pk, 2] == 1, "the superior"
        assert 1 <= told[ticket.pk, 3] <= 2, "the manager: at once, and the overdue repetitions as one"
        assert told[ticket.pk, 4] == 1, "everybody"
    assert not Timer.objects.parked().exists()
    sent = mailbox.message_ids()
    expected = set(Notification.objects.filter(channel="email").values_list("message_id", flat=True))
    assert set(sent) == expected, "every notice arrived"


def test_a_worker_killed_while_an_outage_is_solved_tells_each_client_once(
    crew: Crew, mailbox: SlowMailbox, broker: Embedded
) -> None:
    desk = load_desk("invoice-mx")
    elena = actor_for(User.objects.get(email="elena@invoicemx.example"))
    outage = actions.declare_outage(
        desk, by=elena, now=timezone.now(), title="El SAT no responde", text="Lo atendemos."
    )
    for n in range(20):
        report = replace(OUTAGE, outage=outage.pk, email=f"cliente{n}@axis.example")
        actions.open_ticket(desk, report, by=VISITOR, now=timezone.now())
    actions.add_message(outage.parent, by=elena, now=timezone.now(), body="El SAT ya responde a ratos.")
    actions.end_outage(outage, by=elena, now=timezone.now(), text="El SAT restableció.", resolve=True)

    def solved() -> int:
        return Ticket.objects.filter(parent=outage.parent, status="resolved").count()

    crew.beat()
    for _kill in range(3):
        before = solved()
        worker = crew.worker()
        wait_for(lambda before=before: solved() > before or solved() == 20, 40, crew)  # type: ignore[misc]
        crew.kill(worker)
    crew.worker()
    wait_for(lambda: solved() == 20 and nothing_is_due(), 90, crew)

    told = Counter(Notification.objects.filter(recipient__startswith="cliente").values_list("recipient", flat=True))
    assert told == {f"cliente{n}@axis.example": 3 for n in range(20)}, "the number, the word, the solution"
    assert not Escalation.objects.exists(), "nobody was woken"
    assert not Timer.objects.parked().exists()


def test_filing_goes_on_at_full_speed_with_the_broker_away(crew: Crew, broker: Embedded) -> None:
    desk = night_desk()

    def median_of(n: int) -> float:
        took = []
        for ticket in range(n):
            started = time.perf_counter()
            actions.open_ticket(desk, OUTAGE, by=VISITOR, now=timezone.now() + timedelta(microseconds=ticket))
            took.append(time.perf_counter() - started)
        return sorted(took)[n // 2]

    median_of(10)
    up = median_of(40)
    broker.stop()
    down = median_of(40)

    assert down < 1.5 * up + 0.02
    assert Ticket.objects.count() == 90
    broker.start()
    crew.beat()
    crew.worker()
    wait_for(lambda: not Notification.objects.pending().exists(), 120, crew)
