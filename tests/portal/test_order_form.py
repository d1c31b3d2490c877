"""`/{desk}/timbres/`: ordering stamps by anybody, and the page of the order for its client."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from clients.models import Contact
from notifications.models import Notification
from stamps import actions, links
from stamps.models import StampOrder
from tests import factories
from tests.factories import NIGHT, OFFICE, Cast
from tests.portal.conftest import Clock
from tests.stamps.conftest import RFC, open_account, place_order
from tests.tickets.cast import Imx

PATH = "/invoice-mx/timbres/"
SENT = {
    "key": "7b0f6b3e-2a53-4b40-9f67-4f1ef2f5a001",
    "quantity": "1000",
    "rfc": RFC,
    "trade_name": "La Norteña",
    "name": "Nora Paz",
    "email": "nora@lanortena.example",
    "product": "escritorio",
}


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_a_visitor_orders_and_follows_by_link(client: Client, cast: Cast):
    page = client.get(PATH)
    assert "hoy a las 19:00, a más tardar" in text(page)
    sent = client.post(PATH, SENT)
    order = StampOrder.objects.get()
    shown = client.get(sent["Location"])

    assert sent.status_code == 303
    assert sent["Location"] == f"/o/{links.token(order)}/?nuevo=1"
    assert (order.quantity, order.rfc, order.account_rfc, order.trade_name) == (1_000, RFC, RFC, "La Norteña")
    assert order.contact == Contact.objects.get(email="nora@lanortena.example")
    assert order.client is None, "an RFC that was typed opens no company"
    assert "Pedido TIM-1 recibido, 10:42" in text(shown)
    assert order.events.get().actor_label == "Nora Paz"
    assert "La cotización llega a nora@lanortena.example: hoy a las 19:00, a más tardar." in text(shown)
    assert shown["Referrer-Policy"] == "no-referrer"
    mail = Notification.objects.get(recipient="nora@lanortena.example")
    assert mail.params["url"] == f"http://localhost:8000/o/{links.token(order)}/"


def test_the_important_note_of_the_manual_stands_where_one_orders(client: Client, imx: Imx, at: Clock):
    assert "por lo menos dos días hábiles antes de que se le agoten por completo" in text(client.get(PATH))


def test_other_quantities_a_receiving_rfc_and_a_telephone(client: Client, cast: Cast):
    data = {
        **SENT,
        "quantity": "otra",
        "other": "2,500",
        "account_rfc": "msc-120215-jh5",
        "email": "",
        "phone": "722 555 0199",
    }

    sent = client.post(PATH, data)

    order = StampOrder.objects.get()
    assert (order.quantity, order.account_rfc, order.contact_phone) == (2_500, "MSC120215JH5", "+527225550199")
    assert "Ventas le llama al +527225550199" in text(client.get(sent["Location"]))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"quantity": ""}, "Elija cuántos timbres."),
        ({"quantity": "otra", "other": "muchos"}, "«muchos» no es una cantidad"),
        ({"quantity": "otra", "other": "0"}, "«0» no es una cantidad"),
        ({"quantity": "otra", "other": "1000001"}, "«1000001» no es una cantidad"),
        ({"quantity": "otra", "other": ""}, "Escriba cuántos timbres, de 1 a 1,000,000."),
        ({"rfc": "FNO18312KX1"}, "FNO18312KX1"),
        ({"rfc": "XAXX010101000"}, "Un RFC genérico no tiene timbres propios."),
        ({"rfc": ""}, "Escriba el RFC al que se factura."),
        ({"trade_name": " "}, "Escriba el nombre comercial."),
        ({"email": "", "phone": ""}, "Escriba un correo o un teléfono"),
        ({"email": "nora"}, "nora"),
        ({"email": "n" * 250 + "@lanortena.example"}, "nnn"),
        ({"website": "x"}, "Se llenó un campo que las personas no ven."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    client: Client, cast: Cast, changed: dict[str, str], says: str
):
    page = client.post(PATH, {**SENT, **changed})

    assert page.status_code == 422
    assert says in text(page)
    assert 'value="Nora Paz"' in text(page)
    assert not StampOrder.objects.exists()


@pytest.mark.parametrize(("email", "reads"), [("nora@otra.example", False), ("rosa@invoice-mx-cliente.example", True)])
def test_who_typed_the_rfc_of_another_company_does_not_read_its_balance(
    client: Client, cast: Cast, email: str, reads: bool
):
    open_account(cast)
    client.post(PATH, {**SENT, "email": email})
    steps = dict.fromkeys(("quoted_at", "paid_at", "access_requested_at", "access_received_at"), OFFICE)
    StampOrder.objects.update(status="access_received", assignee=cast.ada, **steps)

    actions.complete(StampOrder.objects.get(), by=factories.actor(cast.ada), now=OFFICE)

    mail = Notification.objects.get(key__startswith="order-credited", recipient=email)
    assert ("2,200" in " ".join(mail.params["lines"])) is reads
    assert "2,200" in str(Notification.objects.get(recipient=cast.paola.email, key__startswith="order-credited").params)


def test_the_same_form_twice_is_one_order(client: Client, cast: Cast):
    first, second = client.post(PATH, SENT), client.post(PATH, SENT)
    other = client.post(PATH, {**SENT, "key": str(uuid.uuid4())})

    assert first["Location"] == second["Location"] != other["Location"]
    assert StampOrder.objects.count() == 2


def test_a_notice_fills_the_form_in(client: Client, cast: Cast):
    page = text(client.get(f"{PATH}?rfc={RFC}&cantidad=2500"))

    assert f'value="{RFC}"' in page
    assert 'value="2500"' in page
    assert 'value="otra" checked' in page
    assert 'value="5000" checked' in text(client.get(f"{PATH}?cantidad=5000"))


def test_a_stranger_reads_nothing_of_how_an_rfc_stands(client: Client, cast: Cast):
    account = open_account(cast, balance=10)
    by = factories.actor(cast.paola)
    actions.use(account, used=10, at=OFFICE - timedelta(hours=1), reference="u", by=by, now=OFFICE)

    sent = client.post(PATH, SENT)

    order = StampOrder.objects.get()
    assert order.urgent, "sales knows"
    assert "urgente" not in text(client.get(sent["Location"]))
    mails = {row.recipient: row.params["subject"] for row in Notification.objects.filter(topic=f"order/{order.pk}")}
    assert mails["nora@lanortena.example"].startswith("[TIM-1] Recibimos")
    assert mails[cast.paola.email].startswith("[TIM-1] URGENTE")


def test_who_is_signed_in_chooses_among_their_rfcs_and_sees_how_long_it_lasts(client: Client, cast: Cast):
    account = open_account(cast, balance=1_200)
    by = factories.actor(cast.paola)
    for day in range(1, 30):
        at = OFFICE - timedelta(days=day)
        actions.use(account, used=20, at=at, reference=f"d{day}", by=by, now=OFFICE)
    client.force_login(cast.rosa.user)

    page = client.get(PATH)

    assert f'<option value="{RFC}"' in text(page)
    assert "1,200" not in [row["balance"] for row in page.context["balances"]], "580 were used"
    assert page.context["quantities"][0]["hint"].startswith("unos ")
    assert "Pídalos a más tardar" in text(page)
    assert client.post(PATH, {**SENT, "rfc": "MSC120215JH5"}).status_code == 422, "not one of theirs"
    sent = client.post(PATH, {**SENT, "email": "", "phone": ""})
    order = StampOrder.objects.get()
    assert sent.status_code == 303
    assert (order.contact, order.client, order.account) == (cast.rosa, cast.company, account)


def test_an_urgent_one_says_so_from_the_first_second(client: Client, cast: Cast):
    account = open_account(cast, balance=10)
    by = factories.actor(cast.paola)
    actions.use(account, used=10, at=OFFICE - timedelta(hours=1), reference="u", by=by, now=OFFICE)
    client.force_login(cast.rosa.user)

    sent = client.post(PATH, SENT)

    assert "Va como urgente: le quedan timbres para menos de dos días hábiles" in text(client.get(sent["Location"]))


def test_sales_orders_for_a_client(client: Client, cast: Cast):
    client.force_login(cast.paola)
    assert "Usted pide por un cliente" in text(client.get(PATH))

    sent = client.post(PATH, SENT)

    order = StampOrder.objects.get()
    assert sent["Location"] == f"/timbres/{order.number}/?mesa=invoice-mx"
    assert (order.client, order.contact.email) == (cast.company, "nora@lanortena.example")


def test_who_is_of_another_vendor_orders_as_anybody_does(client: Client, cast: Cast, stranger_cast: Cast):
    client.force_login(stranger_cast.rosa.user)

    assert client.post(PATH, SENT).status_code == 303
    assert StampOrder.objects.get().client is None


@pytest.fixture
def stranger_cast(cast: Cast) -> Cast:
    return Cast("facturando", prefix="FAC", name="Facturando", trato="tu")


def test_at_night_it_says_when_sales_answers(client: Client, cast: Cast, at: Clock):
    at(NIGHT)

    assert "mañana a las 19:00, a más tardar" in text(client.get(PATH))


# ------------------------------------------------------------------ the client's page


def test_the_page_tells_price_stages_and_what_happened(client: Client, cast: Cast):
    order = place_order(cast)
    order = actions.quote(order, by=factories.actor(cast.paola), now=OFFICE, unit_price=Decimal(2))

    page = text(client.get(f"/o/{links.token(order)}/"))

    assert "$1,160.00" in page
    assert "Ventas mandó la cotización." in page
    assert cast.paola.name not in page, "who of the team did it is theirs"
    assert "/invoice-mx/timbres/?rfc=FNO180312KX1&amp;cantidad=500" in page


def test_a_link_opens_its_order_and_nothing_else(client: Client, cast: Cast):
    one, two = place_order(cast), place_order(cast)
    token = links.token(one)
    assert client.get(f"/o/{token}/").status_code == 200
    assert client.get(f"/timbres/{two.number}/").status_code == 302
    assert client.get(f"/o/{token[:-2]}xx/").status_code == 404
    assert list(StampOrder.objects.visible_to(links.actor_of(one, one.contact_id))) == [one]
    StampOrder.objects.filter(pk=one.pk).update(link_version=2)

    assert client.get(f"/o/{token}/").status_code == 404


def test_a_link_ends_thirty_days_after_the_order(client: Client, cast: Cast, at: Clock):
    order = place_order(cast)
    actions.cancel(order, by=factories.actor(cast.paola), now=OFFICE, reason="x")
    path = f"/o/{links.token(order)}/"

    at(OFFICE + timedelta(days=30))
    assert client.get(path).status_code == 200
    at(OFFICE + timedelta(days=31))
    assert client.get(path).status_code == 404


def test_a_client_cancels_by_link_and_signed_in(client: Client, cast: Cast):
    one, two = place_order(cast), place_order(cast)
    path = f"/o/{links.token(one)}/cancelar/"

    assert client.get(path).status_code == 302, "mail scanners open every address"
    refused = client.post(path, {"reason": " "})
    done = client.post(path, {"reason": "Ya compré en otro lado"}, follow=True)
    again = client.post(path, {"reason": "Ya compré en otro lado"})
    client.force_login(cast.rosa.user)
    signed = client.post(f"/timbres/{two.number}/cliente/cancelar/", {"reason": "Duplicado"}, follow=True)

    assert refused.status_code == 422
    assert "El pedido quedó cancelado." in text(done)
    assert again.status_code == 409
    assert "ya no se puede hacer" in text(again)
    assert "Cancelado" in text(signed)
    assert set(StampOrder.objects.values_list("status", flat=True)) == {"cancelled"}


def test_what_is_paid_is_not_cancelled_by_its_client(client: Client, cast: Cast):
    by = factories.actor(cast.paola)
    order = actions.quote(place_order(cast), by=by, now=OFFICE, unit_price=Decimal(2))
    actions.pay(order, by=by, now=OFFICE, amount=Decimal(1160), paid_on=OFFICE.date(), bank="BBVA", tracking_key="K")
    path = f"/o/{links.token(order)}/"

    assert "Cancelar el pedido" not in text(client.get(path))
    assert client.post(f"{path}cancelar/", {"reason": "x"}).status_code == 403
    assert StampOrder.objects.get().status == "paid"


def test_the_clients_of_one_company_see_theirs_only(client: Client, cast: Cast):
    number = place_order(cast).number
    client.force_login(cast.tom.user)
    assert client.get(f"/timbres/{number}/").status_code == 404
    assert client.post(f"/timbres/{number}/cliente/cancelar/", {"reason": "x"}).status_code == 404
    client.force_login(cast.rosa.user)

    assert "Pedido TIM-1" in text(client.get(f"/timbres/{number}/"))
    assert "TIM-1" in text(client.get("/inicio/"))
