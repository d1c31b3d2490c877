"""*¿Qué pasaría si…?*: the rule's answer in words, the week, and the draft beside what is published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from clients.models import Contact
from desks import queries as desk_queries
from notifications.models import Notification
from schedules.models import Timer
from tests.factories import OFFICE, Cast, set_on_call
from tests.tickets.conftest import Clock as StandAt
from tickets.models import Ticket
from tickets.presenters import whatif

pytestmark = pytest.mark.django_db

Browser = Callable[[User | Contact], Client]
TUESDAY_NIGHT = {"mesa": "invoice-mx", "dia": "2026-11-17", "hora": "20:15", "tipo": "system_down", "afecta": "si"}


@pytest.fixture
def browser(at: StandAt) -> Browser:
    def sign_in(person: User | Contact) -> Client:
        user = person if isinstance(person, User) else person.user
        assert user is not None
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def ask(client: Client, **changes: str) -> Any:
    return client.get("/simulador/", {**TUESDAY_NIGHT, **changes})


def test_an_outage_at_night_goes_up_the_ladder_step_by_step(cast: Cast, browser: Browser) -> None:
    page = ask(browser(cast.marcela))

    (answer,) = page.context["answers"]
    assert answer["lane"]["text"] == "Va a la guardia"
    assert (answer["who"], answer["priority"]) == ("Ada Lozano", "critical")
    assert answer["office"] == "Cerrada hasta mié 09:00"
    assert [(due["name"], due["text"]) for due in answer["dues"]] == [
        ("Respuesta", "20:30"),
        ("Avance", "21:15"),
        ("Solución", "mié 00:15"),
    ]
    assert [(step["at"], step["name"]) for step in answer["steps"]] == [
        ("20:15", "Ada Lozano"),
        ("20:25", "Elena Robles"),
        ("20:35", "Marcela Ibarra"),
        ("22:35", "Toda la mesa"),
    ]
    assert "cada 15 min, 8 veces a lo más" in answer["steps"][2]["note"]
    assert answer["why"][0].startswith("Martes 20:15, fuera de oficina")


def test_what_does_not_affect_waits_and_in_office_hours_the_desk_attends(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)

    waits = ask(marcela, tipo="usage_guidance", afecta="no").context["answers"][0]
    attends = ask(marcela, hora="10:42").context["answers"][0]

    assert (waits["lane"]["text"], waits["dues"][0]["text"]) == ("Espera a la apertura", "mié 09:00")
    assert attends["lane"]["text"] == "La atiende la mesa"
    assert attends["who"].endswith("por la carga de este momento")
    assert attends["steps"][0]["note"] == "al 80 % del tiempo de respuesta"


def test_the_promises_are_those_of_the_clients_plan(cast: Cast, browser: Browser) -> None:
    from clients.models import Contract
    from desks.models import Plan, SLAPolicy, SLATarget

    gold = SLAPolicy.objects.create(desk=cast.desk, slug="oro", name="Oro")
    SLATarget.objects.create(policy=gold, priority="critical", kind="resolution", minutes=120, around_the_clock=True)
    plan = Plan.objects.create(desk=cast.desk, slug="oro", name="Oro", sla_policy=gold)
    Contract.objects.create(client=cast.company, plan=plan, starts_on=date(2026, 1, 1))
    desk_queries.forget()

    page = ask(browser(cast.marcela), rfc="FNO180312KX1")

    assert page.context["client"] == "Ferretería La Norteña"
    assert [due["text"] for due in page.context["answers"][0]["dues"]] == ["22:15"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hora": "25:00"}, "hora"),
        ({"hora": "24:00"}, "hora"),
        ({"hora": ""}, "hora"),
        ({"dia": "ayer"}, "dia"),
        ({"dia": "1066-10-14"}, "dia"),
        ({"tipo": "magic"}, "tipo"),
        ({"afecta": "quizá"}, "afecta"),
        ({"rfc": "XX"}, "rfc"),
        ({"rfc": "AAA010101AAA"}, "rfc"),
    ],
)
def test_nonsense_is_told_at_its_field(cast: Cast, browser: Browser, changes: dict[str, str], field: str) -> None:
    page = ask(browser(cast.marcela), **changes)

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert page.context["answers"] == []


def test_a_client_of_another_vendor_is_not_known(cast: Cast, stranger: Cast, browser: Browser) -> None:
    cast.other_company.tax_ids.all().delete()

    assert ask(browser(cast.marcela), rfc="MSC120215JH5").status_code == 422


def test_asking_changes_nothing(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)
    before = (Ticket.objects.count(), Timer.objects.count(), Notification.objects.count())

    ask(marcela)
    ask(marcela, hora="10:42")

    assert (Ticket.objects.count(), Timer.objects.count(), Notification.objects.count()) == before


# ------------------------------------------------------------------ the week


def test_the_week_shows_who_would_be_told_hour_by_hour(cast: Cast, browser: Browser) -> None:
    (week,) = ask(browser(cast.marcela)).context["weeks"]

    tuesday = week["rows"][1]
    assert tuesday["label"] == "mar 17 nov"
    assert tuesday["spoken"] == (
        "mar 17 nov: 00:00–09:00 Ada; 09:00–14:00 Oficina; 14:00–16:00 Ada; 16:00–19:00 Oficina; 19:00–24:00 Ada"
    )
    assert tuesday["at"] == f"{100 * (20 * 60 + 15) / 1440:.2f}"
    assert week["rows"][0]["spoken"] == "lun 16 nov: 00:00–24:00 Ada"  # a mandatory rest day


def test_the_week_agrees_with_the_rule_at_every_half_hour(cast: Cast) -> None:
    from datetime import timedelta

    from tickets import planning

    set_on_call(cast.desk, cast.ada, cast.bruno)
    config = desk_queries.config(cast.desk)
    found = whatif.week(
        cast.desk, config, date(2026, 11, 16), request_type="system_down", affects_operation=True, draft=None
    )
    at = datetime(2026, 11, 16, 6, tzinfo=UTC)
    for _step in range(7 * 48):
        plan = planning.plan(cast.desk, request_type="system_down", affects_operation=True, at=at)
        wanted = "Oficina" if plan.lane == "office" else plan.on_call.first_name if plan.on_call else "Nadie"
        assert next(stretch.text for stretch in found if stretch.start <= at < stretch.end) == wanted
        at += timedelta(minutes=30)


def test_a_week_without_anybody_on_call_says_so(cast: Cast) -> None:
    config = desk_queries.config(cast.desk)
    found = whatif.week(
        cast.desk, config, date(2023, 11, 13), request_type="system_down", affects_operation=True, draft=None
    )

    assert {stretch.text for stretch in found} == {"Oficina", "Nadie"}  # the rota begins in 2024


# ------------------------------------------------------------------ with a draft


def draft(client: Client, **changes: str) -> None:
    form = client.get("/ajustes/calendarios/oficina/").context["form"]
    values = {bound.html_name: bound.value() or "" for bound in form}
    answer = client.post("/ajustes/calendarios/oficina/", {**values, **changes, "holidays": "on", "try": "1"})
    assert (answer.status_code, answer["Location"]) == (302, "/simulador/?mesa=invoice-mx")


def test_a_draft_answers_beside_what_is_published(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)
    draft(marcela, **{"hours-1-1-closes": "21:00", "hours-2-0-opens": "10:00"})

    page = ask(marcela)

    today, drafted = page.context["answers"]
    assert (today["lane"]["text"], drafted["lane"]["text"]) == ("Va a la guardia", "La atiende la mesa")
    assert drafted["lane_differs"]
    assert page.context["changed"] == "3 h"
    published, changed = page.context["weeks"]
    assert published["rows"][1]["spoken"] != changed["rows"][1]["spoken"]
    assert changed["rows"][2]["spoken"].startswith("mié 18 nov: 00:00–10:00 Ada; 10:00–14:00 Oficina")
    assert cast.desk.calendar is not None
    assert cast.desk.calendar.versions.count() == 1


def test_who_is_on_call_covers_what_the_draft_leaves(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)
    draft(marcela, **{"hours-1-1-opens": "", "hours-1-1-closes": ""})

    today, drafted = ask(marcela, hora="17:00").context["answers"]

    assert today["lane"]["text"] == "La atiende la mesa"
    assert (drafted["lane"]["text"], drafted["who"]) == ("Va a la guardia", "Ada Lozano")


def test_a_draft_is_edited_further_or_thrown_away(cast: Cast, browser: Browser) -> None:
    marcela = browser(cast.marcela)
    draft(marcela, **{"hours-5-0-closes": "11:11"})

    edit = ask(marcela).context["draft"]["edit_href"]
    assert marcela.get(edit).context["form"]["hours-5-0-closes"].value() == "11:11"

    marcela.post("/simulador/descartar/", {"mesa": "invoice-mx"})
    assert ask(marcela).context["draft"] is None


def test_a_draft_is_its_authors_alone(cast: Cast, browser: Browser) -> None:
    from tests.factories import make_user

    draft(browser(cast.marcela), **{"hours-5-0-closes": "11:11"})

    assert len(ask(browser(make_user("Alma Torres", is_staff=True))).context["answers"]) == 1


def test_asking_costs_the_same_with_and_without_tickets(
    cast: Cast, browser: Browser, django_assert_max_num_queries: Any
) -> None:
    marcela = browser(cast.marcela)
    ask(marcela)
    cast.ticket()

    with django_assert_max_num_queries(16):
        ask(marcela)


# ------------------------------------------------------------------ parked timers


def park(cast: Cast, owner: str, key: str = "x") -> Timer:
    return Timer.objects.create(
        key=key,
        handler="tickets.opening",
        owner=owner,
        payload={},
        due_at=OFFICE,
        next_attempt_at=OFFICE,
        created_at=OFFICE,
        parked_at=OFFICE,
        attempts=7,
        error="ValueError: roto",
    )


def test_parked_timers_are_seen_by_whose_desk_it_is_and_tried_again(
    cast: Cast, stranger: Cast, browser: Browser
) -> None:
    from tests.factories import make_user

    ticket = cast.ticket()
    mine = park(cast, f"ticket/{ticket.pk}", "a")
    theirs = park(cast, f"ticket/{stranger.ticket().pk}", "b")
    nobodys = park(cast, "file/1", "c")
    rota = park(cast, f"rota_watch/{cast.desk.pk}", "d")
    marcela = browser(cast.marcela)

    seen = marcela.get("/ajustes/temporizadores/").context["timers"]
    assert [(row["number"], row["name"], row["error"]) for row in seen] == [
        (ticket.number, "Un caso diferido entra a la cola", "ValueError: roto"),
        ("", "Un caso diferido entra a la cola", "ValueError: roto"),
    ]
    assert marcela.post(f"/ajustes/temporizadores/{rota.pk}/reintentar/").status_code == 302
    assert marcela.post(f"/ajustes/temporizadores/{theirs.pk}/reintentar/").status_code == 404
    assert marcela.post(f"/ajustes/temporizadores/{nobodys.pk}/reintentar/").status_code == 404
    assert marcela.post(f"/ajustes/temporizadores/{mine.pk}/reintentar/").status_code == 302
    mine.refresh_from_db()
    assert (mine.parked_at, mine.attempts) == (None, 0)

    alma = browser(make_user("Alma Torres", is_staff=True))
    assert len(alma.get("/ajustes/temporizadores/").context["timers"]) == 2


def test_every_timer_has_a_name_in_words() -> None:
    from schedules import timers
    from tickets.views.parked import NAMES

    ours = {name for name in timers.names() if name.startswith(("desks.", "tickets."))}
    assert ours <= NAMES.keys()
