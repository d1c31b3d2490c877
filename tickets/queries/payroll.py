"""What was attended while on call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from core.actor import ActorKind
from schedules.rotas import Shift
from tickets.models import TicketEvent


def attended(desk_id: int, shifts: Sequence[Shift], start: datetime, end: datetime) -> Mapping[int, int]:
    """User id -> on how many cases they did something within their own shifts of [start, end). 1 query."""
    of_person: dict[int, list[Shift]] = defaultdict(list)
    for one in shifts:
        of_person[one.user].append(one)
    found = TicketEvent.objects.filter(
        desk_id=desk_id, actor_kind=ActorKind.USER, actor_id__in=list(of_person), at__gte=start, at__lt=end
    )
    cases: dict[int, set[int]] = defaultdict(set)
    for user_id, ticket_id, at in found.order_by().values_list("actor_id", "ticket_id", "at"):
        if user_id is not None and any(one.start <= at < one.end for one in of_person[user_id]):
            cases[user_id].add(ticket_id)
    return {user_id: len(numbers) for user_id, numbers in cases.items()}
