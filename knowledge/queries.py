"""Reading articles: lists, one with its versions, and what is offered for a trouble: by code first, then by words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery
from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, Value, When

from clients.cfdi import codes as cfdi
from clients.cfdi.codes import Code
from core import paging
from core.paging import Key, Page
from desks.models import Desk
from knowledge import terms
from knowledge.models import Article, ArticleCode, ArticleHandOver, ArticleVersion, State

SIZE: Final = 25
# A search answers with the best; who does not find it among these writes another word.
MOST_FOUND: Final = 50
# Words that half of a shelf holds tell little: of these the newest are ranked.
CANDIDATES: Final = 400
MOST_VERSIONS: Final = 50
OFFERED: Final = 3
_BY_CHANGE: Final = (Key("changed_at", descending=True, parse=paging.instant), Key("id", descending=True))
_BY_PUBLICATION: Final = (Key("published_at", descending=True, parse=paging.instant), Key("id", descending=True))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: codes, words, how many of these must be there at least, and how many in the title.

    With `every` all of them, but for those that the index leaves out (*el*, *de*).
    """

    codes: tuple[Code, ...]
    words: tuple[str, ...]
    least: int = 1
    every: bool = False
    in_title: int = 0
    product_id: int | None = None
    version: str = ""

    @property
    def is_nothing(self) -> bool:
        return not self.codes and not self.words


def typed(text: str) -> Wanted:
    """What somebody wrote into a box: its codes, or articles with all of its words."""
    whole = cfdi.parse(text)
    codes = (whole,) if whole is not None and whole.kind != cfdi.FOLIO else terms.codes(text)
    words = () if whole is not None else terms.typed(text)
    return Wanted(codes, words, every=True)


def told(*texts: str, product_id: int | None = None, version: str = "", codes: Sequence[Code] = ()) -> Wanted:
    """What somebody tells of their trouble: one word must stand in the title, and where they say more, two in all."""
    text = "\n".join(texts)
    words = terms.telling(text)
    both = tuple(dict.fromkeys([*codes, *terms.codes(text)]))
    version = version.replace("\x00", "").strip()  # nobody has checked it yet, and the database takes none
    return Wanted(both, words, least=min(2, len(words)), in_title=1, product_id=product_id, version=version)


class _Hits(Func):
    """How many of the words stand in a vector; with `weight` A, in the title."""

    output_field = IntegerField()

    def __init__(self, column: str, words: Sequence[str], weight: str = "") -> None:
        super().__init__(F(column))
        self.words = [f"{word}:{weight}" if weight else word for word in words]

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        # One comparison a word: PostgreSQL makes each query once, and not for every row.
        found = " + ".join([f"({column} @@ to_tsquery('es_unaccent', %s))::int"] * len(self.words)) or "0"
        return f"({found})", [value for word in self.words for value in (*params, word)]


def ranked(articles: QuerySet[Article], wanted: Wanted, *, public: bool) -> QuerySet[Article]:
    """Those of `articles` that answer, best first: by code, then by how many words stand in the title and at all.

    0 queries. With `public` only the words that clients may read are looked through. Those with the code are ranked,
    and the newest CANDIDATES with a word.
    """
    column = "words__public_tsv" if public else "words__staff_tsv"
    coded = _coded(wanted.codes)
    by_words = Q(pk__in=[])
    if wanted.words:
        joined = (" & " if wanted.every else " | ").join(wanted.words)
        asked = SearchQuery(joined, config="es_unaccent", search_type="raw")
        newest = articles.filter(**{column: asked}).order_by("-pk").values("pk")[:CANDIDATES]
        by_words = Q(pk__in=newest, n_hits__gte=wanted.least, n_title__gte=wanted.in_title)
    same = Q(product_id=wanted.product_id)
    if wanted.product_id is not None:
        articles = articles.filter(same | Q(product__isnull=True))
    return (
        articles.annotate(
            is_coded=Case(When(pk__in=coded, then=Value(1)), default=Value(0)),
            n_title=_Hits(column, wanted.words, "A"),
            n_hits=_Hits(column, wanted.words),
            # Who says which version they have reads first what holds for it.
            fits=Case(When(_fitting(wanted.version), then=Value(1)), default=Value(0)) if wanted.version else Value(1),
            is_same=Case(When(same, then=Value(1)), default=Value(0)) if wanted.product_id else Value(0),
        )
        .filter(Q(pk__in=coded) | by_words)
        .order_by(
            "-is_coded",
            "-fits",
            -(2 * F("n_title") + F("n_hits")),
            "-is_same",
            F("n_not_helped") - F("n_helped"),
            "-pk",
        )
    )


def _fitting(version: str) -> Q:
    return Q(product_versions=[]) | Q(product_versions__contains=[version[:30]])


def _coded(codes: Sequence[Code]) -> QuerySet[ArticleCode, Any]:
    same = Q(pk__in=[])
    for code in codes:
        same |= Q(kind=code.kind, text=code.text)
    return ArticleCode.objects.filter(same).values("article_id")


# ------------------------------------------------------------------ lists


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; "" and None for everything. `kind` is a code's."""

    q: str = ""
    product_id: int | None = None
    state: str = ""
    code: Code | None = None


def listed(articles: QuerySet[Article], filters: Filters, *, cursor: str | None, public: bool = False) -> Page[Article]:
    """A page of `articles`: the newest first, or the best MOST_FOUND for what was typed. 1 query."""
    rows = articles.select_related("product", "owner", "desk", "published")
    if filters.product_id is not None:
        rows = rows.filter(product_id=filters.product_id)
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.code is not None:
        rows = rows.filter(pk__in=_coded([filters.code]))
    if filters.q.strip():
        wanted = typed(filters.q)
        found = [] if wanted.is_nothing else list(ranked(rows, wanted, public=public)[:MOST_FOUND])
        return Page(items=found, next=None, previous=None)
    return paging.page(rows, _BY_PUBLICATION if public else _BY_CHANGE, cursor=cursor, size=SIZE)


def offered(desk: Desk, wanted: Wanted, *, public: bool) -> list[Article]:
    """Published articles of the desk for a trouble, the best OFFERED, with their published version. 1 query.

    With `public` those that clients may read; no query where the desk has none, or nothing is told yet.
    """
    if wanted.is_nothing or (public and not desk.has_help):
        return []
    articles = Article.objects.filter(state=State.PUBLISHED).at(desk)
    if public:
        articles = articles.public()
    return list(ranked(articles.select_related("published", "product"), wanted, public=public)[:OFFERED])


# ------------------------------------------------------------------ one


def one(articles: QuerySet[Article], pk: int) -> Article | None:
    """An article of these with its people, product and what is published. 1 query."""
    return articles.select_related("desk", "product", "owner", "published", "vendor").filter(pk=pk).first()


def versions(article: Article) -> list[ArticleVersion]:
    """The versions, newest first, at most MOST_VERSIONS. 1 query."""
    rows = ArticleVersion.objects.filter(article=article).select_related("author", "published_by", "product")
    return list(rows.order_by("-number")[:MOST_VERSIONS])


def hand_overs(article: Article) -> list[ArticleHandOver]:
    """Who kept it right before, the latest change first, at most MOST_VERSIONS. 1 query."""
    rows = ArticleHandOver.objects.filter(article=article).select_related("before", "after", "by")
    return list(rows.order_by("-id")[:MOST_VERSIONS])


def version(article: Article, number: int) -> ArticleVersion | None:
    """One version, the newest where `number` is 0. 1 query."""
    rows = ArticleVersion.objects.filter(article=article, number=number or article.n_versions)
    return rows.select_related("author", "product").first()
