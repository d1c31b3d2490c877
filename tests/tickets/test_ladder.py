"""Outside office hours: who is told when, each step once, until somebody says *Enterado*."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Conflict, Forbidden, TooMany
from desks import actions as desk_actions
from desks.models import Desk, Membership
from notifications.models import Notification, WakeChannel
from schedules.models import Rota
from tests.factories import NIGHT, OFFICE
from tests.tickets.cast import QUESTION, Imx, run_timers
from tickets import actions
from tickets.actions import losing
from tickets.lifecycle import Status
from tickets.models import Escalation, EscalationNotice, Ticket

pytestmark = pytest.mark.django_db


def told(ticket: Ticket, **of_climb: str) -> list[tuple[int, str, str]]:
    """Step, person, and minutes after the filing at which it was planned."""
    climbs = Escalation.objects.filter(ticket=ticket, **of_climb)
    notices = EscalationNotice.objects.filter(escalation__in=climbs).select_related("rung", "user")
    return [
        (n.rung.position, n.user.name.split()[0], f"+{int((n.planned_at - ticket.opened_at).total_seconds() // 60)}")
        for n in notices.order_by("planned_at", "id")
    ]


def minutes(n: int) -> timedelta:
    return timedelta(minutes=n)


def test_an_outage_at_night_goes_to_who_is_on_call_at_once(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)

    assert (ticket.lane, ticket.status, ticket.assignee.name) == ("on_call", "assigned", "Iván Rentería")
    assert told(ticket) == [(1, "Iván", "+0")]
    woken = Notification.objects.get(template="tickets/ladder", recipient="ivan@invoicemx.example")
    assert "teléfono" not in " ".join(woken.params["lines"]), "nobody left one"
    imx.open(now=saturday_afternoon, phone="722 555 0163", name="Tomás Vilchis", email="")
    woken = Notification.objects.filter(recipient="ivan@invoicemx.example", template="tickets/ladder").latest("id")
    assert woken.params["lines"][-1] == "Reporta Tomás Vilchis, teléfono 722 555 0163."


def test_unanswered_it_climbs_as_the_contract_says(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)

    for minute in range(1, 200):
        run_timers(saturday_afternoon + minutes(minute))

    climbed = told(ticket)
    assert climbed[:3] == [(1, "Iván", "+0"), (2, "Elena", "+10"), (3, "Marcela", "+20")]
    assert [step for step in climbed if step[1] == "Marcela"] == [(3, "Marcela", f"+{20 + 15 * n}") for n in range(8)]
    everybody = {step[1] for step in climbed if step[0] == 4}
    assert everybody == {"Karla", "Bruno", "Ana", "Saúl", "Paola"}
    assert {step[2] for step in climbed if step[0] == 4} == {"+140"}
    assert Escalation.objects.get(ticket=ticket).exhausted_at == saturday_afternoon + minutes(140)


def test_after_an_outage_of_ours_each_step_is_told_once_and_repetitions_collapse(
    imx: Imx, saturday_afternoon: datetime
) -> None:
    ticket = imx.open(now=saturday_afternoon)

    run_timers(saturday_afternoon + minutes(70))

    assert told(ticket) == [(1, "Iván", "+0"), (2, "Elena", "+10"), (3, "Marcela", "+20"), (3, "Marcela", "+65")]
    run_timers(saturday_afternoon + minutes(71))
    assert len(told(ticket)) == 4


def test_enterado_stops_the_climb_and_leaves_the_state(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)

    after = actions.acknowledge(ticket, by=imx.actor("ivan"), now=saturday_afternoon + minutes(3))
    run_timers(saturday_afternoon + minutes(9))

    assert after.status == Status.ASSIGNED
    assert told(ticket) == [(1, "Iván", "+0")]


@pytest.mark.parametrize(("name", "allowed"), [("ivan", True), ("elena", True), ("marcela", True), ("karla", False)])
def test_who_was_told_and_those_above_may_acknowledge(
    imx: Imx, saturday_afternoon: datetime, name: str, allowed: bool
) -> None:
    ticket = imx.open(now=saturday_afternoon)

    if allowed:
        actions.acknowledge(ticket, by=imx.actor(name), now=saturday_afternoon)
    else:
        with pytest.raises(Forbidden):
            actions.acknowledge(ticket, by=imx.actor(name), now=saturday_afternoon)


def test_cannot_solve_it_tells_the_next_at_once(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    at = saturday_afternoon + minutes(4)

    actions.escalate(ticket, by=imx.actor("ivan"), now=at, reason="La base no monta tras el corte de luz")

    assert told(ticket) == [(1, "Iván", "+0"), (2, "Elena", "+4")]
    run_timers(saturday_afternoon + minutes(13))
    assert len(told(ticket)) == 2, "the ten minutes of the next step count from the escalation"
    run_timers(saturday_afternoon + minutes(14))
    assert told(ticket)[-1] == (3, "Marcela", "+14")


def test_who_took_it_may_still_escalate(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    actions.take(ticket, by=imx.actor("ivan"), now=saturday_afternoon + minutes(2))

    ticket = actions.escalate(ticket, by=imx.actor("ivan"), now=saturday_afternoon + minutes(30), reason="No puedo")

    assert ticket.status == Status.IN_PROGRESS
    assert told(ticket) == [(1, "Iván", "+0"), (2, "Elena", "+30")]


@pytest.mark.parametrize("asks", ["karla", "rosa"])
def test_in_the_office_the_superior_is_told_first_and_once(imx: Imx, asks: str) -> None:
    ticket = actions.take(imx.open(now=OFFICE), by=imx.actor("karla"), now=OFFICE)
    by = imx.requester(ticket) if asks == "rosa" else imx.actor("karla")

    actions.escalate(ticket, by=by, now=OFFICE + minutes(5), reason="No monta la base")
    run_timers(OFFICE + minutes(13))  # 80 % of the first response

    assert (ticket.lane, told(ticket)) == ("office", [(1, "Elena", "+5")])


def has(imx: Imx, name: str, lane: str) -> Ticket:
    """A case at work, in the hands of that person."""
    at = OFFICE if lane == "office" else NIGHT
    return actions.take(imx.open(now=at), by=imx.actor(name), now=at)


@pytest.mark.parametrize(
    ("lane", "managers", "asks", "hears"),
    [
        ("office", ["marcela"], "elena", {"Marcela"}),
        ("office", ["marcela", "saul"], "marcela", {"Saúl"}),
        ("on_call", ["marcela"], "elena", {"Marcela"}),
        ("on_call", ["marcela", "saul"], "marcela", {"Saúl"}),
        ("on_call", ["marcela"], "marcela", {"Iván", "Elena", "Karla", "Bruno", "Ana", "Saúl", "Paola"}),
    ],
)
def test_somebody_else_is_told_never_who_asks(
    imx: Imx, lane: str, managers: list[str], asks: str, hears: set[str]
) -> None:
    for name in managers:
        Membership.objects.filter(user=imx.user(name)).update(roles=["manager"])
    desk_actions.touch(imx.desk)
    ticket = has(imx, asks, lane)
    before = Notification.objects.filter(recipient=imx.user(asks).email).count()

    actions.escalate(ticket, by=imx.actor(asks), now=ticket.opened_at, reason="No monta la base")

    assert {name for _step, name, _at in told(ticket, reason="cannot_solve")} == hears
    for hour in range(1, 4):
        run_timers(ticket.opened_at + timedelta(hours=hour))
    assert imx.user(asks).name.split()[0] not in {name for _step, name, _at in told(ticket, reason="cannot_solve")}
    steps = Notification.objects.filter(recipient=imx.user(asks).email, template="tickets/ladder")
    assert (steps.count(), before) == (0, before)


def test_who_supervises_and_asks_for_another_is_not_told_either(imx: Imx) -> None:
    ticket = has(imx, "karla", "office")

    actions.escalate(ticket, by=imx.actor("elena"), now=OFFICE + minutes(5), reason="No monta la base")

    assert [row[:2] for row in told(ticket)] == [(3, "Marcela")]


def test_nobody_stands_above_who_asks(imx: Imx) -> None:
    ticket = has(imx, "marcela", "office")

    with pytest.raises(Conflict) as refused:
        actions.escalate(ticket, by=imx.actor("marcela"), now=OFFICE + minutes(5), reason="No monta la base")

    assert refused.value.code == "ladder_exhausted"
    assert not Escalation.objects.exists()
    assert not Notification.objects.filter(key__endswith="/exhausted").exists(), "nobody failed to answer"


def test_the_client_may_escalate_twice_an_hour(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    rosa = imx.requester(ticket)
    for n in (1, 2):
        actions.escalate(ticket, by=rosa, now=saturday_afternoon + minutes(n), reason="Nadie me llama")

    with pytest.raises(TooMany):
        actions.escalate(ticket, by=rosa, now=saturday_afternoon + minutes(3), reason="Nadie me llama")


def test_taking_and_resolving_end_the_climb(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)

    actions.take(ticket, by=imx.actor("ivan"), now=saturday_afternoon + minutes(2))
    run_timers(saturday_afternoon + minutes(11))

    assert told(ticket) == [(1, "Iván", "+0")]
    with pytest.raises(Conflict):
        actions.acknowledge(ticket, by=imx.actor("ivan"), now=saturday_afternoon + minutes(12))


def test_reassigning_restarts_it_with_the_new_person(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    at = saturday_afternoon + minutes(5)

    actions.assign(ticket, by=imx.actor("elena"), now=at, assignee=imx.user("karla").pk)
    run_timers(saturday_afternoon + minutes(15))

    assert told(ticket) == [(1, "Iván", "+0"), (1, "Karla", "+5"), (2, "Elena", "+15")]


def test_nobody_on_call_goes_straight_to_the_manager(imx: Imx, saturday_afternoon: datetime) -> None:
    empty = Rota.objects.create(
        scope="invoice-mx", slug="vacia", name="Vacía", timezone="America/Mexico_City", created_at=saturday_afternoon
    )
    Desk.objects.update(rota=empty)
    desk_actions.touch(imx.desk)
    imx.desk.refresh_from_db()

    ticket = imx.open(now=saturday_afternoon)

    assert ticket.assignee is None
    assert ticket.status == Status.NEW
    assert told(ticket) == [(3, "Marcela", "+0")]


def test_filed_before_closing_and_untaken_it_changes_lane(imx: Imx) -> None:
    five_to_two = datetime(2026, 11, 17, 19, 55, tzinfo=UTC)  # 13:55
    ticket = imx.open(now=five_to_two)
    assert ticket.lane == "office"

    run_timers(five_to_two + minutes(4))
    ticket.refresh_from_db()
    assert ticket.lane == "office"
    run_timers(five_to_two + minutes(5))

    ticket.refresh_from_db()
    assert ticket.lane == "on_call"
    assert [step[:2] for step in told(ticket)] == [(1, "Iván")]
    assert ticket.assignee.name == "Iván Rentería"


def test_taken_before_closing_it_stays_in_the_office(imx: Imx) -> None:
    five_to_two = datetime(2026, 11, 17, 19, 55, tzinfo=UTC)
    ticket = imx.open(now=five_to_two)

    actions.take(ticket, by=imx.actor("karla"), now=five_to_two + minutes(2))
    run_timers(five_to_two + minutes(5))

    ticket.refresh_from_db()
    assert (ticket.lane, told(ticket)) == ("office", [])


def test_what_does_not_affect_waits_for_the_opening_and_enters_the_line(imx: Imx, saturday_afternoon: datetime) -> None:
    monday = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 09:00
    ticket = imx.open(QUESTION, now=saturday_afternoon)
    assert (ticket.status, ticket.lane, ticket.starts_at, ticket.assignee) == ("deferred", "deferred", monday, None)

    run_timers(monday - timedelta(seconds=1))
    ticket.refresh_from_db()
    assert ticket.status == "deferred"
    run_timers(monday)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.lane) == ("assigned", "office")
    assert ticket.assignee is not None


def test_a_deferred_one_is_contested_once(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(QUESTION, now=saturday_afternoon)
    rosa = imx.requester(ticket)

    ticket = actions.contest(ticket, by=rosa, now=saturday_afternoon + minutes(3), reason="Tengo la nómina a las 18:00")

    assert (ticket.lane, ticket.status) == ("on_call", "assigned")
    assert told(ticket) == [(1, "Iván", "+3")]
    woken = Notification.objects.get(template="tickets/ladder", recipient="ivan@invoicemx.example")
    assert (ticket.priority, woken.params["priority"]) == ("high", "high")
    with pytest.raises(Conflict):
        actions.contest(ticket, by=rosa, now=saturday_afternoon + minutes(4), reason="Otra vez")


def test_a_lost_waking_notice_climbs(imx: Imx, saturday_afternoon: datetime) -> None:
    WakeChannel.objects.create(
        user=imx.user("ivan"),
        kind="webhook",
        address="+527225550104",
        created_at=saturday_afternoon,
        tested_at=saturday_afternoon,
        acknowledged_at=saturday_afternoon,
    )
    ticket = imx.open(now=saturday_afternoon)
    notice = Notification.objects.get(channel="webhook")
    notice.dead_at = saturday_afternoon + minutes(2)

    losing.notice_is_lost(notice)
    losing.notice_is_lost(notice)

    assert told(ticket) == [(1, "Iván", "+0"), (2, "Elena", "+2")]
