"""Registering calls: one that is going on, one that was attended at night."""

from __future__ import annotations

from typing import Any

import pytest

from desks import queries as desk_queries
from notifications.models import Notification
from tests import factories
from tests.factories import CLEAR, OFFICE, Cast
from tests.tickets.conftest import Clock
from tests.tickets.test_views_queue import browse
from tickets import reasons
from tickets.models import Clock as TicketClock
from tickets.models import Message, Ticket, TicketEvent

URL = "/llamadas/nueva/"
PAST = f"{URL}?cuando=antes"


def call(**fields: Any) -> dict[str, Any]:
    return {
        "channel": "phone",
        "requester_name": "Rosa Medina",
        "requester_phone": "722 555 0198",
        "requester_email": "",
        "subject": "No timbra desde el corte de luz",
        "request_type": "operational_question",
        "impact": "stopped",
        "support_method": "remote",
        "description": CLEAR,
        **fields,
    }


def night(cast: Cast, **fields: Any) -> dict[str, Any]:
    return call(
        occurred_on="2026-11-16",
        started="21:40",
        ended="22:15",
        attended_by=str(cast.bruno.pk),
        outcome="resolved",
        solution="Se reparó la base y se timbró una factura de prueba.",
        **fields,
    )


def test_a_call_that_is_going_on_opens_a_ticket(cast: Cast, at: Clock) -> None:
    answer = browse(cast.ada).post(URL, call(then="open"))

    ticket = Ticket.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/tickets/{ticket.number}/")
    assert (ticket.channel, ticket.impact, ticket.affects_operation) == ("phone", "stopped", True)
    assert str(ticket.requester_phone) == "+527225550198"


def test_a_night_call_keeps_its_real_times_and_who_attended(cast: Cast, at: Clock) -> None:
    answer = browse(cast.ada).post(PAST, night(cast))

    ticket = Ticket.objects.get()
    zone = factories.OFFICE.tzinfo
    assert answer.status_code == 302
    assert ticket.status == "resolved"
    assert (ticket.occurred_at.astimezone(zone).isoformat(), ticket.resolved_at.astimezone(zone).isoformat()) == (
        "2026-11-17T03:40:00+00:00", "2026-11-17T04:15:00+00:00",
    )  # fmt: skip
    assert ticket.recorded_at == OFFICE
    assert ticket.assignee_id == cast.bruno.pk
    kept = dict(TicketClock.objects.values_list("kind", "used_seconds"))
    assert kept == {"resolution": 35 * 60} or kept.get("resolution") == 35 * 60


def test_the_client_is_told_at_eight_at_the_earliest(cast: Cast, at: Clock) -> None:
    at(OFFICE.replace(hour=12))  # 06:00 in Mexico City
    browse(cast.ada).post(PAST, {**night(cast), "requester_email": "rosa@lanortena.example"})

    (notice,) = Notification.objects.filter(recipient="rosa@lanortena.example")
    resolved = TicketEvent.objects.get(type="ticket.resolved")
    assert f"Lo atendió {cast.bruno.name}." in notice.params["lines"][0], "not whoever wrote it down"
    assert reasons.sentence(resolved, desk_queries.config(cast.desk), staff=False).startswith(cast.bruno.name)
    assert resolved.actor_label == cast.ada.name
    assert notice.not_before is not None
    assert notice.not_before.isoformat() == "2026-11-17T14:00:00+00:00"


def test_a_call_over_midnight_ends_on_the_next_day(cast: Cast, at: Clock) -> None:
    browse(cast.ada).post(PAST, {**night(cast), "started": "23:50", "ended": "00:20"})

    ticket = Ticket.objects.get()
    assert ticket.occurred_at is not None
    assert ticket.resolved_at is not None
    assert (ticket.resolved_at - ticket.occurred_at).total_seconds() == 30 * 60


def test_a_call_that_stays_open_goes_on_with_who_attended(cast: Cast, at: Clock) -> None:
    browse(cast.ada).post(PAST, {**night(cast), "outcome": "pending", "solution": ""})

    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.assignee_id, ticket.resolved_at) == ("in_progress", cast.bruno.pk, None)


def test_a_call_that_was_escalated_climbs_at_once(cast: Cast, at: Clock) -> None:
    browse(cast.elena).post(PAST, {**night(cast), "outcome": "escalated", "solution": "No monta la base."})

    ticket = Ticket.objects.get()
    assert ticket.escalated_at is not None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"started": "25:00"}, "started"),
        ({"started": "mañana"}, "started"),
        ({"solution": " "}, "solution"),
        ({"subject": ""}, "subject"),
        ({"requester_phone": "", "requester_email": ""}, "requester_phone"),
        ({"requester_phone": "722 555"}, "requester_phone"),
        ({"client_rfc": "FNO18312KX1"}, "client_rfc"),
        ({"occurred_on": "2026-11-18"}, "started"),
        ({"attended_by": "0"}, "attended_by"),
    ],
)
def test_what_is_missing_comes_back_at_its_field(cast: Cast, at: Clock, fields: dict[str, str], field: str) -> None:
    answer = browse(cast.ada).post(PAST, {**night(cast), **fields})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert answer.context["form"]["description"].value() == CLEAR
    assert not Ticket.objects.exists()


def test_the_button_pressed_twice_files_once(cast: Cast, at: Clock) -> None:
    browser = browse(cast.ada)
    key = browser.get(URL).context["form"].initial["key"]

    for _n in range(2):
        browser.post(URL, call(key=str(key)))

    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("words", ["722 555 0198", "0198", "FNO1803", "norteña", "NORTENA", "rosa med"])
def test_the_caller_is_found_by_what_one_hears(cast: Cast, at: Clock, words: str) -> None:
    cast.rosa.phone = "+527225550198"
    cast.rosa.save()

    (match,) = browse(cast.ada).get(URL, {"buscar": words}).context["matches"]

    assert (match["name"], match["company"], match["rfc"]) == ("Rosa Medina", "Ferretería La Norteña", "FNO180312KX1")


def test_callers_of_another_vendor_are_not_found(cast: Cast, stranger: Cast, at: Clock) -> None:
    factories.make_contact(stranger.desk.vendor, "Zoila Única")

    assert browse(cast.ada).get(URL, {"buscar": "zoila"}).context["matches"] == []


def test_a_chosen_caller_fills_the_form_and_brings_their_tickets(cast: Cast, at: Clock) -> None:
    known = cast.ticket()

    page = browse(cast.ada).get(URL, {"contacto": cast.rosa.pk})

    assert page.context["form"].initial["requester_email"] == cast.rosa.email
    assert [ticket["number"] for ticket in page.context["recent"]] == [known.number]


def test_the_same_case_is_appended_with_one_click(cast: Cast, at: Clock) -> None:
    known = cast.ticket()

    answer = browse(cast.ada).post(URL, {"append": known.number, "description": "Dice que sigue igual."})

    assert answer["Location"] == f"/tickets/{known.number}/"
    assert Ticket.objects.count() == 1
    note = Message.objects.get(ticket=known, seq=2)
    assert (note.internal, note.body) == (True, "Llamó Rosa Medina: Dice que sigue igual.")


def test_a_foreign_ticket_is_not_appended_to(cast: Cast, stranger: Cast, at: Clock) -> None:
    foreign = stranger.ticket()

    assert browse(cast.ada).post(URL, {"append": foreign.number, "description": "x"}).status_code == 404


def test_the_preview_shows_how_it_will_be_kept(cast: Cast, at: Clock) -> None:
    answer = browse(cast.ada).post(f"{PAST}&vista=previa", night(cast), HTTP_HX_REQUEST="true")

    preview = answer.context["preview"]
    assert [step["at"] for step in preview["steps"]] == ["lun 21:40", "lun 22:15", "mar 10:42"]
    assert "12 h 27 min después" in preview["steps"][2]["text"]
    assert preview["clocks"][1]["face"].state == "met"
    assert not Ticket.objects.exists()


def test_the_hint_names_day_length_and_turn(cast: Cast, at: Clock) -> None:
    answer = browse(cast.ada).post(PAST, {**night(cast), "subject": ""})

    hint = answer.context["time_hint"]
    assert hint.startswith("Lunes 16 de noviembre")
    assert "35 min" in hint
    assert "Ada Lozano" in hint
