"""Saved views of the queue, read together with the desks of who looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject, Lower

from core.actor import Actor
from core.compiled import OneOf, compiled
from desks.models import Desk
from tickets.models import SavedView

# How many a person keeps for themselves, and how many a desk shares: the list stands beside every page of the queue.
MOST: Final = 30


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved view as the rail lists it. `desk_id` None: the person's own."""

    id: int
    name: str
    params: Mapping[str, str]
    desk_id: int | None


def desks_and_views(actor: Actor) -> tuple[list[Desk], list[Kept]]:
    """The desks whose tickets the actor works as `board.desks_of`, and the views that they see, by name. 1 query."""
    me = actor.user_id or 0
    desks = _all(me=me) if actor.is_admin else _desks(me=me, ids=actor.ticket_desk_ids())
    found = {row["id"]: Kept(**row) for desk in desks for row in desk.kept_views}  # type: ignore[attr-defined]
    return desks, sorted(found.values(), key=lambda view: (view.name.casefold(), view.id))


def _with_views(desks: QuerySet[Desk], me: Any) -> QuerySet[Desk]:
    seen = SavedView.objects.filter(Q(desk=OuterRef("pk")) | Q(desk=None, owner_id=me)).order_by(Lower("name"), "id")
    row = JSONObject(id=F("id"), name=F("name"), params=F("params"), desk_id=F("desk_id"))
    return (
        desks.order_by("name")
        .defer("texts", "wording", "routing_table")
        .annotate(kept_views=ArraySubquery(seen.values(json=row)[: 2 * MOST]))
    )


@compiled
def _desks(me: Any, ids: Any) -> QuerySet[Desk]:
    return _with_views(Desk.objects.active().filter(OneOf("pk", ids)), me)


@compiled
def _all(me: Any) -> QuerySet[Desk]:
    return _with_views(Desk.objects.active(), me)


def one(actor: Actor, pk: int) -> SavedView | None:
    """The view, where the actor sees it. 1 query."""
    return SavedView.objects.visible_to(actor).select_related("desk").filter(pk=pk).first()


def room(*, owner_id: int, desk_id: int | None, but: int | None = None) -> bool:
    """Whether one more fits among the person's own, or the desk's. 1 query."""
    kept = SavedView.objects.filter(desk_id=desk_id) if desk_id else SavedView.objects.filter(desk=None, owner=owner_id)
    return kept.exclude(pk=but or 0).count() < MOST


def shared_desks(actor: Actor, desks: Sequence[Desk]) -> list[Desk]:
    """The desks with which the actor may share a view: those that they supervise."""
    return [desk for desk in desks if actor.supervises(desk.pk)]
