"""A verb on several tickets: part of it may be refused, twice is once, and *Deshacer* brings back what still stands."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from core.errors import Conflict, Forbidden
from notifications import outbox
from notifications.models import Notification
from tests import factories
from tests.factories import NIGHT, OFFICE, Cast
from tests.tickets.cast import run_timers
from tests.tickets.conftest import Clock
from tests.tickets.test_views_queue import browse
from tickets import actions
from tickets.actions import bulk
from tickets.models import BulkChange, BulkItem, Escalation, Message, Ticket, TicketEvent

Outcome = BulkItem.Outcome
LATER = OFFICE + timedelta(minutes=2)


def together(verb: str, tickets: list[Ticket], by: Any, *, key: Any = None, reason: Any = None, **values: Any) -> Any:
    return bulk.apply(
        verb, tickets, by=factories.actor(by), now=OFFICE, key=key or uuid.uuid4(), values=values, reason=reason
    )


def outcomes(change: BulkChange) -> dict[str, str]:
    return {item.ticket.number: item.outcome for item in change.items.select_related("ticket")}


def stands(ticket: Ticket) -> tuple[str, int | None]:
    ticket.refresh_from_db()
    return ticket.status, ticket.assignee_id


def unassigned(cast: Cast) -> Ticket:
    ticket = cast.ticket()
    Ticket.objects.filter(pk=ticket.pk).update(assignee=None, status="new")
    return Ticket.objects.get(pk=ticket.pk)


def test_what_one_refuses_does_not_keep_the_others(cast: Cast, at: Clock) -> None:
    free, taken = unassigned(cast), actions.take(cast.ticket(), by=factories.actor(cast.bruno), now=OFFICE)

    change = together("take", [taken, free], cast.ada)

    assert outcomes(change) == {free.number: Outcome.DONE, taken.number: Outcome.REFUSED}
    assert "Bruno Ortega" in change.items.get(ticket=taken).why
    assert stands(free) == ("in_progress", cast.ada.pk)
    assert stands(taken) == ("in_progress", cast.bruno.pk)


def test_the_button_pressed_twice_is_one(cast: Cast, at: Clock) -> None:
    tickets = [actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE) for _n in range(2)]
    key = uuid.uuid4()
    first = together("escalate", tickets, cast.ada, key=key, reason="No puedo con estos.")
    told = Notification.objects.count()

    again = together("escalate", tickets, cast.ada, key=key, reason="No puedo con estos.")

    assert again == first
    assert Notification.objects.count() == told
    assert Message.objects.filter(body="No puedo con estos.").count() == 2


def test_undone_and_wanted_again_from_the_same_page_it_is_one_more(cast: Cast, at: Clock) -> None:
    tickets, key = [actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE)], uuid.uuid4()
    asked = {"key": key, "assignee": cast.bruno.pk, "reason": "Por carga"}
    bulk.undo(together("assign", tickets, cast.elena, **asked), by=factories.actor(cast.elena), now=LATER)

    again, twice = (together("assign", tickets, cast.elena, **asked) for _n in range(2))

    assert again == twice
    assert Message.objects.filter(body="Por carga").count() == 2


def test_two_at_the_same_time_are_one(transactional_db: None, at: Clock) -> None:
    cast = Cast()
    tickets = [actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE) for _n in range(3)]
    key, faults = uuid.uuid4(), []

    def press() -> None:
        try:
            together("assign", tickets, cast.elena, key=key, assignee=cast.bruno.pk, reason="Por carga")
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    pressing = [threading.Thread(target=press) for _n in range(2)]
    for thread in pressing:
        thread.start()
    for thread in pressing:
        thread.join()

    assert faults == []
    assert set(outcomes(BulkChange.objects.get()).values()) == {Outcome.DONE}
    assert Message.objects.filter(body="Por carga").count() == 3


@pytest.mark.parametrize(
    ("verb", "before"),
    [
        *[("take", before) for before in ("new", "assigned")],
        *[("assign", before) for before in ("new", "assigned", "in_progress", "waiting_client")],
    ],
)
def test_undoing_gives_back_to_who_had_it(cast: Cast, at: Clock, verb: str, before: str) -> None:
    ticket = unassigned(cast)
    bruno, elena = factories.actor(cast.bruno), factories.actor(cast.elena)
    if before != "new":
        ticket = actions.assign(ticket, by=elena, now=OFFICE, assignee=cast.bruno.pk)
    if before in {"in_progress", "waiting_client"}:
        ticket = actions.take(ticket, by=bruno, now=OFFICE)
    if before == "waiting_client":
        ticket = actions.wait(ticket, by=bruno, now=OFFICE, reason="¿Qué versión usa?")
    values = {"assignee": cast.ada.pk} if verb == "assign" else {}
    change = together(verb, [ticket], cast.elena, **values)
    assert stands(ticket)[1] == (cast.ada.pk if verb == "assign" else cast.elena.pk)

    bulk.undo(change, by=elena, now=LATER)

    # A wait that the hand-over ended is not taken up again.
    expected = {"waiting_client": "in_progress"}.get(before, before)
    assert stands(ticket) == (expected, None if before == "new" else cast.bruno.pk)
    assert outcomes(change) == {ticket.number: Outcome.UNDONE}
    if before == "new":
        entry = TicketEvent.objects.get(ticket=ticket, type="ticket.given_back")
        assert entry.public
        page = browse(cast.ada).get(f"/tickets/{ticket.number}/").content.decode()
        assert "lo devolvió: está otra vez en la fila" in page


def test_what_changed_since_stays(cast: Cast, at: Clock) -> None:
    first, second = unassigned(cast), unassigned(cast)
    change = together("take", [first, second], cast.ada)
    actions.wait(first, by=factories.actor(cast.ada), now=OFFICE, reason="¿Qué versión usa?")

    bulk.undo(change, by=factories.actor(cast.ada), now=LATER)

    assert outcomes(change) == {first.number: Outcome.KEPT, second.number: Outcome.UNDONE}
    assert stands(first)[0] == "waiting_client"
    assert change.items.get(ticket=first).why


def test_undoing_a_merger_and_a_classification(cast: Cast, at: Clock) -> None:
    goes_on, other = cast.ticket(), cast.ticket()
    was = (other.request_type, other.affects_operation, other.priority)
    merged = together("merge", [other], cast.ada, into=goes_on.number)
    assert stands(other)[0] == "merged"
    bulk.undo(merged, by=factories.actor(cast.ada), now=LATER)
    assert stands(other)[0] == "assigned"

    classified = together(
        "reclassify", [other, goes_on], cast.ada, request_type="system_down", affects_operation=True, reason="Cayó"
    )
    assert {t.priority for t in Ticket.objects.all()} == {"critical"}
    bulk.undo(classified, by=factories.actor(cast.ada), now=LATER)
    other.refresh_from_db()
    assert (other.request_type, other.affects_operation, other.priority) == was


def test_a_case_of_the_night_that_is_given_back_wakes_again(cast: Cast, at: Clock) -> None:
    at(NIGHT)
    ticket = cast.ticket(request_type="system_down", affects_operation=True, now=NIGHT)
    holder = ticket.assignee_id
    change = bulk.apply("take", [ticket], by=factories.actor(cast.elena), now=NIGHT, key=uuid.uuid4(), values={})
    assert not Escalation.objects.filter(ticket=ticket, ended_at=None).exists()

    bulk.undo(change, by=factories.actor(cast.elena), now=NIGHT + timedelta(minutes=1))

    assert stands(ticket) == ("assigned", holder)
    assert Escalation.objects.filter(ticket=ticket, ended_at=None, acknowledged_at=None).exists()


@pytest.mark.parametrize(
    ("verb", "hour", "keys", "sent"),
    [
        ("assign", OFFICE, ["assigned/"], False),
        ("assign", OFFICE, ["assigned/"], True),
        ("assign", NIGHT, ["assigned/", "ladder/", "ladder/"], False),
        ("take", NIGHT, ["taken/"], False),
    ],
)
def test_what_the_hand_over_tells_is_withdrawn_while_it_has_not_left(
    cast: Cast, at: Clock, verb: str, hour: datetime, keys: list[str], sent: bool
) -> None:
    at(hour)
    ticket = cast.ticket(request_type="system_down", affects_operation=True, now=hour)
    Ticket.objects.update(assignee=cast.ada, status="assigned")
    known = set(Notification.objects.values_list("pk", flat=True))
    elena, values = factories.actor(cast.elena), {"assignee": cast.bruno.pk} if verb == "assign" else {}
    change = bulk.apply(
        verb, [Ticket.objects.get()], by=elena, now=hour, key=uuid.uuid4(), values=values, reason="" if values else None
    )
    told = Notification.objects.exclude(pk__in=known).order_by("key")
    assert [notice.key.split("/")[0] + "/" for notice in told] == keys
    if sent:
        told.update(sent_at=hour, outcome="delivered", outcome_told_at=hour)
    other = outbox.put(key="other", topic=f"ticket/{ticket.pk}", recipient=cast.bruno.email, template="t", now=hour)
    told_pks = [notice.pk for notice in told if notice.pk != other.pk]

    bulk.undo(change, by=elena, now=hour + timedelta(minutes=1))

    rows = Notification.objects.filter(pk__in=told_pks)
    assert {row.cancelled_at is None for row in rows} == {sent}
    assert Notification.objects.filter(pk=other.pk, cancelled_at=None).exists()


def test_taken_before_the_closing_and_given_back_after_it(cast: Cast, at: Clock) -> None:
    closing = OFFICE.replace(hour=20, minute=0)  # 14:00 in Mexico City
    ticket = cast.ticket(affects_operation=True, request_type="operational_question")
    change = bulk.apply(
        "take",
        [ticket],
        by=factories.actor(cast.elena),
        now=closing - timedelta(minutes=5),
        key=uuid.uuid4(),
        values={},
    )

    bulk.undo(change, by=factories.actor(cast.elena), now=closing + timedelta(minutes=4))

    ticket.refresh_from_db()
    assert ticket.lane == "on_call"
    assert Escalation.objects.filter(ticket=ticket, ended_at=None).exists()


@pytest.mark.parametrize("stood", ["new", "deferred"])
def test_held_over_the_opening_and_given_back_it_finds_somebody(cast: Cast, at: Clock, stood: str) -> None:
    opening = NIGHT.replace(hour=15, minute=0)  # Wednesday 09:00 in Mexico City
    ticket = cast.ticket(now=NIGHT if stood == "deferred" else OFFICE)
    if stood == "new":  # solved, and opened again while everybody was at home
        actions.resolve(ticket, by=factories.actor(cast.elena), now=OFFICE, solution="Se canceló con el motivo 02.")
        Ticket.objects.update(assignee=None)
        actions.reopen(Ticket.objects.get(), by=factories.actor(cast.rosa), now=NIGHT, reason="Sigue igual")
    assert stands(ticket) == (stood, None)
    elena, key = factories.actor(cast.elena), uuid.uuid4()
    early = opening - timedelta(minutes=3)
    change = bulk.apply("take", [Ticket.objects.get()], by=elena, now=early, key=key, values={})
    run_timers(opening)
    assert stands(ticket) == ("in_progress", cast.elena.pk)

    bulk.undo(change, by=elena, now=opening + timedelta(minutes=2))

    status, holder = stands(ticket)
    assert (status, holder in {cast.ada.pk, cast.bruno.pk}) == ("assigned", True)
    holder_mail = {cast.ada.pk: cast.ada.email, cast.bruno.pk: cast.bruno.email}[holder or 0]
    assert Notification.objects.filter(recipient=holder_mail, key__startswith="assigned/").exists()


def test_given_back_before_the_opening_it_waits_for_it(cast: Cast, at: Clock) -> None:
    opening = NIGHT.replace(hour=15, minute=0)
    ticket = cast.ticket()
    actions.resolve(ticket, by=factories.actor(cast.elena), now=OFFICE, solution="Se canceló con el motivo 02.")
    Ticket.objects.update(assignee=None)
    actions.reopen(Ticket.objects.get(), by=factories.actor(cast.rosa), now=NIGHT, reason="Sigue igual")
    elena, early = factories.actor(cast.elena), opening - timedelta(minutes=3)
    change = bulk.apply("take", [Ticket.objects.get()], by=elena, now=early, key=uuid.uuid4(), values={})

    bulk.undo(change, by=elena, now=early + timedelta(minutes=1))

    assert stands(ticket) == ("new", None)
    run_timers(opening)
    assert stands(ticket)[0] == "assigned"


def test_when_it_cannot_be_undone(cast: Cast, at: Clock) -> None:
    ada = factories.actor(cast.ada)
    change = together("take", [unassigned(cast)], cast.ada)
    escalated = together("escalate", [Ticket.objects.get()], cast.ada, reason="No puedo")

    with pytest.raises(Forbidden):
        bulk.undo(change, by=factories.actor(cast.elena), now=LATER)
    with pytest.raises(Conflict) as late:
        bulk.undo(change, by=ada, now=OFFICE + bulk.UNDO_WITHIN)
    with pytest.raises(Conflict) as told:
        bulk.undo(escalated, by=ada, now=LATER)

    assert [refusal.value.code for refusal in (late, told)] == ["too_late", "not_undoable"]
    assert bulk.purge(now=OFFICE + timedelta(days=8)) == 2


def test_the_bar_asks_acts_and_undoes_without_script(cast: Cast, at: Clock) -> None:
    first, second = unassigned(cast), unassigned(cast)
    browser = browse(cast.elena)
    queue = browser.get("/cola/?vista=sin-asignar&prioridad=normal")
    sent = {"sel": [first.number, second.number], "key": queue.context["bulk_key"], "back": queue.context["bulk_back"]}

    asked = browser.post("/cola/lote/", {**sent, "verb": "assign"})
    assert asked.status_code == 200
    assert {row["number"] for row in asked.context["tickets"]} == {first.number, second.number}
    wrong = browser.post("/cola/lote/", {**sent, "verb": "assign", "answered": "1", "assignee": "0"})
    assert wrong.status_code == 422
    done = browser.post("/cola/lote/", {**sent, "verb": "assign", "answered": "1", "assignee": cast.ada.pk})
    assert done["Location"] == "/cola/?vista=sin-asignar&prioridad=normal"
    page = browser.get(done["Location"]).content.decode()

    change = BulkChange.objects.get()
    assert "2 tickets quedaron asignados." in page
    assert f'action="/cola/lote/{change.pk}/deshacer/"' in page
    undone = browser.post(f"/cola/lote/{change.pk}/deshacer/", follow=True).content.decode()
    assert "Deshecho: 2 tickets quedaron como estaban." in undone
    assert [stands(ticket) for ticket in (first, second)] == [("new", None)] * 2
    assert "no se puede deshacer" in browser.post("/cola/lote/", {**sent, "verb": "escalate"}).content.decode().lower()


def test_of_several_one_goes_on(cast: Cast, at: Clock) -> None:
    tickets = [cast.ticket() for _n in range(3)]
    numbers = [ticket.number for ticket in tickets]
    sent = {"verb": "merge", "answered": "1", "sel": numbers, "into": numbers[1], "key": str(uuid.uuid4())}

    browse(cast.ada).post("/cola/lote/", sent)

    assert [stands(ticket)[0] for ticket in tickets] == ["merged", "assigned", "merged"]


@pytest.mark.parametrize("back", ["https://malo.example/", "//malo.example/cola/?", "/tickets/IMX-1/"])
def test_one_comes_back_to_the_queue_and_nowhere_else(cast: Cast, at: Clock, back: str) -> None:
    answer = browse(cast.ada).post("/cola/lote/", {"verb": "take", "sel": ["IMX-1"], "back": back})

    assert answer["Location"] == "/cola/"


def test_at_most_fifty(cast: Cast, at: Clock) -> None:
    answer = browse(cast.ada).post("/cola/lote/", {"verb": "take", "sel": [f"IMX-{n}" for n in range(51)]}, follow=True)

    assert "Máximo 50 tickets a la vez." in answer.content.decode()
    assert not BulkChange.objects.exists()


def test_a_number_with_a_nul_is_a_mistake_of_who_sends_it(cast: Cast) -> None:
    sent = browse(cast.ada).post("/cola/lote/", {"verb": "escalate", "sel": "IMX-1\x00"})

    assert sent.status_code == 400
    assert "caracteres que no se pueden guardar" in sent.content.decode()
