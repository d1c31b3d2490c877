"""Order in the heap: who follows, links, steps, time, what I am to follow up; each once, and for the desk alone."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import passwords
from core.actor import SALES
from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from desks.models import Checklist, Membership
from notifications.models import Notification
from schedules.models import Timer
from tests import factories
from tests.factories import NIGHT, OFFICE, SATURDAY, Cast
from tests.tickets.cast import run_timers
from tests.tickets.conftest import Caller, Clock
from tests.tickets.test_races import at_once
from tests.tickets.test_views_queue import browse
from tickets import actions, reminding
from tickets.actions import checklist, linking, reminders, timing, watching
from tickets.models import ChecklistItem, Reminder, Ticket, TicketEvent, TicketLink, TimeEntry, Watcher
from tickets.queries import order as queries

pytestmark = pytest.mark.django_db
MEXICO = ZoneInfo("America/Mexico_City")


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("desk").get(pk=ticket.pk)


def told(person: Any, ticket: Ticket) -> list[str]:
    rows = Notification.objects.filter(recipient=person.email, template="tickets/team", params__number=ticket.number)
    return [row.params["subject"].partition("] ")[2].split(":")[0] for row in rows.order_by("id")]


# ------------------------------------------------------------------ who follows


def test_who_follows_is_told_what_the_assignee_is_told_once(cast: Cast) -> None:
    ada, bruno, rosa = factories.actor(cast.ada), factories.actor(cast.bruno), factories.actor(cast.rosa)
    ticket = actions.take(cast.ticket(), by=ada, now=OFFICE)
    watching.follow(ticket, by=bruno, now=OFFICE)
    watching.follow(ticket, by=bruno, now=OFFICE)
    watching.follow(ticket, by=ada, now=OFFICE)  # who has it is told as such, not twice
    watching.follow(ticket, by=ada, now=OFFICE, user=cast.elena.pk)

    actions.add_message(fresh(ticket), by=rosa, now=OFFICE, body="¿Ya quedó?")
    actions.resolve(fresh(ticket), by=ada, now=OFFICE, solution="Se corrigió")
    actions.reopen(fresh(ticket), by=rosa, now=OFFICE, reason="Sigue igual")
    actions.escalate(fresh(ticket), by=ada, now=OFFICE, reason="No puedo")

    assert fresh(ticket).n_watchers == 3
    assert told(cast.bruno, ticket) == ["Rosa Medina escribió", "Resuelto", "Reabierto", "Escalado"]
    assert told(cast.ada, ticket) == ["Se le asignó", "Rosa Medina escribió", "Reabierto"]
    # Elena stands on the ladder: its steps tell her that it climbs.
    assert told(cast.elena, ticket) == ["Ada Lozano le pide seguirlo", "Rosa Medina escribió", "Resuelto", "Reabierto"]
    facts = TicketEvent.objects.filter(ticket=ticket, type="ticket.followed")
    assert [(fact.data["watcher"]["name"], fact.public) for fact in facts.order_by("id")] == [
        ("Bruno Ortega", False), ("Ada Lozano", False), ("Elena Robles", False),
    ]  # fmt: skip


def test_who_works_no_tickets_any_more_is_told_nothing_of_what_they_followed(cast: Cast) -> None:
    ticket = cast.ticket()
    watching.follow(ticket, by=factories.actor(cast.bruno), now=OFFICE)
    Membership.objects.filter(user=cast.bruno).update(roles=[SALES])
    desk_queries.forget()

    actions.add_message(fresh(ticket), by=factories.actor(cast.rosa), now=OFFICE, body="¿Ya quedó?")

    assert told(cast.bruno, ticket) == []


def test_the_queue_shows_what_i_follow_and_how_many_steps_are_done(cast: Cast, at: Clock) -> None:
    ticket, other, bruno = cast.ticket(), cast.ticket(), factories.actor(cast.bruno)
    watching.follow(ticket, by=bruno, now=OFFICE)
    checklist.add_step(ticket, by=bruno, now=OFFICE, text="Pedir la e.firma")

    page = browse(cast.bruno).get("/cola/", {"vista": "sigo"}).content.decode()

    assert f'id="t-{ticket.number}"' in page
    assert f'id="t-{other.number}"' not in page
    assert "pasos 0/1" in page


def test_who_may_let_whom_follow(cast: Cast, stranger: Cast) -> None:
    ada, bruno = factories.actor(cast.ada), factories.actor(cast.bruno)
    ticket = actions.take(cast.ticket(), by=ada, now=OFFICE)

    for person in (cast.rosa, stranger.ada, cast.paola):
        with pytest.raises(Forbidden):
            watching.follow(ticket, by=factories.actor(person), now=OFFICE)
    with pytest.raises(Forbidden):
        watching.follow(ticket, by=bruno, now=OFFICE, user=cast.elena.pk)
    for nobody in (stranger.ada.pk, cast.paola.pk, cast.rosa.user.pk, 0):
        with pytest.raises(Invalid):
            watching.follow(ticket, by=ada, now=OFFICE, user=nobody)
    watching.mentioned(ticket, by=bruno, now=OFFICE, user=cast.elena.pk)
    with pytest.raises(Forbidden):
        watching.unfollow(ticket, by=bruno, now=OFFICE, user=cast.elena.pk)
    watching.unfollow(ticket, by=ada, now=OFFICE, user=cast.elena.pk)
    watching.unfollow(ticket, by=ada, now=OFFICE, user=cast.elena.pk)

    assert not Watcher.objects.exists()
    assert fresh(ticket).n_watchers == 0
    assert told(cast.elena, ticket) == []


# ------------------------------------------------------------------ links


def test_both_sides_tell_of_a_link_and_of_its_end(cast: Cast) -> None:
    ada = factories.actor(cast.ada)
    one, other = cast.ticket(), cast.ticket()

    linking.link(one, by=ada, now=OFFICE, number=f" #{other.number.lower()} ", kind="caused_by")
    made = linking.link(one, by=ada, now=OFFICE, number=other.number, kind="caused_by")
    codes = [[row.code for row in queries.links(ticket, ada)] for ticket in (one, other)]
    turned = linking.link(other, by=ada, now=OFFICE, number=one.number, kind="related")
    same = linking.link(one, by=ada, now=OFFICE, number=other.number, kind="related")

    assert codes == [["caused_by"], ["caused_by.back"]]
    assert (same, TicketLink.objects.count()) == (turned, 1)
    assert made.pk != turned.pk
    linking.unlink(one, by=ada, now=OFFICE, link=turned.pk)
    with pytest.raises(Conflict):
        linking.unlink(other, by=ada, now=OFFICE, link=turned.pk)
    kinds = (
        TicketEvent.objects.filter(ticket=other, type__contains="link").order_by("id").values_list("type", flat=True)
    )
    assert list(kinds) == ["ticket.linked", "ticket.linked", "ticket.unlinked"]


def test_a_link_says_clearly_what_it_cannot_be(cast: Cast, stranger: Cast) -> None:
    ada, ticket = factories.actor(cast.ada), cast.ticket()

    for number in ("", "IMX-999", stranger.ticket().number, ticket.number):
        with pytest.raises(Invalid) as refused:
            linking.link(ticket, by=ada, now=OFFICE, number=number)
        assert refused.value.errors[0].field == "number"
    with pytest.raises(Invalid):
        linking.link(ticket, by=ada, now=OFFICE, number=cast.ticket().number, kind="hermano")
    with pytest.raises(Forbidden):
        linking.link(ticket, by=factories.actor(cast.rosa), now=OFFICE, number=cast.ticket().number)


@pytest.mark.django_db(transaction=True)
def test_two_people_link_two_tickets_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = Cast()
    one, other = cast.ticket(), cast.ticket()
    barrier, faults, find = threading.Barrier(2), [], linking._other

    def found(*asked: Any) -> Ticket:
        other = find(*asked)
        barrier.wait()
        return other

    monkeypatch.setattr(linking, "_other", found)

    def run(mine: Ticket, theirs: Ticket) -> None:
        try:
            linking.link(mine, by=factories.actor(cast.ada), now=OFFICE, number=theirs.number)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert TicketLink.objects.count() == 1
    assert TicketEvent.objects.filter(type="ticket.linked").count() == 2, "one on each side"


# ------------------------------------------------------------------ steps


def steps(ticket: Ticket) -> list[tuple[str, bool]]:
    return [(row.text, row.done_at is not None) for row in queries.steps(fresh(ticket))]


def kept(ticket: Ticket) -> tuple[int, int]:
    row = fresh(ticket)
    return row.checklist_done, row.checklist_total


def test_steps_are_added_ticked_moved_and_taken_out(cast: Cast) -> None:
    made: dict[str, Any] = {"by": factories.actor(cast.ada), "now": OFFICE}
    ticket = cast.ticket()
    Checklist.objects.create(desk=cast.desk, slug="csd", name="Renovación de CSD", steps=["Pedir", "Generar", "Cargar"])
    checklist.add_step(ticket, text="  Generar  ", **made)

    checklist.add_list(ticket, template="csd", **made)
    checklist.add_list(ticket, template="csd", **made)
    first, second, third = ChecklistItem.objects.order_by("position")
    checklist.tick(ticket, step=second.pk, **made)
    checklist.tick(ticket, step=second.pk, **made)
    checklist.move_step(ticket, step=third.pk, up=True, **made)
    checklist.move_step(ticket, step=first.pk, up=True, **made)

    assert steps(ticket) == [("Generar", False), ("Cargar", False), ("Pedir", True)]
    assert kept(ticket) == (1, 3)
    checklist.remove_step(ticket, step=second.pk, **made)
    checklist.tick(ticket, step=first.pk, **made)
    checklist.tick(ticket, step=first.pk, done=False, **made)
    assert (kept(ticket), steps(ticket)) == ((0, 2), [("Generar", False), ("Cargar", False)])
    with pytest.raises(Conflict):
        checklist.tick(ticket, step=second.pk, **made)
    types = TicketEvent.objects.filter(ticket=ticket, type__startswith="ticket.checklist").order_by("id")
    assert [event.type.removeprefix("ticket.checklist_") for event in types] == [
        "added", "added", "ticked", "removed", "ticked", "unticked",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("resolve", {"solution": "Se corrigió"}),
        ("responder", {"kind": "reply", "body": "Se corrigió", "after": "resolve"}),
    ],
)
def test_resolving_with_open_steps_asks_once(cast: Cast, at: Clock, address: str, fields: dict[str, str]) -> None:
    ada = factories.actor(cast.ada)
    ticket = actions.take(cast.ticket(), by=ada, now=OFFICE)
    checklist.add_step(ticket, by=ada, now=OFFICE, text="Pedir la e.firma")
    href, browser = f"/tickets/{ticket.number}/{address}/", browse(cast.ada)

    asked = browser.post(href, fields)
    again = browser.post(href, {**fields, "steps": "1"})

    assert asked.status_code == 422
    assert "Queda un paso de la lista sin marcar." in asked.content.decode()
    assert 'name="steps" value="1"' in asked.content.decode()
    assert again.status_code == 302


def test_what_is_no_step(cast: Cast) -> None:
    made: dict[str, Any] = {"by": factories.actor(cast.ada), "now": OFFICE}
    ticket, other = cast.ticket(), cast.ticket()

    for text in (" ", "x" * 201, "Entrar con la contraseña: Zafiro-7731"):
        with pytest.raises(Invalid):
            checklist.add_step(ticket, text=text, **made)
    with pytest.raises(Invalid):
        checklist.add_list(ticket, template="no-hay", **made)
    for n in range(50):
        ChecklistItem.objects.create(ticket=ticket, position=n, text=str(n))
    with pytest.raises(Invalid):
        checklist.add_step(ticket, text="uno más", **made)
    with pytest.raises(Conflict):  # a step of another ticket
        checklist.tick(other, step=ChecklistItem.objects.all()[0].pk, **made)
    with pytest.raises(Forbidden):
        checklist.add_step(ticket, text="x", by=factories.actor(cast.rosa), now=OFFICE)


# ------------------------------------------------------------------ time


def test_time_is_noted_corrected_and_taken_out_with_a_trace(cast: Cast) -> None:
    ada, ticket = factories.actor(cast.ada), cast.ticket()

    first = timing.note_time(ticket, by=ada, now=OFFICE, minutes=40, note="Revisé los XML")
    timing.note_time(ticket, by=factories.actor(cast.bruno), now=OFFICE, minutes=15, worked_on=date(2026, 11, 16))
    better = timing.correct_time(ticket, by=ada, now=OFFICE, entry=first.pk, minutes=25, note="Revisé los XML")
    same = timing.correct_time(ticket, by=ada, now=OFFICE, entry=better.pk, minutes=25, note="Revisé los XML")

    assert (better.worked_on, same) == (date(2026, 11, 17), better)
    assert fresh(ticket).minutes_worked == 40
    assert [row.minutes for row in queries.time_entries(fresh(ticket))] == [25, 15]
    before = TimeEntry.objects.get(pk=first.pk)
    assert (before.minutes, before.replaced_by_id, before.removed_at) == (40, better.pk, OFFICE)
    with pytest.raises(Conflict):
        timing.remove_time(ticket, by=ada, now=OFFICE, entry=first.pk)
    with pytest.raises(Forbidden):
        timing.remove_time(ticket, by=factories.actor(cast.elena), now=OFFICE, entry=better.pk)
    timing.remove_time(ticket, by=ada, now=OFFICE, entry=better.pk)
    assert (fresh(ticket).minutes_worked, TimeEntry.objects.count()) == (15, 3)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 721}, "minutes"),
        ({"minutes": 30, "worked_on": date(2026, 11, 18)}, "worked_on"),
        ({"minutes": 30, "worked_on": date(2026, 9, 1)}, "worked_on"),
        ({"minutes": 30, "note": "x" * 201}, "note"),
        ({"minutes": 30, "note": "contraseña: Zafiro-7731"}, "note"),
    ],
)
def test_time_that_cannot_be(cast: Cast, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        timing.note_time(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE, **fields)

    assert refused.value.errors[0].field == field


def test_a_day_has_24_hours_and_the_desk_says_which_day_it_is(cast: Cast) -> None:
    ada = factories.actor(cast.ada)
    for _n in range(2):
        timing.note_time(cast.ticket(), by=ada, now=NIGHT, minutes=720)

    with pytest.raises(Invalid) as refused:
        timing.note_time(cast.ticket(), by=ada, now=NIGHT, minutes=1)

    assert refused.value.errors[0].code == "day_full"
    assert set(TimeEntry.objects.values_list("worked_on", flat=True)) == {date(2026, 11, 17)}  # 23:10 there


# ------------------------------------------------------------------ what I am to follow up


@pytest.mark.django_db(transaction=True)
def test_a_day_keeps_to_24_hours_on_two_tickets_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = Cast()
    ada, tickets = factories.actor(cast.ada), [cast.ticket() for _n in range(3)]
    timing.note_time(tickets[0], by=ada, now=OFFICE, minutes=11 * 60)
    both = threading.Barrier(2, timeout=10)
    monkeypatch.setattr(passwords, "find", lambda text: both.wait() < 0)  # what comes before the day is summed

    found = at_once([partial(timing.note_time, ticket, by=ada, now=OFFICE, minutes=11 * 60) for ticket in tickets[1:]])

    assert sorted(type(one).__name__ for one in found) == ["Invalid", "TimeEntry"]
    assert queries.time_entries(fresh(tickets[0]))[0].minutes == 11 * 60
    assert sum(row.minutes for row in TimeEntry.objects.all()) == 22 * 60


@pytest.mark.django_db(transaction=True)
def test_reminders_keep_to_their_number_on_two_tickets_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "MAX_OPEN", 1)
    cast = Cast()
    tickets = [cast.ticket() for _n in range(2)]

    found = at_once([partial(remind, ticket, cast) for ticket in tickets])

    assert sorted(type(one).__name__ for one in found) == ["Invalid", "Reminder"]


@pytest.mark.parametrize(
    ("now", "preset", "local"),
    [
        (OFFICE, "manana", "2026-11-18 09:00"),
        (NIGHT, "manana", "2026-11-18 09:00"),
        (SATURDAY, "manana", "2026-11-17 09:00"),  # Monday is a holiday
        (OFFICE, "dos", "2026-11-19 09:00"),
        (OFFICE, "semana", "2026-11-23 09:00"),  # Saturday is a business day there
    ],
)
def test_presets_mean_business_days(cast: Cast, now: datetime, preset: str, local: str) -> None:
    hours = desk_queries.hours(cast.desk, now)

    found = reminding.instant(preset, now=now, zone=MEXICO, hours=hours)

    assert f"{found.astimezone(MEXICO):%Y-%m-%d %H:%M}" == local


def test_without_a_calendar_every_day_counts() -> None:
    found = reminding.instant("manana", now=SATURDAY, zone=MEXICO, hours=None)

    assert found == datetime(2026, 11, 15, 15, 0, tzinfo=UTC)


def remind(ticket: Ticket, cast: Cast, minutes: int = 60, **fields: Any) -> Reminder:
    due_at = OFFICE + timedelta(minutes=minutes)
    return reminders.remind(ticket, by=factories.actor(cast.ada), now=OFFICE, due_at=due_at, **fields)


def test_a_reminder_rings_once_whoever_has_the_ticket(cast: Cast) -> None:
    ticket, ada = cast.ticket(), factories.actor(cast.ada)
    row = remind(ticket, cast, note="Ver si ya timbran")
    assert remind(ticket, cast, note="Ver si ya timbran") == row
    actions.assign(fresh(ticket), by=factories.actor(cast.elena), now=OFFICE, assignee=cast.bruno.pk)

    run_timers(OFFICE + timedelta(minutes=59))
    early = told(cast.ada, ticket)
    run_timers(OFFICE + timedelta(minutes=61))
    run_timers(OFFICE + timedelta(minutes=90))

    assert "Pidió darle seguimiento" not in early
    assert told(cast.ada, ticket).count("Pidió darle seguimiento") == 1
    notice = Notification.objects.get(params__subject__icontains="seguimiento")
    assert "«Ver si ya timbran»" in notice.params["lines"]
    assert "Pidió darle seguimiento" not in told(cast.bruno, ticket)
    assert [one.pk for one in queries.reminders_of(ada, cursor=None).items] == [row.pk]
    reminders.done(row, by=ada, now=OFFICE)
    assert queries.reminders_of(ada, cursor=None).items == []


def test_put_off_it_rings_at_the_new_hour_and_done_it_rings_no_more(cast: Cast) -> None:
    ada = factories.actor(cast.ada)
    later, ended = remind(cast.ticket(), cast), remind(cast.ticket(), cast)

    reminders.snooze(later, by=ada, now=OFFICE, due_at=OFFICE + timedelta(hours=5))
    reminders.done(ended, by=ada, now=OFFICE)
    reminders.done(ended, by=ada, now=OFFICE)
    run_timers(OFFICE + timedelta(hours=2))
    rung = Notification.objects.filter(params__subject__icontains="seguimiento").count()
    run_timers(OFFICE + timedelta(hours=6))

    assert rung == 0
    assert Notification.objects.filter(params__subject__icontains="seguimiento").count() == 1
    with pytest.raises(Conflict):
        reminders.snooze(ended, by=ada, now=OFFICE, due_at=OFFICE + timedelta(hours=5))
    with pytest.raises(Forbidden):
        reminders.done(later, by=factories.actor(cast.elena), now=OFFICE)
    for due_at in (OFFICE, OFFICE + timedelta(days=400)):
        with pytest.raises(Invalid):
            reminders.snooze(later, by=ada, now=OFFICE, due_at=due_at)


@pytest.mark.parametrize("change", [{"is_active": False}, {"roles": [SALES]}])
def test_who_left_the_desk_is_told_nothing(cast: Cast, change: dict[str, Any]) -> None:
    remind(cast.ticket(), cast)
    Membership.objects.filter(user=cast.ada).update(**change)
    desk_queries.forget()

    run_timers(OFFICE + timedelta(hours=2))

    assert not Timer.objects.filter(parked_at__isnull=False).exists()
    assert not Notification.objects.filter(params__subject__icontains="seguimiento").exists()
    assert Reminder.objects.get().done_at is not None


@pytest.mark.parametrize("active", [True, False])
def test_an_administrator_is_told_of_theirs_as_anybody_is(cast: Cast, active: bool) -> None:
    irene = factories.make_user("Irene Admin", is_staff=True)
    admin = factories.actor(irene)
    reminders.remind(cast.ticket(), by=admin, now=OFFICE, due_at=OFFICE + timedelta(hours=1), note="Ver la bitácora")
    type(irene).objects.filter(pk=irene.pk).update(is_active=active)

    for hour in (2, 3):
        run_timers(OFFICE + timedelta(hours=hour))

    told = Notification.objects.filter(recipient=irene.email)
    assert ["Ver la bitácora" in str(row.params["lines"]) for row in told] == ([True] if active else [])
    assert [row.done_at for row in queries.reminders_of(admin, cursor=None).items] == ([None] if active else [])


# ------------------------------------------------------------------ the section


def test_the_section_by_plain_forms(cast: Cast, at: Clock) -> None:
    Checklist.objects.create(desk=cast.desk, slug="csd", name="Renovación de CSD", steps=["Pedir", "Generar"])
    ticket, other, browser = cast.ticket(), cast.ticket(), browse(cast.ada)
    here = f"/tickets/{ticket.number}/orden/"
    posts: list[tuple[str, dict[str, Any]]] = [
        ("pasos", {"template": "csd"}),
        ("pasos", {"text": "Cargar <b>"}),
        ("ligas", {"kind": "caused_by", "number": other.number}),
        ("tiempo", {"minutes": "80", "note": "Revisé", "worked_on": "2026-11-17"}),
        ("recordar", {"note": "Llamar", "preset": "manana"}),
        ("recordar", {"note": "Volver a llamar", "day": "2026-11-20", "hour": "16:30"}),
    ]

    answers = [browser.post(f"{here}{part}/", data) for part, data in posts]
    first = ChecklistItem.objects.order_by("position")[0]
    browser.post(f"{here}pasos/", {"tick": first.pk})
    browser.post(f"{here}tiempo/", {"entry": TimeEntry.objects.get().pk, "minutes": "75", "note": "Revisé"})
    for _press in range(2):  # two presses of *Seguir* follow it, whatever the page said at the second
        browser.post(f"/tickets/{ticket.number}/seguir/")
    page = browser.get(here).content.decode()

    assert {answer.status_code for answer in answers} == {302}
    for text in ("1/3", "Cargar &lt;b&gt;", "lo causa", other.number, "1 h 15 min", "Llamar", "vie 20 nov, 16:30"):
        assert text in page, text
    assert "Dejar de seguir" in page
    assert f'action="/tickets/{ticket.number}/seguir/?no=1"' in page
    browser.post(f"/tickets/{ticket.number}/seguir/?no=1")
    assert "Dejar de seguir" not in browser.get(here).content.decode()
    watching.follow(fresh(ticket), by=factories.actor(cast.elena), now=OFFICE, user=cast.bruno.pk)
    assert "a petición de Elena Robles" in browser.get(here).content.decode()
    detail = browser.get(f"/tickets/{ticket.number}/").content.decode()
    assert "Pasos 1/3" in " ".join(detail.split())
    mine = browser.get("/seguimientos/").content.decode()
    assert mine.index("mañana 09:00") < mine.index("vie 20 nov, 16:30")
    row = Reminder.objects.order_by("due_at")[0]
    assert browser.post(f"/seguimientos/{row.pk}/posponer/", {"preset": "dos"}).status_code == 302
    assert browser.post(f"/seguimientos/{row.pk}/posponer/", {"day": "2026-11-01", "hour": "9:00"}).status_code == 422
    assert browser.post(f"/seguimientos/{row.pk}/hecho/").status_code == 302
    assert browse(cast.bruno).post(f"/seguimientos/{row.pk}/hecho/").status_code == 404


def test_a_form_that_is_sent_twice_does_it_once(cast: Cast, at: Clock) -> None:
    ticket, browser = cast.ticket(), browse(cast.ada)
    here = f"/tickets/{ticket.number}/orden/"
    page = browser.get(here)
    key = str(page.context["key"])
    assert page.content.decode().count(f'name="key" value="{key}"') == 2
    step, time = {"text": "Pedir el CSD", "key": key}, {"minutes": "80", "note": "Revisé", "key": key}

    for _press in range(2):
        browser.post(f"{here}pasos/", step)
        browser.post(f"{here}tiempo/", time)
    # Gone back to, the same page may say something else; on a new one the same words are said again.
    browser.post(f"{here}pasos/", {**step, "text": "Generar el CSD"})
    browser.post(f"{here}tiempo/", {**time, "minutes": "10"})
    browser.post(f"{here}tiempo/", {**time, "key": str(browser.get(here).context["key"])})

    assert [row.text for row in queries.steps(fresh(ticket))] == ["Pedir el CSD", "Generar el CSD"]
    assert sorted(row.minutes for row in queries.time_entries(fresh(ticket))) == [10, 80, 80]
    assert TicketEvent.objects.filter(type="ticket.checklist_added").count() == 2


@pytest.mark.parametrize(
    ("part", "data", "text"),
    [
        ("ligas", {"kind": "related", "number": "IMX-999"}, "No hay un ticket IMX-999 que usted atienda."),
        ("pasos", {"text": "x" * 201}, "Paso: "),
        ("tiempo", {"minutes": "mucho", "note": "Lo que hice"}, "Lo que hice"),
        ("recordar", {"note": "Para no perderlo"}, "Para no perderlo"),
        ("siguen", {"user": "0"}, "Elija a una persona de esta mesa."),
    ],
)
def test_what_is_wrong_comes_back_with_what_was_typed(
    cast: Cast, at: Clock, part: str, data: dict[str, str], text: str
) -> None:
    answer = browse(cast.elena).post(f"/tickets/{cast.ticket().number}/orden/{part}/", data)

    assert answer.status_code == 422
    assert text in answer.content.decode()


def test_an_address_that_is_no_part_is_not_found(cast: Cast, at: Clock) -> None:
    assert browse(cast.ada).post(f"/tickets/{cast.ticket().number}/orden/otra/").status_code == 404


def test_a_plain_ticket_asks_nothing_more(cast: Cast, at: Clock) -> None:
    ticket, browser = cast.ticket(), browse(cast.ada)
    browser.get(f"/tickets/{ticket.number}/")

    with CaptureQueriesContext(
        connection,
    ) as seen:
        browser.get(f"/tickets/{ticket.number}/")

    tables = "tickets_watcher", "tickets_checklistitem", "tickets_ticketlink", "tickets_timeentry", "tickets_reminder"
    assert [query for query in seen.captured_queries if any(table in query["sql"] for table in tables)] == []


def test_splitting_by_the_page(cast: Cast, at: Clock) -> None:
    ticket, browser = cast.ticket(), browse(cast.ada)
    message = actions.add_message(ticket, by=factories.actor(cast.rosa), now=OFFICE, body="Y además la nómina.")
    address = f"/tickets/{ticket.number}/separar/"

    offered = browser.get(address).content.decode()
    wrong = browser.post(address, {"subject": "Nómina", "request_type": "operational_question"})
    done = browser.post(address, {"subject": "Nómina", "request_type": "unsure", "messages": [message.pk]})
    taken = Ticket.objects.get(split_from=ticket)
    page = browser.get(f"/tickets/{taken.number}/").content.decode()

    assert "Y además la nómina." in offered
    assert wrong.status_code == 422
    assert done["Location"] == f"/tickets/{taken.number}/"
    assert f"Se separó de {ticket.number}." in page
    assert f"pasó un mensaje a {taken.number}" in browser.get(f"/tickets/{ticket.number}/").content.decode()
    client = browse(cast.rosa.user).get(f"/tickets/{ticket.number}/").content.decode()
    assert f"Una parte se atiende aparte, en {taken.number}" in client
    undone = browser.post(f"/tickets/{taken.number}/deshacer-separacion/")
    assert undone["Location"] == f"/tickets/{ticket.number}/"
    assert browser.post(f"/tickets/{taken.number}/deshacer-separacion/").status_code == 409


# ------------------------------------------------------------------ the API


def test_the_section_by_the_api(cast: Cast, caller: Caller) -> None:
    Checklist.objects.create(desk=cast.desk, slug="csd", name="Renovación de CSD", steps=["Pedir", "Generar"])
    ticket, other, ada = cast.ticket(), cast.ticket(), caller(cast.ada)
    here = f"/api/v1/tickets/{ticket.number}/"

    def post(address: str, body: dict[str, Any], status: int = 200) -> Any:
        answer = ada.post(f"{here}{address}", body, format="json")
        assert answer.status_code == status, answer.content
        return answer.json()

    post("steps/", {"list": "csd"})
    listed = post("steps/", {"text": "Cargar"})["steps"]
    post(f"steps/{listed[0]['id']}/tick/", {})
    post(f"steps/{listed[2]['id']}/up/", {})
    post("links/", {"number": other.number, "kind": "duplicate"})
    noted = post("time/", {"minutes": 40, "note": "Revisé"})["time"][0]
    post(f"time/{noted['id']}/correct/", {"minutes": 30, "note": "Revisé"})
    post("watchers/", {"follow": True})
    due_at = (OFFICE + timedelta(days=1)).isoformat()
    reminder = post("reminders/", {"due_at": due_at, "note": "Llamar"}, 201)
    found = ada.get(f"{here}order/").json()

    assert [(step["text"], step["done_at"] is not None) for step in found["steps"]] == [
        ("Pedir", True), ("Cargar", False), ("Generar", False),
    ]  # fmt: skip
    assert found["steps"][0]["done_by"] == {"id": cast.ada.pk, "name": "Ada Lozano", "kind": "user"}
    assert [(link["what"], link["number"], link["status"]) for link in found["links"]] == [
        ("duplicate", other.number, other.status)
    ]
    assert (found["minutes_noted"], found["minutes_attended"], found["time"][0]["minutes"]) == (30, 0, 30)
    assert [person["name"] for person in found["watchers"]] == ["Ada Lozano"]
    mine = ada.get("/api/v1/reminders/").json()["results"]
    assert [(row["id"], row["ticket"], row["due_at"]) for row in mine] == [
        (reminder["id"], ticket.number, "2026-11-18T10:42:00-06:00")
    ]
    assert ada.post(f"/api/v1/reminders/{reminder['id']}/done/").json()["done_at"] is not None
    assert caller(cast.rosa).get(f"{here}order/").status_code == 403


def test_splitting_by_the_api(cast: Cast, caller: Caller) -> None:
    ticket, ada = cast.ticket(), caller(cast.ada)
    message = actions.add_message(ticket, by=factories.actor(cast.rosa), now=OFFICE, body="Y además la nómina.")
    body = {"messages": [message.pk], "subject": "Nómina"}

    taken = ada.post(f"/api/v1/tickets/{ticket.number}/split/", body, format="json")
    again = ada.post(f"/api/v1/tickets/{ticket.number}/split/", body, format="json")
    back = ada.post(f"/api/v1/tickets/{taken.json()['number']}/unsplit/")

    assert taken.status_code == 201
    assert (again.status_code, again.json()["errors"][0]["code"]) == (400, "not_movable")
    assert (back.status_code, back.json()["merged_into"]) == (200, ticket.number)
