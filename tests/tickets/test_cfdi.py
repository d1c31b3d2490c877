"""Codes and documents on tickets: linked within the vendor, read into cards, payroll kept from other eyes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import pytest
from django.core.files.base import ContentFile
from django.test import Client as Browser

from accounts.models import User
from clients.models import Contact
from core.actor import VISITOR
from files import actions as file_actions
from files.models import Attachment
from tests.clients.cfdi_samples import HOSTILE, PAYROLL, STAMP, UUID, cfdi, zipped
from tests.factories import OFFICE, Cast, actor, intake
from tests.tickets.conftest import Caller, Clock
from tickets import actions, links, queries
from tickets.models import MessageFile, Ticket, TicketCode, TicketSearch

pytestmark = pytest.mark.django_db

SOON: Final = OFFICE + timedelta(minutes=5)
PLAIN: Final = "Al guardar el cliente nuevo la pantalla queda en blanco y no se guarda nada."


@pytest.fixture(autouse=True)
def _storage(media: Any, at: Clock) -> None:
    """Files of a test lie in its own folder; doors read OFFICE."""


def stored(content: bytes, name: str = "factura.xml") -> Attachment:
    return file_actions.store(ContentFile(content, name), now=OFFICE)


def labels(ticket: Ticket) -> list[str]:
    return list(TicketCode.objects.filter(ticket=ticket).order_by("id").values_list("text", flat=True))


def signed_in(person: User | Contact) -> Browser:
    browser = Browser()
    browser.force_login(person if isinstance(person, User) else person.user)
    return browser


def page_of(person: User | Contact, path: str) -> str:
    response = signed_in(person).get(path)
    assert response.status_code == 200, path
    return response.content.decode()


# ------------------------------------------------------------------ codes


def test_codes_of_report_and_answers_are_kept_once(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.add_message(ticket, by=actor(cast.rosa), now=SOON, body="Ahora CRP20201 y otra vez CFDI40147.")

    assert labels(ticket) == ["CFDI40147", "CRP20201"]
    assert Ticket.objects.get().codes_since == OFFICE


def test_a_plain_message_writes_nothing_more(cast: Cast, django_assert_max_num_queries: Any) -> None:
    ticket = cast.ticket(subject="Pantalla en blanco", description=PLAIN)
    with django_assert_max_num_queries(16) as plain:
        actions.add_message(ticket, by=actor(cast.rosa), now=SOON, body="Sigue igual desde la mañana.")

    with django_assert_max_num_queries(len(plain)):
        actions.add_message(ticket, by=actor(cast.rosa), now=SOON, body="Ahora dice CFDI40147.")
    assert not any("ticketcode" in query["sql"] for query in plain.captured_queries)
    assert labels(ticket) == ["CFDI40147"]
    assert Ticket.objects.get().codes_since == SOON


def test_others_with_the_same_code_this_week(cast: Cast, stranger: Cast) -> None:
    mine = cast.ticket()
    others = [cast.ticket(now=OFFICE - timedelta(days=days)) for days in (1, 3, 9)]
    stranger.ticket()

    page = page_of(cast.ada, f"/tickets/{mine.number}/cfdi/")
    listed = page_of(cast.ada, "/cola/?codigo=CFDI40147")

    assert "Otros 2 con el mismo código esta semana" in page
    assert "/cola/?codigo=CFDI40147" in page
    assert all(f"/tickets/{one.number}/" in listed for one in [mine, *others])
    assert "OTR-" not in listed


def test_the_ticket_asks_for_codes_only_where_there_are_any(cast: Cast) -> None:
    plain = cast.ticket(subject="Pantalla en blanco", description=PLAIN)

    assert f"/tickets/{plain.number}/cfdi/" not in page_of(cast.ada, f"/tickets/{plain.number}/")
    assert f"/tickets/{cast.ticket().number}/cfdi/" in page_of(cast.ada, "/tickets/IMX-2/")


def test_an_unknown_code_finds_nothing_and_says_so(cast: Cast) -> None:
    assert "Ningún ticket que usted ve tiene este código." in page_of(cast.ada, "/cola/?codigo=CFDI40999")
    assert page_of(cast.ada, "/cola/?codigo=%3Cscript%3E")


# ------------------------------------------------------------------ documents


def test_a_document_of_a_report_gets_its_card(cast: Cast, caller: Caller) -> None:
    ticket = cast.ticket(files=(stored(cfdi(STAMP)),))

    assert labels(ticket) == ["CFDI40147", UUID]
    for person in (cast.ada, cast.rosa):
        page = page_of(person, f"/tickets/{ticket.number}/")
        assert "FERRETERIA LA NORTEÑA · FNO180312KX1" in page
        assert "$1,160.00 MXN" in page
        assert "Timbrado el 17 nov 2026, 10:05" in page
    link = Browser().get(f"/t/{links.token(ticket)}/").content.decode()
    assert UUID in link
    files = caller(cast.ada).get(f"/api/v1/tickets/{ticket.number}/messages/").json()["results"][0]["files"]
    assert files[0]["cfdi"]["documents"][0]["uuid"] == UUID


def test_the_issuer_only_proposes_the_company(cast: Cast) -> None:
    ticket = actions.open_ticket(cast.desk, intake(files=(stored(cfdi()),)), by=VISITOR, now=OFFICE)

    assert (ticket.client, ticket.proposed_client) == (None, cast.company)
    assert cast.company.name not in Browser().get(f"/t/{links.token(ticket)}/").content.decode()


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_is_an_ordinary_file(cast: Cast, name: str) -> None:
    kind = "zip" if HOSTILE[name].startswith(b"PK") else "xml"
    ticket = cast.ticket(description=PLAIN, subject="Adjunto", files=(stored(HOSTILE[name], f"archivo.{kind}"),))

    assert MessageFile.objects.get().card is None
    assert ticket.codes_since is None
    assert f"archivo.{kind}" in page_of(cast.ada, f"/tickets/{ticket.number}/")


def test_a_secret_is_not_read(cast: Cast) -> None:
    packed = zipped(cfdi(STAMP), b"0", names=("factura.xml", "csd.key"))
    cast.ticket(description=PLAIN, subject="Adjunto", files=(stored(packed, "todo.zip"),))

    assert not MessageFile.objects.exists()
    assert not TicketCode.objects.exists()


# ------------------------------------------------------------------ payroll


@pytest.fixture
def payroll(cast: Cast) -> Ticket:
    """Ada has it; Rosa sent the receipt of somebody's wages."""
    one = cfdi(PAYROLL, STAMP, kind="N", total="9800.00", receiver="MELR850101AB1")
    files = (stored(zipped(one), "nomina.zip"), stored(b"hola", "nota.txt"))
    ticket = cast.ticket(description=PLAIN, subject="Nómina que no timbra", files=files)
    return actions.assign(ticket, by=actor(cast.elena), now=SOON, assignee=cast.ada.pk)


def colleague(cast: Cast) -> Contact:
    from tests.factories import make_contact

    return make_contact(cast.desk.vendor, "Quique Luna", client=cast.company, account=True)


def readers(cast: Cast) -> Sequence[tuple[User | Contact, bool]]:
    return [
        (cast.ada, True),
        (cast.elena, True),
        (cast.marcela, True),
        (cast.rosa, True),
        (cast.bruno, False),
        (colleague(cast), False),
    ]


def test_payroll_is_for_few(cast: Cast, payroll: Ticket, caller: Caller) -> None:
    file = MessageFile.objects.get(reserved=True)
    address = f"/tickets/{payroll.number}/archivos/{file.attachment_id}/"

    for person, allowed in readers(cast):
        browser, page = signed_in(person), page_of(person, f"/tickets/{payroll.number}/")
        api = caller(person)
        listed = api.get(f"/api/v1/tickets/{payroll.number}/messages/").json()["results"][0]["files"]
        served = api.get(f"/api/v1/tickets/{payroll.number}/files/{file.attachment_id}/").status_code

        assert ("nomina.zip" in page, "9,800.00" in page) == (allowed, allowed), person
        assert "nota.txt" in page
        assert browser.get(address).status_code == (200 if allowed else 404), person
        assert len(listed) == (2 if allowed else 1)
        assert served == (200 if allowed else 404)


def test_who_loses_the_case_loses_its_payroll(cast: Cast, payroll: Ticket) -> None:
    file = MessageFile.objects.get(reserved=True)
    given = actions.assign(payroll, by=actor(cast.elena), now=SOON, assignee=cast.bruno.pk)

    assert queries.attachment(given, actor(cast.ada), file.attachment_id) is None
    assert queries.attachment(given, actor(cast.bruno), file.attachment_id) is not None


def test_the_sender_reads_it_by_the_link_too(cast: Cast, payroll: Ticket) -> None:
    page = Browser().get(f"/t/{links.token(payroll)}/").content.decode()

    assert "nomina.zip" in page
    assert "Reservado: es nómina" in page


def test_payroll_leaves_no_trace_in_search_and_codes(cast: Cast, payroll: Ticket) -> None:
    assert "nomina.zip" not in str(TicketSearch.objects.values_list("staff_tsv", "public_tsv"))
    assert labels(payroll) == []
    assert "Reservado: nómina" in page_of(cast.bruno, f"/tickets/{payroll.number}/")
