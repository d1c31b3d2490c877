"""Macros: all steps or none, once, by the rights of whoever runs them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client as Browser

from core.errors import Conflict, Forbidden, Invalid
from notifications.models import Notification
from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.cast import run_timers
from tests.tickets.conftest import Clock
from tickets import actions as ticket_actions
from tickets import drafts
from tickets.actions import canned
from tickets.actions import macros as actions
from tickets.actions.macros import Draft, Refused, Stale
from tickets.lifecycle import Status
from tickets.models import CannedAnswer, Macro, Message, MessageFile, Ticket, TicketEvent, Upload


def browser_of(person: Any) -> Browser:
    browser = Browser()
    browser.force_login(person)
    return browser


@pytest.fixture
def answer(cast: Cast, media: Any) -> CannedAnswer:
    draft = canned.Draft(
        title="Falta la constancia",
        shortcut="constancia",
        body="Hola, {{cliente.primer_nombre}}: mande su constancia.",
        files=[ContentFile(b"%PDF-1.4", name="guia.pdf")],
    )
    return canned.create(cast.desk, draft, own=False, by=factories.actor(cast.elena), now=OFFICE)


def make(cast: Cast, *, own: bool = False, **fields: Any) -> Macro:
    by = factories.actor(cast.ada if own else cast.elena)
    return actions.create(cast.desk, Draft(**{"name": "Pedir constancia", **fields}), own=own, by=by, now=OFFICE)


def run(cast: Cast, macro: Macro, ticket: Ticket, *, by: Any = None, **more: Any) -> Ticket:
    more.setdefault("version", ticket.version)
    return actions.run(ticket, macro, by=factories.actor(by or cast.ada), now=OFFICE, **more)


def kinds(ticket: Ticket) -> list[str]:
    return [event.type for event in TicketEvent.objects.filter(ticket=ticket).order_by("id")]


def test_all_steps_are_done_in_order_and_the_timeline_says_which_macro(cast: Cast, answer: CannedAnswer) -> None:
    ticket = cast.ticket()
    macro = make(
        cast, takes=True, request_type="usage_guidance", affects_operation=False, tags=["Constancia"],
        note="De {{empresa}}", answer_id=answer.pk, after="wait",
    )  # fmt: skip
    before = TicketEvent.objects.filter(ticket=ticket).count()

    after = run(cast, macro, ticket)

    assert (after.status, after.assignee_id) == (Status.WAITING_CLIENT, cast.ada.pk)
    assert (after.request_type, after.tags) == ("usage_guidance", ["constancia"])
    done = kinds(ticket)[before:]
    steps = ["macro_run", "taken", "reclassified", "tagged", "note_added", "waiting_client"]
    assert [kind.removeprefix("ticket.") for kind in done if kind.removeprefix("ticket.") in steps] == steps
    assert TicketEvent.objects.get(type="ticket.macro_run").data == {"macro": macro.pk, "name": "Pedir constancia"}
    bodies = Message.objects.filter(ticket=ticket, from_team=True).order_by("seq").values_list("body", "internal")
    assert ("De Ferretería La Norteña", True) in bodies
    assert ("Hola, Rosa: mande su constancia.", False) in bodies
    assert MessageFile.objects.get(message__internal=False).attachment.filename == "guia.pdf"
    assert CannedAnswer.objects.get().n_used == 1


def test_one_refusal_and_nothing_happened(cast: Cast, answer: CannedAnswer) -> None:
    """Bruno has it: Ada may note, but not resolve."""
    ticket = ticket_actions.take(cast.ticket(), by=factories.actor(cast.bruno), now=OFFICE)
    macro = make(cast, tags=["Constancia"], note="Listo", answer_id=answer.pk, after="resolve")
    rows, events = Message.objects.count(), TicketEvent.objects.count()
    notices = Notification.objects.count()

    with pytest.raises(Refused) as refused:
        run(cast, macro, ticket)

    fresh = Ticket.objects.get(pk=ticket.pk)
    assert refused.value.extra["step"] == "resolve"
    assert (fresh.version, fresh.tags, fresh.status) == (ticket.version, [], Status.IN_PROGRESS)
    assert (Message.objects.count(), TicketEvent.objects.count()) == (rows, events)
    assert Notification.objects.count() == notices


def test_pressed_twice_it_is_done_once(cast: Cast, answer: CannedAnswer) -> None:
    ticket = ticket_actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE)
    macro = make(cast, answer_id=answer.pk, after="send")
    run(cast, macro, ticket)

    with pytest.raises(Stale):
        run(cast, macro, ticket)

    assert Message.objects.filter(ticket=ticket, from_team=True).count() == 1


def test_it_hands_on_at_the_end(cast: Cast) -> None:
    ticket = cast.ticket()
    macro = make(cast, takes=True, note="Es de facturación", assignee_id=cast.bruno.pk)

    assert run(cast, macro, ticket).assignee_id == cast.bruno.pk


def test_who_may_run_it(cast: Cast, stranger: Cast) -> None:
    ticket, mine, shared = cast.ticket(), make(cast, own=True, note="x"), make(cast, note="x")
    away = actions.set_active(make(cast, name="Otro", note="x"), False, by=factories.actor(cast.elena), now=OFFICE)

    for macro, by in ((mine, cast.bruno), (shared, cast.rosa), (shared, stranger.ada), (away, cast.ada)):
        with pytest.raises(Forbidden):
            run(cast, macro, ticket, by=by)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, ("", "empty")),
        ({"note": "{{apellido}}"}, ("note", "unknown_place")),
        ({"note": "La contraseña es: Zafiro-7731"}, ("note", "secret")),
        ({"note": "x", "digit": 1}, ("digit", "taken")),
        ({"request_type": "unsure"}, ("affects_operation", "required")),
        ({"answer_id": 987654, "after": "send"}, ("answer", "invalid_choice")),
        ({"assignee_id": 987654}, ("assignee", "unknown_person")),
    ],
)
def test_what_is_refused_stands_at_its_field(cast: Cast, fields: dict[str, Any], fault: tuple[str, str]) -> None:
    make(cast, name="Primero", note="x", digit=1)

    with pytest.raises(Invalid) as refused:
        make(cast, **fields)

    assert [(error.field, error.code) for error in refused.value.errors] == [fault]


def test_a_macro_of_the_desk_sends_no_answer_of_ones_own(cast: Cast, answer: CannedAnswer) -> None:
    elena = factories.actor(cast.elena)
    hers = canned.create(cast.desk, canned.Draft("Mía", "mia", "Hola"), own=True, by=elena, now=OFFICE)

    with pytest.raises(Invalid):
        make(cast, answer_id=hers.pk, after="send")
    with pytest.raises(Invalid):
        make(cast, answer_id=answer.pk, after="resolve", assignee_id=cast.bruno.pk)


def test_two_who_edit_at_once_do_not_overwrite_each_other(cast: Cast) -> None:
    macro, elena = make(cast, note="x"), factories.actor(cast.elena)
    actions.change(macro, Draft("Uno", note="x"), seen=1, by=elena, now=OFFICE)

    with pytest.raises(Conflict):
        actions.change(macro, Draft("Dos", note="x"), seen=1, by=elena, now=OFFICE)


# ------------------------------------------------------------------ the pages


def test_it_is_written_looked_at_changed_and_run(cast: Cast, at: Clock, answer: CannedAnswer) -> None:
    elena, ada = browser_of(cast.elena), browser_of(cast.ada)
    form = {"whose": "desk", "name": "Pedir constancia", "digit": "2", "takes": "on", "answer": answer.pk}
    ticket = cast.ticket()

    wrong = elena.post("/ajustes/macros/nueva/", form)
    elena.post("/ajustes/macros/nueva/", {**form, "after": "wait"})
    macro = Macro.objects.get()
    href = f"/tickets/{ticket.number}/macros/{macro.pk}/"
    listed = ada.get(f"/tickets/{ticket.number}/macros/").content.decode()
    shown = ada.get(href)
    version = shown.context["form"]["version"].value()
    gap = ada.post(href, {"version": version, "text": "Mande [[qué]]"})
    done = ada.post(href, {"version": version, "text": "Mande la constancia de noviembre."})
    again = ada.post(href, {"version": version, "text": "Mande la constancia de noviembre."})

    assert (wrong.status_code, gap.status_code, again.status_code) == (422, 422, 409)
    assert f'href="{href}" data-key="2"' in listed
    assert "Hola, Rosa: mande su constancia." in shown.content.decode()
    assert done["Location"] == f"/tickets/{ticket.number}/#saliendo"
    assert not Message.objects.filter(ticket=ticket, from_team=True).exists()
    assert "Pedir constancia" in ada.get(f"/tickets/{ticket.number}/").content.decode()
    run_timers(OFFICE + drafts.HOLD)
    assert Message.objects.filter(ticket=ticket, from_team=True).get().body == "Mande la constancia de noviembre."
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == (Status.WAITING_CLIENT, cast.ada)


@pytest.mark.parametrize("after", ["send", "wait", "resolve"])
def test_what_it_sends_can_be_taken_back_and_the_rest_stays(
    cast: Cast, at: Clock, answer: CannedAnswer, after: str
) -> None:
    ada, ticket = browser_of(cast.ada), cast.ticket()
    macro = make(cast, takes=True, tags=["Constancia"], answer_id=answer.pk, after=after)
    href = f"/tickets/{ticket.number}/macros/{macro.pk}/"
    ada.post(href, {"version": ticket.version, "text": "Mande su constancia."})

    page = ada.post(f"/tickets/{ticket.number}/enviando/deshacer/", follow=True)
    run_timers(OFFICE + drafts.HOLD)

    assert page.context["composer"]["form"]["body"].value() == "Mande su constancia."
    assert Upload.objects.get().attachment.filename == "guia.pdf"
    assert not Message.objects.filter(ticket=ticket, from_team=True).exists()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee, ticket.tags) == (Status.IN_PROGRESS, cast.ada, ["constancia"])


def test_its_answer_leaves_though_it_handed_the_ticket_on(cast: Cast, answer: CannedAnswer) -> None:
    ticket = ticket_actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE)
    macro = make(cast, answer_id=answer.pk, after="send", assignee_id=cast.bruno.pk)

    after = run(cast, macro, ticket, text="Mande su constancia; lo sigue Bruno.")
    run_timers(OFFICE + drafts.HOLD)

    assert after.assignee_id == cast.bruno.pk
    said = Message.objects.get(ticket=ticket, from_team=True)
    assert (said.body, said.author_id) == ("Mande su constancia; lo sigue Bruno.", cast.ada.pk)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee_id) == (Status.ASSIGNED, cast.bruno.pk)


def test_one_that_only_writes_leaves_the_sending_to_the_person(cast: Cast, at: Clock, answer: CannedAnswer) -> None:
    ticket = ticket_actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE)
    macro = make(cast, tags=["Constancia"], answer_id=answer.pk, after="compose")
    browser, href = browser_of(cast.ada), f"/tickets/{ticket.number}/macros/{macro.pk}/"

    page = browser.post(href, {"version": ticket.version}, follow=True)

    assert page.context["composer"]["form"]["body"].value() == "Hola, Rosa: mande su constancia."
    assert Upload.objects.get().attachment.filename == "guia.pdf"
    assert not Message.objects.filter(ticket=ticket, from_team=True).exists()


def test_a_refusal_is_told_with_its_step(cast: Cast, at: Clock, answer: CannedAnswer) -> None:
    ticket = ticket_actions.take(cast.ticket(), by=factories.actor(cast.bruno), now=OFFICE)
    macro = make(cast, answer_id=answer.pk, after="resolve")

    page = browser_of(cast.ada).post(
        f"/tickets/{ticket.number}/macros/{macro.pk}/", {"version": ticket.version, "text": "Listo."}
    )

    assert page.status_code == 409
    assert "No se hizo nada" in page.content.decode()
    assert "Listo." in page.content.decode()
