"""The steps of a ticket: added one by one or from a list of the desk, ticked, moved, taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import passwords
from core.actor import Actor
from core.errors import Conflict, Invalid
from desks.models import Checklist
from tickets.actions import guards, once, record
from tickets.models import ChecklistItem, Ticket
from tickets.models.checklist import MAX_TEXT

MAX_ITEMS: Final = 50


def add_step(ticket: Ticket, *, by: Actor, now: datetime, text: str, key: UUID | None = None) -> Ticket:
    """Add a step at the end, once for each `key` of a form. Raises Forbidden, Invalid at `text`."""
    guards.consultant(ticket, by)
    text = " ".join(text.replace("\x00", " ").split())
    if not text:
        raise Invalid.field("text", "required", _("Write what is to be done."))
    if len(text) > MAX_TEXT:
        raise Invalid.field("text", "max_length", _("A step has at most 200 letters."))
    if passwords.find(text):
        raise Invalid.field("text", "secret", _("This looks like a password: it is not kept in a list."))
    form_key = once.name(key, ticket, by, text)
    return _append(ticket, [text], by=by, now=now, field="text", template="", form_key=form_key)


def add_list(ticket: Ticket, *, by: Actor, now: datetime, template: str) -> Ticket:
    """Add the steps of a list of the desk, without those that the ticket has. Raises Forbidden, Invalid."""
    guards.consultant(ticket, by)
    found = Checklist.objects.filter(desk_id=ticket.desk_id, slug=template, is_active=True).first()
    if found is None:
        raise Invalid.field("template", "unknown_list", _("Choose a list of the desk."))
    return _append(ticket, found.steps, by=by, now=now, field="template", template=found.name)


def _append(
    ticket: Ticket,
    texts: Sequence[str],
    *,
    by: Actor,
    now: datetime,
    field: str,
    template: str,
    form_key: UUID | None = None,
) -> Ticket:
    """Add steps; of a list those that are there already are left out, of one step only what its form added."""
    with transaction.atomic():
        fresh = record.locked(ticket.pk)
        rows = list(ChecklistItem.objects.filter(ticket=fresh))
        known = {row.text for row in rows} if template else set()
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if not new or (form_key is not None and any(row.form_key == form_key for row in rows)):
            return fresh
        if len(rows) + len(new) > MAX_ITEMS:
            raise Invalid.field(field, "too_many", _("A ticket has at most 50 steps."))
        last = rows[-1].position if rows else 0
        with record.changing(fresh, now=now) as listed:
            ChecklistItem.objects.bulk_create(
                ChecklistItem(ticket=listed, position=last + n, text=text, form_key=form_key)
                for n, text in enumerate(new, start=1)
            )
            _count(listed)
            record.record(listed, "checklist_added", by=by, now=now, n=len(new), list=template)
        return listed


def tick(ticket: Ticket, *, by: Actor, now: datetime, step: int, done: bool = True) -> Ticket:
    """Say that a step is done, or that it is not. One that is so already stays. Raises Forbidden, Conflict."""
    guards.consultant(ticket, by)
    with _step(ticket, step) as (fresh, row):
        if (row.done_at is not None) == done:
            return fresh
        with record.changing(fresh, now=now) as listed:
            row.done_at, row.done_by_id = (now, by.user_id) if done else (None, None)
            row.save(update_fields=["done_at", "done_by"])
            _count(listed)
            record.record(listed, "checklist_ticked" if done else "checklist_unticked", by=by, now=now, step=row.pk)
        return listed


def remove_step(ticket: Ticket, *, by: Actor, now: datetime, step: int) -> Ticket:
    """Take a step out of the list. Raises Forbidden, Conflict."""
    guards.consultant(ticket, by)
    with _step(ticket, step) as (fresh, row), record.changing(fresh, now=now) as listed:
        row.delete()
        _count(listed)
        record.record(listed, "checklist_removed", by=by, now=now, step=step)
    return listed


def move_step(ticket: Ticket, *, by: Actor, now: datetime, step: int, up: bool) -> Ticket:
    """Let a step change places with the one before or after; at an end it stays. Raises Forbidden, Conflict."""
    guards.consultant(ticket, by)
    with _step(ticket, step) as (fresh, row):
        rows = ChecklistItem.objects.filter(ticket=fresh)
        other = (
            rows.filter(position__lt=row.position).order_by("-position").first()
            if up
            else rows.filter(position__gt=row.position).order_by("position").first()
        )
        if other is None:
            return fresh
        row.position, other.position = other.position, row.position
        ChecklistItem.objects.bulk_update([row, other], ["position"])
        with record.changing(fresh, now=now) as listed:  # what others have on screen is drawn anew
            pass
        return listed


@contextmanager
def _step(ticket: Ticket, step: int) -> Iterator[tuple[Ticket, ChecklistItem]]:
    with transaction.atomic():
        fresh = record.locked(ticket.pk)
        row = ChecklistItem.objects.filter(ticket=fresh, pk=step).first()
        if row is None:
            raise Conflict(_("This step is gone already."), code="step_gone")
        yield fresh, row


def _count(ticket: Ticket) -> None:
    done = list(ChecklistItem.objects.filter(ticket=ticket).values_list("done_at", flat=True))
    ticket.checklist_total, ticket.checklist_done = len(done), sum(at is not None for at in done)


def n_open(ticket: Ticket) -> int:
    """How many steps are still to be done. 0 queries."""
    return ticket.checklist_total - ticket.checklist_done
