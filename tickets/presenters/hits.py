"""Hits in what was found, as HTML: the text escaped first, then the marks that the database set."""

from __future__ import annotations

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from tickets.queries.search import START, STOP


def marked(text: str) -> SafeString:
    """The text with `<mark>` around each hit. A mark without its pair is dropped."""
    first, *rest = text.split(START)
    parts: list[str] = [escape(first.replace(STOP, ""))]
    for piece in rest:
        hit, stop, after = piece.partition(STOP)
        parts.append(f"<mark>{escape(hit)}</mark>{escape(after.replace(STOP, ''))}" if stop else escape(hit))
    return mark_safe("".join(parts))  # noqa: S308 - every piece is escaped above


def snippet(text: str) -> SafeString:
    """A piece of a message on one line; empty without a hit in the messages."""
    return marked(" ".join(text.split()))
