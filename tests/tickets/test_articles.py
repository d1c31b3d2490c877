"""From a resolved ticket to an article, which articles are offered for a ticket, and who stands behind one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from core.errors import Forbidden, TransitionNotAllowed
from knowledge import backing, queries
from knowledge.models import Article
from tests import factories
from tests.access.test_matrix import browser_of
from tests.factories import OFFICE, Cast
from tests.knowledge.conftest import write
from tests.tickets.cast import QUESTION, Imx
from tickets import actions
from tickets.models import Ticket, TicketEvent
from tickets.queries import articles as queries_of_ticket

Caller = Callable[[Any], APIClient]
STORY = (
    "Hola, soy Rosa Medina de Ferretería La Norteña, RFC FNO180312KX1. Al timbrar aparece CFDI40147 con el UUID "
    "6128396F-C09B-4EC6-8699-43C5F7E3B230 desde las 08:50. Mi tel. es 722 555 0145."
)
SOLUTION = "Rosa, el código postal del receptor era el de la sucursal; escriba a ayuda@otro.example si se repite."


def resolved(cast: Cast, **fields: Any) -> Ticket:
    ticket = cast.ticket(**{"description": STORY, "subject": "Rosa no timbra: CFDI40147", **fields})
    ada = factories.actor(cast.ada)
    ticket = actions.take(ticket, by=ada, now=OFFICE)
    return actions.resolve(ticket, by=ada, now=OFFICE, solution=SOLUTION)


def test_an_article_tells_the_case_in_neutral_words(cast: Cast) -> None:
    ticket = resolved(cast, product=cast.desk.vendor.products.get(slug="nube"), product_version="7.2")

    article, is_new = actions.make_article(ticket, by=factories.actor(cast.ada), now=OFFICE)

    version = queries.version(article, 0)
    assert version is not None
    assert is_new
    assert (article.state, article.audience, version.note) == ("draft", "internal", ticket.number)
    assert (article.title, version.product.slug, version.product_versions) == (
        "[nombre] no timbra: CFDI40147",
        "nube",
        ["7.2"],
    )
    for theirs in ("Rosa", "Norteña", "FNO180312KX1", "6128396F", "722 555", "otro.example"):
        assert theirs not in version.body
    assert "Al timbrar aparece CFDI40147" in version.body
    assert "era el de la sucursal" in version.body
    assert TicketEvent.objects.get(type="ticket.article_made").data == {"article": article.pk}


def test_the_second_click_leads_to_the_same_article(cast: Cast) -> None:
    ticket, ada = resolved(cast), browser_of(cast.ada)
    path = f"/tickets/{ticket.number}/articulo/"
    page = f"/tickets/{ticket.number}/"
    assert path in ada.get(page).content.decode()

    first = ada.post(path)
    editor = ada.get(first["Location"]).content.decode()
    second = ada.post(path)

    article = Article.objects.get()
    assert first["Location"] == f"/conocimiento/{article.pk}/editar/?de={ticket.number}"
    assert "FNO180312KX1</s> → [RFC]" in editor
    assert second["Location"] == f"/conocimiento/{article.pk}/"
    assert ticket.number in ada.get(second["Location"]).content.decode()
    after = ada.get(page).content.decode()
    assert f'href="/conocimiento/{article.pk}/"' in after
    assert "hay un artículo" not in after


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_article(imx_committed: Imx, office_hour: Any) -> None:
    imx, karla = imx_committed, imx_committed.actor("karla")
    ticket = actions.take(imx.open(QUESTION, now=office_hour), by=karla, now=office_hour)
    ticket = actions.resolve(ticket, by=karla, now=office_hour, solution="Así se hace.")
    made: list[tuple[int, bool]] = []

    def click() -> None:
        try:
            article, is_new = actions.make_article(ticket, by=karla, now=office_hour)
            made.append((article.pk, is_new))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({pk for pk, _is_new in made}) == 1
    assert sorted(is_new for _pk, is_new in made) == [False, True]


def test_only_what_is_resolved_becomes_an_article_by_who_works_there(cast: Cast, stranger: Cast) -> None:
    ticket = cast.ticket()
    with pytest.raises(TransitionNotAllowed):
        actions.make_article(ticket, by=factories.actor(cast.ada), now=OFFICE)
    for who in (cast.rosa, cast.paola, stranger.ada):
        with pytest.raises(Forbidden):
            actions.make_article(ticket, by=factories.actor(who), now=OFFICE)
    foreign = write(stranger)
    with pytest.raises(Forbidden):
        actions.back_article(ticket, by=factories.actor(cast.ada), now=OFFICE, article=foreign)


def test_many_tickets_stand_behind_one_article(cast: Cast, stranger: Cast) -> None:
    article, ada = write(cast), factories.actor(cast.ada)
    for _ in range(2):
        ticket = actions.back_article(cast.ticket(), by=ada, now=OFFICE, article=article)
    version = ticket.version

    assert actions.back_article(ticket, by=ada, now=OFFICE, article=article).version == version
    assert [one.number for one in backing.tickets(article, ada)] == ["IMX-2", "IMX-1"]
    assert backing.tickets(article, factories.actor(stranger.ada)) == []


def test_what_has_the_code_is_offered_first(cast: Cast) -> None:
    words = write(cast, title="No timbra: domicilio del receptor", body="Sin clave.")
    code = write(cast, title="Cómo leer la constancia", body="Para CFDI40147.", audience="internal")
    write(cast, title="Otra cosa", body="Nada que ver.")
    write(cast, title="No timbra con CFDI40147", body="Borrador.", publish=False)
    ticket = cast.ticket(subject="No timbra por el domicilio del receptor, CFDI40147")

    page = browser_of(cast.ada).get(f"/tickets/{ticket.number}/articulos/").content.decode()

    assert page.index(code.title) < page.index(words.title)
    assert "Otra cosa" not in page
    assert "Borrador." not in page


def test_what_holds_for_the_version_comes_before_what_holds_for_another(cast: Cast) -> None:
    nube = cast.desk.vendor.products.get(slug="nube")
    old = write(cast, title="No timbra: domicilio, con clave", product=nube, product_versions=["6.1"])
    new = write(cast, title="Domicilio", product=nube, product_versions=["7.1", "7.2"])
    write(cast, title="De otro producto", product=cast.desk.vendor.products.get(slug="escritorio"))
    ticket = cast.ticket(product=nube, product_version="7.2")

    offered = queries_of_ticket.offered(ticket).articles

    assert [article.pk for article in offered] == [new.pk, old.pk]


@pytest.mark.parametrize(("person", "status"), [("rosa", 403), ("paola", 404), ("tom", 404)])
def test_the_desks_articles_are_not_the_clients(cast: Cast, caller: Caller, person: str, status: int) -> None:
    ticket, client = resolved(cast), caller(getattr(cast, person))

    assert client.post(f"/api/v1/tickets/{ticket.number}/article/", {}).status_code == status
    assert not Article.objects.exists()


def test_the_api_makes_one_and_links_one(cast: Cast, caller: Caller) -> None:
    ada, ticket, other = caller(cast.ada), resolved(cast), cast.ticket()
    path = "/api/v1/tickets/{}/article/"

    made = ada.post(path.format(ticket.number), {}, format="json")
    again = ada.post(path.format(ticket.number), {}, format="json")
    linked = ada.post(path.format(other.number), {"article": made.json()["id"]}, format="json")

    assert (made.status_code, again.status_code, linked.status_code) == (201, 200, 200)
    assert made.json()["id"] == again.json()["id"] == linked.json()["id"]
    assert made.json()["codes"] == ["CFDI40147"]
    assert ada.post(path.format(cast.ticket().number), {}, format="json").json()["code"] == "transition_not_allowed"
    assert ada.post(path.format(other.number), {"article": 999}, format="json").status_code == 404
    assert ada.post(path.format(other.number), {"article": "x"}, format="json").status_code == 400


def test_a_public_article_goes_into_a_reply_and_an_internal_one_never(cast: Cast, stranger: Cast) -> None:
    public, internal = write(cast), write(cast, title="Interno CFDI40147", audience="internal")
    foreign = write(stranger)
    ticket, ada = cast.ticket(), browser_of(cast.ada)
    here = f"/tickets/{ticket.number}/"

    offered = ada.get(f"{here}articulos/").content.decode()
    assert f"?insertar=articulo-{public.pk}#redactar" in offered
    assert f"/invoice-mx/ayuda/{public.pk}/" in offered
    assert f"articulo-{internal.pk}" not in offered
    assert f"/invoice-mx/ayuda/{public.pk}/" in ada.get(f"{here}?insertar=articulo-{public.pk}").content.decode()
    assert "1. Pida la constancia." in ada.get(f"{here}?insertar=texto-{public.pk}").content.decode()
    for pk in (internal.pk, foreign.pk):
        assert f"/ayuda/{pk}/" not in ada.get(f"{here}?insertar=articulo-{pk}").content.decode()
        assert "Pida la constancia" not in ada.get(f"{here}?insertar=texto-{pk}").content.decode()
    listed = ada.get(f"{here}insertar/?q=CFDI40147").content.decode()
    assert public.title in listed
    assert internal.title not in listed
