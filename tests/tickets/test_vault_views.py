"""The pages and the API of the vault: asked by link, given once, seen after asking again, never listed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from clients import vault
from clients.models import VaultRequest, VaultSecret
from notifications.models import Notification
from tests.factories import CLEAR, OFFICE, Cast, actor
from tests.tickets.conftest import Caller, Clock
from tests.tickets.test_vault import MARK, OPENLY, PLANTED, everything
from tickets import actions, links
from tickets.models import Message, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

LATER: Final = OFFICE + timedelta(minutes=30)


@pytest.fixture
def ticket(cast: Cast, at: Clock, media: Any) -> Ticket:
    return actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)


def signed_in(person: Any) -> Browser:
    browser = Browser()
    browser.force_login(person)
    return browser


def path_of(url: str) -> str:
    return "/datos/" + url.rpartition("/datos/")[2]


def link(ticket: Ticket, cast: Cast) -> str:
    return path_of(vault.request(f"ticket/{ticket.pk}", contact=cast.rosa, by=actor(cast.ada), now=OFFICE).url)


# ------------------------------------------------------------------ the client's page


def test_looking_at_the_link_changes_nothing(cast: Cast, ticket: Ticket) -> None:
    path = link(ticket, cast)

    for _scanner in range(2):
        page = Browser().get(path)
        assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "private, no-store"
    assert "Ada Lozano atiende IMX-1 y le pide: su usuario y contraseña." in page.content.decode()
    assert VaultRequest.objects.get().used_at is None


def test_given_once(cast: Cast, ticket: Ticket, caplog: Any) -> None:
    path = link(ticket, cast)
    key = SimpleUploadedFile("csd.key", PLANTED.encode())

    sent = Browser().post(path, {"user": "rosa", "password": PLANTED, "files": key})
    assert (sent.status_code, sent["Location"]) == (303, f"{path}?listo=1")
    assert "Avisamos a Ada Lozano" in Browser().get(sent["Location"]).content.decode()

    assert Browser().get(path).status_code == 404
    assert Browser().post(path, {"password": "otra"}).status_code == 404
    assert sorted(VaultSecret.objects.values_list("kind", "filename")) == [("access", ""), ("file", "csd.key")]
    assert Notification.objects.filter(key__startswith="vault/given/", recipient=cast.ada.email).count() == 1
    assert PLANTED not in everything()
    assert PLANTED not in caplog.text
    assert path.split("/")[2] not in str([record.__dict__ for record in caplog.records if "path" in record.__dict__])


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        pytest.param({}, "Escriba al menos un dato", id="nothing"),
        pytest.param({"user": "rosa", "password": "x" * 4001}, "4,000 caracteres", id="too long"),
        pytest.param(
            {"user": "rosa", "files": SimpleUploadedFile("a.key", bytes(2 * 1024 * 1024 + 1))}, "pesa más", id="large"
        ),
        pytest.param(
            {"user": "rosa", "files": [SimpleUploadedFile(f"{n}.key", b"x") for n in range(6)]}, "5 archivos", id="many"
        ),
    ],
)
def test_bad_input_keeps_what_was_typed_and_the_link(cast: Cast, ticket: Ticket, sent: Any, says: str) -> None:
    path = link(ticket, cast)
    page = Browser().post(path, sent)

    assert page.status_code == 422
    assert says in page.content.decode()
    assert sent.get("user", "") in page.content.decode()
    assert VaultRequest.objects.get().used_at is None


def test_an_unknown_link_says_nothing(at: Clock, db: None) -> None:
    for answer in (Browser().get("/datos/nadie/"), Browser().post("/datos/nadie/", {"password": "x"})):
        assert answer.status_code == 404
        assert "InvoiceMX" not in answer.content.decode()


def test_a_closed_case_takes_nothing(cast: Cast, ticket: Ticket) -> None:
    path = link(ticket, cast)
    actions.cancel(ticket, by=actor(cast.rosa), now=OFFICE, reason="Ya no.")
    assert Browser().post(path, {"password": "x"}).status_code == 404
    assert not VaultSecret.objects.exists()


def test_the_client_reads_who_saw_it(cast: Cast, ticket: Ticket) -> None:
    Browser().post(link(ticket, cast), {"password": PLANTED})
    secret = VaultSecret.objects.get()
    vault.reveal(secret.pk, topic=secret.topic, by=actor(cast.ada), now=LATER)

    page = Browser().get(f"/t/{links.token(ticket)}/").content.decode()
    assert "visto por Ada Lozano" in page
    assert PLANTED not in page


# ------------------------------------------------------------------ the consultant's pages


def test_ask_see_again_and_see(cast: Cast, ticket: Ticket) -> None:
    ada = signed_in(cast.ada)
    page = ada.post("/tickets/IMX-1/boveda/pedir/", {"what": "Usuario del portal"})
    path = path_of(page.content.decode().partition("/datos/")[2].partition('"')[0])
    Browser().post(path, {"user": "rosa", "password": PLANTED})
    (secret,) = VaultSecret.objects.all()
    look = f"/tickets/IMX-1/boveda/{secret.pk}/ver/"

    for quiet in ("/tickets/IMX-1/", "/tickets/IMX-1/boveda/", look):
        assert PLANTED not in ada.get(quiet).content.decode()
    assert not TicketEvent.objects.filter(type="ticket.secret_seen").exists()

    seen = ada.post(look)
    assert PLANTED in seen.content.decode()
    assert seen["Cache-Control"] == "private, no-store"
    assert TicketEvent.objects.filter(type="ticket.secret_seen").count() == 1
    assert Notification.objects.filter(key__startswith="vault/seen/").count() == 1


def test_a_file_is_downloaded(cast: Cast, ticket: Ticket) -> None:
    Browser().post(link(ticket, cast), {"files": SimpleUploadedFile("csd.key", b"\x00\x01secret")})
    secret = VaultSecret.objects.get()
    answer = signed_in(cast.ada).post(f"/tickets/IMX-1/boveda/{secret.pk}/ver/")
    assert answer.content == b"\x00\x01secret"
    assert answer["Content-Disposition"] == 'attachment; filename="csd.key"'
    assert answer["Cache-Control"] == "private, no-store"


def test_destroyed_by_hand_it_is_not_shown(cast: Cast, ticket: Ticket) -> None:
    Browser().post(link(ticket, cast), {"password": PLANTED})
    base = f"/tickets/IMX-1/boveda/{VaultSecret.objects.get().pk}/"
    ada = signed_in(cast.ada)
    assert ada.post(f"{base}destruir/").status_code == 302
    assert ada.post(f"{base}ver/").status_code == 409


def test_a_secret_of_another_ticket_is_not_found(cast: Cast, ticket: Ticket) -> None:
    Browser().post(link(ticket, cast), {"password": PLANTED})
    other = actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)
    base = f"/tickets/{other.number}/boveda/{VaultSecret.objects.get().pk}/"
    ada = signed_in(cast.ada)
    assert [ada.post(f"{base}{verb}/").status_code for verb in ("ver", "destruir")] == [404, 404]


# ------------------------------------------------------------------ told on screen, on every page that takes text


def test_a_reply_with_a_password_is_told_on_screen(cast: Cast, ticket: Ticket) -> None:
    ada = signed_in(cast.ada)
    ada.post("/tickets/IMX-1/responder/", {"kind": "note", "body": OPENLY, "version": "1-1"})
    page = ada.get("/tickets/IMX-1/").content.decode()
    assert "Pasó a la bóveda y en su lugar quedó una marca: contraseña." in page
    assert MARK in page
    assert PLANTED not in page


def test_the_client_is_told_on_screen(cast: Cast, ticket: Ticket) -> None:
    base = f"/t/{links.token(ticket)}/"
    browser = Browser()
    key = SimpleUploadedFile("csd.key", PLANTED.encode())
    browser.post(f"{base}responder/", {"body": OPENLY, "files": key})
    page = browser.get(base).content.decode()
    assert "Lo que envió traía algo secreto" in page
    assert "[archivo csd.key guardado en la bóveda]" in page
    assert VaultSecret.objects.count() == 2
    assert PLANTED not in everything()


def test_what_a_refused_form_keeps_is_not_open(cast: Cast, at: Clock, media: Any, db: None) -> None:
    """A report that comes back: its file waits sealed, its text only in the page."""
    key = SimpleUploadedFile("csd.key", PLANTED.encode())
    page = Browser().post("/invoice-mx/reportar/", {"description": OPENLY, "subject": "", "files": key})
    assert page.status_code == 422
    assert PLANTED not in everything()
    assert not [path for path in media.rglob("*") if path.is_file() and PLANTED.encode() in path.read_bytes()]


# ------------------------------------------------------------------ the API


def test_the_api_neither_lists_nor_keeps_it(cast: Cast, ticket: Ticket, caller: Caller) -> None:
    rosa, ada = caller(cast.rosa), caller(cast.ada)
    sent = [rosa.post("/api/v1/tickets/IMX-1/messages/", {"body": OPENLY}, HTTP_IDEMPOTENCY_KEY="k1") for _ in "12"]
    filed = rosa.post(
        "/api/v1/tickets/",
        {
            "desk": "invoice-mx", "request_type": "operational_question", "affects_operation": False,
            "subject": "No entra", "description": f"{CLEAR} {OPENLY}",
            "requester": {"name": "Rosa", "email": cast.rosa.email},
        },
        format="json",
        HTTP_IDEMPOTENCY_KEY="k2",
    )  # fmt: skip
    answers = [
        *sent, filed, *(ada.get(f"/api/v1/tickets/IMX-1/{part}") for part in ("", "messages/", "timeline/", "vault/")),
        ada.get("/api/v1/tickets/?q=Zafiro"),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [201, 201, 201, 200, 200, 200, 200, 200]
    assert sent[1]["Idempotent-Replayed"] == "true"
    assert PLANTED not in "".join(answer.content.decode() for answer in answers)
    assert PLANTED not in everything()
    assert set(answers[-2].json()[0]) >= {"id", "kind", "expires_at", "looks"}
    assert Message.objects.filter(body__contains=MARK).count() == 2


def test_asking_by_the_api_answers_the_link_once(cast: Cast, ticket: Ticket, caller: Caller) -> None:
    ada = caller(cast.ada)
    first, again = (ada.post("/api/v1/tickets/IMX-1/vault/", {}, HTTP_IDEMPOTENCY_KEY="k") for _ in "12")
    assert (first.status_code, again.status_code) == (201, 201)
    assert "/datos/" in first.json()["url"]
    assert "url" not in again.json()
    assert VaultRequest.objects.count() == 1


@pytest.mark.parametrize("subject", ["contraseña: %s", "CIEC %s"])
def test_search_does_not_find_it(cast: Cast, ticket: Ticket, subject: str, caller: Caller) -> None:
    cast.ticket(subject=subject % PLANTED)
    found = caller(cast.ada).get("/api/v1/tickets/?q=Zafiro").json()
    assert found["results"] == []


def test_errors_report_nothing(cast: Cast, ticket: Ticket, caplog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks while a secret is given, caught or shown tells nothing of it, in logs and in pages."""
    path = link(ticket, cast)

    def breaks(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the database went away")

    browser = Browser(raise_request_exception=False)
    monkeypatch.setattr("clients.vault.keep", breaks)
    answers = [
        browser.post(path, {"user": "rosa", "password": PLANTED}),
        browser.post(f"/t/{links.token(ticket)}/responder/", {"body": OPENLY}),
    ]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert PLANTED not in "".join(answer.content.decode() for answer in answers)
    assert PLANTED not in caplog.text
    assert PLANTED not in everything()
