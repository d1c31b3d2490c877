"""The articles of a ticket: its own, those that are offered for it, and the tickets behind one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.actor import Actor
from knowledge import backing
from knowledge import queries as knowledge
from knowledge.models import Article
from knowledge.neutral import Replaced
from tickets import retelling
from tickets.models import Ticket

MOST_BEHIND: Final = 10


@dataclass(frozen=True, slots=True)
class Offered:
    """What may help with a ticket: the article that it backs, and published ones, best first."""

    own: Article | None
    articles: list[Article]


def offered(ticket: Ticket) -> Offered:
    """By the ticket's codes first, then by the words of its subject, of its product and version. At most 3 queries."""
    own = Article.objects.filter(pk=ticket.article_id).first() if ticket.article_id is not None else None
    wanted = retelling.wanted(ticket)
    best = knowledge.offered(ticket.desk, wanted, public=False)
    return Offered(own, [article for article in best if own is None or article.pk != own.pk])


def behind(article: Article, actor: Actor) -> list[backing.Ticket]:
    """The newest tickets behind an article that the actor may see. 1 query."""
    rows = Ticket.objects.visible_to(actor).filter(article=article).order_by("-id")
    return [
        backing.Ticket(number, f"/tickets/{number}/", subject)
        for number, subject in rows.values_list("number", "subject")[:MOST_BEHIND]
    ]


def replaced(article: Article, number: str, actor: Actor) -> tuple[Replaced, ...]:
    """What was taken out when the article was made of that ticket; nothing for who may not see it. 5 queries."""
    seen = Ticket.objects.visible_to(actor).filter(number=number.upper(), article=article)
    ticket = seen.select_related("desk", "client", "product", "branch").first()
    if ticket is None or not actor.works_tickets(ticket.desk_id):
        return ()
    return retelling.content(ticket)[1]
