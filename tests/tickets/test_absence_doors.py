"""Absences and availability by page and by API: what is shown, what is asked twice, who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client as Browser

from desks.models import Absence, Membership
from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.conftest import Caller, Clock
from tickets.actions import absences
from tickets.models import Ticket

FORM = {
    "start_on": "2026-11-19", "start_at": "00:00", "end_on": "2026-11-20", "end_at": "24:00", "reason": "vacation",
    "substitute": "",
}  # fmt: skip
BODY = {"starts_at": "2026-11-19T00:00:00-06:00", "ends_at": "2026-11-21T00:00:00-06:00", "reason": "sick"}


def browser_of(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def test_it_is_shown_first_and_entered_when_it_is_sent_as_it_stands(cast: Cast, at: Clock) -> None:
    ticket = cast.ticket()
    browser, sent = browser_of(cast.elena), {**FORM, "person": str(ticket.assignee_id)}

    shown = browser.post("/ajustes/ausencias/nueva/", sent)
    assert shown.status_code == 200
    assert ticket.number in shown.content.decode()
    assert not Absence.objects.exists()
    confirmed = shown.context["form"]["confirmed"].value()
    other = browser.post("/ajustes/ausencias/nueva/", {**sent, "end_on": "2026-11-23", "confirmed": confirmed})
    assert (other.status_code, Absence.objects.count()) == (200, 0), "another date is looked at anew"
    entered = browser.post("/ajustes/ausencias/nueva/", {**sent, "confirmed": confirmed}, follow=True)

    assert entered.status_code == 200
    assert Absence.objects.get().ends_at == OFFICE.replace(day=21, hour=6, minute=0)
    assert "próxima" in entered.content.decode()


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(cast: Cast, at: Clock) -> None:
    sent = {**FORM, "person": str(cast.ada.pk), "end_on": "2026-11-18", "substitute": str(cast.ada.pk)}

    page = browser_of(cast.ada).post("/ajustes/ausencias/nueva/", sent)

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"end_on", "substitute"}
    assert 'value="2026-11-18"' in page.content.decode()


def test_a_consultant_enters_their_own_only(cast: Cast, at: Clock) -> None:
    page = browser_of(cast.ada).get("/ajustes/ausencias/nueva/")

    assert [value for value, _name in page.context["form"].fields["person"].choices] == [cast.ada.pk]


def test_colleagues_read_the_dates_and_not_the_reason(cast: Cast, at: Clock) -> None:
    absences.register(
        cast.desk, user_id=cast.bruno.pk, starts_at=OFFICE + timedelta(days=1), ends_at=OFFICE + timedelta(days=2),
        reason="sick", by=factories.actor(cast.elena), now=OFFICE,
    )  # fmt: skip

    assert "incapacidad" not in browser_of(cast.ada).get("/ajustes/ausencias/").content.decode()
    assert "incapacidad" in browser_of(cast.bruno).get("/ajustes/ausencias/").content.decode()
    assert "incapacidad" in browser_of(cast.elena).get("/ajustes/ausencias/").content.decode()


def test_the_list_costs_the_same_with_many(cast: Cast, at: Clock, django_assert_max_num_queries: Any) -> None:
    browser = browser_of(cast.elena)
    for day in range(1, 9):
        Absence.objects.create(
            desk=cast.desk, user=cast.bruno, reason="leave", starts_at=OFFICE + timedelta(days=day),
            ends_at=OFFICE + timedelta(days=day, hours=5), created_at=OFFICE,
        )  # fmt: skip
    browser.get("/ajustes/ausencias/")

    with django_assert_max_num_queries(9):
        browser.get("/ajustes/ausencias/")


def test_by_api(cast: Cast, caller: Caller) -> None:
    ticket = cast.ticket()
    elena, body = caller(cast.elena), {**BODY, "person": ticket.assignee_id}

    preview = elena.post("/api/v1/absences/preview/", body, format="json")
    assert [row["number"] for row in preview.json()["tickets"]] == [ticket.number]
    assert Ticket.objects.get(pk=ticket.pk).version == ticket.version
    entered = elena.post("/api/v1/absences/", body, format="json")
    assert (entered.status_code, entered.json()["state"], entered.json()["reason"]) == (201, "coming", "sick")
    again = elena.post("/api/v1/absences/", body, format="json")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (400, "overlaps")
    path = f"/api/v1/absences/{entered.json()['id']}/withdraw/"
    assert caller(cast.bruno).post(path).status_code == (200 if ticket.assignee_id == cast.bruno.pk else 403)
    assert elena.post(path).json()["state"] == "cancelled"
    gone = elena.post(path)
    assert (gone.status_code, gone.json()["code"]) == (409, "absence_over")


def test_availability_with_one_click(cast: Cast, at: Clock) -> None:
    browser = browser_of(cast.ada)
    assert "Ocupado" in browser.get("/cola/").content.decode()

    answer = browser.post(
        "/disponibilidad/", {"availability": "busy"}, headers={"Referer": "http://testserver/cola/?vista=mios"}
    )

    assert answer["Location"] == "/cola/?vista=mios"
    assert Membership.objects.get(user=cast.ada).availability == "busy"
    elsewhere = browser.post(
        "/disponibilidad/", {"availability": "away"}, headers={"Referer": "https://otra.example/x"}
    )
    assert elsewhere["Location"] == "/cuenta/"
    assert browser.post("/disponibilidad/", {"availability": "dormido"}).status_code == 403


def test_availability_by_api(cast: Cast, caller: Caller) -> None:
    ada = caller(cast.ada)

    said = ada.post("/api/v1/availability/", {"availability": "away"}, format="json")

    assert said.json() == [{"desk": "invoice-mx", "availability": "away"}]
    assert ada.get("/api/v1/availability/").json() == said.json()
    assert caller(cast.rosa).post("/api/v1/availability/", {"availability": "away"}, format="json").status_code == 403
    assert ada.post("/api/v1/availability/", {"availability": "x"}, format="json").status_code == 400
