"""Public articles as pieces that can be put into a reply (`tickets.inserting`): their link, or their words.

An internal article is no piece: what is in it is for the desk's people.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from desks.models import Desk
from knowledge import queries, rendering
from knowledge.models import Article
from tickets import canned, retelling
from tickets.inserting import Choice, Kind, Piece, Where

LINK: Final = "articulo"
WORDS: Final = "texto"


def link(article: Article, desk: Desk) -> str:
    """The article as a reply names it: its title and where the client reads it."""
    return f"{article.title}:\n{settings.SITE_URL.rstrip('/')}/{desk.slug}/ayuda/{article.pk}/"


def words(article: Article) -> str:
    """What the published version says, without marks."""
    return rendering.plain(article.published.body) if article.published else ""


def find(where: Where, like: str, by_shortcut: bool) -> list[Choice]:
    """Those that answer to what was typed, else those for the case; articles have no shortcut. At most 2 queries."""
    if by_shortcut:
        return []
    ticket = where.ticket
    wanted = queries.typed(like) if like.strip() else retelling.wanted(ticket)
    found = queries.offered(ticket.desk, wanted, public=True)
    return [Choice(f"{LINK}-{one.pk}", one.title, _("article"), _excerpt(one)) for one in found]


def _excerpt(article: Article) -> str:
    return rendering.excerpt(article.published.body) if article.published else ""


def read_link(where: Where, pk: int) -> Piece | None:
    """The link of a public article of the ticket's desk. 1 query."""
    article = _public(where, pk)
    return _piece(LINK, article, link(article, where.ticket.desk)) if article else None


def read_words(where: Where, pk: int) -> Piece | None:
    """The words of a public article of the ticket's desk. 1 query."""
    article = _public(where, pk)
    return _piece(WORDS, article, words(article)) if article else None


def _public(where: Where, pk: int) -> Article | None:
    return queries.one(Article.objects.public().at(where.ticket.desk), pk)


def _piece(kind: str, article: Article, text: str) -> Piece:
    return Piece(f"{kind}-{article.pk}", article.title, canned.Filled((canned.Piece("text", text),)))


def _none(where: Where, like: str, by_shortcut: bool) -> list[Choice]:
    return []


def _taken(where: Where, pk: int) -> None:
    """Nothing lies beside an article."""


KINDS: Final = (Kind(LINK, find, read_link, _taken), Kind(WORDS, _none, read_words, _taken))
