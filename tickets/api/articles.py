"""`tickets/{number}/article/`: what is written down of a ticket."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Forbidden
from knowledge import queries
from knowledge.api import ArticleOut, article_json
from knowledge.models import Article
from tickets import actions
from tickets.api.base import CONFLICT, FORBIDDEN, INVALID, KEY, NUMBER, UNKNOWN, TicketsView
from tickets.api.serializers import Values, Whole


class ArticleIn(serializers.Serializer[Values]):
    article = Whole(
        required=False,
        allow_null=True,
        default=None,
        help_text="An article that the ticket stands behind; without one a draft is made of the ticket.",
    )


class TicketArticle(TicketsView):
    """`tickets/{number}/article/`."""

    @extend_schema(
        operation_id="tickets_article",
        summary="Make an article of a resolved ticket",
        request=ArticleIn,
        parameters=[NUMBER, KEY],
        responses={
            200: ArticleOut, 201: ArticleOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT,
        },
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        """Answer a draft in neutral words (201), or the article that the ticket already has (200)."""
        ticket = self.ticket(number)
        if not self.actor.works_tickets(ticket.desk_id):
            raise Forbidden
        body = ArticleIn(data=request.data)
        body.is_valid(raise_exception=True)
        pk = body.validated_data["article"]
        if pk is not None:
            found = queries.one(Article.objects.worked_by(self.actor), pk)
            if found is None:
                raise Http404
            actions.back_article(ticket, by=self.actor, now=self.now, article=found)
            return Response(article_json(found, staff=True))
        made, is_new = actions.make_article(ticket, by=self.actor, now=self.now)
        answer: dict[str, Any] = article_json(_whole(made), staff=True)
        return Response(answer, status=201 if is_new else 200)


def _whole(article: Article) -> Article:
    found = queries.one(Article.objects.all(), article.pk)
    assert found is not None  # noqa: S101 - written or read a moment ago
    return found
