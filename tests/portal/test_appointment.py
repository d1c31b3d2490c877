"""The client's page of an appointment: choosing, confirming, moving, calling off, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from desks.models import Desk, Plan
from tests.factories import OFFICE, Cast, actor
from tickets import actions, links
from tickets.models import Appointment, PriceConsent, Ticket

START = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)  # Wednesday, 10:00 in Mexico City
SLOT = "2026-11-18T16:00:00+00:00"


@pytest.fixture
def ticket(cast: Cast, at: Any) -> Ticket:
    at(OFFICE)
    return actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)


@pytest.fixture
def address(ticket: Ticket) -> str:
    return f"/t/{links.token(ticket)}/cita/"


def book(ticket: Ticket, cast: Cast) -> Ticket:
    return actions.schedule(
        ticket, by=actor(cast.ada), now=OFFICE, method="remote", starts_at=START, minutes=30,
        place="https://meet.invoicemx.example/1",
    )  # fmt: skip


def test_a_client_books_one_of_the_hours(ticket: Ticket, address: str) -> None:
    rosa = Browser()
    page = rosa.get(f"{address}?metodo=phone").content.decode()
    assert "mié 18 nov" in page

    answer = rosa.post(address, {"method": "phone", "slot": SLOT})

    assert (answer.status_code, answer["Location"]) == (303, address)
    row = Appointment.objects.get()
    assert (row.method, row.starts_at, row.confirmed_at) == ("phone", START, OFFICE)
    assert "Su cita quedó agendada" in rosa.get(address).content.decode()


def test_an_hour_that_is_not_offered_is_refused_at_the_hours(ticket: Ticket, address: str) -> None:
    for slot in ("", "2026-11-18T09:00:00+00:00", "x"):
        assert Browser().post(address, {"method": "remote", "slot": slot}).status_code == 422

    assert not Appointment.objects.exists()


def test_a_visit_needs_its_address(ticket: Ticket, address: str) -> None:
    body = {"method": "on_site", "slot": "2026-11-18T18:00:00+00:00"}

    assert "dirección de la visita" in Browser().post(address, body).content.decode()
    assert Browser().post(address, {**body, "place": "Av. Juárez 10, Toluca"}).status_code == 303

    assert Appointment.objects.get().place == "Av. Juárez 10, Toluca"


def test_confirming_moving_and_calling_off_by_link(ticket: Ticket, cast: Cast, address: str) -> None:
    book(ticket, cast)
    rosa = Browser()
    assert "https://meet.invoicemx.example/1" in rosa.get(address).content.decode()

    assert rosa.post(f"{address}confirmar/").status_code == 303
    assert Appointment.objects.get().confirmed_at == OFFICE
    rosa.post(address, {"method": "remote", "slot": "2026-11-18T17:00:00+00:00"})
    row = Appointment.objects.get()
    assert (row.starts_at, row.sequence) == (START + timedelta(hours=1), 1)
    assert row.place == "https://meet.invoicemx.example/1"
    assert rosa.post(f"{address}cancelar/").status_code == 303
    assert rosa.post(f"{address}cancelar/").status_code == 409

    ticket.refresh_from_db()
    assert ticket.status == "in_progress"


def test_a_get_never_acts(ticket: Ticket, cast: Cast, address: str) -> None:
    book(ticket, cast)
    before = Ticket.objects.get(pk=ticket.pk).version

    for step in ("confirmar", "cancelar", "costo"):
        assert Browser().get(f"{address}{step}/").status_code == 302
    Browser().get(address)

    assert Ticket.objects.get(pk=ticket.pk).version == before
    assert Browser().post(f"{address}otra/").status_code == 404


def test_the_calendar_entry_and_its_absence(ticket: Ticket, cast: Cast, address: str) -> None:
    assert Browser().get(f"{address}calendario.ics").status_code == 404
    book(ticket, cast)

    answer = Browser().get(f"{address}calendario.ics")

    assert answer["Content-Type"].startswith("text/calendar")
    assert b"METHOD:PUBLISH" in answer.content


def test_a_price_is_accepted_before_it_is_booked(ticket: Ticket, cast: Cast, address: str) -> None:
    Plan.objects.create(desk=cast.desk, slug="lista", name="Lista", extra_prices={"remote": "350.00"})
    Desk.objects.filter(pk=cast.desk.pk).update(config_version=99)
    body = {"method": "remote", "slot": SLOT}

    refused = Browser().post(address, body)
    assert refused.status_code == 422
    assert "$350.00 MXN" in refused.content.decode()
    Browser().post(address, {**body, "accept": "on"})

    consent = PriceConsent.objects.get()
    assert (consent.accepted, consent.via, consent.answered_by) == (True, "link", "Rosa Medina")
    assert Appointment.objects.get().starts_at == START


def test_a_price_that_was_asked_is_answered_with_one_click(ticket: Ticket, cast: Cast, address: str) -> None:
    Plan.objects.create(desk=cast.desk, slug="lista", name="Lista", extra_prices={"remote": "350.00"})
    Desk.objects.filter(pk=cast.desk.pk).update(config_version=99)
    cast.desk.refresh_from_db()
    book(Ticket.objects.select_related("desk").get(pk=ticket.pk), cast)
    consent, rosa = PriceConsent.objects.get(), Browser()
    assert "¿Acepta el costo?" in rosa.get(address).content.decode()
    assert "Responder si acepto el costo" in rosa.get(address.removesuffix("cita/")).content.decode()

    assert rosa.post(f"{address}costo/", {"consent": "0"}).status_code == 409
    rosa.post(f"{address}costo/", {"consent": str(consent.pk), "do": "decline"})

    consent.refresh_from_db()
    assert consent.accepted is False
    assert "¿Acepta el costo?" not in rosa.get(address).content.decode()


def test_signed_in_it_is_the_same_page_and_others_do_not_see_it(ticket: Ticket, cast: Cast) -> None:
    path = f"/tickets/{ticket.number}/cliente/cita/"
    rosa, tom = Browser(), Browser()
    rosa.force_login(cast.rosa.user)
    tom.force_login(cast.tom.user)

    assert rosa.post(path, {"method": "phone", "slot": SLOT}).status_code == 303
    assert "Cambiar a esta hora" in rosa.get(path).content.decode()
    assert tom.get(path).status_code == 404
    home = rosa.get("/inicio/").content.decode()
    assert path in home


def test_a_ticket_that_is_over_offers_nothing(ticket: Ticket, cast: Cast, address: str) -> None:
    actions.resolve(ticket, by=actor(cast.ada), now=OFFICE, solution="Se corrigió.")

    page = Browser().get(address).content.decode()

    assert "ya terminó" in page
    assert Browser().post(address, {"method": "phone", "slot": SLOT}).status_code == 422
