"""Pages that take text from strangers: nothing that they send is a failure of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NASTY = ["\x00", "a\x00b@mesa.example", "\u202e", "😀" * 300, "x" * 100_000, "' OR 1=1 --", "{{ 7|add:1 }}", "%s%n"]
DOORS: list[tuple[str, list[str]]] = [
    ("/entrar/", ["login", "password", "next"]),
    ("/entrar/contrasena/", ["email"]),
    ("/cuenta/tokens/", ["label", "expires_on"]),
    ("/cuenta/preferencias/", ["name", "phone", "theme"]),
    ("/cuenta/canales/", ["kind", "address"]),
    ("/cuenta/contrasena/", ["oldpassword", "password1", "password2"]),
]


@pytest.mark.parametrize(("path", "fields"), DOORS, ids=[path for path, _fields in DOORS])
@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_forms_take_anything(ada: User, path: str, fields: list[str], text: str) -> None:
    client = Client()
    if path.startswith("/cuenta/"):
        client.force_login(ada)

    response = client.post(path, dict.fromkeys(fields, text))

    assert response.status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/entrar/contrasena/x-y/",
        "/entrar/contrasena/99999999999999-set-password/",
        "/avisos/prueba/%F0%9F%98%80/",
        "/avisos/prueba/" + "x" * 3000 + "/",
        "/avisos/99999999999999999999999/reintentar/",
        "/avisos/?cursor=%F0%28%8C%28&ver=all",
        "/cuenta/tokens/99999999999999999999999/revocar/",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_addresses_take_anything(path: str, method: str) -> None:
    root = User.objects.create_superuser("root@mesa.example", PASSWORD, name="Root")
    client = Client()
    client.force_login(root)

    response: Any = getattr(client, method)(path)

    assert response.status_code < 500


@pytest.mark.parametrize("target", ["https://malo.example/", "//malo.example/", "javascript:alert(1)"])
def test_signing_in_sends_nobody_elsewhere(ada: User, target: str) -> None:
    response = Client().post("/entrar/", {"login": ada.email, "password": PASSWORD, "next": target})

    assert (response.status_code, response["Location"]) == (302, "/entrar/seguir/")
