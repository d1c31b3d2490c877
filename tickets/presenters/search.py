"""What a search could not read, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tickets.searchquery import Search


def notes(search: Search | None) -> list[str]:
    """A sentence for each thing that was taken as words; at most three."""
    if search is None:
        return []
    said = {
        "operator": _("“%s” is no filter: it was looked for as words."),
        "value": _("“%s” could not be read: it was looked for as words."),
        "empty": _("“%s” has nothing after the colon: it was looked for as a word."),
        "quote": _("A quotation mark is missing (%s): the words were looked for one by one."),
    }
    return [said[problem.code] % problem.text for problem in search.problems[:3]]
