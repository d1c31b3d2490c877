"""Search on the real database: Spanish, what is found exactly, operators, who finds what, marks, slips."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actor import MANAGER, Actor
from files import actions as file_actions
from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.conftest import Caller, Clock
from tests.tickets.test_views_queue import browse, numbers
from tickets import actions, searchquery, searchterms
from tickets.actions import searching, wordlist
from tickets.models import DeskWord, Ticket, TicketSearch
from tickets.presenters import hits
from tickets.queries import search
from tickets.queries.search import START, STOP

URL = "/api/v1/tickets/"


def found(person: Any, text: str, **params: str) -> list[str]:
    return numbers(browse(person).get("/cola/", {"q": text, **params}))


# ------------------------------------------------------------------ Spanish


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("facturación", "facturacion"),
        ("facturacion", "facturación"),
        ("facturaciones", "facturación "),
        ("facturación", "facturaciones "),
        ("cancelación", "CANCELACIONES "),
        ("solución", "soluciones "),
        ("camión", "camiones "),
        ("camiones", "camión "),
        ("niño", "nino "),
        ("niños", "niño "),
        ("Ñandú", "nandu"),
        ("nómina", "nominas "),
        ("timbrado", "timbrar "),
        ("pingüino", "pinguino "),
        ("timbrado/nómina", "nomina"),
        ("falló.Gracias", "gracias"),
        ("CFDI 4.0", "4.0"),
        ("CFDI40147", "cfdi40147"),
        ("6f8e3c2a-1b2c-4d5e-8f90-a1b2c3d4e5f6", "6F8E3C2A-1B2C-4D5E-8F90-A1B2C3D4E5F6"),
    ],
)
def test_spanish_words_meet(cast: Cast, at: Clock, written: str, asked: str) -> None:
    cast.ticket(subject=f"Algo pasa con {written} hoy")
    cast.ticket(
        subject="Otra cosa distinta", description="Nada que ver con lo demás: la impresora no imprime etiquetas."
    )

    assert found(cast.ada, asked) == ["IMX-1"]


@pytest.mark.parametrize(
    "word", ["timbrado", "certificado", "complemento", "facturaciones", "comprobante", "instalación", "vencimiento"]
)
def test_each_beginning_finds_the_word(cast: Cast, at: Clock, word: str) -> None:
    cast.ticket(subject=f"Duda de {word} general")
    browser = browse(cast.ada)

    missed = [word[:n] for n in range(3, len(word) + 1) if not numbers(browser.get("/cola/", {"q": word[:n]}))]

    assert missed == []


def test_phrases_stand_in_that_order(cast: Cast, at: Clock) -> None:
    cast.ticket(subject="El sello digital no carga")
    cast.ticket(subject="Un sello de goma y firma digital")

    assert found(cast.ada, '"sello digital"') == ["IMX-1"]
    assert set(found(cast.ada, "sello digital")) == {"IMX-1", "IMX-2"}
    assert found(cast.ada, "sello -firma") == ["IMX-1"]
    assert found(cast.ada, '-"sello digital"') == ["IMX-2"]


def test_messages_and_names_of_files_are_found(cast: Cast, at: Clock, media: Any) -> None:
    ticket = cast.ticket()
    kept = file_actions.store(ContentFile(b"hola", name="bitacora_enero.txt"), now=OFFICE)
    actions.add_message(ticket, by=factories.actor(cast.ada), now=OFFICE, body="Revise el obelisco.", files=[kept])

    assert found(cast.ada, "obelisco") == ["IMX-1"]
    page = browse(cast.ada).get("/cola/", {"q": "bitacora"})
    assert numbers(page) == ["IMX-1"]
    assert "bitacora_enero.txt" in page.content.decode()


# ------------------------------------------------------------------ found exactly


@pytest.fixture
def exact(cast: Cast, at: Clock) -> Cast:
    """Two tickets; the newer one only speaks of what the older one is."""
    cast.ticket(client_rfc="FNO180312KX1", email="rosa.medina@lanortena.example", phone="+527225550145")
    cast.ticket(
        description="Vean IMX-1, el RFC FNO180312KX1, el correo rosa.medina@lanortena.example y el 722 555 0145."
    )
    return cast


@pytest.mark.parametrize(
    "text",
    [
        "IMX-1", "imx 1", "imx1", "1", "FNO180312KX1", "fno 180312 kx1", "rosa.medina@lanortena.example",
        "ROSA.Medina@lanortena.example", "7225550145", "722 555 0145", "(722) 555-0145", "+52 1 722 555 0145",
        "044 722 555 0145", "555 0145",
    ],
)  # fmt: skip
def test_number_rfc_address_and_telephone_come_first(exact: Cast, text: str) -> None:
    assert found(exact.ada, text)[0] == "IMX-1"


def test_an_rfc_of_the_company_finds_what_it_reported_without_writing_it(cast: Cast, at: Clock) -> None:
    cast.ticket(client_rfc="")

    assert found(cast.ada, "FNO180312KX1") == ["IMX-1"]
    assert found(cast.ada, "rfc:FNO") == ["IMX-1"]
    assert found(cast.ada, "rfc:MSC") == []


# ------------------------------------------------------------------ operators


@pytest.fixture
def several(cast: Cast, at: Clock) -> Cast:
    ada = factories.actor(cast.ada)
    cast.ticket(subject="Reporte zafiro uno")
    done = actions.take(cast.ticket(subject="Reporte zafiro dos"), by=ada, now=OFFICE)
    actions.resolve(done, by=ada, now=OFFICE, solution="Listo, quedó.")
    cast.ticket(subject="Reporte zafiro tres", request_type="system_down", affects_operation=True, channel="phone")
    old = cast.ticket(subject="Reporte zafiro cuatro")
    Ticket.objects.filter(pk=old.pk).update(opened_at=OFFICE - timedelta(days=40))
    Ticket.objects.filter(number="IMX-1").update(assignee=None, status="new")
    Ticket.objects.filter(number="IMX-3").update(assignee=cast.ada, status="assigned")
    Ticket.objects.filter(number="IMX-4").update(assignee=cast.bruno, status="assigned")
    return cast


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zafiro estado:abierto", {1, 3, 4}),
        ("zafiro estado:resuelto", {2}),
        ("zafiro -estado:abierto", {2}),
        ("estado:nuevo estado:resuelto", {1, 2}),
        ("prioridad:critica", {3}),
        ("canal:telefono", {3}),
        ("asignado:nadie zafiro", {1}),
        ("asignado:bruno", {4}),
        ('asignado:"Bruno Ortega"', {4}),
        ("asignado:yo estado:resuelto", {2}),
        ("antes:01/11/2026", {4}),
        ("zafiro despues:1/11", {1, 2, 3}),
        ("despues:hoy antes:mañana", {1, 2, 3}),
        ("cliente:nortena", {1, 2, 3, 4}),
        ("cliente:otra", set()),
        ("mesa:invoice-mx zafiro", {1, 2, 3, 4}),
        ("mesa:otra zafiro", set()),
        ("vence:vencido", set()),
        ("zafiro prioridad:azul", set()),
    ],
)
def test_operators_narrow(several: Cast, text: str, expected: set[int]) -> None:
    assert set(found(several.ada, text)) == {f"IMX-{n}" for n in expected}


def test_what_runs_out_today_and_what_has_run_out(cast: Cast, at: Clock) -> None:
    cast.ticket(request_type="system_down", now=OFFICE)

    assert found(cast.ada, "vence:hoy") == ["IMX-1"]
    assert found(cast.ada, "vence:mañana") == []
    assert found(cast.ada, "vence:semana") == ["IMX-1"]
    at(OFFICE + timedelta(hours=30))
    assert found(cast.ada, "vence:vencido") == ["IMX-1"]


def test_filters_of_the_queue_narrow_what_was_found(several: Cast) -> None:
    assert found(several.ada, "zafiro", prioridad="critical") == ["IMX-3"]
    page = browse(several.ada).get("/cola/", {"q": "zafiro", "prioridad": "critical"})
    assert {"name": "q", "value": "zafiro"} in page.context["hidden"]
    assert "q=zafiro" in page.context["orders"][0]["href"]


def test_what_could_not_be_read_is_said(several: Cast) -> None:
    page = browse(several.ada).get("/cola/", {"q": "zafiro prioridad:azul"}).content.decode()

    assert "«prioridad:azul» no se pudo leer" in page


def test_the_api_reads_the_same_operators(several: Cast, caller: Caller) -> None:
    def asked(person: Any, text: str) -> list[str]:
        response = caller(person).get(URL, {"q": text})
        assert response.status_code == 200
        return [row["number"] for row in response.json()["results"]]

    assert asked(several.ada, "zafiro estado:resuelto") == ["IMX-2"]
    assert asked(several.rosa, "zafiro canal:teléfono") == ["IMX-3"]
    assert asked(several.tom, "estado:abierto") == []
    assert asked(several.ada, "zafiro antes:no-es-fecha") == []


# ------------------------------------------------------------------ who finds what


def test_another_vendor_finds_nothing(exact: Cast, stranger: Cast, caller: Caller) -> None:
    for text in (
        "timbra",
        "IMX-1",
        "1",
        "FNO180312KX1",
        "rosa.medina@lanortena.example",
        "7225550145",
        "estado:abierto",
    ):
        assert found(stranger.ada, text) == [], text
        assert caller(stranger.ada).get(URL, {"q": text}).json()["results"] == [], text
        assert caller(stranger.rosa).get(URL, {"q": text}).json()["results"] == [], text


def test_another_desk_of_the_vendor_finds_nothing_by_words_of_the_first(cast: Cast, at: Clock) -> None:
    other = factories.make_desk("segunda", prefix="SEG", vendor=cast.desk.vendor, name="Segunda")
    sara = factories.make_member(other, "Sara Luna", MANAGER)
    cast.ticket(subject="Reporte zafiro")

    assert found(sara, "zafiro") == []
    assert found(sara, "1") == []
    assert found(sara, "mesa:invoice-mx") == []


def test_another_company_finds_nothing_and_no_client_finds_a_note(exact: Cast, caller: Caller) -> None:
    ticket = Ticket.objects.get(number="IMX-1")
    actions.add_message(
        ticket, by=factories.actor(exact.ada), now=OFFICE, internal=True, body="Sospecho del obelisco, 55 1234 5678."
    )

    for text in ("obelisco", '"del obelisco"', "5512345678", "obel"):
        assert found(exact.ada, text) == ["IMX-1"], text
        assert caller(exact.rosa).get(URL, {"q": text}).json()["results"] == [], text
    for text in ("IMX-1", "timbra", "FNO180312KX1", "7225550145"):
        assert caller(exact.tom).get(URL, {"q": text}).json()["results"] == [], text


def test_a_note_does_not_move_what_a_client_finds(cast: Cast, caller: Caller) -> None:
    first, _second = cast.ticket(subject="Reporte ámbar"), cast.ticket(subject="Reporte ámbar")
    before = [row["number"] for row in caller(cast.rosa).get(URL, {"q": "ámbar"}).json()["results"]]
    actions.add_message(first, by=factories.actor(cast.ada), now=OFFICE, internal=True, body="ámbar ámbar ámbar ámbar")

    assert [row["number"] for row in caller(cast.rosa).get(URL, {"q": "ámbar"}).json()["results"]] == before


def test_who_is_staff_and_client_finds_notes_at_their_own_desk_only(cast: Cast, stranger: Cast, at: Clock) -> None:
    theirs = stranger.ticket(subject="Reporte ámbar")
    actions.add_message(theirs, by=factories.actor(stranger.ada), now=OFFICE, internal=True, body="obelisco")
    own = cast.ticket(subject="Reporte ámbar")
    actions.add_message(own, by=factories.actor(cast.ada), now=OFFICE, internal=True, body="obelisco")
    both: Actor = replace(
        factories.actor(cast.ada),
        contact_ids=frozenset({stranger.rosa.pk}),
        client_ids=frozenset({stranger.company.pk}),
    )

    def ids(text: str) -> set[int]:
        asked = search.Asked(
            searchquery.parse(text),
            both,
            tuple(both.ticket_desk_ids()),
            zone=ZoneInfo("America/Mexico_City"),
            now=OFFICE,
        )
        return set(search.ranked(Ticket.objects.visible_to(both), asked))

    assert ids("ámbar") == {own.pk, theirs.pk}
    assert ids("obelisco") == {own.pk}


def test_a_secret_is_not_found(cast: Cast, at: Clock) -> None:
    cast.ticket(description="No puedo entrar al portal. Mi contraseña: Zafiro#2026x, por favor revisen hoy mismo.")

    assert found(cast.ada, "2026x") == []


# ------------------------------------------------------------------ marks


def test_the_hit_is_marked_in_subject_and_snippet(cast: Cast, at: Clock) -> None:
    cast.ticket(
        subject="Facturación detenida", description="Desde ayer la facturación marca CFDI40147 en cada intento."
    )

    page = browse(cast.ada).get("/cola/?q=facturacion").content.decode()

    assert "<mark>Facturación</mark> detenida" in page
    assert "la <mark>facturación</mark> marca" in page


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script> zafiro",
        "zafiro<img src=x onerror=alert(1)>",
        f"{START}<b>{STOP} zafiro {STOP}{START}",
        '"zafiro" & <mark>zafiro</mark> &lt;script&gt;',
        "<zafiro onclick=alert(1)>zafiro</zafiro>",
    ],
)
def test_hostile_text_stays_text(cast: Cast, at: Clock, hostile: str) -> None:
    cast.ticket(subject=hostile, description=f"{hostile} {factories.CLEAR}")

    (row,) = browse(cast.ada).get("/cola/?q=zafiro").context["rows"]

    for html in (row.marked, row.snippet):
        bare = html.replace("<mark>", "").replace("</mark>", "")
        assert "<" not in bare
        assert ">" not in bare
        assert START not in html
        assert STOP not in html
        assert "<mark>" in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (f"a {START}b{STOP} c", "a <mark>b</mark> c"),
        (f"{START}<i>", "&lt;i&gt;"),
        (f"{STOP}a{START}b{STOP}{STOP}c", "a<mark>b</mark>c"),
        ("", ""),
    ],
)
def test_marks_are_set_around_escaped_text(text: str, html: str) -> None:
    assert hits.marked(text) == html


# ------------------------------------------------------------------ slips of the finger


def test_a_slip_is_answered_with_a_word_of_the_desk(cast: Cast, stranger: Cast, at: Clock) -> None:
    cast.ticket(subject="El timbrado se detuvo")
    stranger.ticket(subject="La obeliscografía")
    assert wordlist.learn(now=OFFICE + timedelta(minutes=10)) > 0
    browser = browse(cast.ada)

    page = browser.get("/cola/?q=timbardo&prioridad=normal")

    assert page.context["did_you_mean"] == {"text": "timbrado", "href": "/cola/?prioridad=normal&q=timbrado"}
    assert "¿Quiso decir" in page.content.decode()
    assert numbers(browser.get(page.context["did_you_mean"]["href"])) == ["IMX-1"]
    assert browser.get("/cola/?q=obeliscografia").context["did_you_mean"] is None  # of another vendor's desk
    assert browser.get("/cola/?q=timbrado").context["did_you_mean"] is None  # something was found


def test_words_are_learned_once(cast: Cast, at: Clock) -> None:
    cast.ticket(subject="Zafiro zafiro")
    later = OFFICE + timedelta(minutes=10)
    wordlist.learn(now=later)
    assert wordlist.learn(now=later) == 0
    assert DeskWord.objects.get(desk=cast.desk, folded="zafiro").n == 2

    cast.ticket(subject="ZAFIRO", now=later)
    assert wordlist.learn(now=later) == 0  # what is only just written may not be all there yet
    wordlist.learn(now=later + timedelta(minutes=10))
    assert DeskWord.objects.get(desk=cast.desk, folded="zafiro").n == 3


# ------------------------------------------------------------------ the index


def test_rebuilding_gives_what_the_actions_wrote(exact: Cast) -> None:
    ticket = Ticket.objects.get(number="IMX-1")
    actions.add_message(ticket, by=factories.actor(exact.ada), now=OFFICE, internal=True, body="Una nota de obelisco.")
    actions.add_message(ticket, by=factories.actor(exact.ada), now=OFFICE, body="Respuesta al cliente.")

    def lexemes() -> list[tuple[int, str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ticket_id, strip(public_tsv)::text, strip(staff_tsv)::text FROM tickets_ticketsearch ORDER BY 1"
            )
            return list(cursor.fetchall())

    before = lexemes()
    assert searching.rebuild(Ticket.objects.with_people()) == 2
    assert lexemes() == before


def test_a_company_that_is_found_out_is_found(cast: Cast, at: Clock) -> None:
    ticket = factories.make_ticket(cast.desk, client=None, name="Alguien", email="alguien@x.example")

    actions.identify(ticket, by=factories.actor(cast.ada), now=OFFICE, client=cast.other_company.pk)

    assert found(cast.ada, "muebles clara") == ["IMX-1"]


def test_an_endless_conversation_keeps_accepting_messages(
    cast: Cast, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = cast.ticket()
    ada = factories.actor(cast.ada)
    for start in range(0, 20_000, 2_000):
        body = " ".join(f"palabra{n}" for n in range(start, start + 1_500))
        actions.add_message(ticket, by=ada, now=OFFICE, body=body[:20_000])

    row = TicketSearch.objects.extra(select={"n": "length(staff_tsv)"}).get(ticket=ticket)
    assert 12_000 < row.n < 16_000
    assert found(cast.ada, "palabra3") == ["IMX-1"]


# ------------------------------------------------------------------ what it costs


@pytest.mark.parametrize(
    "text", ["zafiro", "zafiro estado:abierto asignado:ada", "1", "7225550145", "nohaytal", '"zafiro uno"']
)
@pytest.mark.parametrize("count", [1, 28])
def test_a_page_of_results_costs_eight_statements(cast: Cast, at: Clock, text: str, count: int) -> None:
    for _n in range(count):
        cast.ticket(subject="Reporte zafiro uno")
    browser = browse(cast.ada)
    browser.get("/cola/")

    with CaptureQueriesContext(connection) as statements:
        page = browser.get("/cola/", {"q": text})

    assert len(statements) <= 8
    assert len(numbers(page)) <= 25


def test_pages_of_results_follow(cast: Cast, at: Clock) -> None:
    for _n in range(28):
        cast.ticket(subject="Reporte zafiro")
    browser = browse(cast.ada)

    first = browser.get("/cola/?q=zafiro")
    second = browser.get(first.context["next_href"])

    assert len(numbers(first)) == 25
    assert len(set(numbers(first)) | set(numbers(second))) == 28
    assert second.context["next_href"] == ""
    assert numbers(browser.get(second.context["previous_href"])) == numbers(first)


def test_the_command_indexes_every_ticket(exact: Cast) -> None:
    TicketSearch.objects.all().delete()
    assert found(exact.ada, "timbra") == []

    call_command("rebuild_search", stdout=StringIO())

    assert found(exact.ada, "722 555 0145")[0] == "IMX-1"


FORMS = "('{0}':* | '{0}' | '{0}o' | '{0}es' | '{0}ciones')"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "fewest"),
    [
        ("'timbra'", "'timbr'"),
        (FORMS.format("poco7"), "'poco7':*"),
        (f"'timbra' & {FORMS.format('poco7')}", "'timbr' & 'poco7':*"),
        # The stem of cancelación is shorter than what was typed, and stays.
        ("('cancelaci':* | 'cancelacion' | 'cancelaciones')", "'cancelaci':* | 'cancel'"),
        # What other words may be is left alone.
        ("('factura' | 'facturas') & ('fact':* | 'facto')", "( 'factur' | 'factur' ) & 'fact':*"),
    ],
)
def test_a_beginning_stands_for_all_that_begins_so(asked: str, fewest: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT fewest_words(to_tsquery('es_unaccent', %s))::text", [asked])
        assert cursor.fetchone() == (fewest,)


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["timbra", "cancelaci", "a'b", "x.y", "ñandú", "certificad", "4014", "sello"])
def test_fewer_forms_find_what_all_of_them_find(word: str) -> None:
    read = searchquery.parse(word, today=OFFICE.date())
    query = searchterms.tsquery(read)
    texts = [word, f"{word}ciones", f"{word}o", "cancelación", "cancelaciones", "timbrado", "certificado", "otra cosa"]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT text, to_tsvector('es_unaccent', text) @@ q, to_tsvector('es_unaccent', text) @@ fewest_words(q)
            FROM unnest(%s::text[]) text, to_tsquery('es_unaccent', %s) q
            """,
            [texts, query],
        )
        rows = cursor.fetchall()
    assert [row for row in rows if row[1] != row[2]] == []
    assert any(row[1] for row in rows) or not word.isalnum()


def test_words_stand_in_the_statement(cast: Cast) -> None:
    """A plan for any word would look for one that half of the tickets have as if it were rare."""
    for text in ("timbra", "timbra ", '"timbra factura"', "IMX-4821", "o'brien\\ 100% "):
        read = searchquery.parse(text, today=OFFICE.date())
        wanted = search.Asked(read, factories.actor(cast.ada), (cast.desk.pk,), ZoneInfo("UTC"), OFFICE)
        sql, params = search.found(Ticket.objects.all(), wanted).query.sql_with_params()

        assert "es_unaccent" in sql
        assert not [value for value in params if isinstance(value, str) and "timbra" in value]
        assert not list(search.found(Ticket.objects.all(), wanted))
