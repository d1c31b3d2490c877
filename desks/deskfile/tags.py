"""The section of the vocabulary: what tickets may be tagged with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from desks import tags
from desks.deskfile.reader import Node, unique
from desks.deskfile.rows import reconcile
from desks.deskfile.sections import Saving, Section
from desks.models import Desk, Tag, Tone

KEY: Final = "tags"


def _check(root: Node) -> dict[str, dict[str, Any]] | None:
    """The tags by slug; None where the file does not speak of them: then those that people made stay."""
    if not root.has(KEY):
        return None
    nodes = root.items(KEY)
    if len(nodes) > tags.MAX_PER_DESK:
        root.refuse(KEY, "too_many", _("There are too many of them."))
    slugs, found = [], {}
    for node in nodes:
        name = tags.tidy(node.text("name", longest=tags.MAX_NAME, required=True))
        slug = node.slug("slug", required=False, longest=tags.MAX_NAME) or tags.slug_of(name)
        if name and tags.slug_of(slug) != slug:
            node.refuse("slug", "invalid_slug", _("Use letters without accents, digits and hyphens."))
        slugs.append(slug)
        found[slug] = {"name": name, "tone": node.choice("tone", Tone.values, required=False, default=Tone.MUTE)}
        node.done()
    unique(nodes, "name", slugs)
    return found


def _save(saving: Saving, wanted: Mapping[str, Mapping[str, Any]] | None) -> None:
    if wanted is None:
        return
    desk = saving.of()
    reconcile(
        Tag.objects.filter(desk=desk),
        lambda row: row.slug,
        {slug: {**values, "into": None} for slug, values in wanted.items()},
        lambda slug, values: Tag.objects.create(desk=desk, slug=slug, **values),
        saving,
        "tag",
    )


def _dump(desk: Desk) -> dict[str, Any]:
    rows = Tag.objects.filter(desk=desk, is_active=True).order_by("name", "id")
    return {KEY: [_row(tag) for tag in rows]}


def _row(tag: Tag) -> dict[str, str]:
    renamed = tags.slug_of(tag.name) != tag.slug
    return {"name": tag.name, **({"slug": tag.slug} if renamed else {}), "tone": tag.tone}


TAGS: Final = Section(KEY, frozenset({KEY}), _check, _save, _dump)
