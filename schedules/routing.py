"""Who attends a request, when, and why: contract section 4 as a pure rule over plain values.

The door gathers a `RouteQuestion` (what was asked, how the desk stands, its policies); `route` answers with codes and
instants, never prose. The same answer files a ticket, fills the simulator and serves `POST desks/{slug}/route/`.
InvoiceMX manual, "En Horarios Fuera de Oficina" 2: outside office hours only what affects the operation is attended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, Protocol

from schedules import businesstime
from schedules.businesstime import Hours

OFFICE: Final = "office"
ON_CALL: Final = "on_call"
DEFERRED: Final = "deferred"

# From the most to the least urgent.
PRIORITIES: Final = ("critical", "high", "normal", "low")
KINDS: Final = ("first_response", "next_update", "resolution")

# request_type -> priority when the operation is not affected, when it is. Data of the desk; this is the default.
TABLE: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "system_down": ("critical", "critical"),
        "operational_question": ("normal", "high"),
        "usage_guidance": ("normal", "high"),
        "remote_configuration": ("normal", "high"),
        "installation": ("normal", "high"),
        "unsure": ("normal", "high"),
        "customization": ("low", "high"),
        "training": ("low", "high"),
        "new_project": ("low", "low"),
    }
)
ALWAYS_AFFECTED: Final = frozenset({"system_down"})
NEVER_AT_NIGHT: Final = frozenset({"new_project"})
SOON: Final = timedelta(hours=24)  # a deadline that near raises the priority by one

Params = Mapping[str, str | int | None]


class TargetLike(Protocol):
    """A promise: minutes around the clock, or minutes of open time."""

    @property
    def minutes(self) -> int: ...

    @property
    def around_the_clock(self) -> bool: ...


class StepLike(Protocol):
    """A rung of a ladder as the desk's policy has it (`desks.models.EscalationStep`)."""

    @property
    def position(self) -> int: ...

    @property
    def whom(self) -> str: ...

    @property
    def user_id(self) -> int | None: ...

    @property
    def role(self) -> str: ...

    @property
    def after_minutes(self) -> int: ...

    @property
    def at_percent(self) -> int | None: ...

    @property
    def takes(self) -> bool: ...

    @property
    def repeat_minutes(self) -> int | None: ...

    @property
    def at_most(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Target:
    minutes: int
    around_the_clock: bool


@dataclass(frozen=True, slots=True)
class Step:
    """Tell `whom` (on_call, superior, manager, role, user, everybody) `after_minutes` after the rung before."""

    position: int
    whom: str
    after_minutes: int = 0
    user_id: int | None = None
    at_percent: int | None = None
    takes: bool = False
    repeat_minutes: int | None = None
    at_most: int = 1
    role: str = ""


# Who is on call at once, the superior after 10 minutes, the manager after 10 more and then every 15, eight times at
# most; then everybody.
ON_CALL_STEPS: Final = (
    Step(1, "on_call"),
    Step(2, "superior", after_minutes=10),
    Step(3, "manager", after_minutes=10, repeat_minutes=15, at_most=8),
    Step(4, "everybody", after_minutes=15),
)
# The superior at 80 % of a target, takes it at the breach; the manager 30 minutes later in the clock of that target.
OFFICE_STEPS: Final = (
    Step(1, "superior", at_percent=80),
    Step(2, "superior", at_percent=100, takes=True),
    Step(3, "manager", at_percent=100, after_minutes=30),
)


@dataclass(frozen=True, slots=True)
class Code:
    """A reason: what a timeline keeps and a template puts into words. Instants are ISO 8601 in UTC."""

    code: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class People:
    """The people of a desk by user id. `superiors` leaves out who has nobody active above; `roles` by name of role."""

    superiors: Mapping[int, int] = field(default_factory=dict)
    managers: Sequence[int] = ()
    everybody: Sequence[int] = ()
    roles: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteQuestion:
    """What is asked, and the desk as it stands. `on_call` is who has the shift at `at`, None where nobody has.

    `targets` maps priority -> kind -> promise; `assignee` is known only once somebody was chosen.
    """

    at: datetime
    request_type: str
    affects_operation: bool
    hours: Hours
    has_rota: bool
    on_call: int | None = None
    deadline_at: datetime | None = None
    table: Mapping[str, tuple[str, str]] = field(default_factory=lambda: TABLE)
    targets: Mapping[str, Mapping[str, TargetLike]] = field(default_factory=dict)
    on_call_steps: Sequence[StepLike] = ON_CALL_STEPS
    office_steps: Sequence[StepLike] = OFFICE_STEPS
    people: People = field(default_factory=People)
    assignee: int | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """A planned notice: which step, whom it means, who that is now, when. `occurrence` counts its repetitions."""

    step: int
    whom: str
    users: tuple[int, ...]
    at: datetime
    occurrence: int = 1
    takes: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """The answer. `due` maps kind -> instant; a next update is due only once somebody works on it."""

    lane: str
    open: bool
    affects_operation: bool
    on_call: int | None
    starts_at: datetime
    priority: str
    due: Mapping[str, datetime]
    ladder: tuple[Rung, ...]
    why: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """What the two questions of the form come to; `impact` keeps the answer as it was given."""

    request_type: str
    affects_operation: bool
    impact: str


# --- the rule


def route(question: RouteQuestion) -> Route:
    """Decide lane, start, priority, due instants and ladder. Raises KeyError for an unknown request type."""
    status = businesstime.status(question.at, question.hours)
    affected = affects(question.request_type, question.affects_operation)
    lane = choose_lane(question.request_type, affected=affected, is_open=status.open, has_rota=question.has_rota)
    starts_at = question.at if lane != DEFERRED or status.next_open is None else status.next_open
    priority, reasons = choose_priority(question, affected)
    promises = question.targets.get(priority, {})
    return Route(
        lane=lane,
        open=status.open,
        affects_operation=affected,
        on_call=question.on_call if lane == ON_CALL else None,
        starts_at=starts_at,
        priority=priority,
        due={
            kind: due_at(promises[kind], starts_at, question.hours, has_rota=question.has_rota)
            for kind in KINDS
            if kind in promises
        },
        ladder=tuple(_ladder(question, lane, starts_at, promises.get("first_response"))),
        why=(
            _hours_code(status),
            *_affected_codes(question),
            _lane_code(question, lane, affected, starts_at),
            *reasons,
        ),
    )


def affects(request_type: str, affects_operation: bool) -> bool:
    """Whether the operation counts as affected: a system that is down always is."""
    return affects_operation or request_type in ALWAYS_AFFECTED


def choose_lane(request_type: str, *, affected: bool, is_open: bool, has_rota: bool) -> str:
    """Return `office`, `on_call` or `deferred`."""
    if is_open:
        return OFFICE
    return ON_CALL if affected and has_rota and request_type not in NEVER_AT_NIGHT else DEFERRED


def choose_priority(question: RouteQuestion, affected: bool) -> tuple[str, tuple[Code, ...]]:
    """Return the priority of the table, one higher where a deadline is near, and why."""
    usual = question.table[question.request_type][affected]
    why = Code("priority", {"priority": usual, "request_type": question.request_type})
    if question.deadline_at is None or question.deadline_at - question.at > SOON:
        return usual, (why,)
    raised = PRIORITIES[max(0, PRIORITIES.index(usual) - 1)]
    if raised == usual:
        return usual, (why,)
    return raised, (why, Code("deadline_near", {"deadline": _iso(question.deadline_at), "priority": raised}))


def due_at(target: TargetLike, start: datetime, hours: Hours, *, has_rota: bool) -> datetime:
    """Return when a promise is due. Around the clock holds only where the desk has a rota, else open time counts."""
    amount = timedelta(minutes=target.minutes)
    if target.around_the_clock and has_rota:
        return start + amount
    return businesstime.add(start, amount, hours)


def form_answer(need: str, impact: str) -> FormAnswer:
    """Return what the form's answers mean.

    `need` is `failure` (*Algo falla*), `question` (*Duda*) or a request type; `impact` is `stopped` (*Sí, está
    detenida*), `partial` (*En parte*) or `none` (*No*). Raises ValueError for any other impact.
    """
    if impact not in ("stopped", "partial", "none"):
        raise ValueError(f"unknown impact {impact!r}")
    affected = impact != "none"
    if need == "failure":
        return FormAnswer("system_down" if impact == "stopped" else "operational_question", affected, impact)
    if need == "question":
        return FormAnswer("operational_question" if affected else "usage_guidance", affected, impact)
    return FormAnswer(need, affects(need, affected), impact)


# --- ladders


def on_call_ladder(
    steps: Sequence[StepLike], *, start: datetime, on_call: int | None, people: People
) -> Iterator[Rung]:
    """Yield the notices of the ladder climbed outside office hours, if nobody acknowledges.

    Who was told is skipped, a step without anybody new is not waited for: the next comes at its instant. The
    repetitions of a step go to all whom it means, though a step below told them.
    """
    told: list[int] = []
    last = on_call
    at = start
    waited = True
    for step in steps:
        at += timedelta(minutes=step.after_minutes) if waited else timedelta(0)
        users = whom(step, on_call=on_call, below=last, people=people)
        new = tuple(user for user in users if user not in told)
        repeats = step.at_most if users and step.repeat_minutes else 1
        waited = bool(new) or repeats > 1 or bool(users and step.takes)
        for occurrence in range(1, repeats + 1):
            named = new if occurrence == 1 and not step.takes else users
            if named:
                yield Rung(step.position, step.whom, named, at, occurrence, step.takes)
            if occurrence < repeats:
                at += timedelta(minutes=step.repeat_minutes or 0)
        told += new
        last = new[-1] if new else last


def office_ladder(
    steps: Sequence[StepLike],
    *,
    start: datetime,
    target: TargetLike,
    hours: Hours,
    has_rota: bool,
    assignee: int | None,
    people: People,
) -> Iterator[Rung]:
    """Yield the notices of office hours for one target, if it is not met: shares of it, then minutes of its clock."""
    told: list[int] = []
    for step in steps:
        seconds = target.minutes * 60 * (step.at_percent if step.at_percent is not None else 100) / 100
        amount = timedelta(seconds=seconds, minutes=step.after_minutes)
        around = target.around_the_clock and has_rota
        at = start + amount if around else businesstime.add(start, amount, hours)
        users = whom(step, on_call=None, below=assignee, people=people)
        new = users if step.takes else tuple(user for user in users if user not in told)
        told += new
        if new or assignee is None:  # without an assignee yet nobody knows whose superior it will be
            yield Rung(step.position, step.whom, new, at, 1, step.takes)


def _ladder(question: RouteQuestion, lane: str, start: datetime, target: TargetLike | None) -> Iterator[Rung]:
    if lane == ON_CALL:
        return on_call_ladder(question.on_call_steps, start=start, on_call=question.on_call, people=question.people)
    if target is None:
        return iter(())
    return office_ladder(
        question.office_steps,
        start=start,
        target=target,
        hours=question.hours,
        has_rota=question.has_rota,
        assignee=question.assignee,
        people=question.people,
    )


class WhomLike(Protocol):
    """The part of a step that says whom it means."""

    @property
    def whom(self) -> str: ...

    @property
    def user_id(self) -> int | None: ...

    @property
    def role(self) -> str: ...


def whom(step: WhomLike, *, on_call: int | None, below: int | None, people: People) -> tuple[int, ...]:
    """Return whom a step means: on the ladder of the night `below` is who was told last."""
    match step.whom:
        case "on_call":
            found = on_call
        case "superior":
            found = None if below is None else people.superiors.get(below)
        case "user":
            found = step.user_id
        case "manager":
            return tuple(people.managers)
        case "role":
            return tuple(people.roles.get(step.role, ()))
        case "everybody":
            return tuple(people.everybody)
        case unknown:
            raise ValueError(f"a step cannot tell {unknown!r}")
    return () if found is None else (found,)


# --- reasons


def _hours_code(status: businesstime.Status) -> Code:
    if status.open:
        return Code("inside_office", {"until": _iso(status.next_close)})
    return Code(
        "outside_office",
        {"reason": status.reason.code, "name": status.reason.name, "next_open": _iso(status.next_open)},
    )


def _affected_codes(question: RouteQuestion) -> Iterator[Code]:
    if question.request_type in ALWAYS_AFFECTED and not question.affects_operation:
        yield Code("always_affects", {"request_type": question.request_type})
    elif question.affects_operation:
        yield Code("affects_operation")
    else:
        yield Code("does_not_affect")


def _lane_code(question: RouteQuestion, lane: str, affected: bool, starts_at: datetime) -> Code:
    if lane == OFFICE:
        return Code("lane_office")
    if lane == ON_CALL:
        return Code("lane_on_call" if question.on_call is not None else "nobody_on_call", {"user": question.on_call})
    cause = "not_affected"
    if affected:
        cause = "never_at_night" if question.request_type in NEVER_AT_NIGHT else "no_rota"
    return Code("lane_deferred", {"starts_at": _iso(starts_at), "because": cause})


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()
