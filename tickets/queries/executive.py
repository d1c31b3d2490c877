"""The clients who wait for their account executive."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from core.actor import Actor
from tickets import lifecycle
from tickets.models import Ticket

MOST: Final = 50


def waiting(actor: Actor) -> QuerySet[Ticket]:
    """Open tickets of clients whose executive the actor is, at desks where they work, the first to ask first."""
    if actor.user_id is None:
        return Ticket.objects.none()
    return (
        Ticket.objects.filter(
            client__account_executive_id=actor.user_id,
            desk_id__in=list(actor.desk_roles),
            status__in=sorted(lifecycle.OPEN),
            executive_asked_at__isnull=False,
            executive_answered_at__isnull=True,
        )
        .select_related("desk__vendor", "client", "assignee")
        .order_by("executive_asked_at", "id")
    )
