"""Changing who is on call. The past is never changed: rules hold from now on, changes begin now at the earliest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, Invalid
from schedules import queries, rota_spec, zones
from schedules.models import BusinessCalendar, Override, Rota, RotaVersion

LONGEST = timedelta(days=366)


@transaction.atomic
def save_rota(
    *,
    scope: str,
    slug: str,
    name: str,
    timezone: str,
    rule: Mapping[str, Any],
    by: Actor,
    now: datetime,
    valid_from: datetime | None = None,
) -> Rota:
    """Make the rota or change it: an equal rule writes nothing, another holds from `valid_from` (default now) on.

    The first rule of a new rota holds from its earliest layer's start, so a history can be told. Raises Invalid; a
    rota's zone stays as it was made.
    """
    if not zones.exists(timezone):
        raise Invalid.field("timezone", "unknown_zone", _("There is no such time zone."))
    read = _read(scope, rule)
    if valid_from is not None and valid_from < now:
        raise Invalid.field("valid_from", "past", _("The past cannot be changed."))
    rota, made = Rota.objects.select_for_update().get_or_create(
        scope=scope, slug=slug, defaults={"name": name, "timezone": timezone, "created_at": now}
    )
    if not made and rota.timezone != timezone:
        raise Invalid.field("timezone", "fixed", _("The time zone of a rota cannot be changed."))
    if not made and (rota.name != name or not rota.is_active):
        rota.name, rota.is_active = name, True
        rota.save(update_fields=["name", "is_active"])
    newest = None if made else rota.versions.latest("valid_from", "id")
    if newest is None or newest.rule != rota_spec.as_json(read):
        RotaVersion.objects.create(
            rota=rota,
            valid_from=valid_from or (_beginning(read, timezone) if newest is None else max(now, newest.valid_from)),
            rule=rota_spec.as_json(read),
            created_at=now,
            created_by=by.label[:120],
        )
        _announce(rota)
    return rota


def _read(scope: str, rule: Mapping[str, Any]) -> rota_spec.Rule:
    """Read the rule and look up whom and what it names. 2 queries."""
    read = rota_spec.parse(rule)
    known = set(get_user_model().objects.filter(pk__in=read.people, is_active=True).values_list("pk", flat=True))
    if known != read.people:
        raise Invalid.field("layers", "unknown_person", _("The rota names somebody who is not there."))
    if read.outside and not BusinessCalendar.objects.filter(scope=scope, slug=read.outside).exists():
        raise Invalid.field("outside", "unknown_calendar", _("There is no such calendar."))
    return read


def _beginning(rule: rota_spec.Rule, timezone: str) -> datetime:
    return min(layer.compile(timezone).begins_at for layer in rule.layers)


@transaction.atomic
def change_shift(
    rota: Rota,
    *,
    user_id: int,
    start_at: datetime,
    end_at: datetime,
    by: Actor,
    now: datetime,
    kind: str = Override.Kind.COVER,
    replaces_id: int | None = None,
    state: str = Override.State.ACTIVE,
    note: str = "",
) -> Override:
    """Put a change of shift into the rota (one that is still to be agreed by another `state`). Raises Invalid.

    The same change twice (a double click) gives the first one again.
    """
    if end_at <= start_at:
        raise Invalid.field("end_at", "not_after_start", _("The end must come after the start."))
    if end_at - start_at > LONGEST:
        raise Invalid.field("end_at", "too_long", _("A change lasts at most a year."))
    if start_at < now:
        raise Invalid.field("start_at", "past", _("The past cannot be changed."))
    fields = {"rota": rota, "user_id": user_id, "start_at": start_at, "end_at": end_at, "kind": kind, "state": state}
    same = Override.objects.filter(**fields).first()
    if same is not None:
        return same
    try:
        with transaction.atomic():
            change = Override.objects.create(
                **fields, replaces_id=replaces_id, note=note[:200], created_at=now, created_by=by.label[:120]
            )
    except IntegrityError as error:
        raise Conflict(_("This person already has a change in those hours."), code="change_overlaps") from error
    _announce(rota)
    return change


def take_over(rota: Rota, *, user_id: int, by: Actor, now: datetime) -> Override | None:
    """*Tomar la guardia ahora*: the user is on call until the running shift ends. None where they are already.

    Raises Conflict where nobody should be on call at `now`: the office is open.
    """
    current = queries.on_call(rota.pk, now)
    if current is not None and current.user_id == user_id:
        return None
    ends = current.end if current else queries.gap_end(rota.pk, now)
    if ends is None:
        raise Conflict(_("The office attends now: nobody is on call."), code="office_attends")
    return change_shift(
        rota,
        user_id=user_id,
        start_at=now,
        end_at=ends,
        by=by,
        now=now,
        kind=Override.Kind.TAKEOVER,
        replaces_id=current.user_id if current else None,
    )


@transaction.atomic
def settle(change: Override, *, state: str, now: datetime) -> Override:
    """Accept, put in force, reject or withdraw a change. One that has begun is cut at `now`: what was stays.

    Raises Conflict where its state does not allow that, or its time has passed.
    """
    change = Override.objects.select_for_update().select_related("rota").get(pk=change.pk)
    if state not in _SETTLED.get(change.state, ()):
        raise Conflict(_("This change cannot go there."), code="change_settled")
    if change.end_at <= now:
        raise Conflict(_("The past cannot be changed."), code="past")
    if state == Override.State.ACTIVE:
        change.start_at = max(change.start_at, now)
    if state == Override.State.WITHDRAWN and change.state == Override.State.ACTIVE and change.start_at < now:
        change.end_at = now
    else:
        change.state = state
    change.save(update_fields=["state", "start_at", "end_at"])
    _announce(change.rota)
    return change


_SETTLED: Mapping[str, tuple[str, ...]] = {
    Override.State.REQUESTED: (
        Override.State.ACCEPTED,
        Override.State.ACTIVE,
        Override.State.REJECTED,
        Override.State.WITHDRAWN,
    ),
    Override.State.ACCEPTED: (Override.State.ACTIVE, Override.State.REJECTED, Override.State.WITHDRAWN),
    Override.State.ACTIVE: (Override.State.WITHDRAWN,),
}


def _announce(rota: Rota) -> None:
    """Let every question from now on see the change, in this process at once, in the others within seconds."""
    queries.forget_rota(rota.pk)
    transaction.on_commit(lambda: queries.forget_rota(rota.pk))
