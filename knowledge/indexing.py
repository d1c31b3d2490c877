"""By what an article is found: the codes and words of the version that is shown, and of the one being written."""

from __future__ import annotations

from typing import Final

from django.db import connection

from clients.cfdi import codes as cfdi
from clients.cfdi.codes import Code
from knowledge import rendering, terms
from knowledge.models import Article, ArticleCode, ArticleVersion, Audience

_WORDS: Final = "setweight(to_tsvector('es_unaccent', %s), 'A') || to_tsvector('es_unaccent', %s)"
_UPSERT: Final = f"""
    INSERT INTO knowledge_articlesearch (article_id, vendor_id, public_tsv, staff_tsv)
    VALUES (%s, %s, {_WORDS}, {_WORDS} || {_WORDS})
    ON CONFLICT (article_id) DO UPDATE SET public_tsv = EXCLUDED.public_tsv, staff_tsv = EXCLUDED.staff_tsv
"""  # noqa: S608 - of constants
_NOTHING: Final = ("", "")


def index(article: Article, newest: ArticleVersion) -> None:
    """Write anew by what the article is found, in the transaction that changed it. 3 queries."""
    shown = article.published or newest
    ArticleCode.objects.filter(article=article).delete()
    ArticleCode.objects.bulk_create(
        ArticleCode(article=article, vendor_id=article.vendor_id, kind=code.kind, text=code.text)
        for code in codes_of(shown)
    )
    is_public = article.published is not None and article.published.audience == Audience.PUBLIC
    public = _texts(article.published) if is_public and article.published else _NOTHING
    own = _texts(article.published) if article.published else _NOTHING
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [article.pk, article.vendor_id, *public, *own, *_texts(newest)])


def codes_of(version: ArticleVersion) -> list[Code]:
    """The codes of a version: those of its text, then those added by hand."""
    by_hand = [code for label in version.codes if (code := cfdi.parse(label)) is not None]
    return list(dict.fromkeys([*terms.codes(f"{version.title}\n{version.body}"), *by_hand]))


def _texts(version: ArticleVersion) -> tuple[str, str]:
    labels = " ".join(code.label for code in codes_of(version))
    return terms.indexed(version.title), terms.indexed(f"{rendering.plain(version.body)} {labels}")
