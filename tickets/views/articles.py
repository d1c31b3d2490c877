"""`/tickets/{number}/articulos/`: what is written down about a case like this, and making an article of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge import presenters as present
from knowledge.models import Article, Audience
from tickets import actions, lifecycle
from tickets.actions import article_pieces as pieces
from tickets.models import Ticket
from tickets.queries import articles as queries
from tickets.views.doors import Request, draw, staff_door, worked


@require_safe
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """The articles for this case, for the desk's people. At most 3 statements of its own."""
    ticket = worked(request, number)
    found = queries.offered(ticket)
    here = f"/tickets/{ticket.number}/"
    context = {
        "page_title": f"{_('Articles for this case')} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": here},
        "own": _link(found.own) if found.own else None,
        "offers": [_offer(article, ticket) for article in found.articles],
        "may_insert": ticket.status not in lifecycle.ENDED,
        "make_href": f"{here}articulo/" if found.own is None and ticket.status in lifecycle.SETTLED else "",
        "back_href": f"{here}articulo/",
        "search_href": "/conocimiento/",
    }
    return draw(request, "tickets/articles.html", context)


def _link(article: Article) -> dict[str, str]:
    return {"href": f"/conocimiento/{article.pk}/", "title": article.title}


def _offer(article: Article, ticket: Ticket) -> dict[str, Any]:
    is_public = article.audience == Audience.PUBLIC
    here = f"/tickets/{ticket.number}/?insertar="
    inserts = [
        {
            "href": f"{here}{pieces.LINK}-{article.pk}#redactar",
            "insert": pieces.link(article, ticket.desk),
            "text": _("Insert its link"),
        },
        {
            "href": f"{here}{pieces.WORDS}-{article.pk}#redactar",
            "insert": pieces.words(article),
            "text": _("Insert its text"),
        },
    ]
    return {
        **present.offer(article, href=f"/conocimiento/{article.pk}/"),
        "inserts": inserts if is_public else [],
    }


@require_POST
@staff_door
def make(request: Request, number: str) -> HttpResponse:
    """Make a draft and open its editor, or say that an article (`article`) is what the ticket is about."""
    ticket = worked(request, number)
    wanted = request.POST.get("article", "")
    if wanted:
        found = Article.objects.worked_by(request.actor).filter(pk=int(wanted)) if _is_id(wanted) else None
        article = found.first() if found is not None else None
        if article is None:
            raise Http404
        actions.back_article(ticket, by=request.actor, now=request.moment, article=article)
        messages.success(request, _("Noted: this ticket stands behind “%s”.") % article.title)
        return redirect(f"/tickets/{ticket.number}/")
    article, is_new = actions.make_article(ticket, by=request.actor, now=request.moment)
    if not is_new:
        return redirect(f"/conocimiento/{article.pk}/")
    messages.success(request, _("The draft is made. Read it, say who reads it, and save."))
    return redirect(f"/conocimiento/{article.pk}/editar/?de={ticket.number}")


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 18
