"""Tickets by their tags, as the desk's vocabulary has them."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q
from django.db.models.functions import Coalesce

from desks.models import Tag
from desks.tags import slug_of


class _Worn(Func):
    """`slug = ANY(tags)`"""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field: Any = BooleanField()


# As the index says it: without this the planner does not take it.
_TAGGED: Final = ~Q(tags=[])


def wearing(text: str) -> Q:
    """Tickets that wear the tag of that name or slug, or one that was merged into it. 0 queries of its own.

    The index finds who wears a word; whether it is that tag at the ticket's own desk is asked of these.
    """
    asked = Tag.objects.filter(Q(slug=slug_of(text)) | Q(name__unaccent__iexact=text.strip()))
    roots = asked.values(root=Coalesce("into_id", "id"))
    group = Tag.objects.filter(Q(pk__in=roots) | Q(into_id__in=roots))
    here = group.filter(_Worn(F("slug"), OuterRef("tags")), desk_id=OuterRef("desk_id"))
    return _TAGGED & Q(tags__overlap=ArraySubquery(group.values("slug"))) & Q(Exists(here))
