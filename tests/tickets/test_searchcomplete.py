"""What may follow in the search box: the pure rule, and the door."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import Cast
from tests.tickets.conftest import Clock
from tests.tickets.test_views_queue import browse
from tickets import searchcomplete, searchquery

NAMES = {"asignado": ["Ada Lozano", "Karla Jiménez"], "cliente": ['La "Norteña"']}


def texts(text: str) -> list[str]:
    return [option.text for option in searchcomplete.options(text, NAMES)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("es", ["estado:"]),
        ("timbra a", ["timbra asignado:", "timbra antes:"]),
        ("-es", ["-estado:"]),
        ("PRI", ["prioridad:"]),
        ("timb", []),
        ("timbra ", []),
        ("estado:ce", ["estado:cerrado "]),
        ("estado:cerrado", []),
        ("no timbra prioridad:a", ["no timbra prioridad:alta "]),
        ("vence:", ["vence:hoy ", "vence:mañana ", "vence:vencido ", "vence:semana "]),
        ("asignado:kar", ['asignado:"Karla Jiménez" ']),
        ('asignado:"karla j', ['asignado:"Karla Jiménez" ']),
        ("asignado:JIM", ['asignado:"Karla Jiménez" ']),
        ("cliente:nor", ['cliente:"La Norteña" ']),
        ("rfc:FNO", []),
        ('"sello es', []),
    ],
)  # fmt: skip
def test_the_end_of_the_text_is_completed(typed: str, expected: list[str]) -> None:
    assert texts(typed) == expected


def test_an_empty_box_offers_every_operator() -> None:
    assert texts("") == [f"{name}:" for name in searchquery.OPERATORS]


@given(st.text(max_size=60))
def test_every_completion_is_read_as_an_operator(text: str) -> None:
    for option in searchcomplete.options(text, NAMES):
        if not option.text.endswith(":"):
            assert searchquery.parse(option.text).filters


# ------------------------------------------------------------------ the door


def offered(response: Any) -> list[str]:
    assert response.status_code == 200
    return [option["write"] for option in response.context["options"]]


def test_the_door_offers_the_desks_own_names(cast: Cast, stranger: Cast, at: Clock) -> None:
    browser = browse(cast.ada)

    assert offered(browser.get("/cola/buscar/", {"q": "asignado:bru"})) == ['asignado:"Bruno Ortega"']
    assert offered(browser.get("/cola/buscar/", {"q": "mesa:"})) == ["mesa:invoice-mx"]
    assert offered(browser.get("/cola/buscar/", {"q": "producto:nube"})) == ['producto:"InvoiceMX Nube"']
    assert offered(browser.get("/cola/buscar/", {"q": "cliente:nort"})) == ['cliente:"Ferretería La Norteña"']
    assert offered(browser.get("/cola/buscar/", {"q": "cliente:n"})) == []
    assert browser.get("/cola/buscar/?q=timbra").content.strip() == b""


def test_names_of_another_vendor_are_not_offered(cast: Cast, stranger: Cast, at: Clock) -> None:
    stranger.company.name = "Obelisco"
    stranger.company.save()

    assert offered(browse(cast.ada).get("/cola/buscar/", {"q": "cliente:obel"})) == []
    assert offered(browse(stranger.ada).get("/cola/buscar/", {"q": "cliente:obel"})) == ["cliente:Obelisco"]


def test_who_works_no_tickets_is_offered_nothing(cast: Cast, at: Clock) -> None:
    assert browse(cast.paola).get("/cola/buscar/").status_code == 403
    assert browse(cast.rosa.user).get("/cola/buscar/").status_code == 403
    assert Browser().get("/cola/buscar/").status_code == 302


def test_hostile_names_stay_text(cast: Cast, at: Clock) -> None:
    cast.company.name = "<b onclick=alert(1)>Norte</b>"
    cast.company.save()

    assert b"<b onclick" not in browse(cast.ada).get("/cola/buscar/", {"q": "cliente:norte"}).content
