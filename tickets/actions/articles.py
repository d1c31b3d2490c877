"""From a resolved ticket to an article, and which article solved a ticket.

The ticket keeps its article, so that its page asks for nothing; many tickets may stand behind one.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.actor import Actor
from core.errors import Forbidden, TransitionNotAllowed
from knowledge import actions as knowledge
from knowledge.models import Article
from tickets import lifecycle, retelling
from tickets.actions import guards, record
from tickets.models import Ticket


def make_article(ticket: Ticket, *, by: Actor, now: datetime) -> tuple[Article, bool]:
    """Make a draft of a settled ticket in neutral words; return it and whether it is new.

    Asked again, or by two at once, it is the same article. Raises Forbidden for who does not work at the desk,
    TransitionNotAllowed before the ticket is resolved.
    """
    guards.consultant(ticket, by)
    with transaction.atomic():
        fresh = record.locked(ticket.pk)
        if fresh.article_id is not None:
            return Article.objects.get(pk=fresh.article_id), False
        if fresh.status not in lifecycle.SETTLED:
            raise TransitionNotAllowed(state=fresh.status)
        written, _replaced = retelling.content(fresh)
        article = knowledge.create(fresh.desk, written, by=by, now=now, note=fresh.number)
        with record.changing(fresh, now=now) as changed:
            changed.article = article
            record.record(changed, "article_made", by=by, now=now, article=article.pk)
    return article, True


def back_article(ticket: Ticket, *, by: Actor, now: datetime, article: Article) -> Ticket:
    """Say that this article is what the ticket is about, in place of another. Twice is once.

    Raises Forbidden for who does not work at the desk, or does not see the article there.
    """
    guards.consultant(ticket, by)
    if not Article.objects.worked_by(by).at(ticket.desk).filter(pk=article.pk).exists():
        raise Forbidden
    with transaction.atomic():
        fresh = record.locked(ticket.pk)
        if fresh.article_id == article.pk:
            return fresh
        with record.changing(fresh, now=now) as changed:
            changed.article = article
            record.record(changed, "article_linked", by=by, now=now, article=article.pk)
    return changed
