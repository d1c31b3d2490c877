"""A ticket for its client: by signed link, signed in, and what nobody may do with either."""

from __future__ import annotations

import ast
import re
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from core import wording
from core.actor import VISITOR
from files import actions as file_actions
from files.models import Attachment
from notifications.models import Notification
from tests import factories
from tests.factories import LUNCH, NIGHT, OFFICE, Cast
from tests.portal.conftest import Clock
from tests.tickets.cast import QUESTION, Imx, run_timers
from tickets import actions, links
from tickets.models import Message, MessageFile, Ticket, Upload

SOON = OFFICE + timedelta(minutes=5)


def page(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def path_of(ticket: Ticket) -> str:
    return f"/t/{links.token(Ticket.objects.get(pk=ticket.pk))}/"


def status_of(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).status


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """Rosa's ticket: normal, in office hours, given to Ada or Bruno."""
    return cast.ticket()


@pytest.fixture
def resolved(cast: Cast, ticket: Ticket) -> Ticket:
    staff = factories.actor(ticket.assignee)
    taken = actions.take(ticket, by=staff, now=SOON)
    return actions.resolve(taken, by=staff, now=SOON, solution="Restauramos el catálogo de clientes.")


# ------------------------------------------------------------------ the link


def test_the_link_shows_the_ticket_in_the_clients_words(client: Client, ticket: Ticket):
    shown = page(client.get(path_of(ticket)))

    assert ticket.number in shown
    assert "Usted" in shown
    assert f"{ticket.assignee.name} le responde a más tardar hoy 16:42" in shown  # 4 hours of office, lunch left out
    assert "Abierto hoy 10:42 por formulario web" in shown
    assert "FNO180312KX1" not in shown  # she gave none


def test_a_link_asks_nobody_to_sign_in_and_is_kept_nowhere(client: Client, ticket: Ticket):
    response = client.get(path_of(ticket))

    assert response.status_code == 200
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "private, no-store"
    assert "noindex" in response["X-Robots-Tag"]
    assert "/entrar/" not in page(response)


@pytest.mark.parametrize("spoil", ["cut", "changed", "made up", "odd", "revoked", "late"])
def test_a_bad_link_reveals_nothing(client: Client, cast: Cast, resolved: Ticket, at: Clock, spoil: str):
    path = path_of(resolved)
    match spoil:
        case "cut":
            path = path[:-4] + "/"
        case "changed":
            path = path.replace("/t/", "/t/1")
        case "made up":
            path = "/t/1.1.1~abc/"
        case "odd":
            path = "/t/%F0%9F%98%80~~..~/"
        case "revoked":
            Ticket.objects.filter(pk=resolved.pk).update(link_version=2)
        case "late":
            closed = actions.confirm(resolved, by=links.actor_of(resolved, resolved.requester_id), now=SOON)
            at(SOON + timedelta(days=30, seconds=1))
            assert closed.status == "closed"

    response = client.get(path)
    posted = client.post(f"{path}responder/", {"body": "hola"})

    assert response.status_code == posted.status_code == 404
    assert "Este enlace ya no abre" in page(response)
    for secret in (resolved.number, resolved.subject, "InvoiceMX", "722 555", "Rosa", "IMX"):
        assert secret not in page(response)
    assert response["Referrer-Policy"] == "no-referrer"
    assert Message.objects.filter(body="hola").count() == 0


def test_a_link_opens_its_own_ticket_and_no_other(client: Client, cast: Cast, ticket: Ticket):
    other = factories.make_ticket(cast.desk, contact=cast.tom, subject="Complemento de pago de Tom")

    shown = page(client.get(path_of(ticket)))

    assert other.number not in shown
    assert client.get(f"/tickets/{ticket.number}/").status_code == 302  # the link signs nobody in


def test_a_link_never_lends_the_rights_of_who_is_signed_in(client: Client, cast: Cast, ticket: Ticket):
    actions.add_message(ticket, by=factories.actor(cast.elena), now=SOON, body="Solo para nosotros", internal=True)
    client.force_login(cast.elena)

    assert "Solo para nosotros" not in page(client.get(path_of(ticket)))


def test_too_many_looks_at_links_wait(client: Client, ticket: Ticket, settings):
    # Limits forgive a cache that is slow to answer; here it never is.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits"}}
    settings.RATE_LIMITS = True
    settings.RATES = {**settings.RATES, "link": "2/m"}
    for _look in range(2):
        assert client.get(path_of(ticket)).status_code == 200

    response = client.get(path_of(ticket))

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


def test_a_get_never_acts(client: Client, resolved: Ticket):
    base = path_of(resolved)

    for verb in ("confirmar", "reabrir", "urge", "escalar", "cancelar", "responder"):
        assert client.get(f"{base}{verb}/").status_code == 302
        assert client.head(f"{base}{verb}/").status_code == 302

    assert status_of(resolved) == "resolved"
    assert client.get(f"{base}borrar/").status_code == 404


def test_a_post_needs_no_cookie_and_no_referrer(resolved: Ticket):
    strict = Client(enforce_csrf_checks=True)

    response = strict.post(f"{path_of(resolved)}confirmar/", headers={"origin": "null"})

    assert response.status_code == 303
    assert status_of(resolved) == "closed"


# ------------------------------------------------------------------ what the client does


def test_an_answer_goes_to_the_one_who_asked(client: Client, cast: Cast, ticket: Ticket):
    staff = factories.actor(ticket.assignee)
    taken = actions.take(ticket, by=staff, now=SOON)
    actions.wait(taken, by=staff, now=SOON, reason="¿Qué versión tiene?")
    base = path_of(ticket)
    asked = page(client.get(base))
    assert "Esperamos su respuesta" in asked
    assert "¿Qué versión tiene?" in asked
    assert "Espera su respuesta" in asked

    response = client.post(
        f"{base}responder/",
        {
            "body": "La 4.2.7, y adjunto la captura.",
            "files": [SimpleUploadedFile("captura.png", b"\x89PNG\r\n\x1a\n1")],
        },
    )

    assert response.status_code == 303
    assert status_of(ticket) == "in_progress"
    told = Notification.objects.filter(recipient=ticket.assignee.email).latest("seq")
    assert "escribió" in told.params["subject"]
    after = page(client.get(base))
    assert "La 4.2.7, y adjunto la captura." in after
    found = re.search(r'href="(/t/[^"]+/archivos/[^"]+)"', after)
    assert found
    file = client.get(found[1])
    assert file.getvalue() == b"\x89PNG\r\n\x1a\n1"
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("fields", [{}, {"body": "   "}, {"body": "x" * 50_001}])
def test_an_answer_that_cannot_be_kept_comes_back_with_its_text(client: Client, ticket: Ticket, fields):
    response = client.post(f"{path_of(ticket)}responder/", fields)

    assert response.status_code == 422
    assert "<title>Error: " in page(response)
    assert 'class="errors"' in page(response)
    assert Message.objects.count() == 1


def test_what_is_wrong_is_said_as_the_desk_speaks(client: Client, db: None, at: Clock):
    ticket = Cast("facturando", prefix="FAC", rota=False, trato="tu").ticket()

    for path in ("responder/", "cita/"):
        page = client.post(f"{path_of(ticket)}{path}", {"body": "", "method": "chat"}).content.decode()
        assert "Antes de enviar, revisa lo siguiente" in page, path
        assert "Revise" not in page, path


def test_what_a_client_writes_is_shown_as_text(client: Client, ticket: Ticket):
    client.post(f"{path_of(ticket)}responder/", {"body": "<script>alert(1)</script> https://sat.example/x"})

    shown = page(client.get(path_of(ticket)))

    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert 'href="https://sat.example/x"' in shown
    assert 'rel="nofollow"' in shown


def test_the_client_confirms(client: Client, resolved: Ticket):
    base = path_of(resolved)
    asked = page(client.get(base))
    assert "¿Quedó resuelto?" in asked
    assert "Restauramos el catálogo de clientes." in asked
    assert "lo cerramos el jueves a las 19:00" in asked  # two business days, at the closing

    response = client.post(f"{base}confirmar/", follow=True)

    assert "El ticket quedó cerrado." in page(response)
    assert status_of(resolved) == "closed"


def test_the_client_reopens_with_a_reason(client: Client, resolved: Ticket):
    base = path_of(resolved)
    empty = client.post(f"{base}reabrir/", {"reason": " "})
    assert empty.status_code == 422
    assert '<details class="verb" open>' in page(empty)
    assert status_of(resolved) == "resolved"

    response = client.post(f"{base}reabrir/", {"reason": "Sigue saliendo CFDI40147"}, follow=True)

    assert status_of(resolved) == "in_progress"
    assert "Reabierto" in page(response)
    assert "Sigue saliendo CFDI40147" in page(response)


def test_confirming_twice_shows_how_it_stands(client: Client, resolved: Ticket):
    client.post(f"{path_of(resolved)}confirmar/")

    again = client.post(f"{path_of(resolved)}confirmar/")

    assert again.status_code == 409
    assert "El ticket cambió mientras usted lo veía" in page(again)
    assert "Cerrado" in page(again)


def test_the_client_cancels_with_a_reason(client: Client, ticket: Ticket):
    base = path_of(ticket)
    assert client.post(f"{base}cancelar/", {"reason": ""}).status_code == 422

    client.post(f"{base}cancelar/", {"reason": "Ya lo resolvimos nosotros"})

    assert status_of(ticket) == "cancelled"
    shown = page(client.get(base))
    assert "Este ticket está cancelado" in shown
    assert "responder/" not in shown


def test_the_client_escalates_twice_an_hour(client: Client, cast: Cast, ticket: Ticket):
    base = path_of(ticket)
    for _time in range(2):
        assert client.post(f"{base}escalar/", {"reason": "Pagamos nómina hoy"}).status_code == 303

    third = client.post(f"{base}escalar/", {"reason": "¿Y?"})

    assert third.status_code in (409, 429)
    assert Notification.objects.filter(template="tickets/ladder", recipient=cast.elena.email).exists()
    assert "Escalado" in page(client.get(base))


# ------------------------------------------------------------------ outside office hours (story, step 5)


@pytest.fixture
def deferred(imx: Imx, at: Clock) -> Ticket:
    at(LUNCH)
    return imx.open(QUESTION, now=LUNCH)


def test_a_deferred_ticket_says_when_and_may_be_contested_once(client: Client, imx: Imx, deferred: Ticket):
    base = path_of(deferred)
    shown = page(client.get(base))
    assert "Lo atendemos al abrir: hoy a las 16:00" in shown
    assert "¿Ya detuvo su operación?" in shown
    assert shown.index("722 555 0177") < shown.index("<h1")
    assert client.post(f"{base}urge/", {"reason": ""}).status_code == 422

    assert client.post(f"{base}urge/", {"reason": "Ya nadie puede facturar"}).status_code == 303

    contested = Ticket.objects.get(pk=deferred.pk)
    assert contested.lane == "on_call"
    assert Notification.objects.filter(template="tickets/ladder", channel="email").count() == 1
    assert "¿Ya detuvo su operación?" not in page(client.get(base))
    again = client.post(f"{base}urge/", {"reason": "otra vez"})
    assert again.status_code == 409
    assert Message.objects.filter(ticket=deferred).count() == 2


def test_at_the_opening_it_enters_the_line_by_itself(client: Client, imx: Imx, deferred: Ticket, at: Clock):
    opening = LUNCH.replace(hour=22, minute=0)
    run_timers(opening)
    at(opening + timedelta(minutes=1))

    shown = page(client.get(path_of(deferred)))

    assert "Asignado" in shown
    assert "Abrimos: el reporte entró a la fila" in shown
    assert "callfirst" not in shown


def test_when_nobody_answers_the_client_reads_whom_to_call(client: Client, imx: Imx, at: Clock):
    at(NIGHT)
    ticket = imx.open(now=NIGHT)
    minutes = 0
    while not ticket.events.filter(type="ticket.escalation_exhausted").exists():
        minutes += 5
        assert minutes < 300
        run_timers(NIGHT + timedelta(minutes=minutes))
    at(NIGHT + timedelta(minutes=minutes + 1))

    shown = page(client.get(path_of(ticket)))

    assert "Nadie ha confirmado: llame" in shown
    assert "722 555 0177" in shown


def test_reasons_of_the_lane_are_told(client: Client, imx: Imx, deferred: Ticket):
    shown = page(client.get(path_of(deferred)))

    assert "Martes 14:30, fuera de horario de oficina; no afecta su operación en este momento →" in shown


# ------------------------------------------------------------------ after the end


def test_a_word_after_the_end_opens_a_follow_up(client: Client, cast: Cast, resolved: Ticket):
    base = path_of(resolved)
    client.post(f"{base}confirmar/")
    closed = page(client.get(base))
    assert "Abrir un seguimiento" in closed
    key = re.search(r'name="key" value="([^"]+)"', closed)
    assert key

    fields = {"key": key[1], "body": "Volvió a pasar con la factura A-10301"}
    first = client.post(f"{base}responder/", fields)
    second = client.post(f"{base}responder/", fields)

    follower = Ticket.objects.exclude(pk=resolved.pk).get()
    assert first["Location"] == second["Location"] == f"{path_of(follower)}?nuevo=1"
    assert (follower.follows, follower.requester, follower.client) == (resolved, cast.rosa, cast.company)
    assert follower.subject == f"Seguimiento de {resolved.number}: {resolved.subject}"
    assert not follower.affects_operation
    told = page(client.get(first["Location"]))
    assert f"Abrimos este seguimiento ligado a {resolved.number}" in told
    assert f"Sigue en {follower.number}" in page(client.get(base))
    assert resolved.events.filter(type="ticket.followed_up").count() == 1


def test_files_that_went_ahead_follow_into_a_follow_up(client: Client, resolved: Ticket):
    """The ticket was closed while they wrote: what lay ready is neither lost nor sent twice."""
    base = path_of(resolved)
    client.post(f"{base}subidas/", {"files": SimpleUploadedFile("factura.xml", b"<x/>")})
    upload = Upload.objects.get()
    client.post(f"{base}confirmar/")

    fields = {"key": str(uuid.uuid4()), "body": "Volvió a pasar", "uploads": [upload.pk]}
    first, second = (client.post(f"{base}responder/", fields) for _press in range(2))
    late = client.post(f"{base}responder/", {**fields, "key": str(uuid.uuid4())})

    follower = Ticket.objects.exclude(pk=resolved.pk).get()
    assert first["Location"] == second["Location"] == f"{path_of(follower)}?nuevo=1"
    assert MessageFile.objects.get(message__ticket=follower).attachment.filename == "factura.xml"
    assert not Upload.objects.exists()
    assert late.status_code == 422


# ------------------------------------------------------------------ signed in


def test_a_client_reads_their_companys_ticket_and_the_desk_its_own_page(client: Client, cast: Cast, ticket: Ticket):
    client.force_login(cast.rosa.user)
    mine = client.get(f"/tickets/{ticket.number}/")
    assert mine.templates[0].name == "portal/ticket.html"
    assert "Mis tickets" in page(mine)

    client.force_login(cast.elena)
    theirs = client.get(f"/tickets/{ticket.number}/")
    assert theirs.templates[0].name == "tickets/detail.html"


def test_strangers_find_nothing(client: Client, cast: Cast, ticket: Ticket):
    other = factories.Cast("otra-mesa", prefix="OTR", name="Otra Mesa")
    assert client.get(f"/tickets/{ticket.number}/")["Location"].startswith("/entrar/")

    for person in (cast.tom.user, other.rosa.user, other.elena, cast.paola):
        client.force_login(person)
        assert client.get(f"/tickets/{ticket.number}/").status_code == 404
        posted = client.post(f"/tickets/{ticket.number}/cliente/cancelar/", {"reason": "x"})
        assert posted.status_code == 404
    assert status_of(ticket) == ticket.status


def test_a_client_acts_signed_in(client: Client, cast: Cast, resolved: Ticket):
    client.force_login(cast.rosa.user)
    base = f"/tickets/{resolved.number}/"
    assert f'action="{base}cliente/confirmar/"' in page(client.get(base))

    assert client.get(f"{base}cliente/confirmar/").status_code == 302
    assert status_of(resolved) == "resolved"
    assert client.post(f"{base}cliente/confirmar/").status_code == 303
    assert status_of(resolved) == "closed"


def test_signed_in_posts_carry_their_token(cast: Cast, resolved: Ticket):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.rosa.user)

    assert strict.post(f"/tickets/{resolved.number}/cliente/confirmar/").status_code == 403


def test_files_of_other_tickets_and_of_notes_are_not_had_by_link(client: Client, cast: Cast, ticket: Ticket):
    def stored(name: str) -> Attachment:
        return file_actions.store(SimpleUploadedFile(name, b"texto"), now=OFFICE)

    note, foreign, loose = stored("nota.txt"), stored("ajeno.txt"), stored("suelto.txt")
    actions.add_message(ticket, by=factories.actor(cast.elena), now=SOON, body="nota", internal=True, files=[note])
    factories.make_ticket(cast.desk, contact=cast.tom, files=(foreign,))
    client.force_login(cast.rosa.user)

    for file in (note, foreign, loose):
        assert client.get(f"{path_of(ticket)}archivos/{file.pk}/").status_code == 404
        assert client.get(f"/tickets/{ticket.number}/archivos/{file.pk}/").status_code == 404


def test_notes_and_inner_events_are_not_told(client: Client, cast: Cast, ticket: Ticket):
    actions.add_message(ticket, by=factories.actor(cast.elena), now=SOON, body="Cliente difícil", internal=True)

    shown = page(client.get(path_of(ticket)))

    assert "Cliente difícil" not in shown
    assert "nota" not in shown.lower().replace("anota", "")


def test_every_public_fact_has_its_sentence():
    assert [kind for kind in public_kinds() if f"timeline.{kind}" not in wording.catalogue()] == []


def public_kinds() -> set[str]:
    """The kinds of facts that some action records for the client too, read from the code itself."""
    found = set()
    for path in Path(actions.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("record", "event")):
                continue
            is_public = any(
                word.arg == "public" and getattr(word.value, "value", None) is not False for word in node.keywords
            )
            if is_public and isinstance(node.args[1], ast.Constant):
                found.add(str(node.args[1].value))
    assert {"opened", "resolved", "followed_up"} <= found
    return found


# ------------------------------------------------------------------ cost


def test_the_page_costs_the_same_with_many_messages(
    client: Client, cast: Cast, ticket: Ticket, warm, django_assert_num_queries
):
    warm()
    base = path_of(ticket)
    client.get(base)
    with django_assert_num_queries(5):
        client.get(base)
    for n in range(12):
        person = cast.ada if n % 2 else cast.elena
        actions.add_message(ticket, by=factories.actor(person), now=SOON, body=f"Avance {n}")

    with django_assert_num_queries(5):
        client.get(base)


def test_right_after_filing_costs_the_same(client: Client, imx: Imx, warm, at: Clock, django_assert_num_queries):
    at(NIGHT)
    ticket = imx.open(now=NIGHT)
    warm()
    client.get(f"{path_of(ticket)}?nuevo=1")

    with django_assert_num_queries(7):
        client.get(f"{path_of(ticket)}?nuevo=1")


def test_the_number_page_becomes_the_ticket_once_somebody_works_on_it(client: Client, resolved: Ticket):
    assert client.get(f"{path_of(resolved)}?nuevo=1").templates[0].name == "portal/ticket.html"


def test_a_visitors_own_words_are_theirs(client: Client, imx: Imx):
    ticket = imx.open(replace(QUESTION, name="Ana Pérez"), now=OFFICE, by=VISITOR)

    assert "<b>Usted</b>" in page(client.get(path_of(ticket)))
