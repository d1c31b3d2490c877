"""*Temporizadores*: what should have happened by itself, failed too often, and waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from core import localtime
from desks import rota_watch
from desks.doors import Request, manager_door
from desks.models import Desk
from schedules import actions as schedule_actions
from schedules.models import BusinessCalendar, Rota, Timer
from tickets.actions import (
    absences,
    bookings,
    calls,
    classifying,
    clocks,
    gathering,
    handing,
    handover,
    holding,
    ladder,
    lanes,
    leaving,
    plans,
    recompute,
    reminders,
    silence,
)
from tickets.models import Ticket

MOST: Final = 1000
NAMES: Final[Mapping[str, str]] = {
    ladder.TIMER: gettext_noop("Step of the ladder of the guardia"),
    clocks.TIMER: gettext_noop("A clock runs out"),
    lanes.OPENING: gettext_noop("A deferred case enters the queue"),
    lanes.CLOSING: gettext_noop("An untaken case passes to on call"),
    plans.TIMER: gettext_noop("A company has another plan"),
    gathering.TIMER: gettext_noop("A report of an outage joins or follows its parent"),
    lanes.DEADLINE: gettext_noop("A day is left to a deadline"),
    classifying.TIMER: gettext_noop("A case that nobody has classified"),
    holding.TAKE: gettext_noop("An untaken case returns to the line"),
    holding.LINE: gettext_noop("A case that came back at night finds somebody at the opening"),
    absences.START: gettext_noop("An absence begins"),
    absences.END: gettext_noop("An absence ends"),
    absences.OUT: gettext_noop("A case of who is absent moves"),
    absences.BACK: gettext_noop("A case comes back after an absence"),
    ladder.PATIENCE: gettext_noop("An acknowledged ladder without progress goes on"),
    reminders.TIMER: gettext_noop("Somebody is reminded of a case"),
    bookings.REMIND: gettext_noop("An appointment is reminded"),
    bookings.RELEASE: gettext_noop("An appointment that nobody came to is released"),
    calls.REMINDER: gettext_noop("A call is still to be registered"),
    leaving.TIMER: gettext_noop("A reply leaves"),
    silence.TIMER: gettext_noop("A solved case closes by itself"),
    recompute.TIMER: gettext_noop("Promises are reckoned anew after a change of calendar"),
    handover.ASK: gettext_noop("Holders of cases are asked before closing"),
    handover.TURN: gettext_noop("A shift is handed over"),
    handover.LATE: gettext_noop("Nobody has received the shift"),
    handing.CASE: gettext_noop("A case that nobody answered for goes to on call"),
    handing.MORNING: gettext_noop("A case of the night is handed on at opening"),
    rota_watch.TIMER: gettext_noop("The rota is looked through for gaps"),
    "stamps.lot_expires": gettext_noop("What is left of a lot of stamps expires"),
    "stamps.usage_import": gettext_noop("A file of usage is booked"),
}
# Owners that are a desk, with the page that tells of them.
OF_A_DESK: Final[Mapping[str, str]] = {
    "rota_watch": "/guardias/",
    "handover": "/entrega/",
    "stamps": "/timbres/cuentas/",
}


@require_safe
@manager_door
def index(request: Request) -> HttpResponse:
    """List the parked timers of the desks that the person manages, the longest waiting first. At most 4 queries."""
    desks = {desk.pk: desk for desk in request.managed}
    context = {
        "page_title": _("Timers that failed"),
        "timers": [_row(timer, desk, href, request) for timer, desk, href in _parked(request, desks)],
        "settings_href": reverse("settings"),
    }
    return render(request, "desks/parked.html", context)


@require_POST
@manager_door
def retry(request: Request, pk: int) -> HttpResponse:
    """Let a parked timer try again at once. 404 for one that is not parked, or of another desk."""
    desks = {desk.pk: desk for desk in request.managed}
    timer = next((timer for timer, _desk, _href in _parked(request, desks) if timer.pk == pk), None)
    if timer is None:
        raise Http404
    if schedule_actions.retry_parked(timer, now=request.moment):
        messages.success(request, _("It will be tried again at once."))
    return redirect("parked-timers")


def _parked(request: Request, desks: Mapping[int, Desk]) -> list[tuple[Timer, Desk | None, str]]:
    """The parked timers with their desk and the page of what they belong to. 4 queries.

    Who administers the installation also sees those whose owner belongs to no desk.
    """
    timers = list(Timer.objects.parked().order_by("parked_at", "pk")[:MOST])
    owners = _owners(timers)
    found = []
    for timer in timers:
        desk_id, href = owners.get(timer.owner, (None, ""))
        desk = desks.get(desk_id) if desk_id is not None else None
        if desk is not None or request.actor.is_admin:
            found.append((timer, desk, href))
    return found


def _owners(timers: Iterable[Timer]) -> dict[str, tuple[int | None, str]]:
    """Owner -> desk and page. 1 query for each kind of owner."""
    ids: dict[str, set[int]] = {"ticket": set(), "calendar": set(), "rota": set()}
    found: dict[str, tuple[int | None, str]] = {}
    for timer in timers:
        kind, _slash, number = timer.owner.partition("/")
        if kind in ids and number.isdigit():
            ids[kind].add(int(number))
        elif kind in OF_A_DESK and number.isdigit():
            found[timer.owner] = (int(number), OF_A_DESK[kind])
    for pk, number, desk_id in Ticket.objects.filter(pk__in=ids["ticket"]).values_list("pk", "number", "desk_id"):
        found[f"ticket/{pk}"] = (desk_id, f"/tickets/{number}/")
    scoped = [("calendar", pk, scope) for pk, scope in _scopes(BusinessCalendar, ids["calendar"])]
    scoped += [("rota", pk, scope) for pk, scope in _scopes(Rota, ids["rota"])]
    desk_of = dict(Desk.objects.filter(slug__in={scope for *_key, scope in scoped}).values_list("slug", "pk"))
    for kind, pk, scope in scoped:
        found[f"{kind}/{pk}"] = (desk_of.get(scope), "")
    return found


def _scopes(model: type[BusinessCalendar] | type[Rota], ids: set[int]) -> list[tuple[int, str]]:
    return list(model.objects.filter(pk__in=ids).values_list("pk", "scope")) if ids else []


def _row(timer: Timer, desk: Desk | None, href: str, request: Request) -> dict[str, Any]:
    zone = localtime.zone((desk or request.managed[0]).timezone)
    assert timer.parked_at is not None  # noqa: S101 - it was found among the parked
    return {
        "name": _(NAMES[timer.handler]) if timer.handler in NAMES else timer.handler,
        "desk": desk.name if desk else "",
        "number": href.removeprefix("/tickets/").rstrip("/") if href.startswith("/tickets/") else "",
        "href": href,
        "due": localtime.when(timer.due_at, zone, request.moment),
        "parked": localtime.when(timer.parked_at, zone, request.moment),
        "attempts": timer.attempts,
        "error": timer.error,
        "key": timer.key,
        "retry_href": reverse("parked-retry", args=[timer.pk]),
    }
