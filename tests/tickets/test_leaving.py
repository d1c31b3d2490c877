"""A reply leaves ten seconds after it was pressed: once, or not at all and then nothing of it is lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from clients.models import VaultSecret
from core.errors import Forbidden, Invalid, TransitionNotAllowed
from desks.models import Membership
from files import actions as file_actions
from notifications.models import Notification
from schedules.actions import firing
from schedules.models import Timer
from tests.factories import OFFICE, Cast, actor
from tests.tickets.conftest import Clock
from tests.tickets.test_races import at_once
from tests.tickets.test_views_queue import browse
from tickets import actions, drafts
from tickets import queries as ticket_queries
from tickets.actions import drafting, leaving
from tickets.actions.drafting import Typed
from tickets.models import ClockKind, Draft, Message, Ticket, TicketEvent

SECOND = timedelta(seconds=1)
LEAVES = OFFICE + drafts.HOLD
Press = Callable[..., leaving.Pressed]


@pytest.fixture
def ticket(cast: Cast, at: Clock, media: Any) -> Ticket:
    return actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)


@pytest.fixture
def press(cast: Cast, ticket: Ticket) -> Press:
    """Ada presses *Enviar* having read everything."""

    def pressing(body: str = "Rosa, ¿qué versión?", *, now: Any = OFFICE, files: Any = (), **typed: Any) -> Any:
        ticket.refresh_from_db()
        form = Typed(body, **{"seen_seq": ticket.last_seq, **typed})
        return leaving.press(ticket, by=actor(cast.ada), now=now, typed=form, files=files)

    return pressing


def sent(body: str = "Rosa, ¿qué versión?") -> int:
    return Message.objects.filter(body=body, internal=False).count()


def told(person: Any, what: str) -> int:
    return Notification.objects.filter(recipient=person.email, key__startswith=what).count()


# ------------------------------------------------------------------ leaving


def test_it_leaves_after_ten_seconds_and_once(cast: Cast, press: Press) -> None:
    press()
    firing.fire_due(now=LEAVES - SECOND)
    assert (sent(), told(cast.rosa, "message/")) == (0, 0)

    firing.fire_due(now=LEAVES)
    firing.fire_due(now=LEAVES + SECOND)

    assert (sent(), told(cast.rosa, "message/")) == (1, 1)
    assert not Draft.objects.exists()
    assert Ticket.objects.get().drafts_since is None


@pytest.mark.parametrize(
    ("after", "status"), [("stay", "in_progress"), ("wait", "waiting_client"), ("resolve", "resolved")]
)
def test_what_follows_it_follows_then(ticket: Ticket, press: Press, after: str, status: str) -> None:
    file = file_actions.store(SimpleUploadedFile("guia.pdf", b"%PDF-1.4 guia"), now=OFFICE)
    press(after=after, files=[file])
    assert Ticket.objects.get().status == "in_progress"

    firing.fire_due(now=LEAVES)

    assert Ticket.objects.get().status == status
    (line,) = [line for line in ticket_queries.conversation(ticket, actor_of_desk(ticket)) if line.files]
    assert line.files[0].name == "guia.pdf"


def actor_of_desk(ticket: Ticket) -> Any:
    assert ticket.assignee is not None
    return actor(ticket.assignee)


def test_the_first_response_counts_from_the_press(ticket: Ticket, press: Press) -> None:
    clock = ticket.clocks.get(kind=ClockKind.FIRST_RESPONSE, stopped_at=None)
    due = clock.due_at
    assert due is not None
    ticket.clocks.exclude(pk=clock.pk).delete()

    press(now=due - 5 * SECOND)  # in time, and the clock runs out while it is on its way
    firing.fire_due(now=due + 20 * SECOND)

    clock.refresh_from_db()
    assert (clock.breached, clock.stopped_at) == (False, due - 5 * SECOND)
    assert Ticket.objects.get().answered_at == due - 5 * SECOND
    assert not TicketEvent.objects.filter(type__in=["ticket.clock_breached", "ticket.escalation_step"]).exists()


def test_one_that_leaves_late_counts_from_then(ticket: Ticket, press: Press) -> None:
    press()
    later = LEAVES + drafts.PROMPT + SECOND  # no worker ran: the client did not have it before

    firing.fire_due(now=later)

    assert (sent(), Ticket.objects.get().answered_at) == (1, later)


def test_the_promise_breaks_where_it_was_taken_back(cast: Cast, ticket: Ticket, press: Press) -> None:
    clock = ticket.clocks.get(kind=ClockKind.FIRST_RESPONSE, stopped_at=None)
    due = clock.due_at
    assert due is not None
    press(now=due - 5 * SECOND)
    firing.fire_due(now=due)
    leaving.undo(ticket, by=actor(cast.ada), now=due + SECOND)

    firing.fire_due(now=due + 20 * SECOND)

    clock.refresh_from_db()
    assert clock.breached
    assert sent() == 0


# ------------------------------------------------------------------ taken back, and at once


def test_undo_gives_everything_back(cast: Cast, ticket: Ticket, press: Press) -> None:
    file = file_actions.store(SimpleUploadedFile("guia.pdf", b"%PDF-1.4 guia"), now=OFFICE)
    press("Va la guía.", after="wait", files=[file])
    browser = browse(cast.ada)
    browser.post(f"/tickets/{ticket.number}/borrador/", {"body": "Y otra cosa:"})

    browser.post(f"/tickets/{ticket.number}/enviando/deshacer/")
    firing.fire_due(now=LEAVES + SECOND)

    shown = browser.get(f"/tickets/{ticket.number}/").context
    form = shown["composer"]["form"]
    assert (form["body"].value(), form["after"].value(), [row["name"] for row in shown["composer"]["uploads"]]) == (
        "Va la guía.",
        "wait",
        ["guia.pdf"],
    )
    assert shown["above"]["others"] == ["Y otra cosa:"]
    assert sent("Va la guía.") == 0

    fields = {name: form[name].value() for name in ("body", "kind", "version", "draft", "key")}
    browser.post(
        f"/tickets/{ticket.number}/responder/",
        {**fields, "body": "Va la guía nueva.", "uploads": [row["id"] for row in shown["composer"]["uploads"]]},
    )
    browser.post(f"/tickets/{ticket.number}/enviando/ya/")
    assert sent("Va la guía nueva.") == 1
    assert [line.name for one in ticket_queries.conversation(ticket, actor(cast.ada)) for line in one.files] == [
        "guia.pdf"
    ]


def test_only_its_author_sees_its_text_and_takes_it_back(cast: Cast, ticket: Ticket, press: Press) -> None:
    press("Todavía no")
    bruno = browse(cast.bruno)

    (seen,) = bruno.get(f"/tickets/{ticket.number}/").context["leaving"]
    bruno.post(f"/tickets/{ticket.number}/enviando/deshacer/")

    assert (seen["name"], seen["mine"], seen["body"]) == ("Ada Lozano", False, "")
    assert Draft.objects.get().leaves_at is not None


def test_undo_leaves_a_colleagues_reply_on_its_way(cast: Cast, ticket: Ticket, press: Press) -> None:
    row = press("Lo de Ada").row
    with connection.cursor() as cursor:  # the next id begins with the digits of this one
        cursor.execute("SELECT setval(pg_get_serial_sequence('tickets_draft', 'id'), %s)", [row.pk * 10])
    leaving.press(ticket, by=actor(cast.bruno), now=OFFICE, typed=Typed("Lo de Bruno", seen_seq=ticket.last_seq))

    leaving.undo(ticket, by=actor(cast.ada), now=OFFICE + SECOND)
    firing.fire_due(now=LEAVES)

    assert (sent("Lo de Ada"), sent("Lo de Bruno")) == (0, 1)


def test_pressing_again_sends_the_first_at_once(press: Press) -> None:
    press("Primero")
    press("Segundo", now=OFFICE + SECOND)

    assert (sent("Primero"), sent("Segundo")) == (1, 0)
    firing.fire_due(now=LEAVES + SECOND)
    assert list(Message.objects.filter(internal=False).order_by("seq").values_list("body", flat=True))[1:] == [
        "Primero",
        "Segundo",
    ]


def test_a_form_pressed_twice_is_sent_once(press: Press) -> None:
    key = uuid.uuid4()
    assert press(form_key=key).row == press(form_key=key).row
    firing.fire_due(now=LEAVES)
    assert sent() == 1


def test_a_form_pressed_again_when_it_has_left_is_not_sent_twice(cast: Cast, ticket: Ticket) -> None:
    browser = browse(cast.ada)
    shown = browser.get(f"/tickets/{ticket.number}/").context["composer"]["form"]
    form = {name: shown[name].value() for name in ("kind", "after", "version", "draft", "key")} | {"body": "Va."}
    browser.post(f"/tickets/{ticket.number}/responder/", form)
    firing.fire_due(now=LEAVES)

    again = browser.post(f"/tickets/{ticket.number}/responder/", form, follow=True)  # the answer was lost on its way
    firing.fire_due(now=LEAVES + drafts.HOLD)

    assert sent("Va.") == 1
    assert "Esta respuesta ya había salido: está en la conversación." in again.content.decode()
    assert not Draft.objects.exists()


# ------------------------------------------------------------------ it does not leave


def test_it_stops_when_the_client_writes_in_those_seconds(cast: Cast, ticket: Ticket, press: Press) -> None:
    press()
    actions.add_message(ticket, by=actor(cast.rosa), now=OFFICE + SECOND, body="Ya quedó, gracias.")

    firing.fire_due(now=LEAVES)

    draft = Draft.objects.get()
    page = browse(cast.ada).get(f"/tickets/{ticket.number}/")
    assert (sent(), draft.leaves_at, draft.contents.body) == (0, None, "Rosa, ¿qué versión?")
    assert "Su respuesta no salió: Rosa Medina escribió en esos segundos." in page.content.decode()
    assert told(cast.ada, "reply-returned/") == 1
    assert TicketEvent.objects.get(type="ticket.reply_returned").data["cause"] == "client_wrote"


def test_what_is_refused_then_goes_back_to_its_author(cast: Cast, ticket: Ticket, press: Press) -> None:
    press(after="resolve")
    actions.cancel(ticket, by=actor(cast.elena), now=OFFICE + SECOND, reason="Duplicado.")

    firing.fire_due(now=LEAVES)

    page = browse(cast.ada).get(f"/tickets/{ticket.number}/")
    assert "Su respuesta no salió: el ticket cambió en esos segundos." in page.content.decode()
    assert page.context["composer"]["form"]["body"].value() == "Rosa, ¿qué versión?"
    assert (told(cast.ada, "reply-returned/"), Timer.objects.filter(parked_at__isnull=False).count()) == (1, 0)


def test_of_who_left_the_desk_nothing_leaves_and_a_colleague_goes_on(cast: Cast, ticket: Ticket, press: Press) -> None:
    press()
    Membership.objects.filter(user=cast.ada).update(is_active=False)

    firing.fire_due(now=LEAVES)

    assert sent() == 0
    assert told(cast.elena, "reply-returned/") == 1  # nobody else has the ticket: who supervises
    (shared,) = browse(cast.elena).get(f"/tickets/{ticket.number}/").context["above"]["shared"]
    assert shared["body"] == "Rosa, ¿qué versión?"


def test_what_would_be_refused_is_refused_at_once(cast: Cast, ticket: Ticket, press: Press) -> None:
    with pytest.raises(Forbidden):
        leaving.press(ticket, by=actor(cast.bruno), now=OFFICE, typed=Typed("x", after="resolve"))
    with pytest.raises(Invalid):
        press(" ", after="wait", files=[file_actions.store(SimpleUploadedFile("a.pdf", b"%PDF-1.4"), now=OFFICE)])
    actions.cancel(ticket, by=actor(cast.elena), now=OFFICE, reason="Duplicado.")
    with pytest.raises(TransitionNotAllowed):
        press()
    assert not Timer.objects.filter(handler=leaving.TIMER).exists()


def test_a_password_goes_to_the_vault_at_the_press(cast: Cast, ticket: Ticket) -> None:
    browser = browse(cast.ada)
    browser.post(f"/tickets/{ticket.number}/responder/", {"body": "Le paso la contraseña: Zafiro-77", "version": "2-9"})

    page = browser.get(f"/tickets/{ticket.number}/").content.decode()
    assert "Pasó a la bóveda y en su lugar quedó una marca: contraseña." in page
    assert Draft.objects.get().contents.body == "Le paso la contraseña: [contraseña guardada en la bóveda]"
    firing.fire_due(now=LEAVES)
    assert (VaultSecret.objects.count(), sent("Le paso la contraseña: [contraseña guardada en la bóveda]")) == (1, 1)


# ------------------------------------------------------------------ at once


@pytest.mark.django_db(transaction=True)
def test_undo_two_workers_and_the_button_at_once(media: Any) -> None:
    """Sent once, or taken back; never both, never twice."""
    cast = Cast()
    ticket = actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)
    ada = actor(cast.ada)
    outcomes = set()
    for n in range(8):
        body, now = f"Avance {n}", OFFICE + n * timedelta(minutes=1)
        leaving.press(ticket, by=ada, now=now, typed=Typed(body, seen_seq=99))
        due = now + drafts.HOLD
        sweep = partial(firing.fire_due, now=due)
        jobs: list[Callable[[], Any]] = [
            sweep,
            partial(leaving.undo, ticket, by=ada, now=due),
            sweep,
            partial(leaving.send_now, ticket, by=ada, now=due),
        ]

        results = at_once(jobs[n % 4 :] + jobs[: n % 4])
        firing.fire_due(now=due + SECOND)

        assert not [result for result in results if isinstance(result, Exception)]
        back = Draft.objects.filter(leaves_at=None).count()
        assert sent(body) + back == 1, (n, sent(body), back)
        outcomes.add("back" if back else "sent")
        drafting.discard(ticket, by=ada)
    assert (
        Notification.objects.filter(key__startswith="message/").count()
        == Message.objects.filter(body__startswith="Avance").count()
    )
