"""What changes a desk. Every action that writes a row of it ends with `touch`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core import localtime
from core.actor import MANAGER, TICKET_ROLES, Actor
from core.errors import Conflict, Forbidden, Invalid
from desks import peakdays
from desks.models import Availability, Desk, Membership
from desks.peakdays import Rule
from schedules import businesstime, calendar_spec, listeners
from schedules import queries as schedule_queries
from schedules.businesstime import Hours
from schedules.hours import Spec
from schedules.models import ALWAYS, BusinessCalendar, CalendarVersion


def touch(desk: Desk) -> None:
    """Raise the version of the desk's configuration, so that no process goes on with the old one.

    Called last: what is read between the touch and a later write would be kept under the new version.
    """
    Desk.objects.filter(pk=desk.pk).update(config_version=F("config_version") + 1)
    desk.refresh_from_db(fields=["config_version"])


@transaction.atomic
def set_availability(membership: Membership, *, by: Actor, availability: str) -> Membership:
    """Say whether the person takes new work: the person themselves, or who supervises the desk."""
    if availability not in Availability.values:
        raise Invalid.field("availability", "invalid_choice", _("Choose one of the list."))
    if by.user_id != membership.user_id and not by.supervises(membership.desk_id):
        raise Forbidden
    if membership.availability != availability:
        membership.availability = availability
        membership.save(update_fields=["availability"])
        touch(membership.desk)
    return membership


@transaction.atomic
def say_availability(*, by: Actor, availability: str) -> None:
    """Say it of oneself, at every desk where one attends. Raises Forbidden for who attends nowhere."""
    mine = Membership.objects.filter(user_id=by.user_id or 0, is_active=True, roles__overlap=sorted(TICKET_ROLES))
    memberships = list(mine.select_related("desk").order_by("id"))
    if not memberships:
        raise Forbidden
    for membership in memberships:
        set_availability(membership, by=by, availability=availability)


@transaction.atomic
def set_peak_days(desk: Desk, rules: Iterable[Rule], *, by: Actor) -> Desk:
    """Say which days are busy; a manager may. Writes nothing where they are the same."""
    if not by.has_role(desk.pk, MANAGER):
        raise Forbidden
    rows = peakdays.as_json(rules)
    if rows != desk.peak_days:
        desk.peak_days = rows
        desk.save(update_fields=["peak_days"])
        touch(desk)
    return desk


# --- calendars


@transaction.atomic
def make_calendar(desk: Desk, *, slug: str, name: str, spec: Spec, by: Actor, now: datetime) -> BusinessCalendar:
    """Make a calendar of the desk. Raises Forbidden for who does not manage it, Invalid for a name in use."""
    if not by.has_role(desk.pk, MANAGER):
        raise Forbidden
    calendar, made = BusinessCalendar.objects.get_or_create(
        scope=desk.slug, slug=slug, defaults={"name": name, "created_at": now}
    )
    if not made:
        raise Invalid.field("slug", "taken", _("The desk has a calendar of that name."))
    save_calendar_version(calendar, spec, by=by.label, now=now)
    return calendar


@transaction.atomic
def change_calendar(
    desk: Desk, calendar: BusinessCalendar, *, spec: Spec, valid_from: date, base: int, by: Actor, now: datetime
) -> bool:
    """Let another timetable hold from a local date on, today or later. Returns whether that was a change.

    `base` is the version that was edited. Raises Forbidden for who does not manage the desk, Invalid for a date in
    the past or a timetable that does not open any more, Conflict where somebody saved another version meanwhile.
    """
    if not by.has_role(desk.pk, MANAGER):
        raise Forbidden
    if valid_from < now.astimezone(localtime.zone(spec.timezone)).date():
        raise Invalid.field("valid_from", "past", _("It can hold from today on: what was, stays as it was."))
    locked = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    if locked.versions.latest("pk").pk != base:
        raise Conflict(_("Somebody else has saved this calendar meanwhile."), code="changed_meanwhile")
    if businesstime.next_open(now, candidate_hours(locked, spec, valid_from=valid_from)) is None and not spec.hours:
        raise Invalid.field("hours", "never_opens", _("This calendar would not open any more."))
    return save_calendar_version(locked, spec, by=by.label, now=now, valid_from=valid_from)


def candidate_hours(calendar: BusinessCalendar, spec: Spec, *, valid_from: date) -> Hours:
    """Return the calendar as it would read if that timetable were saved. 1 query."""
    saved = [(row.valid_from, spec_of(row)) for row in calendar.versions.order_by("pk")]
    kept = [(since, old) for since, old in saved if since <= valid_from]
    return businesstime.compile_timeline([*kept, (valid_from, spec)])


def save_calendar_version(
    calendar: BusinessCalendar, spec: Spec, *, by: str, now: datetime, valid_from: date | None = None
) -> bool:
    """Let the timetable hold: from always on when it is the first, else from `valid_from` or today's local date on.

    Returns whether a version was written; one that says the same is not. What an earlier version planned for a later
    date is replaced too: the last word holds. Who listens to calendars is told of a change.
    """
    saved = list(calendar.versions.order_by("pk"))
    today = now.astimezone(localtime.zone(spec.timezone)).date()
    if not saved:
        _write_version(calendar, spec, ALWAYS, by=by, now=now)
        return True
    since = valid_from or today
    if spec_of(saved[-1]) == spec and (valid_from is None or since >= saved[-1].valid_from):
        return False
    for planned in sorted({row.valid_from for row in saved if row.valid_from > since}):
        _write_version(calendar, spec, planned, by=by, now=now)
    version = _write_version(calendar, spec, since, by=by, now=now)
    listeners.saved(version, now=now)
    return True


def _write_version(calendar: BusinessCalendar, spec: Spec, since: date, *, by: str, now: datetime) -> CalendarVersion:
    version = CalendarVersion.objects.create(
        calendar=calendar,
        valid_from=since,
        timezone=spec.timezone,
        spec=calendar_spec.as_json(spec),
        created_at=now,
        created_by=by[:120],
    )
    schedule_queries.forget_calendar(calendar.pk)
    transaction.on_commit(lambda: schedule_queries.forget_calendar(calendar.pk))
    return version


def newest_spec(calendar: BusinessCalendar) -> Spec:
    """Return the timetable of the version that was saved last. 1 query."""
    return spec_of(calendar.versions.latest("pk"))


def spec_of(version: CalendarVersion) -> Spec:
    return calendar_spec.parse({**version.spec, "timezone": version.timezone})
