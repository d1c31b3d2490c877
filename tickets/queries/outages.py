"""The outages of a desk: what clients are told now, and what was."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from core import paging
from core.paging import Key, Page
from desks.models import Desk
from tickets import lifecycle
from tickets.models import Outage, Ticket

SIZE = 20
CHILDREN = 50
_BY_BEGINNING = (Key("started_at", descending=True, parse=paging.instant), Key("id", descending=True))
_BY_NUMBER = (Key("counter"), Key("id"))


def active(desk: Desk) -> list[Outage]:
    """The notices that hold at the desk, oldest first. 1 query, none where the desk has none."""
    if not desk.open_outages:
        return []
    return list(Outage.objects.active().filter(desk=desk).order_by("started_at", "id"))


def of_desks(desk_ids: Sequence[int], *, ended: bool, cursor: str | None) -> Page[Outage]:
    """Outages with how many reports joined, newest first. 1 query."""
    found = Outage.objects.filter(desk_id__in=desk_ids, ended_at__isnull=not ended)
    return paging.page(_with_counts(found), _BY_BEGINNING, cursor=cursor, size=SIZE)


def _with_counts(outages: QuerySet[Outage]) -> QuerySet[Outage]:
    still_open = Q(parent__children__status__in=sorted(lifecycle.OPEN))
    return outages.select_related("desk", "parent", "parent__assignee", "declared_by", "ended_by").annotate(
        n_reports=Count("parent__children"), n_open=Count("parent__children", filter=still_open)
    )


def one(outages: QuerySet[Outage], pk: int) -> Outage | None:
    """An outage of these with how many reports joined. 1 query."""
    return _with_counts(outages.filter(pk=pk)).first()


def reports(outage: Outage, *, cursor: str | None) -> Page[Ticket]:
    """The reports that joined, in the order of their numbers. 1 query."""
    rows = Ticket.objects.filter(parent_id=outage.parent_id).select_related("client", "assignee", "desk")
    return paging.page(rows, _BY_NUMBER, cursor=cursor, size=CHILDREN)


def of_ticket(ticket: Ticket) -> Outage | None:
    """The outage that a ticket belongs to or leads, the newest. 1 query, none for a ticket that does neither."""
    if ticket.parent_id is None and not ticket.leads:
        return None
    return Outage.objects.filter(parent_id=ticket.parent_id or ticket.pk).order_by("-started_at", "-id").first()
