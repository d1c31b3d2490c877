"""The verbs of the contract: who may, from where to where, what is written and who is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import InternalError, transaction
from django.db.utils import IntegrityError

from core.errors import AlreadyTaken, Conflict, Forbidden, Invalid, TransitionNotAllowed
from notifications.models import Notification
from tests.tickets.cast import QUESTION, Imx, run_timers
from tickets import actions, counts, links
from tickets.actions import record
from tickets.models import Message, QueueDelta, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def types(ticket: Ticket) -> list[str]:
    return [
        t.removeprefix("ticket.")
        for t in TicketEvent.objects.filter(ticket=ticket).order_by("id").values_list("type", flat=True)
    ]


def test_take_makes_it_mine(imx: Imx) -> None:
    ticket = imx.open(now=NOW)

    ticket = actions.take(ticket, by=imx.actor("karla"), now=later(1))

    assert (ticket.status, ticket.assignee.name, ticket.version) == ("in_progress", "Karla Jiménez", 2)


def test_the_second_to_take_reads_who_has_it(imx: Imx) -> None:
    ticket = imx.open(now=NOW)
    actions.take(ticket, by=imx.actor("karla"), now=later(1))

    with pytest.raises(AlreadyTaken) as refusal:
        actions.take(ticket, by=imx.actor("bruno"), now=later(1))

    assert refusal.value.extra["assignee"]["name"] == "Karla Jiménez"


def test_sales_and_clients_take_nothing(imx: Imx) -> None:
    ticket = imx.open(now=NOW)

    for actor in (imx.actor("paola"), imx.requester(ticket)):
        with pytest.raises(Forbidden):
            actions.take(ticket, by=actor, now=later(1))


@pytest.mark.parametrize(("name", "allowed"), [("karla", True), ("elena", True), ("marcela", True), ("bruno", False)])
def test_only_the_assignee_and_those_above_resolve(imx: Imx, name: str, allowed: bool) -> None:
    ticket = imx.open(now=NOW)
    ticket = actions.take(ticket, by=imx.actor("karla"), now=later(1))

    if allowed:
        after = actions.resolve(ticket, by=imx.actor(name), now=later(9), solution="Se corrigió el CP")
        assert (after.status, after.resolved_at) == ("resolved", later(9))
    else:
        with pytest.raises(Forbidden):
            actions.resolve(ticket, by=imx.actor(name), now=later(9), solution="Se corrigió el CP")


def test_resolving_tells_the_client_once_and_silence_closes(imx: Imx) -> None:
    ticket = imx.open(now=NOW)
    karla = imx.actor("karla")
    ticket = actions.take(ticket, by=karla, now=later(1))
    ticket = actions.resolve(ticket, by=karla, now=later(9), solution="Se corrigió el CP")

    assert Notification.objects.filter(key__startswith="resolved/").count() == 1
    run_timers(datetime(2026, 11, 20, 0, 59, tzinfo=UTC))  # Thursday 18:59
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    run_timers(datetime(2026, 11, 20, 1, 0, tzinfo=UTC))  # Thursday 19:00: two business days after Tuesday
    ticket.refresh_from_db()
    assert (ticket.status, types(ticket)[-1]) == ("closed", "closed")


def test_a_reopened_ticket_is_not_closed_by_the_old_silence(imx: Imx) -> None:
    ticket = imx.open(now=NOW)
    karla = imx.actor("karla")
    ticket = actions.take(ticket, by=karla, now=later(1))
    ticket = actions.resolve(ticket, by=karla, now=later(9), solution="Se corrigió el CP")
    ticket = actions.reopen(ticket, by=imx.requester(ticket), now=later(20), reason="Sigue igual")
    ticket = actions.resolve(ticket, by=karla, now=later(60 * 47), solution="Ahora sí")

    run_timers(datetime(2026, 11, 20, 1, 0, tzinfo=UTC))

    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    assert ticket.reopened_at == later(20)


def test_the_client_confirms(imx: Imx) -> None:
    ticket = imx.open(now=NOW)
    ticket = actions.resolve(ticket, by=imx.actor("elena"), now=later(9), solution="Se corrigió")

    with pytest.raises(Forbidden):
        actions.confirm(ticket, by=imx.actor("elena"), now=later(10))
    ticket = actions.confirm(ticket, by=imx.requester(ticket), now=later(10))

    assert (ticket.status, ticket.closed_at) == ("closed", later(10))


def test_a_closed_ticket_takes_no_more_words(imx: Imx) -> None:
    ticket = imx.open(now=NOW)
    rosa = imx.requester(ticket)
    ticket = actions.resolve(ticket, by=imx.actor("elena"), now=later(9), solution="Se corrigió")
    ticket = actions.confirm(ticket, by=rosa, now=later(10))

    with pytest.raises(TransitionNotAllowed) as refusal:
        actions.add_message(ticket, by=rosa, now=later(11), body="Gracias")

    assert refusal.value.extra == {"state": "closed"}


@pytest.mark.parametrize("verb", ["wait", "resolve", "cancel", "reopen", "escalate", "defer"])
def test_reasons_are_needed(imx: Imx, verb: str) -> None:
    ticket = imx.open(now=NOW)
    ticket = actions.take(ticket, by=imx.actor("karla"), now=later(1))
    by = imx.requester(ticket) if verb == "reopen" else imx.actor("elena")
    field = "solution" if verb == "resolve" else "reason"

    with pytest.raises(Invalid) as refusal:
        getattr(actions, verb)(ticket, by=by, now=later(2), **{field: "   "})

    assert [e.field for e in refusal.value.errors] == [field]


def test_the_client_cancels_their_own(imx: Imx) -> None:
    ticket = imx.open(now=NOW)

    ticket = actions.cancel(ticket, by=imx.requester(ticket), now=later(1), reason="Ya quedó")

    assert ticket.status == "cancelled"
    with pytest.raises(TransitionNotAllowed):
        actions.take(ticket, by=imx.actor("karla"), now=later(2))


def test_reclassifying_reckons_anew_and_shows_the_sum(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=NOW)

    ticket = actions.reclassify(
        ticket,
        by=imx.actor("karla"),
        now=later(10),
        request_type="system_down",
        affects_operation=False,
        reason="Está caído",
    )

    assert (ticket.priority, ticket.affects_operation) == ("critical", True)
    assert ticket.sort_due_at == later(15)
    data = TicketEvent.objects.get(ticket=ticket, type="ticket.reclassified").data
    assert (data["before"]["priority"], data["priority"]) == ("normal", "critical")


def test_what_affects_operation_is_not_put_off(imx: Imx) -> None:
    ticket = imx.open(now=NOW)

    with pytest.raises(Conflict) as refusal:
        actions.defer(ticket, by=imx.actor("karla"), now=later(1), reason="Mañana")

    assert refusal.value.code == "affects_operation"


def test_deferring_twice_to_one_opening_still_enters_the_line(imx: Imx) -> None:
    ticket = imx.open(QUESTION, now=NOW)
    karla = imx.actor("karla")
    ticket = actions.defer(ticket, by=karla, now=later(1), reason="Puede esperar")
    ticket = actions.take(ticket, by=karla, now=later(5))
    ticket = actions.defer(ticket, by=karla, now=later(6), reason="Puede esperar")
    assert ticket.starts_at == datetime(2026, 11, 17, 22, 0, tzinfo=UTC)

    run_timers(datetime(2026, 11, 17, 22, 0, tzinfo=UTC))

    ticket.refresh_from_db()
    assert (ticket.status, ticket.lane) == ("assigned", "office")


def test_appointments_do_not_collide(imx: Imx) -> None:
    karla = imx.actor("karla")
    one, two = (actions.take(imx.open(QUESTION, now=NOW), by=karla, now=later(1)) for _ in range(2))
    slot = {"method": "remote", "minutes": 30}

    one = actions.schedule(one, by=karla, now=later(2), starts_at=later(60), **slot)
    with pytest.raises(Conflict) as refusal:
        actions.schedule(two, by=karla, now=later(2), starts_at=later(75), **slot)
    two = actions.schedule(two, by=karla, now=later(2), starts_at=later(90), **slot)

    assert refusal.value.code == "double_booking"
    assert (one.status, two.status) == ("scheduled", "scheduled")


def test_on_site_is_for_office_hours(imx: Imx) -> None:
    karla = imx.actor("karla")
    ticket = actions.take(imx.open(QUESTION, now=NOW), by=karla, now=later(1))

    with pytest.raises(Invalid):
        actions.schedule(
            ticket,
            by=karla,
            now=later(2),
            method="on_site",
            minutes=60,
            starts_at=datetime(2026, 11, 17, 19, 30, tzinfo=UTC),  # 13:30, past the closing at 14:00
        )


def test_merge_and_back(imx: Imx) -> None:
    karla = imx.actor("karla")
    one, two = imx.open(QUESTION, now=NOW), imx.open(QUESTION, now=NOW)

    two = actions.merge(two, by=karla, now=later(1), into=one.number)
    assert (two.status, two.merged_into) == ("merged", one)
    with pytest.raises(Conflict):
        actions.merge(imx.open(QUESTION, now=NOW), by=karla, now=later(2), into=two.number)
    two = actions.unmerge(two, by=karla, now=later(3))

    assert (two.status, two.merged_into) == ("assigned", None)
    assert two.sort_due_at < datetime(2027, 1, 1, tzinfo=UTC)


def test_counts_equal_a_recount(imx: Imx) -> None:
    karla, elena = imx.actor("karla"), imx.actor("elena")
    tickets = [imx.open(QUESTION, now=NOW) for _ in range(5)]
    actions.take(tickets[0], by=karla, now=later(1))
    actions.wait(Ticket.objects.get(pk=tickets[0].pk), by=karla, now=later(2), reason="XML")
    actions.resolve(tickets[1], by=elena, now=later(3), solution="Listo")
    actions.assign(tickets[2], by=elena, now=later(3), assignee=imx.user("saul").pk)
    actions.merge(tickets[3], by=karla, now=later(3), into=tickets[2].number)

    kept: dict[str, int] = {}
    for key, n in QueueDelta.objects.values_list("key", "n"):
        kept[key] = kept.get(key, 0) + n
    recount = sum((counts.buckets(t) for t in Ticket.objects.all()), start=type(counts.buckets(tickets[0]))())
    assert {k: n for k, n in kept.items() if n} == dict(recount)


def test_the_timeline_is_append_only(imx: Imx) -> None:
    ticket = imx.open(now=NOW)

    for change in (
        lambda: TicketEvent.objects.filter(ticket=ticket).update(type="ticket.forged"),
        lambda: TicketEvent.objects.filter(ticket=ticket).delete(),
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            change()


def test_free_text_stays_out_of_the_timeline(imx: Imx) -> None:
    secret = "palabra-que-no-debe-salir"
    ticket = imx.open(now=NOW)
    karla = imx.actor("karla")
    ticket = actions.take(ticket, by=karla, now=later(1))
    actions.add_message(ticket, by=karla, now=later(2), body=secret)
    ticket = actions.escalate(ticket, by=karla, now=later(3), reason=secret)
    actions.resolve(ticket, by=karla, now=later(4), solution=secret)

    assert all(secret not in str(e.data) for e in TicketEvent.objects.all())
    assert Message.objects.filter(body=secret).count() == 3


def test_a_link_is_for_one_ticket_and_can_be_revoked(imx: Imx) -> None:
    one, two = imx.open(now=NOW), imx.open(now=NOW)
    found = links.read(links.token(one), now=NOW)
    assert found is not None
    ticket, rosa = found

    assert ticket == one
    assert list(Ticket.objects.visible_to(rosa)) == [one]
    assert two not in Ticket.objects.visible_to(rosa)
    with record.changing(one, now=NOW) as fresh:
        fresh.link_version += 1
    assert links.read(links.token(one), now=NOW) is None
    assert links.read("x" + links.token(two), now=NOW) is None


def test_nothing_of_another_vendor_is_seen(imx: Imx) -> None:
    from clients import actors
    from tests.tickets.cast import load_desk

    other = Imx(load_desk("facturando"))
    ticket = imx.open(now=NOW)
    member = other.desk.memberships.filter(roles__contains=["consultant"]).first()
    assert member is not None

    assert not Ticket.objects.visible_to(actors.actor_for(member.user)).filter(pk=ticket.pk).exists()


def test_a_proposed_client_is_accepted_by_staff_only(imx: Imx) -> None:
    client = imx.client()
    ticket = imx.open(now=NOW, client_rfc="FNO180312KX1")
    assert (ticket.client, ticket.proposed_client) == (None, client)

    with pytest.raises(Forbidden):
        actions.identify(ticket, by=imx.requester(ticket), now=later(1), client=client.pk)
    ticket = actions.identify(ticket, by=imx.actor("karla"), now=later(1), client=client.pk)

    assert (ticket.client, ticket.proposed_client) == (client, None)


def test_a_client_of_another_vendor_cannot_be_named(imx: Imx) -> None:
    from clients.models import Client
    from desks.models import Vendor

    foreign = Client.objects.create(vendor=Vendor.objects.create(slug="otra", name="Otra"), name="Ajena")
    ticket = imx.open(now=NOW)

    with pytest.raises(Invalid):
        actions.identify(ticket, by=imx.actor("karla"), now=later(1), client=foreign.pk)


def test_rights_are_asked_of_the_locked_row_not_of_what_the_door_held(imx: Imx) -> None:
    held = imx.open(now=NOW)
    held = actions.take(held, by=imx.actor("karla"), now=later(1))
    actions.assign(held, by=imx.actor("elena"), now=later(2), assignee=imx.user("bruno").pk)

    with pytest.raises(Forbidden):
        actions.resolve(held, by=imx.actor("karla"), now=later(3), solution="Ya no es mío")
    assert actions.resolve(held, by=imx.actor("bruno"), now=later(3), solution="Listo").status == "resolved"


def test_the_clients_word_on_a_solved_ticket_puts_off_its_closing(imx: Imx) -> None:
    ticket = imx.open(now=NOW)
    ticket = actions.resolve(ticket, by=imx.actor("elena"), now=later(9), solution="Se corrigió")
    wednesday = NOW + timedelta(days=1)
    actions.add_message(ticket, by=imx.requester(ticket), now=wednesday, body="Lo pruebo mañana y le digo")

    run_timers(datetime(2026, 11, 20, 1, 0, tzinfo=UTC))  # Thursday 19:00, two business days after the solution
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    run_timers(datetime(2026, 11, 21, 1, 0, tzinfo=UTC))  # Friday 19:00, two after the client's word
    ticket.refresh_from_db()
    assert ticket.status == "closed"


def test_what_is_asked_of_the_client_stays_in_the_conversation_and_answers(imx: Imx) -> None:
    ticket = imx.open(now=NOW)
    ticket = actions.take(ticket, by=imx.actor("karla"), now=later(1))

    ticket = actions.wait(ticket, by=imx.actor("karla"), now=later(5), reason="¿Nos manda el XML rechazado?")

    assert Message.objects.get(ticket=ticket, seq=2).body == "¿Nos manda el XML rechazado?"
    assert ticket.answered_at == later(5)


def test_mails_are_in_spanish_whatever_the_caller_speaks(imx: Imx) -> None:
    from django.utils import translation

    ticket = actions.take(imx.open(QUESTION, now=NOW), by=imx.actor("karla"), now=later(1))

    with translation.override("en"):
        actions.schedule(ticket, by=imx.actor("karla"), now=later(2), method="remote", starts_at=later(60), minutes=30)

    notice = Notification.objects.get(key__startswith="scheduled/")
    assert "remoto" in " ".join(notice.params["lines"])
