"""*Sumar a su proveedor*: nothing goes out before the client agrees, and whoever is outside sees their thread only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client as Browser

from core.errors import Conflict, DomainError, Forbidden, Invalid
from notifications.models import Notification
from tests.tickets.cast import QUESTION, Imx
from tickets import actions, queries, thirdlinks
from tickets.actions import thirdparties
from tickets.models import Clock, Message, TellTask, ThirdParty, Ticket, TicketEvent
from tickets.verbs import VERBS

pytestmark = pytest.mark.django_db

PAC = "soporte@pac-ejemplo.example"


def local(hour: int, minute: int = 0) -> datetime:
    """An hour of Tuesday 17 November 2026 in Mexico City (UTC-6)."""
    return datetime(2026, 11, 17, hour, minute, tzinfo=UTC) + timedelta(hours=6)


def worked(imx: Imx, **reach: str) -> Ticket:
    return actions.take(imx.open(QUESTION, now=local(10), **reach), by=imx.actor("karla"), now=local(10))


def invite(imx: Imx, ticket: Ticket, **changes: object) -> ThirdParty:
    values = {"name": "PAC Ejemplo", "email": PAC, "question": "¿Rechazan el complemento de pago 2.0?", **changes}
    return thirdparties.invite(ticket, by=imx.actor("karla"), now=local(10, 30), **values)


def joined(imx: Imx, ticket: Ticket) -> ThirdParty:
    return thirdparties.grant(invite(imx, ticket), by=imx.requester(ticket), now=local(11))


def mails_to(address: str) -> list[Notification]:
    return list(Notification.objects.filter(recipient=address).order_by("seq"))


def resting(ticket: Ticket) -> set[str]:
    return set(Clock.objects.filter(ticket=ticket, paused_at__isnull=False).values_list("kind", flat=True))


# ------------------------------------------------------------------ consent


def test_nothing_goes_out_before_the_client_agrees(imx: Imx) -> None:
    ticket = worked(imx)
    third = invite(imx, ticket)

    assert mails_to(PAC) == []
    asked = mails_to(ticket.requester_email)[-1]
    assert "PAC Ejemplo" in asked.params["heading"]
    assert asked.params["quote"] == "¿Rechazan el complemento de pago 2.0?"
    assert thirdlinks.read(thirdlinks.token(third), now=local(11)) is None
    with pytest.raises(Conflict):
        thirdparties.write(third, by=imx.actor("karla"), now=local(10, 40), body="¿Hola?")


def test_with_consent_they_get_the_question_and_the_ticket_waits_for_them(imx: Imx) -> None:
    ticket = worked(imx)
    third = joined(imx, ticket)

    (mail,) = mails_to(PAC)
    assert mail.params["quote"] == "¿Rechazan el complemento de pago 2.0?"
    assert ticket.subject not in str(mail.params)
    assert ticket.requester_name not in str(mail.params)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_who) == ("waiting_third_party", "PAC Ejemplo")
    assert resting(ticket) == {"resolution"}
    assert (third.consent, third.answered_at, third.answered_by) == ("granted", local(11), "Rosa Medina")


def test_the_client_may_say_no(imx: Imx) -> None:
    ticket = worked(imx)
    third = thirdparties.refuse(invite(imx, ticket), by=imx.requester(ticket), now=local(11))

    ticket.refresh_from_db()
    assert (third.consent, ticket.status, mails_to(PAC)) == ("refused", "in_progress", [])
    with pytest.raises(Conflict):
        thirdparties.grant(third, by=imx.requester(ticket), now=local(12))


def test_who_has_the_ticket_does_not_agree_for_a_client_with_mail(imx: Imx) -> None:
    ticket = worked(imx)
    third = invite(imx, ticket)

    for name in ("karla", "bruno", "elena"):
        with pytest.raises(Forbidden):
            thirdparties.grant(third, by=imx.actor(name), now=local(11))


def test_a_client_without_mail_agrees_by_telephone(imx: Imx) -> None:
    ticket = worked(imx, email="", phone="722 555 0101")
    third = invite(imx, ticket)
    assert TellTask.objects.filter(ticket=ticket, code="consent").count() == 1

    thirdparties.grant(third, by=imx.actor("karla"), now=local(11))

    entry = TicketEvent.objects.get(ticket=ticket, type="ticket.third_party_joined")
    assert entry.data["by_phone"] is True
    assert len(mails_to(PAC)) == 1


@pytest.mark.parametrize(
    ("field", "changes"),
    [("name", {"name": " "}), ("email", {"email": "pac"}), ("question", {"question": ""})],
)
def test_what_is_missing_is_named(imx: Imx, field: str, changes: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refusal:
        invite(imx, worked(imx), **changes)

    assert [error.field for error in refusal.value.errors] == [field]


def test_the_same_address_has_one_thread(imx: Imx) -> None:
    ticket = worked(imx)
    invite(imx, ticket)

    with pytest.raises(Invalid):
        invite(imx, ticket, email=PAC.upper())


# ------------------------------------------------------------------ the thread


def test_their_answer_ends_the_wait_and_is_not_the_clients_to_read(imx: Imx) -> None:
    ticket = worked(imx)
    third = joined(imx, ticket)
    outside = thirdlinks.actor_of(third)

    message = thirdparties.write(third, by=outside, now=local(12), body="Sí, por la versión del catálogo.")

    ticket.refresh_from_db()
    assert (ticket.status, resting(ticket)) == ("in_progress", set())
    rosa = imx.requester(ticket)
    assert message.pk not in {line.message.pk for line in queries.conversation(ticket, rosa)}
    assert message.pk in {line.message.pk for line in queries.conversation(ticket, imx.actor("karla"))}
    assert mails_to(ticket.requester_email)[-1].key.startswith("resumed/")
    assert ticket.last_word != "client"


def test_what_is_shared_is_an_answer_to_the_client(imx: Imx) -> None:
    ticket = worked(imx)
    third = joined(imx, ticket)
    message = thirdparties.write(third, by=thirdlinks.actor_of(third), now=local(12), body="Es el catálogo.")

    for _twice in range(2):
        thirdparties.share(ticket, by=imx.actor("karla"), now=local(12, 30), message=message.pk)

    rosa = imx.requester(ticket)
    assert message.pk in {line.message.pk for line in queries.conversation(ticket, rosa)}
    told = [mail for mail in mails_to(ticket.requester_email) if mail.key.startswith("shared/")]
    assert [mail.params["quote"] for mail in told] == ["Es el catálogo."]
    ticket.refresh_from_db()
    assert ticket.answered_at == local(12, 30)


def test_they_see_their_thread_and_nothing_else(imx: Imx) -> None:
    ticket = worked(imx)
    actions.add_message(ticket, by=imx.actor("karla"), now=local(10, 10), body="Dato del cliente: RFC y contraseña no")
    third = joined(imx, ticket)
    outside = thirdlinks.actor_of(third)
    other = thirdparties.grant(
        invite(imx, ticket, name="Otro", email="otro@x.example", question="Otra cosa"),
        by=imx.requester(ticket),
        now=local(12),
    )

    seen = [line.message.body for line in queries.conversation(ticket, outside)]
    assert seen == ["¿Rechazan el complemento de pago 2.0?"]
    assert not Ticket.objects.visible_to(outside).exists()
    assert not any(verb.allows(ticket, outside) for verb in VERBS.values())
    with pytest.raises(DomainError):
        thirdparties.write(other, by=outside, now=local(13), body="Me cuelo")
    with pytest.raises(DomainError):
        actions.add_message(ticket, by=outside, now=local(13), body="Me cuelo")


def test_taken_out_their_link_opens_nothing(imx: Imx) -> None:
    ticket = worked(imx)
    third = joined(imx, ticket)
    token = thirdlinks.token(third)
    assert Browser().get(f"/tercero/{token}/").status_code == 200

    for _twice in range(2):
        third = thirdparties.remove(third, by=imx.actor("karla"), now=local(12))

    assert Browser().get(f"/tercero/{token}/").status_code == 404
    with pytest.raises(Conflict):
        thirdparties.write(third, by=thirdlinks.actor_of(third), now=local(13), body="¿Sigo?")
    assert Message.objects.filter(thread=third).count() == 1


def test_search_of_a_client_finds_only_what_was_shared(imx: Imx) -> None:
    from django.contrib.postgres.search import SearchQuery

    from tickets.models import TicketSearch

    ticket = worked(imx)
    third = joined(imx, ticket)
    message = thirdparties.write(third, by=thirdlinks.actor_of(third), now=local(12), body="El catálogo zapote")
    query = SearchQuery("zapote", config="es_unaccent")

    assert not TicketSearch.objects.filter(public_tsv=query).exists()
    assert TicketSearch.objects.filter(staff_tsv=query).exists()
    thirdparties.share(ticket, by=imx.actor("karla"), now=local(13), message=message.pk)
    assert TicketSearch.objects.filter(public_tsv=query).exists()


def test_a_message_that_is_refused_stays_in_its_box(imx: Imx, client: Browser) -> None:
    ticket = worked(imx)
    third = joined(imx, ticket)
    client.force_login(imx.user("karla"))
    address = f"/tickets/{ticket.number}/proveedores/{third.pk}/escribir/"

    empty = client.post(address, {"body": "   "})
    long = client.post(address, {"body": "x" * 60_000})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert long.context["threads"][0]["typed"] == "x" * 60_000
    assert long.context["threads"][0]["fault"]
    assert client.post(address, {"body": "¿Ya timbra?"}).status_code == 302
