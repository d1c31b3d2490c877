"""Appointments through their actions: rows, timeline, notices, timers, and what they do to the ticket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clients.models import Contract
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from desks import absence_actions
from desks.models import Desk, Plan
from notifications.models import Notification
from schedules import actions as schedule_actions
from schedules.models import Override, Timer
from tests import factories
from tests.factories import OFFICE, Cast, actor
from tickets import actions, links, openings
from tickets.actions import appointments, attentions, prices
from tickets.agenda import State
from tickets.models import Appointment, Attention, Clock, PriceConsent, TellTask, Ticket, TicketEvent

MINUTE = timedelta(minutes=1)
START = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)  # Wednesday, 10:00 in Mexico City


def link(ticket: Ticket) -> Actor:
    """The client as the signed link makes them."""
    return links.actor_of(Ticket.objects.with_people().get(pk=ticket.pk), ticket.requester_id)


def taken(cast: Cast, **fields: Any) -> Ticket:
    ticket = cast.ticket(**fields)
    return actions.take(ticket, by=actor(cast.ada), now=OFFICE)


def book(ticket: Ticket, by: Actor, **changes: Any) -> Ticket:
    return actions.schedule(
        ticket, by=by, **{"now": OFFICE, "method": "remote", "starts_at": START, "minutes": 30, **changes}
    )


def due(now: datetime) -> None:
    while schedule_actions.fire_due(now=now):
        pass


def row(ticket: Ticket) -> Appointment:
    return Appointment.objects.filter(ticket=ticket).latest("id")


def kinds(ticket: Ticket) -> list[str]:
    return [e.type.removeprefix("ticket.") for e in TicketEvent.objects.filter(ticket=ticket).order_by("id")]


def keys(prefix: str) -> list[str]:
    return list(Notification.objects.filter(key__startswith=prefix).order_by("id").values_list("recipient", flat=True))


# ------------------------------------------------------------------ booking


def test_booking_by_the_assignee_invites_the_client(cast: Cast) -> None:
    ticket = book(taken(cast), actor(cast.ada), place="https://meet.invoicemx.example/1")

    booked = row(ticket)
    assert (ticket.status, ticket.appointment_at) == ("scheduled", START)
    assert (booked.consultant_id, booked.minutes, booked.confirmed_at) == (cast.ada.pk, 30, None)
    notice = Notification.objects.get(key__startswith="scheduled/")
    assert notice.recipient == cast.rosa.email
    assert notice.params["calendar"]["method"] == "REQUEST"
    assert f"UID:cita-{booked.pk}@mesa-de-ayuda" in notice.params["calendar"]["text"]
    assert "https://meet.invoicemx.example/1" in " ".join(notice.params["lines"])
    assert "costo" not in " ".join(notice.params["lines"])


def test_the_hour_that_a_consultant_proposes_is_the_first_response(cast: Cast) -> None:
    one, two = taken(cast), taken(cast)

    assert book(one, actor(cast.ada)).answered_at == OFFICE
    assert book(two, link(two), starts_at=START + timedelta(hours=2)).answered_at is None


def test_booking_by_link_confirms_itself_and_tells_the_consultant(cast: Cast) -> None:
    ticket = taken(cast)

    ticket = book(ticket, link(ticket))

    assert row(ticket).confirmed_at == OFFICE
    assert sorted(keys("scheduled/")) == sorted([cast.rosa.email, cast.ada.email])


def test_a_client_without_mail_is_told_by_telephone(cast: Cast) -> None:
    nora = factories.make_contact(cast.desk.vendor, "Nora Paz", email="", phone="+527225550188")
    ticket = factories.make_ticket(cast.desk, contact=nora, email="", phone="+527225550188")
    ticket = actions.take(ticket, by=actor(cast.ada), now=OFFICE)

    book(ticket, actor(cast.ada), method="phone")

    told = TellTask.objects.get(ticket=ticket, code="scheduled")
    assert "722 555 0188" in told.text


def test_only_the_client_and_whoever_has_it_book(cast: Cast, stranger: Cast) -> None:
    ticket = taken(cast)

    for by in (actor(cast.bruno), actor(cast.tom), actor(stranger.elena)):
        with pytest.raises(Forbidden):
            book(ticket, by)
    assert book(ticket, actor(cast.elena)).status == "scheduled"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        pytest.param({"method": "chat"}, "method", "not_offered", id="the desk has no chat"),
        pytest.param({"starts_at": OFFICE}, "starts_at", "in_the_past", id="now is too late"),
        pytest.param({"starts_at": OFFICE + timedelta(days=400)}, "starts_at", "too_far", id="in a year"),
        pytest.param({"minutes": 4}, "minutes", "out_of_range", id="too short"),
        pytest.param({"minutes": 481}, "minutes", "out_of_range", id="too long"),
        pytest.param({"place": "http://meet.example/1"}, "place", "not_https", id="no safe address"),
        pytest.param({"place": "x" * 501}, "place", "max_length", id="too long a place"),
        pytest.param(
            {"method": "on_site", "starts_at": START + timedelta(hours=3, minutes=31)},
            "starts_at", "outside_office", id="on site past the closing at 14:00",
        ),
        pytest.param(
            {"method": "on_site", "starts_at": START + timedelta(hours=4)},
            "starts_at", "outside_office", id="on site at the instant of closing",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_booked(cast: Cast, changes: dict[str, Any], field: str, code: str) -> None:
    ticket = taken(cast)

    with pytest.raises(Invalid) as refusal:
        book(ticket, actor(cast.ada), **changes)

    assert [(e.field, e.code) for e in refusal.value.errors] == [(field, code)]
    assert not Appointment.objects.exists()


def test_on_site_goes_to_the_branch_of_the_ticket(cast: Cast) -> None:
    branch = cast.company.branches.create(name="Planta Lerma", address="Av. Industria 12, Lerma")
    ticket = taken(cast, branch=branch)

    book(ticket, actor(cast.ada), method="on_site")

    assert row(ticket).place == "Planta Lerma, Av. Industria 12, Lerma"


def test_a_ticket_of_nobody_is_given_to_who_is_free_then(cast: Cast) -> None:
    book(taken(cast), actor(cast.ada))
    ticket = cast.ticket()
    Ticket.objects.filter(pk=ticket.pk).update(assignee=None, status="new")

    ticket = book(ticket, link(ticket))

    assert (ticket.assignee_id, row(ticket).consultant_id) == (cast.bruno.pk, cast.bruno.pk)
    assert ticket.status == "scheduled"
    third = cast.ticket()
    Ticket.objects.filter(pk=third.pk).update(assignee=None, status="new")
    with pytest.raises(Conflict) as refusal:
        book(third, link(third))
    assert refusal.value.code == "double_booking"


def test_an_appointment_goes_along_with_the_ticket_where_they_are_free(cast: Cast) -> None:
    ticket, other = book(taken(cast), actor(cast.ada)), taken(cast)

    ticket = actions.assign(ticket, by=actor(cast.elena), now=OFFICE, assignee=cast.bruno.pk)

    assert (ticket.status, row(ticket).consultant_id) == ("assigned", cast.bruno.pk)
    book(other, actor(cast.ada))
    actions.assign(other, by=actor(cast.elena), now=OFFICE, assignee=cast.bruno.pk)
    assert row(other).consultant_id == cast.ada.pk


# ------------------------------------------------------------------ moving, confirming, cancelling


def test_moving_keeps_the_row_and_its_timers_follow(cast: Cast) -> None:
    ticket = book(taken(cast), actor(cast.ada))
    before = row(ticket)

    ticket = book(ticket, link(ticket), starts_at=START + timedelta(hours=1))

    after = row(ticket)
    assert (after.pk, after.sequence, after.confirmed_at) == (before.pk, 1, OFFICE)
    assert ticket.appointment_at == START + timedelta(hours=1)
    pending = Timer.objects.pending().filter(key__startswith=f"appointment/{after.pk}/")
    assert {t.key.split("/")[2] for t in pending} == {"1"}
    assert (
        "SEQUENCE:1" in Notification.objects.filter(key__startswith="appointment_moved/")[0].params["calendar"]["text"]
    )
    due(START + 11 * MINUTE)
    assert row(ticket).state == State.BOOKED


def test_the_same_hour_again_changes_nothing_but_the_clients_word(cast: Cast) -> None:
    ticket = book(taken(cast), actor(cast.ada))

    ticket = book(ticket, actor(cast.ada))
    assert (row(ticket).sequence, row(ticket).confirmed_at) == (0, None)
    ticket = book(ticket, link(ticket))

    assert (row(ticket).sequence, row(ticket).confirmed_at) == (0, OFFICE)
    assert len(keys("scheduled/")) == 1


def test_confirming_twice_is_once(cast: Cast) -> None:
    ticket = book(taken(cast), actor(cast.ada))

    for _time in range(2):
        appointments.confirm(ticket, by=link(ticket), now=OFFICE + MINUTE)

    assert row(ticket).confirmed_at == OFFICE + MINUTE
    assert kinds(ticket).count("appointment_confirmed") == 1
    with pytest.raises(Forbidden):
        appointments.confirm(ticket, by=actor(cast.ada), now=OFFICE)


def test_cancelling_gives_the_hour_back(cast: Cast) -> None:
    ticket, other = book(taken(cast), actor(cast.ada)), taken(cast)

    ticket = appointments.cancel(ticket, by=link(ticket), now=OFFICE, reason="No estaré en la oficina")

    assert (ticket.status, ticket.appointment_at, row(ticket).state) == ("in_progress", None, "cancelled")
    notice = Notification.objects.get(key__startswith="appointment_cancelled/", recipient=cast.rosa.email)
    assert notice.params["calendar"]["method"] == "CANCEL"
    assert cast.ada.email in keys("appointment_cancelled/")
    assert not Timer.objects.pending().filter(key__startswith="appointment/").exists()
    book(other, actor(cast.ada))
    with pytest.raises(Conflict) as refusal:
        appointments.cancel(ticket, by=link(ticket), now=OFFICE)
    assert refusal.value.code == "no_appointment"


@pytest.mark.parametrize("end", ["resolve", "cancel", "merge"])
def test_the_end_of_the_ticket_takes_it_off_the_calendars(cast: Cast, end: str) -> None:
    ticket, elena = book(taken(cast), actor(cast.ada)), actor(cast.elena)
    into = cast.ticket()
    does = {
        "resolve": lambda: actions.resolve(ticket, by=elena, now=OFFICE, solution="Se corrigió el código postal."),
        "cancel": lambda: actions.cancel(ticket, by=elena, now=OFFICE, reason="Repetido."),
        "merge": lambda: actions.merge(ticket, by=elena, now=OFFICE, into=into.number),
    }

    ended = does[end]()

    assert (ended.appointment_at, row(ticket).state) == (None, "cancelled")
    assert len(keys("appointment_cancelled/")) == 2


# ------------------------------------------------------------------ clocks


def test_waiting_ends_when_it_is_booked(cast: Cast) -> None:
    ticket = taken(cast)
    ticket = actions.wait(ticket, by=actor(cast.ada), now=OFFICE, reason="¿A qué hora?")

    ticket = book(ticket, link(ticket), now=OFFICE + timedelta(hours=1))

    assert (ticket.status, ticket.waiting_reason) == ("scheduled", "")
    assert not Clock.objects.filter(ticket=ticket, stopped_at=None, due_at=None).exists()


def test_the_clocks_rest_from_the_release_until_another_hour_is_chosen(cast: Cast) -> None:
    ticket = book(taken(cast), actor(cast.ada))
    due(START + 30 * MINUTE)

    ticket.refresh_from_db()
    assert ticket.status == "waiting_client"
    resting = Clock.objects.filter(ticket=ticket, stopped_at=None)
    assert resting
    assert {clock.paused_at for clock in resting} == {START + 10 * MINUTE + timedelta(microseconds=1)}

    again = START + timedelta(hours=2)
    ticket = book(ticket, link(ticket), now=again, starts_at=again + timedelta(hours=1))

    assert ticket.status == "scheduled"
    assert {clock.resumed_at for clock in Clock.objects.filter(ticket=ticket, stopped_at=None)} == {again}
    assert Appointment.objects.filter(ticket=ticket).count() == 2


# ------------------------------------------------------------------ reminders and grace


def test_reminders_the_day_and_the_hour_before(cast: Cast) -> None:
    ticket = book(taken(cast), actor(cast.ada), starts_at=START + timedelta(days=1))

    due(START)
    assert keys("appointment/") == [cast.rosa.email]
    due(START + timedelta(hours=23))
    # The superior took the ticket when a promise expired, and the appointment with it.
    assert sorted(keys("appointment/")) == sorted([cast.rosa.email, cast.rosa.email, cast.elena.email])
    ticket.refresh_from_db()
    assert ticket.status == "scheduled"


def test_an_outage_over_the_start_reminds_of_nothing(cast: Cast) -> None:
    book(taken(cast), actor(cast.ada))

    due(START + MINUTE)

    assert keys("appointment/") == []


def test_served_at_ten_minutes_late_and_released_later(cast: Cast) -> None:
    one = book(taken(cast), actor(cast.ada))
    two = taken(cast)
    two = book(two, actor(cast.ada), starts_at=START + timedelta(hours=1))

    due(START + 10 * MINUTE)
    one.refresh_from_db()
    assert one.status == "scheduled"
    one = attentions.attend(one, by=actor(cast.ada), now=START + 10 * MINUTE)
    assert (one.status, row(one).state) == ("in_progress", "serving")

    late = START + timedelta(hours=1, minutes=10, seconds=1)
    with pytest.raises(Conflict) as refusal:
        attentions.attend(two, by=actor(cast.ada), now=late)
    assert refusal.value.code == "appointment_released"
    due(late)

    two.refresh_from_db()
    assert (two.status, two.appointment_at, row(two).state) == ("waiting_client", None, "no_show")
    assert two.waiting_reason == "Elegir otra hora para la cita"
    consultant = row(two).consultant
    assert consultant is not None
    assert sorted(keys("appointment_released/")) == sorted([cast.rosa.email, consultant.email])
    due(late)
    assert kinds(two).count("appointment_released") == 1


def test_nobody_is_missed_within_the_grace(cast: Cast) -> None:
    ticket = book(taken(cast), actor(cast.ada))

    with pytest.raises(Conflict) as refusal:
        appointments.missed(ticket, by=actor(cast.ada), now=START + 10 * MINUTE)
    assert refusal.value.code == "within_tolerance"
    ticket = appointments.missed(ticket, by=actor(cast.ada), now=START + 11 * MINUTE)

    assert row(ticket).state == "no_show"


def test_a_ticket_that_is_worked_on_stays_at_work_when_nobody_comes(cast: Cast) -> None:
    ticket = book(taken(cast), actor(cast.ada))
    ticket = actions.assign(ticket, by=actor(cast.elena), now=OFFICE, assignee=cast.bruno.pk)
    ticket = actions.take(ticket, by=actor(cast.bruno), now=OFFICE)

    due(START + 11 * MINUTE)

    ticket.refresh_from_db()
    assert (ticket.status, row(ticket).state) == ("in_progress", "no_show")


# ------------------------------------------------------------------ attending


def test_an_attention_begins_ends_and_stands_in_the_journal(cast: Cast) -> None:
    ticket = book(taken(cast), actor(cast.ada))

    ticket = attentions.attend(ticket, by=actor(cast.ada), now=START + MINUTE)
    assert ticket.status == "in_progress"
    with pytest.raises(Conflict) as refusal:
        book(ticket, actor(cast.ada), now=START + 2 * MINUTE, starts_at=START + timedelta(hours=3))
    assert refusal.value.code == "being_attended"
    ticket = attentions.finish(
        ticket, by=actor(cast.ada), now=START + 20 * MINUTE, outcome="other_method", note="Hay que ir."
    )

    done = Attention.objects.get(ticket=ticket)
    assert (done.started_at, done.ended_at, done.outcome) == (START + MINUTE, START + 20 * MINUTE, "other_method")
    assert (done.cost, done.consent, done.note.body, done.note.internal) == (None, None, "Hay que ir.", True)
    assert (row(ticket).state, ticket.appointment_at, ticket.status) == ("done", None, "in_progress")
    assert kinds(ticket)[-1] == "attended"


def test_solved_at_the_appointment_tells_the_client_what_was_done(cast: Cast) -> None:
    ticket = attentions.attend(book(taken(cast), actor(cast.ada)), by=actor(cast.ada), now=START)

    with pytest.raises(Invalid):
        attentions.finish(ticket, by=actor(cast.ada), now=START, outcome="resolved")
    ticket = attentions.finish(
        ticket, by=actor(cast.ada), now=START + 9 * MINUTE, outcome="resolved", note="Se instaló la 4.2.8."
    )

    assert (ticket.status, ticket.resolved_at) == ("resolved", START + 9 * MINUTE)
    assert len(keys("resolved/")) == 1


def test_resolving_meanwhile_ends_what_goes_on(cast: Cast) -> None:
    ticket = attentions.attend(book(taken(cast), actor(cast.ada)), by=actor(cast.ada), now=START)

    actions.resolve(ticket, by=actor(cast.elena), now=START + 5 * MINUTE, solution="Quedó con el parche.")

    done = Attention.objects.get(ticket=ticket)
    assert (done.ended_at, done.outcome, row(ticket).state) == (START + 5 * MINUTE, "resolved", "done")


def recorded(ticket: Ticket, by: Actor, **changes: Any) -> Attention:
    return actions.record_attention(
        ticket,
        by=by,
        **{
            "now": OFFICE + timedelta(hours=1),
            "method": "phone",
            "started_at": OFFICE + 5 * MINUTE,
            "ended_at": OFFICE + 17 * MINUTE,
            "outcome": "continues",
            **changes,
        },
    )


def test_an_attention_that_nobody_planned_is_written_down(cast: Cast) -> None:
    ticket = taken(cast)

    done = recorded(ticket, actor(cast.bruno), note="Quedó de mandar el XML.")

    ticket.refresh_from_db()
    assert (done.consultant_id, done.method, done.outcome, done.appointment) == (
        cast.bruno.pk,
        "phone",
        "continues",
        None,
    )
    assert (ticket.answered_at, ticket.status) == (OFFICE + 17 * MINUTE, "in_progress")
    entry = TicketEvent.objects.get(ticket=ticket, type="ticket.attended")
    assert (entry.at, entry.data["minutes"]) == (OFFICE + 17 * MINUTE, 12)


def test_solved_by_phone_is_resolved_at_its_own_hour(cast: Cast) -> None:
    ticket = taken(cast)

    recorded(ticket, actor(cast.ada), outcome="resolved", note="Se reinició el servicio.")

    ticket.refresh_from_db()
    assert (ticket.status, ticket.resolved_at) == ("resolved", OFFICE + 17 * MINUTE)


def test_a_caller_who_settles_the_ticket_only_gets_the_row(cast: Cast) -> None:
    ticket = taken(cast)
    ticket = actions.resolve(ticket, by=actor(cast.ada), now=OFFICE, solution="Quedó.")

    done = recorded(ticket, actor(cast.ada), outcome="resolved", settles=False)

    assert done.outcome == "resolved"
    assert kinds(ticket).count("resolved") == 1


def test_who_came_after_all_is_not_counted_as_missing(cast: Cast) -> None:
    ticket = book(taken(cast), actor(cast.ada))
    due(START + 11 * MINUTE)

    recorded(
        ticket, actor(cast.ada), method="remote",
        now=START + 50 * MINUTE, started_at=START + 2 * MINUTE, ended_at=START + 25 * MINUTE,
    )  # fmt: skip

    ticket.refresh_from_db()
    assert (row(ticket).state, ticket.status) == ("done", "in_progress")
    assert not Appointment.objects.missed().exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"method": "fax"}, "method", id="unknown"),
        pytest.param({"outcome": "x"}, "outcome", id="no outcome"),
        pytest.param({"ended_at": OFFICE}, "ended_at", id="ends before it begins"),
        pytest.param({"ended_at": OFFICE + timedelta(hours=2)}, "ended_at", id="in the future"),
        pytest.param({"consultant": 0}, "consultant", id="nobody of the desk"),
        pytest.param(
            {"method": "on_site", "started_at": OFFICE - timedelta(hours=12), "ended_at": OFFICE - timedelta(hours=11)},
            "started_at", id="on site at night",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_written_down(cast: Cast, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        recorded(taken(cast), actor(cast.ada), **changes)

    assert [e.field for e in refusal.value.errors] == [field]


# ------------------------------------------------------------------ what costs extra


@pytest.fixture
def paid(cast: Cast) -> Cast:
    """Remote costs 350.00 at the desk, phone 250.00; Rosa's company has the plan, and telephone is included in it."""
    Plan.objects.create(
        desk=cast.desk, slug="lista", name="Lista", extra_prices={"remote": "350.00", "phone": "250.00"}
    )
    own = Plan.objects.create(desk=cast.desk, slug="chat", name="Chat", extra_prices={"remote": "300.00"})
    Contract.objects.create(client=cast.company, plan=own, starts_on=OFFICE.date())
    Desk.objects.filter(pk=cast.desk.pk).update(config_version=99)
    cast.desk.refresh_from_db()
    return cast


def test_the_price_is_of_the_clients_plan_else_of_the_list(paid: Cast) -> None:
    ticket = taken(paid)
    unknown = factories.make_ticket(paid.desk, email="nadie@x.example")

    assert prices.price_of(ticket, "remote", now=OFFICE) == Decimal("300.00")
    assert prices.price_of(ticket, "phone", now=OFFICE) is None
    assert prices.price_of(unknown, "phone", now=OFFICE) == Decimal("250.00")


def test_a_paid_method_does_not_begin_before_the_client_accepted(paid: Cast) -> None:
    ticket = book(taken(paid), actor(paid.ada))
    lines = " ".join(Notification.objects.get(key__startswith="scheduled/").params["lines"])
    assert "$300.00 MXN más IVA" in lines

    with pytest.raises(Conflict) as refusal:
        attentions.attend(ticket, by=actor(paid.ada), now=START)
    assert refusal.value.code == "price_not_accepted"
    assert refusal.value.extra["price"] == "300.00"

    consent = PriceConsent.objects.get(ticket=ticket)
    prices.answer(ticket, by=link(ticket), now=START, consent_id=consent.pk, accepted=True)
    ticket = attentions.attend(ticket, by=actor(paid.ada), now=START + MINUTE)

    done = Attention.objects.get(ticket=ticket)
    assert (done.cost, done.consent_id) == (Decimal("300.00"), consent.pk)
    consent.refresh_from_db()
    assert (consent.via, consent.answered_by, consent.answered_at) == ("link", "Rosa Medina", START)
    assert keys("price_accepted/") == [paid.ada.email]


def test_one_consent_pays_for_one_attention(paid: Cast) -> None:
    ticket = taken(paid)
    ticket = book(ticket, link(ticket), accept_price=True)
    ticket = attentions.attend(ticket, by=actor(paid.ada), now=START)
    ticket = attentions.finish(ticket, by=actor(paid.ada), now=START + MINUTE, outcome="continues")

    ticket = book(ticket, actor(paid.ada), now=START + MINUTE, starts_at=START + timedelta(hours=1))

    with pytest.raises(Conflict):
        attentions.attend(ticket, by=actor(paid.ada), now=START + timedelta(hours=1))
    assert PriceConsent.objects.filter(ticket=ticket).count() == 2


def test_who_books_for_the_client_accepts_nothing_for_them(paid: Cast) -> None:
    book(taken(paid), actor(paid.ada), accept_price=True)

    assert PriceConsent.objects.get().answered_at is None


def test_an_answer_is_kept(paid: Cast) -> None:
    ticket = taken(paid)
    consent = prices.ask(ticket, by=actor(paid.ada), now=OFFICE, method="remote")
    assert prices.ask(ticket, by=actor(paid.ada), now=OFFICE, method="remote") == consent
    assert keys("price_asked/") == [paid.rosa.email]

    for _time in range(2):
        prices.answer(ticket, by=link(ticket), now=OFFICE, consent_id=consent.pk, accepted=False)
    with pytest.raises(Conflict) as refusal:
        prices.answer(ticket, by=link(ticket), now=OFFICE, consent_id=consent.pk, accepted=True)

    assert refusal.value.code == "price_answered"
    with pytest.raises(Conflict) as refusal:
        prices.ask(ticket, by=actor(paid.ada), now=OFFICE, method="phone")
    assert refusal.value.code == "nothing_to_accept"


def test_what_was_told_by_telephone_says_who_told_whom(paid: Cast) -> None:
    ticket = taken(paid)
    consent = prices.ask(ticket, by=actor(paid.ada), now=OFFICE, method="remote")

    with pytest.raises(Invalid):
        prices.answer(ticket, by=actor(paid.ada), now=OFFICE, consent_id=consent.pk, accepted=True)
    prices.answer(ticket, by=actor(paid.ada), now=OFFICE, consent_id=consent.pk, accepted=True, told_by="Rosa Medina")

    consent.refresh_from_db()
    assert (consent.via, consent.answered_by, consent.told_to_id) == ("told", "Rosa Medina", paid.ada.pk)


def test_a_paid_attention_that_nobody_planned(paid: Cast) -> None:
    ticket, ada = taken(paid), actor(paid.ada)

    with pytest.raises(Conflict) as refusal:
        recorded(ticket, ada, method="remote")
    assert refusal.value.code == "price_not_accepted"
    told = recorded(ticket, ada, method="remote", price_accepted_by="Rosa Medina")
    free = recorded(ticket, ada, method="remote", free_of_charge=True)

    assert (told.cost, free.cost, free.consent) == (Decimal("300.00"), Decimal(0), None)


# ------------------------------------------------------------------ what is offered


def test_proposals_leave_out_appointments_and_absences(cast: Cast) -> None:
    ticket = taken(cast)
    book(taken(cast), actor(cast.ada), starts_at=datetime(2026, 11, 17, 19, 0, tzinfo=UTC))  # 13:00
    Override.objects.create(
        rota_id=cast.desk.rota_id or 0, user=cast.ada, kind="absence",
        start_at=datetime(2026, 11, 17, 22, 0, tzinfo=UTC), end_at=datetime(2026, 11, 18, 18, 0, tzinfo=UTC),
        created_at=OFFICE,
    )  # fmt: skip

    found = openings.propose(ticket, method="remote", minutes=30, now=OFFICE)

    assert [f"{slot.starts_at:%d %H:%M}" for slot in found[:3]] == ["17 19:30", "18 18:00", "18 19:00"]


def test_proposals_leave_out_the_days_that_somebody_is_away_from_the_desk(cast: Cast) -> None:
    ticket = taken(cast)
    absence_actions.add(
        cast.desk,
        user_id=cast.ada.pk,
        starts_at=OFFICE + timedelta(hours=1),
        ends_at=datetime(2026, 11, 23, 6, 0, tzinfo=UTC),
        reason="vacation",
        by=actor(cast.elena),
        now=OFFICE,
    )

    found = openings.propose(ticket, method="remote", minutes=30, now=OFFICE)

    assert found[0].starts_at >= datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
