"""What a report would lead to with what is marked: the side card of the form, before anything is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clients.models import Client
from core import localtime
from desks.config import DeskConfig
from portal import words
from portal.desknow import Scene
from schedules import routing
from tickets import planning
from tickets.lifecycle import Lane
from tickets.models import ClockKind
from tickets.planning import Plan

Row = dict[str, Any]

DEFAULT_NEED, DEFAULT_IMPACT = "failure", "none"


def card(
    scene: Scene, *, need: str, impact: str, client: Client | None = None, deadline_at: datetime | None = None
) -> Row:
    """Priority, who attends and when, solution, updates, the ladder. Queries as `planning.plan`."""
    answer = routing.form_answer(need or DEFAULT_NEED, impact or DEFAULT_IMPACT)
    plan = planning.plan(
        scene.desk,
        request_type=answer.request_type,
        affects_operation=answer.affects_operation,
        at=scene.now,
        client=client,
        deadline_at=deadline_at,
    )
    say = scene.config.say
    return {
        "priority": plan.priority,
        "rows": [{"label": say(label), "text": text} for label, text in _rows(plan, scene) if text],
        "note": say("outlook.note_both" if scene.config.has_rota else "outlook.note_office"),
    }


def _rows(plan: Plan, scene: Scene) -> list[tuple[str, str]]:
    return [
        ("outlook.attends", _attends(plan, scene)),
        ("report_outlook_answer", _answer(plan, scene)),
        ("report_outlook_solution", _solution(plan, scene)),
        ("report_outlook_updates", _updates(plan, scene.config)),
        ("report_outlook_ladder", _ladder(plan, scene.config)),
    ]


def _attends(plan: Plan, scene: Scene) -> str:
    say = scene.config.say
    if plan.lane == Lane.DEFERRED:
        return say("outlook.deferred", at=words.opening(plan.starts_at, scene.config.zone, scene.now))
    if plan.lane == Lane.ON_CALL:
        return say("outlook.on_call_name", name=plan.on_call.first_name) if plan.on_call else say("outlook.on_call")
    return say("outlook.office")


def _answer(plan: Plan, scene: Scene) -> str:
    due, target = plan.dues.get(ClockKind.FIRST_RESPONSE), plan.targets.get(ClockKind.FIRST_RESPONSE)
    if due is None or target is None:
        return ""
    zone, amount = scene.config.zone, words.amount(target, scene.config)
    if words.is_today(due, zone, scene.now):
        return scene.config.say("outlook.before", at=localtime.hhmm(due, zone), amount=amount)
    return scene.config.say("outlook.before_day", at=_day_and_hour(due, scene), amount=amount)


def _solution(plan: Plan, scene: Scene) -> str:
    due, target = plan.dues.get(ClockKind.RESOLUTION), plan.targets.get(ClockKind.RESOLUTION)
    if due is None or target is None:
        return ""
    zone = scene.config.zone
    at = localtime.hhmm(due, zone) if words.is_today(due, zone, scene.now) else _day_and_hour(due, scene)
    return scene.config.say("outlook.goal", at=at, amount=words.amount(target, scene.config))


def _day_and_hour(at: datetime, scene: Scene) -> str:
    local = at.astimezone(scene.config.zone)
    return f"{localtime.day_label(local.date())}, {localtime.hhmm(at, scene.config.zone)}"


def _updates(plan: Plan, config: DeskConfig) -> str:
    target = plan.targets.get(ClockKind.NEXT_UPDATE)
    if target is None:
        return ""
    amount = words.amount(target, config)
    return config.say("outlook.every", amount=amount.removeprefix("1 "))  # each hour, not each one hour


def _ladder(plan: Plan, config: DeskConfig) -> str:
    if plan.lane == Lane.ON_CALL and len(config.on_call_steps) > 1:
        return config.say("outlook.ladder_on_call", minutes=config.on_call_steps[1].after_minutes)
    return config.say("outlook.ladder") if config.office_steps else ""
