"""The climb as a pure rule: tables for each promise, and any sweep against a slow model that never sleeps."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules import routing
from schedules.routing import ON_CALL_STEPS, People, Rung, Step
from tickets import escalation
from tickets.escalation import Occurrence

START = datetime(2026, 11, 21, 21, 20, tzinfo=UTC)  # Saturday, 15:20 in Mexico
IVAN, ELENA, MARCELA, KARLA, BRUNO = 1, 2, 3, 4, 5
DESK = People(
    superiors={IVAN: ELENA, KARLA: ELENA, ELENA: MARCELA},
    managers=(MARCELA,),
    everybody=(IVAN, ELENA, MARCELA, KARLA, BRUNO),
    roles={"supervisor": (ELENA,), "sales": ()},
)
# The superior manages too.
SMALL = People({IVAN: MARCELA}, (MARCELA,), (IVAN, MARCELA))


def minute(n: int) -> datetime:
    return START + timedelta(minutes=n)


@dataclass
class Planned:
    """A step as a climb keeps it: its planned instant moves."""

    step: Step
    due_at: datetime

    def __getattr__(self, name: str) -> Any:
        return getattr(self.step, name)


class Climb:
    """A climb kept in a list, driven by `escalation.tell` as the actions drive it."""

    def __init__(
        self,
        steps: tuple[Step, ...],
        people: People = DESK,
        on_call: int | None = IVAN,
        askers: frozenset[int] = frozenset(),
    ) -> None:
        self.people, self.on_call, self.askers = people, on_call, askers
        self.rungs = [Planned(step, at) for step, at in zip(steps, escalation.plan(steps, start=START), strict=True)]
        self.told: list[tuple[int, int]] = []
        self.heard: list[tuple[int, int, datetime, tuple[int, ...]]] = []
        self.skipped: dict[int, str] = {}
        self.waits: Occurrence | None = Occurrence(self.rungs[0].position, 1, START) if self.rungs else None

    def sweep(self, now: datetime) -> None:
        """Fire what is due at `now`, and what that makes due."""
        while self.waits is not None and self.waits.at <= now:
            due = self.waits
            decided = escalation.tell(
                self.rungs,
                self.told,
                due,
                now=now,
                whom=self._whom,
                askers=self.askers,
            )
            self.skipped |= decided.skipped
            if decided.position is not None:
                self.told += [(decided.position, user) for user in decided.users]
                self.heard.append((decided.position, decided.number, due.at, decided.users))
            for rung in self.rungs:
                rung.due_at = decided.due.get(rung.step.position, rung.due_at)
            self.waits = decided.upcoming

    def _whom(self, rung: Any, last: int | None) -> tuple[int, ...]:
        below = self.on_call if last is None else last
        return routing.whom(rung, on_call=self.on_call, below=below, people=self.people)

    def said(self) -> list[tuple[int, int, tuple[int, ...]]]:
        """Step, minute and people of the occurrences that somebody heard."""
        return [(p, int((at - START).total_seconds() // 60), who) for p, _n, at, who in self.heard if who]


def test_the_contracts_ladder_minute_by_minute() -> None:
    climb = Climb(ON_CALL_STEPS)

    for n in range(200):
        climb.sweep(minute(n))

    assert climb.said() == [
        (1, 0, (IVAN,)),
        (2, 10, (ELENA,)),
        *((3, 20 + 15 * n, (MARCELA,)) for n in range(8)),
        (4, 140, (KARLA, BRUNO)),
    ]
    assert climb.waits is None


@pytest.mark.parametrize(
    ("name", "people", "on_call", "said", "skipped"),
    [
        ("nobody on call", DESK, None, [(3, 0), (3, 15)], {1: "nobody", 2: "nobody"}),
        ("nobody above", People({}, (MARCELA,), (IVAN, MARCELA)), IVAN, [(1, 0), (3, 10)], {2: "already_told"}),
        ("a superior who manages", SMALL, IVAN, [(1, 0), (2, 10), (3, 35)], {}),
        ("the manager is on call", People({}, (IVAN,), (IVAN,)), IVAN, [(1, 0), (3, 25)], {2: "already_told"}),
    ],
)  # fmt: skip
def test_an_empty_step_is_not_waited_for(
    name: str, people: People, on_call: int | None, said: list[tuple[int, int]], skipped: dict[int, str]
) -> None:
    climb = Climb(ON_CALL_STEPS, people, on_call)

    for n in range(36):
        climb.sweep(minute(n))

    assert [row[:2] for row in climb.said()][: len(said)] == said, name
    assert climb.skipped == skipped


def test_the_manager_is_told_eight_times_at_most() -> None:
    for people in (DESK, SMALL):
        climb = Climb(ON_CALL_STEPS, people)
        for n in range(400):
            climb.sweep(minute(n))

        n_manager = [who for _p, _n, _at, users in climb.heard for who in users if who == MARCELA]
        assert len(n_manager) == 8


def test_overdue_repetitions_are_one_and_distinct_steps_each_their_own() -> None:
    climb = Climb(ON_CALL_STEPS)

    climb.sweep(minute(70))

    assert climb.said() == [(1, 0, (IVAN,)), (2, 10, (ELENA,)), (3, 20, (MARCELA,)), (3, 65, (MARCELA,))]
    assert climb.waits == Occurrence(3, 5, minute(80))


def test_a_role_a_person_and_a_role_without_people() -> None:
    steps = (
        Step(1, "role", role="supervisor"),
        Step(2, "role", role="sales", after_minutes=5),
        Step(3, "user", user_id=BRUNO, after_minutes=5),
    )
    climb = Climb(steps)

    for n in range(20):
        climb.sweep(minute(n))

    assert climb.said() == [(1, 0, (ELENA,)), (3, 5, (BRUNO,))]
    assert climb.skipped == {2: "already_told"}


@pytest.mark.parametrize(
    ("people", "on_call", "asks", "said", "skipped"),
    [
        (DESK, IVAN, IVAN, [(2, (ELENA,)), (3, (MARCELA,))], {1: "asked"}),
        (DESK, ELENA, ELENA, [(2, (MARCELA,))], {1: "asked"}),
        (DESK, MARCELA, MARCELA, [(4, (IVAN, ELENA, KARLA, BRUNO))], {1: "asked", 2: "nobody", 3: "asked"}),
        (SMALL, IVAN, MARCELA, [(1, (IVAN,)), (4, ())], {2: "asked", 3: "asked", 4: "already_told"}),
    ],
)
def test_who_asks_for_the_next_step_is_meant_by_none(
    people: People, on_call: int, asks: int, said: list[tuple[int, tuple[int, ...]]], skipped: dict[int, str]
) -> None:
    climb = Climb(ON_CALL_STEPS, people, on_call, frozenset({asks}))

    for n in range(200):
        climb.sweep(minute(n))

    heard = list(dict.fromkeys((step, who) for step, _minute, who in climb.said()))
    assert heard[: len(said)] == [row for row in said if row[1]]
    assert {step: why for step, why in climb.skipped.items() if step in skipped} == skipped


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        (None, Occurrence(1, 1, START)),
        ((1, 1), Occurrence(2, 1, START)),
        ((3, 2), Occurrence(3, 3, START)),
        ((3, 8), Occurrence(4, 1, START)),
        ((4, 1), None),
    ],
)
def test_what_enterado_stopped_goes_on_where_it_stood(
    reached: tuple[int, int] | None, expected: Occurrence | None
) -> None:
    rungs = [Planned(step, START) for step in ON_CALL_STEPS]

    assert escalation.goes_on(rungs, reached, at=START) == expected


@pytest.mark.parametrize(
    ("progress", "minutes", "ends"),
    [([], 30, 30), ([5, 12], 30, 42), ([12, 5], 30, 42), ([], 0, None), ([3], 0, None)],
)
def test_enterado_holds_for_the_policys_minutes_after_the_last_thing_that_happened(
    progress: list[int], minutes: int, ends: int | None
) -> None:
    found = escalation.patience_ends(START, [minute(n) for n in progress], minutes=minutes)

    assert found == (None if ends is None else minute(ends))


@pytest.mark.parametrize(
    ("asked", "now", "again"),
    [([], 0, None), ([0], 1, None), ([0, 1], 2, 60), ([0, 1], 59, 60), ([0, 1], 60, None), ([0, 1, 61], 61, None)],
)
def test_twice_an_hour_and_when_again(asked: list[int], now: int, again: int | None) -> None:
    found = escalation.may_ask_again([minute(n) for n in asked], now=minute(now), most=2, within=timedelta(hours=1))

    assert found == (None if again is None else minute(again))


# ------------------------------------------------------------------ any ladder, any sweeps

# A busy machine draws slowly; that is no fault of the rule.
ANY = settings(
    max_examples=int(os.environ.get("LAWS", "60")), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

people_ids = st.sampled_from([IVAN, ELENA, MARCELA, KARLA, BRUNO])


@st.composite
def ladders(draw: st.DrawFn) -> tuple[Step, ...]:
    steps = []
    for position in range(1, draw(st.integers(1, 5)) + 1):
        whom = draw(st.sampled_from(["on_call", "superior", "manager", "user", "role", "everybody"]))
        repeats = draw(st.booleans())
        steps.append(
            Step(
                position,
                whom,
                after_minutes=draw(st.integers(0, 20)) if position > 1 else 0,
                user_id=draw(people_ids) if whom == "user" else None,
                role=draw(st.sampled_from(["supervisor", "sales"])) if whom == "role" else "",
                repeat_minutes=draw(st.integers(1, 20)) if repeats else None,
                at_most=draw(st.integers(2, 4)) if repeats else 1,
                takes=draw(st.booleans()),
            )
        )
    return tuple(steps)


@st.composite
def desks(draw: st.DrawFn) -> People:
    ids = sorted(draw(st.sets(people_ids, min_size=1)))
    superiors = draw(st.dictionaries(st.sampled_from(ids), st.sampled_from(ids), max_size=4))
    managers = draw(st.lists(st.sampled_from(ids), unique=True, max_size=2))
    return People(superiors, tuple(managers), tuple(ids), {"supervisor": (ids[0],)})


@ANY
@given(ladders(), desks(), st.booleans())
def test_told_on_time_it_is_what_the_simulator_promises(
    steps: tuple[Step, ...], people: People, has_turn: bool
) -> None:
    """The plan that the simulator draws is another writing of the same rule: the slow model of this one."""
    on_call = people.everybody[0] if has_turn else None
    climb = Climb(steps, people, on_call)
    while climb.waits is not None:
        climb.sweep(climb.waits.at)

    planned: list[Rung] = list(routing.on_call_ladder(steps, start=START, on_call=on_call, people=people))

    assert [(p, n, at, who) for p, n, at, who in climb.heard if who] == [
        (rung.step, rung.occurrence, rung.at, rung.users) for rung in planned
    ]


@ANY
@given(ladders(), desks(), st.frozensets(people_ids, max_size=3))
def test_whatever_the_ladder_no_asker_hears_a_step_and_everybody_else_does(
    steps: tuple[Step, ...], people: People, askers: frozenset[int]
) -> None:
    whole, without = Climb(steps, people), Climb(steps, people, askers=askers)
    for climb in (whole, without):
        while climb.waits is not None:
            climb.sweep(climb.waits.at)

    heard = {user for _step, user in without.told}
    assert not heard & askers
    if all(step.whom != "superior" for step in steps):  # whose superior: that depends on who heard before
        assert heard == {user for _step, user in whole.told} - askers


@ANY
@given(ladders(), desks(), st.lists(st.integers(1, 90), min_size=1, max_size=12))
def test_however_late_the_sweeps_come_each_step_is_told_once_at_its_planned_instant(
    steps: tuple[Step, ...], people: People, pauses: list[int]
) -> None:
    on_time, late = Climb(steps, people), Climb(steps, people)
    now = START
    for pause in (0, *pauses):
        now += timedelta(minutes=pause)
        late.sweep(now)
        while on_time.waits is not None and on_time.waits.at <= now:
            on_time.sweep(on_time.waits.at)

        assert set(late.heard) <= set(on_time.heard), "nothing that was not planned, nothing at another instant"
        assert len({row[:2] for row in late.heard}) == len(late.heard), "no occurrence twice"
        assert {row[0] for row in late.heard} == {row[0] for row in on_time.heard}, "no step left out"
        assert late.heard[-1:] == on_time.heard[-1:], "what was due last was told"
        assert late.waits == on_time.waits
