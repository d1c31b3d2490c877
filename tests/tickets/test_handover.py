"""*Entrega de guardia*: asked before a closing, received within ten minutes, never twice, no flood after an outage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.errors import Conflict, Forbidden, Invalid
from desks import actions as desk_actions
from desks.models import Membership
from helpdesk import housekeeping
from notifications.models import Notification
from schedules import actions as schedule_actions
from schedules.models import Override, Timer
from tests.tickets.cast import Imx, run_timers
from tickets import actions
from tickets.actions import handing, handover
from tickets.lifecycle import Lane, Status
from tickets.models import Handover, HandoverAsk, Ticket, TicketEvent
from tickets.queries import handover as queries

pytestmark = pytest.mark.django_db
MEXICO = ZoneInfo("America/Mexico_City")


def local(hour: int, minute: int = 0, second: int = 0, *, day: int = 17) -> datetime:
    """Tuesday 17 November 2026 unless told otherwise; Iván has the week."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=MEXICO).astimezone(UTC)


@pytest.fixture
def chain(imx: Imx) -> Imx:
    """The desk with the chain armed on Tuesday at noon; what loading armed by the clock of the machine is gone."""
    Timer.objects.all().delete()
    handover.ensure(imx.desk, now=local(12))
    return imx


def taken(imx: Imx, *, by: str = "karla", at: datetime | None = None, **fields: Any) -> Ticket:
    """An outage that somebody works on in the office, the client answered: no clock runs out before the closing."""
    at = at or local(13, 40)
    ticket = actions.take(imx.open(now=at, **fields), by=imx.actor(by), now=at)
    actions.add_message(ticket, by=imx.actor(by), now=at, body="Estamos revisando el sello digital con su usuario.")
    ticket.refresh_from_db()
    return ticket


def mails(code: str) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(template="tickets/handover", key__contains=f"/{code}").order_by("id")
    return [(row.recipient.partition("@")[0], row.params["subject"]) for row in rows]


def armed() -> list[str]:
    zone_at = ((t.handler.rpartition("_")[2], t.due_at.astimezone(MEXICO)) for t in Timer.objects.pending())
    return sorted(f"{at:%d %H:%M} {name}" for name, at in zone_at)


# ------------------------------------------------------------------ the chain


def test_the_next_day_is_armed_and_arming_again_changes_nothing(chain: Imx) -> None:
    assert armed() == [
        "17 13:50 ask",
        "17 14:00 turn",
        "17 16:00 turn",
        "17 18:50 ask",
        "17 19:00 turn",
        "18 09:00 turn",
        "18 13:50 ask",
        "18 14:00 turn",
    ]

    handover.ensure(chain.desk, now=local(12, 5))

    assert len(armed()) == 8


def test_every_hand_off_arms_those_that_follow(chain: Imx) -> None:
    run_timers(local(14))

    assert armed()[-1] == "18 16:00 turn"
    assert "17 14:10 late" in armed()


def test_a_desk_without_a_rota_has_no_chain(imx: Imx) -> None:
    imx.desk.rota = None
    imx.desk.save()
    imx.desk.config_version += 1

    assert handover.ensure(imx.desk, now=local(12)) == 0


def test_before_long_holidays_at_least_the_next_one_is_armed(imx: Imx) -> None:
    Timer.objects.all().delete()

    handover.ensure(imx.desk, now=local(14, 1, day=14))  # Saturday; Monday is a holiday

    assert armed() == ["16 08:50 ask", "16 09:00 turn"]  # Karla hands over to Iván, no office between them


# ------------------------------------------------------------------ who receives


def test_who_comes_in_is_reminded_and_receives(chain: Imx) -> None:
    run_timers(local(13, 49))
    assert mails("soon") == []
    run_timers(local(13, 50))
    assert mails("soon") == [("ivan", "Su guardia empieza a las 14:00")]

    run_timers(local(14))
    row = handover.receive(chain.desk, by=chain.actor("ivan"), now=local(14, 4))
    run_timers(local(14, 10))

    assert (row.at, row.office_gives, row.taker, row.received_at) == (local(14), True, chain.user("ivan"), local(14, 4))
    assert mails("late") == []


def test_unreceived_the_superior_is_told_after_exactly_ten_minutes_and_once(chain: Imx) -> None:
    run_timers(local(14))
    run_timers(local(14, 9, 59))
    assert mails("late") == []

    run_timers(local(14, 10))
    run_timers(local(14, 11))
    run_timers(local(15, 59))

    assert mails("late") == [("elena", "Nadie ha recibido la guardia de las 14:00")]
    assert Handover.objects.get(at=local(14)).superior_told_at == local(14, 10)


def test_the_office_receives_too_and_its_supervisors_hear_of_it(chain: Imx) -> None:
    run_timers(local(16))
    run_timers(local(16, 10))
    assert [name for name, _subject in mails("late") if name] == ["elena"]

    row = handover.receive(chain.desk, by=chain.actor("saul"), now=local(16, 12))
    assert (row.office_takes, row.received_by) == (True, chain.user("saul"))


def test_where_nobody_is_on_call_the_managers_hear_of_it(chain: Imx) -> None:
    schedule_actions.change_shift(
        chain.desk.rota,
        user_id=chain.user("ivan").pk,
        start_at=local(13),
        end_at=local(15),
        by=chain.actor("ivan"),
        now=local(12),
        kind=Override.Kind.ABSENCE,
    )

    run_timers(local(14))
    run_timers(local(14, 10))

    assert [name for name, _subject in mails("late")] == ["marcela"]


def test_it_may_be_received_from_ten_minutes_before_and_pressed_twice(chain: Imx) -> None:
    with pytest.raises(Forbidden):  # the hand-off that stands is still that of 09:00, to the office
        handover.receive(chain.desk, by=chain.actor("paola"), now=local(13, 49))

    first = handover.receive(chain.desk, by=chain.actor("ivan"), now=local(13, 50))
    again = handover.receive(chain.desk, by=chain.actor("ivan"), now=local(13, 58))

    assert (first.pk, first.at, again.received_at) == (again.pk, local(14), local(13, 50))
    run_timers(local(14))
    run_timers(local(14, 10))
    assert mails("late") == []


@pytest.mark.parametrize("name", ["karla", "elena", "marcela"])
def test_only_who_comes_in_receives(chain: Imx, name: str) -> None:
    run_timers(local(14))

    with pytest.raises(Forbidden):
        handover.receive(chain.desk, by=chain.actor(name), now=local(14, 5))


def test_a_changed_rota_is_followed(chain: Imx) -> None:
    """Karla covers from 14:00: the timers stand where they stood and tell her."""
    schedule_actions.change_shift(
        chain.desk.rota,
        user_id=chain.user("karla").pk,
        start_at=local(14),
        end_at=local(15),
        by=chain.actor("karla"),
        now=local(12),
    )
    handover.ensure(chain.desk, now=local(12))

    run_timers(local(13, 50))
    run_timers(local(14))
    run_timers(local(14, 50))
    run_timers(local(15))

    assert [name for name, _subject in mails("soon")] == ["karla", "ivan"]
    assert [(row.taker.email if row.taker else "") for row in Handover.objects.order_by("at")] == [
        "karla@invoicemx.example",
        "ivan@invoicemx.example",
    ]


# ------------------------------------------------------------------ after an outage of ours


def test_after_three_days_only_the_last_hand_off_is_gone_through(chain: Imx) -> None:
    run_timers(local(9, 30, day=20))

    assert list(Handover.objects.values_list("at", flat=True)) == [local(9, day=20)]
    assert mails("soon") == mails("late") == []
    run_timers(local(9, 40, day=20))
    assert [name for name, _subject in mails("late")] == ["elena"], "people get their ten minutes after we are back"


def test_late_by_less_than_ten_minutes_the_superior_hears_at_the_planned_minute(chain: Imx) -> None:
    run_timers(local(14, 6))

    assert "17 14:10 late" in armed()


# ------------------------------------------------------------------ the note


def test_who_gives_leaves_a_note_for_the_next(chain: Imx) -> None:
    row = handover.note(chain.desk, by=chain.actor("karla"), now=local(13, 45), text=" Axis: ya se habló con Vilchis. ")

    assert (row.at, row.note, row.noted_by) == (local(14), "Axis: ya se habló con Vilchis.", chain.user("karla"))
    run_timers(local(14))
    row.refresh_from_db()
    assert row.note.startswith("Axis")
    with pytest.raises(Invalid):
        handover.note(chain.desk, by=chain.actor("karla"), now=local(13, 45), text="x" * 501)
    with pytest.raises(Invalid):
        handover.note(chain.desk, by=chain.actor("karla"), now=local(13, 45), text="Contraseña: Zafiro-7731")
    with pytest.raises(Forbidden):
        handover.note(chain.desk, by=chain.actor("paola"), now=local(13, 45), text="Ventas no entrega guardias")


def test_at_night_only_who_is_on_call_and_those_above_leave_it(chain: Imx) -> None:
    with pytest.raises(Forbidden):
        handover.note(chain.desk, by=chain.actor("karla"), now=local(22), text="No me toca")

    assert handover.note(chain.desk, by=chain.actor("ivan"), now=local(22), text="Todo tranquilo").at == local(
        9, day=18
    )


# ------------------------------------------------------------------ cases at a closing


def test_holders_are_asked_ten_minutes_before_and_silence_means_the_guardia(chain: Imx) -> None:
    ticket = taken(chain)
    run_timers(local(13, 49))
    assert HandoverAsk.objects.count() == 0

    run_timers(local(13, 50))
    ask = HandoverAsk.objects.get()
    assert (ask.ticket, ask.holder, ask.answer_by) == (ticket, chain.user("karla"), local(14))
    [(recipient, subject)] = mails("ask")
    assert recipient == "karla"
    assert "¿La sigue usted" in subject

    run_timers(local(13, 59, 59))
    ticket.refresh_from_db()
    assert ticket.lane == Lane.OFFICE

    run_timers(local(14))
    ticket.refresh_from_db()
    assert (ticket.lane, ticket.status, ticket.assignee) == (Lane.ON_CALL, Status.ASSIGNED, chain.user("ivan"))
    assert ticket.escalations.get(ended_at=None).reason == "handover_silence"
    assert mails("moved") == [("karla", f"[{ticket.number}] Pasó a la guardia")]


def test_the_person_on_call_can_take_what_was_handed_over(chain: Imx) -> None:
    ticket = taken(chain)
    run_timers(local(13, 50))
    handing.answer(HandoverAsk.objects.get(), by=chain.actor("karla"), now=local(13, 52), keep=False)
    run_timers(local(14))

    ticket = actions.take(Ticket.objects.get(), by=chain.actor("ivan"), now=local(14, 3))

    assert (ticket.status, ticket.assignee) == (Status.IN_PROGRESS, chain.user("ivan"))
    assert ticket.escalations.get().end_reason == "taken"
    assert mails("moved") == []


def test_who_says_so_goes_on_with_it(chain: Imx) -> None:
    ticket = taken(chain)
    run_timers(local(13, 50))

    handing.answer(HandoverAsk.objects.get(), by=chain.actor("karla"), now=local(13, 55), keep=True)
    run_timers(local(14))
    run_timers(local(14, 10))

    ticket.refresh_from_db()
    assert (ticket.lane, ticket.status, ticket.assignee) == (Lane.OFFICE, Status.IN_PROGRESS, chain.user("karla"))
    event = TicketEvent.objects.get(ticket=ticket, type="ticket.handover_answered")
    assert (event.data["reason"], event.public) == ("handover_keep", False)


def test_an_answer_may_change_until_the_closing_and_not_after(chain: Imx) -> None:
    taken(chain)
    run_timers(local(13, 50))
    ask = HandoverAsk.objects.get()
    karla = chain.actor("karla")

    handing.answer(ask, by=karla, now=local(13, 51), keep=False)
    handing.answer(ask, by=karla, now=local(13, 52), keep=True)
    again = handing.answer(ask, by=karla, now=local(13, 53), keep=True)
    assert (again.answer, again.answered_at) == ("keep", local(13, 52))

    with pytest.raises(Conflict):
        handing.answer(ask, by=karla, now=local(14), keep=False)
    with pytest.raises(Forbidden):
        handing.answer(ask, by=chain.actor("elena"), now=local(13, 55), keep=False)


def test_what_does_not_run_around_the_clock_is_not_asked_about(chain: Imx) -> None:
    question = taken(chain, request_type="usage_guidance", affects_operation=False)

    run_timers(local(13, 50))
    run_timers(local(14))

    question.refresh_from_db()
    assert HandoverAsk.objects.count() == 0
    assert question.assignee == chain.user("karla")


def test_who_comes_in_keeps_their_own(chain: Imx) -> None:
    taken(chain, by="ivan")

    run_timers(local(13, 50))
    run_timers(local(14))

    assert HandoverAsk.objects.count() == 0


def test_taken_within_the_last_minutes_it_is_asked_at_the_closing_with_ten_more(chain: Imx) -> None:
    run_timers(local(13, 50))
    ticket = taken(chain, at=local(13, 56))

    run_timers(local(14))
    ask = HandoverAsk.objects.get()
    assert ask.answer_by == local(14, 10)
    run_timers(local(14, 9, 59))
    ticket.refresh_from_db()
    assert ticket.lane == Lane.OFFICE
    run_timers(local(14, 10))

    ticket.refresh_from_db()
    assert (ticket.lane, ticket.assignee) == (Lane.ON_CALL, chain.user("ivan"))


def test_one_mail_a_person_whatever_number_of_cases(chain: Imx) -> None:
    for number in range(3):
        taken(chain, subject=f"No timbra la caja {number}")

    run_timers(local(13, 50))

    assert len(mails("ask")) == 1
    assert len(Notification.objects.get(key__contains="/ask/").params["cases"]) == HandoverAsk.objects.count() == 3


def test_resolved_meanwhile_it_does_not_move(chain: Imx) -> None:
    ticket = taken(chain)
    run_timers(local(13, 50))
    actions.resolve(ticket, by=chain.actor("karla"), now=local(13, 55), solution="Se reinstaló el sello y ya timbra.")

    run_timers(local(14))

    ticket.refresh_from_db()
    assert (ticket.status, ticket.lane) == (Status.RESOLVED, Lane.OFFICE)


def test_away_over_the_closing_and_back_in_the_afternoon_nothing_moves(chain: Imx) -> None:
    ticket = taken(chain)
    run_timers(local(13, 50))

    run_timers(local(16, 30))

    ticket.refresh_from_db()
    assert ticket.lane == Lane.OFFICE
    assert not ticket.escalations.filter(kind="on_call").exists()
    assert mails("moved") == []


def test_away_over_the_closing_and_back_while_closed_it_moves_once(chain: Imx) -> None:
    ticket = taken(chain)
    run_timers(local(13, 50))

    run_timers(local(14, 45))
    run_timers(local(14, 46))

    ticket.refresh_from_db()
    assert ticket.lane == Lane.ON_CALL
    assert ticket.escalations.count() == 1


# ------------------------------------------------------------------ cases at an opening


def test_at_the_opening_untaken_night_cases_go_to_who_is_present(chain: Imx) -> None:
    Membership.objects.exclude(user__email__startswith="karla").update(availability="away")
    Membership.objects.filter(user__email__startswith="ivan").update(availability="available")
    desk_actions.touch(chain.desk)
    solved = actions.take(chain.open(now=local(4, day=18)), by=chain.actor("ivan"), now=local(4, 5, day=18))
    actions.resolve(solved, by=chain.actor("ivan"), now=local(4, 40, day=18), solution="Se reinició el servicio.")
    ticket = chain.open(now=local(8, 50, day=18), subject="Otra caja que no timbra")
    actions.acknowledge(ticket, by=chain.actor("ivan"), now=local(8, 52, day=18))

    run_timers(local(8, 59, 59, day=18))
    ticket.refresh_from_db()
    assert (ticket.lane, ticket.assignee) == (Lane.ON_CALL, chain.user("ivan"))
    run_timers(local(9, day=18))

    ticket.refresh_from_db()
    assert (ticket.lane, ticket.status, ticket.assignee) == (Lane.OFFICE, Status.ASSIGNED, chain.user("karla"))
    why = TicketEvent.objects.filter(ticket=ticket, type="ticket.assigned").latest("id").data["why"]
    assert {"id": chain.user("ivan").pk, "code": "resting"} in why["passed_over"]


def test_what_was_given_by_hand_to_somebody_present_stays_with_them(chain: Imx) -> None:
    ticket = chain.open(now=local(8, 50, day=18))
    saul = chain.user("saul")
    actions.assign(ticket, by=chain.actor("elena"), now=local(8, 52, day=18), assignee=saul.pk)

    run_timers(local(9, day=18))

    ticket.refresh_from_db()
    assert (ticket.lane, ticket.assignee) == (Lane.OFFICE, saul)


def test_what_the_person_on_call_took_stays_with_them(chain: Imx) -> None:
    ticket = chain.open(now=local(8, 50, day=18))
    actions.take(ticket, by=chain.actor("ivan"), now=local(8, 55, day=18))

    run_timers(local(9, day=18))

    ticket.refresh_from_db()
    assert (ticket.lane, ticket.assignee) == (Lane.ON_CALL, chain.user("ivan"))


def test_a_running_ladder_goes_on_after_the_opening(chain: Imx) -> None:
    ticket = chain.open(now=local(8, 55, day=18))

    run_timers(local(9, day=18))
    run_timers(local(9, 5, day=18))

    ticket.refresh_from_db()
    climb = ticket.escalations.get(kind="on_call")
    assert ticket.lane == Lane.OFFICE
    assert climb.ended_at is None
    assert [notice.user for notice in climb.notices.order_by("id")] == [chain.user("ivan"), chain.user("elena")]


# ------------------------------------------------------------------ what is kept


def test_the_hand_over_keeps_what_was_going_on(chain: Imx) -> None:
    taken(chain)
    chain.open(now=local(13, 58))

    run_timers(local(14))

    summary = Handover.objects.get().summary
    assert summary == {"climbs": 0, "running": 2, "outages": 2, "deferred": 0}
    assert queries.summary(chain.desk, now=local(14))["climbs"] == 1


def test_its_numbers_cost_four_queries(chain: Imx, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        queries.summary(chain.desk, now=local(14))


def test_every_desk_is_kept_going(chain: Imx) -> None:
    Timer.objects.all().delete()

    done = housekeeping.run(now=local(12))

    assert done["coming_of_rotas"] == 1
    assert len(armed()) == 9
    assert "18 08:00 watch" in armed()
    assert Timer.objects.filter(due_at__gt=local(12) + timedelta(hours=26)).count() == 0
