"""Following a ticket without having it: told what whoever has it is told, once.

Only people of the desk follow. Who does what is to be told of is not told, nor who has the ticket or stands on the
ladder: they are told by their own notices.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Invalid
from core.rows import Rows
from desks import queries as desk_queries
from desks.config import Member
from tickets.actions import guards, record, telling
from tickets.models import Ticket, Watcher

MAX_WATCHERS: Final = 20


def follow(ticket: Ticket, *, by: Actor, now: datetime, user: int | None = None) -> Ticket:
    """Let a person follow the ticket: oneself, or a colleague of the desk, who is told; return the fresh row.

    A colleague is added by whoever has the ticket or supervises, and by `mentioned`. Who follows already goes on
    following, and nothing is written. Raises Forbidden, Invalid at `user`.
    """
    guards.consultant(ticket, by)
    if user not in {None, by.user_id}:
        guards.assignee(ticket, by)
    return _add(ticket, by=by, now=now, user=user)


def mentioned(ticket: Ticket, *, by: Actor, now: datetime, user: int) -> Ticket:
    """Let a colleague follow whom anybody of the desk named in a note; they are told of that by the note."""
    guards.consultant(ticket, by)
    return _add(ticket, by=by, now=now, user=user, tell=False)


def _add(ticket: Ticket, *, by: Actor, now: datetime, user: int | None, tell: bool = True) -> Ticket:
    member = _member(ticket, by.user_id if user is None else user)
    with transaction.atomic():
        fresh = record.locked(ticket.pk)
        if Watcher.objects.filter(ticket=fresh, user_id=member.user_id).exists():
            return fresh
        if fresh.n_watchers >= MAX_WATCHERS:
            raise Invalid.field("user", "too_many", _("20 people follow it already."))
        with record.changing(fresh, now=now) as watched:
            Watcher.objects.create(ticket=watched, user_id=member.user_id, added_by_id=by.user_id, created_at=now)
            watched.n_watchers += 1
            entry = record.record(watched, "followed", by=by, now=now, watcher=_person(member))
            if tell and member.user_id != by.user_id:
                telling.team(
                    watched, [member.user_id], "watch_added", key=f"watch_added/{entry.pk}", now=now, who=by.label
                )
        return watched


def unfollow(ticket: Ticket, *, by: Actor, now: datetime, user: int | None = None) -> Ticket:
    """Follow it no more: oneself, or somebody whom the assignee or who supervises takes off.

    Raises Forbidden; who does not follow is no error.
    """
    guards.consultant(ticket, by)
    wanted = (by.user_id or 0) if user is None else user
    if wanted != by.user_id:
        guards.assignee(ticket, by)
    with transaction.atomic():
        fresh = record.locked(ticket.pk)
        row = Watcher.objects.filter(ticket=fresh, user_id=wanted).select_related("user").first()
        if row is None:
            return fresh
        with record.changing(fresh, now=now) as watched:
            row.delete()
            watched.n_watchers -= 1
            person = {"id": row.user_id, "name": row.user.name or row.user.email, "kind": "user"}
            record.record(watched, "unfollowed", by=by, now=now, watcher=person)
        return watched


def tell(
    ticket: Ticket,
    code: str,
    *,
    key: str,
    now: datetime,
    by: Actor | None = None,
    told: Collection[int | None] = (),
    rows: Rows | None = None,
    **params: object,
) -> None:
    """Tell those who follow a locked ticket, but who did it (`by`), who has it, and whoever is `told` otherwise.

    Whoever works no tickets there any more hears nothing. `code` names `team.<code>` of the wording. 1 query, 0 where
    nobody follows.
    """
    if not ticket.n_watchers:
        return
    others = {ticket.assignee_id, by.user_id if by else None, *told}
    config = desk_queries.config(ticket.desk)
    attending = {member.user_id for member in config.attending}
    wanted = [user_id for user_id in followers(ticket) if user_id in attending and user_id not in others]
    if wanted:
        telling.team(ticket, wanted, code, key=key, now=now, rows=rows, **params)


def followers(ticket: Ticket) -> list[int]:
    """Ids of who follows, the longest first. 1 query, 0 where nobody does."""
    if not ticket.n_watchers:
        return []
    return list(Watcher.objects.filter(ticket=ticket).order_by("id").values_list("user_id", flat=True))


def _member(ticket: Ticket, user_id: int | None) -> Member:
    member = desk_queries.config(ticket.desk).attendant(user_id)
    if member is None:
        raise Invalid.field("user", "unknown_person", _("Choose a person of this desk."))
    return member


def _person(member: Member) -> dict[str, object]:
    return {"id": member.user_id, "name": member.name, "kind": "user"}
