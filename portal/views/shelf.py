"""`/{desk}/ayuda/`: what a desk has written for its clients, and what is offered beside the incident form."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from desks import queries as desk_queries
from knowledge import actions, queries
from knowledge.models import Article
from knowledge.queries import Filters
from portal import shelf, shell
from portal.shelf import Place
from portal.views import doors


def _place(slug: str) -> Place:
    """The desk of that address. Raises Http404 where there is none, or it is not active. 1 query."""
    desk = desk_queries.of_slug(slug)
    if desk is None or desk.calendar_id is None:
        raise Http404
    return Place(desk, desk_queries.config(desk), timezone.now())


@require_safe
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The public articles of a desk, the newest first, or what answers to the words. 1 query of its own."""
    place = _place(slug)
    typed = request.GET.get("buscar", "")[:200]
    here = reverse("portal:help", args=[slug])
    articles = Article.objects.public().at(place.desk)
    try:
        page = queries.listed(articles, Filters(q=typed), cursor=request.GET.get("cursor") or None, public=True)
    except DomainError as wrong:  # a cursor that is not ours
        raise Http404 from wrong
    context = {
        **shell.around(place.config, now=place.now, actor=doors.actor_of(request), current="help"),
        "page_title": place.config.say("help_title"),
        "typed": typed,
        "rows": shelf.lines(page.items, slug),
        "report_href": reverse("portal:report", args=[slug]),
        "previous_href": f"{here}?{urlencode({'cursor': page.previous})}" if page.previous else "",
        "next_href": f"{here}?{urlencode({'cursor': page.next})}" if page.next else "",
    }
    return doors.private(render(request, "portal/help.html", context))


@require_safe
def article(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One public article; `?gracias=si` after an answer. 1 query of its own."""
    place = _place(slug)
    found = shelf.published(place, str(pk))
    if found is None:
        raise Http404
    thanks = {"si": "help_thanks_yes", "no": "help_thanks_no"}.get(request.GET.get("gracias", ""))
    context = {
        **shell.around(place.config, now=place.now, actor=doors.actor_of(request), current="help"),
        "page_title": found.title,
        "article": shelf.one(found, place),
        "thanks": place.config.say(thanks) if thanks else "",
        "vote_href": reverse("portal:help-vote", args=[slug, pk]),
        "shelf_href": reverse("portal:help", args=[slug]),
        "report_href": reverse("portal:report", args=[slug]),
    }
    return doors.private(render(request, "portal/help_article.html", context))


@require_POST
def vote(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """*¿Le sirvió?* Counted once a reader; anything but `si` and `no` is not counted."""
    place = _place(slug)
    found = shelf.published(place, str(pk))
    if found is None:
        raise Http404
    answer = request.POST.get("sirvio", "")
    if answer in {"si", "no"} and shelf.may_count(doors.who_asks(request)):
        actions.vote(found, voter=shelf.voter(doors.who_asks(request)), helped=answer == "si", now=place.now)
    thanks = f"?gracias={answer}#sirvio" if answer in {"si", "no"} else ""
    return doors.see_other(f"{reverse('portal:help-article', args=[slug, pk])}{thanks}")


@require_POST
def beside_report(request: HttpRequest, slug: str) -> HttpResponse:
    """The fragment beside the form: articles for what is typed so far, or thanks (`resolvio`)."""
    place = _place(slug)
    typed = request.POST
    if typed.get("resolvio"):
        found = shelf.solved(place, doors.who_asks(request), typed["resolvio"])
    else:
        names = ("subject", "description", "product", "product_version", "impact")
        found = shelf.offers(place, **{name: typed.get(name, "") for name in names})
    say = place.config.phrases(vendor=place.config.vendor_name)
    context = {"help": found, "help_href": reverse("portal:report-help", args=[slug]), "say": say}
    return doors.private(render(request, "portal/_help_offers.html", context))
