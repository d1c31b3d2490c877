"""Filing by form (story, step 2): the mapping of the contract, refusals that lose nothing, the number."""

from __future__ import annotations

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from clients.models import Branch, TaxId
from desks import queries as desk_queries
from desks.models import DeskCounter
from files.models import Attachment
from notifications.models import Notification
from portal import keeping
from portal.forms import Person, ReportForm
from tests import factories
from tests.factories import CLEAR, LUNCH, NIGHT, Cast
from tests.portal.conftest import Clock
from tests.tickets.cast import Imx, load_desk
from tickets.models import Outage, Ticket

PATH = "/invoice-mx/reportar/"


def sent(**fields: Any) -> dict[str, Any]:
    """What a visitor's browser sends for a report that can be worked with."""
    return {
        "key": str(uuid.uuid4()),
        "need": "failure",
        "impact": "partial",
        "subject": "No timbra: error CFDI40147",
        "description": CLEAR,
        "product": "escritorio",
        "product_version": "4.2.7",
        "name": "Rosa Medina",
        "email": "rosa@lanortena.example",
        **fields,
    }


def page(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def hidden(response: HttpResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found
    return found[1]


def upload(name: str = "factura.xml", content: bytes = b"<?xml version='1.0'?><a/>") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


# ------------------------------------------------------------------ filing


def test_a_report_goes_on_to_its_number(client: Client, imx: Imx):
    response = client.post(PATH, sent())

    ticket = Ticket.objects.get()
    assert response.status_code == 303
    assert response["Location"].startswith("/t/")
    assert response["Location"].endswith("/?nuevo=1")
    told = page(client.get(response["Location"]))
    assert ticket.number in told
    assert "Recibido en horario de oficina" in told
    assert ticket.assignee.name in told
    assert "11:12" in told  # half an hour from 10:42: high, around the clock
    assert "rosa@lanortena.example" in told


@pytest.mark.parametrize(
    ("need", "impact", "request_type", "affects"),
    [
        ("failure", "stopped", "system_down", True),
        ("failure", "none", "operational_question", False),
        ("failure", "partial", "operational_question", True),
        ("question", "stopped", "operational_question", True),
        ("question", "partial", "operational_question", True),
        ("question", "none", "usage_guidance", False),
        ("installation", "none", "installation", False),
        ("customization", "partial", "customization", True),
        ("training", "none", "training", False),
        ("new_project", "none", "new_project", False),
        ("unsure", "stopped", "unsure", True),
    ],
)
def test_the_answers_mean_what_the_contract_says(client: Client, imx: Imx, need, impact, request_type, affects):
    assert client.post(PATH, sent(need=need, impact=impact)).status_code == 303

    ticket = Ticket.objects.get()
    assert (ticket.request_type, ticket.affects_operation, ticket.impact) == (request_type, affects, impact)


def test_what_was_written_is_what_is_kept(client: Client, imx: Imx):
    client.post(
        PATH,
        sent(
            phone="044 722 555 0198",
            client_rfc="fno-180312-kx1",
            support_method="remote",
            deadline_on="2026-11-20",
            deadline_time="16:30",
            description="  Línea uno\n\n<b>Línea dos</b>: aparece CFDI40147 al timbrar  ",
        ),
    )

    ticket = Ticket.objects.get()
    assert str(ticket.requester_phone) == "+527225550198"
    assert ticket.client_rfc == "FNO180312KX1"
    assert ticket.product.slug == "escritorio"
    assert ticket.support_method == "remote"
    assert ticket.deadline_at.isoformat() == "2026-11-20T22:30:00+00:00"
    assert ticket.messages.get().body == "Línea uno\n\n<b>Línea dos</b>: aparece CFDI40147 al timbrar"
    assert ticket.client is None


def test_an_rfc_that_nobody_proved_only_proposes(client: Client, cast: Cast):
    response = client.post(PATH, sent(client_rfc="FNO180312KX1"))

    ticket = Ticket.objects.get()
    assert ticket.client is None
    assert ticket.proposed_client == cast.company
    assert "Ferretería" not in page(client.get(response["Location"]))


def test_a_check_digit_and_a_generic_rfc_are_flagged_not_refused(client: Client, imx: Imx):
    for rfc, flag in (("FNO180312KX2", "check_digit"), ("XAXX010101000", "generic")):
        assert client.post(PATH, sent(client_rfc=rfc)).status_code == 303
        assert Ticket.objects.latest("id").rfc_flag == flag


def test_the_button_pressed_twice_files_once(client: Client, imx: Imx):
    fields = sent()

    first, second = client.post(PATH, fields), client.post(PATH, fields)

    assert first["Location"] == second["Location"]
    assert Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_at_the_same_moment_files_once(at: Clock):
    load_desk("invoice-mx")
    fields = sent()

    def press(_time: int) -> str:
        try:
            return str(Client().post(PATH, fields)["Location"])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        places = set(pool.map(press, range(4)))

    assert len(places) == 1
    assert Ticket.objects.count() == 1
    assert DeskCounter.objects.get(kind="ticket").last == 1


def test_filing_waits_for_no_broker(client: Client, imx: Imx, settings, django_capture_on_commit_callbacks):
    settings.DOORBELL = True
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"  # where nobody is
    started = time.monotonic()

    with django_capture_on_commit_callbacks(execute=True) as rung:
        response = client.post(PATH, sent())

    assert response.status_code == 303
    assert rung  # what leaves at the commit was tried, and failed, and nobody noticed
    assert time.monotonic() - started < 2
    assert Notification.objects.filter(template="tickets/client").count() == 1


def test_the_mail_of_a_report_says_the_same_as_the_page(client: Client, imx: Imx):
    client.post(PATH, sent())

    mail = Notification.objects.get(template="tickets/client")
    assert Ticket.objects.get().number in mail.params["subject"]
    assert "11:12" in " ".join(mail.params["lines"])
    assert mail.params["call_first"] is None


# ------------------------------------------------------------------ by the clock


def test_at_lunch_what_affects_goes_to_the_guard_and_the_number_to_call_comes_first(
    client: Client, imx: Imx, at: Clock
):
    at(LUNCH)

    response = client.post(PATH, sent(impact="stopped"))

    told = page(client.get(response["Location"]))
    assert "Recibido fuera de horario" in told
    assert told.index("722 555 0177") < told.index("folio stub")
    assert "a su superior a las 14:40 y a gerencia a las 14:50" in told
    assert Notification.objects.get(template="tickets/client").params["call_first"]["address"] == "722 555 0177"


def test_at_lunch_what_does_not_affect_is_for_the_opening_and_may_be_contested(client: Client, imx: Imx, at: Clock):
    at(LUNCH)

    response = client.post(PATH, sent(need="question", impact="none"))

    told = page(client.get(response["Location"]))
    assert "Programado para la apertura" in told
    assert "hoy a las 16:00" in told
    assert "#urge" in told


def test_on_site_is_not_offered_outside_office_hours(client: Client, imx: Imx, at: Clock):
    assert 'value="on_site"' in page(client.get(PATH))
    at(LUNCH)

    shut = client.get(PATH)
    assert 'value="on_site"' not in page(shut)
    assert "Presencial solo aparece en horario de oficina" in page(shut)
    assert client.post(PATH, sent(support_method="on_site")).status_code == 422
    assert not Ticket.objects.exists()


def test_a_desk_offers_its_own_methods_products_and_prices(client: Client, imx: Imx):
    load_desk("facturando")

    form = page(client.get("/facturando/reportar/"))

    assert 'value="on_site"' not in form
    assert 'value="chat"' in form
    assert "Recibos de Nómina" in form
    assert "InvoiceMX" not in form
    assert "Tiene costo adicional: $350.00 más IVA por atención; al elegirla lo aceptas" in form


def test_facturando_at_night_defers_what_affects(client: Client, imx: Imx, at: Clock):
    load_desk("facturando")
    at(NIGHT)

    response = client.post("/facturando/reportar/", sent(product="nomina", impact="stopped"))

    told = page(client.get(response["Location"]))
    assert "Tu número de ticket" in told
    assert "mañana a las 09:00" in told
    assert "#urge" not in told


# ------------------------------------------------------------------ refusals


def test_a_vague_text_is_refused_with_what_is_missing_and_nothing_is_lost(client: Client, imx: Imx):
    fields = sent(description="Ayuda", client_rfc="FNO180312KX1", phone="722 555 0198", support_method="remote")

    response = client.post(PATH, fields)

    again = page(response)
    assert response.status_code == 422
    assert "<title>Error: " in again
    assert "«Ayuda» no nos dice qué pasa. Falta: el mensaje o código exacto, qué intentaba hacer" in again
    assert again.count("«Ayuda» no nos dice qué pasa") == 2  # above and at the field
    assert 'href="#id_description"' in again
    for name in ("subject", "product_version", "client_rfc", "phone", "email", "name"):
        assert f'value="{fields[name]}"' in again
    for name in ("need", "impact", "support_method"):
        assert re.search(rf'name="{name}" value="{fields[name]}" checked', again)
    assert '<option value="escritorio" selected>' in again
    assert not Ticket.objects.exists()
    assert hidden(response, "key") == fields["key"]


@pytest.mark.parametrize("text", ["Ayuda", "Error", "Tengo un problema", "¡¡AYUDA!!", "tengo un problema, urge"])
def test_the_phrases_of_the_guide_are_refused(client: Client, imx: Imx, text: str):
    assert client.post(PATH, sent(description=text)).status_code == 422
    assert not Ticket.objects.exists()


def test_a_vague_line_above_a_clear_text_is_refused_too(client: Client, imx: Imx):
    response = client.post(PATH, sent(subject="Error"))

    assert response.status_code == 422
    assert "«Error» no nos dice qué pasa" in page(response)


def test_it_teaches_twice_and_then_lets_through_with_a_flag(client: Client, imx: Imx):
    fields = sent(description="Ayuda")
    for _lesson in range(2):
        refused = client.post(PATH, fields)
        assert refused.status_code == 422
        fields["lessons"] = hidden(refused, "lessons")

    assert client.post(PATH, fields).status_code == 303
    assert Ticket.objects.get().vague


def test_an_outage_is_never_held(client: Client, imx: Imx):
    assert client.post(PATH, sent(impact="stopped", subject="Error", description="Ayuda")).status_code == 303
    assert Ticket.objects.get().vague


@pytest.mark.parametrize("forged", ["2", "ffff.2:x", "", "9" * 400])
def test_lessons_cannot_be_claimed(client: Client, imx: Imx, forged: str):
    assert client.post(PATH, sent(description="Ayuda", lessons=forged)).status_code == 422


def test_lessons_of_one_form_are_worth_nothing_on_another(client: Client, imx: Imx):
    learned = keeping.lessons_token(2, key=uuid.uuid4())

    assert client.post(PATH, sent(description="Ayuda", lessons=learned)).status_code == 422


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"need": ""}, "Díganos qué necesita", id="nothing chosen"),
        pytest.param({"impact": "x"}, "Elija una de las opciones", id="odd choice"),
        pytest.param({"email": ""}, "necesitamos uno de los dos para avisarle", id="unreachable"),
        pytest.param({"email": "rosa@"}, "le falta algo para ser un correo", id="half an address"),
        pytest.param({"phone": "555 1234"}, "Faltan 3 dígitos", id="short phone"),
        pytest.param({"client_rfc": "FNO18312KX1"}, "A FNO18312KX1 le falta un dígito en la fecha", id="rfc date"),
        pytest.param({"deadline_on": "ayer"}, "«ayer» no es una fecha", id="no date"),
        pytest.param({"deadline_on": "2026-11-16"}, "ya pasó", id="past"),
        pytest.param({"deadline_on": "2026-11-20", "deadline_time": "4 pm"}, "«4 pm» no es una hora", id="no hour"),
        pytest.param({"deadline_time": "16:30"}, "falta la fecha", id="hour alone"),
        pytest.param({"subject": " "}, "Resuma el problema en una línea.", id="no subject"),
        pytest.param({"subject": "x" * 201}, "Son 201 caracteres y caben 200", id="long subject"),
        pytest.param({"description": ""}, "Cuéntenos qué pasa", id="no text"),
        pytest.param({"name": ""}, "Escriba su nombre", id="no name"),
        pytest.param({"product": "otro"}, "Elija una de las opciones", id="odd product"),
    ],
)
def test_each_refusal_says_what_to_do(client: Client, imx: Imx, fields: dict[str, str], says: str):
    response = client.post(PATH, sent(**fields))

    assert response.status_code == 422
    assert says in page(response)
    assert not Ticket.objects.exists()


def test_a_deadline_of_today_is_good_until_its_last_minute(client: Client, imx: Imx):
    assert client.post(PATH, sent(deadline_on="17/11/2026")).status_code == 303
    assert Ticket.objects.get().deadline_at.isoformat() == "2026-11-18T05:59:00+00:00"


def test_what_fills_the_trap_is_asked_again(client: Client, imx: Imx):
    response = client.post(PATH, sent(website="https://spam.example"))

    assert response.status_code == 422
    assert "spam.example" not in page(response)
    assert not Ticket.objects.exists()


def test_too_many_from_one_place_wait_and_lose_nothing(client: Client, imx: Imx, settings):
    # Limits forgive a cache that is slow to answer; here it never is.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits"}}
    settings.RATE_LIMITS = True
    settings.RATES = {**settings.RATES, "open_ticket": "1/10m"}
    client.post(PATH, sent())

    response = client.post(PATH, sent(subject="Otra falla distinta al cancelar"))

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert 'value="Otra falla distinta al cancelar"' in page(response)
    assert "lo que escribió sigue aquí" in page(response)
    assert Ticket.objects.count() == 1


def test_a_form_from_elsewhere_is_refused(imx: Imx):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(PATH, sent()).status_code == 403


# ------------------------------------------------------------------ files


def test_files_come_with_the_first_message(client: Client, imx: Imx):
    response = client.post(PATH, {**sent(), "files": [upload(), upload("captura.png", b"\x89PNG\r\n\x1a\n1234")]})

    assert response.status_code == 303
    ticket = Ticket.objects.get()
    assert [f.attachment.filename for f in ticket.messages.get().files.all()] == ["factura.xml", "captura.png"]


def test_one_bad_file_is_named_and_the_good_ones_are_kept(client: Client, imx: Imx, monkeypatch):
    monkeypatch.setattr("portal.forms.MAX_BYTES", 100)
    fields = {**sent(), "files": [upload(), upload("respaldo.zip", b"x" * 200), upload("vacio.txt", b"")]}

    refused = client.post(PATH, fields)

    again = page(refused)
    assert refused.status_code == 422
    assert "respaldo.zip pesa 200 B y el límite es 25 MB" in again
    assert "vacio.txt llegó vacío" in again
    assert "factura.xml" in again
    kept = hidden(refused, "kept")
    assert client.post(PATH, sent(key=fields["key"], kept=kept)).status_code == 303
    assert [f.attachment.filename for f in Ticket.objects.get().messages.get().files.all()] == ["factura.xml"]
    assert Attachment.objects.count() == 1


def test_a_file_kept_for_one_form_cannot_be_had_by_another(client: Client, imx: Imx, monkeypatch):
    refused = client.post(PATH, {**sent(description="Ayuda"), "files": [upload("privado.xml")]})
    kept = hidden(refused, "kept")

    for token in (kept, kept[:-2] + "xx", "nada", ""):
        assert client.post(PATH, sent(kept=token)).status_code == 303

    assert not any(t.messages.get().files.exists() for t in Ticket.objects.all())


def test_too_many_files_are_said(client: Client, imx: Imx):
    response = client.post(PATH, {**sent(), "files": [upload(f"{n}.xml") for n in range(11)]})

    assert response.status_code == 422
    assert "Son 11 archivos y caben 10" in page(response)


# ------------------------------------------------------------------ signed in


def test_a_client_chooses_among_their_own(client: Client, cast: Cast):
    branch = Branch.objects.create(client=cast.company, name="Metepec")
    client.force_login(cast.rosa.user)

    form = page(client.get(PATH))

    assert "FNO180312KX1" in form
    assert "Metepec" in form
    assert "MSC120215JH5" not in form
    assert 'name="name"' not in form
    assert f'value="{cast.rosa.email}"' in form
    assert client.post(PATH, sent(client_rfc="FNO180312KX1", branch=str(branch.pk))).status_code == 303
    ticket = Ticket.objects.get()
    assert (ticket.client, ticket.branch, ticket.requester) == (cast.company, branch, cast.rosa)


def test_an_accountant_files_for_one_of_several(client: Client, cast: Cast):
    second = factories.make_client(cast.desk.vendor, "Norteña Transportes", rfc="NTR150610AB4")
    cast.rosa.links.create(client=second, scope="company", valid_from="2020-01-01")
    client.force_login(cast.rosa.user)

    assert client.post(PATH, sent(client=str(second.pk), client_rfc="NTR150610AB4")).status_code == 303
    assert Ticket.objects.get().client == second
    crossed = client.post(PATH, sent(client=str(second.pk), client_rfc="FNO180312KX1"))
    assert crossed.status_code == 422
    assert "Ese RFC es de otra de sus empresas" in page(crossed)


def test_what_one_person_may_choose_stays_with_their_form(cast: Cast):
    """Forms share the fields that are the same for everybody."""
    config, now = desk_queries.config(cast.desk), factories.OFFICE
    before = {name: str(field.__dict__) for name, field in ReportForm.base_fields.items()}
    companies = [cast.company, factories.make_client(cast.desk.vendor, "Norteña Transportes", rfc="NTR150610AB4")]
    branches = [Branch(pk=3, client=cast.company, name="Apodaca")]
    outage = Outage(pk=7, title="El SAT no responde")

    hers = ReportForm(
        {"branch": "otra", "client": "otra"},
        config=config,
        person=Person(companies=companies, branches=branches),
        now=now,
        is_open=True,
        outages=[outage],
    )
    hers.is_valid()
    strangers = ReportForm({}, config=config, person=Person(), now=now, is_open=False)
    strangers.is_valid()

    assert {"client", "branch", "outage"} <= hers.fields.keys()
    assert not {"client", "branch", "outage"} & strangers.fields.keys()
    assert {name: str(field.__dict__) for name, field in ReportForm.base_fields.items()} == before


def test_nobody_files_for_a_company_that_is_not_theirs(client: Client, cast: Cast):
    client.force_login(cast.rosa.user)

    for fields in ({"client_rfc": "MSC120215JH5"}, {"client": str(cast.other_company.pk), "client_rfc": ""}):
        client.post(PATH, sent(**fields))

    assert not Ticket.objects.filter(client=cast.other_company).exists()
    assert not Ticket.objects.filter(proposed_client=cast.other_company).exists()


def test_a_client_of_another_vendor_is_a_stranger_here(client: Client, cast: Cast):
    other = factories.Cast("otra-mesa", prefix="OTR", name="Otra Mesa")
    client.force_login(other.rosa.user)

    form = page(client.get(PATH))

    assert 'name="name"' in form
    assert "FNO180312KX1" not in form
    assert client.post(PATH, sent(client_rfc="FNO180312KX1")).status_code == 303
    assert Ticket.objects.get().client is None


def test_the_form_costs_the_same_whatever_there_is(client: Client, cast: Cast, warm, django_assert_num_queries):
    client.force_login(cast.rosa.user)
    warm()
    client.get(PATH)
    with django_assert_num_queries(8):
        client.get(PATH)
    for n in range(12):
        Branch.objects.create(client=cast.company, name=f"Sucursal {n}")
        TaxId.objects.create(vendor=cast.desk.vendor, client=cast.company, rfc=f"FNO1804{n + 10:02d}KX1")

    with django_assert_num_queries(8):
        client.get(PATH)


# ------------------------------------------------------------------ fragments


def test_the_side_card_follows_what_is_marked(client: Client, imx: Imx, at: Clock):
    outage = page(client.post(f"{PATH}prioridad/", {"need": "failure", "impact": "stopped"}))
    question = page(client.get(f"{PATH}prioridad/", {"need": "question", "impact": "none"}))

    assert "Crítica" in outage
    assert "Antes de las 10:57 (15 min)" in outage
    assert "Objetivo 14:42 (4 h corridas)" in outage
    assert "Al menos cada hora corrida" in outage
    assert "<html" not in outage
    assert "Media" in question
    assert "Al menos cada día hábil" in question
    assert "(4 h hábiles)" in question
    at(LUNCH)
    night = page(client.post(f"{PATH}prioridad/", {"need": "failure", "impact": "stopped"}))
    assert "La guardia, ahora mismo" in night
    assert "En 10 min avisamos a su superior" in night
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("odd", [{}, {"need": "x", "impact": "y"}, {"deadline_on": "x", "client": "9"}])
def test_the_side_card_takes_anything(client: Client, imx: Imx, odd: dict[str, str]):
    assert client.post(f"{PATH}prioridad/", odd).status_code == 200


def test_the_clarity_of_a_text_is_advice(client: Client, imx: Imx):
    empty = page(client.post(f"{PATH}claridad/", {"description": "Ayuda"}))
    full = page(
        client.post(
            f"{PATH}claridad/",
            {"description": "Desde ayer, al timbrar aparece CFDI40147; antes actualizamos el programa"},
        )
    )

    assert "todavía no sabemos qué pasa" in empty
    assert 'data-u="0"' in empty
    assert 'data-u="100"' in full
