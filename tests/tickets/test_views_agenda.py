"""The agenda on the desk's pages: proposed hours, the journal, prices, a week, the personal feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client as Browser
from icalendar import Calendar

from desks.models import Desk, Plan
from tests.factories import OFFICE, Cast, actor
from tests.tickets.conftest import Clock
from tickets import actions
from tickets.actions import appointments
from tickets.models import AgendaFeed, Appointment, Attention, PriceConsent, Ticket

START = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)  # Wednesday, 10:00 in Mexico City
MINUTE = timedelta(minutes=1)


def sits(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def ticket(cast: Cast, at: Clock) -> Ticket:
    return actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)


def book(ticket: Ticket, cast: Cast, **changes: Any) -> Ticket:
    values = {"now": OFFICE, "method": "remote", "starts_at": START, "minutes": 30, **changes}
    return actions.schedule(ticket, by=actor(cast.ada), **values)


def test_hours_are_proposed_and_one_is_booked(ticket: Ticket, cast: Cast) -> None:
    ada = sits(cast.ada)

    page = ada.get(f"/tickets/{ticket.number}/schedule/?metodo=phone&minutos=60").content.decode()
    assert "13:00" in page
    answer = ada.post(
        f"/tickets/{ticket.number}/schedule/",
        {"method": "phone", "minutes": "60", "slot": "2026-11-17T19:00:00+00:00", "place": ""},
    )

    assert (answer.status_code, answer["Location"]) == (302, f"/tickets/{ticket.number}/")
    row = Appointment.objects.get()
    assert (row.method, row.starts_at, row.minutes) == ("phone", datetime(2026, 11, 17, 19, 0, tzinfo=UTC), 60)


def test_another_hour_is_written_by_hand(ticket: Ticket, cast: Cast) -> None:
    sits(cast.ada).post(
        f"/tickets/{ticket.number}/schedule/",
        {"method": "remote", "minutes": "30", "day": "2026-11-20", "hour": "9:15", "place": "https://meet.example/1"},
    )

    row = Appointment.objects.get()
    assert (row.starts_at, row.place) == (datetime(2026, 11, 20, 15, 15, tzinfo=UTC), "https://meet.example/1")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({}, "Elija una de las horas", id="no hour"),
        pytest.param({"day": "2026-11-20", "hour": "99"}, "21:40", id="no clock"),
        pytest.param({"slot": "2026-11-17T11:00:00+00:00"}, "se acaba de ocupar", id="not offered"),
        pytest.param({"slot": "2026-11-17T19:00:00+00:00", "place": "meet"}, "https://", id="no address"),
        pytest.param(
            {"slot": "2026-11-17T19:00:00+00:00", "method": "on_site"}, "dirección", id="a visit without a place"
        ),
    ],
)
def test_a_wrong_wish_comes_back_with_what_was_typed(
    ticket: Ticket, cast: Cast, body: dict[str, str], said: str
) -> None:
    answer = sits(cast.ada).post(
        f"/tickets/{ticket.number}/schedule/", {"method": "remote", "minutes": "30", "place": "", **body}
    )

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Appointment.objects.exists()


def test_a_taken_hour_is_said_at_the_hours(ticket: Ticket, cast: Cast) -> None:
    other = actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)
    book(other, cast)

    answer = sits(cast.ada).post(
        f"/tickets/{ticket.number}/schedule/",
        {"method": "remote", "minutes": "30", "day": "2026-11-18", "hour": "10:15", "place": ""},
    )

    assert answer.status_code == 422
    assert "otra cita" in answer.content.decode()


def test_only_whoever_has_it_schedules(ticket: Ticket, cast: Cast) -> None:
    assert sits(cast.bruno).get(f"/tickets/{ticket.number}/schedule/").status_code == 403


def test_attending_and_ending_by_page(ticket: Ticket, cast: Cast, at: Clock) -> None:
    book(ticket, cast)
    ada, root = sits(cast.ada), f"/tickets/{ticket.number}/"
    at(START)
    assert "Empezar a atender" in ada.get(f"{root}atenciones/").content.decode()
    assert ada.post(f"{root}cita/atender/").status_code == 302

    wrong = ada.post(f"{root}cita/terminar/", {"outcome": "resolved", "note": ""})
    assert wrong.status_code == 422
    at(START + 12 * MINUTE)
    assert ada.post(f"{root}cita/terminar/", {"outcome": "resolved", "note": "Se corrigió."})["Location"] == root

    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    assert "12 min" in ada.get(f"{root}atenciones/").content.decode()
    assert ada.post(f"{root}cita/otra/").status_code == 404


def test_the_ten_minutes_on_the_page(ticket: Ticket, cast: Cast, at: Clock) -> None:
    book(ticket, cast)
    ada, root = sits(cast.ada), f"/tickets/{ticket.number}/"
    at(START + 10 * MINUTE)
    assert "Nadie llegó" not in ada.get(f"{root}atenciones/").content.decode()
    at(START + 11 * MINUTE)
    page = ada.get(f"{root}atenciones/").content.decode()
    assert "Nadie llegó" in page
    assert "Empezar a atender" not in page
    assert ada.post(f"{root}cita/atender/").status_code == 409

    ada.post(f"{root}cita/ausencia/")

    assert "Citas perdidas en un año: 1" in ada.get(f"{root}atenciones/").content.decode()


def test_an_attention_is_written_down_by_page(ticket: Ticket, cast: Cast) -> None:
    ada, root = sits(cast.ada), f"/tickets/{ticket.number}/atenciones/"
    body = {
        "method": "phone", "day": "2026-11-17", "started": "10:20", "ended": "10:35",
        "consultant": str(cast.bruno.pk), "outcome": "continues", "note": "Va a mandar el XML.",
    }  # fmt: skip

    assert ada.post(root, {**body, "ended": "11:35"}).status_code == 422
    assert ada.post(root, body).status_code == 302

    done = Attention.objects.get()
    assert (done.consultant, done.ended_at) == (cast.bruno, done.started_at + 15 * MINUTE)
    page = ada.get(root).content.decode()
    assert "Va a mandar el XML." in page


def test_a_price_told_by_telephone(ticket: Ticket, cast: Cast) -> None:
    Plan.objects.create(desk=cast.desk, slug="lista", name="Lista", extra_prices={"remote": "350.00"})
    Desk.objects.filter(pk=cast.desk.pk).update(config_version=99)
    ada, root = sits(cast.ada), f"/tickets/{ticket.number}/"

    ada.post(f"{root}costos/", {"method": "remote"})
    consent = PriceConsent.objects.get()
    empty = ada.post(f"{root}costos/{consent.pk}/", {"do": "accept", "told_by": " "})
    assert empty.status_code == 422
    assert "quién del cliente" in empty.content.decode()
    ada.post(f"{root}costos/{consent.pk}/", {"do": "accept", "told_by": "Rosa Medina"})

    consent.refresh_from_db()
    assert (consent.accepted, consent.via, consent.answered_by) == (True, "told", "Rosa Medina")
    assert "aceptado por Rosa Medina" in ada.get(f"{root}atenciones/").content.decode()


# ------------------------------------------------------------------ a week


def test_a_consultant_sees_their_own_week_and_a_supervisor_the_desks(ticket: Ticket, cast: Cast) -> None:
    book(ticket, cast)

    own, other = (sits(user).get("/agenda/").content.decode() for user in (cast.ada, cast.bruno))
    all_of_it = sits(cast.elena).get("/agenda/").content.decode()
    of_bruno = sits(cast.elena).get(f"/agenda/?persona={cast.bruno.pk}").content.decode()

    assert "10:00–10:30" in own
    assert "10:00–10:30" not in other
    assert "Ada Lozano" in all_of_it
    assert "10:00–10:30" not in of_bruno
    assert "10:00–10:30" not in sits(cast.ada).get("/agenda/?semana=2026-11-25").content.decode()


@pytest.mark.parametrize("query", ["semana=x", "semana=9999-12-31", "persona=²", "persona=999999999999999"])
def test_a_strange_question_shows_this_week(ticket: Ticket, cast: Cast, query: str) -> None:
    assert sits(cast.elena).get(f"/agenda/?{query}").status_code == 200


def test_an_agenda_of_another_desk_is_not_there(ticket: Ticket, cast: Cast, stranger: Cast) -> None:
    book(ticket, cast)

    assert sits(stranger.elena).get("/agenda/?mesa=invoice-mx").status_code == 404
    assert ticket.number not in sits(stranger.elena).get("/agenda/").content.decode()


def test_the_next_appointment_stands_on_every_page_of_the_console(ticket: Ticket, cast: Cast) -> None:
    book(ticket, cast)

    page = sits(cast.ada).get("/cola/").content.decode()

    assert "Próxima cita" in page
    assert "mañana 10:00" in page
    assert "Próxima cita" not in sits(cast.bruno).get("/cola/").content.decode()


# ------------------------------------------------------------------ the personal feed


def test_the_personal_feed_follows_every_change_and_can_be_revoked(ticket: Ticket, cast: Cast) -> None:
    book(ticket, cast)
    ada = sits(cast.ada)
    made = ada.post("/agenda/mi-calendario/", {"do": "make"})
    address = urlsplit(made.context["address"]).path
    assert address not in ada.get("/agenda/mi-calendario/").content.decode()
    assert AgendaFeed.objects.get().digest not in address

    (event,) = Calendar.from_ical(Browser().get(address).content).walk("VEVENT")
    assert event["UID"] == f"cita-{Appointment.objects.get().pk}@mesa-de-ayuda"
    assert "Ferretería La Norteña" in str(event["SUMMARY"])
    appointments.cancel(ticket, by=actor(cast.ada), now=OFFICE)
    assert Calendar.from_ical(Browser().get(address).content).walk("VEVENT") == []

    ada.post("/agenda/mi-calendario/", {"do": "revoke"})
    assert Browser().get(address).status_code == 404
    assert Browser().get("/agenda/citas/inventado.ics").status_code == 404


def test_a_feed_ends_with_the_membership(ticket: Ticket, cast: Cast) -> None:
    made = sits(cast.ada).post("/agenda/mi-calendario/", {"do": "make"})
    address = urlsplit(made.context["address"]).path
    cast.ada.memberships.update(is_active=False)
    Desk.objects.filter(pk=cast.desk.pk).update(config_version=77)

    assert Browser().get(address).status_code == 404
