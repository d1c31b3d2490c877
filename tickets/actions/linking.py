"""Saying that two tickets have to do with each other, and taking that back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, Invalid
from tickets.actions import guards, record
from tickets.models import LinkKind, Ticket, TicketLink

MAX_LINKS: Final = 20


def link(ticket: Ticket, *, by: Actor, now: datetime, number: str, kind: str = LinkKind.RELATED) -> TicketLink:
    """Link the ticket to another that the actor works, by its number; both tell of it.

    The same again gives the link that there is; another kind changes it. Raises Forbidden, Invalid at `number` or
    `kind`.
    """
    guards.consultant(ticket, by)
    if kind not in LinkKind.values:
        raise Invalid.field("kind", "invalid_choice", _("Choose one of the list."))
    other = _other(ticket, by, number)
    with _locked(ticket, other):
        known = _same(ticket, other, kind)
        if known is not None:
            return known
        with record.changing(ticket, now=now) as mine, record.changing(other, now=now) as theirs:
            changed, _rows = TicketLink.objects.filter(_between(mine, theirs)).delete()
            if not changed and max(_count(mine), _count(theirs)) >= MAX_LINKS:
                raise Invalid.field("number", "too_many", _("A ticket has at most 20 links."))
            made = TicketLink.objects.create(
                source=mine, target=theirs, kind=kind, created_at=now, created_by_id=by.user_id
            )
            record.record(mine, "linked", by=by, now=now, number=theirs.number, link=kind)
            record.record(theirs, "linked", by=by, now=now, number=mine.number, link=f"{kind}.back")
    return made


def unlink(ticket: Ticket, *, by: Actor, now: datetime, link: int) -> Ticket:
    """Take a link of the ticket away, from both sides. Raises Forbidden, Conflict for one that is gone."""
    guards.consultant(ticket, by)
    row = TicketLink.objects.filter(Q(source=ticket) | Q(target=ticket), pk=link).select_related("source", "target")
    found = row.first()
    if found is None:
        raise Conflict(_("This link is gone already."), code="link_gone")
    other = found.target if found.source_id == ticket.pk else found.source
    with (
        _locked(ticket, other),
        record.changing(ticket, now=now) as mine,
        record.changing(other, now=now) as theirs,
    ):
        deleted, _rows = TicketLink.objects.filter(pk=link).delete()
        if deleted:
            record.record(mine, "unlinked", by=by, now=now, number=theirs.number)
            record.record(theirs, "unlinked", by=by, now=now, number=mine.number)
    return mine


@contextmanager
def _locked(ticket: Ticket, other: Ticket) -> Iterator[None]:
    """A transaction with both tickets locked, in the order of their ids."""
    with transaction.atomic():
        list(Ticket.objects.select_for_update().filter(pk__in=[ticket.pk, other.pk]).order_by("pk").values_list("pk"))
        yield


def _other(ticket: Ticket, by: Actor, number: str) -> Ticket:
    wanted = number.strip().lstrip("#").upper()
    if not wanted:
        raise Invalid.field("number", "required", _("Write the number of the other ticket."))
    found = Ticket.objects.visible_to(by).select_related("desk").filter(number=wanted).first()
    if found is None or not by.works_tickets(found.desk_id):
        raise Invalid.field("number", "unknown_ticket", _("There is no ticket %s that you work.") % wanted[:24])
    if found.desk.vendor_id != ticket.desk.vendor_id:
        raise Invalid.field("number", "other_vendor", _("It is of another company that sells software."))
    if found.pk == ticket.pk:
        raise Invalid.field("number", "same_ticket", _("Choose another ticket."))
    return found


def _same(ticket: Ticket, other: Ticket, kind: str) -> TicketLink | None:
    """The link that says this already; what has to do with each other does so both ways."""
    known = TicketLink.objects.filter(_between(ticket, other), kind=kind).first()
    if known is None or kind == LinkKind.RELATED or known.source_id == ticket.pk:
        return known
    return None


def _between(one: Ticket, other: Ticket) -> Q:
    return Q(source=one, target=other) | Q(source=other, target=one)


def _count(ticket: Ticket) -> int:
    return TicketLink.objects.filter(Q(source=ticket) | Q(target=ticket)).count()
