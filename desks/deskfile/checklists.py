"""The section of the lists of steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from desks.deskfile.reader import Node, unique
from desks.deskfile.rows import reconcile
from desks.deskfile.sections import Saving, Section
from desks.models import Checklist, Desk
from desks.models_checklists import MAX_STEP, MAX_STEPS

KEY: Final = "checklists"


def _check(root: Node) -> dict[str, dict[str, Any]]:
    nodes = root.items(KEY)
    slugs, found = [], {}
    for node in nodes:
        slug = node.slug("slug")
        steps = node.strings("steps", longest=MAX_STEP)
        if not 1 <= len(steps) <= MAX_STEPS:
            node.refuse("steps", "out_of_range", _("A list has 1 to 30 steps."))
        slugs.append(slug)
        found[slug] = {"name": node.text("name", longest=80, required=True), "steps": steps}
        node.done()
    unique(nodes, "slug", slugs)
    return found


def _save(saving: Saving, wanted: Mapping[str, Mapping[str, Any]]) -> None:
    desk = saving.of()
    reconcile(
        Checklist.objects.filter(desk=desk),
        lambda row: row.slug,
        wanted,
        lambda slug, values: Checklist.objects.create(desk=desk, slug=slug, **values),
        saving,
        "checklist",
    )


def _dump(desk: Desk) -> dict[str, Any]:
    rows = Checklist.objects.filter(desk=desk, is_active=True).order_by("id")
    return {KEY: [{"slug": row.slug, "name": row.name, "steps": list(row.steps)} for row in rows]}


CHECKLISTS: Final = Section(KEY, frozenset({KEY}), _check, _save, _dump)
