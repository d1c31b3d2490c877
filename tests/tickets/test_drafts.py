"""Drafts: kept while one types, on any machine, shared and taken over, never in the clear and never for ever."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients import rotation
from helpdesk import housekeeping
from tests.factories import OFFICE, Cast, actor
from tests.tickets.conftest import Clock
from tests.tickets.test_views_queue import browse
from tickets import actions, drafts
from tickets.actions import drafting
from tickets.actions.drafting import DraftGone, Typed
from tickets.models import Draft, Message, Ticket

MINUTE = timedelta(minutes=1)
TEXTS = st.sampled_from(["", " ", "a", "b", "ab", "ba", "a b", "ab ", " aba", "baab"])


@pytest.fixture
def ticket(cast: Cast, at: Clock) -> Ticket:
    return actions.take(cast.ticket(), by=actor(cast.ada), now=OFFICE)


def saved(ticket: Ticket, cast: Cast, body: str, *, base: int | None = None, **typed: Any) -> drafting.Saved:
    return drafting.save(ticket, by=actor(cast.ada), now=OFFICE, typed=Typed(body, **typed), base=base)


def page(browser: Any, ticket: Ticket) -> Any:
    return browser.get(f"/tickets/{ticket.number}/")


# ------------------------------------------------------------------ what is kept of what was written over


@pytest.mark.parametrize(
    ("body", "others", "kept"),
    [
        pytest.param("Hola Rosa", ["Hola"], (), id="it grew"),
        pytest.param("Hola", ["Hola Rosa"], ("Hola Rosa",), id="it was cut"),
        pytest.param("a b", ["c", "c d", "c d e"], ("c d e",), id="another that grew is one"),
        pytest.param("", ["uno", "dos", "uno"], ("dos", "uno"), id="each once, the newest last"),
        pytest.param("", [" ", ""], (), id="nothing is nothing"),
    ],
)
def test_what_says_something_else_is_kept(body: str, others: list[str], kept: tuple[str, ...]) -> None:
    assert drafts.kept_texts(body, others) == kept


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, st.lists(TEXTS, max_size=drafts.MAX_OTHERS))
def test_no_text_is_lost(body: str, others: list[str]) -> None:
    kept = drafts.kept_texts(body, others)

    assert all(any(text.strip() in held for held in (body, *kept)) for text in others)
    assert drafts.kept_texts(body, kept) == kept


# ------------------------------------------------------------------ saving


def test_a_draft_waits_on_another_machine(cast: Cast, ticket: Ticket) -> None:
    form = {"body": "Rosa, le confirmo", "after": "wait", "kind": "reply", "version": "2-1", "draft": "0"}
    first = browse(cast.ada).post(f"/tickets/{ticket.number}/borrador/", form, headers={"Accept": "application/json"})
    second = page(browse(cast.ada), ticket)

    assert first.json() == {"version": 1, "at": "10:42", "clash": False, "hid": False}
    box = second.context["composer"]
    assert (box["form"]["body"].value(), box["form"]["after"].value()) == ("Rosa, le confirmo", "wait")
    assert "Borrador guardado hoy 10:42" in second.content.decode()
    assert not page(browse(cast.bruno), ticket).context["composer"]["form"]["body"].value()  # nobody else's


def test_the_buttons_do_it_without_script(cast: Cast, ticket: Ticket) -> None:
    browser = browse(cast.ada)
    browser.post(f"/tickets/{ticket.number}/borrador/", {"body": "Van tres iguales", "kind": "note"})
    assert page(browser, ticket).context["composer"]["form"]["kind"].value() == "note"

    browser.post(f"/tickets/{ticket.number}/borrador/descartar/")
    assert not page(browser, ticket).context["composer"]["form"]["body"].value()
    ticket.refresh_from_db()
    assert ticket.drafts_since is None  # the page asks for none any more


def test_two_tabs_lose_nothing(cast: Cast, ticket: Ticket) -> None:
    first = saved(ticket, cast, "Desde el escritorio", base=0)
    other = saved(ticket, cast, "Desde el teléfono", base=0)
    grown = saved(ticket, cast, "Desde el teléfono, ya en camino", base=other.version)

    shown = page(browse(cast.ada), ticket)
    assert (first.clash, other.clash, grown.clash) == (False, True, False)
    assert shown.context["composer"]["form"]["body"].value() == "Desde el teléfono, ya en camino"
    assert shown.context["above"]["others"] == ["Desde el escritorio"]


def test_what_another_machine_holds_is_kept_beside_or_stays_there(cast: Cast, ticket: Ticket) -> None:
    browser, address = browse(cast.ada), f"/tickets/{ticket.number}/borrador/"
    form, headers = {"body": "Sin red", "aside": "1"}, {"Accept": "application/json"}
    saved(ticket, cast, "Con red", base=0)

    kept = browser.post(address, form, headers=headers)
    assert page(browser, ticket).context["above"]["others"] == ["Sin red"]
    drafting.discard(ticket, by=actor(cast.ada))
    gone = browser.post(address, form, headers=headers)

    # 200 says to the machine that it may forget its text.
    assert (kept.status_code, gone.status_code) == (200, 409)


def test_what_was_discarded_does_not_come_back_by_itself(cast: Cast, ticket: Ticket) -> None:
    version = saved(ticket, cast, "Esto no", base=0).version
    drafting.discard(ticket, by=actor(cast.ada))

    with pytest.raises(DraftGone):
        saved(ticket, cast, "Esto no tampoco", base=version)
    assert not Draft.objects.exists()
    assert saved(ticket, cast, "  ", base=0).version == 0  # nothing typed is no draft


def test_who_is_not_of_the_desk_writes_no_draft(cast: Cast, stranger: Cast, ticket: Ticket) -> None:
    address = f"/tickets/{ticket.number}/borrador/"
    assert browse(cast.rosa.user).post(address, {"body": "x"}).status_code == 403
    assert browse(stranger.ada).post(address, {"body": "x"}).status_code == 404


# ------------------------------------------------------------------ secrets


def test_nothing_of_a_draft_is_in_the_clear(cast: Cast, ticket: Ticket) -> None:
    """Not in the database, the search, the timeline or the API; a password not even sealed."""
    kept = saved(ticket, cast, "Palabraúnica para Rosa. Contraseña: Zafiro-77", base=0)
    drafting.share(ticket, by=actor(cast.ada), now=OFFICE)
    held = Draft.objects.get().contents.body

    assert kept.hid
    assert held == f"Palabraúnica para Rosa. Contraseña: {drafts.MARK}"
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', ["%Palabraúnica%"])  # noqa: S608
            assert cursor.fetchone()[0] == 0, table


def test_the_keys_of_the_vault_change(cast: Cast, ticket: Ticket, settings: Any) -> None:
    saved(ticket, cast, "Rosa, le confirmo", base=0)
    settings.VAULT_KEYS = [base64.urlsafe_b64encode(b"n" * 32).decode(), *settings.VAULT_KEYS]

    assert "drafts" in rotation.all_kinds()
    call_command("rotate_vault")

    settings.VAULT_KEYS = settings.VAULT_KEYS[:1]
    assert Draft.objects.get().contents.body == "Rosa, le confirmo"
    settings.VAULT_KEYS = [base64.urlsafe_b64encode(b"z" * 32).decode()]
    assert page(browse(cast.ada), ticket).status_code == 200  # a lost key loses the text and not the page


def test_drafts_are_kept_for_thirty_days(cast: Cast, ticket: Ticket) -> None:
    saved(ticket, cast, "Rosa, le confirmo", base=0)

    assert housekeeping.old_drafts(OFFICE + drafts.KEPT) == 0
    assert housekeeping.old_drafts(OFFICE + drafts.KEPT + MINUTE) == 1
    ticket.refresh_from_db()
    assert ticket.drafts_since is None


# ------------------------------------------------------------------ two people


def test_a_shared_draft_is_gone_on_with(cast: Cast, ticket: Ticket) -> None:
    ada, bruno = browse(cast.ada), browse(cast.bruno)
    bruno.post(f"/tickets/{ticket.number}/borrador/", {"body": "Lo mío"})
    ada.post(f"/tickets/{ticket.number}/borrador/compartir/", {"body": "Rosa, le confirmo", "kind": "reply"})

    (shared,) = page(bruno, ticket).context["above"]["shared"]
    answer = bruno.post(shared["href"])
    again = bruno.post(shared["href"])

    assert (shared["name"], shared["body"]) == ("Ada Lozano", "Rosa, le confirmo")
    assert (answer.status_code, again.status_code) == (302, 409)
    theirs = page(bruno, ticket)
    assert theirs.context["composer"]["form"]["body"].value() == "Rosa, le confirmo"
    assert theirs.context["above"]["others"] == ["Lo mío"]
    assert "Bruno Ortega tomó este borrador y lo continúa" in page(ada, ticket).content.decode()
    assert "Bruno Ortega continúa el borrador de Ada Lozano" in theirs.content.decode()


def test_a_draft_is_shared_until_its_author_withdraws_it(cast: Cast, ticket: Ticket) -> None:
    ada = browse(cast.ada)
    ada.post(f"/tickets/{ticket.number}/borrador/compartir/", {"body": "Rosa, le confirmo"})
    ada.post(f"/tickets/{ticket.number}/borrador/compartir/", {"retirar": "1"})

    assert page(browse(cast.bruno), ticket).context["above"]["shared"] == []


# ------------------------------------------------------------------ the client wrote since


def test_a_draft_of_days_ago_remembers_what_its_writer_had_read(cast: Cast, ticket: Ticket, at: Clock) -> None:
    saved(ticket, cast, "¿Me confirma el CP?", base=0, seen_seq=ticket.last_seq)
    later = OFFICE + timedelta(days=2)
    actions.add_message(ticket, by=actor(cast.rosa), now=later, body="Es 50090.")
    at(later + MINUTE)
    browser = browse(cast.ada)

    shown = page(browser, ticket)
    form = shown.context["composer"]["form"]
    fields = {name: form[name].value() for name in ("body", "kind", "after", "version", "draft", "key")}
    refused = browser.post(f"/tickets/{ticket.number}/responder/", fields)
    kept = page(browser, ticket).context["composer"]["form"]

    assert "Rosa Medina escribió después de que usted empezó este borrador" in shown.content.decode()
    assert refused.status_code == 409
    assert refused.context["composer"]["form"]["body"].value() == "¿Me confirma el CP?"
    assert kept["body"].value() == "¿Me confirma el CP?"
    assert not Message.objects.filter(body="¿Me confirma el CP?").exists()
    fields |= {name: refused.context["composer"]["form"][name].value() for name in ("version", "draft")}
    assert browser.post(f"/tickets/{ticket.number}/responder/", fields).status_code == 302  # they read it
    assert not page(browser, ticket).context["composer"]["form"]["body"].value()


def test_a_plain_ticket_costs_no_statement_more(cast: Cast, ticket: Ticket, django_assert_num_queries: Any) -> None:
    browser = browse(cast.ada)
    for _time in range(2):
        page(browser, ticket)
    with django_assert_num_queries(9):
        page(browser, ticket)
    saved(ticket, cast, "Rosa, le confirmo", base=0)
    with django_assert_num_queries(11):
        page(browser, ticket)
