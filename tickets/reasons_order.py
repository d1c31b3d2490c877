"""What the codes of order in the heap mean: tags, watchers, messages taken elsewhere, links, checklist, time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_noop as _

from desks.config import DeskConfig

Codes = Mapping[str, Any]

FACES: Final[Mapping[str, tuple[str, str]]] = {
    "tagged": ("sort", "info"),
}
SENTENCES: Final[Mapping[str, str]] = {
    "tagged": _("%(actor)s changed the tags:%(added)s%(removed)s"),
}


def words(data: Codes, config: DeskConfig) -> dict[str, str]:
    """The words that these sentences need."""
    return {
        "added": _names(data.get("added", ()), "+", config),
        "removed": _names(data.get("removed", ()), "−", config),
    }


def _names(slugs: Any, sign: str, config: DeskConfig) -> str:
    """` +Timbrado +Urge`"""
    return "".join(f" {sign}{config.tag(slug).name}" for slug in slugs)
