"""An absence moves a person's work and hands it back: rules, rows, timers, notices."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.errors import Conflict, Forbidden, Invalid
from desks import actions as desk_actions
from desks import queries as desk_queries
from desks.models import Absence, Desk
from notifications.models import Notification
from schedules.models import Timer
from tests.tickets import cast
from tests.tickets.cast import QUESTION, Imx
from tickets import actions
from tickets.actions import absences, clocks, holding
from tickets.lifecycle import Status
from tickets.models import Appointment, MovedTicket, Ticket, TicketEvent

MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)  # 10:00 in Mexico City
STARTS = datetime(2026, 11, 24, 6, tzinfo=UTC)  # Tuesday 00:00: the desk is closed
ENDS = datetime(2026, 11, 26, 6, tzinfo=UTC)  # Thursday 00:00
Outcome = MovedTicket.Outcome


@pytest.fixture(autouse=True)
def nobody_is_hurried(imx: Imx) -> None:
    """The time to take a ticket has its own tests."""
    Desk.objects.filter(pk=imx.desk.pk).update(take_minutes=0)
    imx.desk.refresh_from_db(fields=["take_minutes"])
    desk_actions.touch(imx.desk)


def run_timers(now: datetime) -> None:
    """Let time pass without clocks running out: at a breach the superior takes a ticket, which is another story."""
    for _turn in range(2):
        Timer.objects.filter(handler=clocks.TIMER).delete()
        cast.run_timers(now)


def enter(imx: Imx, who: str = "karla", by: str = "elena", substitute: str | None = None, **fields: Any) -> Absence:
    values = {"starts_at": STARTS, "ends_at": ENDS, "reason": "vacation", "now": MONDAY, **fields}
    return absences.register(
        imx.desk,
        user_id=imx.user(who).pk,
        substitute_id=imx.user(substitute).pk if substitute else None,
        by=imx.actor(by),
        **values,
    )


def held(imx: Imx, who: str, n: int = 1, *, now: datetime = MONDAY) -> list[Ticket]:
    """Open tickets that a person has, given by Elena."""
    found = []
    for _n in range(n):
        ticket = imx.open(QUESTION, now=now, email=f"p{Ticket.objects.count()}@cliente.example")
        actions.assign(ticket, by=imx.actor("elena"), now=now, assignee=imx.user(who).pk)
        found.append(Ticket.objects.get(pk=ticket.pk))
    return found


def holder(ticket: Ticket) -> str:
    fresh = Ticket.objects.select_related("assignee").get(pk=ticket.pk)
    return fresh.assignee.email.split("@")[0] if fresh.assignee else ""


def outcome(ticket: Ticket) -> str:
    return MovedTicket.objects.filter(ticket=ticket).latest("id").outcome


def last_why(ticket: Ticket) -> dict[str, Any]:
    found: dict[str, Any] = TicketEvent.objects.filter(ticket=ticket, type="ticket.assigned").latest("id").data["why"]
    return found


# ------------------------------------------------------------------ entering


def test_a_person_or_who_supervises_enters_it_and_the_others_are_told(imx: Imx) -> None:
    absence = enter(imx, by="karla", substitute="bruno")

    told = set(
        Notification.objects.filter(key__startswith=f"absence/{absence.pk}/").values_list("recipient", flat=True)
    )
    assert told == {"elena@invoicemx.example", "bruno@invoicemx.example"}
    assert set(Timer.objects.filter(owner=f"absence/{absence.pk}").values_list("due_at", flat=True)) == {STARTS, ENDS}
    with pytest.raises(Forbidden):
        enter(imx, "bruno", by="karla")


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        pytest.param({"ends_at": STARTS}, "ends_at", "not_after", id="empty"),
        pytest.param({"starts_at": MONDAY - timedelta(days=9), "ends_at": MONDAY}, "ends_at", "past", id="over"),
        pytest.param({"ends_at": STARTS + timedelta(days=500)}, "ends_at", "too_long", id="for ever"),
        pytest.param({"reason": "porque sí"}, "reason", "invalid_choice", id="an unknown reason"),
        pytest.param({"substitute": "karla"}, "substitute", "same_person", id="stands in for herself"),
        pytest.param({"substitute": "paola"}, "substitute", "unknown_person", id="sales attends no tickets"),
        pytest.param({"who": "paola"}, "person", "unknown_person", id="has no tickets to move"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(imx: Imx, fields: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        enter(imx, **fields)

    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]
    assert not Absence.objects.exists()


def test_two_absences_of_a_person_do_not_overlap(imx: Imx) -> None:
    enter(imx)

    with pytest.raises(Invalid):
        enter(imx, starts_at=ENDS - timedelta(hours=1), ends_at=ENDS + timedelta(days=1))
    enter(imx, starts_at=ENDS, ends_at=ENDS + timedelta(days=1))
    assert Absence.objects.count() == 2


# ------------------------------------------------------------------ the start


def test_the_preview_changes_nothing_and_says_what_then_happens(imx: Imx) -> None:
    tickets = held(imx, "karla", 6)
    ids = [ticket.pk for ticket in tickets]

    seen = absences.preview(imx.desk, user_id=imx.user("karla").pk, starts_at=STARTS, substitute_id=None, now=MONDAY)
    assert {ticket.pk for ticket, _choice in seen} == set(ids)
    assert {holder(ticket) for ticket in tickets} == {"karla"}

    enter(imx)
    run_timers(STARTS)
    assert {t.pk: choice.user_id for t, choice in seen} == dict(
        Ticket.objects.filter(pk__in=ids).values_list("pk", "assignee_id")
    )


def test_at_its_start_the_work_is_divided_evenly_and_the_reason_stands_on_the_timeline(imx: Imx) -> None:
    tickets = held(imx, "karla", 5)
    absence = enter(imx)

    run_timers(STARTS - timedelta(seconds=1))
    assert {holder(ticket) for ticket in tickets} == {"karla"}
    run_timers(STARTS)

    assert set(Counter(holder(ticket) for ticket in tickets).values()) == {1}
    assert "karla" not in {holder(ticket) for ticket in tickets}
    why = last_why(tickets[0])
    assert why["absence"] == {"user": imx.user("karla").pk, "until": ENDS.isoformat()}
    assert {"id": imx.user("karla").pk, "code": "absent"} in why["passed_over"]
    assert MovedTicket.objects.filter(absence=absence).count() == 5
    run_timers(STARTS + timedelta(hours=1))
    assert TicketEvent.objects.filter(ticket=tickets[0], type="ticket.assigned").count() == 3


def test_while_absent_nothing_is_given(imx: Imx) -> None:
    enter(imx)
    during = datetime(2026, 11, 24, 16, tzinfo=UTC)
    run_timers(during)
    imx.desk.refresh_from_db()

    tickets = [imx.open(QUESTION, now=during, email=f"p{n}@cliente.example") for n in range(7)]

    assert "karla" not in {holder(ticket) for ticket in tickets}
    assert {"id": imx.user("karla").pk, "code": "absent"} in last_why(tickets[0])["passed_over"]


def test_the_substitute_gets_it_first_whatever_their_load(imx: Imx) -> None:
    held(imx, "bruno", 3)
    tickets = held(imx, "karla", 2)
    enter(imx, substitute="bruno")

    run_timers(STARTS)

    assert {holder(ticket) for ticket in tickets} == {"bruno"}
    assert last_why(tickets[0])["code"] == "substitute"


def test_substitutes_are_chained_and_circles_end_in_the_rules(imx: Imx) -> None:
    enter(imx, "bruno", substitute="ana")
    enter(imx, "karla", substitute="bruno")
    ticket = held(imx, "karla")[0]
    run_timers(STARTS)
    assert holder(ticket) == "ana"

    enter(imx, "ana", substitute="karla", starts_at=STARTS + timedelta(hours=12), now=STARTS)
    run_timers(STARTS + timedelta(hours=12))

    assert holder(ticket) in {"ivan", "saul", "elena"}


def test_work_in_hand_waits_to_be_taken_and_what_waits_goes_on_waiting(imx: Imx) -> None:
    working, asking = held(imx, "karla", 2)
    karla = imx.actor("karla")
    actions.take(working, by=karla, now=MONDAY)
    actions.take(asking, by=karla, now=MONDAY)
    actions.wait(asking, by=karla, now=MONDAY, reason="¿Nos envía el XML?")
    enter(imx)

    run_timers(STARTS)

    assert Ticket.objects.get(pk=working.pk).status == Status.ASSIGNED
    assert Ticket.objects.get(pk=asking.pk).status == Status.WAITING_CLIENT
    assert "karla" not in {holder(working), holder(asking)}


def test_nobody_fits_so_it_stands_in_the_line_and_the_superior_is_told(imx: Imx) -> None:
    ticket = held(imx, "karla")[0]
    actions.take(ticket, by=imx.actor("karla"), now=MONDAY)
    imx.desk.memberships.exclude(user=imx.user("karla")).update(max_open=1, skills=["nube"])
    Ticket.objects.filter(pk=ticket.pk).update(product=imx.desk.vendor.products.get(slug="escritorio"))
    enter(imx)

    run_timers(STARTS)

    fresh = Ticket.objects.get(pk=ticket.pk)
    assert (fresh.status, fresh.assignee_id) == (Status.NEW, None)
    assert Notification.objects.filter(key__startswith="nobody_fits/", recipient="elena@invoicemx.example").exists()
    run_timers(ENDS)
    assert (holder(ticket), outcome(ticket)) == ("karla", Outcome.RETURNED)


def test_on_call_the_ladder_rules(imx: Imx) -> None:
    night = datetime(2026, 11, 24, 3, tzinfo=UTC)  # Monday 21:00
    case = imx.open(now=night)
    who = holder(case)
    enter(imx, who, starts_at=night + timedelta(hours=1), now=night)

    run_timers(night + timedelta(hours=1))

    assert holder(case) == who


def test_a_booked_appointment_goes_along_unless_the_other_is_taken(imx: Imx) -> None:
    ticket = held(imx, "karla")[0]
    actions.schedule(
        ticket, by=imx.actor("karla"), now=MONDAY, method="phone", starts_at=ENDS + timedelta(hours=10), minutes=30
    )
    enter(imx, substitute="bruno")

    run_timers(STARTS)

    assert Appointment.objects.get(ticket=ticket).consultant == imx.user("bruno")
    run_timers(ENDS)
    assert Appointment.objects.get(ticket=ticket).consultant == imx.user("karla")


# ------------------------------------------------------------------ the return


def test_what_nobody_finished_or_assigned_by_hand_comes_back(imx: Imx) -> None:
    plain, worked, finished, decided, grabbed = held(imx, "karla", 5)
    absence = enter(imx, substitute="bruno")
    run_timers(STARTS)
    noon = datetime(2026, 11, 24, 18, tzinfo=UTC)
    bruno, elena = imx.actor("bruno"), imx.actor("elena")
    actions.take(worked, by=bruno, now=noon)
    actions.resolve(finished, by=elena, now=noon, solution="Se canceló con el motivo 02 desde el menú.")
    actions.assign(decided, by=elena, now=noon, assignee=imx.user("ivan").pk)
    actions.take(grabbed, by=imx.actor("ana"), now=noon)

    run_timers(ENDS)

    assert [holder(t) for t in (plain, worked, finished, decided, grabbed)] == [
        "karla",
        "karla",
        "bruno",
        "ivan",
        "ana",
    ]
    outcomes = [outcome(t) for t in (plain, worked, finished, decided, grabbed)]
    assert outcomes == [Outcome.RETURNED, Outcome.RETURNED, Outcome.FINISHED, Outcome.BY_HAND, Outcome.BY_HAND]
    assert last_why(plain)["code"] == "back"
    assert Absence.objects.get(pk=absence.pk).ended_at == ENDS
    assert Notification.objects.filter(recipient="karla@invoicemx.example", key__contains="/ended/").count() == 1
    config = desk_queries.config(Desk.objects.select_related("vendor").get(pk=imx.desk.pk))
    assert config.absent(ENDS - timedelta(seconds=1)) == {}


def test_down_the_chain_and_back_whoever_returns_first(imx: Imx) -> None:
    """Karla → Bruno → Ana; Karla is back while Bruno is away: it is hers, and Bruno has nothing to get back."""
    ticket = held(imx, "karla")[0]
    enter(imx, "karla", substitute="bruno")
    run_timers(STARTS)
    enter(
        imx,
        "bruno",
        substitute="ana",
        starts_at=STARTS + timedelta(hours=12),
        ends_at=ENDS + timedelta(days=1),
        now=STARTS,
    )
    run_timers(STARTS + timedelta(hours=12))
    assert holder(ticket) == "ana"

    run_timers(ENDS)
    assert holder(ticket) == "karla"
    run_timers(ENDS + timedelta(days=1))

    assert holder(ticket) == "karla"
    assert set(MovedTicket.objects.values_list("outcome", flat=True)) == {Outcome.RETURNED, Outcome.EARLIER}


def test_from_one_absence_into_the_next_it_comes_back_at_the_end_of_the_second(imx: Imx) -> None:
    ticket = held(imx, "karla")[0]
    enter(imx, substitute="bruno")
    second = enter(imx, starts_at=ENDS, ends_at=ENDS + timedelta(days=1))
    run_timers(STARTS)

    run_timers(ENDS)
    assert holder(ticket) == "bruno"
    assert MovedTicket.objects.get(absence=second).outcome == ""
    run_timers(ENDS + timedelta(days=1))

    assert holder(ticket) == "karla"


def test_withdrawn_before_it_begins_nothing_moves(imx: Imx) -> None:
    ticket = held(imx, "karla")[0]
    absence = enter(imx)

    absences.withdraw(absence, by=imx.actor("karla"), now=MONDAY)
    run_timers(ENDS)

    assert holder(ticket) == "karla"
    assert Absence.objects.get().cancelled_at == MONDAY
    with pytest.raises(Conflict):
        absences.withdraw(absence, by=imx.actor("karla"), now=MONDAY)


def test_ended_early_the_work_comes_back_then(imx: Imx) -> None:
    ticket = held(imx, "karla")[0]
    absence = enter(imx)
    run_timers(STARTS)
    early = STARTS + timedelta(hours=15)

    with pytest.raises(Forbidden):
        absences.withdraw(absence, by=imx.actor("bruno"), now=early)
    absences.withdraw(absence, by=imx.actor("elena"), now=early)
    run_timers(early)

    assert holder(ticket) == "karla"
    run_timers(ENDS)
    assert TicketEvent.objects.filter(ticket=ticket, type="ticket.assigned").count() == 4


def test_we_were_down_over_the_whole_absence(imx: Imx) -> None:
    ticket = held(imx, "karla")[0]
    enter(imx)

    run_timers(ENDS + timedelta(days=2))

    assert holder(ticket) == "karla"
    assert not MovedTicket.objects.exists()


def test_the_process_dies_between_two_tickets(imx: Imx, monkeypatch: pytest.MonkeyPatch) -> None:
    """One case that fails leaves the others moved and is tried again; what moved does not move twice."""
    tickets = held(imx, "karla", 3)
    enter(imx)
    give, broken = holding.give, tickets[1].pk

    def dies(ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        if ticket.pk == broken:
            raise RuntimeError("dies here")
        give(ticket, *args, **kwargs)

    monkeypatch.setattr(holding, "give", dies)
    run_timers(STARTS)
    assert [holder(ticket) == "karla" for ticket in tickets] == [False, True, False]
    monkeypatch.undo()
    run_timers(STARTS + timedelta(minutes=30))

    assert "karla" not in {holder(ticket) for ticket in tickets}
    assert MovedTicket.objects.count() == 3
