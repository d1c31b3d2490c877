"""How a call will be kept, before it is: its steps and its clocks, beside the form."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from core import faces, localtime
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Desk
from schedules import businesstime
from schedules import queries as schedule_queries
from tickets import description, forms_calls, lessons, planning
from tickets.presenters import faces as clock_faces
from tickets.views.doors import Request


def preview(request: Request, desk: Desk, form: forms_calls.CallForm) -> dict[str, Any] | None:
    """The timeline and the clocks as they will stand; None while hours or kind are missing."""
    if not form.is_bound:
        return None
    form.is_valid()  # fills what can be read
    data = form.cleaned_data
    if not data.get("request_type") or not data.get("impact"):
        return None
    if isinstance(form, forms_calls.PastCallForm):
        return _past_preview(request, desk, form) if {"occurred_on", "started", "ended"} <= set(data) else None
    plan = _plan(desk, data, request.moment)
    zone = form.config.zone
    rows = [
        {"name": _(clock_faces.NAMES[kind]), "face": faces.clock_face(
            kind, target_minutes=target.minutes, due_at=plan.dues[kind], tz=zone, now=request.moment)}
        for kind, target in plan.targets.items() if kind in plan.dues and kind != "next_update"
    ]  # fmt: skip
    return {"steps": [], "clocks": rows, "ask": _still_to_ask(form)}


def _still_to_ask(form: forms_calls.CallForm) -> str:
    """What the caller has not said, while they are still there to ask; "" once all is known."""
    text = str(form.cleaned_data.get("description") or "")
    lacks = description.lacks(text) if text else []
    return lessons.listed(lacks, form.config) if lacks else ""


def _plan(desk: Desk, data: dict[str, Any], at: datetime) -> planning.Plan:
    return planning.plan(desk, request_type=data["request_type"], affects_operation=data["impact"] != "none", at=at)


def _past_preview(request: Request, desk: Desk, form: forms_calls.PastCallForm) -> dict[str, Any]:
    data, config, now = form.cleaned_data, form.config, request.moment
    start, end = form.instants()
    attended = config.member(data.get("attended_by"))
    steps = [
        _step("phone", "warn", start, config, _("Call attended by %s") % (attended.name if attended else "")),
    ]
    resolved = data.get("outcome") == forms_calls.RESOLVED
    if resolved:
        steps.append(_step("check", "ok", end, config, _("Resolved")))
    later = localtime.minutes_label(max(0.0, (now - end).total_seconds() / 60))
    noted = _("Noted by %(name)s, %(later)s later") % {"name": request.actor.label, "later": later}
    steps.append(_step("edit", "mute", now, config, noted))
    return {"steps": steps, "clocks": _past_clocks(desk, data, start, end if resolved else None), "ask": ""}


def _step(icon: str, tone: str, at: datetime, config: DeskConfig, text: str) -> dict[str, Any]:
    local = at.astimezone(config.zone)
    day = localtime.WEEKDAYS_SHORT[local.weekday()]
    return {"icon": icon, "tone": tone, "at": f"{day} {local:%H:%M}", "text": text, "why": []}


def _past_clocks(desk: Desk, data: dict[str, Any], start: datetime, end: datetime | None) -> list[dict[str, Any]]:
    plan = _plan(desk, data, start)
    rows = []
    for kind, until in (("first_response", start), ("resolution", end)):
        target = plan.targets.get(kind)
        if target is None or until is None:
            continue
        used = _used(desk, start, until, around=target.around_the_clock and desk.has_rota)
        face = faces.stopped_face(
            kind, used=used, target_minutes=target.minutes, breached=used > timedelta(minutes=target.minutes)
        )
        rows.append({"name": _(clock_faces.NAMES[kind]), "face": face})
    return rows


def _used(desk: Desk, start: datetime, end: datetime, *, around: bool) -> timedelta:
    return end - start if around else businesstime.elapsed(start, end, desk_queries.hours(desk, start))


def time_hint(desk: Desk, form: forms_calls.CallForm) -> str:
    """The day, how long the call was, and whose turn it fell into; "" until the hours can be read."""
    if not form.is_bound or not isinstance(form, forms_calls.PastCallForm):
        return ""
    data = getattr(form, "cleaned_data", {})
    if not {"occurred_on", "started", "ended"} <= set(data):
        return ""
    start, end = form.instants()
    words = [localtime.long_day(data["occurred_on"]).capitalize()]
    status = businesstime.status(start, desk_queries.hours(desk, start))
    if status.reason.name:
        words[0] += f", {status.reason.name}"
    words.append(localtime.minutes_label((end - start).total_seconds() / 60))
    turn = schedule_queries.on_call(desk.rota_id, start) if desk.rota_id else None
    member = form.config.member(turn.user_id) if turn else None
    if member is not None:
        words.append(_("in the turn of %s") % member.name)
    return " · ".join(words) + "."
