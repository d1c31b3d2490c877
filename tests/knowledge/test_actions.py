"""Writing, publishing, withdrawing and restoring articles; what readers answer is counted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.errors import Conflict, Forbidden, Invalid
from desks.models import Desk
from knowledge import actions, queries
from knowledge.actions import Content
from knowledge.models import Article, ArticleCode, ArticleHandOver, ArticleSearch, SolvedDay
from tests import factories
from tests.factories import OFFICE, Cast
from tests.knowledge.conftest import BODY, write

DAY = date(2026, 11, 17)
EDIT = Content("Domicilio fiscal", "Otro texto.", audience="internal")


def has_help(cast: Cast) -> bool:
    return Desk.objects.get(pk=cast.desk.pk).has_help


def test_a_consultant_writes_and_a_supervisor_publishes(cast: Cast) -> None:
    draft = write(cast, publish=False)
    with pytest.raises(Forbidden):
        actions.publish(draft, by=factories.actor(cast.ada), now=OFFICE, number=1)
    assert not Article.objects.public().exists()
    assert not has_help(cast)

    published = actions.publish(draft, by=factories.actor(cast.elena), now=OFFICE, number=1)

    assert (published.state, published.published and published.published.number) == ("published", 1)
    assert [code.text for code in ArticleCode.objects.all()] == ["CFDI40147"]
    assert has_help(cast)


@pytest.mark.parametrize("who", ["paola", "rosa", "tom"])
def test_who_works_no_tickets_writes_nothing(cast: Cast, who: str) -> None:
    with pytest.raises(Forbidden):
        actions.create(cast.desk, Content("a", "b"), by=factories.actor(getattr(cast, who)), now=OFFICE)


def test_an_edit_leaves_what_is_published(cast: Cast, article: Article) -> None:
    edited = actions.edit(article, EDIT, by=factories.actor(cast.bruno), now=OFFICE, base=1, note="más corto")

    assert (edited.title, edited.audience, edited.n_versions) == ("El domicilio fiscal no coincide", "public", 2)
    assert edited.published is not None
    assert edited.published.body == BODY
    actions.publish(edited, by=factories.actor(cast.elena), now=OFFICE, number=2)
    assert not Article.objects.public().exists()
    assert not has_help(cast)


def test_words_of_a_draft_never_reach_the_public_vector(cast: Cast, article: Article) -> None:
    secret = replace(EDIT, body="Para nosotros: el zapote manda.", audience="internal")
    actions.edit(article, secret, by=factories.actor(cast.ada), now=OFFICE, base=1)

    row = ArticleSearch.objects.get()

    assert "zapot" in row.staff_tsv
    assert "zapot" not in row.public_tsv
    actions.withdraw(article, by=factories.actor(cast.elena), now=OFFICE)
    assert ArticleSearch.objects.get().public_tsv == ""


def test_who_edits_an_old_version_is_stopped(cast: Cast, article: Article) -> None:
    actions.edit(article, EDIT, by=factories.actor(cast.bruno), now=OFFICE, base=1)

    with pytest.raises(Conflict):
        actions.edit(article, EDIT, by=factories.actor(cast.ada), now=OFFICE, base=1)
    with pytest.raises(Conflict):
        actions.publish(article, by=factories.actor(cast.elena), now=OFFICE, number=1)


def test_an_old_version_comes_back_as_a_new_one(cast: Cast, article: Article) -> None:
    edited = actions.edit(article, EDIT, by=factories.actor(cast.ada), now=OFFICE, base=1)

    back = actions.restore(edited, by=factories.actor(cast.bruno), now=OFFICE, number=1, base=2)

    newest = queries.version(back, 0)
    assert newest is not None
    assert (newest.number, newest.body, newest.audience) == (3, BODY, "public")


@pytest.mark.parametrize(
    ("field", "content"),
    [
        ("title", Content(" ", "texto")),
        ("title", Content("x" * 161, "texto")),
        ("body", Content("Título", "x" * 20_001)),
        ("body", Content("Título", "La contraseña del portal es: Zafiro-7731")),
        ("body", Content("Título", "La **contraseña** es: `Zafiro-7731`")),
        ("codes", Content("Título", "texto", codes=["6128396F-C09B-4EC6-8699-43C5F7E3B230"])),
        ("codes", Content("Título", "texto", codes=["hola"])),
        ("audience", Content("Título", "texto", audience="todos")),
    ],
)
def test_what_is_no_article_is_refused_at_its_field(cast: Cast, field: str, content: Content) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.create(cast.desk, content, by=factories.actor(cast.ada), now=OFFICE)

    assert [error.field for error in refusal.value.errors] == [field]


def test_to_speak_of_passwords_is_no_secret(cast: Cast) -> None:
    assert write(cast, body="No dé su **contraseña a nadie**, tampoco por `chat`.").pk


def test_a_reader_is_counted_once_and_may_think_again(article: Article) -> None:
    for voter, helped in (("a", True), ("a", True), ("b", False), ("b", True), ("c", False)):
        actions.vote(article, voter=voter, helped=helped, now=OFFICE)

    article.refresh_from_db()
    assert (article.n_helped, article.n_not_helped) == (2, 1)


def test_what_was_solved_is_counted_once_a_reader_and_day(cast: Cast, article: Article) -> None:
    for voter, day in (("a", 0), ("a", 0), ("b", 0), ("a", 1)):
        actions.solve(article, cast.desk, voter=voter, now=OFFICE, day=DAY + timedelta(days=day))

    article.refresh_from_db()
    assert (article.n_helped, article.n_solved) == (2, 3)
    assert list(SolvedDay.objects.order_by("day").values_list("n", flat=True)) == [2, 1]
    assert actions.forget_votes(now=OFFICE + timedelta(days=200)) == 2


def test_who_supervises_gives_it_to_somebody_else_of_the_desk(cast: Cast, stranger: Cast, article: Article) -> None:
    elena, before = factories.actor(cast.elena), Article.objects.get()
    bruno = cast.bruno.pk

    for _press in range(2):
        actions.hand_over(article, by=elena, now=OFFICE, owner=bruno)

    after = Article.objects.get()
    kept = ArticleHandOver.objects.get()
    assert (kept.before_id, kept.after_id, kept.by_id, kept.at) == (cast.ada.pk, bruno, cast.elena.pk, OFFICE)
    assert after.owner_id == bruno
    same = ("state", "published_id", "n_versions", "changed_at")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    for nobody in (stranger.ada.pk, cast.paola.pk, cast.rosa.user_id, 0):
        with pytest.raises(Invalid):
            actions.hand_over(article, by=elena, now=OFFICE, owner=nobody)
    for person in (cast.ada, cast.rosa, cast.paola, stranger.elena):
        with pytest.raises(Forbidden):
            actions.hand_over(article, by=factories.actor(person), now=OFFICE, owner=cast.ada.pk)
    assert Article.objects.get().owner_id == bruno
