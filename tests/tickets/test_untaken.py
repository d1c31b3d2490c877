"""What nobody takes returns to the line; who is present, and whom the desk's policy puts first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from accounts.models import User
from desks import actions as desk_actions
from desks.models import Desk, Membership
from notifications.models import Notification
from schedules.models import BusinessCalendar, CalendarVersion, Timer
from tests.tickets.cast import LONG_AGO, QUESTION, Imx, run_timers
from tickets import actions
from tickets.actions import holding
from tickets.lifecycle import Lane, Status
from tickets.models import Ticket, TicketEvent

TUESDAY = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)  # 10:42
BEFORE_LUNCH = datetime(2026, 11, 17, 19, 45, tzinfo=UTC)  # 13:45: closes at 14:00, opens at 16:00
AFTER_LUNCH = datetime(2026, 11, 17, 22, 15, tzinfo=UTC)  # 16:15
MINUTES = 30


def policy(imx: Imx, **fields: Any) -> None:
    Desk.objects.filter(pk=imx.desk.pk).update(**fields)
    desk_actions.touch(imx.desk)
    imx.desk = Desk.objects.select_related("vendor").get(pk=imx.desk.pk)


def last(ticket: Ticket, type: str) -> TicketEvent:
    return TicketEvent.objects.filter(ticket=ticket, type=f"ticket.{type}").latest("id")


def refusal(ticket: Ticket, user: User) -> str:
    passed = last(ticket, "assigned").data["why"]["passed_over"]
    return next((row["code"] for row in passed if row["id"] == user.pk), "")


def test_untaken_returns_and_goes_to_somebody_else(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=TUESDAY)
    first = ticket.assignee

    run_timers(TUESDAY + timedelta(minutes=MINUTES, seconds=-1))
    assert Ticket.objects.get().assignee == first
    run_timers(TUESDAY + timedelta(minutes=MINUTES))

    found = Ticket.objects.get()
    assert found.assignee is not None
    assert first is not None
    assert found.status == Status.ASSIGNED
    assert found.assignee != first
    assert refusal(ticket, first) == "did_not_take"
    returned = last(ticket, "returned")
    assert (returned.data["assignee"]["id"], returned.data["minutes"], returned.public) == (first.pk, MINUTES, False)
    assert Notification.objects.filter(recipient=first.email, key__startswith="returned/").count() == 1
    assert Notification.objects.filter(recipient=found.assignee.email, key__startswith="assigned/").count() == 1


def test_it_goes_round_until_somebody_takes_it(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=TUESDAY)
    holders = [ticket.assignee_id or 0]
    for turn in range(1, 4):
        run_timers(TUESDAY + timedelta(minutes=MINUTES * turn))
        holders.append(Ticket.objects.get().assignee_id or 0)
    assert all(before != after for before, after in pairwise(holders))

    holder = User.objects.get(pk=holders[-1])
    actions.take(Ticket.objects.get(), by=imx.actor(holder.email.split("@")[0]), now=TUESDAY + timedelta(minutes=100))
    run_timers(TUESDAY + timedelta(minutes=MINUTES * 6))

    assert Ticket.objects.get().assignee == holder
    assert TicketEvent.objects.filter(type="ticket.returned").count() == 3


def test_the_minutes_are_those_of_the_desk(imx: Imx) -> None:
    """13:45 and 30 open minutes: 15 until the lunch, 15 after it."""
    imx.open(QUESTION, now=BEFORE_LUNCH)

    due = Timer.objects.get(handler=holding.TAKE).due_at

    assert due == AFTER_LUNCH


def test_a_time_that_ends_at_the_closing_goes_on_at_the_opening(imx: Imx) -> None:
    at_half_past_one = BEFORE_LUNCH - timedelta(minutes=15)
    ticket = imx.open(QUESTION, now=at_half_past_one)
    first = ticket.assignee_id

    run_timers(BEFORE_LUNCH + timedelta(minutes=15))
    assert Ticket.objects.get().assignee_id == first
    run_timers(AFTER_LUNCH - timedelta(minutes=15))

    assert Ticket.objects.get().assignee_id != first


def test_given_again_to_the_same_person_it_is_another_occurrence(imx: Imx) -> None:
    elena, karla = imx.actor("elena"), imx.user("karla")
    ticket = imx.open(QUESTION, now=TUESDAY)
    actions.assign(ticket, by=elena, now=TUESDAY + timedelta(minutes=1), assignee=karla.pk)
    actions.assign(ticket, by=elena, now=TUESDAY + timedelta(minutes=20), assignee=karla.pk)

    run_timers(TUESDAY + timedelta(minutes=49))
    assert Ticket.objects.get().assignee == karla
    run_timers(TUESDAY + timedelta(minutes=50))

    assert Ticket.objects.get().assignee != karla


def test_on_call_the_ladder_rules(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    assert ticket.lane == Lane.ON_CALL

    assert not Timer.objects.filter(handler=holding.TAKE).exists()


def test_nobody_else_fits_so_it_waits_and_the_superior_is_told(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=TUESDAY)
    Membership.objects.filter(desk=imx.desk).exclude(user=ticket.assignee_id).update(availability="busy")
    desk_actions.touch(imx.desk)

    run_timers(TUESDAY + timedelta(minutes=MINUTES))

    found = Ticket.objects.get()
    assert (found.status, found.assignee_id) == (Status.NEW, None)
    told = set(Notification.objects.filter(key__startswith="nobody_fits/").values_list("recipient", flat=True))
    assert told == {"elena@invoicemx.example", "marcela@invoicemx.example"}


def test_a_desk_without_that_policy_sets_no_timer(imx: Imx) -> None:
    policy(imx, take_minutes=0)

    imx.open(QUESTION, now=TUESDAY)

    assert not Timer.objects.filter(handler=holding.TAKE).exists()


def test_what_comes_back_at_night_finds_somebody_at_the_opening(imx: Imx) -> None:
    """A closed case that the client reopens while everybody is at home wakes no superior."""
    ticket = imx.open(QUESTION, now=TUESDAY)
    actions.resolve(ticket, by=imx.actor("elena"), now=TUESDAY, solution="Se canceló con el motivo 02 desde el menú.")
    Ticket.objects.update(assignee=None)
    night = TUESDAY.replace(day=18, hour=5)  # Tuesday 23:00

    actions.reopen(Ticket.objects.get(), by=imx.requester(ticket), now=night, reason="Sigue saliendo el mismo aviso.")

    assert Ticket.objects.get().assignee_id is None
    assert {row["code"] for row in last(ticket, "unassigned").data["why"]["passed_over"]} == {"closed"}
    assert not Notification.objects.filter(key__startswith="nobody_fits/").exists()
    run_timers(datetime(2026, 11, 18, 15, tzinfo=UTC))  # Wednesday 09:00
    assert Ticket.objects.get().status == Status.ASSIGNED


def test_what_was_put_under_an_outage_meanwhile_stays_there_at_the_opening(imx: Imx) -> None:
    ticket, night = imx.open(QUESTION, now=TUESDAY), TUESDAY.replace(day=18, hour=5)
    actions.resolve(ticket, by=imx.actor("elena"), now=TUESDAY, solution="Se canceló con el motivo 02 desde el menú.")
    Ticket.objects.update(assignee=None)
    actions.reopen(Ticket.objects.get(), by=imx.requester(ticket), now=night, reason="Sigue saliendo el mismo aviso.")
    Ticket.objects.filter(pk=ticket.pk).update(parent=imx.open(now=night))

    run_timers(datetime(2026, 11, 18, 15, tzinfo=UTC))

    assert Ticket.objects.get(pk=ticket.pk).assignee_id is None


# ------------------------------------------------------------------ who is present


@pytest.mark.parametrize("availability", ["busy", "away"])
def test_busy_and_away_get_nothing_by_themselves(imx: Imx, availability: str) -> None:
    karla = imx.user("karla")
    desk_actions.set_availability(karla.memberships.get(), by=imx.actor("karla"), availability=availability)
    imx.desk.refresh_from_db()

    tickets = [imx.open(QUESTION, now=TUESDAY, email=f"p{n}@cliente.example") for n in range(8)]

    assert {refusal(ticket, karla) for ticket in tickets} == {availability}
    assert karla.pk not in {ticket.assignee_id for ticket in tickets}


def test_a_person_with_hours_of_their_own_gets_nothing_outside_them(imx: Imx) -> None:
    mornings = BusinessCalendar.objects.create(scope="invoice-mx", slug="tardes", name="Tardes", created_at=LONG_AGO)
    CalendarVersion.objects.create(
        calendar=mornings,
        timezone="America/Mexico_City",
        spec={"hours": [{"weekday": 1, "opens": "16:00", "closes": "19:00"}], "holidays": "MX", "closures": [],
              "extra_openings": []},
        created_at=LONG_AGO,
    )  # fmt: skip
    Membership.objects.filter(user=imx.user("karla")).update(calendar=mornings)
    desk_actions.touch(imx.desk)

    morning = imx.open(QUESTION, now=TUESDAY)
    evening = imx.open(QUESTION, now=AFTER_LUNCH, email="otra@cliente.example")

    assert refusal(morning, imx.user("karla")) == "off_hours"
    assert refusal(evening, imx.user("karla")) == ""


def test_the_usual_consultant_comes_first_where_the_policy_says_so(imx: Imx) -> None:
    client, bruno = imx.client(), imx.user("bruno")
    for n in range(3):
        earlier = imx.open(QUESTION, now=TUESDAY, email=f"p{n}@cliente.example")
        Ticket.objects.filter(pk=earlier.pk).update(client=client, assignee=bruno)
    intake = replace(QUESTION, client=client, email="rosa@cliente.example")

    by_load = imx.open(intake, now=TUESDAY + timedelta(minutes=1))
    policy(imx, usual_first=True)
    by_policy = imx.open(intake, now=TUESDAY + timedelta(minutes=2), email="otra@cliente.example")

    assert last(by_load, "assigned").data["why"]["code"] != "usual"
    assert by_policy.assignee_id == bruno.pk
    assert last(by_policy, "assigned").data["why"]["code"] == "usual"
    assert holding.usual_consultant(client.pk, imx.desk.pk, now=TUESDAY + timedelta(days=400)) is None
