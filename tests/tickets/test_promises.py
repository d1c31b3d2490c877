"""Promises that change on the way: counted anew over what was lived through, with the sum on the timeline."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clients.models import Contract
from desks import queries as desk_queries
from desks.models import Plan, SLAPolicy, SLATarget
from files import actions as file_actions
from notifications.models import Notification
from schedules import actions as schedule_actions
from schedules import queries as schedule_queries
from schedules.models import CalendarVersion
from tests.tickets.cast import OUTAGE, QUESTION, Imx, run_timers
from tickets import actions
from tickets.actions import silence
from tickets.models import Clock, ClockRun, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 in Mexico City (UTC-6); Monday 16 is a holiday, Tuesday 17 a working day."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(hours=6)


def due(ticket: Ticket, kind: str = "resolution") -> datetime | None:
    return Clock.objects.get(ticket=ticket, kind=kind, stopped_at__isnull=True).due_at


def sums(ticket: Ticket) -> dict[str, dict[str, Any]]:
    entries = TicketEvent.objects.filter(ticket=ticket, type="ticket.clock_recomputed").order_by("id")
    return {entry.data["kind"]: entry.data for entry in entries}


def affected(ticket: Ticket, imx: Imx, now: datetime, **changes: Any) -> Ticket:
    fields = {"request_type": "operational_question", "affects_operation": True, "reason": "Está detenida", **changes}
    return actions.reclassify(ticket, by=imx.actor("karla"), now=now, **fields)


def waited(imx: Imx) -> Ticket:
    """Opened at 10:00, at rest from 11:00 to 12:00 because the client owed the answer."""
    ticket = actions.take(imx.open(QUESTION, now=local(17, 10)), by=imx.actor("karla"), now=local(17, 10, 1))
    ticket = actions.wait(ticket, by=imx.actor("karla"), now=local(17, 11), reason="Falta el XML")
    actions.add_message(ticket, by=imx.requester(ticket), now=local(17, 12), body="Aquí está")
    ticket.refresh_from_db()
    return ticket


# ------------------------------------------------------------------ reclassified


def test_reclassifying_keeps_what_was_at_rest_and_shows_the_sum(imx: Imx) -> None:
    ticket = waited(imx)

    ticket = affected(ticket, imx, local(17, 13))

    # 10:00-11:00 and 12:00-13:00 counted: 2 of 8 hours around the clock, so 6 are left.
    assert due(ticket) == local(17, 19)
    told = sums(ticket)["resolution"]
    assert (told["target_minutes"], told["used_seconds"], told["left_seconds"]) == (480, 7200, 21600)
    assert (told["before"], told["after"]) == (local(19, 11).isoformat(), local(17, 19).isoformat())


def test_reclassifying_keeps_the_promise_of_the_next_word(imx: Imx) -> None:
    ticket = waited(imx)

    ticket = affected(ticket, imx, local(17, 13))

    assert due(ticket, "next_update") == local(17, 14)  # asked for at 11:00, one hour counted of two


def test_a_target_that_is_over_by_the_new_promise_expired_when_it_was_reached(imx: Imx) -> None:
    ticket = waited(imx)

    ticket = affected(ticket, imx, local(17, 18), request_type="system_down")

    assert due(ticket) == local(17, 15)  # one hour before the rest, three after it
    assert Clock.objects.get(ticket=ticket, kind="resolution").breached


def test_what_waits_for_a_third_party_goes_on_resting(imx: Imx) -> None:
    ticket = actions.take(imx.open(QUESTION, now=local(17, 10)), by=imx.actor("karla"), now=local(17, 10))
    ticket = actions.wait_third_party(ticket, by=imx.actor("karla"), now=local(17, 11), reason="Cayó", who="El PAC")

    ticket = affected(ticket, imx, local(17, 12))

    assert due(ticket) is None
    assert due(ticket, "first_response") == local(17, 10, 30)
    ticket = actions.resume(ticket, by=imx.actor("karla"), now=local(17, 13))
    assert due(ticket) == local(17, 20)  # 7 of 8 hours


def test_a_deferred_clock_still_begins_at_the_opening(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=local(21, 15, 20))

    ticket = affected(ticket, imx, local(21, 15, 30), request_type="training", affects_operation=False)

    assert (ticket.status, due(ticket, "first_response")) == ("deferred", local(23, 19))  # 8 business hours from 09:00
    back = affected(ticket, imx, local(21, 15, 40), request_type="usage_guidance", affects_operation=False)
    assert due(back, "first_response") == local(23, 13)
    run_timers(local(23, 12, 11))
    back.refresh_from_db()
    assert back.escalated_at is None
    run_timers(local(23, 12, 12))  # 80 % of four hours: the ladder stands where the clock does
    back.refresh_from_db()
    assert back.escalated_at is not None


def test_saying_the_same_again_writes_no_sum(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=local(17, 10))

    ticket = affected(ticket, imx, local(17, 11), request_type="unsure", affects_operation=False)

    assert sums(ticket) == {}
    assert not Notification.objects.filter(key__startswith="reclassified/").exists()


# ------------------------------------------------------------------ contested, near a deadline, another plan


def test_who_contests_is_promised_the_hours_of_the_guardia(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=local(21, 15, 20))

    ticket = actions.contest(ticket, by=imx.requester(ticket), now=local(21, 16), reason="Ya no facturamos")

    assert (ticket.lane, ticket.priority, ticket.affects_operation) == ("on_call", "high", False)
    assert (due(ticket, "first_response"), due(ticket)) == (local(21, 16, 30), local(22, 0))
    assert ticket.sort_due_at == local(21, 16, 30)


def test_the_last_day_before_a_deadline_raises_one_level_and_says_so(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=local(17, 10), deadline_at=local(19, 12), deadline_kind="payroll")
    assert ticket.priority == "normal"

    run_timers(local(18, 11, 59))
    ticket.refresh_from_db()
    assert ticket.priority == "normal"
    run_timers(local(18, 12))

    ticket.refresh_from_db()
    assert ticket.priority == "high"
    mail = Notification.objects.get(key__startswith="deadline/")
    assert "jueves 19 de noviembre a las 12:00" in " ".join(mail.params["lines"])
    raised = TicketEvent.objects.get(ticket=ticket, type="ticket.priority_raised")
    assert (raised.public, raised.data["priority"]) == (True, "high")
    assert sums(ticket)["resolution"]["cause"] == "deadline"


def test_a_deadline_within_a_day_is_said_in_the_first_mail(imx: Imx) -> None:
    imx.open(QUESTION, now=local(17, 10), deadline_at=local(18, 9))

    mail = Notification.objects.get(key__startswith="opened/")
    assert "miércoles 18 de noviembre a las 09:00, subimos su prioridad un nivel: alta" in mail.params["lines"][-1]


def test_a_deadline_that_is_far_is_not_spoken_of(imx: Imx) -> None:
    imx.open(QUESTION, now=local(17, 10), deadline_at=local(20, 9))

    mail = Notification.objects.get(key__startswith="opened/")
    assert "fecha límite" not in " ".join(mail.params["lines"])


def test_who_is_recognised_gets_what_their_plan_promises(imx: Imx) -> None:
    client = imx.client()
    policy = SLAPolicy.objects.create(desk=imx.desk, slug="oro", name="Oro")
    SLATarget.objects.create(policy=policy, priority="normal", kind="resolution", minutes=240, around_the_clock=False)
    SLATarget.objects.create(
        policy=policy, priority="normal", kind="first_response", minutes=60, around_the_clock=False
    )
    plan = Plan.objects.create(desk=imx.desk, slug="oro", name="Oro", sla_policy=policy)
    Contract.objects.create(client=client, plan=plan, starts_on=date(2026, 1, 1))
    ticket = imx.open(QUESTION, now=local(17, 10))
    desk_queries.forget()

    ticket = actions.identify(ticket, by=imx.actor("karla"), now=local(17, 10, 30), client=client.pk)

    assert (due(ticket, "first_response"), due(ticket)) == (local(17, 11), local(17, 14))
    assert sums(ticket)["first_response"]["cause"] == "plan"


# ------------------------------------------------------------------ mergers, appointments


def test_out_of_a_merger_the_solution_still_waits_for_the_third_party(imx: Imx) -> None:
    karla = imx.actor("karla")
    other = imx.open(QUESTION, now=local(17, 9, 30))
    ticket = actions.take(imx.open(QUESTION, now=local(17, 10)), by=karla, now=local(17, 10))
    ticket = actions.wait_third_party(ticket, by=karla, now=local(17, 11), reason="Cayó", who="El PAC")
    ticket = actions.merge(ticket, by=karla, now=local(17, 11, 30), into=other.number)

    ticket = actions.unmerge(ticket, by=karla, now=local(17, 12))

    assert (ticket.status, due(ticket)) == ("waiting_third_party", None)
    assert due(ticket, "first_response") == local(17, 16, 30)  # an hour and a half counted, two and a half left


def test_an_appointment_ends_the_rest(imx: Imx) -> None:
    karla = imx.actor("karla")
    ticket = actions.take(imx.open(OUTAGE, now=local(17, 10)), by=karla, now=local(17, 10))
    ticket = actions.wait_third_party(ticket, by=karla, now=local(17, 11), reason="Cayó", who="El PAC")

    ticket = actions.schedule(ticket, by=karla, now=local(17, 12), method="remote", starts_at=local(17, 16), minutes=30)
    assert (ticket.waiting_who, due(ticket)) == ("", local(17, 15))

    ticket = actions.begin(ticket, by=karla, now=local(17, 16))
    assert (ticket.status, ticket.appointments.get().state) == ("in_progress", "serving")


def test_every_rest_leaves_its_stretch(imx: Imx) -> None:
    ticket = waited(imx)

    runs = ClockRun.objects.filter(clock__ticket=ticket, clock__kind="resolution")
    assert [(r.starts_at, r.ends_at, r.seconds, r.ended_by) for r in runs] == [
        (local(17, 10), local(17, 11), 3600, "waiting_client")
    ]


# ------------------------------------------------------------------ the end


def test_files_of_a_solution_come_with_it_in_one_notice(imx: Imx) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    ticket = actions.take(imx.open(QUESTION, now=local(17, 10)), by=imx.actor("karla"), now=local(17, 10))
    before = Notification.objects.filter(recipient=ticket.requester_email).count()
    file = file_actions.store(SimpleUploadedFile("acuse.txt", b"sello"), now=local(17, 10))

    actions.resolve(ticket, by=imx.actor("karla"), now=local(17, 11), solution="Quedó", files=[file])

    assert Notification.objects.filter(recipient=ticket.requester_email).count() == before + 1
    assert ticket.messages.get(is_solution=True).files.get().attachment_id == file.pk


@pytest.mark.parametrize(
    ("solved", "closes"),
    [
        pytest.param(local(17, 11), local(19, 19), id="Tuesday: Thursday at the closing"),
        pytest.param(local(13, 18, 59), local(17, 19), id="Friday: Saturday counts, Monday is the Revolution's"),
        pytest.param(local(14, 20), local(18, 19), id="Saturday evening, over the holiday"),
        pytest.param(local(16, 12), local(18, 19), id="on the holiday itself"),
    ],
)
def test_silence_closes_after_two_business_days(imx: Imx, solved: datetime, closes: datetime) -> None:
    ticket = imx.open(QUESTION, now=local(13, 10))
    ticket = actions.resolve(ticket, by=imx.actor("elena"), now=solved, solution="Se corrigió")

    assert silence.ends_at(ticket, solved) == closes
    run_timers(closes - timedelta(seconds=1))
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    run_timers(closes)
    ticket.refresh_from_db()
    assert ticket.status == "closed"


def test_a_day_that_was_closed_meanwhile_is_given_back_to_the_silent(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=local(17, 10))
    ticket = actions.resolve(ticket, by=imx.actor("elena"), now=local(17, 11), solution="Se corrigió")
    calendar = imx.desk.calendar
    assert calendar is not None
    spec = CalendarVersion.objects.filter(calendar=calendar).latest("pk").spec
    CalendarVersion.objects.create(
        calendar=calendar,
        timezone="America/Mexico_City",
        spec={**spec, "closures": [{"date": "2026-11-19", "name": "Inventario"}]},
        created_at=local(18, 10),
    )
    schedule_queries.forget_calendar(calendar.pk)

    run_timers(local(19, 19))
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    schedule_actions.fire_due(now=local(20, 19))

    ticket.refresh_from_db()
    assert ticket.status == "closed"
