"""The vocabulary of a desk: making tags as they are needed, and keeping it in order.

Who works tickets makes a tag by writing it on one; supervisors rename, colour, merge and put away. Every action ends
with `touch`, which lets no process go on with the old words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from core import passwords
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from desks import actions as desk_actions
from desks import queries as desk_queries
from desks import tags
from desks.models import Desk, Tag, Tone

FIELD: Final = "name"


def check(name: str, field: str = FIELD) -> tuple[str, str]:
    """The tidy name and its slug. Raises Invalid at `field`."""
    tidy = tags.tidy(name)
    slug = tags.slug_of(tidy)
    if not slug:
        raise Invalid.field(field, "required", _("A tag needs letters or digits."))
    if len(tidy) > tags.MAX_NAME or len(slug) > tags.MAX_NAME:
        raise Invalid.field(field, "too_long", _("A tag has at most 30 letters."))
    if passwords.find(tidy):
        raise Invalid.field(field, "secret", _("This looks like a password: it is not kept in a tag."))
    return tidy, slug


def known(desk: Desk, names: Iterable[str], field: str = FIELD) -> list[str]:
    """The slugs of the tags of these names, none twice; a new name makes a tag, a merged one gives the other.

    Within the caller's transaction. 0 queries where all are known. Raises Invalid at `field`, for a tag that was put
    away too.
    """
    config = desk_queries.config(desk)
    named = {tags.slug_of(tag.name): tag.slug for tag in config.tags.values() if tag.is_active}
    wanted: dict[str, str] = {}
    for name, slug in (check(name, field) for name in names):
        wanted.setdefault(slug, name)
    new = {slug: name for slug, name in wanted.items() if slug not in named and slug not in config.tags}
    if new:
        _make(desk, new, field)
    found = [config.tag(named.get(slug, slug)) for slug in wanted]
    for tag in found:
        if not tag.is_active and tag.slug not in new:
            raise Invalid.field(field, "inactive", _("“%s” was put away: choose another tag.") % tag.name)
    return list(dict.fromkeys(tag.slug for tag in found))


def _make(desk: Desk, names: Mapping[str, str], field: str) -> None:
    """Two people who write the same word at once make one tag of it. 3 queries.

    `desk` keeps the version that it was read with: what is made here may still be rolled back, and no configuration
    with it may be kept in this process.
    """
    if Tag.objects.filter(desk=desk, is_active=True).count() + len(names) > tags.MAX_PER_DESK:
        raise Invalid.field(field, "too_many", _("The desk has 200 tags already: choose one of them."))
    rows = (Tag(desk=desk, slug=slug, name=name) for slug, name in names.items())
    Tag.objects.bulk_create(rows, ignore_conflicts=True)
    Desk.objects.filter(pk=desk.pk).update(config_version=F("config_version") + 1)


@transaction.atomic
def make(desk: Desk, *, by: Actor, name: str, tone: str) -> Tag:
    """Add a word to the vocabulary. Raises Forbidden for who does not supervise, Invalid."""
    if not by.supervises(desk.pk):
        raise Forbidden
    tidy, slug = check(name)
    if tone not in Tone.values:
        raise Invalid.field("tone", "invalid_choice", _("Choose one of the list."))
    config = desk_queries.config(desk)
    if slug in config.tags or any(tags.slug_of(tag.name) == slug for tag in config.tags.values() if tag.is_active):
        raise Invalid.field(FIELD, "taken", _("The desk has this tag already."))
    _make(desk, {slug: tidy}, FIELD)
    tag = Tag.objects.get(desk=desk, slug=slug)
    tag.tone = tone
    tag.save(update_fields=["tone"])
    return tag


@transaction.atomic
def change(tag: Tag, *, by: Actor, name: str, tone: str, is_active: bool) -> Tag:
    """Call it otherwise, colour it, put it away or take it out again; tickets keep it. Raises Forbidden, Invalid."""
    _supervised(tag, by)
    tidy, slug = check(name)
    if tone not in Tone.values:
        raise Invalid.field("tone", "invalid_choice", _("Choose one of the list."))
    tag = _locked(tag.desk_id, tag.pk)[0]
    if is_active and tag.into_id is not None:
        raise Conflict(_("It was merged into another tag: separate it first."), code="tag_merged")
    if _has_twin(tag, slug):
        raise Invalid.field(FIELD, "taken", _("Another tag has this name: merge them instead."))
    tag.name, tag.tone, tag.is_active = tidy, tone, is_active
    tag.save(update_fields=["name", "tone", "is_active"])
    desk_actions.touch(tag.desk)
    return tag


@transaction.atomic
def merge(tag: Tag, *, by: Actor, into: int) -> Tag:
    """Let the tag stand for another of its desk, at once and for every ticket that wears it.

    What was merged into it before goes along. Raises Forbidden, Invalid.
    """
    _supervised(tag, by)
    rows = {row.pk: row for row in _locked(tag.desk_id, tag.pk, into)}
    target = rows.get(into)
    if target is None or not target.is_active or into == tag.pk:
        raise Invalid.field("into", "unknown_tag", _("Choose another tag of the list."))
    merged = rows[tag.pk]
    Tag.objects.filter(into=merged).update(into=target)
    merged.into, merged.is_active = target, False
    merged.save(update_fields=["into", "is_active"])
    desk_actions.touch(merged.desk)
    return merged


@transaction.atomic
def separate(tag: Tag, *, by: Actor) -> Tag:
    """Let a merged tag stand for itself again: the tickets that wore it wear it still. Raises Forbidden, Conflict."""
    _supervised(tag, by)
    tag = _locked(tag.desk_id, tag.pk)[0]
    if tag.into_id is None:
        raise Conflict(_("It is not merged."), code="tag_not_merged")
    if _has_twin(tag, tags.slug_of(tag.name)):
        raise Conflict(_("Another tag has this name: merge them instead."), code="tag_name_taken")
    tag.into, tag.is_active = None, True
    tag.save(update_fields=["into", "is_active"])
    desk_actions.touch(tag.desk)
    return tag


def _has_twin(tag: Tag, slug: str) -> bool:
    """Whether another tag in use is called the same, however it is written. 1 query."""
    others = Tag.objects.filter(desk_id=tag.desk_id, is_active=True).exclude(pk=tag.pk)
    return any(tags.slug_of(name) == slug for name in others.values_list("name", flat=True))


def _supervised(tag: Tag, by: Actor) -> None:
    if not by.supervises(tag.desk_id):
        raise Forbidden


def _locked(desk_id: int, *ids: int) -> Sequence[Tag]:
    rows = Tag.objects.select_for_update(of=("self",)).select_related("desk").filter(desk_id=desk_id, pk__in=ids)
    return list(rows.order_by("pk"))
