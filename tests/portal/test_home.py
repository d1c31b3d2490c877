"""`/inicio/`: a client's companies, tickets and what waits for them."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.test import Client

from tests import factories
from tests.factories import LUNCH, OFFICE, Cast
from tests.portal.conftest import Clock
from tickets import actions

SOON = OFFICE + timedelta(minutes=5)


def page(response: HttpResponse) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def home(client: Client, query: str = "") -> str:
    return page(client.get(f"/inicio/{query}"))


def test_it_greets_and_shows_where_each_ticket_stands(client: Client, cast: Cast, at: Clock):
    fresh = cast.ticket(subject="Cancelación pendiente")
    waits = actions.take(cast.ticket(subject="Complemento de pago"), by=factories.actor(cast.ada), now=SOON)
    actions.wait(waits, by=factories.actor(cast.ada), now=SOON, reason="¿Qué versión?")
    client.force_login(cast.rosa.user)

    shown = home(client)

    assert "Buenos días, Rosa. Le atendemos ahora." in shown
    assert f"/tickets/{fresh.number}/" in shown
    assert "Respuesta antes: hoy 16:42" in shown
    assert "Espera su respuesta" in shown
    assert "Responder" in shown
    assert "2 de 2" in shown
    at(OFFICE.replace(hour=23))  # 17:00, after the hour that was promised
    assert "Debimos responderle hoy 16:42" in home(client)


def test_what_is_over_is_under_all(client: Client, cast: Cast):
    ticket = cast.ticket(subject="Timbrado lento")
    actions.cancel(ticket, by=factories.actor(cast.rosa), now=SOON, reason="Ya no")
    client.force_login(cast.rosa.user)

    assert "Timbrado lento" not in home(client)
    assert "No tiene tickets abiertos" in home(client)
    assert "Timbrado lento" in home(client, "?ver=todos")
    assert "0 de 1" in home(client)


def test_outside_office_hours_the_number_comes_first(client: Client, cast: Cast, at: Clock):
    at(LUNCH)
    client.force_login(cast.rosa.user)

    shown = home(client)

    assert shown.index("722 555 0177") < shown.index("<h1")
    assert "Contesta Ada." in shown


def test_an_accountant_switches_companies(client: Client, cast: Cast):
    second = factories.make_client(cast.desk.vendor, "Norteña Transportes", rfc="NTR150610AB4")
    cast.rosa.links.create(client=second, scope="company", valid_from="2020-01-01")
    cast.ticket(subject="De la ferretería")
    cast.ticket(subject="De los transportes", client=second)
    client.force_login(cast.rosa.user)

    every, one = home(client), home(client, f"?empresa={second.pk}")

    assert "Todas mis empresas (2)" in every
    assert "De la ferretería" in every
    assert "De los transportes" in every
    assert "De los transportes" in one
    assert "De la ferretería" not in one
    assert f"/invoice-mx/reportar/?empresa={second.pk}" in one
    assert f'<option value="{second.pk}" selected>' in page(client.get(f"/invoice-mx/reportar/?empresa={second.pk}"))


def test_a_company_of_somebody_else_cannot_be_looked_at(client: Client, cast: Cast):
    factories.make_ticket(cast.desk, contact=cast.tom, subject="De Tom")
    client.force_login(cast.rosa.user)

    shown = home(client, f"?empresa={cast.other_company.pk}&ver=todos")

    assert "De Tom" not in shown
    assert "Muebles Santa Clara" not in shown


def test_each_vendor_shows_its_own(client: Client, cast: Cast):
    other = factories.Cast("otra-mesa", prefix="OTR", name="Otra Mesa", trato="tu")
    second = factories.make_contact(other.desk.vendor, "Rosa M.", client=other.company, email="rosa.m@otra.example")
    second.user = cast.rosa.user
    second.save()
    cast.ticket(subject="Del primer proveedor")
    factories.make_ticket(other.desk, contact=second, subject="Del segundo proveedor")
    client.force_login(cast.rosa.user)

    first, other_page = home(client), home(client, f"?empresa={other.company.pk}")

    assert "Del primer proveedor" in first
    assert "Del segundo proveedor" not in first
    assert "Del segundo proveedor" in other_page
    assert "Del primer proveedor" not in other_page
    assert "Te atendemos ahora." in other_page


def test_the_pages_of_the_list_follow_each_other(client: Client, cast: Cast):
    for n in range(13):
        cast.ticket(subject=f"Duda número {n:02d}", now=OFFICE + timedelta(minutes=n))
    client.force_login(cast.rosa.user)

    first = client.get("/inicio/")
    second = client.get(first.context["next_href"])

    assert len(first.context["tickets"]) == 10
    assert [row["subject"] for row in second.context["tickets"]] == [f"Duda número {n:02d}" for n in (2, 1, 0)]
    assert client.get("/inicio/?cursor=basura").status_code == 200


def test_who_works_at_a_desk_goes_on_to_their_work(client: Client, cast: Cast):
    assert client.get("/inicio/")["Location"].startswith("/entrar/")
    client.force_login(cast.ada)

    assert client.get("/inicio/")["Location"] == "/entrar/seguir/"


def test_an_account_that_nobody_knows_is_refused(client: Client, cast: Cast):
    client.force_login(factories.make_user("Zoe Nadie", email="zoe@nadie.example"))

    assert client.get("/inicio/").status_code == 403


def test_the_home_costs_the_same_with_many_tickets(client: Client, cast: Cast, warm, django_assert_num_queries):
    client.force_login(cast.rosa.user)
    cast.ticket()
    warm()
    client.get("/inicio/")
    with django_assert_num_queries(14):  # the accounts of stamps are one
        client.get("/inicio/")
    for n in range(12):
        cast.ticket(subject=f"Otra falla {n}")
    warm()

    with django_assert_num_queries(14):
        client.get("/inicio/")
