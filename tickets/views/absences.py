"""*Ausencias*: who is away when, what that would move, and what it has moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import localtime
from core.errors import Invalid
from desks import absence_actions
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from desks.models import Absence, Desk
from tickets.actions import absences as actions
from tickets.forms_absences import AbsenceForm, initial
from tickets.presenters import absences as present
from tickets.queries import absences as queries
from tickets.queries import board
from tickets.views.doors import Request, draw, staff_door


def _desk(request: Request) -> Desk:
    """The desk that is named, else the first; it comes first around the page. Raises Http404."""
    desks = board.desks_of(request.actor)
    wanted = request.POST.get("mesa") or request.GET.get("mesa")
    desk = next((desk for desk in desks if wanted in (None, "", desk.slug)), None)
    if desk is None:
        raise Http404
    request.desks = [desk, *(other for other in desks if other.pk != desk.pk)]
    return desk


def _others(request: Request) -> list[dict[str, Any]]:
    desks = sorted(request.desks, key=lambda desk: desk.name)
    current = request.desks[0].pk
    rows = [{"href": f"?mesa={desk.slug}", "text": desk.name, "current": desk.pk == current} for desk in desks]
    return rows if len(rows) > 1 else []


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """Draw who is absent, who will be and who was. 7 statements, with those of session and frame."""
    desk = _desk(request)
    config = desk_queries.config(desk)
    rows = [
        {**present.row(one, config, request.actor, now=request.moment), "n_moved": one.n_moved, "n_out": one.n_out}  # type: ignore[attr-defined]
        for one in queries.of_desk(desk, request.moment)
    ]
    past = [row for row in rows if row["state"] in ("over", "cancelled")]
    context = {
        "page_title": _("Absences"),
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": _others(request),
        "coming": [row for row in rows if row["state"] in ("now", "coming")],
        "past": past[::-1],
        "new_href": f"/ajustes/ausencias/nueva/?mesa={desk.slug}" if _for_whom(request, desk, config) else "",
    }
    return draw(request, "tickets/absences.html", context)


def _for_whom(request: Request, desk: Desk, config: DeskConfig) -> list[Member]:
    """For whom the person may enter an absence, themselves first."""
    mine = request.actor.user_id
    may = [m for m in config.attending if absence_actions.may_enter(desk, m.user_id, request.actor)]
    return sorted(may, key=lambda member: member.user_id != mine)


# ------------------------------------------------------------------ a new one


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def new(request: Request) -> HttpResponse:
    """The form; sent once it shows what would move, sent again as it stands it is entered. 422 with what is wrong."""
    desk = _desk(request)
    config = desk_queries.config(desk)
    people = _for_whom(request, desk, config)
    if not people:
        raise PermissionDenied
    made: dict[str, Any] = {"people": people, "others": config.attending, "zone": config.zone}
    if request.method != "POST":
        day = request.moment.astimezone(config.zone).date()
        return _draw_new(request, desk, AbsenceForm(initial=initial(people[0].user_id, day), **made))
    form = AbsenceForm(request.POST, **made)
    if not form.is_valid():
        return _draw_new(request, desk, form, status=422)
    try:
        if form.cleaned_data["confirmed"] == form.fingerprint():
            return _enter(request, desk, form)
        absence_actions.check(desk, now=request.moment, **form.values())
    except Invalid as refusal:
        form.adopt(refusal.errors)
        return _draw_new(request, desk, form, status=422)
    return _draw_new(request, desk, _confirming(request, form, made), preview=_preview(request, desk, config, form))


def _enter(request: Request, desk: Desk, form: AbsenceForm) -> HttpResponse:
    absence = actions.register(desk, by=request.actor, now=request.moment, **form.values())
    messages.success(request, _("The absence is entered; whom it concerns was told."))
    return redirect(f"/ajustes/ausencias/{absence.pk}/")


def _confirming(request: Request, form: AbsenceForm, made: dict[str, Any]) -> AbsenceForm:
    """The form as it was sent, carrying what was looked at."""
    data = request.POST.copy()
    data["confirmed"] = form.fingerprint()
    return AbsenceForm(data, **made)


def _preview(request: Request, desk: Desk, config: DeskConfig, form: AbsenceForm) -> dict[str, Any]:
    """What would move: tickets with who would get them, appointments, and the nights that the rota gives."""
    values = form.values()
    user_id, span = values["user_id"], (values["starts_at"], values["ends_at"])
    found = actions.preview(
        desk, user_id=user_id, starts_at=span[0], substitute_id=values["substitute_id"], now=request.moment
    )
    member = config.member(user_id)
    return {
        **present.would_move(found, config),
        "name": member.name if member else "",
        "appointments": present.appointments(queries.booked(user_id, desk, *span), config),
        "shifts": present.shifts(queries.shifts(user_id, desk, *span), desk, config),
    }


def _draw_new(
    request: Request, desk: Desk, form: AbsenceForm, *, preview: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "page_title": _("Enter an absence"),
        "desk": {"name": desk.name, "slug": desk.slug},
        "form": form,
        "preview": preview,
        "back_href": f"/ajustes/ausencias/?mesa={desk.slug}",
    }
    return draw(request, "tickets/absence_new.html", context, status=status)


# ------------------------------------------------------------------ one of them


def _found(request: Request, pk: int) -> Absence:
    absence = queries.visible(request.actor).filter(pk=pk).first()
    if absence is None:
        raise Http404
    request.desks = [absence.desk]
    return absence


@require_safe
@staff_door
def detail(request: Request, pk: int) -> HttpResponse:
    """An absence with what it moved. 8 statements, with those of session and frame."""
    absence = _found(request, pk)
    config = desk_queries.config(absence.desk)
    rows: Sequence[dict[str, Any]] = present.moved(queries.moved(absence))
    context = {
        "page_title": _("Absence of %s") % absence.user.name,
        "absence": present.row(absence, config, request.actor, now=request.moment),
        "moved": rows,
        "entered": _entered(absence, config, request),
        "back_href": f"/ajustes/ausencias/?mesa={absence.desk.slug}",
    }
    return draw(request, "tickets/absence.html", context)


def _entered(absence: Absence, config: DeskConfig, request: Request) -> str:
    when = localtime.when(absence.created_at, config.zone, request.moment)
    if absence.created_by is None:
        return _("Entered %s") % when
    return _("Entered by %(name)s, %(when)s") % {"name": absence.created_by.name, "when": when}


@require_POST
@staff_door
def withdraw(request: Request, pk: int) -> HttpResponse:
    """The person is there after all: cancelled, or ended now."""
    absence = actions.withdraw(_found(request, pk), by=request.actor, now=request.moment)
    messages.success(
        request,
        _("The absence was withdrawn.") if absence.cancelled_at else _("The absence ends now; the work comes back."),
    )
    return redirect(f"/ajustes/ausencias/{absence.pk}/")
