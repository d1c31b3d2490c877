"""Pages of accounts: the list and the account for sales, the account and the card for its client."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stamps import actions, doorways
from stamps.models import StampAccount, StampMovement, StampNoticeChoice, StampWarning
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC, open_account
from tests.stamps.test_warnings import fresh, running, to

DAY = timedelta(days=1)
KEY = "0d0c5c9e-9b2a-4f6e-a8a1-2f9d6b6c1f00"


@pytest.fixture
def paola(cast: Cast, client: Client, at: Any) -> Client:
    client.force_login(cast.paola)
    return client


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:500]
    return " ".join(answer.content.decode().split())


def href(account: StampAccount, verb: str = "") -> str:
    return doorways.of_sales(account) + (f"{verb}/" if verb else "")


# ------------------------------------------------------------------ the list


def test_the_list_begins_with_those_at_risk(cast: Cast, paola: Client) -> None:
    low, rich = running(cast), open_account(cast, ("MSC120215JH5",), balance=9_000)
    to(low, cast, 480)

    shown, every = text_of(paola.get("/timbres/cuentas/")), text_of(paola.get("/timbres/cuentas/?ver=todas"))

    assert href(low) in shown
    assert href(rich) not in shown
    assert href(rich) in every
    assert "Quedan pocos" in shown
    assert "sáb 28 nov" in shown
    assert "avisado hoy 10:42" in shown


@pytest.mark.parametrize(
    ("asked", "found"),
    [("norte", True), (RFC[:6], True), (RFC.lower(), True), ("santa clara", False), ("%", False)],
)
def test_the_list_is_searched_by_company_and_rfc(cast: Cast, paola: Client, asked: str, found: bool) -> None:
    account = open_account(cast)

    assert (href(account) in text_of(paola.get("/timbres/cuentas/", {"q": asked}))) is found


def test_every_page_of_the_list_costs_the_same(cast: Cast, paola: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            text_of(paola.get("/timbres/cuentas/?ver=todas"))
        assert not [one["sql"] for one in seen.captured_queries if "stamps_stampmovement" in one["sql"]]
        return len(seen.captured_queries)

    open_account(cast)
    cost()
    before = cost()
    for n in range(45):
        rfc = f"XAB{n:02d}0101AB1"
        rfc = f"XA{chr(65 + n % 26)}{70 + n // 26}0101AB1"
        factories.make_client(cast.desk.vendor, f"Empresa {n}", rfc=rfc)
        open_account(cast, (rfc,))

    assert cost() == before
    first = text_of(paola.get("/timbres/cuentas/?ver=todas"))
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = text_of(paola.get(following[1].replace("&amp;", "&")))
    names = re.findall(r"Empresa \d+|La Norteña", first + second)
    assert len(set(names)) == 46


# ------------------------------------------------------------------ one account


def test_the_account_says_how_it_stands(cast: Cast, paola: Client) -> None:
    account = running(cast)
    to(account, cast, 480)

    shown = text_of(paola.get(href(account)))

    assert "Unos 40 timbres por día; quedan 480. Se agotan el sáb 28 nov; se piden a más tardar el jue 26 nov." in shown
    assert "jueves 26 de noviembre a las 19:00" in shown
    assert 'role="img"' in shown
    assert f"/invoice-mx/timbres/?rfc={RFC}&amp;cantidad=2500" in shown
    assert "apertura" in shown
    assert "Conteo" in shown


def test_the_account_costs_the_same_however_long_its_ledger(cast: Cast, paola: Client) -> None:
    account = open_account(cast)
    by = factories.actor(cast.paola)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            text_of(paola.get(href(account)))
        return len(seen.captured_queries)

    cost()
    before = cost()
    for n in range(30):
        actions.use(account, used=1, at=OFFICE - n * DAY, reference=f"u{n}", by=by, now=OFFICE)

    assert cost() == before <= 22
    shown = text_of(paola.get(href(account)))
    assert 'rel="next"' in shown


@pytest.mark.parametrize(
    ("verb", "data", "balance"),
    [
        pytest.param("ajuste", {"amount": "-200", "reason": "Conteo"}, 1_000, id="adjust"),
        pytest.param(
            "abono", {"amount": "1,000", "reason": "Promoción", "expires_on": "2026-12-31"}, 2_200, id="credit"
        ),
        pytest.param("abono", {"amount": "10", "reason": "Promoción", "expires_on": ""}, 1_210, id="credit for ever"),
        pytest.param(
            "consumo", {"used": "40", "on": "2026-11-16", "hour": "9:00", "reason": "Por teléfono"}, 1_160, id="use"
        ),
        pytest.param("saldo", {"balance": "900", "on": "2026-11-17", "hour": "10:00"}, 900, id="balance"),
    ],
)
def test_what_is_done_by_hand_is_booked_once(
    cast: Cast, paola: Client, account: StampAccount, verb: str, data: dict[str, str], balance: int
) -> None:
    for _ in range(2):
        assert paola.post(href(account, verb), {"key": KEY, **data}).status_code == 302

    assert fresh(account).balance == balance
    assert account.movements.count() == 2


@pytest.mark.parametrize(
    ("verb", "data", "said"),
    [
        pytest.param("ajuste", {"amount": "x", "reason": "Conteo"}, "Introduzca un número entero", id="no number"),
        pytest.param("ajuste", {"amount": "-5000", "reason": "Conteo"}, "El saldo no alcanza", id="below zero"),
        pytest.param("ajuste", {"amount": "5", "reason": ""}, "requerido", id="no reason"),
        pytest.param(
            "abono", {"amount": "5", "reason": "x", "expires_on": "2020-01-01"}, "Esta fecha ya pasó", id="past"
        ),
        pytest.param(
            "consumo", {"used": "4", "on": "2026-12-16", "hour": "9:00", "reason": "x"}, "todavía no llega", id="future"
        ),
        pytest.param(
            "consumo",
            {"used": "4", "on": "2026-11-16", "hour": "29:00", "reason": "x"},
            "Escriba la hora",
            id="no hour",
        ),
        pytest.param("traspaso", {"into": "NADA", "amount": "4", "reason": "x"}, "RFC", id="no RFC"),
        pytest.param(
            "traspaso",
            {"into": "MSC120215JH5", "amount": "4", "reason": "x"},
            "Ninguna cuenta de este producto",
            id="none",
        ),
        pytest.param("rfc", {"rfc": "MSC120215JH5"}, "Este RFC es de otra empresa", id="another company"),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    cast: Cast, paola: Client, account: StampAccount, verb: str, data: dict[str, str], said: str
) -> None:
    shown = text_of(paola.post(href(account, verb), {"key": KEY, **data}), 422)

    assert said in shown
    for value in data.values():
        assert f'value="{value}"' in shown or not value
    assert fresh(account).balance == 1_200


def test_a_movement_is_taken_back_from_its_line(cast: Cast, paola: Client, account: StampAccount) -> None:
    paola.post(href(account, "ajuste"), {"key": KEY, "amount": "-200", "reason": "Conteo"})
    row = StampMovement.objects.get(account=account, kind="adjustment")

    data = {"key": KEY, "movement": row.pk, "reason": "Se contó mal"}
    assert paola.post(href(account, "revertir"), data).status_code == 302
    again = text_of(paola.post(href(account, "revertir"), data), 422)

    assert "Este movimiento ya se revirtió" in again
    assert fresh(account).balance == 1_200
    foreign = open_account(cast, ("MSC120215JH5",))
    data["movement"] = foreign.movements.get().pk
    assert paola.post(href(account, "revertir"), data).status_code == 404


def test_sales_notes_that_the_client_was_called(cast: Cast, paola: Client) -> None:
    cast.rosa.links.all().delete()
    account = running(cast)
    to(account, cast, 480)
    warning = StampWarning.objects.get(account=account)

    assert "sin correo: llamar a nadie registrado" in text_of(paola.get(href(account)))
    assert paola.post(href(account, "llamada"), {"warning": warning.pk}).status_code == 302

    warning.refresh_from_db()
    assert (warning.called_at, warning.called_by) == (OFFICE, cast.paola)
    assert "se le llamó hoy 10:42" in text_of(paola.get(href(account)))
    assert paola.post(href(account, "llamada"), {"warning": "x"}).status_code == 404


def test_a_closed_account_leads_to_the_one_that_took_over(cast: Cast, paola: Client, account: StampAccount) -> None:
    cast.company.tax_ids.create(vendor=cast.desk.vendor, rfc="NTR150610AB4")
    other = open_account(cast, ("NTR150610AB4",), balance=5)

    answer = paola.post(href(other, "fusion"), {"key": KEY, "into": RFC, "reason": "Una sola bolsa"})

    assert answer["Location"] == href(account)
    closed = text_of(paola.get(href(other)))
    assert href(account) in closed
    assert "A mano" not in closed


@pytest.mark.parametrize("verb", ["", "ajuste"])
def test_nobody_of_another_vendor_sees_it(cast: Cast, stranger: Cast, client: Client, at: Any, verb: str) -> None:
    account = open_account(cast)
    client.force_login(stranger.paola)

    answer = client.post(href(account, verb), {}) if verb else client.get(href(account))

    assert answer.status_code == 404
    assert href(account) not in text_of(client.get("/timbres/cuentas/?ver=todas"))


# ------------------------------------------------------------------ the client


@pytest.fixture
def rosa(cast: Cast, client: Client, at: Any) -> Client:
    client.force_login(cast.rosa.user)
    return client


def test_the_client_reads_their_account_and_what_to_do(cast: Cast, rosa: Client) -> None:
    account = running(cast)
    to(account, cast, 480)

    shown = text_of(rosa.get(doorways.of_client(account)))

    assert "Se agotan el sábado 28 de noviembre. Pídalos a más tardar el jueves 26 de noviembre a las 19:00" in shown
    assert f"/invoice-mx/timbres/?rfc={RFC}&amp;cantidad=2500" in shown
    assert "Conteo" not in shown, "why sales moved stamps by hand is between them"
    assert "Paola" not in shown


def test_the_client_says_whether_to_be_told(cast: Cast, rosa: Client) -> None:
    account = running(cast)
    path = f"{doorways.of_client(account)}avisos/"

    assert "Ya no le avisamos" in text_of(rosa.post(path, {"wanted": "0"}, follow=True))
    assert StampNoticeChoice.objects.get(contact=cast.rosa).wanted is False
    assert "Le avisaremos por correo" in text_of(rosa.post(path, {"wanted": "1"}, follow=True))
    assert StampNoticeChoice.objects.get(contact=cast.rosa).wanted is True


def test_a_client_who_reads_own_tickets_only_sees_no_account(cast: Cast, client: Client, at: Any) -> None:
    account = running(cast)
    luis = factories.make_contact(
        cast.desk.vendor, "Luis Gil", client=cast.company, scope="own", account=True, email="luis@x.example"
    )
    client.force_login(luis.user)

    assert client.get(doorways.of_client(account)).status_code == 404


def test_the_page_of_a_long_ledger_walks_its_index(cast: Cast, paola: Client) -> None:
    """A thousand movements more are no work more: a page of them is read off the index, and nothing is sorted."""
    account = open_account(cast)
    StampMovement.objects.bulk_create(
        StampMovement(
            account=account, kind="usage", amount=-1, at=OFFICE - timedelta(minutes=n), recorded_at=OFFICE,
            reference=f"m{n}", actor_kind="system", actor_label="x",
        )
        for n in range(1, 1_001)
    )  # fmt: skip

    with CaptureQueriesContext(connection) as seen:
        text_of(paola.get(href(account)))

    plans = []
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE stamps_stampmovement; SET LOCAL enable_seqscan = off")
        for query in seen.captured_queries:
            if 'FROM "stamps_stampmovement"' in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plans.append(" ".join(line for (line,) in cursor.fetchall()))
    assert plans
    for plan in plans:
        assert "Index Scan" in plan
        assert "stamp_movements" in plan
        assert "Seq Scan on stamps_stampmovement" not in plan
        assert "Sort" not in plan
