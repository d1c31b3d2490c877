"""*Personas*: who works at a desk, what they attend, and how work is shared out; for its managers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import localtime
from core.actor import ROLES
from core.errors import Invalid
from desks import people_actions as actions
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from desks.doors import Request, chosen, manager_door
from desks.forms_people import PersonForm, SharingForm, initial_of
from desks.models import Availability, Desk, Membership
from schedules.models import BusinessCalendar

ROLE_NAMES = dict(zip(ROLES, (_("consultant"), _("supervisor"), _("manager"), _("sales")), strict=True))
TONES = {Availability.AVAILABLE: "ok", Availability.BUSY: "warn", Availability.AWAY: "mute"}


@require_safe
@manager_door
def index(request: Request) -> HttpResponse:
    """Draw the people of a managed desk. 7 statements, with those of session and frame."""
    return _index(request, chosen(request, request.GET.get("mesa")))


def _index(request: Request, desk: Desk, form: SharingForm | None = None) -> HttpResponse:
    config = desk_queries.config(desk)
    absent = config.absent(request.moment)
    names = {row.pk: row.name for row in _calendars(desk)}
    rows = [_row(member, config, names, absent) for member in config.members]
    sharing = form or SharingForm(initial={"take_minutes": desk.take_minutes, "usual_first": desk.usual_first})
    context = {
        "page_title": _("People"),
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": _others(request, desk),
        "rows": rows,
        "form": sharing,
        "sharing_href": f"{reverse('sharing')}?mesa={desk.slug}",
        "absences_href": f"{reverse('absences')}?mesa={desk.slug}",
        "settings_href": reverse("settings"),
    }
    return render(request, "desks/people.html", context, status=422 if sharing.errors else 200)


def _others(request: Request, desk: Desk) -> list[dict[str, Any]]:
    rows = [
        {"href": f"{reverse('people')}?mesa={other.slug}", "text": other.name, "current": other.pk == desk.pk}
        for other in sorted(request.managed, key=lambda one: one.name)
    ]
    return rows if len(rows) > 1 else []


def _calendars(desk: Desk) -> list[BusinessCalendar]:
    return list(BusinessCalendar.objects.filter(scope=desk.slug, is_active=True).order_by("name"))


def _row(member: Member, config: DeskConfig, calendars: dict[int, str], absent: dict[int, Any]) -> dict[str, Any]:
    superior = config.superior_of(member.user_id)
    products = [product.name for product in config.products if product.slug in member.skills]
    absence = absent.get(member.user_id)
    return {
        "href": reverse("person", args=[member.membership_id]),
        "name": member.name,
        "roles": ", ".join(_(ROLE_NAMES[role]) for role in ROLES if role in member.roles),
        "products": ", ".join(products) or _("all products"),
        "max_open": member.max_open,
        "availability": Availability(member.availability).label,
        "tone": TONES[Availability(member.availability)],
        "superior": superior.name if superior else "",
        "hours": calendars.get(member.calendar_id or 0, ""),
        "absent": localtime.exact(absence.ends_at, config.zone) if absence else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@manager_door
def person(request: Request, pk: int) -> HttpResponse:
    """One person: what they attend, their limit, their superior. 422 with the form on error."""
    membership = (
        Membership.objects.filter(pk=pk, is_active=True, desk_id__in=[desk.pk for desk in request.managed])
        .select_related("desk__vendor", "user")
        .first()
    )
    member = desk_queries.config(membership.desk).member(membership.user_id) if membership else None
    if membership is None or member is None:
        raise Http404
    desk = chosen(request, membership.desk.slug)
    config, calendars = desk_queries.config(desk), _calendars(desk)
    made: dict[str, Any] = {"config": config, "member": member, "calendars": calendars}
    if request.method != "POST":
        return _draw_person(request, desk, member, PersonForm(initial=initial_of(member, config, calendars), **made))
    form = PersonForm(request.POST, **made)
    if not form.is_valid():
        return _draw_person(request, desk, member, form)
    try:
        actions.change(membership, by=request.actor, **form.cleaned_data)
    except Invalid as refusal:
        for error in refusal.errors:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _draw_person(request, desk, member, form)
    messages.success(request, _("Saved: %s.") % member.name)
    return redirect(f"{reverse('people')}?mesa={desk.slug}")


def _draw_person(request: Request, desk: Desk, member: Member, form: PersonForm) -> HttpResponse:
    context = {
        "page_title": member.name,
        "desk": {"name": desk.name, "slug": desk.slug},
        "roles": ", ".join(_(ROLE_NAMES[role]) for role in ROLES if role in member.roles),
        "form": form,
        "back_href": f"{reverse('people')}?mesa={desk.slug}",
    }
    return render(request, "desks/person.html", context, status=422 if form.errors else 200)


@require_POST
@manager_door
def sharing(request: Request) -> HttpResponse:
    """How work is shared out: the minutes to take, and the usual consultant first."""
    desk = chosen(request, request.GET.get("mesa"))
    form = SharingForm(request.POST)
    if not form.is_valid():
        return _index(request, desk, form)
    actions.set_sharing(desk, by=request.actor, **form.cleaned_data)
    messages.success(request, _("Saved: it holds for what is given from now on."))
    return redirect(f"{reverse('people')}?mesa={desk.slug}")
