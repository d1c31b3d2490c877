"""Mails on the wire: what a real SMTP server receives."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from pytest_django import Settings

from notifications import actions, rendering
from notifications.models import Notification
from tests.notifications.cast import NOW, ROSA, free_port, put

pytestmark = pytest.mark.django_db


class Mailbox:
    """An SMTP server that keeps what it got; `refuse` is its answer to RCPT of an address."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        self.refuse: dict[str, str] = {}

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        self.got.append(envelope)
        return "250 OK"

    def messages(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(envelope.original_content or b"", policy=email.policy.default)
            for envelope in self.got
        ]


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.DEFAULT_FROM_EMAIL = "Mesa de ayuda <ayuda@mesa.example>"
    yield box
    controller.stop()


def test_the_wire_carries_the_stored_bytes(mailbox: Mailbox) -> None:
    notice = put("k1", params={"title": "Señal ñandú", "name": "Íñigo", "text": "Línea 1\n.punto al inicio\nCañón €"})

    actions.send_due(now=NOW)

    notice.refresh_from_db()
    assert notice.sent_at == NOW
    assert mailbox.got[0].original_content == bytes(notice.rendered or b"")
    assert mailbox.got[0].rcpt_tos == [ROSA]


def test_a_mail_reads_in_spanish_as_text_and_as_html(mailbox: Mailbox) -> None:
    put("k1", params={"title": "Señal ñandú «€»", "name": "Íñigo", "text": "Cañón <b>no</b> & más", "desk": "Mesa Ñ"})

    actions.send_due(now=NOW)

    (message,) = mailbox.messages()
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert message["Subject"] == "Asunto: Señal ñandú «€»"
    assert text.get_content().replace("\r\n", "\n") == "Hola Íñigo:\n\nCañón <b>no</b> & más\n\n--\nMesa Ñ\n"
    assert "Cañón &lt;b&gt;no&lt;/b&gt; &amp; más" in html.get_content()
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert (mailbox.got[0].original_content or b"").isascii()


def test_headers_say_who_when_and_that_a_machine_wrote(mailbox: Mailbox) -> None:
    put(
        "k1", from_name="Núñez, Karla · «Mesa» <x@malo.example>", params={"title": "t", "reply_to": "caso@mesa.example"}
    )

    actions.send_due(now=NOW)

    (message,) = mailbox.messages()
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (
        "Núñez, Karla · «Mesa» <x@malo.example>",
        "ayuda@mesa.example",
    )
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == rendering.message_id_for("k1")
    assert message["Message-ID"].endswith("@mesa.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] == "caso@mesa.example"


@pytest.mark.parametrize(
    "field",
    ["title", "name", "reply_to", "from_name", "recipient"],
)
def test_no_header_can_be_smuggled_in(mailbox: Mailbox, field: str) -> None:
    evil = "x\r\nBcc: otro@malo.example\r\n\r\ncuerpo"
    params = {"title": "t", "name": "n", "text": "x"}
    if field in ("from_name", "recipient"):
        put("k1", params=params, **{field: evil})
    else:
        put("k1", params={**params, field: evil})

    actions.send_due(now=NOW)

    for envelope, message in zip(mailbox.got, mailbox.messages(), strict=True):
        assert envelope.rcpt_tos == [ROSA]
        assert message["Bcc"] is None
        assert "Bcc" not in message["Subject"].split("\n")[0] or field == "title"
    if field in ("reply_to", "recipient"):
        assert mailbox.got == []  # such an address is no address: the notice fails, nothing leaves


def test_a_very_long_subject_and_line_arrive_whole(mailbox: Mailbox) -> None:
    title, text = "Facturación detenida " * 30, "palabraññ " * 400
    put("k1", params={"title": title, "name": "R", "text": text})

    actions.send_due(now=NOW)

    (message,) = mailbox.messages()
    body = message.get_body(("plain",))
    assert body is not None
    assert message["Subject"] == f"Asunto: {title}".strip()
    assert text.strip() in body.get_content()
    assert b"\r\nSubject: \r\n" not in b"\r\n" + (mailbox.got[0].original_content or b"")  # no empty first line
    assert max(map(len, (mailbox.got[0].original_content or b"").split(b"\r\n"))) <= 998


def test_mails_of_one_thread_form_a_conversation(mailbox: Mailbox) -> None:
    for number in (1, 2, 3):
        put(f"k{number}", thread="ticket/IMX-1")
    put("other", thread="ticket/IMX-1", recipient="luis@cliente.example")
    put("alone")

    actions.send_due(now=NOW)

    by_id = {message["Message-ID"]: message for message in mailbox.messages()}
    first, second, third, other, alone = (
        by_id[rendering.message_id_for(key)] for key in ("k1", "k2", "k3", "other", "alone")
    )
    root = first["References"]
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["References"] == f"{root} {first['Message-ID']}"
    assert third["In-Reply-To"] == second["Message-ID"]
    assert third["References"] == f"{root} {first['Message-ID']} {second['Message-ID']}"
    assert (other["References"], other["In-Reply-To"]) == (root, root)
    assert (alone["References"], alone["In-Reply-To"]) == (None, None)


def test_a_recipient_that_does_not_exist_bounces(mailbox: Mailbox) -> None:
    mailbox.refuse[ROSA] = "550 5.1.1 no such user"
    notice = put("k1")

    actions.send_due(now=NOW)

    notice.refresh_from_db()
    assert (notice.outcome, notice.dead_at) == ("bounced", NOW)
    assert "550" in notice.last_error


def test_a_mail_server_that_is_away_is_asked_again(mailbox: Mailbox, settings: Settings) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    notice = put("k1")
    actions.send_due(now=NOW)
    assert mailbox.got == []

    settings.EMAIL_PORT = port
    actions.send_due(now=NOW + timedelta(seconds=30))

    notice.refresh_from_db()
    assert notice.outcome == "delivered"
    assert mailbox.messages()[0]["Date"].datetime == NOW  # the bytes of the first attempt


def test_backends_that_want_parts_get_them(mailoutbox: list[Any]) -> None:
    put("k1", from_name="Karla Jiménez", params={"title": "Señal", "name": "Rosa", "text": "Cañón"})

    actions.send_due(now=NOW)

    (mail,) = mailoutbox
    assert mail.subject == "Asunto: Señal"
    assert mail.from_email.startswith("Karla Jiménez <")
    assert "Cañón" in mail.body
    assert "Cañón" in mail.alternatives[0][0]
    assert mail.extra_headers["Message-ID"] == rendering.message_id_for("k1")
    assert mail.message().as_bytes(linesep="\r\n") == bytes(Notification.objects.get().rendered or b"")
