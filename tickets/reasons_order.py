"""What the codes of order in the heap mean: tags, watchers, messages taken elsewhere, links, checklist, time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from core import localtime
from desks.config import DeskConfig

Codes = Mapping[str, Any]

FACES: Final[Mapping[str, tuple[str, str]]] = {
    "tagged": ("sort", "info"),
    "followed": ("eye", "info"),
    "unfollowed": ("eye", "mute"),
    "split": ("swap", "info"),
    "split_off": ("swap", "info"),
    "split_undone": ("swap", "mute"),
    "linked": ("swap", "info"),
    "unlinked": ("swap", "mute"),
    "checklist_added": ("list", "info"),
    "checklist_ticked": ("check", "ok"),
    "checklist_unticked": ("list", "mute"),
    "checklist_removed": ("list", "mute"),
    "time_noted": ("clock", "info"),
    "time_corrected": ("clock", "warn"),
    "time_removed": ("clock", "mute"),
}
SENTENCES: Final[Mapping[str, str]] = {
    "tagged": _("%(actor)s changed the tags:%(added)s%(removed)s"),
    "followed": _("%(watcher)s follows it"),
    "unfollowed": _("%(watcher)s does not follow it any more"),
    "split": _("%(actor)s took %(n_messages)s to %(into)s"),
    "split_off": _("Taken out of %(ticket)s: %(n_messages)s"),
    "split_undone": _("What was taken to %(ticket)s is back"),
    "linked": _("%(actor)s linked it: %(link)s %(ticket)s"),
    "unlinked": _("%(actor)s took the link to %(ticket)s away"),
    "checklist_added": _("%(actor)s added %(n_steps)s to the list"),
    "checklist_ticked": _("%(actor)s ticked a step"),
    "checklist_unticked": _("%(actor)s opened a step again"),
    "checklist_removed": _("%(actor)s took a step out of the list"),
    "time_noted": _("%(actor)s noted %(minutes)s of work"),
    "time_corrected": _("%(actor)s corrected %(was)s of work to %(minutes)s"),
    "time_removed": _("%(actor)s took %(minutes)s of work out"),
}
# What a ticket is to the other, and the same read from the other side.
LINKS: Final[Mapping[str, str]] = {
    "related": _("has to do with"),
    "related.back": _("has to do with"),
    "duplicate": _("is the same as"),
    "duplicate.back": _("is repeated in"),
    "caused_by": _("is caused by"),
    "caused_by.back": _("is the cause of"),
}


def words(data: Codes, config: DeskConfig) -> dict[str, str]:
    """The words that these sentences need."""
    n = data.get("n") or 0
    return {
        "added": _names(data.get("added", ()), "+", config),
        "removed": _names(data.get("removed", ()), "−", config),
        "watcher": (data.get("watcher") or {}).get("name", ""),
        "link": link(str(data.get("link", ""))),
        "n_messages": _moved(n, int(data.get("kept") or 0)) if n else "",
        "n_steps": ngettext("one step", "%(n)d steps", n) % {"n": n} if n else "",
        "was": localtime.minutes_label(data.get("was") or 0),
    }


def _moved(n: int, kept: int) -> str:
    """How many messages were taken elsewhere, with what the vault kept of them."""
    words = ngettext("one message", "%(n)d messages", n) % {"n": n}
    return gettext("%s with what the vault keeps of it") % words if kept else words


def link(code: str) -> str:
    """What a link says, from either side."""
    return gettext(LINKS[code]) if code in LINKS else code


def _names(slugs: Any, sign: str, config: DeskConfig) -> str:
    """` +Timbrado +Urge`"""
    return "".join(f" {sign}{config.tag(slug).name}" for slug in slugs)
