"""Who attended between 23:00 and 06:00 is given nothing by itself until they have rested."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desks import actions as desk_actions
from desks import queries as desk_queries
from desks.models import Desk
from tests.tickets.cast import Imx
from tickets import actions, assignment
from tickets.actions import holding
from tickets.assignment import Choice, Refusal
from tickets.models import TicketEvent

MEXICO = ZoneInfo("America/Mexico_City")
OJINAGA = ZoneInfo("America/Ojinaga")  # changes its clocks


def local(hour: int, minute: int = 0, day: int = 18, zone: ZoneInfo = MEXICO) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=zone).astimezone(UTC)


def night(now: datetime, hours: float = 8, zone: ZoneInfo = MEXICO) -> list[tuple[str, str]]:
    found = assignment.nights(now, zone=zone, rest=timedelta(hours=hours))
    return [(f"{a.astimezone(zone):%d %H:%M}", f"{b.astimezone(zone):%d %H:%M}") for a, b in found]


@pytest.mark.parametrize(
    ("now", "hours", "expected"),
    [
        pytest.param(local(11), 8, [("18 03:00", "18 06:00")], id="11:00 looks back to 03:00"),
        pytest.param(local(13, 59), 8, [("18 05:59", "18 06:00")], id="one minute of the night is left"),
        pytest.param(local(14), 8, [], id="rested: the night ended eight hours ago"),
        pytest.param(local(22, 59), 8, [], id="the next night has not begun"),
        pytest.param(local(23, 30), 8, [("18 23:00", "18 23:30")], id="in the night itself"),
        pytest.param(local(2), 8, [("17 23:00", "18 02:00")], id="over midnight"),
        pytest.param(local(9), 10, [("17 23:00", "18 06:00")], id="the whole night, not the evening before it"),
        pytest.param(local(23, 30), 24, [("17 23:30", "18 06:00"), ("18 23:00", "18 23:30")], id="two nights"),
        pytest.param(local(9), 0, [], id="no rest"),
    ],
)
def test_the_part_of_the_night_that_counts(now: datetime, hours: int, expected: list[tuple[str, str]]) -> None:
    assert night(now, hours) == expected


def test_a_night_in_which_the_clock_changes() -> None:
    """On 1 November 2026 02:00 comes twice in Ojinaga: at 10:00 eight hours ago it was 02:00."""
    assert night(local(10, day=1, zone=OJINAGA), zone=OJINAGA) == [("01 02:00", "01 06:00")]
    assert night(local(6, day=1, zone=OJINAGA), zone=OJINAGA) == [("31 23:00", "01 06:00")]


def test_who_rests_is_passed_over_for_that_reason() -> None:
    def person(user_id: int, **fields: Any) -> assignment.Candidate:
        values = {"skills": frozenset(), "n_open": 0, "max_open": 1, "load": 0}
        return assignment.Candidate(user_id=user_id, last_assigned_at=None, **{**values, **fields})

    people = [person(2, absence="resting", n_open=1), person(3, load=9)]

    assert assignment.choose(people, product=None) == Choice(3, "only_one", (Refusal(2, "resting"),))


# ------------------------------------------------------------------ with rows


def rests(imx: Imx, at: datetime) -> set[str]:
    config = desk_queries.config(imx.desk)
    ids = holding.resting(config, [m.user_id for m in config.members], now=at)
    return {member.first_name for member in config.members if member.user_id in ids}


def test_who_was_woken_gets_nothing_until_eight_hours_later(imx: Imx) -> None:
    ticket = imx.open(now=local(2, 50))
    actions.acknowledge(ticket, by=imx.actor("ivan"), now=local(3))
    actions.take(ticket, by=imx.actor("ivan"), now=local(3, 10))

    assert rests(imx, local(3, 10)) == {"Iván"}
    assert rests(imx, local(11, 9)) == {"Iván"}
    assert rests(imx, local(11, 11)) == set()

    morning = imx.open(now=local(9, 30), request_type="usage_guidance", affects_operation=False)
    choice = TicketEvent.objects.get(ticket=morning, type="ticket.assigned").data["why"]
    assert {"id": imx.user("ivan").pk, "code": "resting"} in choice["passed_over"]
    assert morning.assignee_id != imx.user("ivan").pk


def test_attending_in_the_evening_or_after_six_is_no_night(imx: Imx) -> None:
    ticket = imx.open(now=local(20, day=17))
    actions.take(ticket, by=imx.actor("ivan"), now=local(22, 59, day=17))
    actions.resolve(
        ticket, by=imx.actor("ivan"), now=local(6, 0), solution="Se reinstaló el sello digital y ya timbra."
    )

    assert rests(imx, local(9)) == set()


def test_the_desk_says_for_how_long(imx: Imx) -> None:
    ticket = imx.open(now=local(4))
    actions.take(ticket, by=imx.actor("ivan"), now=local(5))
    assert rests(imx, local(12, 59)) == {"Iván"}

    Desk.objects.filter(pk=imx.desk.pk).update(rest_hours=2)
    desk_actions.touch(imx.desk)
    imx.desk.refresh_from_db()

    assert rests(imx, local(7)) == {"Iván"}
    assert rests(imx, local(7, 1)) == set()


def test_in_the_afternoon_nothing_is_asked(imx: Imx, django_assert_num_queries: Any) -> None:
    config = desk_queries.config(imx.desk)
    ids = [member.user_id for member in config.members]

    with django_assert_num_queries(0):
        holding.resting(config, ids, now=local(16))
    with django_assert_num_queries(1):
        holding.resting(config, ids, now=local(9))
