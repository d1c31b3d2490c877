"""Putting canned answers into a reply, and files that go ahead of their text."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser

from clients.models import VaultSecret
from core.errors import Invalid
from files.models import Attachment
from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.conftest import Clock
from tickets import actions, links
from tickets.actions import canned as canned_actions
from tickets.actions import uploads
from tickets.actions.canned import Draft
from tickets.models import CannedAnswer, Message, MessageFile, Ticket, Upload

HTMX = {"HTTP_HX_REQUEST": "true"}


def browser_of(person: Any) -> Browser:
    browser = Browser()
    browser.force_login(person)
    return browser


@pytest.fixture
def ticket(cast: Cast, at: Clock, media: Any) -> Ticket:
    return actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE)


@pytest.fixture
def answer(cast: Cast, media: Any) -> CannedAnswer:
    """Of the desk, with a file and a gap."""
    draft = Draft(
        title="CSD vencido",
        shortcut="csd-vencido",
        body="Hola, {{cliente.primer_nombre}}: venció el [[fecha]].",
        files=[ContentFile(b"%PDF-1.4", name="guia.pdf")],
    )
    return canned_actions.create(cast.desk, draft, own=False, by=factories.actor(cast.elena), now=OFFICE)


def ahead(browser: Browser, ticket: Ticket, name: str = "error.txt", content: bytes = b"uno") -> Any:
    return browser.post(f"/tickets/{ticket.number}/subidas/", {"files": SimpleUploadedFile(name, content)})


# ------------------------------------------------------------------ putting in


def test_it_is_found_previewed_and_put_in_with_its_file(cast: Cast, ticket: Ticket, answer: CannedAnswer) -> None:
    browser, base = browser_of(cast.ada), f"/tickets/{ticket.number}/insertar/"
    key = f"plantilla-{answer.pk}"

    found = browser.get(base, {"q": "csd", "atajo": "1"}, **HTMX).content.decode()
    shown = browser.get(f"{base}{key}/", **HTMX).content.decode()
    put = browser.post(f"{base}{key}/", **HTMX)
    again = browser.post(f"{base}{key}/", **HTMX)

    assert f'data-href="{base}{key}/"' in found
    assert "<html" not in found + shown
    assert "guia.pdf" in shown
    assert "[[fecha]]" in shown
    assert 'data-inserted="Hola, Rosa: venció el [[fecha]]."' in put.content.decode()
    assert "guia.pdf" in again.content.decode()
    assert Upload.objects.count() == 1, "put in twice its file lies there once"
    assert CannedAnswer.objects.get().n_used == 2
    assert "csd" not in browser.get(base, {"q": "vencido", "atajo": "1"}, **HTMX).content.decode()


def test_without_script_it_comes_into_the_box_behind_what_was_written(
    cast: Cast, ticket: Ticket, answer: CannedAnswer
) -> None:
    browser, base = browser_of(cast.ada), f"/tickets/{ticket.number}/"
    key = f"plantilla-{answer.pk}"

    browser.post(f"{base}borrador/", {"body": "Le explico.", "kind": "reply"})
    listed = browser.post(f"{base}insertar/", {"body": "Le explico.", "kind": "reply"})
    joined = browser.post(f"{base}insertar/{key}/", {"body": "Le explico."})
    alone = browser.post(f"{base}insertar/{key}/", follow=True)

    assert 'value="Le explico."' in listed.content.decode()
    assert joined.context["composer"]["form"]["body"].value() == "Le explico.\n\nHola, Rosa: venció el [[fecha]]."
    assert alone.redirect_chain == [(f"{base}?insertar={key}#redactar", 302)]
    assert alone.context["composer"]["form"]["body"].value() == "Le explico.\n\nHola, Rosa: venció el [[fecha]]."
    assert [row["name"] for row in alone.context["composer"]["uploads"]] == ["guia.pdf"]


def test_what_is_not_for_the_writer_is_not_there(
    cast: Cast, stranger: Cast, ticket: Ticket, answer: CannedAnswer
) -> None:
    draft = Draft(title="Mía", shortcut="mia", body="Hola.")
    brunos = canned_actions.create(cast.desk, draft, own=True, by=factories.actor(cast.bruno), now=OFFICE)
    away = canned_actions.create(
        cast.desk, Draft(title="X", shortcut="x", body="X"), own=False, by=factories.actor(cast.elena), now=OFFICE
    )
    canned_actions.set_active(away, False, by=factories.actor(cast.elena), now=OFFICE)
    foreign = canned_actions.create(stranger.desk, draft, own=False, by=factories.actor(stranger.elena), now=OFFICE)
    browser = browser_of(cast.ada)

    for key in (*(f"plantilla-{one.pk}" for one in (brunos, away, foreign)), "plantilla-0", "otra-1", "x"):
        assert browser.get(f"/tickets/{ticket.number}/insertar/{key}/").status_code == 404
        page = browser.get(f"/tickets/{ticket.number}/", {"insertar": key})
        assert page.context["composer"]["form"]["body"].value() in ("", None)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("reply", "Venció el [[fecha]].", 422),
        ("reply", "Hola, {{ cliente.nombre }}", 422),
        ("reply", "Arreglo [[1, 2], [3]] y {{otra}}", 302),
        ("note", "Falta [[fecha]].", 302),
    ],
)
def test_what_is_still_to_be_filled_in_holds_a_reply_back(
    cast: Cast, ticket: Ticket, kind: str, body: str, status: int
) -> None:
    page = browser_of(cast.ada).post(f"/tickets/{ticket.number}/responder/", {"kind": kind, "body": body})

    assert page.status_code == status
    if status == 422:
        assert "Falta llenar" in page.context["composer"]["form"].errors["body"][0]
        assert body in page.context["composer"]["form"]["body"].value()


# ------------------------------------------------------------------ files ahead of their text


def test_a_file_goes_ahead_is_shown_again_and_goes_along(cast: Cast, ticket: Ticket) -> None:
    browser = browser_of(cast.ada)

    with_row = ahead(browser, ticket)
    page = browser.get(f"/tickets/{ticket.number}/")
    [row] = page.context["composer"]["uploads"]
    other = browser_of(cast.bruno).get(f"/tickets/{ticket.number}/")
    browser.post(f"/tickets/{ticket.number}/responder/", {"kind": "note", "body": "Va", "uploads": [row["id"]]})

    assert with_row.status_code == 201
    assert 'name="uploads"' in with_row.content.decode()
    assert row["name"] == "error.txt"
    assert other.context["composer"]["uploads"] == []
    assert MessageFile.objects.get().attachment.filename == "error.txt"
    assert not Upload.objects.exists()


def test_a_client_sends_files_ahead_by_link_and_nobody_else_sees_them(cast: Cast, ticket: Ticket) -> None:
    base = f"/t/{links.token(ticket)}/"
    rosa, ada = Browser(), browser_of(cast.ada)

    kept = rosa.post(f"{base}subidas/", {"files": SimpleUploadedFile("factura.xml", b"<x/>")})
    upload = Upload.objects.get()
    shown = rosa.get(base).content.decode()
    send = {"body": "", "uploads": [upload.pk]}
    colleague = ada.post(f"/tickets/{ticket.number}/responder/", {"kind": "note", "body": "Va", **send})
    sent = rosa.post(f"{base}responder/", send)
    twice = rosa.post(f"{base}responder/", send)

    assert kept.status_code == 201
    assert f'data-remove="{base}subidas/{upload.pk}/quitar/"' in shown
    assert (colleague.status_code, sent.status_code, twice.status_code) == (422, 303, 422)
    assert MessageFile.objects.get().attachment.filename == "factura.xml"
    assert browser_of(cast.ada).post(f"/tickets/{ticket.number}/cliente/subidas/").status_code == 403


def test_only_ones_own_that_nobody_used_goes_along(cast: Cast, ticket: Ticket) -> None:
    ada, bruno = browser_of(cast.ada), browser_of(cast.bruno)
    ahead(bruno, ticket)
    brunos = Upload.objects.get().pk
    send = {"kind": "note", "body": "Va", "uploads": [brunos]}

    refused = ada.post(f"/tickets/{ticket.number}/responder/", send)
    sent = bruno.post(f"/tickets/{ticket.number}/responder/", send)
    twice = bruno.post(f"/tickets/{ticket.number}/responder/", send)

    assert (refused.status_code, sent.status_code, twice.status_code) == (422, 302, 422)
    assert refused.context["composer"]["form"].errors["files"]
    assert Message.objects.filter(internal=True).count() == 1
    assert MessageFile.objects.count() == 1


def test_one_that_is_taken_out_is_gone_with_its_bytes(
    cast: Cast, ticket: Ticket, django_capture_on_commit_callbacks: Any
) -> None:
    browser = browser_of(cast.ada)
    ahead(browser, ticket)
    upload = Upload.objects.get()
    key = upload.attachment.storage_key

    with django_capture_on_commit_callbacks(execute=True):
        others = browser_of(cast.bruno).post(f"/tickets/{ticket.number}/subidas/{upload.pk}/quitar/")
        assert Upload.objects.exists()
        browser.post(f"/tickets/{ticket.number}/subidas/{upload.pk}/quitar/")

    assert others.status_code == 204
    assert not Attachment.objects.filter(pk=upload.attachment_id).exists()
    assert not default_storage.exists(key)


def test_a_key_is_sealed_while_it_waits_and_goes_to_the_vault(cast: Cast, ticket: Ticket) -> None:
    browser = browser_of(cast.ada)

    row = ahead(browser, ticket, "csd.key", b"clave en claro").content.decode()
    upload = Upload.objects.get()
    with default_storage.open(upload.attachment.storage_key) as stored:
        lying = stored.read()
    browser.post(f"/tickets/{ticket.number}/responder/", {"kind": "note", "body": "Va", "uploads": [upload.pk]})

    assert "va a la bóveda" in row
    assert b"clave en claro" not in lying
    assert VaultSecret.objects.count() == 1
    assert not MessageFile.objects.exists()


def test_what_is_refused_says_why(cast: Cast, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = browser_of(cast.ada)
    monkeypatch.setattr("files.actions.MAX_BYTES", 2)
    monkeypatch.setattr(uploads, "MOST", 1)

    heavy = ahead(browser, ticket)
    ahead(browser, ticket, content=b"a")
    many = ahead(browser, ticket, content=b"b")

    assert (heavy.status_code, many.status_code) == (422, 422)
    assert "25 MB" in heavy.content.decode()
    assert "20 archivos" in many.content.decode()
    assert browser.post(f"/tickets/{ticket.number}/subidas/").status_code == 422
    assert Upload.objects.count() == 1


def test_what_nobody_sent_is_swept_after_a_day(cast: Cast, ticket: Ticket) -> None:
    ahead(browser_of(cast.ada), ticket)

    assert uploads.sweep(now=OFFICE + timedelta(hours=23)) == 0
    assert uploads.sweep(now=OFFICE + timedelta(hours=25)) == 1
    assert not Attachment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_sends_at_once_take_a_file_once(media: Any) -> None:
    cast = Cast()
    ticket = cast.ticket()
    ada = factories.actor(cast.ada)
    upload = uploads.keep(ticket, ContentFile(b"uno", name="a.txt"), by=ada, now=OFFICE)
    barrier, taken = threading.Barrier(2), []

    def send() -> None:
        from django.db import transaction

        try:
            barrier.wait(5)
            with transaction.atomic():
                files = uploads.claim(ticket, [upload.pk], by=ada)
                if not files:
                    raise Invalid
                actions.add_message(ticket, by=ada, now=OFFICE, body="Va", internal=True, files=files)
            taken.append(files)
        except Invalid:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(taken) == 1
    assert MessageFile.objects.count() == 1
