"""*Ajustes*: where a desk's settings begin, and the page of a calendar."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core import localtime
from core.errors import Conflict, Invalid
from desks import actions, calendar_page, drafts, peakdays
from desks import queries as desk_queries
from desks.doors import Request, chosen, manager_door
from desks.drafts import Draft
from desks.forms_calendars import CalendarForm, PeakDaysForm, Shape, initial_of, ordered, split
from desks.models import Desk
from schedules import businesstime, listeners
from schedules import queries as schedule_queries
from schedules.businesstime import Hours
from schedules.hours import Spec
from schedules.models import BusinessCalendar, CalendarVersion

Row = dict[str, Any]
YEARS: Final = range(businesstime.FIRST_YEAR, businesstime.LAST_YEAR + 1)


@require_safe
@manager_door
def index(request: Request) -> HttpResponse:
    """Where the settings begin: what each managed desk has. 1 query for all desks, and those of the frame."""
    scopes = [desk.slug for desk in request.managed]
    calendars = list(BusinessCalendar.objects.filter(scope__in=scopes, is_active=True).order_by("scope", "id"))
    context = {
        "page_title": _("Settings"),
        "desks": [_desk(desk, [c for c in calendars if c.scope == desk.slug], request) for desk in request.managed],
        "absences_href": reverse("absences"),
        "people_href": reverse("people"),
        "canned_href": reverse("canned-answers"),
        "macros_href": reverse("macros"),
        "timers_href": reverse("parked-timers"),
        "clients_href": reverse("client-imports"),
    }
    return render(request, "desks/settings.html", context)


def _desk(desk: Desk, calendars: list[BusinessCalendar], request: Request) -> Row:
    return {
        "name": desk.name,
        "slug": desk.slug,
        "tags_href": f"{reverse('tags')}?mesa={desk.slug}",
        "peaks_href": f"{reverse('peak-days')}?mesa={desk.slug}",
        "simulator_href": f"/simulador/?mesa={desk.slug}" if desk.calendar_id else "",
        "calendars": [_calendar(desk, calendar, request.moment) for calendar in calendars],
    }


def _calendar(desk: Desk, calendar: BusinessCalendar, now: datetime) -> Row:
    hours = schedule_queries.hours_for(calendar.pk)
    status = businesstime.status(now, hours)
    changes = status.next_close if status.open else status.next_open
    uses = [
        *([_("hours of the desk")] if calendar.pk == desk.calendar_id else []),
        *([_("business days of sales")] if calendar.pk == desk.sales_calendar_id else []),
    ]
    return {
        "name": calendar.name,
        "href": calendar_href(desk, calendar),
        "uses": ", ".join(uses) or _("not in use"),
        "open": status.open,
        "state": _("Open now") if status.open else _("Closed now"),
        "changes": localtime.when(changes, hours.zone, now) if changes else "",
    }


def calendar_href(desk: Desk, calendar: BusinessCalendar) -> str:
    return f"{reverse('calendar', args=[calendar.slug])}?mesa={desk.slug}"


# ------------------------------------------------------------------ a calendar


@require_http_methods(["GET", "HEAD", "POST"])
@manager_door
def calendar(request: Request, slug: str) -> HttpResponse:
    """Show and change a calendar. Saving writes a version; one that moves promises is asked about first."""
    desk = _desk_of(request, slug)
    found = BusinessCalendar.objects.filter(scope=desk.slug, slug=slug, is_active=True).first()
    if found is None:
        raise Http404
    page = _Page(request, desk, found)
    if request.method != "POST":
        return page.start()
    if "add" in request.POST:
        return page.add_row(request.POST["add"])
    return page.save()


def _desk_of(request: Request, slug: str) -> Desk:
    """The desk that is named, else the first managed one that has such a calendar."""
    named = request.GET.get("mesa")
    if not named and len(request.managed) > 1:
        scopes = [desk.slug for desk in request.managed]
        named = (
            BusinessCalendar.objects.filter(scope__in=scopes, slug=slug, is_active=True)
            .order_by("scope")
            .values_list("scope", flat=True)
            .first()
        )
    return chosen(request, named)


@require_http_methods(["GET", "HEAD", "POST"])
@manager_door
def peak_days(request: Request) -> HttpResponse:
    """The busy days of a desk: rules and dates."""
    desk = chosen(request, request.GET.get("mesa"))
    rules = desk_queries.config(desk).peak_days
    form = PeakDaysForm(request.POST if request.method == "POST" else None, initial=PeakDaysForm.initial_of(rules))
    if request.method == "POST" and form.is_valid():
        actions.set_peak_days(desk, form.rules, by=request.actor)
        messages.success(request, _("Saved: calendar and rota mark them."))
        return redirect(f"{reverse('peak-days')}?mesa={desk.slug}")
    today = request.moment.astimezone(localtime.zone(desk.timezone)).date()
    soon = peakdays.between(rules, today, 60)
    context = {
        "page_title": _("Peak days"),
        "form": form,
        "desk": {"name": desk.name, "slug": desk.slug},
        "soon": [{"on": localtime.day_label(day), "name": name} for day, name in soon.items()],
        "settings_href": reverse("settings"),
    }
    return render(request, "desks/peak_days.html", context, status=422 if form.errors else 200)


class _Page:
    """One answer of the calendar's page."""

    def __init__(self, request: Request, desk: Desk, calendar: BusinessCalendar) -> None:
        self.request, self.desk, self.calendar = request, desk, calendar
        self.now = request.moment
        self.versions: list[CalendarVersion] = list(calendar.versions.order_by("pk"))
        self.newest = actions.spec_of(self.versions[-1])
        self.hours = schedule_queries.hours_of(self.versions[-1])
        self.today: date = self.now.astimezone(self.hours.zone).date()
        self.shown, self.old = split(self.newest, self.today)

    # --- GET

    def start(self) -> HttpResponse:
        """The form with what holds, or with the draft that the person was trying out."""
        draft = drafts.of(self.request, self.calendar.pk) if "borrador" in self.request.GET else None
        shown = split(draft.spec, self.today)[0] if draft else self.shown
        values = {
            **initial_of(shown),
            "valid_from": max(draft.valid_from, self.today) if draft else self.today,
            "base": self.versions[-1].pk,
        }
        return self._draw(self._form(Shape.of(shown), initial={**values, **self._prefilled(shown)}))

    def _prefilled(self, shown: Spec) -> dict[str, str]:
        """An extra opening that a link proposes, in the empty row."""
        asked = self.request.GET
        try:
            day = date.fromisoformat(asked.get("abrir", ""))
        except ValueError:
            return {}
        row = f"extras-{len(shown.extra_openings)}"
        return {
            f"{row}-date": day.isoformat(),
            f"{row}-opens": asked.get("de", "")[:5],
            f"{row}-closes": asked.get("a", "")[:5],
        }

    def _form(self, shape: Shape, **kwargs: Any) -> CalendarForm:
        return CalendarForm(shape=shape, old=self.old, **kwargs)

    # --- POST

    def add_row(self, what: str) -> HttpResponse:
        """The same form with one row more; nothing is judged yet."""
        sent = self.request.POST
        shape = Shape.sent(sent).with_one_more(what)
        values = {name: sent[name] for name in sent} | {"holidays": "holidays" in sent, "confirmed": ""}
        return self._draw(self._form(shape, initial=values), anchor=what)

    def save(self) -> HttpResponse:
        form = self._form(Shape.sent(self.request.POST), data=self.request.POST)
        if not form.is_valid() or form.spec is None:
            return self._draw(form, status=422)
        spec, valid_from = form.spec, form.cleaned_data["valid_from"]
        if "try" in self.request.POST:
            drafts.keep(self.request, self.calendar.pk, Draft(spec, valid_from))
            return redirect(f"/simulador/?mesa={self.desk.slug}")
        if ordered(spec) == ordered(self.newest) and valid_from >= self.versions[-1].valid_from:
            messages.info(self.request, _("Nothing was changed: the calendar says this already."))
            return redirect(calendar_href(self.desk, self.calendar))
        found = self._moves(spec, valid_from)
        if found and form.cleaned_data["confirmed"] != _fingerprint(spec, valid_from):
            return self._ask(form, found, _fingerprint(spec, valid_from))
        return self._write(form, spec, valid_from, n_moves=len({move.number for move in found}))

    def _moves(self, spec: Spec, valid_from: date) -> list[listeners.Move]:
        candidate = actions.candidate_hours(self.calendar, spec, valid_from=valid_from)
        return listeners.moved(self.calendar, candidate, now=self.now)

    def _ask(self, form: CalendarForm, found: list[listeners.Move], fingerprint: str) -> HttpResponse:
        """List what would move; the button below sends the same form with the list's fingerprint."""
        moves = calendar_page.moves(found, localtime.zone(self.desk.timezone), self.now)
        return self._draw(self._again(form, confirmed=fingerprint), moves=moves)

    def _again(self, form: CalendarForm, **changes: str) -> CalendarForm:
        """The form as it was sent, but for hidden values."""
        data: QueryDict = self.request.POST.copy()
        for name, value in changes.items():
            data[name] = value
        fresh = self._form(form.shape, data=data)
        fresh.is_valid()
        return fresh

    def _write(self, form: CalendarForm, spec: Spec, valid_from: date, *, n_moves: int) -> HttpResponse:
        base = form.cleaned_data["base"]
        try:
            actions.change_calendar(
                self.desk,
                self.calendar,
                spec=spec,
                valid_from=valid_from,
                base=base,
                by=self.request.actor,
                now=self.now,
            )
        except Invalid as refused:
            for error in refused.errors:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
            return self._draw(form, status=422)
        except Conflict as refused:
            again = self._again(form, base=str(self.versions[-1].pk), confirmed="")
            again.add_error(None, f"{refused.message} {self._who_saved()}")
            return self._draw(again, status=409)
        drafts.forget(self.request, self.calendar.pk)
        messages.success(self.request, self._saved(valid_from, n_moves))
        return redirect(calendar_href(self.desk, self.calendar))

    def _who_saved(self) -> str:
        newest = self.versions[-1]
        when = localtime.when(newest.created_at, self.hours.zone, self.now)
        return _("%(who)s did, %(when)s. If you save now, yours holds.") % {
            "who": newest.created_by or _("The system"),
            "when": when,
        }

    def _saved(self, valid_from: date, n_moves: int) -> str:
        since = _("today") if valid_from == self.today else localtime.day_label(valid_from)
        text = _("Saved: it holds from %s on.") % since
        if not n_moves:
            return text
        told = ngettext(
            "The promises of one ticket are being reckoned anew.",
            "The promises of %(n)d tickets are being reckoned anew.",
            n_moves,
        )
        return f"{text} {told % {'n': n_moves}}"

    # --- drawing

    def _draw(
        self, form: CalendarForm, *, moves: Row | None = None, anchor: str = "", status: int = 200
    ) -> HttpResponse:
        hours = self._drawn(form)
        number = _year(self.request.GET, self.today)
        week = form.spec.hours if form.spec else self.newest.hours
        peaks = desk_queries.config(self.desk).peak_days
        soon = peakdays.between(peaks, self.today, calendar_page.PROPOSED_AHEAD)
        context = {
            "page_title": self.calendar.name,
            "form": form,
            "calendar": {"name": self.calendar.name, "slug": self.calendar.slug},
            "desk": {"name": self.desk.name, "slug": self.desk.slug},
            "week": [{**row, "strip": calendar_page.week_strip(row["name"], week, row["day"])} for row in form.week()],
            "closures": form.closure_rows(),
            "extras": form.extra_rows(),
            "year": calendar_page.year(hours, number, self.today, peakdays.between(peaks, date(number, 1, 1), 366)),
            "previous_year": number - 1 if number - 1 in YEARS else None,
            "next_year": number + 1 if number + 1 in YEARS else None,
            "days": calendar_page.next_days(hours, self.today, soon),
            "proposals": calendar_page.proposals(hours, self.today, soon, calendar_href(self.desk, self.calendar)),
            "peaks_href": f"{reverse('peak-days')}?mesa={self.desk.slug}",
            "rota_href": f"{reverse('rota')}?mesa={self.desk.slug}" if self.desk.rota_id else "",
            "moves": moves,
            "versions": calendar_page.versions(self.versions[-8:], self.hours.zone, self.now),
            "is_draft": hours is not self.hours,
            "settings_href": reverse("settings"),
            "can_try": self.calendar.pk == self.desk.calendar_id,
            "added": anchor,
        }
        return render(self.request, "desks/calendar.html", context, status=status)

    def _drawn(self, form: CalendarForm) -> Hours:
        """The year and the days show what is being edited, as far as it can be read."""
        if not form.is_bound or form.spec is None or form.errors:
            return self.hours
        return actions.candidate_hours(self.calendar, form.spec, valid_from=form.cleaned_data["valid_from"])


def _year(params: Mapping[str, str], today: date) -> int:
    asked = params.get("anio", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 and int(asked) in YEARS else today.year


def _fingerprint(spec: Spec, valid_from: date) -> str:
    """What was confirmed: another edit after the list must be confirmed anew."""
    text = json.dumps([drafts.as_json(spec), valid_from.isoformat()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
