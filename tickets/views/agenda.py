"""`/agenda/`: a consultant's week, the desk's for who supervises; and the secret address of one's appointments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import localtime
from desks import queries as desk_queries
from desks.models import Desk
from tickets import agenda_feed
from tickets.presenters import agenda as present
from tickets.queries import agenda as agenda_queries
from tickets.views.doors import Request, draw, staff_door


def desk_of(request: Request) -> Desk:
    """The desk of `?mesa=`, else the person's first. 1 query. Raises Http404."""
    actor = request.actor
    desks = Desk.objects.active().filter(calendar__isnull=False).select_related("vendor").order_by("name")
    if not actor.is_admin:
        desks = desks.filter(pk__in=actor.ticket_desk_ids())
    found = list(desks)
    request.desks = found
    wanted = request.GET.get("mesa") or request.POST.get("mesa") or ""
    desk = next((one for one in found if one.slug == wanted), found[0] if found and not wanted else None)
    if desk is None:
        raise Http404
    return desk


@require_safe
@staff_door
def week(request: Request) -> HttpResponse:
    """A week of appointments. Two statements besides those of the frame."""
    desk = desk_of(request)
    config = desk_queries.config(desk)
    now = request.moment
    monday = _monday(request.GET.get("semana", ""), now.astimezone(config.zone).date())
    supervises = request.actor.supervises(desk.pk)
    attending = [m.user_id for m in config.attending]
    chosen = _person(request, attending) if supervises else request.actor.user_id
    start = datetime.combine(monday, time.min, config.zone).astimezone(UTC)
    end = datetime.combine(monday + timedelta(days=7), time.min, config.zone).astimezone(UTC)
    rows = agenda_queries.between(request.actor, desk.pk, start, end, user_id=chosen)
    many = chosen is None
    context = {
        "page_title": _("Agenda"),
        "heading": _week_title(monday),
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": [{"slug": one.slug, "text": one.name, "selected": one.pk == desk.pk} for one in request.desks],
        "days": present.week(rows, monday, config, desk_queries.hours(desk, now), now=now, many=many),
        "people": present.whose(config, chosen, attending) if supervises else [],
        "person": str(chosen) if supervises and chosen else "",
        "previous_href": _href(desk, monday - timedelta(days=7), request),
        "next_href": _href(desk, monday + timedelta(days=7), request),
        "today_href": _href(desk, None, request),
        "week": monday.isoformat(),
        "n": len(rows),
        "feed_href": f"{reverse('agenda-feed')}?mesa={desk.slug}" if request.actor.user_id in attending else "",
    }
    return draw(request, "tickets/agenda.html", context)


def _monday(text: str, today: date) -> date:
    """The Monday of the week of that date; of this week where it is none that a calendar reaches."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    if abs((day - today).days) > 3660:
        day = today
    return day - timedelta(days=day.weekday())


def _person(request: Request, attending: list[int]) -> int | None:
    text = request.GET.get("persona", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 and int(text) in attending else None


def _week_title(monday: date) -> str:
    sunday = monday + timedelta(days=6)
    return f"{localtime.day_label(monday)} – {localtime.day_label(sunday)} {sunday.year}"


def _href(desk: Desk, monday: date | None, request: Request) -> str:
    query = f"?mesa={desk.slug}" + (f"&semana={monday.isoformat()}" if monday else "")
    person = request.GET.get("persona", "")
    return f"/agenda/{query}" + (f"&persona={person}" if person.isascii() and person.isdigit() else "")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def feed(request: Request) -> HttpResponse:
    """Show whether there is an address; make one (told this once) or revoke it by POST."""
    desk = desk_of(request)
    address = ""
    if request.method == "POST":
        if request.POST.get("do") == "revoke":
            agenda_feed.revoke(desk, by=request.actor, now=request.moment)
            messages.success(request, _("The address leads nowhere now."))
            return redirect(f"{reverse('agenda-feed')}?mesa={desk.slug}")
        secret = agenda_feed.issue(desk, by=request.actor, now=request.moment)
        address = f"{settings.SITE_URL.rstrip('/')}{reverse('agenda-ics', args=[secret])}"
    row = agenda_feed.in_force(desk, request.actor.user_id)
    zone = localtime.zone(desk.timezone)
    context = {
        "page_title": _("My appointments in my calendar"),
        "address": address,
        "since": localtime.when(row.created_at, zone, request.moment) if row else "",
        "desk": {"name": desk.name, "slug": desk.slug},
        "back_href": f"/agenda/?mesa={desk.slug}",
    }
    return draw(request, "tickets/agenda_feed.html", context)


@require_safe
def ics(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar, for whoever has the address. An unknown one and a revoked one look alike."""
    content = agenda_feed.read(secret, now=timezone.now())
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="citas.ics"'
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
