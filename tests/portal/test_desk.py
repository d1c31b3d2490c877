"""Choosing a desk, and the page of one (story, step 1)."""

from __future__ import annotations

import pytest
from django.test import Client

from desks import actions as desk_actions
from tests.factories import LUNCH, NIGHT, SATURDAY
from tests.portal.conftest import Clock
from tests.tickets.cast import Imx, load_desk


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_office_hours_say_until_when_and_that_the_guard_covers_lunch(client: Client, imx: Imx):
    page = text(client, "/invoice-mx/")

    assert "Estamos en horario de oficina" in page
    assert "Oficina hasta las 14:00." in page
    assert "De 14:00 a 16:00 queda la guardia y reabrimos hoy a las 16:00." in page
    assert "callfirst" not in page


def test_at_lunch_the_number_to_call_comes_before_everything_with_who_answers(client: Client, imx: Imx, at: Clock):
    at(LUNCH)

    page = text(client, "/invoice-mx/")

    assert page.index("722 555 0177") < page.index("<h1")
    assert "Guardia activa" in page
    assert "La oficina abre hoy a las 16:00." in page
    # The four on the rota take a week each.
    assert any(f"Contesta {name}." in page for name in ("Ana", "Karla", "Iván", "Bruno"))


def test_a_holiday_is_called_by_its_name(client: Client, imx: Imx, at: Clock):
    at(SATURDAY.replace(day=16, hour=18))  # Monday 16 November 2026, 12:00

    page = text(client, "/invoice-mx/")

    assert "Día festivo" in page
    assert "Revolución" in page
    assert "La oficina abre mañana a las 09:00." in page


def test_the_page_has_the_hours_the_zone_and_all_contacts_of_the_manual(client: Client, imx: Imx):
    page = text(client, "/invoice-mx/")

    assert "Lunes a viernes" in page
    assert "09:00–14:00 y 16:00–19:00" in page
    assert "Sábado" in page
    assert "Hora del centro de México" in page
    for address in ("722 555 0145", "722 555 0146", "722 555 0177", "ayuda@", "ventas@", "gerencia@"):
        assert address in page
    assert "Antes de llamar a soporte" in page
    assert "¿Se repite?" in page
    assert "Cuándo solicitar soporte" in page
    assert "escalarlo a su superior" in page


def test_only_what_answers_at_this_minute_is_marked(client: Client, imx: Imx, at: Clock):
    def marked() -> list[str]:
        rows = text(client, "/invoice-mx/").split('class="row one top"')[1:]
        return [row.split("tel:")[1].split('"')[0] for row in rows if "contesta ahora" in row and "tel:" in row]

    assert marked() == ["+527225550145", "+527225550146"]
    at(NIGHT)
    assert marked() == ["+527225550177"]


def test_facturando_speaks_tu_and_shows_its_recommendations(client: Client, imx: Imx, at: Clock):
    load_desk("facturando")

    page = text(client, "/facturando/")

    assert "Te atendemos ahora." in page
    assert "Recomendaciones" in page
    assert "10 minutos de tolerancia" in page
    assert "guardia" not in page.lower()
    assert "oficina" not in page.lower(), "the guide speaks of its hours of service"
    at(NIGHT)
    closed = text(client, "/facturando/")
    assert "oficina" not in closed.lower()
    assert "oficina" not in text(client, "/facturando/reportar/").lower()
    assert "Deja tu reporte y lo atendemos al abrir." in closed
    assert "callfirst" not in closed
    assert "contesta ahora" not in closed


def test_an_unknown_or_inactive_desk_is_not_there(client: Client, imx: Imx):
    assert client.get("/no-existe/").status_code == 404
    imx.desk.is_active = False
    imx.desk.save()
    desk_actions.touch(imx.desk)

    for path in ("/invoice-mx/", "/invoice-mx/reportar/"):
        assert client.get(path).status_code == 404


def test_the_start_lists_every_desk_with_its_state(client: Client, imx: Imx, at: Clock):
    load_desk("facturando")

    page = text(client, "/")

    assert page.count('<article class="card">') == 2
    assert "Hasta las 14:00; reabre hoy a las 16:00" in page
    assert "Hasta las 14:00; reabre hoy a las 15:00" in page


@pytest.mark.parametrize("path", ["/", "/invoice-mx/"])
def test_the_pages_only_read(client: Client, imx: Imx, path: str):
    assert client.post(path).status_code == 405


def test_a_visitor_costs_one_statement(client: Client, imx: Imx, warm, django_assert_num_queries):
    """The desk; what else it takes is kept by its version."""
    warm()
    client.get("/invoice-mx/")

    with django_assert_num_queries(1):
        client.get("/invoice-mx/")
