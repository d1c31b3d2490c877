"""Declaring an outage, gathering reports under it, taking one out, ending it.

"Un sistema caído" of many clients is one cause: one notice on desk page, form and client home, one case that wakes one
person once, and each client told and asked alone. Contract's states stay: a report is a ticket with a `parent`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.actor import SYSTEM, Actor
from core.errors import Conflict, FieldError, Forbidden, Invalid, TransitionNotAllowed
from desks import queries as desk_queries
from desks.models import Desk
from schedules import businesstime, timers
from tickets import lifecycle
from tickets.actions import (
    clocks,
    gathering,
    guards,
    holding,
    intake,
    ladder,
    lanes,
    progress,
    record,
    resolution,
    telling,
)
from tickets.intake import Intake
from tickets.lifecycle import Lane, Status
from tickets.models import Outage, Ticket

MAX_TITLE: Final = 120
MAX_TEXT: Final = 2000


def declare_outage(
    desk: Desk,
    *,
    by: Actor,
    now: datetime,
    title: str,
    text: str,
    products: Sequence[str] = (),
    contingency: str = "",
    started_at: datetime | None = None,
    ticket: Ticket | None = None,
) -> Outage:
    """Tell all clients of a desk of an outage, and gather their reports under `ticket`.

    Without one a case of our own is opened, which whoever declares it has. Raises Forbidden for who does not supervise,
    Invalid by field, Conflict where the ticket leads an outage already or belongs to one.
    """
    if not by.supervises(desk.pk):
        raise Forbidden()
    title, text, contingency = " ".join(title.split()), text.strip(), contingency.strip()
    _check(desk, title, text, contingency, products, started_at or now, now)
    with transaction.atomic():
        chosen = ticket or _own_case(desk, by=by, now=now, title=title, text=text, started_at=started_at)
        with record.changing(chosen, now=now) as parent:
            _check_parent(parent)
            parent.leads = True
            outage = Outage.objects.create(
                desk=desk,
                title=title,
                text=text,
                contingency=contingency,
                products=sorted(set(products)),
                parent=parent,
                started_at=started_at or (parent.opened_at if ticket else now),
                declared_at=now,
                declared_by_id=by.user_id,
            )
            record.record(parent, "outage_declared", by=by, now=now, public=True, outage=title)
        gathering.count(desk.pk, 1)
        desk.refresh_from_db(fields=["open_outages", "config_version"])
    return outage


def _check(
    desk: Desk,
    title: str,
    text: str,
    contingency: str,
    products: Sequence[str],
    started_at: datetime,
    now: datetime,
) -> None:
    errors = []
    for field, value, limit in (("title", title, MAX_TITLE), ("text", text, MAX_TEXT)):
        if not value:
            errors.append(FieldError(field, "required", _("This is needed.")))
        elif len(value) > limit:
            errors.append(FieldError(field, "max_length", _("At most %(limit)d characters.") % {"limit": limit}))
    if len(contingency) > MAX_TEXT:
        errors.append(FieldError("contingency", "max_length", _("At most %(limit)d characters.") % {"limit": MAX_TEXT}))
    known = desk_queries.config(desk)
    if any(known.product(slug) is None for slug in products):
        errors.append(FieldError("products", "invalid_choice", _("Choose one of the options.")))
    if started_at > now:
        errors.append(FieldError("started_at", "in_the_future", _("This hour has not come yet.")))
    if errors:
        raise Invalid(errors=errors)


def _check_parent(ticket: Ticket) -> None:
    if ticket.status not in lifecycle.OPEN:
        raise TransitionNotAllowed(state=ticket.status)
    if ticket.parent_id is not None:
        raise Conflict(_("This ticket belongs to an outage already."), code="joined", extra={"state": ticket.status})
    gathering.refuse_while_leading(ticket)


def _own_case(desk: Desk, *, by: Actor, now: datetime, title: str, text: str, started_at: datetime | None) -> Ticket:
    """A case that no client filed: whoever declares the outage has it and works on it."""
    person = User.objects.filter(pk=by.user_id or 0).first()
    report = Intake(
        request_type=lifecycle.RequestType.SYSTEM_DOWN,
        affects_operation=True,
        impact=lifecycle.Impact.STOPPED,
        subject=title,
        description=text,
        name=person.name or person.email if person else desk.name,
        email=person.email if person else desk.email,
        channel="phone",
        occurred_at=started_at or now,
        answered_at=now,
        ours=True,
    )
    ticket = intake.open_ticket(desk, report, by=by, now=now)
    with record.changing(ticket, now=now) as fresh:
        progress.answered(fresh, by=by, now=now)
    return fresh


# ------------------------------------------------------------------ reports


def join_outage(ticket: Ticket, *, by: Actor, now: datetime, outage: int) -> Ticket:
    """Put an open report under an outage of its desk: its own ladder ends, and its client is told what is known.

    Parent and report are locked in the order of their ids.
    """
    guards.consultant(ticket, by)
    found = Outage.objects.active().filter(pk=outage, desk_id=ticket.desk_id).first()
    if found is None:
        raise Invalid.field("outage", "unknown_outage", _("There is no such outage now."))
    if found.parent_id == ticket.pk:
        raise Invalid.field("outage", "same_ticket", _("This is the ticket under which its reports are gathered."))
    with transaction.atomic():
        list(Ticket.objects.select_for_update().filter(pk__in=[ticket.pk, found.parent_id]).order_by("pk"))
        parent = gathering.standing_parent(found)
        if parent is None:
            raise Conflict(_("This outage is over."), code="outage_ended", extra={"state": ticket.status})
        with record.changing(ticket, now=now) as fresh:
            _check_parent(fresh)
            _gather(fresh, parent, now=now)
            entry = record.record(
                fresh, "joined_outage", by=by, now=now, public=True, outage=found.title, parent=parent.number
            )
            telling.client(
                fresh,
                "joined_outage",
                key=f"joined_outage/{entry.pk}",
                now=now,
                quote=found.text,
                outage=found.title,
                contingency=found.contingency,
                next=telling.what_next(fresh, now=now),
            )
    return fresh


def _gather(ticket: Ticket, parent: Ticket, *, now: datetime) -> None:
    ticket.parent = parent
    ladder.end_all(ticket, now=now, reason="outage")
    timers.cancel(owner=f"ticket/{ticket.pk}", key_prefix="clock/", now=now)
    ticket.lane = Lane.OFFICE
    if ticket.status in {Status.NEW, Status.ASSIGNED, Status.DEFERRED}:
        ticket.assignee_id = parent.assignee_id
        ticket.status = Status.ASSIGNED if parent.assignee_id else Status.NEW


def leave_outage(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """Take a report out of its outage: from here on it is a case like any other, with clocks and ladder of its own.

    Its people, or its client: *no es esto*.
    """
    if not guards.is_client(ticket, by):
        guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        if fresh.parent_id is None:
            raise Conflict(_("This ticket belongs to no outage."), code="not_joined", extra={"state": fresh.status})
        gathering.detach(fresh, by=by, now=now)
        if fresh.status in lifecycle.OPEN:
            clocks.arm_again(fresh, now=now)
        if fresh.status in {Status.NEW, Status.ASSIGNED}:
            _into_line(fresh, by=by, now=now)
    return fresh


def _into_line(ticket: Ticket, *, by: Actor, now: datetime) -> None:
    """Nobody has begun with it: to the office, or at night to whoever is on call."""
    config = desk_queries.config(ticket.desk)
    is_open = businesstime.is_open(now, desk_queries.hours(ticket.desk, now))
    if not is_open and config.has_rota and ticket.affects_operation:
        lanes.to_on_call(ticket, by=by, now=now, cause="left_outage")
        return
    ticket.assignee, ticket.status = None, Status.NEW
    holding.give_to_chosen(ticket, by=SYSTEM, now=now)
    timers.set_many(lanes.edge_timers(ticket, now=now), now=now)


# ------------------------------------------------------------------ the end


def end_outage(outage: Outage, *, by: Actor, now: datetime, text: str, resolve: bool = False) -> Outage:
    """Take the notice off the pages and tell the client of each report; with `resolve` the parent is solved by `text`.

    Resolving solves each report with the same words, and each client confirms alone.
    """
    if not by.supervises(outage.desk_id):
        raise Forbidden()
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        code = "max_length" if text else "required"
        message = _("At most %(limit)d characters.") % {"limit": MAX_TEXT} if text else _("Say it to the clients.")
        raise Invalid.field("text", code, message)
    with record.changing(outage.parent, now=now) as parent:
        fresh = Outage.objects.select_related("parent").get(pk=outage.pk)
        if fresh.ended_at is not None:
            raise Conflict(_("This outage is over."), code="outage_ended", extra={"state": parent.status})
        fresh.parent = parent
        if resolve and parent.status in lifecycle.OPEN:
            lifecycle.check(parent.status, Status.RESOLVED)
            resolution.settle(parent, by=by, now=now, solution=text, at=now)
            fresh.refresh_from_db()
        else:
            gathering.end_notice(fresh, by=by, now=now)
            gathering.pass_on(parent, gathering.OVER, fresh.pk, now=now, outage=fresh.pk, text=text)
    return fresh
