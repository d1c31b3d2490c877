"""What clients read of a desk's articles, and what is offered before a report is sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from knowledge import actions
from knowledge.actions import Content
from knowledge.models import Article, ArticleVote, SolvedDay
from tests import factories
from tests.access.test_matrix import browser_of
from tests.factories import OFFICE, Cast
from tests.knowledge.conftest import article, write
from tests.tickets.conftest import at, cast, stranger
from tickets.models import Ticket

__all__ = ["article", "at", "cast", "stranger"]

SHELF = "/invoice-mx/ayuda/"
OFFERS = "/invoice-mx/reportar/ayuda/"
TYPED = {"subject": "No timbra", "description": "Al timbrar aparece CFDI40147", "need": "failure", "impact": "none"}


@pytest.fixture
def visitor(cast: Cast, at: Any) -> Browser:
    return Browser()


def test_only_published_public_articles_of_the_desk_are_on_its_shelf(
    cast: Cast, stranger: Cast, visitor: Browser, article: Article
) -> None:
    hidden = [
        write(cast, title="Interno", audience="internal"),
        write(cast, title="Borrador", publish=False),
        write(stranger, title="Ajeno"),
    ]
    actions.edit(article, Content("Zapote", "zapote"), by=factories.actor(cast.ada), now=OFFICE, base=1)

    for path in (SHELF, f"{SHELF}?buscar=CFDI40147", f"{SHELF}{article.pk}/"):
        page = visitor.get(path).content.decode()
        assert article.title in page
        assert not any(name in page for name in ("Interno", "Borrador", "Ajeno", "Zapote", "zapote"))
    assert "No encontramos" in visitor.get(f"{SHELF}?buscar=zapote").content.decode()
    for one in hidden:
        for person in (None, cast.rosa.user, cast.ada):
            assert browser_of(person).get(f"{SHELF}{one.pk}/").status_code == 404
    assert visitor.get(f"{SHELF}?cursor=x").status_code == 404
    actions.withdraw(article, by=factories.actor(cast.elena), now=OFFICE)
    assert visitor.get(f"{SHELF}{article.pk}/").status_code == 404


def test_the_desk_leads_to_its_shelf_where_there_is_one(cast: Cast, visitor: Browser) -> None:
    assert SHELF not in visitor.get("/invoice-mx/").content.decode()
    write(cast)
    assert SHELF in visitor.get("/invoice-mx/").content.decode()


def test_a_reader_answers_once(cast: Cast, visitor: Browser, article: Article) -> None:
    path = f"{SHELF}{article.pk}/voto/"

    for answer in ("si", "si", "no", "quizá"):
        response = visitor.post(path, {"sirvio": answer})
    browser_of(cast.rosa.user).post(path, {"sirvio": "si"})

    assert response.status_code == 303
    assert "Gracias por decirlo" in visitor.get(f"{SHELF}{article.pk}/?gracias=no").content.decode()
    article.refresh_from_db()
    assert (article.n_helped, article.n_not_helped, ArticleVote.objects.count()) == (1, 1, 2)


# ------------------------------------------------------------------ before sending


TYPINGS: dict[str, tuple[dict[str, str], bool]] = {
    "by code": ({}, True),
    "by words": ({"description": "El domicilio fiscal está mal"}, True),
    "numbers in brackets are words": ({"description": "⑴El domicilio fiscal ⒉está ½mal"}, True),
    "nothing fits": ({"description": "Se quedó pensando"}, False),
    "nothing typed": ({"description": "", "subject": ""}, False),
    "who is stopped is not held up": ({"impact": "stopped"}, False),
    "in part": ({"impact": "partial"}, True),
    "an odd product": ({"product": "zapote"}, True),
    "a sign that no text holds": ({"product_version": "7.2\x00"}, True),
    "another version": ({"product_version": "0.1"}, True),
}


def test_what_is_typed_finds_its_articles(visitor: Browser, article: Article) -> None:
    for name, (changed, offered) in TYPINGS.items():
        response = visitor.post(OFFERS, {**TYPED, **changed})

        assert response.status_code == 200, name
        assert (article.title in response.content.decode()) is offered, name


def test_internal_words_are_never_offered(cast: Cast, visitor: Browser) -> None:
    write(cast, title="Interno", audience="internal")
    edited = write(cast, title="Público", body="Para CRP20201.")
    draft = Content("Zapote domicilio fiscal", "CFDI40147", audience="public")
    actions.edit(edited, draft, by=factories.actor(cast.ada), now=OFFICE, base=1)

    assert visitor.post(OFFERS, TYPED).content.decode().strip() == ""


def test_a_desk_without_articles_is_asked_nothing(
    cast: Cast, visitor: Browser, django_assert_max_num_queries: Any
) -> None:
    visitor.post(OFFERS, TYPED)

    with django_assert_max_num_queries(1):  # the desk
        visitor.post(OFFERS, TYPED)
    assert OFFERS not in visitor.get("/invoice-mx/reportar/").content.decode()


def test_what_solved_it_is_counted_and_what_was_typed_stays(cast: Cast, visitor: Browser, article: Article) -> None:
    vague = {**TYPED, "description": "No jala CFDI40147", "name": "Rosa", "email": "rosa@x.example"}
    came_back = visitor.post("/invoice-mx/reportar/", vague)
    assert came_back.status_code == 422
    assert article.title in came_back.content.decode()

    done = visitor.post("/invoice-mx/reportar/", {**vague, "resolvio": str(article.pk)})
    by_script = visitor.post(OFFERS, {**vague, "resolvio": str(article.pk)})

    page = done.content.decode()
    assert (done.status_code, by_script.status_code) == (200, 200)
    assert "No se envió ningún reporte" in page
    assert "No se envió ningún reporte" in by_script.content.decode()
    assert "No jala CFDI40147" in page
    assert "rosa@x.example" in page
    article.refresh_from_db()
    assert (article.n_solved, SolvedDay.objects.get().n) == (1, 1)
    assert not Ticket.objects.exists()
    assert visitor.post("/invoice-mx/reportar/", {**vague, "resolvio": "x"}).status_code == 200


def test_sending_goes_on_as_if_nothing_were_offered(visitor: Browser, article: Article) -> None:
    report = {**TYPED, "description": factories.CLEAR, "name": "Rosa Medina", "email": "rosa@x.example"}

    response = visitor.post("/invoice-mx/reportar/", report)

    assert response.status_code == 303
    assert Ticket.objects.count() == 1
