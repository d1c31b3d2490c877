"""A ticket's page, its verbs and its replies, by their doors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from core.actor import SYSTEM
from notifications.models import Notification
from schedules.actions import firing
from tests import factories
from tests.factories import NIGHT, OFFICE, SATURDAY, Cast
from tests.tickets.conftest import Clock
from tests.tickets.test_views_queue import browse
from tickets import actions, drafts, reasons
from tickets.models import Message, Ticket, TicketEvent
from tickets.verbs import VERBS


@pytest.fixture
def taken(cast: Cast, at: Clock) -> Ticket:
    return actions.take(cast.ticket(phone="722 555 0198"), by=factories.actor(cast.ada), now=OFFICE)


def leaves() -> None:
    """The ten seconds of the replies that were pressed are over."""
    firing.fire_due(now=OFFICE + drafts.HOLD)


def panel(browser: Browser, ticket: Ticket) -> Any:
    return browser.get(f"/tickets/{ticket.number}/panel/")


# ------------------------------------------------------------------ the page


def test_the_page_shows_conversation_clocks_and_reasons(cast: Cast, taken: Ticket) -> None:
    ada = factories.actor(cast.ada)
    actions.add_message(taken, by=ada, now=OFFICE, body="Ya lo reviso.")
    actions.add_message(taken, by=factories.actor(cast.bruno), now=OFFICE, body="Van tres iguales.", internal=True)

    page = panel(browse(cast.ada), taken)
    text = page.content.decode()

    assert page.status_code == 200
    assert [entry["side"] for entry in page.context["thread"] if entry["kind"] == "message"] == [
        "client",
        "team",
        "note",
    ]
    assert "1.ª respuesta en 0 min" in text
    assert "Martes 10:42, en horario de oficina; no afecta la operación → lo atiende la mesa" in text
    assert [clock["name"] for clock in page.context["clocks"]] == ["Primera respuesta", "Próximo avance", "Solución"]


def test_a_night_case_says_why_and_who(cast: Cast, at: Clock) -> None:
    ticket = cast.ticket(request_type="operational_question", affects_operation=True, now=SATURDAY)
    at(SATURDAY)

    page = panel(browse(cast.elena), ticket)

    history = [line for entry in page.context["history"] for line in entry["why"]]
    assert "Sábado 15:20, fuera de oficina; afecta la operación → en turno: Ada Lozano" in history
    assert page.context["ladder"]["steps"][0]["name"] == "Ada Lozano"
    assert page.context["ladder"]["href"].endswith("/acknowledge/")  # Elena supervises


def test_who_was_woken_answers_where_they_look_first(cast: Cast, at: Clock) -> None:
    ticket = cast.ticket(request_type="system_down", affects_operation=True, now=SATURDAY)
    at(SATURDAY)
    browser = browse(cast.ada)

    page = panel(browser, ticket)
    form = browser.get(f"/tickets/{ticket.number}/escalate/").context["action"]
    (notice,) = page.context["notices"]
    browser.post(notice["href"])

    assert (notice["action"], notice["post"]) == ("Enterado", True)
    assert notice["text"].endswith("sigue Elena Robles: 15:30.")
    shown = [button["text"] for button in page.context["buttons"]]
    assert shown == ["Resolver…", "No puedo resolverlo", "Atenderlo yo"]
    assert form["title"] == "No puedo resolverlo"
    assert panel(browser, ticket).context["notices"] == [], "once it is said it is not asked for"


def test_a_client_without_mail_becomes_a_task_that_is_ticked(cast: Cast, at: Clock) -> None:
    ticket = factories.make_ticket(cast.desk, email="", phone="722 555 0198", name="Don Chuy")
    browser = browse(cast.ada)

    (notice,) = [n for n in panel(browser, ticket).context["notices"] if n["post"]]
    answer = browser.post(notice["href"])

    assert "722 555 0198" in notice["title"]
    assert answer.status_code == 302
    assert not [n for n in panel(browser, ticket).context["notices"] if n["post"]]
    assert TicketEvent.objects.filter(ticket=ticket, type="ticket.client_told").exists()


def test_a_proposed_company_is_accepted_with_one_click(cast: Cast, at: Clock) -> None:
    ticket = factories.make_ticket(cast.desk, client=None, client_rfc="FNO180312KX1", by=SYSTEM)
    Ticket.objects.filter(pk=ticket.pk).update(client=None, proposed_client=cast.company)
    browser = browse(cast.ada)

    proposed = panel(browser, ticket).context["client"]["proposed"]
    browser.post(proposed["accept_href"])

    ticket.refresh_from_db()
    assert "Ferretería La Norteña" in proposed["text"]
    assert (ticket.client_id, ticket.proposed_client_id) == (cast.company.pk, None)
    assert browser.post(f"/tickets/{ticket.number}/empresa/").status_code == 403


def test_ten_messages_cost_nine_statements(cast: Cast, taken: Ticket, django_assert_num_queries: Any) -> None:
    for n in range(9):
        actions.add_message(taken, by=factories.actor(cast.ada), now=OFFICE, body=f"Avance {n}")
    browser = browse(cast.ada)
    panel(browser, taken)

    with django_assert_num_queries(9):
        page = panel(browser, taken)

    assert len([entry for entry in page.context["thread"] if entry["kind"] == "message"]) == 10


def test_every_fact_has_its_words_for_both_readers(cast: Cast, at: Clock) -> None:
    from desks import queries as desk_queries

    config = desk_queries.config(cast.desk)
    ticket = cast.ticket()
    for kind in reasons.SENTENCES:
        event = TicketEvent(
            ticket=ticket, type=f"ticket.{kind}", at=OFFICE, recorded_at=OFFICE, actor_label="Ada", data={}
        )
        assert reasons.sentence(event, config, staff=True) != kind
    for event in TicketEvent.objects.filter(public=True):
        assert reasons.sentence(event, config, staff=False)


# ------------------------------------------------------------------ replies


def test_a_reply_reaches_the_client(cast: Cast, taken: Ticket) -> None:
    answer = browse(cast.ada).post(f"/tickets/{taken.number}/responder/", {"kind": "reply", "body": "¿Qué versión?"})
    assert not Message.objects.filter(ticket=taken, body="¿Qué versión?").exists()
    leaves()

    assert answer.status_code == 302
    assert Message.objects.filter(ticket=taken, internal=False, body="¿Qué versión?").exists()
    assert Notification.objects.filter(recipient=cast.rosa.email, key__startswith="message/").count() == 1


def test_a_note_stays_in_the_house(cast: Cast, taken: Ticket) -> None:
    browse(cast.bruno).post(f"/tickets/{taken.number}/responder/", {"kind": "note", "body": "Van tres iguales."})

    assert Message.objects.get(ticket=taken, seq=2).internal is True
    assert not Notification.objects.filter(key__startswith="message/").exists()


def test_send_and_wait_tells_the_client_once(cast: Cast, taken: Ticket) -> None:
    before = Notification.objects.filter(recipient=cast.rosa.email).count()

    browse(cast.ada).post(f"/tickets/{taken.number}/responder/", {"body": "¿Qué versión?", "after": "wait"})
    leaves()

    taken.refresh_from_db()
    assert (taken.status, taken.waiting_reason) == ("waiting_client", "¿Qué versión?")
    assert Notification.objects.filter(recipient=cast.rosa.email).count() == before + 1


def test_send_as_the_solution_resolves(cast: Cast, taken: Ticket) -> None:
    browse(cast.ada).post(f"/tickets/{taken.number}/responder/", {"body": "Se corrigió el CP.", "after": "resolve"})
    leaves()

    taken.refresh_from_db()
    assert taken.status == "resolved"
    assert Message.objects.get(ticket=taken, is_solution=True).body == "Se corrigió el CP."


def test_files_go_with_the_reply(cast: Cast, taken: Ticket, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    upload = SimpleUploadedFile("guia.pdf", b"%PDF-1.4 guia")
    browser = browse(cast.ada)

    browser.post(f"/tickets/{taken.number}/responder/", {"body": "Va la guía.", "files": [upload]})
    leaves()
    written = [entry for entry in panel(browser, taken).context["thread"] if entry["kind"] == "message"]
    (file,) = written[-1]["files"]

    assert file["name"] == "guia.pdf"
    assert browser.get(file["href"]).status_code == 200
    assert browse(cast.rosa.user).get(file["href"]).status_code == 200
    assert browse(cast.tom.user).get(file["href"]).status_code == 404


def test_an_empty_reply_comes_back(cast: Cast, taken: Ticket) -> None:
    answer = browse(cast.ada).post(f"/tickets/{taken.number}/responder/", {"body": "  "})

    assert answer.status_code == 422
    assert answer.context["composer"]["form"].errors
    assert Message.objects.filter(ticket=taken).count() == 1


def test_a_reply_to_a_ticket_that_was_closed_meanwhile_is_not_lost(cast: Cast, taken: Ticket) -> None:
    actions.cancel(taken, by=factories.actor(cast.elena), now=OFFICE, reason="Duplicado.")

    answer = browse(cast.ada).post(f"/tickets/{taken.number}/responder/", {"body": "Ya quedó la nueva versión."})

    assert answer.status_code == 409
    assert answer.context["composer"]["form"]["body"].value() == "Ya quedó la nueva versión."
    assert not Message.objects.filter(body="Ya quedó la nueva versión.").exists()


def test_who_writes_across_the_client_reads_them_first(cast: Cast, taken: Ticket) -> None:
    browser = browse(cast.ada)
    seen = panel(browser, taken).context["composer"]["form"].initial["version"]
    actions.add_message(taken, by=factories.actor(cast.rosa), now=OFFICE, body="Ya quedó, gracias.")

    refused = browser.post(f"/tickets/{taken.number}/responder/", {"body": "Sigo revisando.", "version": seen})
    form = refused.context["composer"]["form"]
    again = browser.post(
        f"/tickets/{taken.number}/responder/", {"body": form["body"].value(), "version": form["version"].value()}
    )

    assert refused.status_code == 409
    assert form["body"].value() == "Sigo revisando."
    assert "Rosa Medina escribió mientras usted redactaba" in refused.content.decode()
    leaves()
    assert again.status_code == 302
    assert Message.objects.filter(ticket=taken, body="Sigo revisando.").count() == 1


# ------------------------------------------------------------------ verbs


def test_every_verb_has_a_page_of_its_own(cast: Cast, taken: Ticket) -> None:
    browser = browse(cast.elena)
    theirs = {"contest", "confirm", "reopen", "ask-executive"}

    for verb in VERBS:
        expected = 403 if verb in theirs else 200
        assert browser.get(f"/tickets/{taken.number}/{verb}/").status_code == expected, verb


def test_a_verb_goes_on_to_the_ticket(cast: Cast, taken: Ticket) -> None:
    answer = browse(cast.ada).post(f"/tickets/{taken.number}/resolve/", {"solution": "Se corrigió el CP."})

    taken.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, f"/tickets/{taken.number}/")
    assert taken.status == "resolved"


def test_a_verb_without_its_value_comes_back(cast: Cast, taken: Ticket) -> None:
    answer = browse(cast.ada).post(f"/tickets/{taken.number}/resolve/", {"solution": ""})

    assert answer.status_code == 422
    assert answer.context["form"].errors["solution"]


def test_an_hour_that_is_over_comes_back_at_its_field(cast: Cast, taken: Ticket) -> None:
    data = {"method": "remote", "day": "2026-11-17", "hour": "9:15", "minutes": "30"}

    answer = browse(cast.ada).post(f"/tickets/{taken.number}/schedule/", data)

    assert answer.status_code == 422
    assert "hour" in answer.context["form"].errors


def test_a_state_that_does_not_allow_it_is_told(cast: Cast, taken: Ticket) -> None:
    actions.resolve(taken, by=factories.actor(cast.ada), now=OFFICE, solution="Listo.")

    answer = browse(cast.ada).post(f"/tickets/{taken.number}/wait/", {"reason": "¿?"})

    assert answer.status_code == 409
    assert f"/tickets/{taken.number}/" in answer.content.decode()


def test_who_is_second_reads_who_was_first(cast: Cast, taken: Ticket) -> None:
    answer = browse(cast.bruno).post(f"/tickets/{taken.number}/take/")

    assert answer.status_code == 409
    assert "Ada Lozano acaba de tomar este ticket" in answer.content.decode()


def test_a_client_uses_none_of_these(cast: Cast, taken: Ticket) -> None:
    browser = browse(cast.rosa.user)

    assert browser.post(f"/tickets/{taken.number}/resolve/", {"solution": "x"}).status_code == 403
    assert browser.post(f"/tickets/{taken.number}/responder/", {"body": "x"}).status_code == 403
    assert panel(browser, taken).status_code == 403


# ------------------------------------------------------------------ escalations


def climbing(cast: Cast) -> Ticket:
    return cast.ticket(request_type="system_down", now=NIGHT, phone="722 555 0163")


def test_what_climbs_is_on_the_page(cast: Cast, at: Clock) -> None:
    ticket = climbing(cast)
    at(NIGHT)

    page = browse(cast.marcela).get("/escalamientos/")
    (climb,) = page.context["climbs"]

    assert (climb["number"], climb["tone"], climb["reason"]) == (ticket.number, "bad", "guardia, afecta la operación")
    assert [rung["name"] for rung in climb["rungs"][:3]] == ["Ada Lozano", "Elena Robles", "Marcela Ibarra"]
    assert climb["rungs"][0]["alarm"] == "sin confirmar"
    assert climb["phone"]["href"] == "tel:+527225550163"


def test_the_hours_of_an_office_ladder_are_those_of_its_clock(cast: Cast, at: Clock) -> None:
    ticket = cast.ticket(request_type="system_down")
    told_at = OFFICE + timedelta(minutes=12)  # 80 % of a quarter of an hour
    firing.fire_due(now=told_at)
    at(told_at)

    (climb,) = browse(cast.marcela).get("/escalamientos/").context["climbs"]
    side = panel(browse(cast.marcela), ticket).context["ladder"]

    assert [rung["at"] for rung in climb["rungs"]] == ["", "10:57", "11:27"]
    assert [step["at"] for step in side["steps"]] == ["", "10:57", "11:27"]
    assert side["pill"] == "sube en 3 min"
    assert climb["rungs"][1]["note"] == "a las 10:57"
    at(told_at - timedelta(days=1))
    (climb,) = browse(cast.marcela).get("/escalamientos/").context["climbs"]
    assert climb["rungs"][1]["note"] == "mar 10:57", "a day has no hour before it"


def test_the_manager_takes_it_over_with_one_click(cast: Cast, at: Clock) -> None:
    ticket = actions.take(climbing(cast), by=factories.actor(cast.ada), now=NIGHT)
    ticket = actions.escalate(ticket, by=factories.actor(cast.ada), now=NIGHT, reason="No monta la base.")
    at(NIGHT)
    browser = browse(cast.marcela)

    (climb,) = browser.get("/escalamientos/").context["climbs"]
    answer = browser.post(climb["take_href"])

    ticket.refresh_from_db()
    assert answer["Location"] == "/escalamientos/"
    assert (ticket.assignee_id, ticket.status) == (cast.marcela.pk, "in_progress")
    assert browse(cast.bruno).post(climb["take_href"]).status_code == 403


def test_the_manager_hands_it_on_and_stays_on_the_page(cast: Cast, at: Clock) -> None:
    ticket = climbing(cast)
    at(NIGHT)
    browser = browse(cast.marcela)

    (climb,) = browser.get("/escalamientos/").context["climbs"]
    answer = browser.post(
        climb["assign_href"], {"assignee": cast.bruno.pk}, HTTP_REFERER="http://testserver/escalamientos/"
    )

    ticket.refresh_from_db()
    assert answer["Location"] == "/escalamientos/"
    assert (ticket.assignee_id, ticket.status) == (cast.bruno.pk, "assigned")


def test_what_expires_within_the_hour_is_at_risk(cast: Cast, at: Clock) -> None:
    soon = cast.ticket(request_type="system_down")
    cast.ticket()

    page = browse(cast.elena).get("/escalamientos/?ver=en-riesgo")

    assert [climb["number"] for climb in page.context["climbs"]] == [soon.number]
    assert page.context["stats"][2]["value"] == "1"


def test_what_ended_says_who_answered_and_how_fast(cast: Cast, at: Clock) -> None:
    ticket = climbing(cast)
    actions.acknowledge(ticket, by=factories.actor(cast.ada), now=NIGHT.replace(minute=14))
    actions.take(ticket, by=factories.actor(cast.ada), now=NIGHT.replace(minute=20))
    at(NIGHT.replace(hour=6))

    (row,) = browse(cast.elena).get("/escalamientos/?ver=cerrados").context["closed"]

    assert (row["number"], row["acknowledged"], row["took"]) == (ticket.number, "Ada Lozano, en 4 min", "10 min")


@pytest.mark.parametrize("count", [1, 12])
def test_escalations_cost_the_same_with_many(cast: Cast, at: Clock, django_assert_num_queries: Any, count: int) -> None:
    for _n in range(count):
        climbing(cast)
    at(NIGHT)
    browser = browse(cast.marcela)
    browser.get("/escalamientos/")

    with django_assert_num_queries(12):
        page = browser.get("/escalamientos/")

    assert len(page.context["climbs"]) == count
