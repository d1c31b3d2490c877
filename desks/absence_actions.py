"""Absences with dates: who may enter one, what must hold, and the timers of its start and its end.

What happens to the person's work then is for who knows work: `tickets.actions.absences` registers what the two names
below mean.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, FieldError, Forbidden, Invalid
from desks import actions as desk_actions
from desks import queries as desk_queries
from desks.models import Absence, AbsenceReason, Desk, Membership
from schedules import timers

START: Final = "tickets.absence_start"
END: Final = "tickets.absence_end"
LONGEST: Final = timedelta(days=400)


def may_enter(desk: Desk, user_id: int, by: Actor) -> bool:
    """Whether they may speak for that person: oneself, or who supervises the desk."""
    return by.works_tickets(desk.pk) and (by.user_id == user_id or by.supervises(desk.pk))


@transaction.atomic
def add(
    desk: Desk,
    *,
    user_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: Actor,
    now: datetime,
    substitute_id: int | None = None,
) -> Absence:
    """Enter an absence and set its timers. Raises Forbidden, and Invalid with one error per field at fault."""
    if not may_enter(desk, user_id, by):
        raise Forbidden
    check(
        desk, user_id=user_id, starts_at=starts_at, ends_at=ends_at, reason=reason, substitute_id=substitute_id, now=now
    )
    list(Membership.objects.select_for_update().filter(desk=desk, user_id=user_id).values_list("pk"))  # one at a time
    if _in_force(desk, user_id).filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        raise Invalid.field("starts_at", "overlaps", _("There is an absence in these days already."))
    absence = Absence.objects.create(
        desk=desk,
        user_id=user_id,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        substitute_id=substitute_id,
        created_at=now,
        created_by_id=by.user_id,
    )
    timers.set_many([_timer(absence, START, starts_at), _timer(absence, END, ends_at)], now=now)
    desk_actions.touch(desk)
    return absence


def check(
    desk: Desk,
    *,
    user_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    substitute_id: int | None,
    now: datetime,
) -> None:
    """Judge an absence without entering it. Raises Invalid with every fault."""
    config, errors = desk_queries.config(desk), []
    member, other = config.attendant(user_id), config.attendant(substitute_id)
    if member is None:
        errors.append(FieldError("person", "unknown_person", _("Choose a person of this desk.")))
    if reason not in AbsenceReason.values:
        errors.append(FieldError("reason", "invalid_choice", _("Choose one of the list.")))
    if substitute_id is not None and other is None:
        errors.append(FieldError("substitute", "unknown_person", _("Choose a person of this desk.")))
    elif substitute_id == user_id:
        errors.append(FieldError("substitute", "same_person", _("Choose another person.")))
    if ends_at <= starts_at:
        errors.append(FieldError("ends_at", "not_after", _("It must end after it starts.")))
    elif ends_at <= now:
        errors.append(FieldError("ends_at", "past", _("These days are over.")))
    elif ends_at - starts_at > LONGEST:
        errors.append(FieldError("ends_at", "too_long", _("An absence lasts at most 400 days.")))
    if errors:
        raise Invalid(errors=errors)


def _in_force(desk: Desk, user_id: int) -> models.QuerySet[Absence]:
    return Absence.objects.filter(desk=desk, user_id=user_id, cancelled_at=None, ended_at=None)


def _timer(absence: Absence, handler: str, due_at: datetime) -> timers.Request:
    at = due_at.astimezone(UTC)
    return timers.Request(
        key=f"absence/{absence.pk}/{handler.rpartition('_')[2]}/{at:%Y%m%dT%H%M%SZ}",
        handler=handler,
        owner=f"absence/{absence.pk}",
        due_at=due_at,
        payload={"absence": absence.pk},
    )


@transaction.atomic
def withdraw(absence: Absence, *, by: Actor, now: datetime) -> Absence:
    """The person is there after all: what has not begun is cancelled, what has begun ends now.

    Raises Forbidden, Conflict where it is over.
    """
    absence = Absence.objects.select_for_update().select_related("desk").get(pk=absence.pk)
    if not may_enter(absence.desk, absence.user_id, by):
        raise Forbidden
    if absence.cancelled_at is not None or absence.ended_at is not None or absence.ends_at <= now:
        raise Conflict(_("This absence is over."), code="absence_over")
    if absence.begun_at is None:
        absence.cancelled_at = now
        absence.save(update_fields=["cancelled_at"])
        timers.cancel(owner=f"absence/{absence.pk}", now=now)
    else:
        absence.ends_at = max(now, absence.starts_at + timedelta(seconds=1))
        absence.save(update_fields=["ends_at"])
        timers.set_many([_timer(absence, END, absence.ends_at)], now=now)
    desk_actions.touch(absence.desk)
    return absence


def begin(pk: int, *, now: datetime) -> Absence | None:
    """Let an absence begin; None where it does not (withdrawn, begun before, or over by the time we looked)."""
    absence = Absence.objects.select_for_update().select_related("desk__vendor").get(pk=pk)
    if absence.cancelled_at or absence.ended_at or absence.begun_at or absence.ends_at <= now:
        return None
    absence.begun_at = now
    absence.save(update_fields=["begun_at"])
    return absence


def end(pk: int, *, now: datetime) -> Absence | None:
    """Let an absence end; None where it does not (withdrawn, ended before, or longer now)."""
    absence = Absence.objects.select_for_update().select_related("desk__vendor").get(pk=pk)
    if absence.cancelled_at or absence.ended_at or absence.ends_at > now:
        return None
    absence.ended_at = now
    absence.save(update_fields=["ended_at"])
    desk_actions.touch(absence.desk)
    return absence
