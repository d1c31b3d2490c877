"""The table of states is total, and every step of the contract's verbs stands in it."""

import pytest

from core.errors import TransitionNotAllowed
from tickets import lifecycle
from tickets.lifecycle import Status

S = Status


def test_every_state_has_its_row() -> None:
    assert set(lifecycle.TRANSITIONS) == set(Status)


def test_every_state_is_open_settled_or_ended() -> None:
    assert set(Status) == lifecycle.OPEN | lifecycle.SETTLED | lifecycle.ENDED
    assert not lifecycle.OPEN & (lifecycle.SETTLED | lifecycle.ENDED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(S.NEW, S.IN_PROGRESS, id="take a new one"),
        pytest.param(S.ASSIGNED, S.IN_PROGRESS, id="take an assigned one"),
        pytest.param(S.DEFERRED, S.IN_PROGRESS, id="take a deferred one"),
        pytest.param(S.DEFERRED, S.NEW, id="the desk opens"),
        pytest.param(S.IN_PROGRESS, S.WAITING_CLIENT, id="wait"),
        pytest.param(S.IN_PROGRESS, S.WAITING_THIRD_PARTY, id="wait for a third party"),
        pytest.param(S.WAITING_CLIENT, S.IN_PROGRESS, id="resume"),
        pytest.param(S.WAITING_THIRD_PARTY, S.IN_PROGRESS, id="resume from a third party"),
        pytest.param(S.RESOLVED, S.CLOSED, id="confirm"),
        pytest.param(S.RESOLVED, S.IN_PROGRESS, id="reopen"),
        *[pytest.param(s, S.RESOLVED, id=f"resolve {s}") for s in lifecycle.OPEN],
        *[pytest.param(s, S.CANCELLED, id=f"cancel {s}") for s in lifecycle.OPEN],
        *[pytest.param(s, S.MERGED, id=f"merge {s}") for s in lifecycle.OPEN],
        *[pytest.param(S.MERGED, s, id=f"unmerge to {s}") for s in lifecycle.OPEN],
    ],
)
def test_steps_of_the_contract_are_allowed(old: Status, new: Status) -> None:
    lifecycle.check(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(S.CLOSED, S.IN_PROGRESS, id="a closed one is followed up, not reopened"),
        pytest.param(S.CANCELLED, S.NEW, id="cancelled is the end"),
        pytest.param(S.NEW, S.CLOSED, id="nothing closes unsolved"),
        pytest.param(S.NEW, S.WAITING_CLIENT, id="who waits has begun"),
        pytest.param(S.WAITING_CLIENT, S.DEFERRED, id="what waits for the client is not put off"),
    ],
)
def test_other_steps_are_refused_with_the_state(old: Status, new: Status) -> None:
    with pytest.raises(TransitionNotAllowed) as refusal:
        lifecycle.check(old, new)

    assert refusal.value.extra == {"state": str(old)}


def test_nothing_leaves_an_ended_state_but_a_merged_one() -> None:
    for state in lifecycle.ENDED - {S.MERGED}:
        assert lifecycle.TRANSITIONS[state] == frozenset()
