"""The body of an article: a part of Markdown, as HTML that is safe to show, and as plain text.

Headings, lists, bold and slanted words, code, quotations and links to http(s), mail and telephone. HTML in the text is
shown as it was typed. What the parser makes is cleaned once more by nh3: two locks on one door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

# The page's own title is h1; a `#` of the text begins below it.
_BELOW: Final = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
_RULES: Final = (
    *("heading", "lheading", "list", "blockquote", "code", "fence", "hr"),
    *("backticks", "emphasis", "link", "autolink", "escape", "newline", "entity"),
)
_TAGS: Final = {"h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a", "br", "hr"}
_SCHEMES: Final = {"http", "https", "mailto", "tel"}
_ATTRIBUTES: Final[dict[str, set[str]]] = {"a": {"href"}, "ol": {"start"}, "*": set()}
_KEPT: Final = 256

_parser: Final = MarkdownIt("zero", {"html": False, "breaks": True, "maxNesting": 12}).enable(list(_RULES))


@lru_cache(maxsize=_KEPT)
def html(text: str) -> SafeString:
    """The text as HTML without script, style, picture or form. 0 queries."""
    tokens = _parser.parse(text)
    for token in tokens:
        token.tag = _BELOW.get(token.tag, token.tag)
    made = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        made,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style"},
    )
    return mark_safe(clean)  # noqa: S308 - cleaned in the line above


@lru_cache(maxsize=_KEPT)
def plain(text: str) -> str:
    """The words alone, a paragraph a line, items of lists with a hyphen or their number: for mail, search, a reply."""
    lines: list[str] = []
    lists: list[int | None] = []
    mark = ""
    for token in _parser.parse(text):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open" and lists:
            number = lists[-1]
            mark = "- " if number is None else f"{number}. "
            lists[-1] = None if number is None else number + 1
        elif token.type in {"inline", "fence", "code_block"}:
            lines.append(f"{mark}{_words(token)}".rstrip())
            mark = ""
        elif token.type in {"heading_open", "paragraph_open"} and not lists and lines:
            lines.append("")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def excerpt(text: str, limit: int = 160) -> str:
    """The beginning of the words without headings, cut between two of them."""
    words = " ".join(" ".join(_below_headings(text)).split())
    if len(words) <= limit:
        return words
    return words[:limit].rsplit(" ", 1)[0].rstrip(".,;:") + "…"


def _below_headings(text: str) -> Iterator[str]:
    heading = False
    for token in _parser.parse(text):
        if token.type in {"heading_open", "heading_close"}:
            heading = token.type == "heading_open"
        elif token.type == "inline" and not heading:
            yield _words(token)


def _words(token: Token) -> str:
    if token.type != "inline":
        return token.content.rstrip("\n")
    found, href = [], ""
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            found.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            found.append("\n")
        elif child.type == "link_open":
            href = str(child.attrGet("href") or "")
        elif child.type == "link_close" and href and href not in "".join(found[-1:]):
            found.append(f" ({href})")
    return "".join(found)
