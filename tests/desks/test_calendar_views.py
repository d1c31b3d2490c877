"""The settings of a desk: who enters, editing a calendar without script, and what is asked before saving."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from clients.models import Contact
from core.actor import CONSULTANT, MANAGER
from desks import actions as desk_actions
from desks.models import Membership
from schedules import actions as schedule_actions
from schedules import almanac
from schedules.businesstime import compile_hours, compile_timeline
from schedules.hours import Closure, ExtraOpening, Interval, Spec, Weekly
from tests.factories import OFFICE, Cast, make_user
from tickets.models import Clock, TicketEvent

pytestmark = pytest.mark.django_db

PAGE = "/ajustes/calendarios/oficina/"
Browser = Callable[[User | Contact], Client]


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A signed-in browser; the clock stands at OFFICE."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: OFFICE)

    def sign_in(person: User | Contact) -> Client:
        user = person if isinstance(person, User) else person.user
        assert user is not None
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def sent(client: Client, **changes: Any) -> dict[str, Any]:
    """What the browser would send: the form as it is drawn, with changes; None takes a field out."""
    form = client.get(PAGE).context["form"]
    values = {bound.html_name: bound.value() for bound in form}
    values = {name: value for name, value in values.items() if value not in (None, False)}
    values |= {name: "" for name in form.fields if name not in values and name != "holidays"}
    if values.get("holidays"):
        values["holidays"] = "on"
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


# ------------------------------------------------------------------ who enters


@pytest.mark.parametrize("page", ["/ajustes/", PAGE, "/simulador/", "/ajustes/temporizadores/"])
def test_only_managers_and_the_administrator_enter(cast: Cast, browser: Browser, page: str) -> None:
    admin = make_user("Alma Torres", is_staff=True)

    people: dict[str, User | Contact] = {
        "manager": cast.marcela,
        "supervisor": cast.elena,
        "consultant": cast.ada,
        "sales": cast.paola,
        "client": cast.rosa,
        "administrator": admin,
    }

    found = {name: browser(person).get(page).status_code for name, person in people.items()}

    assert found == {
        "manager": 200,
        "supervisor": 403,
        "consultant": 403,
        "sales": 403,
        "client": 403,
        "administrator": 200,
    }
    assert Client().get(page).status_code == 302


def test_the_desk_of_another_vendor_does_not_exist(cast: Cast, browser: Browser) -> None:
    other = Cast("otra-mesa", prefix="OTR", name="Otra Mesa")
    marcela = browser(cast.marcela)

    assert marcela.get(f"{PAGE}?mesa=otra-mesa").status_code == 404
    assert marcela.get("/simulador/?mesa=otra-mesa").status_code == 404
    assert marcela.get("/ajustes/calendarios/otro/").status_code == 404
    assert marcela.post(f"{PAGE}?mesa=otra-mesa", {}).status_code == 404
    assert "Otra Mesa" not in marcela.get("/ajustes/").content.decode()
    assert other.desk.calendar is not None
    assert other.desk.calendar.versions.count() == 1


def test_who_manages_one_desk_and_works_at_another_changes_only_the_first(cast: Cast, browser: Browser) -> None:
    other = Cast("otra-mesa", prefix="OTR", name="Otra Mesa")
    Membership.objects.create(desk=other.desk, user=cast.marcela, roles=[CONSULTANT])

    assert browser(cast.marcela).get(f"{PAGE}?mesa=otra-mesa").status_code == 403
    assert browser(cast.marcela).get(PAGE).status_code == 200


def test_who_manages_two_desks_chooses_by_address(cast: Cast, browser: Browser) -> None:
    other = Cast("otra-mesa", prefix="OTR", name="Otra Mesa")
    Membership.objects.create(desk=other.desk, user=cast.marcela, roles=[MANAGER])
    marcela = browser(cast.marcela)

    assert marcela.get(f"{PAGE}?mesa=otra-mesa").context["desk"]["name"] == "Otra Mesa"
    assert marcela.get(PAGE).context["desk"]["name"] == "InvoiceMX"
    assert [desk["name"] for desk in marcela.get("/ajustes/").context["desks"]] == ["InvoiceMX", "Otra Mesa"]


# ------------------------------------------------------------------ editing


def test_saving_writes_a_version_and_leaves_the_old_one(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)
    values = sent(marcela, **{"hours-5-0-closes": "13:00", "hours-6-0-opens": "22:00", "hours-6-0-closes": "6:00"})

    answer = marcela.post(f"{PAGE}?mesa=invoice-mx", values)

    assert answer.status_code == 302, answer.context["form"].errors
    assert cast.desk.calendar is not None
    old, new = cast.desk.calendar.versions.order_by("pk")
    assert len(old.spec["hours"]) == 11
    assert new.spec["hours"][-2:] == [
        {"weekday": 5, "opens": "09:00", "closes": "13:00"},
        {"weekday": 6, "opens": "22:00", "closes": "06:00"},
    ]
    assert (new.valid_from, new.created_by) == (date(2026, 11, 17), "Marcela Ibarra")


def test_closures_openings_zone_and_date_are_kept(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)
    values = sent(
        marcela,
        **{
            "closures-0-date": "2026-12-24",
            "closures-0-name": "Nochebuena",
            "closures-0-opens": "14:00",
            "closures-0-closes": "24:00",
            "extras-0-date": "2026-12-13",
            "extras-0-opens": "10:00",
            "extras-0-closes": "12:00",
            "timezone": "America/Cancun",
            "holidays": None,
            "valid_from": "2026-12-01",
        },
    )

    marcela.post(PAGE, values)

    assert cast.desk.calendar is not None
    new = cast.desk.calendar.versions.latest("pk")
    assert new.timezone == "America/Cancun"
    assert new.valid_from == date(2026, 12, 1)
    assert new.spec["holidays"] is None
    assert new.spec["closures"] == [{"date": "2026-12-24", "name": "Nochebuena", "opens": "14:00", "closes": "24:00"}]
    assert new.spec["extra_openings"] == [{"date": "2026-12-13", "opens": "10:00", "closes": "12:00"}]


def test_faults_stand_at_their_fields_in_spanish_and_nothing_typed_is_lost(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)
    values = sent(
        marcela,
        **{
            "hours-0-0-closes": "09:00",
            "hours-1-0-opens": "25:00",
            "closures-0-name": "Inventario",
            "extras-0-date": "2026-12-13",
            "extras-0-opens": "10:00",
            "valid_from": "2026-11-01",
        },
    )

    answer = marcela.post(PAGE, values)

    assert answer.status_code == 422
    form = answer.context["form"]
    assert set(form.errors) == {"hours-0-0-closes", "hours-1-0-opens", "closures-0-date", "extras-0-closes"}
    text = answer.content.decode()
    assert text.count("Escriba la hora como HH:MM") >= 1 or "HH:MM" in text
    assert "Inventario" in text
    assert 'value="25:00"' in text
    assert '<a href="#id_closures-0-date">' in text
    assert "<title>Error: " in text
    assert cast.desk.calendar is not None
    assert cast.desk.calendar.versions.count() == 1


def test_a_date_in_the_past_is_refused_at_its_field(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)

    answer = marcela.post(PAGE, sent(marcela, valid_from="2026-11-16", **{"hours-5-0-closes": "13:00"}))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["valid_from"]


def test_a_calendar_that_never_opens_is_refused(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)
    emptied = {name: "" for name in sent(marcela) if name.startswith("hours-")}

    answer = marcela.post(PAGE, sent(marcela, **emptied))

    assert answer.status_code == 422
    assert "__all__" in answer.context["form"].errors


@pytest.mark.parametrize("what", ["hours-2", "closures", "extras"])
def test_a_row_is_added_without_script_and_what_was_typed_stays(cast: Cast, browser: Browser, what: str) -> None:
    marcela = browser(cast.marcela)
    before = marcela.get(PAGE).context["form"].shape
    values = sent(marcela, add=what, **{"hours-0-0-opens": "8:xx", "holidays": None})

    answer = marcela.post(PAGE, values)

    assert answer.status_code == 200
    assert answer.context["form"].shape == before.with_one_more(what) != before
    assert 'value="8:xx"' in answer.content.decode()
    assert not answer.context["form"]["holidays"].value()
    assert not answer.context["form"].errors


@pytest.mark.parametrize("what", ["", "hours-9", "hours-x", "nothing", "hours--1"])
def test_nonsense_adds_nothing(cast: Cast, browser: Browser, what: str) -> None:
    marcela = browser(cast.marcela)
    before = marcela.get(PAGE).context["form"].shape

    assert marcela.post(PAGE, sent(marcela, add=what)).context["form"].shape == before


def test_what_says_the_same_writes_nothing(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)

    answer = marcela.post(PAGE, sent(marcela), follow=True)

    assert cast.desk.calendar is not None
    assert cast.desk.calendar.versions.count() == 1
    assert [str(message) for message in answer.context["messages"]] == ["No cambió nada: el horario ya dice esto."]


def test_old_closures_are_not_shown_and_not_lost(cast: Cast, browser: Browser) -> None:
    assert cast.desk.calendar is not None
    spec = desk_actions.newest_spec(cast.desk.calendar)
    old = Closure(date(2025, 12, 24), "Nochebuena")
    desk_actions.save_calendar_version(
        cast.desk.calendar, Spec(**{**_fields(spec), "closures": (old,)}), by="x", now=OFFICE
    )
    marcela = browser(cast.marcela)
    page = marcela.get(PAGE)
    assert page.context["form"].shape.closures == 1

    marcela.post(PAGE, sent(marcela, **{"closures-0-date": "2026-12-24", "closures-0-name": "Nochebuena"}))

    kept = cast.desk.calendar.versions.latest("pk").spec["closures"]
    assert [row["date"] for row in kept] == ["2025-12-24", "2026-12-24"]


def _fields(spec: Spec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in ("timezone", "hours", "holidays", "closures", "extra_openings")}


# ------------------------------------------------------------------ what would move


def closing_wednesday(client: Client) -> dict[str, Any]:
    return sent(client, **{"closures-0-date": "2026-11-18", "closures-0-name": "Inventario"})


def test_what_would_move_is_listed_and_nothing_saved_until_confirmed(cast: Cast, browser: Browser) -> None:
    ticket = cast.ticket()
    marcela = browser(cast.marcela)
    values = closing_wednesday(marcela)

    asked = marcela.post(PAGE, values)

    assert asked.status_code == 200
    assert cast.desk.calendar is not None
    assert cast.desk.calendar.versions.count() == 1
    assert asked.context["moves"]["rows"] == [
        {
            "number": ticket.number,
            "href": f"/tickets/{ticket.number}/",
            "clock": "Solución",
            "before": "jue 19 nov, 10:42",
            "after": "vie 20 nov, 10:42",
            "later": True,
        }
    ]

    confirmed = asked.context["form"]["confirmed"].value()
    answer = marcela.post(PAGE, {**values, "confirmed": confirmed})
    assert answer.status_code == 302
    schedule_actions.fire_due(now=OFFICE)
    clock = Clock.objects.get(ticket=ticket, kind="resolution")
    assert clock.due_at == datetime(2026, 11, 20, 16, 42, tzinfo=UTC)
    assert TicketEvent.objects.filter(ticket=ticket, type="ticket.clock_recomputed").count() == 1


def test_another_edit_after_the_list_is_asked_about_anew(cast: Cast, browser: Browser) -> None:
    cast.ticket()
    marcela = browser(cast.marcela)
    values = closing_wednesday(marcela)
    confirmed = marcela.post(PAGE, values).context["form"]["confirmed"].value()

    again = marcela.post(PAGE, {**values, "confirmed": confirmed, "closures-0-date": "2026-11-19"})

    assert again.status_code == 200
    assert again.context["moves"] is not None
    assert cast.desk.calendar is not None
    assert cast.desk.calendar.versions.count() == 1


def test_who_saved_meanwhile_is_named_and_the_second_press_holds(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)
    values = sent(marcela, **{"hours-5-0-closes": "13:00"})
    marcela.post(PAGE, sent(marcela, **{"hours-5-0-closes": "12:00"}))

    answer = marcela.post(PAGE, values)

    assert answer.status_code == 409
    assert "Marcela Ibarra" in answer.content.decode()
    values["base"] = answer.context["form"]["base"].value()
    assert marcela.post(PAGE, values).status_code == 302
    assert cast.desk.calendar is not None
    assert cast.desk.calendar.versions.latest("pk").spec["hours"][-1]["closes"] == "13:00"


# ------------------------------------------------------------------ the pictures


def test_the_year_and_the_next_days_show_what_stands_apart(cast: Cast, browser: Browser) -> None:
    page = browser(cast.marcela).get(PAGE)

    year = page.context["year"]
    assert len(year["cells"]) == 365
    assert year["label"] == "Año 2026 por semanas: 7 descansos obligatorios."
    days = page.context["days"]
    assert (len(days), days[0]["text"]) == (14, "09:00–14:00 y 16:00–19:00")
    assert days[5]["text"] == "Cerrado"  # Sunday


@pytest.mark.parametrize(("asked", "shown"), [("2027", 2027), ("1800", 2026), ("²", 2026), ("", 2026), ("2100", 2100)])
def test_another_year_can_be_looked_at(cast: Cast, browser: Browser, asked: str, shown: int) -> None:
    page = browser(cast.marcela).get(PAGE, {"anio": asked})

    assert page.context["year"]["number"] == shown


def test_an_almanac_tells_each_kind_of_day() -> None:
    spec = Spec(
        "America/Mexico_City",
        hours=(Weekly(0, Interval(540, 840)), Weekly(1, Interval(540, 840)), Weekly(5, Interval(540, 600))),
        holidays="MX",
        closures=(Closure(date(2026, 11, 17), "Inventario", Interval(540, 600)), Closure(date(2026, 11, 23), "Obra")),
        extra_openings=(ExtraOpening(date(2026, 11, 18), Interval(600, 660)),),
    )

    found = list(almanac.days(compile_hours(spec), date(2026, 11, 16), 8))

    assert [(day.kind, day.name, day.spans) for day in found] == [
        ("holiday", "Día de la Revolución", ()),
        ("closure", "Inventario", ((600, 840),)),
        ("extra", "", ((600, 660),)),
        ("closed", "", ()),
        ("closed", "", ()),
        ("short", "", ((540, 600),)),
        ("closed", "", ()),
        ("closure", "Obra", ()),
    ]


def test_an_almanac_follows_the_version_of_each_date() -> None:
    first = Spec("America/Mexico_City", hours=(Weekly(0, Interval(540, 840)),))
    second = Spec("America/Mexico_City", hours=(Weekly(0, Interval(600, 660)),))
    hours = compile_timeline([(date(1, 1, 1), first), (date(2026, 11, 20), second)])

    found = [day.spans for day in almanac.days(hours, date(2026, 11, 16), 8) if day.spans]

    assert found == [((540, 840),), ((600, 660),)]


# ------------------------------------------------------------------ cost, and no inline anything


@pytest.mark.parametrize(("page", "most"), [("/ajustes/", 12), (PAGE, 13)])
def test_a_page_costs_the_same_however_many_tickets_there_are(
    cast: Cast, browser: Browser, page: str, most: int, django_assert_max_num_queries: Any
) -> None:
    marcela = browser(cast.marcela)
    marcela.get(page)
    for n in range(3):
        cast.ticket(now=OFFICE - timedelta(hours=n))

    with django_assert_max_num_queries(most):
        marcela.get(page)


@pytest.mark.parametrize("page", ["/ajustes/", PAGE, "/simulador/", "/ajustes/temporizadores/"])
def test_pages_hold_no_inline_style_or_script(cast: Cast, browser: Browser, page: str) -> None:
    text = browser(cast.marcela).get(page).content.decode()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)", text)
