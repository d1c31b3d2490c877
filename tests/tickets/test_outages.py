"""One cause with many clients: one notice, one case, one person woken, and each client told and asked alone."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from core.errors import Conflict, Forbidden, Invalid, TooMany
from desks.models import Product
from notifications.models import Notification
from schedules.models import Timer
from tests.tickets.cast import OUTAGE, QUESTION, Imx, run_timers
from tests.tickets.test_ladder import minutes
from tickets import actions, outages
from tickets.models import Clock, Escalation, EscalationNotice, Message, Outage, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)  # 10:42, the office is open
CLIENTS = ("rosa@lanortena.example", "tomas@santaclara.example", "irma@lerma.example", "hugo@axis.example")


def declared(imx: Imx, now: datetime, **fields: Any) -> Outage:
    outage = actions.declare_outage(
        imx.desk,
        by=imx.actor("elena"),
        now=now,
        **{
            "title": "El SAT no responde al timbrado",
            "text": "Las facturas quedan en espera. Volvemos a informar a las 12:00.",
            "contingency": "Puede facturar en contingencia y timbrar dentro de 72 horas.",
            **fields,
        },
    )
    imx.desk.refresh_from_db()
    return outage


def report(imx: Imx, outage: Outage, now: datetime, email: str = CLIENTS[0], **fields: Any) -> Ticket:
    return imx.open(replace(OUTAGE, email=email, outage=outage.pk), now=now, **fields)


def reports(imx: Imx, outage: Outage, now: datetime) -> list[Ticket]:
    return [report(imx, outage, now + timedelta(seconds=n), email) for n, email in enumerate(CLIENTS)]


def mails(to: str) -> list[str]:
    found = Notification.objects.filter(recipient=to, template="tickets/client").order_by("id")
    return [row.params["heading"] for row in found]


# ------------------------------------------------------------------ the rule


@pytest.mark.parametrize(
    ("products", "product", "affects", "expected"),
    [
        ([], "nube", True, True),
        ([], None, True, True),
        (["nube"], "nube", True, True),
        (["nube"], "", True, True),
        (["nube"], "escritorio", True, False),
        ([], "nube", False, False),
        (["nube", "escritorio"], "escritorio", True, True),
    ],
)
def test_which_reports_are_of_an_outage(
    products: list[str], product: str | None, affects: bool, expected: bool
) -> None:
    assert outages.concerns(products, product=product, affects_operation=affects) is expected


# ------------------------------------------------------------------ declaring


def test_declared_from_a_ticket_its_case_gathers_the_reports(imx: Imx) -> None:
    first = imx.open(now=TUESDAY)

    outage = declared(imx, TUESDAY + minutes(5), ticket=first)

    first.refresh_from_db()
    assert (outage.parent_id, outage.started_at, first.leads) == (first.pk, first.opened_at, True)
    assert imx.desk.open_outages == 1
    with pytest.raises(Conflict):
        declared(imx, TUESDAY + minutes(6), ticket=first)


def test_declared_alone_a_case_of_ours_is_opened_that_wakes_and_mails_nobody(
    imx: Imx, saturday_afternoon: datetime
) -> None:
    outage = declared(imx, saturday_afternoon, started_at=saturday_afternoon - minutes(20))

    parent = outage.parent
    assert (parent.status, parent.assignee.name, parent.ours) == ("in_progress", "Elena Robles", True)
    assert parent.opened_at == saturday_afternoon - minutes(20)
    assert not Escalation.objects.exists()
    assert not Notification.objects.exists()


def test_who_does_not_supervise_declares_nothing(imx: Imx) -> None:
    for name in ("karla", "paola"):
        with pytest.raises(Forbidden):
            actions.declare_outage(imx.desk, by=imx.actor(name), now=TUESDAY, title="x", text="y")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": " "}, "title"),
        ({"text": ""}, "text"),
        ({"title": "x" * 121}, "title"),
        ({"contingency": "x" * 2001}, "contingency"),
        ({"products": ["otro"]}, "products"),
        ({"started_at": TUESDAY + minutes(1)}, "started_at"),
    ],
)
def test_what_is_wrong_with_a_notice_is_said_at_its_field(imx: Imx, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Invalid) as refusal:
        declared(imx, TUESDAY, **fields)

    assert [error.field for error in refusal.value.errors] == [wrong]


# ------------------------------------------------------------------ joining


def test_a_report_that_joins_gets_its_number_and_the_notice_and_wakes_nobody(
    imx: Imx, saturday_afternoon: datetime
) -> None:
    first = imx.open(now=saturday_afternoon)
    outage = declared(imx, saturday_afternoon + minutes(3), ticket=first)

    joined = reports(imx, outage, saturday_afternoon + minutes(4))
    for minute in range(5, 160):
        run_timers(saturday_afternoon + minutes(minute))

    assert {ticket.parent_id for ticket in joined} == {first.pk}
    assert len({ticket.number for ticket in joined}) == 4
    assert not Escalation.objects.filter(ticket__in=joined).exists(), "no ladder of their own"
    assert EscalationNotice.objects.filter(rung__position=1, escalation__kind="on_call").count() == 1
    assert Clock.objects.filter(ticket__in=joined).count() == 8, "what was promised is promised"
    for ticket, email in zip(joined, CLIENTS, strict=True):
        assert mails(email) == [f"Su número de ticket es {ticket.number}"]
    notice = Notification.objects.get(recipient=CLIENTS[1])
    assert "Volvemos a informar a las 12:00" in notice.params["quote"]
    assert any("contingencia" in line for line in notice.params["lines"])


@pytest.mark.parametrize(
    "changes", [{"affects_operation": False, "request_type": "usage_guidance"}, {"product": "nube"}]
)
def test_what_cannot_be_of_it_is_refused_at_the_field(imx: Imx, changes: dict[str, Any]) -> None:
    outage = declared(imx, TUESDAY, products=["escritorio"])
    if "product" in changes:
        changes = {"product": Product.objects.get(slug="nube")}

    with pytest.raises(Invalid) as refusal:
        report(imx, outage, TUESDAY + minutes(1), **changes)

    assert [(error.field, error.code) for error in refusal.value.errors] == [("outage", "not_of_outage")]


def test_who_says_nothing_is_not_put_into_the_heap(imx: Imx) -> None:
    declared(imx, TUESDAY)

    assert imx.open(now=TUESDAY + minutes(1)).parent_id is None


def test_an_outage_that_ended_meanwhile_files_a_case_like_any_other(imx: Imx, saturday_afternoon: datetime) -> None:
    outage = declared(imx, saturday_afternoon)
    actions.end_outage(outage, by=imx.actor("elena"), now=saturday_afternoon + minutes(1), text="Ya funciona.")
    imx.desk.refresh_from_db()

    ticket = report(imx, outage, saturday_afternoon + minutes(2))

    assert ticket.parent_id is None
    assert Escalation.objects.filter(ticket=ticket).exists()


def test_the_plain_way_of_filing_reads_no_outage(imx: Imx, django_assert_max_num_queries: Any) -> None:
    imx.open(now=TUESDAY)
    with django_assert_max_num_queries(40) as seen:
        imx.open(QUESTION, now=TUESDAY + minutes(1))

    assert not [query for query in seen.captured_queries if "tickets_outage" in query["sql"]]


def test_a_ticket_that_is_there_already_joins_and_its_ladder_ends(imx: Imx, saturday_afternoon: datetime) -> None:
    first = imx.open(now=saturday_afternoon)
    second = imx.open(now=saturday_afternoon + minutes(1), email=CLIENTS[1])
    outage = declared(imx, saturday_afternoon + minutes(2), ticket=first)

    second = actions.join_outage(second, by=imx.actor("ivan"), now=saturday_afternoon + minutes(3), outage=outage.pk)
    for minute in range(4, 60):
        run_timers(saturday_afternoon + minutes(minute))

    assert (second.parent_id, second.status, second.assignee_id) == (first.pk, "assigned", first.assignee_id)
    assert Escalation.objects.get(ticket=second).end_reason == "outage"
    assert EscalationNotice.objects.filter(escalation__ticket=second).count() == 1
    assert mails(CLIENTS[1])[-1] == f"Encontramos la causa de su caso {second.number}"
    with pytest.raises(Conflict):
        actions.join_outage(second, by=imx.actor("ivan"), now=saturday_afternoon + minutes(60), outage=outage.pk)


# ------------------------------------------------------------------ together, and each alone


def test_what_is_written_to_the_parent_reaches_each_client_once(imx: Imx) -> None:
    outage = declared(imx, TUESDAY)
    joined = reports(imx, outage, TUESDAY + minutes(1))

    actions.add_message(
        outage.parent, by=imx.actor("elena"), now=TUESDAY + minutes(20), body="El SAT ya responde a ratos; seguimos."
    )
    actions.add_message(
        outage.parent, by=imx.actor("elena"), now=TUESDAY + minutes(21), body="Solo entre nosotros.", internal=True
    )
    run_timers(TUESDAY + minutes(21))
    run_timers(TUESDAY + minutes(22))

    for ticket in joined:
        said = Message.objects.filter(ticket=ticket, from_team=True)
        assert [(m.body, m.author_label) for m in said] == [("El SAT ya responde a ratos; seguimos.", "Elena Robles")]
        ticket.refresh_from_db()
        assert ticket.answered_at is not None
    assert [len(mails(email)) for email in CLIENTS] == [2, 2, 2, 2]


def test_solved_together_and_each_client_confirms_or_reopens_alone(imx: Imx) -> None:
    outage = declared(imx, TUESDAY)
    joined = reports(imx, outage, TUESDAY + minutes(1))

    actions.resolve(outage.parent, by=imx.actor("elena"), now=TUESDAY + minutes(50), solution="El SAT restableció.")
    run_timers(TUESDAY + minutes(50))
    outage.refresh_from_db()
    imx.desk.refresh_from_db()
    assert (outage.ended_at, imx.desk.open_outages) == (TUESDAY + minutes(50), 0)

    actions.confirm(joined[0], by=imx.requester(joined[0]), now=TUESDAY + minutes(60))
    back = actions.reopen(
        joined[1], by=imx.requester(joined[1]), now=TUESDAY + minutes(61), reason="A mí todavía no me timbra."
    )

    states = [Ticket.objects.get(pk=ticket.pk).status for ticket in joined]
    assert states == ["closed", "in_progress", "resolved", "resolved"]
    assert back.parent_id is None, "what goes on is a case of its own"
    assert Timer.objects.pending().filter(owner=f"ticket/{back.pk}", handler="tickets.clock_step").exists()


def test_the_end_is_told_to_each_client_and_their_cases_stay_open(imx: Imx) -> None:
    outage = declared(imx, TUESDAY)
    joined = reports(imx, outage, TUESDAY + minutes(1))

    actions.end_outage(outage, by=imx.actor("elena"), now=TUESDAY + minutes(40), text="Funciona desde las 11:15.")
    run_timers(TUESDAY + minutes(40))

    assert {Ticket.objects.get(pk=ticket.pk).status for ticket in joined} == {"assigned"}
    assert [mails(email)[-1] for email in CLIENTS] == ["El servicio ya funciona; revise el suyo"] * 4
    with pytest.raises(Conflict):
        actions.end_outage(outage, by=imx.actor("elena"), now=TUESDAY + minutes(41), text="Otra vez.")


def test_ended_with_the_solution_every_report_is_solved(imx: Imx) -> None:
    outage = declared(imx, TUESDAY)
    joined = reports(imx, outage, TUESDAY + minutes(1))

    outage = actions.end_outage(
        outage, by=imx.actor("elena"), now=TUESDAY + minutes(40), text="El SAT restableció.", resolve=True
    )
    run_timers(TUESDAY + minutes(40))

    assert outage.ended_at == TUESDAY + minutes(40)
    assert {Ticket.objects.get(pk=ticket.pk).status for ticket in joined} == {"resolved"}
    assert [len(mails(email)) for email in CLIENTS] == [2, 2, 2, 2], "the number, the solution"


def test_taken_out_it_is_a_case_like_any_other(imx: Imx, saturday_afternoon: datetime) -> None:
    outage = declared(imx, saturday_afternoon)
    mine, other = reports(imx, outage, saturday_afternoon + minutes(1))[:2]

    mine = actions.leave_outage(mine, by=imx.requester(mine), now=saturday_afternoon + minutes(9))
    actions.add_message(outage.parent, by=imx.actor("elena"), now=saturday_afternoon + minutes(10), body="Seguimos.")
    run_timers(saturday_afternoon + minutes(10))

    assert (mine.parent_id, mine.lane, mine.assignee.name) == (None, "on_call", "Iván Rentería")
    assert EscalationNotice.objects.filter(escalation__ticket=mine).count() == 1
    assert not Message.objects.filter(ticket=mine, from_team=True).exists()
    assert Message.objects.filter(ticket=other, from_team=True).exists()
    with pytest.raises(Conflict):
        actions.leave_outage(mine, by=imx.actor("ivan"), now=saturday_afternoon + minutes(11))


def test_its_clocks_go_on_from_the_same_promise(imx: Imx) -> None:
    outage = declared(imx, TUESDAY)
    ticket = report(imx, outage, TUESDAY + minutes(1))
    due = {clock.kind: clock.due_at for clock in Clock.objects.filter(ticket=ticket)}

    actions.leave_outage(ticket, by=imx.actor("elena"), now=TUESDAY + minutes(4))

    assert {clock.kind: clock.due_at for clock in Clock.objects.filter(ticket=ticket)} == due
    assert Timer.objects.pending().filter(owner=f"ticket/{ticket.pk}", handler="tickets.clock_step").count() == 2


def test_who_takes_the_parent_has_its_reports(imx: Imx, saturday_afternoon: datetime) -> None:
    first = imx.open(now=saturday_afternoon)
    outage = declared(imx, saturday_afternoon + minutes(2), ticket=first)
    joined = reports(imx, outage, saturday_afternoon + minutes(3))

    actions.assign(first, by=imx.actor("elena"), now=saturday_afternoon + minutes(5), assignee=imx.user("karla").pk)
    run_timers(saturday_afternoon + minutes(5))

    assert {Ticket.objects.get(pk=t.pk).assignee.name for t in joined} == {"Karla Jiménez"}
    told = Notification.objects.filter(recipient="karla@invoicemx.example", template="tickets/team")
    assert told.count() == 1, "of the parent only"


def test_clients_who_press_escalar_hurry_one_ladder(imx: Imx, saturday_afternoon: datetime) -> None:
    first = imx.open(now=saturday_afternoon)
    outage = declared(imx, saturday_afternoon + minutes(2), ticket=first)
    joined = reports(imx, outage, saturday_afternoon + minutes(3))

    for n, ticket in enumerate(joined[:2]):
        actions.escalate(
            ticket, by=imx.requester(ticket), now=saturday_afternoon + minutes(5 + n), reason="No puedo facturar"
        )
    with pytest.raises(TooMany):
        actions.escalate(
            joined[2], by=imx.requester(joined[2]), now=saturday_afternoon + minutes(8), reason="No puedo facturar"
        )

    assert set(EscalationNotice.objects.values_list("escalation__ticket_id", flat=True)) == {first.pk}
    assert TicketEvent.objects.filter(ticket=joined[0], type="ticket.escalated", public=True).exists()


def test_while_reports_are_gathered_the_case_is_neither_merged_nor_cancelled(imx: Imx) -> None:
    first, other = imx.open(now=TUESDAY), imx.open(now=TUESDAY, email=CLIENTS[1])
    declared(imx, TUESDAY + minutes(1), ticket=first)

    with pytest.raises(Conflict) as merging:
        actions.merge(first, by=imx.actor("elena"), now=TUESDAY + minutes(2), into=other.number)
    with pytest.raises(Conflict) as cancelling:
        actions.cancel(first, by=imx.actor("elena"), now=TUESDAY + minutes(2), reason="Ya no")

    assert merging.value.code == cancelling.value.code == "leads_outage"


def test_at_closing_and_opening_a_report_stays_with_its_parent(imx: Imx) -> None:
    five_to_two = datetime(2026, 11, 17, 19, 55, tzinfo=UTC)  # 13:55
    outage = declared(imx, five_to_two)
    ticket = report(imx, outage, five_to_two + minutes(1))

    for minute in (6, 130, 400, 20 * 60):
        run_timers(five_to_two + minutes(minute))

    ticket.refresh_from_db()
    assert (ticket.lane, ticket.parent_id) == ("office", outage.parent_id)
    assert not Escalation.objects.filter(ticket=ticket).exists()


# ------------------------------------------------------------------ two at once


@pytest.mark.django_db(transaction=True)
def test_reports_that_come_in_while_it_is_solved_are_solved_or_stand_alone(imx: Imx) -> None:
    outage = declared(imx, TUESDAY)
    elena = imx.actor("elena")
    failures: list[BaseException] = []

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    def file(n: int) -> None:
        report(imx, outage, TUESDAY + timedelta(seconds=60 + n), f"cliente{n}@axis.example")

    def solve() -> None:
        actions.resolve(outage.parent, by=elena, now=TUESDAY + minutes(2), solution="El SAT restableció.")

    works = [lambda n=n: file(n) for n in range(8)]
    works.insert(4, solve)
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    run_timers(TUESDAY + minutes(5))

    assert failures == []
    filed = Ticket.objects.exclude(pk=outage.parent_id)
    assert filed.count() == 8
    assert not filed.filter(parent__isnull=False).exclude(status="resolved").exists(), "nobody is left under it"
    assert filed.filter(parent__isnull=True).exclude(status__in=["assigned", "new"]).count() == 0
