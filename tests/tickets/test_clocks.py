"""Clocks: when a promise is due, what a pause gives back, what the office ladder does with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules import businesstime
from schedules import queries as schedule_queries
from tests.tickets.cast import OUTAGE, QUESTION, Imx, run_timers
from tickets import actions
from tickets.actions import clocks
from tickets.models import NEVER, Clock, EscalationNotice, Ticket

pytestmark = pytest.mark.django_db

TUESDAY_1042 = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 in Mexico City (UTC-6)."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(hours=6)


def running(ticket: Ticket) -> dict[str, datetime | None]:
    return {c.kind: c.due_at for c in Clock.objects.filter(ticket=ticket, stopped_at__isnull=True)}


@pytest.mark.parametrize(
    ("fields", "first_response", "resolution"),
    [
        pytest.param({}, local(17, 10, 57), local(17, 14, 42), id="critical: 15 min and 4 h around the clock"),
        pytest.param(
            {"request_type": "operational_question"}, local(17, 11, 12), local(17, 18, 42), id="high: 30 min and 8 h"
        ),
        pytest.param(
            {"request_type": "usage_guidance", "affects_operation": False},
            local(17, 16, 42),
            local(19, 10, 42),
            id="normal: 4 and 16 business hours, over the lunch break and the night",
        ),
        pytest.param(
            {"request_type": "training", "affects_operation": False},
            local(18, 10, 42),
            local(23, 13, 42),
            id="low: 8 and 40 business hours, Saturday morning included",
        ),
    ],
)
def test_promises_of_the_contract(
    imx: Imx, fields: dict[str, object], first_response: datetime, resolution: datetime
) -> None:
    ticket = imx.open(OUTAGE, now=TUESDAY_1042, **fields)

    assert running(ticket) == {"first_response": first_response, "resolution": resolution}


def test_a_deferred_clock_starts_at_the_opening(imx: Imx, saturday_afternoon: datetime) -> None:
    ticket = imx.open(QUESTION, now=saturday_afternoon)

    assert running(ticket)["first_response"] == local(23, 13)


def test_the_first_public_word_gives_the_response_and_promises_the_next(imx: Imx) -> None:
    ticket = imx.open(now=TUESDAY_1042)
    karla = imx.actor("karla")
    actions.take(ticket, by=karla, now=TUESDAY_1042 + timedelta(minutes=2))

    actions.add_message(ticket, by=karla, now=local(17, 10, 50), body="Ya reviso su XML.")

    ticket.refresh_from_db()
    assert ticket.answered_at == local(17, 10, 50)
    assert running(ticket) == {"next_update": local(17, 11, 50), "resolution": local(17, 14, 42)}
    first = Clock.objects.get(ticket=ticket, kind="first_response")
    assert (first.used_seconds, first.breached) == (8 * 60, False)

    actions.add_message(ticket, by=karla, now=local(17, 11, 20), body="Sigo con ello.")
    assert running(ticket)["next_update"] == local(17, 12, 20)


def test_a_note_is_no_answer(imx: Imx) -> None:
    ticket = imx.open(now=TUESDAY_1042)

    actions.add_message(ticket, by=imx.actor("karla"), now=local(17, 10, 45), body="Van tres iguales", internal=True)

    assert "first_response" in running(ticket)


def test_waiting_for_the_client_rests_every_clock_and_gives_it_back_exactly(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=local(17, 10, 0))
    karla = imx.actor("karla")
    ticket = actions.take(ticket, by=karla, now=local(17, 10, 5))
    ticket = actions.wait(ticket, by=karla, now=local(17, 11, 0), reason="Necesito el XML")

    assert set(running(ticket).values()) == {None}
    assert ticket.sort_due_at == NEVER

    rosa = imx.requester(ticket)
    actions.add_message(ticket, by=rosa, now=local(18, 9, 30), body="Aquí está")

    ticket.refresh_from_db()
    assert ticket.status == "in_progress"
    assert running(ticket)["resolution"] == local(19, 18, 30)  # 15 hours were left: 7.5 and 7.5


def test_a_third_party_rests_the_solution_only(imx: Imx) -> None:
    ticket = imx.open(now=TUESDAY_1042)
    karla = imx.actor("karla")
    ticket = actions.take(ticket, by=karla, now=TUESDAY_1042)
    actions.add_message(ticket, by=karla, now=TUESDAY_1042, body="Lo veo con el PAC")
    ticket = actions.wait_third_party(ticket, by=karla, now=local(17, 11), reason="PAC caído", who="PAC Ejemplo")

    assert running(ticket) == {"next_update": local(17, 11, 42), "resolution": None}

    ticket = actions.resume(ticket, by=karla, now=local(17, 12))
    assert running(ticket)["resolution"] == local(17, 15, 42)


def test_solving_stops_them_and_reopening_goes_on(imx: Imx) -> None:
    ticket = imx.open(now=TUESDAY_1042)
    karla = imx.actor("karla")
    ticket = actions.take(ticket, by=karla, now=TUESDAY_1042)
    ticket = actions.resolve(ticket, by=karla, now=local(17, 11, 42), solution="Se corrigió el código postal")

    assert running(ticket) == {}
    assert ticket.sort_due_at == NEVER

    ticket = actions.reopen(ticket, by=imx.requester(ticket), now=local(17, 13), reason="Sigue igual")
    assert ticket.status == "in_progress"
    assert running(ticket) == {"next_update": local(17, 14), "resolution": local(17, 16)}


def test_the_office_ladder_follows_the_clock(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=local(17, 10))
    karla = imx.user("karla")
    ticket = actions.assign(ticket, by=imx.actor("elena"), now=local(17, 10), assignee=karla.pk)

    def steps() -> list[tuple[int, str]]:
        notices = EscalationNotice.objects.filter(escalation__ticket=ticket).select_related("rung", "user")
        return [(n.rung.position, n.user.name) for n in notices.order_by("id")]

    run_timers(local(17, 13, 11))
    assert steps() == []
    run_timers(local(17, 13, 12))  # 80 % of four business hours
    assert steps() == [(1, "Elena Robles")]
    run_timers(local(17, 13, 59))
    assert len(steps()) == 1
    run_timers(local(17, 14))  # the breach: four hours that end exactly at the closing end there
    ticket.refresh_from_db()
    assert steps()[1] == (2, "Elena Robles")
    assert ticket.assignee == imx.user("elena"), "the superior takes it at the breach"
    run_timers(local(17, 16, 30))
    assert steps()[2] == (3, "Marcela Ibarra"), "half an hour later in the clock of that target"
    assert Clock.objects.get(ticket=ticket, kind="first_response").breached


def test_enterado_holds_until_the_breach(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=local(17, 10))
    run_timers(local(17, 13, 12))
    actions.acknowledge(ticket, by=imx.actor("elena"), now=local(17, 13, 15))

    run_timers(local(17, 16, 0))

    assert EscalationNotice.objects.filter(escalation__ticket=ticket).count() == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 600), min_size=1, max_size=6))
def test_pauses_never_change_what_is_left(imx: Imx, gaps: list[int]) -> None:
    """However often a clock rests, it expires when its working time, counted run by run, has reached the target."""
    ticket = imx.open(QUESTION, now=local(17, 10), intake_key=None)
    hours = schedule_queries.hours_of(clocks.unfinished(ticket)[0].calendar_version)
    at, rests = local(17, 10), False
    runs: list[tuple[datetime, datetime]] = []
    for gap in gaps:
        step = timedelta(minutes=gap)
        if not rests:
            runs.append((at, at + step))
        at += step
        if rests:
            clocks.resume(ticket, now=at)
        else:
            clocks.pause(ticket, clocks.PAUSED_BY_CLIENT, now=at, cause="waiting_client")
        rests = not rests
    if rests:
        clocks.resume(ticket, now=at)

    resolution = next(c for c in clocks.unfinished(ticket) if c.kind == "resolution")
    left = timedelta(hours=16)
    for start, end in runs:
        worked = businesstime.elapsed(start, end, hours)
        if worked > left:
            assert resolution.due_at == businesstime.add(start, left, hours)
            return
        left -= worked
    assert resolution.due_at == businesstime.add(at, left, hours)
