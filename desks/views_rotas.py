"""*Guardias*: who is on call, the week, changes of shift, and the rule of the rota."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import localtime
from core.actor import MANAGER, Actor
from core.errors import Conflict, DomainError, Forbidden, Invalid
from desks import doors, forms_rotas, rota_actions, rota_page, rota_queries
from desks import queries as desk_queries
from desks.api.scope import staffed_desks
from desks.config import Member
from desks.forms_rotas import WindowForm
from desks.models import Desk
from desks.rota_page import Page
from schedules import queries as schedule_queries
from schedules import rotas
from schedules.models import Override

P = ParamSpec("P")
Row = dict[str, Any]
COMING: Final = 6


class Request(HttpRequest):
    """A page's request: `desk` has a rota and comes first among `desks`."""

    actor: Actor
    moment: datetime
    desks: Sequence[Desk]
    desk: Desk


View = Callable[Concatenate[Request, P], HttpResponse]


def rota_door(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Ask to sign in, read the clock once, find the desk (`mesa`): whoever works at it may look. 1 query.

    404 for a desk that is not theirs, 403 for who works at no desk; where nobody is ever on call a page says so.
    """

    @wraps(view)
    def entered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        prepared = cast(Request, request)
        prepared.moment = timezone.now()  # noqa: TID251 - a door
        if not prepared.actor.is_staff:
            raise PermissionDenied
        desks = list(staffed_desks(prepared.actor))
        wanted = request.POST.get("mesa") or request.GET.get("mesa")
        desk = next((desk for desk in desks if desk.rota_id and wanted in (None, "", desk.slug)), None)
        if desk is None:
            return doors.without_rota(request, desks, wanted, title=_("On-call duty"))
        prepared.desk = desk
        prepared.desks = [desk, *(other for other in desks if other.pk != desk.pk)]
        try:
            return view(prepared, *args, **kwargs)
        except Forbidden as refusal:
            raise PermissionDenied(str(refusal.message)) from refusal

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", login_required(entered))


def back(request: Request) -> HttpResponse:
    return redirect(f"/guardias/?mesa={request.desk.slug}")


def _refuse(request: Request, refusal: DomainError) -> HttpResponse:
    """Say why a button did nothing, on the page where it stands."""
    words = [str(error.message) for error in refusal.errors] or [str(refusal.message)]
    messages.error(request, " ".join(words))
    return back(request)


# ------------------------------------------------------------------ the page


@require_safe
@rota_door
def index(request: Request) -> HttpResponse:
    """Draw the week and what stands beside it. 11 statements, with those of the session, the person and the frame."""
    desk, now = request.desk, request.moment
    config = desk_queries.config(desk)
    page = Page(desk, config, request.actor, now)
    assert desk.rota_id is not None  # noqa: S101 - the door saw to it
    today = now.astimezone(config.zone).date()
    monday = _monday(request.GET.get("semana", ""), today)
    days = rota_queries.week(desk, monday, config.zone)
    shown = page.days(days, today)
    roster = schedule_queries.roster(desk.rota_id, now)
    current, following = rotas.shift(roster, now), rotas.next_shift(roster, now)
    found = rota_queries.problems(desk.rota_id, now)
    awake = rota_queries.wakeable(one.user for one in (current, following) if one)
    pending, in_force = page.changes(rota_queries.changes(desk.rota_id, now))
    first = config.member((current or following).user) if (current or following) else None  # type: ignore[union-attr]
    context = {
        "page_title": _("On-call duty"),
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": _others(request),
        "week": {
            "title": rota_page.week_title(monday),
            "previous_href": page.href("", semana=(monday - timedelta(days=7)).isoformat()),
            "today_href": page.href(""),
            "next_href": page.href("", semana=(monday + timedelta(days=7)).isoformat()),
        },
        "days": shown,
        "list": [*(day for day in shown if not day["past"]), *(day for day in shown if day["past"])],
        "marks": [{"a": hour * 4, "text": f"{hour:02d}:00"} for hour in range(3, 24, 3)],
        "people": page.people(days),
        "now": page.now_row(current, following, awake),
        "ladder": {"steps": page.ladder(first), "note": ""},
        "coming": page.coming(schedule_queries.shifts(desk.rota_id, now, now + rota_queries.AHEAD)[:COMING]),
        "pending": pending,
        "in_force": in_force,
        "problems": page.problems(found),
        "loads": page.loads(rota_queries.load(desk.rota_id, now - rota_queries.LOAD, now, config.zone)),
        "handover_href": f"/entrega/?mesa={desk.slug}" if request.actor.works_tickets(desk.pk) else "",
        "cover_href": page.href("cubrir/") if page.attends or page.manages else "",
        "propose_href": page.href("cambio/") if page.attends else "",
        "absence_href": page.href("ausencia/") if page.attends or page.manages else "",
        "feed_href": page.href("mi-calendario/") if page.attends else "",
        "payroll": _last_month(today) if page.attends or page.manages else None,
        "edit_href": page.href("editar/") if page.manages else "",
    }
    return render(request, "desks/rota.html", context)


def _last_month(today: date) -> Row:
    """The days that the export proposes: those of the month before."""
    last = today.replace(day=1) - timedelta(days=1)
    return {"first": last.replace(day=1).isoformat(), "last": last.isoformat()}


def _others(request: Request) -> list[Row]:
    desks = sorted((desk for desk in request.desks if desk.rota_id), key=lambda desk: desk.name)
    rows = [
        {"href": f"/guardias/?mesa={desk.slug}", "text": desk.name, "current": desk.pk == request.desk.pk}
        for desk in desks
    ]
    return rows if len(rows) > 1 else []


def _monday(text: str, today: date) -> date:
    """The Monday of the week that the address names, else of this one. Only years that the rota can be asked about."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    if abs((day - today).days) > 3 * 366:
        day = today
    return day - timedelta(days=day.weekday())


# ------------------------------------------------------------------ buttons


@require_POST
@rota_door
def take(request: Request) -> HttpResponse:
    """*Tomar la guardia ahora*."""
    try:
        change = rota_actions.take_over(request.desk, by=request.actor, now=request.moment)
    except (Invalid, Conflict) as refusal:
        return _refuse(request, refusal)
    zone = localtime.zone(request.desk.timezone)
    if change is None:
        messages.info(request, _("You are on call already."))
    else:
        until = localtime.when(change.end_at, zone, request.moment)
        messages.success(request, _("You are on call until %s.") % until)
    return back(request)


@require_POST
@rota_door
def settle(request: Request, pk: int, verb: str) -> HttpResponse:
    """Accept, approve, reject or withdraw a change of the desk's rota."""
    if verb not in DONE:
        raise Http404
    change = Override.objects.filter(pk=pk, rota_id=request.desk.rota_id or 0).first()
    if change is None:
        change = _elsewhere(request, pk)
    try:
        rota_actions.settle(request.desk, change, verb, by=request.actor, now=request.moment)
    except (Invalid, Conflict) as refusal:
        return _refuse(request, refusal)
    messages.success(request, _(DONE[verb]))
    return back(request)


DONE: Final = {
    "accept": gettext_noop("You have accepted the change."),
    "approve": gettext_noop("The change holds."),
    "reject": gettext_noop("The change was rejected; the rota stays as it was."),
    "withdraw": gettext_noop("The change was withdrawn."),
}


def _elsewhere(request: Request, pk: int) -> Override:
    """A change of another of the person's desks: the button names none. Raises Http404."""
    rota_ids = {desk.rota_id: desk for desk in request.desks if desk.rota_id}
    change = Override.objects.filter(pk=pk, rota_id__in=list(rota_ids)).first()
    if change is None:
        raise Http404
    request.desk = rota_ids[change.rota_id]
    return change


# ------------------------------------------------------------------ windows

Act = Callable[..., Override]


@require_http_methods(["GET", "HEAD", "POST"])
@rota_door
def cover(request: Request) -> HttpResponse:
    """*Cubrir turno*: one click on a shift of the list (`start`, `end`), or the form."""
    if request.method == "POST" and "starts_at" in request.POST:
        return _cover_at_once(request)
    return _window(
        request,
        rota_actions.cover,
        title=_("Cover a shift"),
        intro=_("Whoever covers is on call in those hours; the shift that stands there is relieved."),
        submit=_("Cover it"),
        done=_("The shift is covered."),
        people=_for_whom(request),
    )


def _cover_at_once(request: Request) -> HttpResponse:
    start, end = _instant(request.POST.get("starts_at")), _instant(request.POST.get("ends_at"))
    if start is None or end is None or request.actor.user_id is None:
        raise Http404
    try:
        rota_actions.cover(
            request.desk,
            user_id=request.actor.user_id,
            start_at=start,
            end_at=end,
            by=request.actor,
            now=request.moment,
        )
    except (Invalid, Conflict) as refusal:
        return _refuse(request, refusal)
    messages.success(request, _("The shift is covered."))
    return back(request)


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


@require_http_methods(["GET", "HEAD", "POST"])
@rota_door
def propose(request: Request) -> HttpResponse:
    """*Proponer cambio*: ask somebody to take a shift of one's own."""
    everybody = desk_queries.config(request.desk).attending
    others = [member for member in everybody if member.user_id != request.actor.user_id]
    return _window(
        request,
        rota_actions.propose,
        title=_("Propose a change"),
        intro=_("The other person accepts first, then a manager approves. Until then nothing changes."),
        submit=_("Propose"),
        done=_("Proposed; the other person was told."),
        people=others if len(others) < len(everybody) else [],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@rota_door
def absence(request: Request) -> HttpResponse:
    """An absence: the person is left out; the next layer takes over, or a gap is shown."""
    return _window(
        request,
        rota_actions.be_absent,
        title=_("Register an absence"),
        intro=_(
            "Whoever is absent is left out of the rota. Where nobody else stands there, a gap is shown to be covered."
        ),
        submit=_("Register"),
        done=_("The absence is registered."),
        people=_for_whom(request),
    )


def _for_whom(request: Request) -> list[Member]:
    """Oneself; for a manager everybody who attends, oneself first."""
    everybody = desk_queries.config(request.desk).attending
    mine = [member for member in everybody if member.user_id == request.actor.user_id]
    if not request.actor.has_role(request.desk.pk, MANAGER):
        return mine
    return [*mine, *(member for member in everybody if member.user_id != request.actor.user_id)]


def _window(
    request: Request, act: Act, *, title: str, intro: str, submit: str, done: str, people: Sequence[Member]
) -> HttpResponse:
    """The form of a window, or its use: 302 on success, 422 with the form on error."""
    if not people:
        raise PermissionDenied
    zone = localtime.zone(request.desk.timezone)
    if request.method != "POST":
        form = WindowForm(people=people, zone=zone, initial=_initial(request, zone))
        return _draw_window(request, form, title, intro, submit)
    form = WindowForm(request.POST, people=people, zone=zone)
    if form.is_valid():
        try:
            act(request.desk, by=request.actor, now=request.moment, **form.values())
        except (Invalid, Conflict) as refusal:
            _adopt(form, refusal)
        else:
            messages.success(request, done)
            return back(request)
    return _draw_window(request, form, title, intro, submit, status=422)


def _initial(request: Request, zone: Any) -> Row:
    """What a link proposes (`desde`, `hasta`), else the next shift."""
    start, end = _instant(request.GET.get("desde")), _instant(request.GET.get("hasta"))
    if start is None or end is None:
        assert request.desk.rota_id is not None  # noqa: S101 - the door saw to it
        following = schedule_queries.next_on_call(request.desk.rota_id, request.moment)
        if following is None:
            return {}
        start, end = following.start, following.end
    return forms_rotas.window_initial(max(start, request.moment), end, zone)


def _adopt(form: Form, refusal: DomainError) -> None:
    for error in refusal.errors:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
    if not refusal.errors:
        form.add_error(None, str(refusal.message))


def _draw_window(
    request: Request, form: WindowForm, title: str, intro: str, submit: str, *, status: int = 200
) -> HttpResponse:
    context = {
        "page_title": title,
        "form": form,
        "intro": intro,
        "submit": submit,
        "desk": {"name": request.desk.name, "slug": request.desk.slug},
        "back_href": f"/guardias/?mesa={request.desk.slug}",
    }
    return render(request, "desks/rota_window.html", context, status=status)
