"""Tags as screens show them: a name in a tone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from desks.config import DeskConfig
from tickets.models import Ticket

# A row of the queue has room for so many; the rest is counted.
IN_A_ROW: Final = 2


def chips(ticket: Ticket, config: DeskConfig) -> list[dict[str, Any]]:
    """The tags of a ticket; `slug` is what takes one off."""
    return [{"name": tag.name, "tone": tag.tone, "slug": tag.slug} for tag in config.tags_of(ticket.tags)]


def in_row(slugs: Sequence[str], config: DeskConfig | None) -> SafeString:
    """The tags in a row of the queue; "" for none, which is most rows. Made once per set of tags."""
    if not slugs or config is None:
        return SafeString("")
    return _drawn(tuple((tag.name, tag.tone) for tag in config.tags_of(slugs)))


@lru_cache(maxsize=512)
def _drawn(shown: tuple[tuple[str, str], ...]) -> SafeString:
    pills = format_html_join("", '<span class="tag" data-tone="{1}">{0}</span>', shown[:IN_A_ROW])
    more = len(shown) - IN_A_ROW
    return format_html("{}{}", pills, format_html('<span class="tag">+{}</span>', more) if more > 0 else "")


def suggested(config: DeskConfig, worn: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the vocabulary that the ticket does not wear, by name."""
    mine = {tag["slug"] for tag in worn}
    return [tag.name for tag in config.tags.values() if tag.is_active and tag.slug not in mine]
