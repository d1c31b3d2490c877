"""Keeping a view of the queue under a name, for oneself or for a desk.

What a whole desk sees beside its queue is decided by who supervises it; everybody keeps their own. Only names and
values of the address are kept: what they show is read anew, as whoever looks may see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Forbidden, Invalid
from tickets.actions import safekeeping
from tickets.models import SavedView
from tickets.queries import savedviews

MAX_NAME = 60


def keep_view(
    *, by: Actor, now: datetime, name: str, params: Mapping[str, str], desk_id: int | None = None
) -> SavedView:
    """Keep the view; with `desk_id` it is shared. Raises Invalid at `name`, Forbidden for a desk not supervised."""
    if by.user_id is None:
        raise Forbidden()
    view = SavedView(owner_id=by.user_id, created_at=now)
    return _write(view, by=by, name=name, params=params, desk_id=desk_id)


def change_view(view: SavedView, *, by: Actor, name: str, params: Mapping[str, str], desk_id: int | None) -> SavedView:
    """Rename it, share it or take it back, give it other parameters. A shared one taken back is its owner's again."""
    guard(view, by)
    if view.desk_id is not None and desk_id is None and view.owner_id != by.user_id:
        raise Invalid.field(
            "desk", "not_yours", _("Only who made it may take it back for themselves; delete it instead.")
        )
    return _write(view, by=by, name=name, params=params, desk_id=desk_id)


def drop_view(view: SavedView, *, by: Actor) -> None:
    """Delete it: nothing else hangs on it."""
    guard(view, by)
    view.delete()


def guard(view: SavedView, by: Actor) -> None:
    """Raise Forbidden unless the view is the actor's own, or shared with a desk that they supervise."""
    if not may_change(owner_id=view.owner_id, desk_id=view.desk_id, by=by):
        raise Forbidden()


def may_change(*, owner_id: int | None, desk_id: int | None, by: Actor) -> bool:
    """Whether the actor may rename, share or delete it."""
    return by.supervises(desk_id) if desk_id is not None else owner_id is not None and owner_id == by.user_id


def _write(view: SavedView, *, by: Actor, name: str, params: Mapping[str, str], desk_id: int | None) -> SavedView:
    name = " ".join(name.split())
    if not name:
        raise Invalid.field("name", "required", _("Give the view a name."))
    if len(name) > MAX_NAME:
        raise Invalid.field("name", "max_length", _("At most 60 characters."))
    if safekeeping.catch(name).any or safekeeping.catch(params.get("q", "")).any:
        raise Invalid.field("name", "secret", _("This looks like access data: it is not kept in a view."))
    if desk_id is not None and not by.supervises(desk_id):
        raise Forbidden()
    if not savedviews.room(owner_id=view.owner_id, desk_id=desk_id, but=view.pk):
        raise Invalid.field("name", "too_many", _("There are 30 views already: delete one that is not used any more."))
    view.name, view.params, view.desk_id = name, dict(params), desk_id
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise Invalid.field("name", "name_taken", _("There is already a view of this name.")) from None
    return view
