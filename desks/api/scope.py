"""Which desk a call means, and whether the caller belongs to it."""

from __future__ import annotations

from typing import TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request

from core.actor import Actor
from core.errors import Invalid
from desks.models import Desk

M = TypeVar("M", bound=Model)


def actor_of(request: Request) -> Actor:
    """Return who calls; the middleware has put them there."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def staffed_desks(actor: Actor) -> QuerySet[Desk]:
    """Return the desks that the actor works at; an administrator works at all."""
    desks = Desk.objects.active().select_related("vendor").order_by("slug")
    return desks if actor.is_admin else desks.filter(pk__in=list(actor.desk_roles))


def find_in_scope(request: Request, rows: QuerySet[M], slug: str) -> tuple[M, Desk]:
    """Return the row with that slug in the scope of a desk where the caller works, and the desk. 2 queries.

    Raises Http404 for what is not theirs; where several of their desks have one, `desk` must say which.
    """
    desks = {desk.slug: desk for desk in staffed_desks(actor_of(request))}
    wanted = request.query_params.get("desk")
    scopes = desks.keys() & {wanted} if wanted else desks.keys()
    found = list(rows.filter(scope__in=list(scopes), slug=slug, is_active=True).order_by("scope")[:2])
    if not found:
        raise Http404
    if len(found) > 1:
        raise Invalid.field("desk", "ambiguous", _("Several of your desks have one of that name: say which desk."))
    return found[0], desks[found[0].scope]  # type: ignore[attr-defined]
