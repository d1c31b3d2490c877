"""An account runs low: the mail, the client's home, the account, the form filled in; and what sales sees of it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from notifications.models import Notification
from stamps.models import StampNoticeChoice, StampOrder
from tests.factories import PASSWORD, Cast
from tests.stamps.test_warnings import running, to

pytestmark = pytest.mark.journey

Visit = Callable[[], Page]
LookedAt = Callable[[Page, str], None]


@pytest.fixture
def cast(visit: Visit) -> Cast:
    return Cast()


def sign_in(page: Page, user: User, path: str) -> None:
    page.goto(f"/entrar/?next={path}")
    page.get_by_label("Correo").fill(user.email)
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url(f"**{path}")


def test_from_the_warning_to_the_order(visit: Visit, cast: Cast, looked_at: LookedAt) -> None:
    account = running(cast)
    to(account, cast, 480)
    mail = Notification.objects.get(template="stamps/warning", recipient=cast.rosa.email)

    rosa = visit()
    sign_in(rosa, cast.rosa.user, "/inicio/")
    card = rosa.get_by_role("region", name="Timbres", exact=True)
    expect(card).to_contain_text("480 disponibles")
    expect(card).to_contain_text("a más tardar el jueves 26 de noviembre a las 19:00")
    looked_at(rosa, "stamps-home")
    card.get_by_role("link", name="Ver la cuenta").click()
    expect(rosa.get_by_role("heading", level=1)).to_have_text("Sus timbres")
    expect(rosa.get_by_role("img", name="Se agotan el sáb 28 nov")).to_be_visible()
    looked_at(rosa, "stamps-client-account")

    parts = urlsplit(mail.params["url"])
    rosa.goto(f"{parts.path}?{parts.query}")
    expect(rosa.locator("body")).to_contain_text("FNO180312KX1")
    rosa.locator("form button.primary").click()
    expect(rosa.locator("main")).to_contain_text("TIM-1")
    order = StampOrder.objects.get()
    assert (order.quantity, order.account_rfc, order.account) == (2_500, "FNO180312KX1", account)


def test_sales_sees_who_runs_out_and_corrects_by_hand(visit: Visit, cast: Cast, looked_at: LookedAt) -> None:
    account = running(cast)
    to(account, cast, 480)

    paola = visit()
    sign_in(paola, cast.paola, "/timbres/cuentas/")
    looked_at(paola, "stamps-accounts")
    paola.get_by_role("link", name="Ferretería La Norteña").click()
    expect(paola.get_by_text("jueves 26 de noviembre a las 19:00")).to_be_visible()
    looked_at(paola, "stamps-account")
    paola.get_by_text("Adjust the balance").or_(paola.get_by_text("Ajustar el saldo")).first.click()
    form = paola.locator("#ajuste")
    form.get_by_label("Timbres").fill("-80")
    form.get_by_label("Motivo").fill("Conteo en sus oficinas")
    form.get_by_role("button").click()
    expect(paola.get_by_text("Ajustado.")).to_be_visible()
    expect(paola.get_by_text("Conteo en sus oficinas")).to_be_visible()

    paola.goto("/timbres/cifras/")
    expect(paola.get_by_role("img", name="1 cuentas se agotan")).to_be_visible()
    looked_at(paola, "stamps-figures")
    paola.goto("/timbres/consumo/")
    looked_at(paola, "stamps-usage")
    data = b"rfc,used,at,reference\nFNO180312KX1,40,16/11/2026 09:00,lote 7\nMSC120215JH5,1,16/11/2026,x\n"
    paola.get_by_label("Archivo CSV o de Excel").set_input_files(
        {"name": "consumo.csv", "mimeType": "text/csv", "buffer": data}
    )
    paola.get_by_role("button", name="Ver qué se registraría").click()
    expect(paola.get_by_text("Ninguna cuenta de esta mesa tiene el RFC MSC120215JH5")).to_be_visible()
    looked_at(paola, "stamps-usage-file")
    paola.get_by_role("button", name="Registrar 1 renglón").click()
    expect(paola.get_by_text("1 registrados; 1 de 1")).to_be_visible()


def test_a_reader_of_the_mail_stops_these_mails_without_signing_in(
    visit: Visit, cast: Cast, looked_at: LookedAt
) -> None:
    account = running(cast)
    to(account, cast, 480)
    link = urlsplit(Notification.objects.get(template="stamps/warning").params["unsubscribe"]).path

    page = visit()
    page.goto(link)
    looked_at(page, "stamps-choice")
    page.get_by_role("button", name="No quiero recibir estos avisos").click()

    expect(page.get_by_text("Ya no le avisamos")).to_be_visible()
    assert StampNoticeChoice.objects.get().contact == cast.rosa
