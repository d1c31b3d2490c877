"""Macros of a desk, and those that a person may run on a ticket."""

from __future__ import annotations

from django.db.models import F, QuerySet

from core.actor import Actor
from desks.models import Desk
from tickets.models import Macro, Ticket


def _whole(actor: Actor) -> QuerySet[Macro]:
    found = Macro.objects.of_reader(actor).select_related("desk__vendor", "answer", "assignee")
    return found.order_by("-is_active", F("digit").asc(nulls_last=True), "owner_id", "name", "id")


def of_desk(desk: Desk, actor: Actor) -> list[Macro]:
    """All of a desk that the actor may see, by their keys. 1 query; `actions.macros` bounds it."""
    return list(_whole(actor).filter(desk=desk))


def one(actor: Actor, pk: int) -> Macro | None:
    """The macro with its answer, None where the actor may not see it. 1 query."""
    return _whole(actor).filter(pk=pk).first()


def usable(ticket: Ticket, actor: Actor) -> list[Macro]:
    """Those that can be run on the ticket, one's own before the desk's under the same key. 1 query."""
    found = list(_whole(actor).filter(desk_id=ticket.desk_id, is_active=True))
    return sorted(found, key=lambda one: (one.digit or 10, one.owner_id is None))


def of_ticket(ticket: Ticket, actor: Actor, pk: int) -> Macro | None:
    """The macro, where it can be run on the ticket. 1 query."""
    return _whole(actor).filter(desk_id=ticket.desk_id, is_active=True, pk=pk).first()
