"""*Escalamientos*: what climbs, who has it, what is about to breach; take or reassign with one click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from core import faces, localtime
from core.actor import Actor
from core.errors import Forbidden
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Desk
from tickets import actions, forms, reasons
from tickets.actions import assigning
from tickets.lifecycle import Status
from tickets.models import NEVER, Clock, Escalation, Ticket
from tickets.presenters import faces as clock_faces
from tickets.presenters import ladder as ladder_presenter
from tickets.queries import board, case, climbing
from tickets.queries.case import Climb
from tickets.queries.climbing import Level, Numbers
from tickets.verbs import VERBS
from tickets.views.doors import Request, draw, staff_door, worked

TABS: Final = (
    ("active", "", gettext_noop("Active ladders")),
    ("risk", "en-riesgo", gettext_noop("At risk")),
    ("closed", "cerrados", gettext_noop("Ended ladders")),
)
_BY_WORD: Final = {word: view for view, word, _text in TABS}


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """Draw one of the three lists. The same number of statements with ten climbs and with a thousand."""
    request.desks = desks = board.desks_of(request.actor)
    request.live_stream = f"/stream/cola/?desde={int(request.moment.timestamp())}"
    chosen = next((desk for desk in desks if desk.slug == request.GET.get("mesa")), None)
    desk_ids = [desk.pk for desk in ([chosen] if chosen else desks)]
    view = _BY_WORD.get(request.GET.get("ver", ""), "active")
    figures = climbing.numbers(desk_ids, now=request.moment)
    show = {"active": _active, "risk": _at_risk, "closed": _closed}[view]
    listed = show(request, desk_ids)
    context = {
        "page_title": _("Escalations"),
        "view": view,
        "tabs": _tabs(view, figures, chosen),
        "desks": _desk_choices(view, desks, chosen),
        "stats": _stats(figures, request.moment, zone=localtime.zone(desks[0].timezone) if desks else None),
        "climbs": [],
        "closed": [],
        "reasons": _reasons(climbing.reasons_of_quarter(desk_ids, now=request.moment)) if view != "risk" else [],
        "levels": _levels(climbing.levels_of_month(desk_ids, now=request.moment)) if view != "risk" else [],
        "empty": _empty(view),
        **listed,
    }
    return draw(request, "tickets/escalations.html", context)


def _address(word: str, desk: Desk | None, cursor: str | None = None) -> str:
    """The page with what is chosen."""
    wished = {"ver": word, "mesa": desk.slug if desk else "", "cursor": cursor or ""}
    query = urlencode({name: value for name, value in wished.items() if value})
    return f"/escalamientos/?{query}" if query else "/escalamientos/"


def _desk_choices(view: str, desks: Sequence[Desk], chosen: Desk | None) -> list[dict[str, Any]]:
    """The filter by desk, for who works at several."""
    if len(desks) < 2:
        return []
    word = next(word for name, word, _text in TABS if name == view)
    every = {"href": _address(word, None), "text": _("All desks"), "current": chosen is None}
    return [every, *({"href": _address(word, d), "text": d.name, "current": d == chosen} for d in desks)]


def _tabs(view: str, figures: Numbers, desk: Desk | None) -> list[dict[str, Any]]:
    n = {"active": figures.n_unanswered + figures.n_answered, "risk": figures.n_risk, "closed": None}
    return [
        {
            "href": _address(word, desk),
            "text": _(text),
            "count": "99+" if name == "risk" and figures.n_risk >= climbing.BOUND else n[name],
            "current": name == view,
        }
        for name, word, text in TABS
    ]


def _stats(figures: Numbers, now: datetime, *, zone: Any) -> list[dict[str, str]]:
    waiting = localtime.ago(figures.longest_since, now) if figures.longest_since else ""
    due = faces.near(figures.next_due_at, zone, now) if figures.next_due_at else ""
    risk = "99+" if figures.n_risk >= climbing.BOUND else str(figures.n_risk)
    return [
        _stat(_("Not acknowledged"), str(figures.n_unanswered), _("the first began %s") % waiting if waiting else "",
              "bad" if figures.n_unanswered else "ok"),
        _stat(_("Acknowledged"), str(figures.n_answered),
              _("somebody is on it") if figures.n_answered else _("nobody so far"), "mute"),
        _stat(_("Due within the hour"), risk, _("the next at %s") % due if due else "",
              "warn" if figures.n_risk else "ok"),
        _stat(_("Ended lately"), str(figures.n_week), _("in the last seven days"), "mute"),
    ]  # fmt: skip


def _stat(label: str, value: str, note: str, tone: str) -> dict[str, str]:
    return {"label": label, "value": value, "of": "", "note": note, "tone": tone}


# ------------------------------------------------------------------ the lists


def _active(request: Request, desk_ids: Sequence[int]) -> dict[str, Any]:
    page = climbing.active(desk_ids, cursor=request.GET.get("cursor") or None)
    climbs = case.climbs_with_rungs(page.items)
    climbs.sort(key=lambda climb: climb.escalation.acknowledged_at is not None)  # who waits, first
    clocks = case.clocks_of([climb.escalation.ticket_id for climb in climbs])
    return {
        "climbs": [_climb(climb, request.actor, clocks, request.moment) for climb in climbs],
        **_neighbours(request, page, ""),
    }


def _at_risk(request: Request, desk_ids: Sequence[int]) -> dict[str, Any]:
    page = climbing.at_risk(desk_ids, now=request.moment, cursor=request.GET.get("cursor") or None)
    versions = _versions(case.clocks_of([ticket.pk for ticket in page.items]))
    return {
        "climbs": [_card(ticket, request.actor, versions, request.moment) for ticket in page.items],
        **_neighbours(request, page, "en-riesgo"),
    }


def _closed(request: Request, desk_ids: Sequence[int]) -> dict[str, Any]:
    page = climbing.ended(desk_ids, cursor=request.GET.get("cursor") or None)
    climbs = {climb.escalation.pk: climb for climb in case.climbs_with_rungs(list(page.items))}
    return {
        "closed": [_ended(row, climbs[row.pk], request.moment) for row in page.items],
        **_neighbours(request, page, "cerrados"),
    }


def _neighbours(request: Request, page: Any, word: str) -> dict[str, str]:
    desk = next((desk for desk in request.desks if desk.slug == request.GET.get("mesa")), None)
    pages = {"previous_href": page.previous, "next_href": page.next}
    return {name: _address(word, desk, cursor) if cursor else "" for name, cursor in pages.items()}


def _versions(clocks: Mapping[int, list[Clock]]) -> dict[tuple[int, str], int | None]:
    """(ticket, kind) -> the calendar that the clock counts in."""
    return {
        (clock.ticket_id, clock.kind): clock.calendar_version_id for running in clocks.values() for clock in running
    }


def _card(ticket: Ticket, actor: Actor, versions: dict[tuple[int, str], int | None], now: datetime) -> dict[str, Any]:
    """A ticket with what can be done about it in one click."""
    config = desk_queries.config(ticket.desk)
    href = f"/tickets/{ticket.number}/"
    may_assign = VERBS["assign"].offered(ticket, actor) and (
        ticket.assignee_id is None or ticket.assignee_id == actor.user_id or actor.supervises(ticket.desk_id)
    )
    face = None
    if ticket.sort_due_at < NEVER:
        face = clock_faces.running(
            ticket.sort_due_kind,
            minutes=ticket.sort_due_target,
            due_at=ticket.sort_due_at,
            version_id=versions.get((ticket.pk, ticket.sort_due_kind)),
            zone=config.zone,
            now=now,
        )
    elif words := clock_faces.RESTING.get(Status(ticket.status)):
        face = faces.ClockFace("", "paused", note=_(words))
    channel = _(reasons.CHANNELS[ticket.channel])
    return {
        "tone": "warn",
        "number": ticket.number,
        "href": href,
        "subject": ticket.subject,
        "client": ticket.client.name if ticket.client else ticket.requester_name,
        "rfc": ticket.client_rfc,
        "priority": ticket.priority,
        "clock": face,
        "clock_note": _clock_note(ticket, face),
        "opened": _("opened %(when)s %(channel)s") % {
            "when": localtime.when(ticket.opened_at, config.zone, now), "channel": channel,
        },
        "reason": "",
        "quote": "",
        "rungs": [],
        "take_href": _take_href(ticket, actor),
        "acknowledge_href": "",
        "silence_href": "",
        "unsilence_href": "",
        "quiet": "",
        "assign_href": f"{href}assign/" if may_assign else "",
        "assignees": [{"value": value, "text": text} for value, text in forms.people(config)],
        "phone": _phone(ticket),
    }  # fmt: skip


def _clock_note(ticket: Ticket, face: Any) -> str:
    if face is None or face.state == "paused":
        return face.note if face else ""
    words = _("%(clock)s, expired %(due)s") if face.left_seconds < 0 else _("%(clock)s, expires %(due)s")
    return words % {"clock": _(clock_faces.NAMES[ticket.sort_due_kind]).lower(), "due": face.due}


def _take_href(ticket: Ticket, actor: Actor) -> str:
    """Taking it: as anybody may, or over from whoever has it, as those above may."""
    if ticket.assignee_id == actor.user_id and ticket.status == "in_progress":
        return ""
    if VERBS["take"].offered(ticket, actor):
        return f"/tickets/{ticket.number}/take/"
    return f"/tickets/{ticket.number}/relevar/" if ticket.is_open and actor.supervises(ticket.desk_id) else ""


def _phone(ticket: Ticket) -> dict[str, str] | None:
    if not ticket.requester_phone:
        return None
    return {"href": f"tel:{ticket.requester_phone}", "text": _("Call the client")}


def _climb(climb: Climb, actor: Actor, clocks: Mapping[int, list[Clock]], now: datetime) -> dict[str, Any]:
    ticket, row = climb.escalation.ticket, climb.escalation
    theirs = clocks.get(ticket.pk, [])
    config = desk_queries.config(ticket.desk)
    told = {person.user_id for people in climb.told.values() for person in people}
    waits = row.acknowledged_at is None
    may_answer = waits and (actor.supervises(ticket.desk_id) or actor.user_id in told)
    return {
        **_card(ticket, actor, _versions({ticket.pk: theirs}), now),
        "tone": "bad" if waits else "brand",
        "reason": reasons.climb_reason(row.reason),
        "rungs": ladder_presenter.rungs(climb, ticket, config, theirs, now=now),
        "acknowledge_href": f"/tickets/{ticket.number}/acknowledge/" if may_answer else "",
        **_quiet(row, ticket, config, actor, now),
    }


def _quiet(row: Escalation, ticket: Ticket, config: DeskConfig, actor: Actor, now: datetime) -> dict[str, str]:
    """Whether the ladder is silenced, until when, by whom and why; and the way into and out of it."""
    until = row.silenced_until if row.silenced_until is not None and row.silenced_until > now else None
    may = actor.supervises(ticket.desk_id)
    href = f"/tickets/{ticket.number}/"
    quiet = ""
    if until is not None:
        quiet = _("silenced until %(until)s by %(name)s: %(reason)s") % {
            "until": localtime.when(until, config.zone, now),
            "name": row.silenced_by.name if row.silenced_by else "",
            "reason": row.silence_reason,
        }
    return {
        "quiet": quiet,
        "silence_href": f"{href}silence/" if may else "",
        "unsilence_href": f"{href}unsilence/" if may and until is not None else "",
    }


def _ended(row: Escalation, climb: Climb, now: datetime) -> dict[str, Any]:
    ticket = row.ticket
    zone = desk_queries.config(ticket.desk).zone
    assert row.ended_at is not None  # noqa: S101 - the list holds such only
    answered = _("nobody")
    if row.acknowledged_at is not None and row.acknowledged_by is not None:
        took = localtime.minutes_label((row.acknowledged_at - row.started_at).total_seconds() / 60)
        answered = _("%(name)s, in %(took)s") % {"name": row.acknowledged_by.name, "took": took}
    return {
        "number": ticket.number,
        "href": f"/tickets/{ticket.number}/",
        "subject": ticket.subject,
        "client": ticket.client.name if ticket.client else ticket.requester_name,
        "reason": reasons.climb_reason(row.reason),
        "levels": ladder_presenter.times(climb),
        "acknowledged": answered,
        "ended": localtime.when(row.ended_at, zone, now),
        "took": localtime.minutes_label((row.ended_at - row.started_at).total_seconds() / 60),
    }


def _reasons(found: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    most = max((n for _reason, n in found), default=0)
    return [{"text": reasons.climb_reason(reason), "n": n, "u": round(100 * n / most / 5) * 5} for reason, n in found]


def _levels(found: Sequence[Level]) -> list[dict[str, Any]]:
    """How fast each level answered: the median, and how many before the next level was due."""
    return [
        {
            "name": _("Level %(n)d · %(whom)s") % {"n": level.position, "whom": ladder_presenter.whom(level.whom)},
            "share": round(100 * level.n_in_time / level.n),
            "u": round(100 * level.n_in_time / level.n / 5) * 5,
            "median": localtime.minutes_label(level.median_s / 60),
            "n": level.n,
        }
        for level in found
    ]


def _empty(view: str) -> dict[str, str]:
    words = {
        "active": (_("Nothing is climbing"), _("Nobody has to be told more than they were.")),
        "risk": (_("Nothing expires within the hour"), _("All open tickets have more time.")),
        "closed": (_("Nothing was escalated yet"), _("Ladders that ended are kept here.")),
    }
    title, text = words[view]
    return {"title": title, "text": text, "href": "/cola/", "action": _("See the queue")}


@require_POST
@staff_door
def take_over(request: Request, number: str) -> HttpResponse:
    """Take a ticket that somebody has, or that waits: for those who supervise. Two verbs, one click."""
    ticket = worked(request, number)
    if not request.actor.supervises(ticket.desk_id) or request.actor.user_id is None:
        raise Forbidden
    with transaction.atomic():
        if ticket.status not in assigning.TAKEABLE:
            ticket = actions.assign(ticket, by=request.actor, now=request.moment, assignee=request.actor.user_id)
        actions.take(ticket, by=request.actor, now=request.moment)
    messages.success(request, _("%s is yours.") % ticket.number)
    return redirect("/escalamientos/")
