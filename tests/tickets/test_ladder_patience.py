"""*Enterado* that brings nothing, silence with an hour, notices that are lost, and how often a client may ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Conflict, Forbidden, Invalid, TooMany
from desks import actions as desk_actions
from desks.models import EscalationPolicy, EscalationStep
from notifications.models import Notification, WakeChannel
from tests.tickets.cast import Imx, run_timers
from tests.tickets.test_ladder import minutes
from tests.tickets.test_ladder import told as told_of
from tickets import actions
from tickets.actions import losing
from tickets.models import Escalation, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


def climb_of(ticket: Ticket) -> Escalation:
    return Escalation.objects.get(ticket=ticket, kind="on_call")


def told(ticket: Ticket, kind: str = "on_call") -> list[tuple[int, str, str]]:
    """Step, person and planned minute of one kind of ladder: the clocks tell theirs besides."""
    return told_of(ticket, kind=kind)


def run_until(start: datetime, last: int) -> None:
    for n in range(last + 1):
        run_timers(start + minutes(n))


# ------------------------------------------------------------------ without progress


def test_enterado_without_progress_runs_out_and_the_ladder_goes_on(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    actions.acknowledge(ticket, by=imx.actor("ivan"), now=saturday_afternoon + minutes(3))

    run_until(saturday_afternoon, 32)
    assert told(ticket) == [(1, "Iván", "+0")]
    run_until(saturday_afternoon, 44)

    assert told(ticket) == [(1, "Iván", "+0"), (2, "Elena", "+33"), (3, "Marcela", "+43")]
    assert climb_of(ticket).acknowledged_at is None
    assert TicketEvent.objects.filter(ticket=ticket, type="ticket.progress_missing").count() == 1


def test_what_the_desk_does_lets_it_hold_anew(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    ivan = imx.actor("ivan")
    actions.acknowledge(ticket, by=ivan, now=saturday_afternoon + minutes(3))
    actions.add_message(ticket, by=ivan, now=saturday_afternoon + minutes(20), body="Ya estoy conectado a su servidor.")

    run_until(saturday_afternoon, 49)
    assert told(ticket) == [(1, "Iván", "+0")]
    run_until(saturday_afternoon, 50)

    assert told(ticket)[-1] == (2, "Elena", "+50")


def test_what_the_client_writes_is_no_progress(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    actions.acknowledge(ticket, by=imx.actor("ivan"), now=saturday_afternoon + minutes(3))
    actions.add_message(ticket, by=imx.requester(ticket), now=saturday_afternoon + minutes(20), body="¿Alguien?")

    run_until(saturday_afternoon, 33)

    assert told(ticket)[-1] == (2, "Elena", "+33")


def test_who_took_it_is_not_hurried_and_zero_means_for_good(imx: Imx, saturday_afternoon: datetime) -> None:
    EscalationPolicy.objects.update(progress_minutes=0)
    desk_actions.touch(imx.desk)
    imx.desk.refresh_from_db()
    patient = imx.open(now=saturday_afternoon)
    actions.acknowledge(patient, by=imx.actor("ivan"), now=saturday_afternoon + minutes(3))
    taken = imx.open(now=saturday_afternoon, email="otra@lanortena.example")
    actions.take(taken, by=imx.actor("ivan"), now=saturday_afternoon + minutes(3))

    run_until(saturday_afternoon, 120)

    assert told(patient) == told(taken) == [(1, "Iván", "+0")]


def test_after_a_repetition_the_next_repetition_follows(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    run_until(saturday_afternoon, 36)  # the manager at 20 and 35
    actions.acknowledge(ticket, by=imx.actor("marcela"), now=saturday_afternoon + minutes(40))

    run_until(saturday_afternoon, 90)

    assert [step for step in told(ticket) if step[0] == 3] == [(3, "Marcela", f"+{n}") for n in (20, 35, 70, 85)]


def test_at_the_end_of_the_ladder_it_stands_unanswered_again(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    run_until(saturday_afternoon, 141)
    actions.acknowledge(ticket, by=imx.actor("karla"), now=saturday_afternoon + minutes(142))
    n_told = len(told(ticket))

    run_until(saturday_afternoon + minutes(142), 40)

    climb = climb_of(ticket)
    assert climb.acknowledged_at is None
    assert climb.exhausted_at is not None
    assert len(told(ticket)) == n_told


# ------------------------------------------------------------------ silence


def test_silenced_nobody_is_told_until_that_hour_and_then_it_goes_on(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    actions.silence_ladder(
        ticket,
        by=imx.actor("elena"),
        now=saturday_afternoon + minutes(5),
        until=saturday_afternoon + minutes(60),
        reason="Hablé con Iván, va en camino",
    )

    run_until(saturday_afternoon, 59)
    assert told(ticket) == [(1, "Iván", "+0")]
    run_until(saturday_afternoon, 71)

    assert told(ticket) == [(1, "Iván", "+0"), (2, "Elena", "+60"), (3, "Marcela", "+70")]


def test_a_second_hour_replaces_the_first_and_it_can_be_lifted(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    elena = imx.actor("elena")
    for until in (120, 30):
        actions.silence_ladder(
            ticket, by=elena, now=saturday_afternoon, until=saturday_afternoon + minutes(until), reason="Ya voy"
        )
    run_until(saturday_afternoon, 20)
    assert len(told(ticket)) == 1

    actions.unsilence_ladder(ticket, by=elena, now=saturday_afternoon + minutes(21))
    run_until(saturday_afternoon, 22)

    assert told(ticket)[-1] == (2, "Elena", "+21")
    with pytest.raises(Conflict):
        actions.unsilence_ladder(ticket, by=elena, now=saturday_afternoon + minutes(22))


def test_what_people_ask_for_breaks_the_silence(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    actions.silence_ladder(
        ticket, by=imx.actor("elena"), now=saturday_afternoon, until=saturday_afternoon + minutes(60), reason="Ya voy"
    )

    actions.escalate(ticket, by=imx.requester(ticket), now=saturday_afternoon + minutes(8), reason="Sigo detenida")

    assert told(ticket)[-1] == (2, "Elena", "+8")
    assert climb_of(ticket).silenced_until is None


def test_a_breach_in_the_silence_is_told_at_its_end(imx: Imx) -> None:
    tuesday = datetime(2026, 11, 17, 16, 0, tzinfo=UTC)  # 10:00
    ticket = imx.open(now=tuesday)
    run_timers(tuesday + minutes(12))  # 80 % of a critical first response
    actions.silence_ladder(
        ticket, by=imx.actor("elena"), now=tuesday + minutes(13), until=tuesday + minutes(40), reason="La tomo yo"
    )

    run_until(tuesday + minutes(13), 26)
    assert [step[0] for step in told(ticket, "office")] == [1]
    run_until(tuesday + minutes(40), 1)

    _first, (two, taker, _then) = told(ticket, "office")
    ticket.refresh_from_db()
    assert two == 2
    assert ticket.assignee.name.startswith(taker)
    assert TicketEvent.objects.filter(ticket=ticket, type="ticket.clock_breached").count() == 1


@pytest.mark.parametrize(("until", "code"), [(0, "in_the_past"), (-5, "in_the_past"), (24 * 60 + 1, "too_far")])
def test_the_hour_lies_ahead_and_within_a_day(imx: Imx, saturday_afternoon: datetime, until: int, code: str) -> None:
    ticket = imx.open(now=saturday_afternoon)

    with pytest.raises(Invalid) as refusal:
        actions.silence_ladder(
            ticket,
            by=imx.actor("elena"),
            now=saturday_afternoon,
            until=saturday_afternoon + minutes(until),
            reason="Ya voy",
        )

    assert [(error.field, error.code) for error in refusal.value.errors] == [("until", code)]


def test_a_consultant_silences_nothing_and_a_quiet_ticket_has_nothing_to_silence(
    imx: Imx, saturday_afternoon: datetime
) -> None:
    ticket = imx.open(now=saturday_afternoon)
    until = saturday_afternoon + minutes(30)
    with pytest.raises(Forbidden):
        actions.silence_ladder(ticket, by=imx.actor("ivan"), now=saturday_afternoon, until=until, reason="No")
    actions.take(ticket, by=imx.actor("ivan"), now=saturday_afternoon)

    with pytest.raises(Conflict) as refusal:
        actions.silence_ladder(ticket, by=imx.actor("elena"), now=saturday_afternoon, until=until, reason="No")

    assert refusal.value.code == "nothing_running"


# ------------------------------------------------------------------ notices


def lost(notice: Notification, at: datetime) -> None:
    notice.dead_at = at
    losing.notice_is_lost(notice)


def test_a_lost_mail_climbs_where_it_was_the_only_way(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    mail = Notification.objects.get(template="tickets/ladder", recipient="ivan@invoicemx.example")

    lost(mail, saturday_afternoon + minutes(2))
    lost(mail, saturday_afternoon + minutes(2))

    assert told(ticket) == [(1, "Iván", "+0"), (2, "Elena", "+2")]


def test_a_lost_mail_does_not_climb_where_a_call_is_on_its_way(imx: Imx, saturday_afternoon: datetime) -> None:
    awake(imx, saturday_afternoon)
    ticket = imx.open(now=saturday_afternoon)

    lost(Notification.objects.get(key__endswith="/email", key__startswith="ladder/"), saturday_afternoon + minutes(2))

    assert told(ticket) == [(1, "Iván", "+0")]


def test_a_lost_notice_of_the_clocks_ladder_leaves_the_nights_alone(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    actions.acknowledge(ticket, by=imx.actor("ivan"), now=saturday_afternoon + minutes(3))
    run_until(saturday_afternoon, 12)  # 80 % of the first response
    mail = Notification.objects.get(key__endswith="/email", key__startswith="ladder/", recipient__startswith="elena")

    lost(mail, saturday_afternoon + minutes(14))
    run_until(saturday_afternoon + minutes(14), 19)

    assert [step[0] for step in told(ticket, "office")] == [1, 2]
    assert told(ticket)[-1] == (2, "Elena", "+33"), "Enterado runs out all the same"


def awake(imx: Imx, at: datetime) -> None:
    WakeChannel.objects.create(
        user=imx.user("ivan"), kind="webhook", address="+527225550104", created_at=at, tested_at=at, acknowledged_at=at
    )


@pytest.mark.parametrize(
    ("notices", "has_phone", "channels"),
    [
        (["mail", "wake"], True, {"email", "webhook"}),
        (["wake"], True, {"webhook"}),
        (["mail"], True, {"email"}),
        (["wake"], False, {"email"}),
    ],
)
def test_a_step_tells_by_the_ways_that_the_desk_names(
    imx: Imx, saturday_afternoon: datetime, notices: list[str], has_phone: bool, channels: set[str]
) -> None:
    EscalationStep.objects.filter(policy__kind="on_call", position=1).update(notices=notices)
    desk_actions.touch(imx.desk)
    imx.desk.refresh_from_db()
    if has_phone:
        awake(imx, saturday_afternoon)

    imx.open(now=saturday_afternoon)

    sent = Notification.objects.filter(template="tickets/ladder").values_list("channel", flat=True)
    assert set(sent) == channels


# ------------------------------------------------------------------ the client


def test_the_client_reads_when_they_may_ask_again(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(now=saturday_afternoon)
    rosa = imx.requester(ticket)
    for n in (1, 2):
        actions.escalate(ticket, by=rosa, now=saturday_afternoon + minutes(n), reason="Nadie me llama")

    with pytest.raises(TooMany) as refusal:
        actions.escalate(ticket, by=rosa, now=saturday_afternoon + minutes(31), reason="Nadie me llama")

    assert refusal.value.extra["retry_after"] == 30 * 60
    again = datetime.fromisoformat(refusal.value.extra["again_at"])
    assert again == saturday_afternoon + minutes(61)
    assert again.utcoffset() == timedelta(hours=-6)
    actions.escalate(ticket, by=rosa, now=again, reason="Nadie me llama")
