"""Who gets the next ticket: tables for each reason, laws against an obvious model."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import assignment
from tickets.assignment import Candidate, Choice, Refusal

NOON = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)


def person(user_id: int, **fields: object) -> Candidate:
    defaults: dict[str, object] = {
        "available": True,
        "skills": frozenset(),
        "n_open": 0,
        "max_open": 25,
        "load": 0,
        "last_assigned_at": None,
    }
    return Candidate(user_id=user_id, **{**defaults, **fields})


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param([], Choice(None, "nobody_fits", ()), id="an empty desk"),
        pytest.param([person(1)], Choice(1, "only_one", ()), id="only one"),
        pytest.param([person(1, load=3), person(2, load=1)], Choice(2, "least_load", ()), id="least load"),
        pytest.param(
            [person(1, last_assigned_at=NOON), person(2, last_assigned_at=NOON - timedelta(hours=1))],
            Choice(2, "longest_waiting", ()),
            id="equal loads: who waits longest",
        ),
        pytest.param(
            [person(1, last_assigned_at=NOON), person(2)],
            Choice(2, "longest_waiting", ()),
            id="never had one waits longest",
        ),
        pytest.param(
            [person(1, available=False), person(2, n_open=25), person(3, skills=frozenset({"nube"}))],
            Choice(None, "nobody_fits", (Refusal(1, "absent"), Refusal(2, "full"), Refusal(3, "no_skill"))),
            id="each passed over for a reason",
        ),
        pytest.param(
            [person(1, load=9), person(2, skills=frozenset({"escritorio"}), load=10)],
            Choice(1, "least_load", ()),
            id="no skills named knows all",
        ),
    ],
)
def test_choice_and_reason(people: list[Candidate], expected: Choice) -> None:
    assert assignment.choose(people, product="escritorio") == expected


def test_the_usual_consultant_comes_first_if_they_fit() -> None:
    people = [person(1, load=0), person(2, load=9)]

    assert assignment.choose(people, product=None, usual=2) == Choice(2, "usual", ())
    assert assignment.choose([person(1), person(2, available=False)], product=None, usual=2).user_id == 1


candidates = st.lists(
    st.builds(
        person,
        user_id=st.integers(1, 50),
        available=st.booleans(),
        skills=st.sampled_from([frozenset(), frozenset({"a"}), frozenset({"a", "b"})]),
        n_open=st.integers(0, 4),
        max_open=st.integers(1, 4),
        load=st.integers(0, 6),
        last_assigned_at=st.one_of(st.none(), st.datetimes().map(lambda at: at.replace(tzinfo=UTC))),
    ),
    unique_by=lambda c: c.user_id,
    max_size=8,
)


@given(candidates, st.sampled_from([None, "a", "b", "c"]))
def test_nobody_who_fits_has_a_smaller_load(people: list[Candidate], product: str | None) -> None:
    def fits(c: Candidate) -> bool:
        knows = product is None or not c.skills or product in c.skills
        return c.available and knows and c.n_open < c.max_open

    choice = assignment.choose(people, product=product)

    fit = [c for c in people if fits(c)]
    assert (choice.user_id is None) == (not fit)
    if fit:
        chosen = next(c for c in fit if c.user_id == choice.user_id)
        assert chosen.load == min(c.load for c in fit)
    assert {refusal.user_id for refusal in choice.passed_over} == {c.user_id for c in people if not fits(c)}


@given(st.integers(1, 10), st.integers(1, 60))
def test_equal_tickets_spread_evenly(n_people: int, n_tickets: int) -> None:
    held = dict.fromkeys(range(1, n_people + 1), 0)
    last: dict[int, datetime] = {}
    for turn in range(n_tickets):
        people = [person(u, load=2 * n, n_open=n, max_open=99, last_assigned_at=last.get(u)) for u, n in held.items()]
        chosen = assignment.choose(people, product=None).user_id
        assert chosen is not None
        held[chosen] += 1
        last[chosen] = NOON + timedelta(minutes=turn)

    assert max(held.values()) - min(held.values()) <= 1
