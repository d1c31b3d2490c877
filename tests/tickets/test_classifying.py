"""*Por clasificar*: the hour, the view with its count, and the client who asks for their executive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from accounts.models import User
from clients.models import Client
from core.actor import Actor
from core.errors import Conflict, Forbidden
from notifications.models import Notification
from schedules.models import Timer
from tests import factories
from tests.factories import NIGHT, OFFICE, Cast
from tests.tickets.cast import QUESTION, Imx, run_timers
from tests.tickets.conftest import Caller, Clock
from tickets import actions, counts
from tickets.actions import classifying
from tickets.models import QueueDelta, Ticket, TicketEvent
from tickets.queries import board, executive

TUESDAY = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)  # 10:42
HOUR = timedelta(hours=1)
UNSURE = replace(QUESTION, request_type="unsure")


def kept(imx: Imx) -> int:
    return sum(QueueDelta.objects.filter(desk=imx.desk, key=counts.TO_CLASSIFY).values_list("n", flat=True))


def classify(imx: Imx, ticket: Ticket, now: datetime, kind: str = "usage_guidance") -> Ticket:
    return actions.reclassify(
        ticket, by=imx.actor("elena"), now=now, request_type=kind, affects_operation=False, reason="Es una duda de uso."
    )


def has_executive(imx: Imx, who: str = "paola") -> Client:
    client = imx.client()
    client.account_executive = imx.user(who)
    client.save(update_fields=["account_executive"])
    return client


def actor_of(imx: Imx, user: User) -> Actor:
    return imx.actor(user.email.split("@")[0])


# ------------------------------------------------------------------ the hour


def test_unsure_waits_to_be_classified_and_the_view_counts_it(imx: Imx) -> None:
    ticket = imx.open(UNSURE, now=TUESDAY)
    imx.open(QUESTION, now=TUESDAY, email="otra@cliente.example")

    assert ticket.classify_by == TUESDAY + HOUR
    wanted = board.Wanted(view="por-clasificar", desk_ids=(imx.desk.pk,))
    assert [row.number for row in board.page(wanted, actor=imx.actor("karla"), now=TUESDAY).items] == [ticket.number]
    assert board.view_counts([imx.desk.pk], user_id=None, now=TUESDAY)["por-clasificar"] == kept(imx) == 1


def test_after_the_hour_who_supervises_is_told_once(imx: Imx) -> None:
    ticket = imx.open(UNSURE, now=TUESDAY)

    run_timers(TUESDAY + HOUR - timedelta(seconds=1))
    assert not Notification.objects.filter(key__startswith="classify/").exists()
    run_timers(TUESDAY + HOUR)
    run_timers(TUESDAY + 2 * HOUR)

    told = list(Notification.objects.filter(key__startswith="classify/").values_list("recipient", flat=True))
    assert sorted(told) == ["elena@invoicemx.example", "marcela@invoicemx.example"]
    assert TicketEvent.objects.filter(ticket=ticket, type="ticket.classification_late").count() == 1
    assert kept(imx) == 1, "it still waits"


def test_classified_in_time_nobody_is_told(imx: Imx) -> None:
    ticket = imx.open(UNSURE, now=TUESDAY)

    classify(imx, ticket, TUESDAY + timedelta(minutes=20))
    run_timers(TUESDAY + HOUR)

    assert Ticket.objects.get().classify_by is None
    assert kept(imx) == 0
    assert not Notification.objects.filter(key__startswith="classify/").exists()


def test_not_sure_either_is_no_classification(imx: Imx) -> None:
    ticket = imx.open(UNSURE, now=TUESDAY)

    classify(imx, ticket, TUESDAY + timedelta(minutes=20), kind="unsure")

    assert Ticket.objects.get().classify_by == TUESDAY + HOUR


def test_the_hour_is_of_the_desk(imx: Imx) -> None:
    """Filed at 13:20: forty minutes until the lunch, twenty after it. At night: the first hour of the morning."""
    before_lunch = imx.open(UNSURE, now=TUESDAY.replace(hour=19, minute=20))
    at_night = imx.open(UNSURE, now=TUESDAY.replace(day=18, hour=5), email="otra@cliente.example")

    assert before_lunch.classify_by == TUESDAY.replace(hour=22, minute=20)
    assert at_night.classify_by == TUESDAY.replace(day=18, hour=16, minute=0)


def test_what_is_over_is_not_counted_and_wakes_nobody(imx: Imx) -> None:
    ticket = imx.open(UNSURE, now=TUESDAY)
    actions.cancel(ticket, by=imx.actor("elena"), now=TUESDAY, reason="Se duplicó.")

    run_timers(TUESDAY + HOUR)

    assert kept(imx) == 0
    assert not Notification.objects.filter(key__startswith="classify/").exists()


# ------------------------------------------------------------------ the executive


def test_asked_on_the_form_the_executive_is_told_with_whom_to_call(imx: Imx) -> None:
    client = has_executive(imx)

    ticket = imx.open(QUESTION, now=TUESDAY, client=client, wants_executive=True, phone="722 555 0188")

    mail = Notification.objects.get(recipient="paola@invoicemx.example")
    assert mail.params["url"].endswith("/ejecutivo/")
    assert mail.params["rows"] == ["Rosa Medina", "722 555 0188", "rosa.medina@lanortena.example"]
    assert ticket.classify_by == TUESDAY + HOUR
    asked = TicketEvent.objects.get(type="ticket.executive_asked")
    assert (asked.public, asked.data["executive"]["name"]) == (True, "Paola Nava")
    assert [found.number for found in executive.waiting(imx.actor("paola"))] == [ticket.number]
    assert not executive.waiting(imx.actor("karla")).exists()


def test_an_executive_who_attends_gets_it_where_they_fit(imx: Imx) -> None:
    client = has_executive(imx, "bruno")
    for n in range(3):
        busy = imx.open(QUESTION, now=TUESDAY, email=f"p{n}@cliente.example")
        actions.assign(busy, by=imx.actor("elena"), now=TUESDAY, assignee=imx.user("bruno").pk)

    ticket = imx.open(QUESTION, now=TUESDAY, client=client, wants_executive=True)

    assert ticket.assignee == imx.user("bruno")
    assert TicketEvent.objects.get(ticket=ticket, type="ticket.assigned").data["why"]["code"] == "executive"


@pytest.mark.parametrize("known", [True, False])
def test_without_an_executive_who_supervises_is_told(imx: Imx, known: bool) -> None:
    imx.open(QUESTION, now=TUESDAY, client=imx.client() if known else None, wants_executive=True)

    told = set(Notification.objects.filter(key__startswith="executive/").values_list("recipient", flat=True))
    assert told == {"elena@invoicemx.example", "marcela@invoicemx.example"}


def test_asked_later_once_until_they_answer(imx: Imx) -> None:
    client = has_executive(imx)
    ticket = imx.open(QUESTION, now=TUESDAY, client=client)
    rosa, paola = imx.requester(ticket), imx.actor("paola")
    later = TUESDAY + timedelta(minutes=10)

    actions.ask_executive(ticket, by=rosa, now=later, reason="Queremos renovar la póliza.")
    assert Timer.objects.filter(handler=classifying.TIMER).get().due_at == later + HOUR
    with pytest.raises(Conflict):
        actions.ask_executive(ticket, by=rosa, now=later, reason="Otra vez.")
    with pytest.raises(Forbidden):
        actions.executive_answered(ticket, by=imx.actor("karla"), now=later)
    actions.executive_answered(ticket, by=paola, now=later, note="Le llamo el jueves para la cotización.")

    fresh = Ticket.objects.get()
    assert (fresh.executive_answered_at, fresh.classify_by, kept(imx)) == (later, None, 0)
    assert not executive.waiting(paola).exists()
    actions.ask_executive(ticket, by=rosa, now=later + HOUR, reason="No me ha llamado.")
    assert Notification.objects.filter(recipient="paola@invoicemx.example").count() == 2


def test_two_press_at_once_and_one_mail_goes_out(imx: Imx) -> None:
    client = has_executive(imx)
    ticket = imx.open(QUESTION, now=TUESDAY, client=client)
    stale = Ticket.objects.get(pk=ticket.pk)

    actions.ask_executive(ticket, by=imx.requester(ticket), now=TUESDAY, reason="Renovar.")
    with pytest.raises(Conflict):
        actions.ask_executive(stale, by=imx.requester(ticket), now=TUESDAY, reason="Renovar.")

    assert Notification.objects.filter(recipient="paola@invoicemx.example").count() == 1


# ------------------------------------------------------------------ the doors


def signed_in(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def test_the_client_asks_on_the_ticket_and_the_executive_answers_on_a_page(cast: Cast, at: Clock) -> None:
    cast.company.account_executive = cast.paola
    cast.company.save()
    ticket = cast.ticket()
    rosa, paola = signed_in(cast.rosa.user), signed_in(cast.paola)
    path = f"/tickets/{ticket.number}/"
    assert "Necesito a mi ejecutivo" in rosa.get(path).content.decode()

    asked = rosa.post(f"{path}cliente/ejecutivo/", {"reason": "Queremos renovar."}, follow=True)

    assert "Ya avisamos a su ejecutivo de cuenta." in asked.content.decode()
    assert "Necesito a mi ejecutivo" not in asked.content.decode()
    page = paola.get("/ejecutivo/").content.decode()
    assert ticket.number in page
    assert f'href="{path}"' not in page, "sales sees no tickets"
    assert signed_in(cast.bruno).post(f"/ejecutivo/{ticket.number}/atendido/").status_code == 404
    paola.post(f"/ejecutivo/{ticket.number}/atendido/", {"note": "Le mando la cotización."})
    assert "Nadie lo está esperando" in paola.get("/ejecutivo/").content.decode()


def test_the_consultant_reads_by_when_and_why(cast: Cast, at: Clock) -> None:
    ticket = cast.ticket(request_type="unsure")

    page = signed_in(cast.ada).get(f"/tickets/{ticket.number}/").content.decode()

    assert "Por clasificar." in page
    assert "11:42" in page


def test_by_api(cast: Cast, caller: Caller) -> None:
    body = {
        "desk": "invoice-mx", "request_type": "usage_guidance", "affects_operation": False,
        "subject": "Renovar la póliza", "description": factories.CLEAR, "account_executive": True,
    }  # fmt: skip
    rosa = caller(cast.rosa)

    filed = rosa.post("/api/v1/tickets/", body, format="json")

    assert filed.status_code == 201
    assert filed.json()["classify_by"] == "2026-11-17T11:42:00-06:00"
    again = rosa.post(f"/api/v1/tickets/{filed.json()['number']}/ask-executive/", {"reason": "Otra vez"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "executive_asked")


def test_at_night_an_unsure_that_stops_the_operation_goes_to_the_guardia_as_well(cast: Cast) -> None:
    ticket = cast.ticket(now=NIGHT, request_type="unsure", affects_operation=True)

    assert ticket.lane == "on_call"
    assert ticket.classify_by == OFFICE.replace(day=18, hour=16, minute=0)
