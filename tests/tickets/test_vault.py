"""Secrets on tickets: caught wherever they come in, nowhere to be read but in the vault, gone with the case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from clients import vault
from clients.models import VaultSecret
from core.actor import SYSTEM
from core.errors import Forbidden
from desks.models import Desk
from files import actions as file_actions
from files.models import Attachment
from notifications import actions as notices
from notifications.models import Notification
from schedules.models import Timer
from tests.factories import CLEAR, OFFICE, Cast, actor, intake, make_contact
from tickets import actions
from tickets.actions import vaultcase
from tickets.models import Message, TellTask, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

NOW: Final = OFFICE + timedelta(minutes=5)
LATER: Final = OFFICE + timedelta(minutes=30)
PLANTED: Final = "Zafiro-7731!q"
OPENLY: Final = f"La contraseña de la llave privada es {PLANTED} por si la necesitan."
MARK: Final = "[contraseña guardada en la bóveda]"


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    ticket = cast.ticket()
    return actions.take(ticket, by=actor(cast.ada), now=OFFICE)


def everything() -> str:
    """All that the database holds as text, JSON or bytes, a table after another."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{name}" AS t')  # noqa: S608
            rows = [row for (row,) in cursor.fetchall()]
            found += rows
            found += [bytes.fromhex(part).decode("latin-1") for row in rows for part in _hex(row)]
    return "\n".join(found)


def _hex(row: str) -> list[str]:
    """The contents of bytea columns, written `\\x…`."""
    return [part.split('"')[0].split(",")[0].rstrip(")") for part in row.replace("\\\\x", "\\x").split("\\x")[1:]]


def key_file(name: str = "csd.key", content: bytes = PLANTED.encode()) -> Attachment:
    return file_actions.store(ContentFile(content, name=name), now=NOW)


def deliver() -> None:
    while notices.send_next(now=LATER):
        pass


# ------------------------------------------------------------------ every way in


WAYS: Final[dict[str, Any]] = {
    "client's message": lambda c, t: actions.add_message(t, by=actor(c.rosa), now=NOW, body=OPENLY),
    "reply": lambda c, t: actions.add_message(t, by=actor(c.ada), now=NOW, body=OPENLY),
    "note": lambda c, t: actions.add_message(t, by=actor(c.ada), now=NOW, body=OPENLY, internal=True),
    "file": lambda c, t: actions.add_message(t, by=actor(c.rosa), now=NOW, body="Va.", files=[key_file()]),
    "file alone": lambda c, t: actions.add_message(t, by=actor(c.rosa), now=NOW, body="", files=[key_file()]),
    "description": lambda c, t: c.ticket(description=f"{CLEAR}\n{OPENLY}"),
    "subject": lambda c, t: c.ticket(subject=f"No entra, contraseña: {PLANTED}"),
    "file of a report": lambda c, t: c.ticket(files=(key_file(),)),
    "call": lambda c, t: actions.open_ticket(
        Desk.objects.get(pk=c.desk.pk),
        intake(
            c.rosa, description=CLEAR, channel="phone", solution=OPENLY, answered_at=OFFICE, resolved_at=OFFICE,
            occurred_at=OFFICE,
        ),
        by=actor(c.ada),
        now=NOW,
    ),
    "wait": lambda c, t: actions.wait(t, by=actor(c.ada), now=NOW, reason=OPENLY),
    "third party": lambda c, t: actions.wait_third_party(t, by=actor(c.ada), now=NOW, reason=OPENLY, who="SAT"),
    "assign": lambda c, t: actions.assign(t, by=actor(c.elena), now=NOW, assignee=c.bruno.pk, reason=OPENLY),
    "escalate": lambda c, t: actions.escalate(t, by=actor(c.ada), now=NOW, reason=OPENLY),
    "defer": lambda c, t: actions.defer(t, by=actor(c.ada), now=NOW, reason=OPENLY),
    "reclassify": lambda c, t: actions.reclassify(
        t, by=actor(c.ada), now=NOW, request_type="training", affects_operation=False, reason=OPENLY
    ),
    "solution": lambda c, t: actions.resolve(t, by=actor(c.ada), now=NOW, solution=OPENLY),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_it_is_caught_and_read_nowhere(
    cast: Cast, ticket: Ticket, way: str, media: Any, capsys: Any, caplog: Any, mailoutbox: list[Any]
) -> None:
    WAYS[way](cast, ticket)
    deliver()

    assert mailoutbox
    assert PLANTED not in everything() + "".join(mail.message().as_string() for mail in mailoutbox) + caplog.text
    assert not [path for path in media.rglob("*") if path.is_file() and PLANTED.encode() in path.read_bytes()]
    assert PLANTED not in "".join(capsys.readouterr())
    (secret,) = VaultSecret.objects.all()
    shown = vault.reveal(secret.pk, topic=secret.topic, by=actor(cast.elena), now=LATER)
    assert PLANTED in str(shown.values) + shown.content.decode()
    assert TicketEvent.objects.filter(type="ticket.secret_caught").count() == 1
    assert Notification.objects.filter(key__startswith="vault/caught/").count() == 1
    assert Timer.objects.filter(handler=vault.TIMER).count() == 1


def test_the_dump_would_see_it(cast: Cast, ticket: Ticket) -> None:
    """The looking itself: what is written in an ordinary row is found, and in bytes."""
    Message.objects.filter(ticket=ticket).update(body=PLANTED)
    assert PLANTED in everything()
    Message.objects.filter(ticket=ticket).update(body="")
    VaultSecret.objects.create(
        topic="ticket/0", kind="file", ciphertext=b"x" + PLANTED.encode(), key_id="k", given_by_kind="system",
        given_by_label="x", given_at=NOW, expires_at=NOW,
    )  # fmt: skip
    assert PLANTED in everything()


def test_a_mark_stays_with_the_words_around_it(cast: Cast, ticket: Ticket) -> None:
    message = actions.add_message(ticket, by=actor(cast.rosa), now=NOW, body=OPENLY, files=[key_file()])

    assert message.body == (
        f"La contraseña de la llave privada es {MARK} por si la necesitan.\n[archivo csd.key guardado en la bóveda]"
    )
    assert not message.files.exists()
    assert VaultSecret.objects.filter(topic=f"ticket/{ticket.pk}").count() == 2


def test_a_public_certificate_stays_a_file(cast: Cast, ticket: Ticket) -> None:
    cer = key_file("csd.cer", b"\x30\x82\x05\x9c\x30\x82\x03\x84")
    message = actions.add_message(ticket, by=actor(cast.rosa), now=NOW, body="Va.", files=[cer, key_file()])
    assert [row.attachment for row in message.files.all()] == [cer]


def test_the_number_of_a_report_comes_before_the_word_about_the_vault(cast: Cast) -> None:
    filed = cast.ticket(description=OPENLY)
    told = Notification.objects.filter(recipient=filed.requester_email).order_by("seq")
    assert [row.params["heading"] for row in told] == [
        f"Su número de ticket es {filed.number}",
        "Ya no está en la conversación: contraseña",
    ]


def test_the_sender_is_told(cast: Cast, ticket: Ticket) -> None:
    actions.add_message(ticket, by=actor(cast.rosa), now=NOW, body=OPENLY)
    told = Notification.objects.get(key__startswith="vault/caught/")
    assert told.recipient == ticket.requester_email
    assert told.params["heading"] == "Ya no está en la conversación: contraseña"

    actions.add_message(ticket, by=actor(cast.bruno), now=LATER, body=OPENLY, internal=True)
    told = Notification.objects.filter(key__startswith="vault/caught/").latest("id")
    assert told.recipient == cast.bruno.email
    assert not TicketEvent.objects.filter(type="ticket.secret_caught").latest("id").public


def test_a_colleague_of_the_requester_is_told_at_their_own_address(cast: Cast, ticket: Ticket) -> None:
    luz = make_contact(cast.desk.vendor, "Luz Peña", client=cast.company, account=True)
    actions.add_message(ticket, by=actor(luz), now=NOW, body=OPENLY)

    told = Notification.objects.get(key__startswith="vault/caught/")
    assert told.recipient == luz.email
    assert told.params["url"].endswith(f"/tickets/{ticket.number}/")


def test_without_mail_it_is_a_task(cast: Cast) -> None:
    ticket = actions.open_ticket(
        cast.desk, intake(email="", phone="722 555 0188", description=f"{CLEAR} {OPENLY}"), by=SYSTEM, now=NOW
    )
    # who wrote it down is no client here; the client's own word is
    rosa = vaultcase.TicketCase(ticket)
    rosa.tell_client("vault_seen", key="k", now=NOW, who="Ada", at=NOW, item="contraseña")
    assert TellTask.objects.get(code="vault_seen").text.startswith("Ada vio: contraseña")


def test_a_plain_message_costs_nothing_more(cast: Cast, ticket: Ticket, django_assert_max_num_queries: Any) -> None:
    before = VaultSecret.objects.count()
    with django_assert_max_num_queries(16):
        actions.add_message(ticket, by=actor(cast.rosa), now=NOW, body="Sigue igual desde las 08:50.")
    assert VaultSecret.objects.count() == before


# ------------------------------------------------------------------ who looks, and until when


def keep(ticket: Ticket, cast: Cast) -> VaultSecret:
    actions.add_message(ticket, by=actor(cast.rosa), now=NOW, body=OPENLY)
    return VaultSecret.objects.get()


@pytest.mark.parametrize(
    ("who", "looks"), [("ada", True), ("bruno", False), ("elena", True), ("marcela", True), ("paola", False)]
)
def test_who_looks(cast: Cast, ticket: Ticket, who: str, looks: bool) -> None:
    secret = keep(ticket, cast)
    by = actor(getattr(cast, who))
    if looks:
        assert vault.reveal(secret.pk, topic=secret.topic, by=by, now=LATER).values
    else:
        with pytest.raises(Forbidden):
            vault.reveal(secret.pk, topic=secret.topic, by=by, now=LATER)


def test_the_client_does_not_look_through_the_vault(cast: Cast, ticket: Ticket) -> None:
    secret = keep(ticket, cast)
    with pytest.raises(Forbidden):
        vault.reveal(secret.pk, topic=secret.topic, by=actor(cast.rosa), now=LATER)


def test_a_look_is_told_with_its_hour(cast: Cast, ticket: Ticket) -> None:
    secret = keep(ticket, cast)
    vault.reveal(secret.pk, topic=secret.topic, by=actor(cast.ada), now=LATER)

    told = Notification.objects.get(key__startswith="vault/seen/")
    assert told.recipient == ticket.requester_email
    assert told.params["heading"] == "Ada Lozano vio: contraseña"
    assert "a las 11:12" in " ".join(told.params["lines"])
    assert TicketEvent.objects.get(type="ticket.secret_seen").public


def _merge(cast: Cast, ticket: Ticket) -> None:
    actions.merge(ticket, by=actor(cast.ada), now=LATER, into=cast.ticket().number)


ENDS: Final[dict[str, Any]] = {
    "resolved": lambda c, t: actions.resolve(t, by=actor(c.ada), now=LATER, solution="Se cambió el sello."),
    "cancelled": lambda c, t: actions.cancel(t, by=actor(c.rosa), now=LATER, reason="Ya no."),
    "merged": _merge,
}


@pytest.mark.parametrize("end", ENDS)
def test_the_end_of_the_ticket_destroys_it(cast: Cast, ticket: Ticket, end: str) -> None:
    secret = keep(ticket, cast)
    ENDS[end](cast, ticket)

    secret.refresh_from_db()
    assert (secret.ciphertext, secret.destroyed_cause) == (None, "case_over")
    assert TicketEvent.objects.get(type="ticket.secret_destroyed").data["n"] == 1


def test_what_comes_after_solving_goes_at_the_closing(cast: Cast, ticket: Ticket) -> None:
    actions.resolve(ticket, by=actor(cast.ada), now=NOW, solution="Se cambió el sello.")
    secret = keep(ticket, cast)
    assert secret.ciphertext is not None

    actions.confirm(ticket, by=actor(cast.rosa), now=LATER)
    secret.refresh_from_db()
    assert secret.ciphertext is None


def test_72_hours_by_the_timer(cast: Cast, ticket: Ticket) -> None:
    secret = keep(ticket, cast)
    timer = Timer.objects.get(handler=vault.TIMER)
    vault.expires(timer, timer.due_at)
    secret.refresh_from_db()
    assert secret.destroyed_cause == "time"


# ------------------------------------------------------------------ asking


def test_asking_by_mail(cast: Cast, ticket: Ticket) -> None:
    asked = vault.request(f"ticket/{ticket.pk}", contact=cast.rosa, by=actor(cast.ada), now=NOW, what="CIEC")
    told = Notification.objects.get(key=f"vault/ask/{asked.request.pk}")

    assert told.params["url"] == asked.url
    assert told.params["button"] == "Escribir mis datos de acceso"
    assert told.params["lines"][0] == f"Ada Lozano atiende {ticket.number} y le pide: CIEC."
    deliver()
    told.refresh_from_db()
    assert asked.url.rpartition("/datos/")[2].rstrip("/") not in everything()
    assert told.outcome == "delivered"
