"""A changed calendar: what moves, what stays, and a batch that is killed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actor import SYSTEM
from core.errors import Conflict, Forbidden, Invalid
from desks import actions as desk_actions
from desks.models import Desk
from helpdesk import deskfile
from schedules import actions as schedule_actions
from schedules import businesstime
from schedules import queries as schedule_queries
from schedules.hours import DAY_MINUTES, Closure, ExtraOpening, Interval, Spec, Weekly
from schedules.models import CalendarVersion, Timer
from tests.factories import OFFICE, Cast, actor
from tests.tickets.cast import QUESTION, Imx
from tickets import actions, reasons
from tickets.actions import recompute
from tickets.models import Clock, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of November 2026 in Mexico City."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) + timedelta(hours=6)


def spec_of(desk: Desk) -> Spec:
    assert desk.calendar is not None
    return desk_actions.newest_spec(desk.calendar)


def change(desk: Desk, spec: Spec, *, now: datetime, valid_from: date | None = None) -> CalendarVersion:
    """Save the timetable and return its version."""
    assert desk.calendar is not None
    assert desk_actions.save_calendar_version(desk.calendar, spec, by="Marcela", now=now, valid_from=valid_from)
    return desk.calendar.versions.latest("pk")


def run(now: datetime) -> None:
    schedule_actions.fire_due(now=now)


def running(ticket: Ticket, kind: str = "first_response") -> Clock:
    return Clock.objects.select_related("calendar_version", "ticket__desk").get(
        ticket=ticket, kind=kind, stopped_at__isnull=True
    )


def moves_told(ticket: Ticket) -> list[dict[str, Any]]:
    return list(
        TicketEvent.objects.filter(ticket=ticket, type="ticket.clock_recomputed").values_list("data", flat=True)
    )


def shut(day: int, opens: int | None = None, closes: int | None = None) -> Closure:
    window = Interval(opens * 60, closes * 60) if opens is not None and closes is not None else None
    return Closure(date(2026, 11, day), "Inventario", window)


def test_a_closure_of_tomorrow_moves_what_reaches_into_it_and_tells_the_timeline(cast: Cast) -> None:
    ticket = cast.ticket()  # Tuesday 10:42: 4 business hours end at 16:42, 16 on Thursday at 10:42
    assert running(ticket, "resolution").due_at == local(19, 10, 42)

    version = change(cast.desk, replace(spec_of(cast.desk), closures=(shut(18),)), now=local(17, 11))
    run(local(17, 11))

    assert running(ticket).due_at == local(17, 16, 42)
    clock = running(ticket, "resolution")
    assert (clock.due_at, clock.calendar_version_id) == (local(20, 10, 42), version.pk)
    assert moves_told(ticket) == [
        {
            "kind": "resolution",
            "before": local(19, 10, 42).isoformat(),
            "after": local(20, 10, 42).isoformat(),
            "cause": "calendar",
            "target_minutes": 960,
            "used_seconds": 18 * 60,
            "left_seconds": (960 - 18) * 60,
            "calendar_version": version.pk,
        }
    ]


def test_time_used_is_kept_and_the_rest_runs_in_the_new_hours(cast: Cast) -> None:
    ticket = cast.ticket(now=local(17, 10, 42, 7))
    assert running(ticket).due_at == local(17, 16, 42, 7)

    change(cast.desk, replace(spec_of(cast.desk), closures=(shut(17, 9, 12),)), now=local(17, 11, 0, 7))
    run(local(17, 11, 0, 7))

    clock = running(ticket)
    assert (clock.used_seconds, clock.resumed_at) == (18 * 60, local(17, 11, 0, 7))
    assert clock.due_at == local(17, 17, 42)  # 3 h 42 min from 12:00: two until 14:00, the rest from 16:00


def test_the_row_of_the_queue_and_the_timer_of_the_clock_follow(cast: Cast) -> None:
    ticket = cast.ticket()
    timer = Timer.objects.get(key__startswith=f"clock/{running(ticket).pk}/")
    assert timer.due_at == local(17, 13, 54)  # 80 % of four hours

    opened = ExtraOpening(date(2026, 11, 17), Interval(14 * 60, 16 * 60))
    change(cast.desk, replace(spec_of(cast.desk), extra_openings=(opened,)), now=local(17, 12))
    run(local(17, 12))

    ticket.refresh_from_db()
    assert (ticket.sort_due_at, ticket.sort_due_kind) == (local(17, 14, 42), "first_response")
    timer.refresh_from_db()
    assert (timer.due_at, timer.done_at, timer.cancelled_at) == (local(17, 13, 54), None, None)

    change(
        cast.desk, replace(spec_of(cast.desk), closures=(shut(17, 13, 14),), extra_openings=()), now=local(17, 12, 5)
    )
    run(local(17, 12, 5))

    timer.refresh_from_db()
    assert timer.due_at == local(17, 16, 54)
    ticket.refresh_from_db()
    assert ticket.sort_due_at == local(17, 17, 42)


def test_the_office_ladder_fires_at_the_new_instant_only(cast: Cast) -> None:
    ticket = cast.ticket()
    change(cast.desk, replace(spec_of(cast.desk), closures=(shut(17, 12, 14),)), now=local(17, 11))

    run(local(17, 13, 54))
    assert not TicketEvent.objects.filter(ticket=ticket, type="ticket.escalation_step").exists()

    run(local(17, 17, 54))
    assert TicketEvent.objects.filter(ticket=ticket, type="ticket.escalation_step").count() == 1


def test_a_clock_around_the_clock_and_a_broken_one_stay(cast: Cast) -> None:
    outage = cast.ticket(request_type="system_down", affects_operation=True)
    broken = cast.ticket()
    before = running(broken).due_at

    change(cast.desk, replace(spec_of(cast.desk), closures=(shut(17), shut(18))), now=local(17, 18))
    run(local(17, 18))

    assert running(outage).due_at == local(17, 10, 57)
    assert running(broken).due_at == before == local(17, 16, 42)
    assert moves_told(outage) == []
    assert [told["kind"] for told in moves_told(broken)] == ["resolution"]


def test_a_resting_clock_goes_on_in_the_new_calendar_when_it_is_resumed(cast: Cast) -> None:
    ticket = cast.ticket()
    ada = actor(cast.ada)
    actions.take(ticket, by=ada, now=local(17, 10, 50))
    actions.wait(ticket, by=ada, now=local(17, 11), reason="Falta el XML")

    version = change(cast.desk, replace(spec_of(cast.desk), closures=(shut(18),)), now=local(17, 12))
    run(local(17, 12))

    assert moves_told(ticket) == []
    assert running(ticket, "resolution").calendar_version_id == version.pk
    actions.resume(ticket, by=ada, now=local(17, 13))
    assert running(ticket, "resolution").due_at == local(20, 12, 42)


# ------------------------------------------------------------------ edges of the calendar


def test_a_deferred_case_begins_at_the_new_opening(cast: Cast) -> None:
    ticket = cast.ticket(now=local(17, 20))  # waits for Wednesday 09:00
    assert running(ticket).due_at == local(18, 13)

    change(cast.desk, replace(spec_of(cast.desk), closures=(shut(18, 9, 11),)), now=local(17, 21))
    run(local(17, 21))

    ticket.refresh_from_db()
    assert (ticket.starts_at, running(ticket).started_at) == (local(18, 11), local(18, 11))
    assert running(ticket).due_at == local(18, 17)
    assert [told["kind"] for told in moves_told(ticket)] == ["start", "first_response", "resolution"]

    run(local(18, 9))
    ticket.refresh_from_db()
    assert ticket.status == "deferred"
    run(local(18, 11))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.lane) == ("assigned", "office")


def test_a_desk_that_opens_now_lets_the_deferred_in_at_once(cast: Cast) -> None:
    ticket = cast.ticket(now=local(17, 20))
    extra = ExtraOpening(date(2026, 11, 17), Interval(20 * 60 + 30, 23 * 60))

    change(cast.desk, replace(spec_of(cast.desk), extra_openings=(extra,)), now=local(17, 21))
    run(local(17, 21))

    ticket.refresh_from_db()
    assert (ticket.status, ticket.starts_at) == ("assigned", local(17, 21))
    assert running(ticket).due_at == local(18, 11)
    run(local(18, 9))  # the old opening finds nothing to do
    assert TicketEvent.objects.filter(ticket=ticket, type="ticket.opened_line").count() == 1


def test_who_was_put_off_in_open_hours_still_waits_for_the_next_opening(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.defer(ticket, by=actor(cast.ada), now=local(17, 11), reason="Puede esperar")

    change(cast.desk, replace(spec_of(cast.desk), closures=(shut(19),)), now=local(17, 12))
    run(local(17, 12))

    ticket.refresh_from_db()
    assert (ticket.status, ticket.starts_at) == ("deferred", local(17, 16))


@pytest.mark.parametrize(
    ("closed_from", "passes_at"),
    [pytest.param(12, local(17, 12), id="earlier"), pytest.param(11, local(17, 11, 30), id="at once")],
)
def test_an_untaken_case_passes_to_the_guardia_at_the_new_closing(
    cast: Cast, closed_from: int, passes_at: datetime
) -> None:
    ticket = cast.ticket(affects_operation=True)
    change(cast.desk, replace(spec_of(cast.desk), closures=(shut(17, closed_from, 14),)), now=local(17, 11, 30))

    run(passes_at)

    ticket.refresh_from_db()
    assert (ticket.lane, ticket.assignee_id) == ("on_call", cast.ada.pk)


def test_the_old_closing_does_nothing_where_the_desk_stays_open(cast: Cast) -> None:
    ticket = cast.ticket(affects_operation=True)
    extra = ExtraOpening(date(2026, 11, 17), Interval(14 * 60, 16 * 60))
    change(cast.desk, replace(spec_of(cast.desk), extra_openings=(extra,)), now=local(17, 11))

    run(local(17, 14))
    ticket.refresh_from_db()
    assert ticket.lane == "office"

    run(local(17, 19))
    ticket.refresh_from_db()
    assert ticket.lane == "on_call"


# ------------------------------------------------------------------ batches


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "BATCH", 2)


def told_once(tickets: Sequence[Ticket]) -> list[int]:
    return [len(moves_told(ticket)) for ticket in tickets]


def test_a_batch_that_is_killed_is_repeated_whole_and_the_rest_follows(
    cast: Cast, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [cast.ticket() for _ in range(5)]
    change(cast.desk, replace(spec_of(cast.desk), closures=(shut(18),)), now=local(17, 11))
    assert schedule_actions.fire_next(now=local(17, 11))
    assert told_once(tickets) == [1, 1, 0, 0, 0]

    honest = recompute._tell
    calls = []

    def killed(case: recompute.Case, *args: Any, **kwargs: Any) -> None:
        calls.append(case)
        if len(calls) == 2:
            raise SystemExit  # what a kill leaves: nothing after it, and a transaction that never commits
        honest(case, *args, **kwargs)

    monkeypatch.setattr(recompute, "_tell", killed)
    with pytest.raises(SystemExit):
        schedule_actions.fire_next(now=local(17, 11))
    monkeypatch.setattr(recompute, "_tell", honest)
    assert told_once(tickets) == [1, 1, 0, 0, 0]

    run(local(17, 11, 1))
    assert told_once(tickets) == [1, 1, 1, 1, 1]
    assert {running(ticket, "resolution").due_at for ticket in tickets} == {local(20, 10, 42)}
    assert not Timer.objects.pending().filter(handler=recompute.TIMER).exists()


def test_the_second_round_finds_a_report_that_was_filed_with_the_old_calendar(cast: Cast) -> None:
    old = schedule_queries.current_version(cast.desk.calendar_id or 0)
    change(cast.desk, replace(spec_of(cast.desk), closures=(shut(18),)), now=local(17, 11))
    schedule_actions.fire_next(now=local(17, 11))
    ticket = cast.ticket(now=local(17, 11, 0, 1))
    Clock.objects.filter(ticket=ticket).update(calendar_version=old)
    Clock.objects.filter(ticket=ticket, kind="resolution").update(due_at=local(19, 11, 0, 1))

    run(local(17, 11, 1))

    assert running(ticket, "resolution").due_at == local(20, 11, 0, 1)
    assert told_once([ticket]) == [1]


def test_two_changes_in_a_row_end_with_the_second(cast: Cast, small_batches: None) -> None:
    tickets = [cast.ticket() for _ in range(3)]
    first = spec_of(cast.desk)
    change(cast.desk, replace(first, closures=(shut(18),)), now=local(17, 11))
    schedule_actions.fire_next(now=local(17, 11))
    last = change(cast.desk, first, now=local(17, 11, 0, 5))

    run(local(17, 12))

    clocks = [running(ticket, "resolution") for ticket in tickets]
    assert {clock.due_at for clock in clocks} == {local(19, 10, 42)}
    assert {clock.calendar_version_id for clock in clocks} == {last.pk}


def test_other_desks_are_left_alone(cast: Cast, stranger: Cast) -> None:
    theirs = stranger.ticket()
    before = running(theirs, "resolution").due_at

    change(cast.desk, replace(spec_of(cast.desk), closures=(shut(18),)), now=local(17, 11))
    run(local(17, 12))

    assert running(theirs, "resolution").due_at == before
    assert moves_told(theirs) == []


def test_a_first_version_and_one_that_says_the_same_start_nothing(cast: Cast) -> None:
    assert cast.desk.calendar is not None
    assert not desk_actions.save_calendar_version(cast.desk.calendar, spec_of(cast.desk), by="", now=OFFICE)
    desk_actions.make_calendar(
        cast.desk, slug="ventas", name="Ventas", spec=spec_of(cast.desk), by=actor(cast.marcela), now=OFFICE
    )
    assert not Timer.objects.filter(handler=recompute.TIMER).exists()


def test_the_file_of_a_desk_moves_promises_too(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=OFFICE)
    text = deskfile.dump(imx.desk)
    assert "    holidays: MX\n" in text
    closed = text.replace(
        "    holidays: MX\n", "    holidays: MX\n    closures:\n      - {date: 2026-11-18, name: Obra}\n", 1
    )

    assert deskfile.load(closed, now=local(17, 11), by=SYSTEM)
    run(local(17, 11))

    assert running(ticket, "resolution").due_at == local(20, 10, 42)
    assert [told["kind"] for told in moves_told(ticket)] == ["resolution"]


def test_a_change_for_a_later_date_moves_what_reaches_it_and_a_later_word_replaces_it(cast: Cast) -> None:
    ticket = cast.ticket(request_type="training")  # 40 business hours: Monday 23, 13:42
    first = spec_of(cast.desk)
    late = tuple(replace(row, interval=Interval(600, 840)) if row.interval.opens == 540 else row for row in first.hours)

    change(cast.desk, replace(first, hours=late), now=local(17, 11), valid_from=date(2026, 11, 20))
    run(local(17, 11))
    assert running(ticket, "resolution").due_at == local(23, 18, 42)  # an hour less on each of three days

    change(cast.desk, replace(first, closures=(shut(27),)), now=local(17, 12))
    run(local(17, 12))

    assert running(ticket, "resolution").due_at == local(23, 13, 42)
    assert cast.desk.calendar is not None
    assert [str(v.valid_from) for v in cast.desk.calendar.versions.order_by("pk")][1:] == [
        "2026-11-20",
        "2026-11-20",
        "2026-11-17",
    ]
    hours = schedule_queries.hours_for(cast.desk.calendar.pk)
    assert not businesstime.is_open(local(27, 12), hours)
    assert businesstime.is_open(local(24, 9, 30), hours)


# ------------------------------------------------------------------ beforehand


def test_what_is_shown_beforehand_is_what_happens(cast: Cast) -> None:
    tickets = [cast.ticket(), cast.ticket(now=OFFICE + timedelta(minutes=3)), cast.ticket(now=local(16, 12))]
    assert cast.desk.calendar is not None
    spec = replace(spec_of(cast.desk), closures=(shut(17, 13, 17), shut(18)))
    candidate = desk_actions.candidate_hours(cast.desk.calendar, spec, valid_from=date(2026, 11, 17))

    shown = recompute.moved(cast.desk.calendar, candidate, local(17, 11))
    change(cast.desk, spec, now=local(17, 11))
    run(local(17, 11))

    told = {
        (ticket.number, data["kind"], data["before"], data["after"])
        for ticket in tickets
        for data in moves_told(ticket)
    }
    assert {(m.number, m.kind, m.before.isoformat(), m.after.isoformat()) for m in shown} == told
    assert len(told) >= 4


def test_what_moved_reads_in_spanish_for_staff_and_client(cast: Cast) -> None:
    from desks import queries as desk_queries

    ticket = cast.ticket()
    change(cast.desk, replace(spec_of(cast.desk), closures=(shut(18),)), now=local(17, 11))
    run(local(17, 11))

    event = TicketEvent.objects.get(ticket=ticket, type="ticket.clock_recomputed")
    config = desk_queries.config(cast.desk)
    for staff in (True, False):
        sentence = reasons.sentence(event, config, staff=staff)
        assert "jue 19 nov, 10:42" in sentence
        assert "vie 20 nov, 10:42" in sentence


# ------------------------------------------------------------------ who may, and the law


def test_only_a_manager_changes_a_calendar_from_today_on_and_from_the_version_they_saw(cast: Cast) -> None:
    assert cast.desk.calendar is not None
    spec = replace(spec_of(cast.desk), closures=(shut(18),))
    base = cast.desk.calendar.versions.latest("pk").pk
    marcela = actor(cast.marcela)

    def save(**fields: Any) -> bool:
        wanted = {"spec": spec, "valid_from": date(2026, 11, 17), "base": base, "by": marcela, "now": OFFICE, **fields}
        return desk_actions.change_calendar(cast.desk, cast.desk.calendar, **wanted)

    with pytest.raises(Forbidden):
        save(by=actor(cast.elena))
    with pytest.raises(Invalid):
        save(valid_from=date(2026, 11, 16))
    with pytest.raises(Invalid):
        save(spec=Spec("America/Mexico_City", extra_openings=(ExtraOpening(date(2026, 1, 5), Interval(540, 600)),)))
    assert save()
    with pytest.raises(Conflict):
        save(spec=replace(spec, closures=()))


WINDOWS = st.tuples(st.integers(0, 22), st.integers(1, 8)).map(
    lambda pair: Interval(pair[0] * 60, min(pair[0] * 60 + pair[1] * 60, DAY_MINUTES))
)
SPECS = st.builds(
    lambda hours, closures: Spec(
        "America/Mexico_City",
        hours=(Weekly(4, Interval(540, 840)), *(Weekly(day, window) for day, window in hours)),
        holidays="MX",
        closures=tuple(Closure(date(2026, 11, day), "x", window) for day, window in closures),
    ),
    st.lists(st.tuples(st.integers(0, 6), WINDOWS), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(17, 30), st.none() | WINDOWS), max_size=5),
)


@given(spec=SPECS, after_minutes=st.integers(0, 60 * 72), seconds=st.integers(0, 59))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_reckoned_due_instant_is_what_was_left_added_in_the_new_calendar(
    cast: Cast, spec: Spec, after_minutes: int, seconds: int
) -> None:
    assert cast.desk.calendar is not None
    ticket = Ticket.objects.first() or cast.ticket()
    old = schedule_queries.hours_of(cast.desk.calendar.versions.earliest("pk"))
    at = OFFICE + timedelta(minutes=after_minutes, seconds=seconds)
    new = desk_actions.candidate_hours(cast.desk.calendar, spec, valid_from=at.astimezone(UTC).date())
    wanted = recompute.Change(cast.desk.calendar.pk, at, old, new)

    for kind, minutes in (("first_response", 240), ("resolution", 960)):
        clock = running(ticket, kind)
        used = businesstime.elapsed(OFFICE, at, old)
        reckoned = recompute.reckon(clock, wanted, start=None)
        if clock.due_at is not None and clock.due_at <= at:
            assert reckoned is None
        else:
            assert reckoned is not None
            assert reckoned.after == businesstime.add(at, timedelta(minutes=minutes) - used, new)
