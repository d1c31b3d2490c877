"""`/guardias/nomina.csv`: who was on call for how long, for payroll; managers everybody, others themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.actor import MANAGER
from core.errors import Invalid
from desks import queries as desk_queries
from files import tables
from schedules import payroll
from schedules import queries as schedule_queries
from tickets.queries import board
from tickets.queries import payroll as queries
from tickets.views.doors import Request, staff_door

LONGEST: Final = 366


@require_safe
@staff_door
def export(request: Request) -> HttpResponse:
    """A row a person with shifts from `desde` to `hasta`, both days included. 400 for days that make no sense."""
    desks = [desk for desk in board.desks_of(request.actor) if desk.rota_id]
    wanted = request.GET.get("mesa")
    desk = next((desk for desk in desks if wanted in (None, "", desk.slug)), None)
    if desk is None or desk.rota_id is None:
        raise Http404
    config = desk_queries.config(desk)
    first, last = _day(request, "desde"), _day(request, "hasta")
    if last < first or (last - first).days >= LONGEST:
        raise Invalid.field("hasta", "out_of_range", _("Choose a period of at most a year, the first day first."))
    start, end = _midnight(first, config.zone), _midnight(last + timedelta(days=1), config.zone)
    shifts = schedule_queries.shifts(desk.rota_id, start, end)
    if not request.actor.has_role(desk.pk, MANAGER):
        shifts = [one for one in shifts if one.user == request.actor.user_id]
    attended = queries.attended(desk.pk, shifts, start, end)
    rows = []
    for user_id in sorted({one.user for one in shifts}):
        member = config.member(user_id)
        total = payroll.total([one for one in shifts if one.user == user_id], config.zone)
        amounts = [_hours(total.time), str(attended.get(user_id, 0)), _hours(total.sundays), _hours(total.rest_days)]
        name = member.name if member else f"#{user_id}"
        rows.append([name, first.isoformat(), last.isoformat(), str(total.shifts), *amounts])
    return _csv(sorted(rows), f"guardias-{desk.slug}-{first}-{last}.csv")


def _day(request: Request, name: str) -> date:
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        day = date.min
    if not 2000 <= day.year <= 2100:
        raise Invalid.field(name, "invalid_date", _("Choose a first and a last day."))
    return day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)


def _hours(amount: timedelta) -> str:
    return f"{amount.total_seconds() / 3600:.2f}"


def _csv(rows: Iterable[list[str]], filename: str) -> HttpResponse:
    headings = [
        _("Person"),
        _("From"),
        _("Until"),
        _("Shifts"),
        _("Hours on call"),
        _("Cases attended"),
        _("Hours on Sundays"),
        _("Hours on mandatory rest days"),
    ]
    response = HttpResponse(tables.csv_bytes(headings, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response
