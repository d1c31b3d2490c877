"""`knowledge/articles/`: finding and reading articles; of clients the public ones of their vendors only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from clients import actors
from clients.cfdi import codes as cfdi
from core import localtime
from core.actor import Actor
from core.errors import Invalid
from knowledge import indexing, queries
from knowledge.models import Article, ArticleVersion, Audience, State
from knowledge.queries import Filters

MAX_Q = 200


class ArticleLineOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    product = serializers.CharField(allow_null=True, help_text="Its slug; null: all products.")
    product_versions = serializers.ListField(child=serializers.CharField(), help_text="Empty: all versions.")
    published_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=State.choices, required=False, help_text="For the desk's people.")
    audience = serializers.ChoiceField(choices=Audience.choices, required=False, help_text="For the desk's people.")
    owner = serializers.CharField(required=False, help_text="For the desk's people.")
    helped = serializers.IntegerField(required=False)
    not_helped = serializers.IntegerField(required=False)
    reports_avoided = serializers.IntegerField(required=False)


class ArticleOut(ArticleLineOut):
    body = serializers.CharField(help_text="Markdown: headings, lists, bold, code, quotations, links.")
    version = serializers.IntegerField(help_text="What is published, else the newest.")
    codes = serializers.ListField(child=serializers.CharField(), help_text="`CFDI40147`, `PAC 302`")


class ArticlePageOut(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ArticleLineOut(many=True)


def line_json(article: Article, *, staff: bool) -> dict[str, Any]:
    """An article as lists answer it; who works at the desk reads how it stands, too."""
    zone = localtime.zone("America/Mexico_City" if article.desk is None else article.desk.timezone)
    body: dict[str, Any] = {
        "id": article.pk,
        "title": article.title,
        "product": article.product.slug if article.product else None,
        "product_versions": list(article.product_versions),
        "published_at": article.published_at.astimezone(zone).isoformat() if article.published_at else None,
    }
    if staff:
        body |= {
            "state": article.state,
            "audience": article.audience,
            "owner": article.owner.name,
            "helped": article.n_helped,
            "not_helped": article.n_not_helped,
            "reports_avoided": article.n_solved,
        }
    return body


def article_json(article: Article, *, staff: bool) -> dict[str, Any]:
    """An article with its text: what is published, else the newest version. 0 or 1 query."""
    shown: ArticleVersion | None = article.published or queries.version(article, 0)
    if shown is None:
        raise Http404
    codes = [code.label for code in indexing.codes_of(shown)]
    return {**line_json(article, staff=staff), "body": shown.body, "version": shown.number, "codes": codes}


class ArticlesView(APIView):
    """A view that knows who asks."""

    actor: Actor
    now: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the actor after authentication, permissions and limits."""
        super().initial(request, *args, **kwargs)
        self.actor = actors.of(request)
        self.now = timezone.now()

    @property
    def is_staff(self) -> bool:
        return self.actor.is_admin or bool(self.actor.ticket_desk_ids())


class ArticleList(ArticlesView):
    """`knowledge/articles/`."""

    @extend_schema(
        operation_id="articles_list",
        summary="Find articles",
        parameters=[
            OpenApiParameter("q", str, description="An error code, or words that must all be there; the best 50."),
            OpenApiParameter("code", str, description="`CFDI40147`, `PAC 302`"),
            OpenApiParameter("state", str, enum=State.values, description="For the desk's people."),
            OpenApiParameter("cursor", str, description="From `next` or `previous`."),
        ],
        responses={200: ArticlePageOut, 400: OpenApiResponse(description="A code or state that is none.")},
    )
    def get(self, request: Request) -> Response:
        """Answer a page of articles: for who works tickets those of their desks, for a client the public ones."""
        asked = request.query_params
        staff = self.is_staff
        articles = Article.objects.worked_by(self.actor) if staff else Article.objects.read_by(self.actor)
        filters = Filters(q=asked.get("q", "")[:MAX_Q], state=_state(asked.get("state", "")), code=_code(asked))
        page = queries.listed(articles, filters, cursor=asked.get("cursor"), public=not staff)

        def address(cursor: str | None) -> str | None:
            return replace_query_param(request.build_absolute_uri(), "cursor", cursor) if cursor else None

        return Response(
            {
                "next": address(page.next),
                "previous": address(page.previous),
                "results": [line_json(article, staff=staff) for article in page.items],
            }
        )


def _state(text: str) -> str:
    if text and text not in State.values:
        raise Invalid.field("state", "unknown", "draft, published, withdrawn")
    return text


def _code(asked: Any) -> cfdi.Code | None:
    text = asked.get("code", "")
    code = cfdi.parse(text) if text else None
    if text and code is None:
        raise Invalid.field("code", "invalid", "CFDI40147, CRP20201, PAC 302")
    return code


class ArticleDetail(ArticlesView):
    """`knowledge/articles/{id}/`."""

    @extend_schema(
        operation_id="articles_read",
        summary="Read an article",
        parameters=[OpenApiParameter("pk", int, OpenApiParameter.PATH)],
        responses={200: ArticleOut, 404: OpenApiResponse(description="Unknown, or not yours to see.")},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Answer the article with the text that its readers see."""
        worked = queries.one(Article.objects.worked_by(self.actor), pk)
        article = worked or queries.one(Article.objects.read_by(self.actor), pk)
        if article is None:
            raise Http404
        return Response(article_json(article, staff=worked is not None))
