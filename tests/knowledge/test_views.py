"""The pages of articles for the desk's people."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from desks import actions as desk_actions
from desks.models import Membership, Product
from knowledge import actions
from knowledge.models import Article, ArticleVersion
from tests import factories
from tests.access.test_matrix import browser_of
from tests.factories import OFFICE, Cast
from tests.knowledge.conftest import BODY, write

FORM = {"title": "Timbres agotados", "body": "Compre más.", "audience": "internal", "base": "0"}


@pytest.fixture
def ada(cast: Cast, at: Any) -> Browser:
    return browser_of(cast.ada)


def test_a_consultant_writes_and_reads_it(cast: Cast, ada: Browser) -> None:
    made = ada.post("/conocimiento/nuevo/", {**FORM, "codes": "PAC 302, crp20999"})
    article = Article.objects.get()

    page = ada.get(made["Location"]).content.decode()

    assert made["Location"] == f"/conocimiento/{article.pk}/?nuevo=1"
    assert "Timbres agotados" in page
    assert "PAC 302, CRP20999" in page
    assert "Lo publica un supervisor" in page
    assert "/publicar/" not in page


def test_what_is_wrong_comes_back_whole(ada: Browser) -> None:
    response = ada.post("/conocimiento/nuevo/", {**FORM, "body": "contraseña: Zafiro-7731", "codes": "nada"})

    page = response.content.decode()
    assert response.status_code == 422
    assert not Article.objects.exists()
    assert "Contiene una contraseña" in page
    assert "Escriba códigos como" in page
    assert "Timbres agotados" in page


def test_who_was_overtaken_keeps_what_they_typed(cast: Cast, ada: Browser, article: Article) -> None:
    by = factories.actor(cast.bruno)
    actions.edit(article, actions.Content("Otro", "Otro texto"), by=by, now=OFFICE, base=1)
    href = f"/conocimiento/{article.pk}/editar/"

    late = ada.post(href, {**FORM, "body": "Lo mío", "base": "1"})

    assert late.status_code == 409
    assert "Bruno Ortega guardó la versión 2" in late.content.decode()
    assert "Lo mío" in late.content.decode()
    assert ada.post(href, {**FORM, "body": "Lo mío", "base": "2"}).status_code == 302
    assert ArticleVersion.objects.filter(article=article).count() == 3


def test_a_supervisor_publishes_withdraws_and_restores(cast: Cast, ada: Browser) -> None:
    article, here = write(cast, publish=False), "/conocimiento/"
    here = f"/conocimiento/{article.pk}/"
    elena = browser_of(cast.elena)

    assert ada.post(f"{here}publicar/", {"number": "1"}).status_code == 403
    assert elena.post(f"{here}publicar/", {"number": "7"}).status_code == 409
    assert elena.post(f"{here}publicar/", {"number": "1"}).status_code == 302
    assert ada.post(f"{here}editar/", {**FORM, "base": "1"}).status_code == 302
    assert "La versión 2 espera a que se publique" in ada.get(here).content.decode()
    compared = ada.get(f"{here}comparar/?de=1&a=2").content.decode()
    assert "Compre más." in compared
    assert "Pida la constancia" in compared
    assert ada.post(f"{here}restaurar/", {"number": "1", "base": "2"}).status_code == 302
    assert elena.post(f"{here}retirar/").status_code == 302
    article.refresh_from_db()
    assert (article.state, article.n_versions) == ("withdrawn", 3)
    assert ArticleVersion.objects.get(number=3).body == BODY


def test_an_edit_keeps_a_product_that_is_sold_no_more(cast: Cast, ada: Browser) -> None:
    """Else the article would be offered to who has any other product."""
    product = Product.objects.get(vendor=cast.desk.vendor, slug="nube")
    article = write(cast, product=product, product_versions=["7.2"])
    Product.objects.filter(pk=product.pk).update(is_active=False)
    here = f"/conocimiento/{article.pk}/editar/"

    shown = ada.get(here).context["form"]
    saved = ada.post(here, {name: shown[name].value() for name in shown.fields if shown[name].value() is not None})

    assert saved.status_code == 302
    newest = ArticleVersion.objects.get(article=article, number=2)
    assert (newest.product, newest.product_versions) == (product, ["7.2"])
    assert product.name not in [
        name for _pk, name in ada.get("/conocimiento/nuevo/").context["form"]["product"].field.choices
    ]


def test_clients_read_it_at_its_own_desk(cast: Cast, ada: Browser, article: Article) -> None:
    alterna = factories.make_desk("alterna", prefix="ALT", vendor=cast.desk.vendor)
    Membership.objects.create(desk=alterna, user=cast.ada, roles=["consultant"])

    shown = ada.get(f"/conocimiento/{article.pk}/").context["public_href"]

    assert ada.get(shown).status_code == 200


LISTS = {
    "buscar=cfdi40147": True,
    "buscar=domicilio receptor": True,
    "buscar=DOMICÍLIOS": True,
    "buscar=el domicilio del receptor": True,
    "buscar=⑴domicilio ⑵fiscal": True,
    "buscar=domicilio zapote": False,
    "buscar=CFDI40158": False,
    "codigo=CFDI40147": True,
    "estado=draft": False,
    "estado=published": True,
    "buscar=%26%7C%21%28": False,
}


def test_the_list_is_narrowed(ada: Browser, article: Article) -> None:
    found = {query: article.title in ada.get(f"/conocimiento/?{query}").content.decode() for query in LISTS}

    assert found == LISTS
    assert ada.get("/conocimiento/?cursor=x").status_code == 400


def test_articles_of_another_vendor_are_not_there(cast: Cast, stranger: Cast, ada: Browser, article: Article) -> None:
    foreign = browser_of(stranger.elena)

    assert article.title not in foreign.get("/conocimiento/?buscar=CFDI40147").content.decode()
    for path in ("", "editar/", "comparar/?de=1&a=1"):
        assert foreign.get(f"/conocimiento/{article.pk}/{path}").status_code == 404
    for path in ("publicar/", "retirar/", "restaurar/", "editar/"):
        assert foreign.post(f"/conocimiento/{article.pk}/{path}", {"number": "1"}).status_code == 404


@pytest.mark.parametrize("kept", [1, 20])
def test_the_list_costs_the_same(cast: Cast, ada: Browser, django_assert_max_num_queries: Any, kept: int) -> None:
    for n in range(kept):
        write(cast, publish=False, title=f"Artículo {n}")
    ada.get("/conocimiento/")

    with django_assert_max_num_queries(8):
        ada.get("/conocimiento/")


def test_another_owner_stands_in_the_history(cast: Cast, ada: Browser, article: Article) -> None:
    elena, href = browser_of(cast.elena), f"/conocimiento/{article.pk}/"
    Membership.objects.filter(user=cast.ada).update(is_active=False)  # it stays hers until somebody else has it
    desk_actions.touch(cast.desk)
    assert f'<option value="{cast.ada.pk}" selected>Ada Lozano</option>' in elena.get(href).content.decode()

    refused = elena.post(f"{href}responsable/", {"owner": "0"}, follow=True).content.decode()
    done = elena.post(f"{href}responsable/", {"owner": cast.bruno.pk}, follow=True).content.decode()

    assert "Elija a una persona de esta mesa." in refused
    assert "Bruno Ortega es responsable en lugar de Ada Lozano" in done
    assert "Bruno Ortega es responsable desde ahora." in done
    assert "/responsable/" not in browser_of(cast.bruno).get(href).content.decode()
