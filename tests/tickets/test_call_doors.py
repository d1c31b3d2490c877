"""Calls and WhatsApps written down: the same incident first, who asks is called back, alerts are not forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from notifications.models import Notification
from schedules.models import Timer
from tests import factories
from tests.factories import CLEAR, NIGHT, OFFICE, Cast
from tests.tickets.cast import run_timers
from tests.tickets.conftest import Clock
from tests.tickets.test_views_calls import PAST, URL, call, night
from tests.tickets.test_views_queue import browse
from tickets import actions
from tickets.actions import calls
from tickets.models import Attention, CallNote, Message, TellTask, Ticket, TicketEvent
from tickets.queries import callers

OPENING = datetime.fromisoformat("2026-11-18T09:00:00-06:00")


# ------------------------------------------------------------------ is it one of these?


def test_who_wrote_a_moment_ago_and_calls_is_asked_about_first(cast: Cast, at: Clock) -> None:
    filed = cast.ticket(phone="722 555 0198")
    at(OFFICE + timedelta(minutes=10))

    asked = browse(cast.ada).post(URL, call(requester_phone="044 722 555 0198"))

    assert asked.status_code == 422
    assert asked.context["asks_same"]
    assert filed.number in asked.content.decode()
    assert CLEAR in asked.content.decode()
    assert Ticket.objects.count() == 1


def test_one_click_adds_the_call_there_and_one_click_says_that_it_is_another(cast: Cast, at: Clock) -> None:
    filed = cast.ticket(phone="722 555 0198")

    browse(cast.ada).post(URL, call(append=filed.number))
    assert Ticket.objects.count() == 1
    assert CLEAR in Message.objects.filter(ticket=filed, internal=True).get().body

    assert browse(cast.ada).post(URL, call(apart="1")).status_code == 302
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("case", ["another person", "an hour later", "another desk"])
def test_what_is_not_the_same_is_not_offered(cast: Cast, stranger: Cast, at: Clock, case: str) -> None:
    (stranger if case == "another desk" else cast).ticket(phone="722 555 0198")
    if case == "an hour later":
        at(OFFICE + timedelta(minutes=cast.desk.join_minutes, seconds=1))
    number = "722 555 0133" if case == "another person" else "722 555 0198"

    assert browse(cast.ada).post(URL, call(requester_phone=number)).status_code == 302


# ------------------------------------------------------------------ WhatsApp


def test_a_whatsapp_keeps_the_conversation_and_its_pictures_and_is_answered_there(
    cast: Cast, at: Clock, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    pasted = (
        "[17/11/26, 10:31:02] Rosa Medina: Al timbrar sale CFDI40147 en todas\n"
        "[17/11/26, 10:31:40] Rosa Medina: imagen omitida"
    )
    picture = SimpleUploadedFile("pantalla.png", b"\x89PNG\r\n\x1a\n0000")

    answer = browse(cast.ada).post(URL, call(channel="whatsapp", description=pasted, files=[picture]))

    ticket = Ticket.objects.get()
    message = Message.objects.get(ticket=ticket)
    assert message.body.startswith("17/11/2026\n10:31 Rosa Medina: Al timbrar sale CFDI40147")
    assert [one.attachment.filename for one in message.files.all()] == ["pantalla.png"]
    page = browse(cast.ada).get(answer["Location"]).content.decode()
    assert "https://wa.me/527225550198?text=" in page
    assert ticket.number in page[page.index("wa.me") : page.index("wa.me") + 400]


# ------------------------------------------------------------------ calling back


def with_numbers(cast: Cast) -> str:
    cast.rosa.phone = "+527225550198"
    cast.rosa.save(update_fields=["phone"])
    return "+527225550198"


def test_who_asks_for_access_data_was_called_back_to_a_number_on_file(cast: Cast, at: Clock) -> None:
    number = with_numbers(cast)
    shown = browse(cast.ada).get(f"{URL}?contacto={cast.rosa.pk}").content.decode()
    assert "722 555 0198 · Rosa Medina" in shown

    browse(cast.ada).post(
        URL, call(contact=cast.rosa.pk, requester_phone="55 5555 0100", sensitive="on", called_back=number)
    )

    event = TicketEvent.objects.get(type="ticket.called_back")
    assert event.data == {"last_digits": "0198", "name": "Rosa Medina"}
    assert not event.public
    assert not TellTask.objects.filter(code="call_back").exists()


def test_who_was_not_called_back_leaves_a_task_that_is_ticked_with_its_hour(cast: Cast, at: Clock) -> None:
    with_numbers(cast)
    browse(cast.ada).post(URL, call(contact=cast.rosa.pk, requester_phone="55 5555 0100", sensitive="on"))
    ticket, task = Ticket.objects.get(), TellTask.objects.get(code="call_back")

    page = browse(cast.ada).get(f"/tickets/{ticket.number}/").content.decode()
    assert "722 555 0198 (Rosa Medina)" in page
    browse(cast.ada).post(f"/tickets/{ticket.number}/avisado/{task.pk}/")

    task.refresh_from_db()
    assert (task.done_at, task.done_by) == (OFFICE, cast.ada)
    assert not TicketEvent.objects.get(type="ticket.called_back").public


def test_the_number_that_the_caller_says_is_not_on_file(cast: Cast, at: Clock) -> None:
    cast.rosa.phone = ""
    cast.rosa.save(update_fields=["phone"])

    browse(cast.ada).post(URL, call(contact=cast.rosa.pk, requester_phone="55 5555 0100", sensitive="on"))

    assert "no hay un número registrado" in TellTask.objects.get(code="call_back").text
    refused = browse(cast.ada).post(
        URL, call(contact=cast.rosa.pk, requester_phone="55 5555 0101", sensitive="on", called_back="+525555550101")
    )
    assert refused.status_code == 422


def test_numbers_on_file_are_of_the_same_vendor_and_company(cast: Cast, stranger: Cast) -> None:
    with_numbers(cast)
    cast.tom.phone = "+527225550177"
    cast.tom.save(update_fields=["phone"])

    def found(vendor: Any, **whose: Any) -> list[str]:
        return [number for number, _name in callers.numbers_on_file(vendor.pk, **whose)]

    assert found(cast.desk.vendor, contact_id=None, rfc="FNO-180312-KX1") == ["+527225550198"]
    assert found(stranger.desk.vendor, contact_id=cast.rosa.pk, rfc="") == []


# ------------------------------------------------------------------ alerts and reminders


def test_an_alert_to_who_is_on_call_waits_to_be_written_down_until_the_case_is_solved(cast: Cast, at: Clock) -> None:
    ticket = cast.ticket(request_type="system_down", affects_operation=True, now=NIGHT)

    (note,) = callers.unregistered(cast.desk.pk)
    assert (note.about, note.user, note.called_at) == (ticket, cast.ada, NIGHT)
    at(NIGHT)
    assert ticket.number in browse(cast.elena).get("/llamadas/nueva/?cuando=antes").content.decode()

    ada = factories.actor(cast.ada)
    actions.take(ticket, by=ada, now=NIGHT)
    actions.resolve(ticket, by=ada, now=NIGHT, solution="Se reinició el servicio.")
    assert callers.unregistered(cast.desk.pk) == []


def test_an_attention_that_was_written_down_is_all_that_an_alert_asks_for(cast: Cast) -> None:
    ticket = cast.ticket(request_type="system_down", affects_operation=True, now=NIGHT)
    late, ada = NIGHT + timedelta(minutes=30), factories.actor(cast.ada)
    actions.take(ticket, by=ada, now=NIGHT)

    actions.record_attention(
        ticket, by=ada, now=late, method="phone", started_at=NIGHT, ended_at=late, outcome="continues"
    )

    assert callers.unregistered(cast.desk.pk) == []


def test_a_call_that_was_attended_is_a_row_of_the_journal(cast: Cast, at: Clock) -> None:
    browse(cast.ada).post(PAST, night(cast, support_method="phone"))

    row = Attention.objects.get()
    assert (row.method, row.consultant, row.outcome, row.cost) == ("phone", cast.bruno, "resolved", None)
    assert row.ended_at == row.started_at + timedelta(minutes=35)


def test_repeated_alerts_of_one_climb_are_one_note(cast: Cast) -> None:
    cast.ticket(request_type="system_down", affects_operation=True, now=NIGHT)
    for minute in range(1, 60):
        run_timers(NIGHT + timedelta(minutes=minute))

    assert CallNote.objects.filter(user=cast.ada).count() == 1


def reminders(cast: Cast) -> list[str]:
    keys = Notification.objects.filter(key__startswith="call/").order_by("pk").values_list("key", flat=True)
    return [key.partition("/remind/")[2] for key in keys]


def test_the_owner_is_reminded_at_each_opening_until_it_is_written_down(cast: Cast) -> None:
    note = calls.note_call(cast.desk, by=factories.actor(cast.ada), now=NIGHT)

    run_timers(OPENING - timedelta(seconds=1))
    assert reminders(cast) == []
    run_timers(OPENING)
    assert reminders(cast) == ["1"]
    run_timers(OPENING)
    assert reminders(cast) == ["1"]
    run_timers(OPENING + timedelta(hours=7))  # 16:00, the second opening of the day
    assert reminders(cast) == ["1", "2"]
    assert Notification.objects.filter(key__startswith="call/").first().recipient == cast.ada.email

    calls.drop_note(note.pk, desk=cast.desk, by=factories.actor(cast.ada), now=OPENING)
    run_timers(OPENING + timedelta(days=3))
    assert reminders(cast) == ["1", "2"]
    assert not Timer.objects.pending().filter(key__startswith="call/").exists()


def test_a_night_call_that_was_noted_is_no_longer_asked_for(cast: Cast, at: Clock) -> None:
    at(OPENING)
    note = calls.note_call(cast.desk, by=factories.actor(cast.bruno), now=OPENING - timedelta(hours=9))

    browse(cast.bruno).post(f"{PAST}&llamada={note.pk}", night(cast))

    run_timers(OPENING + timedelta(days=2))
    assert reminders(cast) == []


# ------------------------------------------------------------------ API


def test_calls_by_the_api(cast: Cast, stranger: Cast, at: Clock) -> None:
    ada = browse(cast.ada)
    body = {"desk": "invoice-mx"}

    made = ada.post("/api/v1/calls/", body, content_type="application/json")

    assert made.status_code == 201
    address = f"/api/v1/calls/{made.json()['id']}/"
    assert ada.get("/api/v1/calls/?desk=invoice-mx").json() == [made.json()]
    assert browse(stranger.ada).get("/api/v1/calls/?desk=invoice-mx").status_code == 404
    assert browse(cast.rosa.user).post("/api/v1/calls/", body, content_type="application/json").status_code == 404
    ticket = cast.ticket()
    wrong = ada.post(address + "register/", {"ticket": "IMX-999"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "ticket")
    assert (
        ada.post(address + "register/", {"ticket": ticket.number}, content_type="application/json").status_code == 200
    )
    assert ada.post(address + "drop/", {}, content_type="application/json").status_code == 404
    assert ada.get("/api/v1/calls/?desk=invoice-mx").json() == []
