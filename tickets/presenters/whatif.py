"""The answer of the simulator in words: a plan as a card, and a week as strips of who would be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import faces, localtime
from desks import queries as desk_queries
from desks.config import DeskConfig, Step
from desks.models import Desk
from schedules import businesstime, rotas, routing
from schedules.businesstime import Hours
from schedules.rotas import Roster
from schedules.routing import Rung
from tickets import planning, reasons
from tickets.planning import Plan

Row = dict[str, Any]

DAY_MINUTES: Final = 24 * 60
LANES: Final[Mapping[str, tuple[str, str, str]]] = {
    "office": ("ok", "ok", gettext_noop("Attended by the desk")),
    "on_call": ("warn", "shield", gettext_noop("Goes to on call")),
    "deferred": ("info", "clock", gettext_noop("Waits for the opening")),
}
DUES: Final[Mapping[str, str]] = {
    "first_response": gettext_noop("Response"),
    "next_update": gettext_noop("Update"),
    "resolution": gettext_noop("Solution"),
}
WHOM: Final[Mapping[str, str]] = {
    "on_call": gettext_noop("on call: woken and told at once"),
    "superior": gettext_noop("the superior, if nobody has acknowledged"),
    "manager": gettext_noop("the manager, if nobody has acknowledged"),
    "role": gettext_noop("everybody with that role"),
    "user": gettext_noop("named by the desk"),
    "everybody": gettext_noop("everybody at the desk, and the client reads whom to call"),
}
OFFICE_WHOM: Final[Mapping[str, str]] = {
    "superior": gettext_noop("The superior of who has it"),
    "manager": gettext_noop("The manager"),
    "role": gettext_noop("everybody with that role"),
    "user": gettext_noop("named by the desk"),
    "everybody": gettext_noop("Everybody at the desk"),
}


# ------------------------------------------------------------------ one answer


def answer(plan: Plan, config: DeskConfig, *, at: datetime, hours: Hours, who: str, beside: Plan | None = None) -> Row:
    """A plan as the card shows it; what differs from the plan `beside` it is marked."""
    tone, icon, text = LANES[plan.lane]
    return {
        "lane": {"tone": tone, "icon": icon, "text": _(text)},
        "lane_differs": beside is not None and beside.lane != plan.lane,
        "priority": plan.priority,
        "office": _office(at, hours, config.zone),
        "who": who,
        "dues": list(_dues(plan, config, at, beside)),
        "steps": list(_steps(plan, config, at, beside)),
        "why": reasons.route_reasons(plan.why, config, at=at, staff=True),
    }


def _office(at: datetime, hours: Hours, zone: ZoneInfo) -> str:
    """Whether it is open at that instant, and until when."""
    status = businesstime.status(at, hours)
    changes = status.next_close if status.open else status.next_open
    if changes is None:
        return _("Open around the clock") if status.open else _("Closed")
    words = _("Open until %s") if status.open else _("Closed until %s")
    return words % faces.near(changes, zone, at)


def _dues(plan: Plan, config: DeskConfig, at: datetime, beside: Plan | None) -> Iterator[Row]:
    if plan.lane == "deferred":
        differs = beside is not None and (beside.lane, beside.starts_at) != (plan.lane, plan.starts_at)
        yield {"name": _("Begins"), "text": faces.near(plan.starts_at, config.zone, at), "differs": differs}
    for kind, name in DUES.items():
        if kind in plan.dues:
            due = plan.dues[kind]
            differs = beside is not None and beside.dues.get(kind) != due
            yield {"name": _(name), "text": faces.near(due, config.zone, at), "differs": differs}


def _steps(plan: Plan, config: DeskConfig, at: datetime, beside: Plan | None) -> Iterator[Row]:
    """The rungs of the ladder, each once, with its clock time; repetitions are told in words."""
    steps = {step.position: step for step in _ladder(plan, config)}
    # Two lanes have two ladders: there a rung has no earlier hour.
    alike = beside is not None and beside.lane == plan.lane
    before = {(rung.step, rung.occurrence): rung for rung in beside.ladder} if beside is not None and alike else {}
    for rung in plan.ladder:
        if rung.occurrence > 1:
            continue
        was = before.get((rung.step, rung.occurrence))
        differs = beside is not None and (was is None or (was.at, was.users) != (rung.at, rung.users))
        yield {
            "at": faces.near(rung.at, config.zone, at),
            "name": _names(rung, plan, config),
            "note": _note(rung, steps.get(rung.step), plan),
            "was": faces.near(was.at, config.zone, at) if was is not None and was.at != rung.at else "",
            "differs": differs,
            "tone": "bad" if rung.whom in ("manager", "everybody") else "warn",
        }


def _ladder(plan: Plan, config: DeskConfig) -> Sequence[Step]:
    return config.on_call_steps if plan.lane == "on_call" else config.office_steps


def _names(rung: Rung, plan: Plan, config: DeskConfig) -> str:
    if rung.whom == "everybody":
        return _("Everybody at the desk")
    names = [member.name for member in map(config.member, rung.users) if member is not None]
    return ", ".join(names) or _(OFFICE_WHOM.get(rung.whom, "nobody"))


def _note(rung: Rung, step: Step | None, plan: Plan) -> str:
    if plan.lane != "on_call":
        return _office_note(step)
    words = _(WHOM.get(rung.whom, rung.whom))
    if step is not None and step.repeat_minutes and step.at_most > 1:
        every = localtime.minutes_label(step.repeat_minutes)
        words += "; " + _("again every %(every)s, %(n)d times at most") % {"every": every, "n": step.at_most}
    return words


def _office_note(step: Step | None) -> str:
    """A rung of office hours stands at a share of the first response's target."""
    if step is None:
        return ""
    if step.after_minutes:
        note = _("%s after the breach") % localtime.minutes_label(step.after_minutes)
    elif (step.at_percent or 100) < 100:
        note = _("at %d %% of the time to answer") % (step.at_percent or 0)
    else:
        note = _("at the breach")
    return note + (_(", takes the case") if step.takes else "")


# ------------------------------------------------------------------ the week


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end` the same people would be told. `tone` and `text` say who."""

    start: datetime
    end: datetime
    text: str
    tone: str


def week(
    desk: Desk, config: DeskConfig, first: date, *, request_type: str, affects_operation: bool, draft: Hours | None
) -> list[Stretch]:
    """Who would be told at each instant of the seven days from `first` on, in order. 3 queries, none when warm."""
    start, end = _midnight(first, config.zone), _midnight(first + timedelta(days=7), config.zone)
    hours = draft or desk_queries.hours(desk, start)
    affected = routing.affects(request_type, affects_operation)
    lane = routing.choose_lane(request_type, affected=affected, is_open=False, has_rota=config.has_rota)
    roster = None
    if lane == routing.ON_CALL and config.rota_id is not None:
        roster = planning.roster(desk, config.rota_id, start, draft)
    found: list[Stretch] = []
    reached = start
    for opens, closes in [*businesstime.spans(start, end, hours), (end, end)]:
        if reached < opens:
            found += _closed(config, roster, reached, opens)
        if opens < closes:
            found.append(Stretch(opens, closes, _("Office"), "mute"))
        reached = closes
    return _joined(found)


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Make one of two that follow each other and say the same: a hand-off to the same person is none."""
    found: list[Stretch] = []
    for stretch in stretches:
        if found and found[-1].text == stretch.text and found[-1].end == stretch.start:
            stretch = replace(stretch, start=found.pop().start)
        found.append(stretch)
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _closed(config: DeskConfig, roster: Roster | None, start: datetime, end: datetime) -> Iterator[Stretch]:
    """Who is told while the desk is closed; `roster` None: nobody, it waits."""
    if roster is None:
        yield Stretch(start, end, _("Waits for the opening"), "info")
        return
    reached = start
    for shift in rotas.shifts(roster, start, end):
        opens, closes = max(shift.start, start), min(shift.end, end)
        if reached < opens:
            yield Stretch(reached, opens, _("Nobody"), "bad")
        member = config.member(shift.user)
        yield Stretch(opens, closes, member.first_name if member else _("Nobody"), "ok" if member else "bad")
        reached = closes
    if reached < end:
        yield Stretch(reached, end, _("Nobody"), "bad")


def rows(stretches: Sequence[Stretch], first: date, zone: ZoneInfo, at: datetime) -> list[Row]:
    """The seven days as strips of the wall clock, in shares of a hundred."""
    days = []
    for offset in range(7):
        day = first + timedelta(days=offset)
        start, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
        pieces = [
            _piece(stretch, start, end, zone) for stretch in stretches if stretch.start < end and stretch.end > start
        ]
        here = start <= at < end
        days.append(
            {
                "label": localtime.day_label(day),
                "pieces": pieces,
                "at": _share(_minute(at, zone)) if here else "",
                "spoken": f"{localtime.day_label(day)}: " + "; ".join(piece["spoken"] for piece in pieces),
            }
        )
    return days


def _piece(stretch: Stretch, start: datetime, end: datetime, zone: ZoneInfo) -> Row:
    first = 0 if stretch.start <= start else _minute(stretch.start, zone)
    last = DAY_MINUTES if stretch.end >= end else _minute(stretch.end, zone)
    return {
        "x": _share(first),
        "w": _share(max(0, last - first)),
        "text": stretch.text if last - first >= 90 else "",
        "tone": stretch.tone,
        "spoken": f"{_clock(first)}–{_clock(last)} {stretch.text}",
    }


def _minute(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone)
    return local.hour * 60 + local.minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _share(minute: int) -> str:
    return f"{100 * minute / DAY_MINUTES:.2f}"


def differing(one: Sequence[Stretch], two: Sequence[Stretch]) -> timedelta:
    """For how long of the week the answers are not the same."""
    total = timedelta(0)
    for a in one:
        for b in two:
            start, end = max(a.start, b.start), min(a.end, b.end)
            if start < end and (a.text, a.tone) != (b.text, b.tone):
                total += end - start
    return total
