"""Reads of a desk that pages, API and actions share."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from core import localtime
from core.actor import Actor, ActorKind
from core.compiled import Compiled, compiled
from desks import peakdays
from desks.config import (
    ROUTING_TABLE,
    AbsenceInfo,
    Contact,
    DeskConfig,
    Member,
    PlanInfo,
    ProductInfo,
    Step,
    TagInfo,
    Target,
    Targets,
)
from desks.models import Absence, Desk, EscalationPolicy, EscalationStep, Membership, SLATarget, Tag
from schedules import businesstime
from schedules import queries as schedule_queries
from schedules.businesstime import Hours

# A person who changes their own name tells no desk; after a minute every process knows it anyway.
STALE_SECONDS: Final = 60.0

# Purposes of a number that a client in trouble may call; sales and management are not among them.
TO_CALL: Final = frozenset({"office", "on_call", "helpdesk"})

_cache: dict[int, tuple[float, DeskConfig]] = {}
_lock: Final = Lock()


def of_slug(slug: str) -> Desk | None:
    """Return the active desk of that address, with its vendor. 1 query."""
    return _of_slug.first(slug=slug)


def seen(actor: Actor, slug: str) -> Desk | None:
    """Return the active desk of that address, with its vendor, where the actor knows it. 1 query."""
    if actor.is_admin or actor.kind is ActorKind.SYSTEM:
        return of_slug(slug)
    return _seen(frozenset(actor.desk_roles), actor.vendor_ids).first(slug=slug)


@lru_cache(maxsize=256)
def _seen(desk_ids: frozenset[int], vendor_ids: frozenset[int]) -> Compiled[Desk]:
    @compiled
    def read(slug: Any) -> QuerySet[Desk]:
        return Desk.objects.active().among(desk_ids, vendor_ids).select_related("vendor").filter(slug=slug)

    return read


@compiled
def _of_slug(slug: Any) -> QuerySet[Desk]:
    return Desk.objects.active().select_related("vendor").filter(slug=slug)


def config(desk: Desk) -> DeskConfig:
    """Return the desk's configuration: 0 queries when warm; 8, and the vendor, when the version or a minute passed."""
    with _lock:
        kept = _cache.get(desk.pk)
    if kept and kept[1].version == desk.config_version and time.monotonic() - kept[0] < STALE_SECONDS:
        return kept[1]
    fresh = _read(desk)
    with _lock:
        _cache[desk.pk] = (time.monotonic(), fresh)
    return fresh


def forget(desk_id: int | None = None) -> None:
    """Empty the cache of this process, or one desk's share of it."""
    with _lock:
        if desk_id is None:
            _cache.clear()
        else:
            _cache.pop(desk_id, None)


def _read(desk: Desk) -> DeskConfig:
    members = _members(desk)
    ladders, patience = _ladders(desk)
    return DeskConfig(
        desk_id=desk.pk,
        version=desk.config_version,
        vendor_id=desk.vendor_id,
        vendor_name=desk.vendor.name,
        slug=desk.slug,
        name=desk.name,
        prefix=desk.prefix,
        email=desk.email,
        trato=desk.trato,
        zone=localtime.zone(desk.timezone),
        channels=tuple(desk.channels),
        support_methods=tuple(desk.support_methods),
        calendar_id=desk.calendar_id,
        sales_calendar_id=desk.sales_calendar_id,
        rota_id=desk.rota_id,
        sla_policy_id=desk.sla_policy_id,
        rest_hours=desk.rest_hours,
        take_minutes=desk.take_minutes,
        usual_first=desk.usual_first,
        peak_days=peakdays.parse(desk.peak_days),
        routing_table=MappingProxyType(
            {**ROUTING_TABLE, **{kind: (row[0], row[1]) for kind, row in desk.routing_table.items()}}
        ),
        targets_by_policy=_targets(desk),
        on_call_steps=ladders[EscalationPolicy.Kind.ON_CALL],
        office_steps=ladders[EscalationPolicy.Kind.OFFICE],
        progress_minutes=MappingProxyType(patience),
        members=members,
        absences=_absences(desk),
        contacts=tuple(
            Contact(row.label, row.kind, row.purpose, row.address, row.hours)
            for row in desk.contacts.filter(is_active=True).order_by("position")
        ),
        products=tuple(
            ProductInfo(row.pk, row.slug, row.name, tuple(row.versions))
            for row in desk.vendor.products.filter(is_active=True).order_by("id")
        ),
        plans=tuple(
            PlanInfo(row.pk, row.slug, row.name, row.sla_policy_id, MappingProxyType(dict(row.extra_prices)))
            for row in desk.plans.filter(is_active=True).order_by("id")
        ),
        tags=_tags(desk),
        texts=MappingProxyType(dict(desk.texts)),
        wording=MappingProxyType(dict(desk.wording)),
        _by_user=MappingProxyType({person.user_id: person for person in members}),
    )


def _members(desk: Desk) -> tuple[Member, ...]:
    rows = list(
        Membership.objects.filter(desk=desk, is_active=True, user__is_active=True)
        .select_related("user")
        .order_by("user__name", "id")
    )
    user_of = {row.pk: row.user_id for row in rows}
    return tuple(
        Member(
            user_id=row.user_id,
            membership_id=row.pk,
            name=row.user.name or row.user.email,
            first_name=row.user.get_short_name() or row.user.email,
            email=row.user.email,
            phone=str(row.user.phone or ""),
            roles=frozenset(row.roles),
            superior_user_id=user_of.get(row.reports_to_id) if row.reports_to_id else None,
            skills=frozenset(row.skills),
            max_open=row.max_open,
            availability=row.availability,
            calendar_id=row.calendar_id,
        )
        for row in rows
    )


def _absences(desk: Desk) -> tuple[AbsenceInfo, ...]:
    """Those that have begun or are to come, in order."""
    rows = Absence.objects.filter(desk=desk, cancelled_at=None, ended_at=None).order_by("starts_at", "id")
    return tuple(AbsenceInfo(row.pk, row.user_id, row.starts_at, row.ends_at, row.substitute_id) for row in rows)


def _tags(desk: Desk) -> MappingProxyType[str, TagInfo]:
    """The vocabulary by slug, by name; what rests is known too, since tickets still wear it. 1 query."""
    rows = Tag.objects.filter(desk=desk).order_by("name", "id")
    found = rows.values_list("slug", "name", "tone", "is_active", "into__slug")
    return MappingProxyType({row[0]: TagInfo(*row[:4], into=row[4] or "") for row in found})


def _targets(desk: Desk) -> MappingProxyType[int, Targets]:
    found: dict[int, dict[str, dict[str, Target]]] = defaultdict(lambda: defaultdict(dict))
    for row in SLATarget.objects.filter(policy__desk=desk, policy__is_active=True):
        found[row.policy_id][row.priority][row.kind] = Target(row.minutes, row.around_the_clock)
    return MappingProxyType(
        {
            policy: MappingProxyType({priority: MappingProxyType(kinds) for priority, kinds in rows.items()})
            for policy, rows in found.items()
        }
    )


def _ladders(desk: Desk) -> tuple[dict[str, tuple[Step, ...]], dict[str, int]]:
    """The steps of each kind of ladder, and how long *Enterado* holds there. 1 query."""
    patience: dict[str, int] = {}
    steps: dict[str, list[Step]] = {kind.value: [] for kind in EscalationPolicy.Kind}
    rows = EscalationStep.objects.filter(policy__desk=desk).select_related("policy").order_by("position")
    for row in rows:
        patience[row.policy.kind] = row.policy.progress_minutes
        steps[row.policy.kind].append(
            Step(
                position=row.position,
                whom=row.whom,
                user_id=row.user_id,
                after_minutes=row.after_minutes,
                at_percent=row.at_percent,
                takes=row.takes,
                repeat_minutes=row.repeat_minutes,
                at_most=row.at_most,
                role=row.role,
                notices=tuple(row.notices),
            )
        )
    return {kind: tuple(found) for kind, found in steps.items()}, patience


def hours(desk: Desk, at: datetime) -> Hours:
    """Return the hours of the desk's calendar that hold at `at`. Raises LookupError where it has none."""
    if desk.calendar_id is None:
        raise LookupError(f"desk {desk.slug} has no calendar")
    return schedule_queries.hours_for(desk.calendar_id, at)


@dataclass(frozen=True, slots=True)
class OpenStatus:
    """Whether the desk is open, when that changes, and the stretches of today.

    `reason` is a code of `businesstime.Reason`, `day_name` the holiday or closure it is about.
    `changes_at` is None where it never changes; `today` holds aware local pairs, in order.
    """

    is_open: bool
    changes_at: datetime | None
    next_open: datetime | None
    next_close: datetime | None
    reason: str
    day_name: str
    has_rota: bool
    today: tuple[tuple[datetime, datetime], ...]


def open_status(desk: Desk, now: datetime) -> OpenStatus:
    """Return how the desk stands at `now`. Raises LookupError where it has no calendar."""
    settings, timetable = config(desk), hours(desk, now)
    found = businesstime.status(now, timetable)
    return OpenStatus(
        is_open=found.open,
        changes_at=found.next_close if found.open else found.next_open,
        next_open=found.next_open,
        next_close=found.next_close,
        reason=found.reason.code,
        day_name=found.reason.name,
        has_rota=settings.has_rota,
        today=open_spans(timetable, now.astimezone(settings.zone).date(), settings.zone),
    )


def open_spans(timetable: Hours, day: date, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
    """Return the open stretches of a local date, as aware local pairs."""
    start = datetime.combine(day, datetime.min.time(), zone)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    return tuple(
        (opens.astimezone(zone), closes.astimezone(zone)) for opens, closes in businesstime.spans(start, end, timetable)
    )


@dataclass(frozen=True, slots=True)
class ContactNow:
    """A contact of this minute; `first_name` is of who is on call, for their number only."""

    label: str
    kind: str
    purpose: str
    address: str
    href: str
    first_name: str = ""


@dataclass(frozen=True, slots=True)
class ContactsNow:
    """Whom to reach at this minute: `first` is the number to call, None where the desk has no phone now."""

    is_open: bool
    first: ContactNow | None
    contacts: tuple[ContactNow, ...]
    resting: tuple[ContactNow, ...]
    on_call: Member | None


def contacts_now(desk: Desk, now: datetime) -> ContactsNow:
    """Return the contacts that hold at `now`, in the order in which a person would try them.

    In office hours the desk's own order; outside, the number of who is on call comes first
    (InvoiceMX manual, "En horarios fuera de Oficina").
    """
    settings = config(desk)
    is_open = businesstime.is_open(now, hours(desk, now))
    person = _on_call(settings, now)
    holding = {"always", "office" if is_open else "outside"}
    ordered = sorted(settings.contacts, key=lambda contact: not is_open and contact.purpose != "on_call")
    reached = [(contact.hours in holding, _contact_now(contact, person)) for contact in ordered]
    holding_now = tuple(contact for holds, contact in reached if holds)
    return ContactsNow(
        is_open=is_open,
        first=next((c for c in holding_now if c.kind == "phone" and c.purpose in TO_CALL), None),
        contacts=holding_now,
        resting=tuple(contact for holds, contact in reached if not holds),
        on_call=person,
    )


def _on_call(settings: DeskConfig, now: datetime) -> Member | None:
    if settings.rota_id is None:
        return None
    turn = schedule_queries.on_call(settings.rota_id, now)
    return settings.member(turn.user_id) if turn else None


def _contact_now(contact: Contact, on_call: Member | None) -> ContactNow:
    first_name = on_call.first_name if on_call and contact.purpose == "on_call" else ""
    return ContactNow(contact.label, contact.kind, contact.purpose, contact.address, contact.href, first_name)
