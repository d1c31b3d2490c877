"""Tags as screens show them: a name in a tone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from desks.config import DeskConfig
from tickets.models import Ticket

# A row of the queue has room for so many; the rest is counted.
IN_A_ROW: Final = 2


def chips(ticket: Ticket, config: DeskConfig) -> list[dict[str, Any]]:
    """The tags of a ticket; `slug` is what takes one off."""
    return [{"name": tag.name, "tone": tag.tone, "slug": tag.slug} for tag in config.tags_of(ticket.tags)]


def in_row(slugs: Sequence[str], config: DeskConfig, *, done: int = 0, steps: int = 0) -> SafeString:
    """The tags in a row of the queue, and `3/5` steps; "" for neither, which is most rows. Made once per set."""
    if not slugs and not steps:
        return SafeString("")
    tags = tuple((tag.name, tag.tone) for tag in config.tags_of(slugs))
    return _drawn(tags, gettext("steps %(done)s/%(steps)s") % {"done": done, "steps": steps} if steps else "")


@lru_cache(maxsize=512)
def _drawn(shown: tuple[tuple[str, str], ...], steps: str) -> SafeString:
    pills = format_html_join("", '<span class="tag" data-tone="{1}">{0}</span>', shown[:IN_A_ROW])
    more = len(shown) - IN_A_ROW
    rest = format_html('<span class="tag">+{}</span>', more) if more > 0 else ""
    return format_html("{}{}{}", pills, rest, format_html('<span class="tag">{}</span>', steps) if steps else "")


def suggested(config: DeskConfig, worn: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the vocabulary that the ticket does not wear, by name."""
    mine = {tag["slug"] for tag in worn}
    return [tag.name for tag in config.tags.values() if tag.is_active and tag.slug not in mine]
