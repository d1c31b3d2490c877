"""/entrega/ by role, its buttons, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from schedules.models import Timer
from tests.tickets.cast import Imx, run_timers
from tests.tickets.conftest import Clock
from tickets import actions
from tickets.actions import handover
from tickets.models import Handover, HandoverAsk, Ticket

pytestmark = pytest.mark.django_db
MEXICO = ZoneInfo("America/Mexico_City")
Enter = Callable[[str], Client]


def local(hour: int, minute: int = 0, *, day: int = 17) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MEXICO).astimezone(UTC)


@pytest.fixture
def chain(imx: Imx, at: Clock) -> Imx:
    Timer.objects.all().delete()
    handover.ensure(imx.desk, now=local(12))
    at(local(13, 55))
    return imx


@pytest.fixture
def enter(chain: Imx) -> Enter:
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(chain.user(name))
        return client

    return sign_in


def case(imx: Imx, **fields: Any) -> Ticket:
    ticket = actions.take(imx.open(now=local(13, 40), **fields), by=imx.actor("karla"), now=local(13, 40))
    actions.add_message(ticket, by=imx.actor("karla"), now=local(13, 41), body="Estamos revisando con su usuario.")
    return ticket


@pytest.mark.parametrize(
    ("name", "status"),
    [("ivan", 200), ("karla", 200), ("elena", 200), ("marcela", 200), ("paola", 403)],
)
def test_who_may_look(enter: Enter, name: str, status: int) -> None:
    assert enter(name).get("/entrega/").status_code == status


def test_strangers_are_asked_to_sign_in_and_other_desks_are_not_there(enter: Enter) -> None:
    assert Client().get("/entrega/").status_code == 302
    assert enter("ivan").get("/entrega/?mesa=facturando").status_code == 404


def test_five_minutes_before_it_shows_what_comes(chain: Imx, enter: Enter) -> None:
    ticket = case(chain)
    run_timers(local(13, 50))

    text = enter("karla").get("/entrega/").content.decode()

    assert "empieza en 5 min" in text
    assert "de la oficina a Iván Rentería" in text
    assert ticket.number in text
    assert "Sin respuesta a las 14:00 pasa a la guardia" in text
    assert "La sigo yo" in text


def test_only_who_comes_in_has_the_button(chain: Imx, enter: Enter) -> None:
    assert "Recibo la guardia" in enter("ivan").get("/entrega/").content.decode()
    assert "Recibo la guardia" not in enter("karla").get("/entrega/").content.decode()
    assert enter("karla").post("/entrega/recibir/").status_code == 403

    answer = enter("ivan").post("/entrega/recibir/", follow=True)

    assert Handover.objects.get().received_by == chain.user("ivan")
    assert "recibió Iván, 13:55" in answer.content.decode()
    assert "Recibo la guardia" not in answer.content.decode()


def test_a_note_is_kept_and_one_too_long_comes_back_as_typed(chain: Imx, enter: Enter) -> None:
    karla = enter("karla")

    karla.post("/entrega/nota/", {"note": "Axis: no volver a pedirle el respaldo."})
    refused = karla.post("/entrega/nota/", {"note": "Otra " * 120})

    assert Handover.objects.get().note == "Axis: no volver a pedirle el respaldo."
    assert refused.status_code == 422
    assert "Otra Otra" in refused.content.decode()
    assert "500 caracteres" in refused.content.decode()
    assert "Axis" in enter("ivan").get("/entrega/").content.decode()


def test_an_answer_by_its_button(chain: Imx, enter: Enter) -> None:
    case(chain)
    run_timers(local(13, 50))
    ask = HandoverAsk.objects.get()
    href = f"/entrega/casos/{ask.pk}/"

    assert enter("elena").post(href, {"answer": "keep"}).status_code == 404
    assert enter("karla").get(href).status_code == 405
    assert enter("karla").post(href, {"answer": "maybe"}).status_code == 403
    assert enter("karla").post(href, {"answer": "keep"}).status_code == 302

    ask.refresh_from_db()
    assert ask.answer == "keep"


def test_too_late_to_answer_says_so(chain: Imx, enter: Enter, at: Clock) -> None:
    case(chain)
    run_timers(local(13, 50))
    at(local(14, 1))

    answer = enter("karla").post(f"/entrega/casos/{HandoverAsk.objects.get().pk}/", {"answer": "hand"})

    assert answer.status_code == 409


def test_an_afternoon_without_anything_reads_well(chain: Imx, enter: Enter, at: Clock) -> None:
    run_timers(local(14))
    run_timers(local(14, 10))
    at(local(14, 30))

    text = enter("elena").get("/entrega/").content.decode()

    assert "nadie la ha recibido" in text
    assert "No hay escaleras en curso" in text
    assert "nada en curso" in text


def test_the_page_costs_the_same_with_many_cases(chain: Imx, enter: Enter, django_assert_max_num_queries: Any) -> None:
    run_timers(local(13, 50))
    for number in range(6):
        case(chain, subject=f"No timbra la caja {number}")
    karla = enter("karla")
    karla.get("/entrega/")

    with django_assert_max_num_queries(21):
        karla.get("/entrega/")
