"""`calendars/`: made by managers, asked by whoever works at the desk (contract sections 1 and 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.fields import query_instant
from accounts.idempotency import Idempotent
from core import localtime
from core.actor import MANAGER, Actor
from core.errors import FieldError, Forbidden, Invalid
from desks import actions
from desks.api import params
from desks.api.scope import actor_of, find_in_scope, staffed_desks
from desks.models import Desk
from schedules import businesstime, calendar_spec
from schedules import queries as schedule_queries
from schedules.businesstime import Hours
from schedules.hours import Spec
from schedules.models import BusinessCalendar

_SLUG: Final = re.compile(r"[-a-zA-Z0-9_]{1,64}")
_LONGEST_NAME: Final = 120


# --- as the schema tells it


class HoursRow(serializers.Serializer[Any]):
    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday.")
    opens = serializers.RegexField(r"^([01]\d|2[0-3]):[0-5]\d$")
    closes = serializers.RegexField(
        r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", help_text="Before `opens`: in the next day. Never equal to it."
    )


class ClosureRow(serializers.Serializer[Any]):
    date = serializers.DateField()
    name = serializers.CharField(max_length=120)
    opens = serializers.CharField(required=False, help_text="With `closes`: only this window is closed.")
    closes = serializers.CharField(required=False)


class OpeningRow(serializers.Serializer[Any]):
    date = serializers.DateField()
    opens = serializers.CharField()
    closes = serializers.CharField()


class CalendarBody(serializers.Serializer[Any]):
    desk = serializers.CharField(required=False, help_text="Required for who manages several desks.")
    slug = serializers.RegexField(_SLUG.pattern)
    name = serializers.CharField(max_length=_LONGEST_NAME)
    timezone = serializers.CharField(help_text="An IANA zone, such as America/Mexico_City.")
    hours = HoursRow(many=True)
    holidays = serializers.ChoiceField(choices=["MX"], allow_null=True, required=False)
    closures = ClosureRow(many=True, required=False)
    extra_openings = OpeningRow(many=True, required=False)


StatusAnswer = inline_serializer(
    "CalendarStatus",
    {
        "open": serializers.BooleanField(),
        "next_open": serializers.DateTimeField(allow_null=True, help_text="Strictly after `at`."),
        "next_close": serializers.DateTimeField(allow_null=True, help_text="Strictly after `at`."),
        "reason": serializers.ChoiceField(
            choices=["hours", "extra_opening", "outside_hours", "closure", "holiday"],
            help_text="Open by `hours` or an `extra_opening`; closed `outside_hours`, by a `closure` or a `holiday`.",
        ),
        "reason_name": serializers.CharField(help_text="Name of the holiday or closure, else empty."),
    },
)
AddAnswer = inline_serializer("CalendarAdd", {"result": serializers.DateTimeField()})
ElapsedAnswer = inline_serializer("CalendarElapsed", {"minutes": serializers.FloatField()})
DayAnswer = inline_serializer("CalendarBusinessDay", {"result": serializers.DateField()})


def instant(name: str, *, required: bool = True) -> OpenApiParameter:
    return OpenApiParameter(
        name, OpenApiTypes.DATETIME, required=required, description="ISO 8601 with offset; encode `+` as %2B."
    )


DESK: Final = OpenApiParameter(
    "desk", OpenApiTypes.STR, description="Required where several of the caller's desks have that slug."
)


# --- making


class CalendarsView(Idempotent):
    """Make a calendar."""

    @extend_schema(operation_id="calendars_create", request=CalendarBody, responses={201: CalendarBody})
    def post(self, request: Request) -> Response:
        data = request.data if isinstance(request.data, Mapping) else {}
        actor = actor_of(request)
        desk = _managed_desk(actor, data.get("desk"))
        slug, name, spec = _read(data)
        made = actions.make_calendar(desk, slug=slug, name=name, spec=spec, by=actor, now=timezone.now())
        location = reverse("api-calendar", args=[made.slug])
        return Response(_calendar(made, desk, spec), status=201, headers={"Location": location})


def _managed_desk(actor: Actor, wanted: object) -> Desk:
    """Return the desk for which the actor makes a calendar. 404 for one that is not theirs, 403 without the role."""
    theirs = list(staffed_desks(actor))
    managed = [desk for desk in theirs if actor.has_role(desk.pk, MANAGER)]
    if not managed:
        raise Forbidden
    if wanted is None or wanted == "":
        if len(managed) == 1:
            return managed[0]
        raise Invalid.field("desk", "required", _("You manage several desks: say which one."))
    if not isinstance(wanted, str):
        raise Invalid.field("desk", "invalid", _("This must be a text."))
    found = next((desk for desk in theirs if desk.slug == wanted), None)
    if found is None:
        raise Http404
    if found not in managed:
        raise Forbidden
    return found


def _read(data: Mapping[str, Any]) -> tuple[str, str, Spec]:
    """Return slug, name and timetable. Raises Invalid with every fault at once."""
    errors: list[FieldError] = []
    slug = _required_text(data, "slug", 64, errors)
    if slug and not _SLUG.fullmatch(slug):
        errors.append(FieldError("slug", "invalid_slug", _("Use letters without accents, digits, hyphens.")))
    name = _required_text(data, "name", _LONGEST_NAME, errors)
    try:
        spec = calendar_spec.parse(data)
    except Invalid as refused:
        raise Invalid(errors=[*errors, *refused.errors]) from refused
    if errors:
        raise Invalid(errors=errors)
    return slug, name, spec


def _required_text(data: Mapping[str, Any], field: str, longest: int, errors: list[FieldError]) -> str:
    value = data.get(field)
    if value is None or value == "":
        errors.append(FieldError(field, "required", _("This field is required.")))
    elif not isinstance(value, str):
        errors.append(FieldError(field, "invalid", _("This must be a text.")))
    elif not value.strip():
        errors.append(FieldError(field, "required", _("This field is required.")))
    elif len(value) > longest:
        errors.append(FieldError(field, "too_long", _("This text is too long.")))
    else:
        return value.strip()
    return ""


# --- asking


class CalendarView(APIView):
    """A calendar as it stands, and what it answers."""

    def _found(self, request: Request, slug: str) -> tuple[BusinessCalendar, Desk]:
        return find_in_scope(request, BusinessCalendar.objects.all(), slug)

    def _hours(self, request: Request, slug: str) -> tuple[Hours, ZoneInfo]:
        calendar, desk = self._found(request, slug)
        return schedule_queries.hours_for(calendar.pk), localtime.zone(desk.timezone)

    @extend_schema(operation_id="calendars_retrieve", parameters=[DESK], responses=CalendarBody)
    def get(self, request: Request, slug: str) -> Response:
        calendar, desk = self._found(request, slug)
        return Response(_calendar(calendar, desk, actions.newest_spec(calendar)))


class StatusView(CalendarView):
    """Whether it is open at an instant, when that changes, and why."""

    @extend_schema(
        operation_id="calendars_status", parameters=[instant("at", required=False), DESK], responses=StatusAnswer
    )
    def get(self, request: Request, slug: str) -> Response:
        hours, zone = self._hours(request, slug)
        at = query_instant(request.query_params, "at", default=timezone.now())
        with params.computing():
            found = businesstime.status(at, hours)
        return Response(
            {
                "open": found.open,
                "next_open": told(found.next_open, zone),
                "next_close": told(found.next_close, zone),
                "reason": found.reason.code,
                "reason_name": found.reason.name,
            }
        )


class AddView(CalendarView):
    """The instant at which so much open time has passed."""

    @extend_schema(
        operation_id="calendars_add",
        parameters=[instant("start"), OpenApiParameter("minutes", OpenApiTypes.NUMBER, required=True), DESK],
        responses=AddAnswer,
    )
    def get(self, request: Request, slug: str) -> Response:
        hours, zone = self._hours(request, slug)
        start = query_instant(request.query_params, "start")
        amount = params.minutes(request.query_params)
        with params.computing():
            return Response({"result": told(businesstime.add(start, amount, hours), zone)})


class ElapsedView(CalendarView):
    """The open time between two instants; 0 when the end is not after the start."""

    @extend_schema(
        operation_id="calendars_elapsed", parameters=[instant("start"), instant("end"), DESK], responses=ElapsedAnswer
    )
    def get(self, request: Request, slug: str) -> Response:
        hours, _zone = self._hours(request, slug)
        start = query_instant(request.query_params, "start")
        end = query_instant(request.query_params, "end")
        with params.computing():
            return Response({"minutes": _minutes(businesstime.elapsed(start, end, hours))})


class BusinessDaysView(CalendarView):
    """The n-th business day after a date, before it for a negative n, itself or the next for 0."""

    @extend_schema(
        operation_id="calendars_business_days",
        parameters=[
            OpenApiParameter("date", OpenApiTypes.DATE, required=True),
            OpenApiParameter("days", OpenApiTypes.INT, required=True),
            DESK,
        ],
        responses=DayAnswer,
    )
    def get(self, request: Request, slug: str) -> Response:
        hours, _zone = self._hours(request, slug)
        day = params.day(request.query_params)
        n = params.days(request.query_params)
        with params.computing():
            return Response({"result": businesstime.add_business_days(day, n, hours).isoformat()})


# --- telling


def told(at: datetime | None, zone: ZoneInfo) -> str | None:
    """Return an instant as the API tells it, with the desk's offset."""
    return None if at is None else at.astimezone(zone).isoformat()


def _minutes(amount: timedelta) -> int | float:
    whole, rest = divmod(amount, timedelta(minutes=1))
    return whole if not rest else amount / timedelta(minutes=1)


def _calendar(calendar: BusinessCalendar, desk: Desk, spec: Spec) -> dict[str, Any]:
    return {"desk": desk.slug, "slug": calendar.slug, "name": calendar.name, **calendar_spec.as_json(spec)}
