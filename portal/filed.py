"""The page right after filing: the number, who attends it or when, by the clock, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from core import faces
from portal import desknow, words
from portal.desknow import Scene
from tickets import nextstep
from tickets.lifecycle import Lane, Status
from tickets.models import Clock, ClockKind, Ticket
from tickets.queries.case import Climb

Row = dict[str, Any]

FRESH: Final = frozenset({Status.NEW, Status.ASSIGNED, Status.DEFERRED})
_LOOKS: Final = {
    Lane.OFFICE: ("brand", "ok", "ok", "reported_office_pill"),
    Lane.ON_CALL: ("warn", "warn", "shield", "reported_on_call_pill"),
    Lane.DEFERRED: ("info", "info", "clock", "reported_deferred_pill"),
}

_GATHERED: Final = ("info", "info", "bolt", "outage_filed_pill")


def is_fresh(ticket: Ticket) -> bool:
    """Whether nobody has begun yet; later the ticket's own page tells more."""
    return ticket.status in FRESH


def page(ticket: Ticket, clocks: Sequence[Clock], climb: Climb | None, scene: Scene) -> Row:
    tone, pill_tone, icon, pill = _GATHERED if ticket.parent_id is not None else _LOOKS[Lane(ticket.lane)]
    say = scene.config.say
    email = ticket.requester_email
    return {
        "number": ticket.number,
        "tone": tone,
        "pill": {"tone": pill_tone, "icon": icon, "text": say(pill)},
        "on_call": desknow.call_first(scene),
        "steps": _steps(ticket, clocks, climb, scene),
        "mail_note": say("filed.mail", email=email) if email else say("filed.no_mail"),
    }


def _steps(ticket: Ticket, clocks: Sequence[Clock], climb: Climb | None, scene: Scene) -> list[Row]:
    respond_by = nextstep.due(clocks, ClockKind.FIRST_RESPONSE)
    steps = [_registered(ticket, scene)]
    if ticket.parent_id is not None:
        return [*steps, _step("bolt", "info", None, scene.config.say("outage.filed_next"), scene)]
    if ticket.follows is not None:
        steps.append(
            _step("swap", "info", None, scene.config.say("filed.follow_up", number=ticket.follows.number), scene)
        )
    steps.append(_answer(ticket, respond_by, scene))
    last = _otherwise(ticket, climb, scene)
    return [*steps, last] if last else steps


def _step(icon: str, tone: str, at: datetime | None, text: str, scene: Scene) -> Row:
    hour = faces.near(at, scene.config.zone, scene.now) if at else ""
    return {"icon": icon, "tone": tone, "at": hour, "text": text}


def _registered(ticket: Ticket, scene: Scene) -> Row:
    say = scene.config.say
    text = say("filed.registered")
    if ticket.lane == Lane.ON_CALL:
        text = say("filed.registered_on_call")
    elif ticket.lane == Lane.DEFERRED:
        opens = words.opening(ticket.starts_at, scene.config.zone, scene.now)
        text = say("filed.registered_deferred", opens=opens)
    return _step("check", "ok", ticket.opened_at, text, scene)


def _answer(ticket: Ticket, respond_by: datetime | None, scene: Scene) -> Row:
    say = scene.config.say
    name = ticket.assignee.name if ticket.assignee else ""
    match ticket.lane:
        case Lane.ON_CALL:
            text = say("filed.on_call_name", name=name) if name else say("filed.on_call")
            return _step("phone", "warn", respond_by, text, scene)
        case Lane.DEFERRED:
            return _step("cal", "info", respond_by, say("filed.deferred"), scene)
        case _:
            text = say("filed.office_name", name=name) if name else say("filed.office")
            return _step("user", "brand", respond_by, text, scene)


def _otherwise(ticket: Ticket, climb: Climb | None, scene: Scene) -> Row | None:
    """What happens if nobody answers, or if it gets worse."""
    say = scene.config.say
    if ticket.lane == Lane.OFFICE:
        return _step("up2", "", None, say("filed.ladder_office"), scene) if scene.config.office_steps else None
    if ticket.lane == Lane.DEFERRED:
        return _step("edit", "", None, say("filed.worse"), scene) if scene.config.has_rota else None
    hours = [faces.near(rung.due_at, scene.config.zone, scene.now) for rung in climb.rungs[1:3]] if climb else []
    if len(hours) == 2:
        return _step("up2", "", None, say("filed.ladder_on_call", superior=hours[0], manager=hours[1]), scene)
    if hours:
        return _step("up2", "", None, say("filed.ladder_on_call_short", superior=hours[0]), scene)
    return None
