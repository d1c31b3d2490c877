"""What a desk has written for its clients: its shelf, and what is offered while somebody writes a report.

An offer never holds anything: it costs the form nothing before something is typed, who is stopped sees none, and
sending goes on as if it were not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts import throttling
from core import localtime
from core.errors import TooMany
from desks.config import DeskConfig
from desks.models import Desk
from knowledge import actions, queries, rendering
from knowledge.models import Article

Row = dict[str, Any]

MOST_READ: Final = 5000
STOPPED: Final = "stopped"
NOTHING: Final[Row] = {"offers": [], "solved": None}


@dataclass(frozen=True, slots=True)
class Place:
    """A desk at an instant: what a shelf needs, without its calendar."""

    desk: Desk
    config: DeskConfig
    now: datetime


def voter(who: str) -> str:
    """Who answers, as a keyed digest: enough to count them once, too little to know them."""
    return salted_hmac("portal.shelf", who).hexdigest()[:40]


def line(article: Article, slug: str) -> Row:
    """An article of the shelf; its published version was read with it."""
    return {
        "pk": article.pk,
        "href": reverse("portal:help-article", args=[slug, article.pk]),
        "title": article.title,
        "about": article.product.name if article.product else "",
        "excerpt": rendering.excerpt(article.published.body) if article.published else "",
    }


def one(article: Article, place: Place) -> Row:
    """An article as its page shows it."""
    config, published = place.config, article.published
    versions = ", ".join(article.product_versions)
    day = localtime.long_day(article.published_at.astimezone(config.zone).date()) if article.published_at else ""
    return {
        **line(article, config.slug),
        "html": rendering.html(published.body) if published else "",
        "versions": config.say("help.versions", versions=versions) if versions else "",
        "updated": config.say("help.updated", day=day),
    }


# ------------------------------------------------------------------ beside the report


def offers(place: Place, *, subject: str, description: str, product: str, product_version: str, impact: str) -> Row:
    """Up to three public articles for what is typed so far, by error code first. At most 1 query."""
    if impact == STOPPED or not place.desk.has_help:
        return NOTHING
    chosen = place.config.product(product)
    wanted = queries.told(
        subject[:MOST_READ],
        description[:MOST_READ],
        product_id=chosen.id if chosen else None,
        version=product_version[:60],
    )
    found = queries.offered(place.desk, wanted, public=True)
    return {"offers": [_offer(article, place) for article in found], "solved": None}


def _offer(article: Article, place: Place) -> Row:
    body = article.published.body if article.published else ""
    return {**line(article, place.config.slug), "html": rendering.html(body)}


def solved(place: Place, who: str, pk: str) -> Row:
    """Count that the report is not sent because of an article; thanks in any case. At most 9 queries."""
    article = published(place, pk)
    if article is not None and may_count(who):
        day = place.now.astimezone(place.config.zone).date()
        actions.solve(article, place.desk, voter=voter(who), now=place.now, day=day)
    return {"offers": [], "solved": {"title": article.title if article else ""}}


def may_count(who: str) -> bool:
    """Whether this place has not answered too often already: then it is thanked and not counted."""
    try:
        throttling.check("help", who)
    except TooMany:
        return False
    return True


def published(place: Place, pk: str) -> Article | None:
    """The public article of the desk, None for any other. 1 query."""
    if not (pk.isdecimal() and len(pk) < 18):
        return None
    return queries.one(Article.objects.public().at(place.desk), int(pk))


def lines(articles: Sequence[Article], slug: str) -> list[Row]:
    return [line(article, slug) for article in articles]
