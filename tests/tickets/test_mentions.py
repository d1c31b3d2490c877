"""Whom a note names with @: read without doubt, told once, marked; never who may not see the ticket."""

from __future__ import annotations

import pytest

from notifications.models import Notification
from tests.factories import OFFICE, Cast, actor
from tests.tickets.conftest import Clock
from tests.tickets.test_views_queue import browse
from tickets import actions, mentions
from tickets.mentions import Person
from tickets.models import Ticket, Watcher

PEOPLE = [
    Person(1, "Ana López"),
    Person(2, "Ana López Ruiz"),
    Person(3, "Bruno Ortega"),
    Person(4, "María José de la Cruz"),
    Person(5, "Ana"),
    Person(6, "Tomás Peña-Nieto"),
    Person(7, "Carla Soto"),
    Person(8, "Carla Vega"),
]


@pytest.mark.parametrize(
    ("text", "people", "unclear"),
    [
        pytest.param("@Bruno Ortega, ¿lo ves?", {3: "@Bruno Ortega"}, (), id="full name"),
        pytest.param("¿Lo ves, @bruno?", {3: "@bruno"}, (), id="the only one of that name"),
        pytest.param("@ANA LOPEZ ya", {1: "@ANA LOPEZ"}, (), id="full beats longer; no accents"),
        pytest.param("@Ana López Ruiz", {2: "@Ana López Ruiz"}, (), id="the longest wins"),
        pytest.param("@Ana", {5: "@Ana"}, (), id="whose whole name it is"),
        pytest.param("@Carla ayuda", {}, ("@Carla",), id="two begin so"),
        pytest.param("@Carla Vega y @Carla", {8: "@Carla Vega"}, ("@Carla",), id="one clear, one not"),
        pytest.param("(@María José)", {4: "@María José"}, (), id="half of a name; brackets"),
        pytest.param("@Tomas Peña-Nieto.", {6: "@Tomas Peña-Nieto"}, (), id="a hyphen"),
        pytest.param("@Bruno @bruno @Bruno Ortega", {3: "@Bruno"}, (), id="each once"),
        pytest.param("bruno@ortega.example @@Bruno x.@Bruno", {}, (), id="addresses"),
        pytest.param("@Brun @Ortega @nadie @ Bruno", {}, (), id="nobody's name"),
        pytest.param("@Bruno\nOrtega", {3: "@Bruno"}, (), id="a line ends it"),
    ],
)
def test_who_is_meant(text: str, people: dict[int, str], unclear: tuple[str, ...]) -> None:
    assert mentions.find(text, PEOPLE) == mentions.Found(people, unclear)


@pytest.fixture
def ticket(cast: Cast, at: Clock) -> Ticket:
    return actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)


def told(cast: Cast) -> list[str]:
    return sorted(Notification.objects.filter(key__startswith="mention/").values_list("recipient", flat=True))


def test_a_note_tells_whom_it_names_and_says_so(cast: Cast, ticket: Ticket) -> None:
    ada = browse(cast.ada)
    body = "@Bruno Ortega y @bruno: van tres. @Ada, @Paola Nava <b>"

    ada.post(f"/tickets/{ticket.number}/responder/", {"kind": "note", "body": body})
    page = ada.get(f"/tickets/{ticket.number}/").content.decode()

    assert told(cast) == [cast.bruno.email]  # once; not herself, nor sales, who sees no tickets
    ticket.refresh_from_db()
    assert ticket.n_watchers == 1
    assert [row.user_id for row in Watcher.objects.filter(ticket=ticket)] == [cast.bruno.pk]
    assert "La nota quedó guardada. Se avisó a Bruno Ortega." in page
    assert "Paola Nava no puede ver este ticket: no se le avisó." in page
    assert '<mark class="mention">@Bruno Ortega</mark> y @bruno' in page
    assert "&lt;b&gt;" in page


def test_a_reply_to_the_client_names_nobody(cast: Cast, ticket: Ticket) -> None:
    actions.add_message(ticket, by=actor(cast.ada), now=OFFICE, body="@Bruno Ortega lo verá.")
    actions.add_message(ticket, by=actor(cast.rosa), now=OFFICE, body="@Bruno Ortega, gracias.")
    assert told(cast) == []


def test_the_list_offers_who_may_see_the_ticket(cast: Cast, ticket: Ticket) -> None:
    people = browse(cast.ada).get(f"/tickets/{ticket.number}/personas/").json()["people"]
    assert [person["name"] for person in people] == ["Bruno Ortega", "Elena Robles", "Marcela Ibarra"]
