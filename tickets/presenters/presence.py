"""Who else is on a ticket, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.hd import icon_html
from tickets.presence import Person


def on_row(people: Sequence[Person]) -> SafeString:
    """For a row of the queue: the first of them, and how many more; "" for nobody, which is most rows."""
    if not people:
        return SafeString("")
    first, more = people[0], len(people) - 1
    words = _("%(name)s is answering") if first.writing else _("%(name)s is looking at this ticket")
    told = words % {"name": first.first_name}
    if more:
        told = f"{told} {ngettext('and somebody else', 'and %(n)d others', more) % {'n': more}}"
    return format_html('<span data-present><b class="tone" data-tone="warn">{}{}</b> · </span>', icon_html("eye"), told)


def band(people: Sequence[Person], *, number: str, nudged: str, now: datetime) -> dict[str, Any]:
    """For the page of the ticket: who answers, with since when, and who only looks."""
    looking = [person.first_name for person in people if not person.writing]
    return {
        "writers": [_writer(person, now) for person in people if person.writing],
        "looking": _looking(looking) if looking else "",
        "nudged": _("%(name)s is on this ticket too: agree who answers.") % {"name": nudged} if nudged else "",
        "tell_href": f"/tickets/{number}/presencia/avisar/",
    }


def _writer(person: Person, now: datetime) -> dict[str, Any]:
    return {
        "id": person.user_id,
        "name": person.name,
        "first_name": person.first_name,
        "since": _for(int(now.timestamp()) - person.since),
        "tell": _("Tell %(name)s") % {"name": person.first_name},
    }


def _looking(names: Sequence[str]) -> str:
    words = ngettext("%(names)s is looking at this ticket.", "%(names)s are looking at this ticket.", len(names))
    return words % {"names": _joined(names)}


def _for(seconds: int) -> str:
    """`40 s`, `3 min`."""
    return f"{max(0, seconds)} s" if seconds < 60 else f"{seconds // 60} min"


def _joined(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}
