"""The ladder of a ticket: the one that is climbed, else the one that the first clock to expire would start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import faces, localtime
from desks.config import DeskConfig, Member, Step
from tickets import reasons
from tickets.actions import clocks as ticking
from tickets.escalation import ALREADY_TOLD, ASKED, NOBODY
from tickets.models import Clock, EscalationRung, Ticket
from tickets.models.escalation import EscalationKind
from tickets.queries.case import Climb, Told

WHOM = {
    "on_call": gettext_noop("On call"),
    "superior": gettext_noop("Superior"),
    "manager": gettext_noop("Management"),
    "everybody": gettext_noop("Everybody"),
    "role": gettext_noop("By role"),
    "user": gettext_noop("Person"),
}
# Why a step was passed over.
_SKIPPED = {
    ALREADY_TOLD: gettext_noop("had been told already"),
    ASKED: gettext_noop("asked for the next step"),
    NOBODY: gettext_noop("nobody there: not waited for"),
}


FAR: Final = timedelta(hours=10)


def whom(code: str) -> str:
    """Who a step means."""
    return _(WHOM.get(code, code))


# ------------------------------------------------------------------ being climbed


Hours = Mapping[int, datetime | None]  # position of a step -> when it is told; None while its clocks rest


def hours(climb: Climb, clocks: Iterable[Clock], config: DeskConfig) -> Hours:
    """When each step that is ahead is told: on call as planned, in the office when the first clock says so now."""
    ahead = {rung.position: rung.due_at for rung in climb.rungs if rung.fired_at is None}
    if climb.escalation.kind != EscalationKind.OFFICE:
        return ahead
    running = [clock for clock in clocks if clock.due_at is not None]
    steps = {step.position: step for step in config.office_steps}
    return {
        position: min((ticking.step_instant(clock, steps[position]) for clock in running), default=None)
        if position in steps
        else due_at
        for position, due_at in ahead.items()
    }


def rungs(
    climb: Climb, ticket: Ticket, config: DeskConfig, clocks: Iterable[Clock], *, now: datetime
) -> list[dict[str, Any]]:
    """The steps of a climb with who was told and when, as cards print them; `clocks` are the ticket's."""
    current, due = current_rung(climb), hours(climb, clocks, config)
    return [_rung(rung, climb, ticket, config, due, now, rung is current) for rung in climb.rungs]


def current_rung(climb: Climb) -> EscalationRung | None:
    """The last step that was told."""
    told = [rung for rung in climb.rungs if rung.fired_at is not None and not rung.skipped]
    return told[-1] if told else None


def _rung(
    rung: EscalationRung,
    climb: Climb,
    ticket: Ticket,
    config: DeskConfig,
    due: Hours,
    now: datetime,
    is_current: bool,
) -> dict[str, Any]:
    at = due.get(rung.position)
    people = climb.told.get(rung.pk, [])
    unanswered = is_current and climb.escalation.acknowledged_at is None
    return {
        "level": rung.position,
        "name": _names(rung, people, ticket, config),
        "note": _note(rung, people, climb, config, at, now, is_current),
        "state": "current" if is_current else "done" if rung.fired_at else "todo",
        "alarm": _("not acknowledged") if unanswered else "",
        "at": faces.near(at, config.zone, now) if at is not None else "",
    }


def _names(rung: EscalationRung, people: list[Told], ticket: Ticket, config: DeskConfig) -> str:
    if people:
        return people[0].name if len(people) == 1 else _("%(name)s and %(n)d more") % {
            "name": people[0].name, "n": len(people) - 1,
        }  # fmt: skip
    member = _expected(rung, ticket, config)
    return member.name if member else whom(rung.whom)


def _expected(rung: EscalationRung, ticket: Ticket, config: DeskConfig) -> Member | None:
    """Who it will probably be; who it is, is decided when the step is told."""
    match rung.whom:
        case "user":
            return config.member(rung.user_id)
        case "superior":
            return config.superior_of(ticket.assignee_id)
        case "manager" if len(config.managers) == 1:
            return config.managers[0]
    return None


def _note(
    rung: EscalationRung,
    people: list[Told],
    climb: Climb,
    config: DeskConfig,
    at: datetime | None,
    now: datetime,
    is_current: bool,
) -> str:
    if rung.skipped:
        return _(_SKIPPED.get(rung.skipped, _SKIPPED[NOBODY]))
    if rung.fired_at is None:
        if climb.escalation.acknowledged_at is not None:
            return _("not needed")
        if at is None:
            return _("rests with its clock")
        hour = faces.near(at, config.zone, now)
        return _("at %s") % hour if hour[:1].isdigit() else hour  # "a las 17:52", but "lun 09:30"
    words = [whom(rung.whom)]
    if people:
        last = max(told.at for told in people)
        words.append(_("told %s") % faces.near(last, config.zone, now))
        n = max(told.n for told in people)
        if n > 1:
            words.append(reasons.repeated(n))
    answer = climb.escalation.acknowledged_at
    if is_current and answer is not None and climb.escalation.acknowledged_by is not None:
        words.append(
            _("%(name)s acknowledged %(when)s")
            % {"name": climb.escalation.acknowledged_by.name, "when": faces.near(answer, config.zone, now)}
        )
    return " · ".join(words)


def times(climb: Climb) -> list[dict[str, str]]:
    """How long an ended climb stood at each level that was told, until the next was, somebody answered, or it ended."""
    row = climb.escalation
    told = [rung for rung in climb.rungs if rung.fired_at is not None and not rung.skipped]
    answered = row.acknowledged_at or row.ended_at
    found = []
    for index, rung in enumerate(told):
        starts = min((person.first for person in climb.told.get(rung.pk, [])), default=rung.fired_at)
        following = told[index + 1].fired_at if index + 1 < len(told) else None
        ends = min(at for at in (following, answered, row.ended_at) if at is not None)
        seconds = max(0.0, (ends - starts).total_seconds()) if starts is not None else 0.0
        people = climb.told.get(rung.pk, [])
        name = people[0].name if len(people) == 1 else whom(rung.whom)
        found.append({"level": str(rung.position), "name": name, "took": localtime.minutes_label(seconds / 60)})
    return found


def next_at(climb: Climb, due: Hours) -> datetime | None:
    """When the next step is told, unless somebody acknowledges; None when none is left or somebody did."""
    if climb.escalation.acknowledged_at is not None:
        return None
    return min((at for at in due.values() if at is not None), default=None)


def card(
    climb: Climb, ticket: Ticket, config: DeskConfig, clocks: list[Clock], *, may_answer: bool, now: datetime
) -> dict[str, Any]:
    """The ladder of a ticket's page while it is climbed."""
    due = hours(climb, clocks, config)
    following = next_at(climb, due)
    answered = climb.escalation.acknowledged_at is not None
    return {
        "pill": _("acknowledged") if answered else _rises(following, now, config),
        "pill_tone": "ok" if answered else "bad",
        "steps": rungs(climb, ticket, config, clocks, now=now),
        "note": _("Because: %s") % reasons.climb_reason(climb.escalation.reason),
        "href": f"/tickets/{ticket.number}/acknowledge/" if may_answer and not answered else "",
        "action": _("Acknowledge"),
    }


def _rises(at: datetime | None, now: datetime, config: DeskConfig) -> str:
    if at is None:
        return _("nobody has answered")
    if at - now > FAR:  # over a night or a weekend nobody counts hours
        return _("rises %s") % faces.near(at, config.zone, now)
    return _("rises in %s") % localtime.minutes_label(max(0.0, (at - now).total_seconds() / 60))


# ------------------------------------------------------------------ planned


def planned(clocks: Iterable[Clock], ticket: Ticket, config: DeskConfig, *, now: datetime) -> dict[str, Any] | None:
    """What the first clock to expire would start; None where no clock runs or the desk has no office ladder."""
    ahead = [clock for clock in clocks if clock.due_at is not None]
    if not ahead or not config.office_steps:
        return None
    first = min(ahead, key=lambda clock: clock.due_at or now)
    instants = [(step, ticking.step_instant(first, step)) for step in config.office_steps]
    steps = [_holder(ticket)] if ticket.assignee else []
    told: set[str] = set()
    for step, at in instants:
        name = _planned_name(step, ticket, config)
        if name in told and not step.takes:
            continue
        told.add(name)
        steps.append(_planned_step(len(steps) + 1, step, name, at, config, now))
    return {
        "pill": _rises(instants[0][1], now, config) if instants[0][1] > now else "",
        "pill_tone": "warn" if (instants[0][1] - now).total_seconds() < 3600 else "mute",
        "steps": steps,
        "note": "",
        "href": "",
        "action": "",
    }


def _holder(ticket: Ticket) -> dict[str, Any]:
    assert ticket.assignee is not None  # noqa: S101 - asked before
    return {"level": 1, "name": ticket.assignee.name, "note": _("has the ticket"), "state": "current", "at": ""}


def _planned_name(step: Step, ticket: Ticket, config: DeskConfig) -> str:
    member = config.superior_of(ticket.assignee_id) if step.whom == "superior" else None
    if step.whom == "manager" and len(config.managers) == 1:
        member = config.managers[0]
    if step.whom == "user":
        member = config.member(step.user_id)
    return member.name if member else whom(step.whom)


def _planned_step(level: int, step: Step, name: str, at: datetime, config: DeskConfig, now: datetime) -> dict[str, Any]:
    if step.takes:
        note = _("takes it at the breach")
    elif step.at_percent is not None and step.at_percent < 100:
        note = _("told at %d %% of the time") % step.at_percent
    else:
        note = whom(step.whom)
    return {"level": level, "name": name, "note": note, "state": "todo", "at": faces.near(at, config.zone, now)}
