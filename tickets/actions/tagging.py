"""Tags of a ticket: words of the desk's vocabulary that say what it is about. The desk's people only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Invalid
from desks import queries as desk_queries
from desks import tag_actions, tags
from tickets.actions import guards, record
from tickets.models import Ticket


def add(ticket: Ticket, *, by: Actor, now: datetime, tags: Sequence[str]) -> Ticket:
    """Tag the ticket with these names, new ones or known; see `change`."""
    return change(ticket, by=by, now=now, add=tags)


def remove(ticket: Ticket, *, by: Actor, now: datetime, tags: Sequence[str]) -> Ticket:
    """Take these tags off the ticket; see `change`."""
    return change(ticket, by=by, now=now, remove=tags)


def change(ticket: Ticket, *, by: Actor, now: datetime, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Ticket:
    """Add and take off tags, by name or slug, in any state of the ticket; return the fresh row.

    What it wears already is not added, what it does not wear is not taken off: the same again changes nothing and
    leaves no trace. Raises Forbidden for who does not work at the desk, Invalid at `add` for what is no tag or one too
    many.
    """
    guards.consultant(ticket, by)
    with transaction.atomic():
        fresh = record.locked(ticket.pk)
        before = list(fresh.tags)
        after = _changed(fresh, add, remove)
        if after == before:
            return fresh
        with record.changing(fresh, now=now) as worn:
            worn.tags = after
            gone, new = [t for t in before if t not in after], [t for t in after if t not in before]
            record.record(worn, "tagged", by=by, now=now, added=new, removed=gone)
        return worn


def _changed(ticket: Ticket, add: Sequence[str], remove: Sequence[str]) -> list[str]:
    new = tag_actions.known(ticket.desk, add, "add")
    config = desk_queries.config(ticket.desk)
    off = {tags.slug_of(tags.tidy(name)) for name in remove} - set(new)

    def goes(slug: str) -> bool:
        tag = config.tag(slug)
        return bool(off & {slug, tag.slug, tags.slug_of(tag.name)})

    worn = [slug for slug in ticket.tags if not goes(slug)]
    stand_for = {config.tag(slug).slug for slug in worn}
    after = [*worn, *(slug for slug in new if slug not in stand_for)]
    if len(after) > max(tags.MAX_PER_TICKET, len(worn)):
        raise Invalid.field("add", "too_many", _("A ticket has at most 10 tags."))
    return after
