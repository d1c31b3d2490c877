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
            [person(1, absence="absent"), person(2, n_open=25), person(3, skills=frozenset({"nube"}))],
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

    assert assignment.choose(people, product=None, preferred=[(2, "usual")]) == Choice(2, "usual", ())
    assert (
        assignment.choose([person(1), person(2, absence="away")], product=None, preferred=[(2, "usual")]).user_id == 1
    )


def test_of_several_preferred_the_first_who_fits() -> None:
    people = [person(1), person(2), person(3, n_open=25)]

    choice = assignment.choose(people, product=None, preferred=[(3, "substitute"), (2, "usual")])

    assert choice == Choice(2, "usual", (Refusal(3, "full"),))
    assert choice.order == (2, 1)


def test_who_let_it_go_does_not_get_it_again_at_once() -> None:
    people = [person(1, let_go=True), person(2, load=40)]

    assert assignment.choose(people, product=None, preferred=[(1, "usual")]) == Choice(
        2, "only_one", (Refusal(1, "did_not_take"),)
    )


PRESENT: dict[str, object] = {
    "desk_open": True, "absent": False, "own_hours_open": True, "availability": "available", "resting": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({}, "", id="present"),
        pytest.param({"availability": "busy"}, "busy", id="busy gets nothing by itself"),
        pytest.param({"availability": "away"}, "away", id="away"),
        pytest.param({"own_hours_open": False, "availability": "away"}, "off_hours", id="own hours before status"),
        pytest.param({"resting": True}, "resting", id="attended at night"),
        pytest.param({"resting": True, "availability": "busy"}, "busy", id="status before rest"),
        pytest.param({"absent": True, "own_hours_open": False}, "absent", id="dates before hours"),
        pytest.param({"desk_open": False, "absent": True}, "closed", id="a closed desk before all"),
        pytest.param({"planned": True, "desk_open": False, "availability": "away"}, "", id="planned: dates only"),
        pytest.param({"planned": True, "absent": True}, "absent", id="planned: an absence counts"),
    ],
)
def test_presence(fields: dict[str, object], code: str) -> None:
    assert assignment.presence(**{**PRESENT, **fields}) == code


@pytest.mark.parametrize(
    ("substitutes", "expected"),
    [
        pytest.param({1: 2}, 2, id="the substitute is there"),
        pytest.param({1: 2, 2: 3}, 3, id="the substitute is absent too"),
        pytest.param({1: 2, 2: None}, None, id="and named nobody"),
        pytest.param({1: None}, None, id="nobody named"),
        pytest.param({1: 2, 2: 1}, None, id="a circle of two"),
        pytest.param({1: 2, 2: 3, 3: 2}, None, id="a circle further on"),
        pytest.param({}, None, id="not absent at all"),
    ],
)
def test_substitutes_are_chained(substitutes: dict[int, int | None], expected: int | None) -> None:
    assert assignment.substitute(1, substitutes) == expected


@given(st.dictionaries(st.integers(1, 6), st.one_of(st.none(), st.integers(1, 6)), max_size=6), st.integers(1, 6))
def test_a_chain_ends_with_somebody_present_or_with_nobody(chain: dict[int, int | None], who: int) -> None:
    found = assignment.substitute(who, chain)

    at: int | None = chain.get(who)
    for _step in range(10):  # more than there are people: whoever is found by now is found
        at = chain.get(at) if at in chain else at
    assert found == (None if at in chain or at == who else at)


candidates = st.lists(
    st.builds(
        person,
        user_id=st.integers(1, 50),
        absence=st.sampled_from(["", "", "busy", "away", "absent", "resting", "closed"]),
        let_go=st.sampled_from([False, False, False, True]),
        skills=st.sampled_from([frozenset(), frozenset({"a"}), frozenset({"a", "b"})]),
        n_open=st.integers(0, 4),
        max_open=st.integers(1, 4),
        load=st.integers(0, 6),
        last_assigned_at=st.one_of(st.none(), st.datetimes().map(lambda at: at.replace(tzinfo=UTC))),
    ),
    unique_by=lambda c: c.user_id,
    max_size=8,
)


products = st.sampled_from([None, "a", "b", "c"])
likings = st.lists(st.tuples(st.integers(1, 50), st.sampled_from(["usual", "substitute"])), max_size=3)


@given(candidates, products, likings)
def test_the_choice_is_that_of_a_slow_model(
    people: list[Candidate], product: str | None, preferred: list[tuple[int, str]]
) -> None:
    """Ask everybody the questions of the issue, one after the other, and compare each with each."""

    def fits(c: Candidate) -> bool:
        knows = product is None or not c.skills or product in c.skills
        return c.absence == "" and not c.let_go and knows and c.n_open < c.max_open

    def comes_before(a: Candidate, b: Candidate) -> bool:
        if a.load != b.load:
            return a.load < b.load
        if a.last_assigned_at != b.last_assigned_at:
            return a.last_assigned_at is None or (
                b.last_assigned_at is not None and a.last_assigned_at < b.last_assigned_at
            )
        return a.user_id < b.user_id

    choice = assignment.choose(people, product=product, preferred=preferred)

    fit = [c for c in people if fits(c)]
    best = [c.user_id for c in fit if all(c is other or comes_before(c, other) for other in fit)]
    liked = [user for user, _code in preferred if any(c.user_id == user for c in fit)]
    assert choice.user_id == next(iter([*liked, *best]), None)
    assert (choice.user_id is None) == (choice.code == "nobody_fits")
    assert sorted(choice.order) == sorted(c.user_id for c in fit)
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
