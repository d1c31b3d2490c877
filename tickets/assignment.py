"""Who gets the next ticket: a pure choice among the people of a desk.

Present and skilled and under their limit; of those the least weighted load, then whoever has
waited longest since their last one. The answer says why, in codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

# An outage weighs on a person's day as four small questions do.
WEIGHT: Final[Mapping[str, int]] = {"critical": 4, "high": 3, "normal": 2, "low": 1}

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A consultant as the choice sees them. `skills` empty: knows every product."""

    user_id: int
    available: bool
    skills: frozenset[str]
    n_open: int
    max_open: int
    load: int
    last_assigned_at: datetime | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a person was passed over: `absent`, `no_skill` or `full`."""

    user_id: int
    code: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The person, the code of the reason that decided, and who was passed over and why."""

    user_id: int | None
    code: str
    passed_over: tuple[Refusal, ...]


def choose(candidates: Iterable[Candidate], *, product: str | None, usual: int | None = None) -> Choice:
    """Return who gets a ticket about `product`; the client's `usual` consultant first, if they fit.

    Codes: `usual`, `only_one`, `least_load`, `longest_waiting`, `nobody_fits`.
    """
    fit: list[Candidate] = []
    passed: list[Refusal] = []
    for candidate in candidates:
        code = _refusal(candidate, product)
        if code:
            passed.append(Refusal(candidate.user_id, code))
        else:
            fit.append(candidate)
    if not fit:
        return Choice(None, "nobody_fits", tuple(passed))
    if any(candidate.user_id == usual for candidate in fit):
        return Choice(usual, "usual", tuple(passed))
    fit.sort(key=lambda c: (c.load, c.last_assigned_at or _LONG_AGO, c.user_id))
    return Choice(fit[0].user_id, _decided_by(fit), tuple(passed))


def _refusal(candidate: Candidate, product: str | None) -> str:
    if not candidate.available:
        return "absent"
    if product and candidate.skills and product not in candidate.skills:
        return "no_skill"
    return "full" if candidate.n_open >= candidate.max_open else ""


def _decided_by(fit: list[Candidate]) -> str:
    if len(fit) == 1:
        return "only_one"
    return "least_load" if fit[0].load < fit[1].load else "longest_waiting"
