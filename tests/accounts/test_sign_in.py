"""Signing in: nothing tells whether an account exists, nothing is guessed at leisure."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import Settings

from accounts.adapters import mailer
from accounts.models import User
from tests import factories
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client: Client, login: str = "ada@mesa.example", password: str = PASSWORD, **options: Any) -> Any:
    return client.post("/entrar/", {"login": login, "password": password}, **options)


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def text_of(response: Any) -> str:
    """Return the page without what differs on every request."""
    return re.sub(r"(csrfmiddlewaretoken|data-now|value|nonce|X-CSRFToken)[^>]*", "", response.content.decode())


def test_address_and_password_open(client: Client, ada: User) -> None:
    response = sign_in(client, "ADA@Mesa.example")

    assert (response.status_code, response["Location"]) == (302, "/entrar/seguir/")
    assert signed_in(client)


def test_a_wrong_password_and_an_unknown_address_read_the_same(client: Client, ada: User) -> None:
    wrong = sign_in(client, password="equivocada")
    unknown = sign_in(client, login="nadie@mesa.example")

    assert wrong.status_code == unknown.status_code == 200
    assert text_of(wrong) == text_of(unknown)
    assert not signed_in(client)


def test_who_left_does_not_come_in(client: Client, ada: User) -> None:
    ada.is_active = False
    ada.save()

    sign_in(client)

    assert not signed_in(client)


@pytest.mark.parametrize("address", ["ada@mesa.example", "nadie@mesa.example"])
def test_resetting_tells_nobody_whether_the_account_exists(
    client: Client, ada: User, mailoutbox: list[EmailMessage], address: str
) -> None:
    response = client.post("/entrar/contrasena/", {"email": address})
    mailer.flush()

    assert (response.status_code, response["Location"]) == (302, "/entrar/contrasena/enviada/")
    assert [mail.to for mail in mailoutbox] == ([[address]] if address.startswith("ada") else [])


def test_the_link_of_the_mail_changes_the_password_once(
    client: Client, ada: User, mailoutbox: list[EmailMessage], settings: Settings
) -> None:
    settings.SITE_URL = "https://ayuda.mesa.example"
    client.post("/entrar/contrasena/", {"email": "ada@mesa.example"}, headers={"Host": "localhost"})
    mailer.flush()
    found = re.search(r"https://ayuda\.mesa\.example(/entrar/contrasena/\S+)", str(mailoutbox[0].body))
    assert found is not None

    form = client.get(found.group(1), follow=True)
    path = form.redirect_chain[-1][0]
    client.post(path, {"password1": "otra frase larga 7", "password2": "otra frase larga 7"})

    assert sign_in(Client(), password="otra frase larga 7").status_code == 302
    again = Client().get(found.group(1), follow=True)
    assert "password1" not in again.content.decode()


def test_a_mail_server_that_is_away_is_not_the_visitors_problem(client: Client, ada: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    response = client.post("/entrar/contrasena/", {"email": "ada@mesa.example"})
    mailer.flush()

    assert response.status_code == 302


def test_nobody_signs_up(client: Client) -> None:
    client.post("/entrar/alta/", {"email": "x@mesa.example", "password1": PASSWORD, "password2": PASSWORD})

    assert not User.objects.exists()


def test_guessing_is_slowed_down(client: Client, ada: User, settings: Settings) -> None:
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key"}

    for _time in range(5):
        sign_in(client, password="equivocada")
    response = sign_in(client)

    assert response.status_code in (200, 429)
    assert not signed_in(client)
    assert sign_in(Client(REMOTE_ADDR="203.0.113.9"), login="otra@mesa.example", password="x").status_code == 200


def test_signing_out_is_a_post(client: Client, ada: User) -> None:
    sign_in(client)

    assert client.get("/salir/").status_code == 200
    assert signed_in(client)
    client.post("/salir/")
    assert not signed_in(client)


def test_a_second_factor_is_asked_for(client: Client, ada: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)

    response = sign_in(client)
    assert not signed_in(client)
    page = client.get(response["Location"])
    assert page.status_code == 200

    counter = next(yield_hotp_counters_from_time())
    client.post(response["Location"], {"code": "000000"})
    assert not signed_in(client)
    client.post(response["Location"], {"code": format_hotp_value(hotp_value(secret, counter))})
    assert signed_in(client)


def test_a_recovery_code_works_once(ada: User) -> None:
    TOTP.activate(ada, generate_totp_secret())
    code = RecoveryCodes.activate(ada).get_unused_codes()[0]

    def with_code() -> bool:
        client = Client()
        response = sign_in(client)
        client.post(response["Location"], {"code": code})
        return signed_in(client)

    assert with_code()
    assert not with_code()


def test_the_seed_of_a_second_factor_is_not_readable_in_the_database(ada: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)

    kept = Authenticator.objects.get()

    assert secret not in str(kept.data)


@pytest.mark.parametrize(
    "path",
    [
        "/entrar/",
        "/entrar/contrasena/",
        "/entrar/contrasena/enviada/",
        "/entrar/contrasena/lista/",
        "/entrar/inactiva/",
    ],
)
def test_pages_before_signing_in(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/cuenta/contrasena/", "/cuenta/segundo-factor/", "/entrar/confirmar/"],
)
def test_pages_after_signing_in(client: Client, ada: User, path: str) -> None:
    assert client.get(path).status_code == 302  # to signing in
    sign_in(client)

    assert client.get(path).status_code == 200


def test_turning_the_second_factor_on_asks_for_the_password_again(client: Client, ada: User) -> None:
    sign_in(client)
    path = "/cuenta/segundo-factor/totp/activate/"

    confirm = client.get(path)
    page = client.post(confirm["Location"], {"password": PASSWORD}, follow=True)
    assert page.redirect_chain[-1][0] == path
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    done = client.post(path, {"code": code})

    assert done.status_code == 302
    assert client.get(done["Location"]).status_code == 200
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}


def test_a_piece_of_a_page_is_not_answered_with_the_sign_in(client: Client, db: None) -> None:
    assert client.get("/cola/")["Location"] == "/entrar/?next=/cola/"
    assert client.get("/cola/", headers={"HX-Request": "true"}).status_code == 401
    assert client.get("/cola/", headers={"HX-Request": "true", "HX-Boosted": "true"}).status_code == 302


def test_who_signed_in_is_sent_to_their_work(client: Client, ada: User) -> None:
    root = User.objects.create_superuser("root@mesa.example", PASSWORD, name="Root")
    client.force_login(ada)
    assert client.get("/entrar/seguir/")["Location"] == "/inicio/"
    client.force_login(root)
    assert client.get("/entrar/seguir/")["Location"] == "/cola/"
    client.force_login(factories.make_member(factories.make_desk(), "Paola Nava", "sales"))
    assert client.get("/entrar/seguir/")["Location"] == "/timbres/"
    assert Client().get("/entrar/seguir/")["Location"].startswith("/entrar/")
