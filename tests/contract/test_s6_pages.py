"""Contract, section 6: each address answers the people it is for, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest
from django.test import Client

from tests.contract.world import World

STAFF: Final = ("karla", "supervisor", "manager", "admin")
PUBLIC: Final = ("/", "/entrar/", "/invoice-mx/", "/facturando/", "/invoice-mx/reportar/", "/facturando/reportar/")

# address -> answer by role; whoever is not signed in is sent to /entrar/
PAGES: Final[Mapping[str, Mapping[str, int]]] = {
    "/inicio/": {"client": 200, "fac_client": 200, "karla": 302},
    "/cola/": dict.fromkeys(STAFF, 200) | {"client": 403, "fac_client": 403, "fac_consultant": 200},
    "/llamadas/nueva/": dict.fromkeys(STAFF, 200) | {"client": 403, "fac_consultant": 200},
    "/escalamientos/": dict.fromkeys(STAFF, 200) | {"client": 403, "fac_manager": 200},
    "/guardias/": dict.fromkeys(STAFF, 200) | {"client": 403},
    "/entrega/": dict.fromkeys(STAFF, 200) | {"client": 403},
    "/simulador/": {"manager": 200, "admin": 200, "karla": 403, "client": 403, "fac_manager": 200},
    "/avisos/": dict.fromkeys(STAFF, 200) | {"client": 403, "fac_manager": 200},
    "/ajustes/": {"manager": 200, "admin": 200, "karla": 403, "client": 403, "fac_manager": 200},
}


def browser(world: World, name: str | None) -> Client:
    client = Client(raise_request_exception=False)
    if name is not None:
        client.force_login(world.users[name])
    return client


def page(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response.status_code < 500, path
    return response


def test_public_pages(world: World) -> None:
    client = browser(world, None)
    for path in PUBLIC:
        response = page(client, path)
        assert response.status_code == 200, path
        text = response.content.decode()
        assert '<html lang="es' in text, path
        assert "viewport" in text


def test_everybody_else_signs_in_first(world: World) -> None:
    client = browser(world, None)
    number = world.client.file()["number"]
    for path in [*PAGES, f"/tickets/{number}/", "/tickets/IMX-999999/"]:
        response = page(client, path)
        assert response.status_code == 302, path
        assert response["Location"].startswith("/entrar/"), path


@pytest.mark.parametrize("path", list(PAGES))
def test_who_reads_it(world: World, path: str) -> None:
    for name, status in PAGES[path].items():
        assert page(browser(world, name), path).status_code == status, name


def test_a_ticket_is_for_its_people(world: World) -> None:
    number = world.client.file()["number"]
    for name in ("client", *STAFF):
        response = page(browser(world, name), f"/tickets/{number}/")
        assert response.status_code == 200, name
        assert number in response.content.decode()
    for name in ("other_client", "fac_client", "fac_consultant", "fac_manager"):
        assert page(browser(world, name), f"/tickets/{number}/").status_code == 404, name
    assert page(browser(world, "karla"), "/tickets/IMX-999999/").status_code == 404


def test_nonsense_is_not_found(world: World) -> None:
    for name in (None, "client", "karla"):
        client = browser(world, name)
        for path in (
            "/nada/",
            "/no-hay/reportar/",
            "/t/abc/",
            "/t/" + "x" * 4000 + "/",
            "/%F0%9F%98%80/",
            "/invoice-mx/x/",
        ):
            assert page(client, path).status_code == 404, (name, path)


def test_a_get_never_acts(world: World) -> None:
    number = world.client.file()["number"]
    before = world.karla.ask(f"tickets/{number}/").json()
    client = browser(world, "karla")
    for verb in ("take", "resolve", "cancel", "assign"):
        assert page(client, f"/tickets/{number}/{verb}/").status_code < 500
    assert world.karla.ask(f"tickets/{number}/").json() == before


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/guardias/", "/entrega/"])
def test_a_desk_without_guardia_says_so(path):
    """`/guardias/` and `/entrega/` are addresses of every desk; Facturando's has nobody on call."""
    from accounts.models import User
    from tests.tickets.cast import load_desk

    load_desk("facturando")
    client = Client()
    client.force_login(User.objects.get(email="hector@facturando.example"))

    answer = client.get(path)

    assert answer.status_code == 200
    assert "no tiene guardia" in answer.content.decode()
    assert client.get(f"{path}?mesa=otra").status_code == 404
