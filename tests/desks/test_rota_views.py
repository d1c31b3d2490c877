"""/guardias/ by role: looking, taking over, covering, agreeing on changes, editing the rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from desks import actions as desk_actions
from notifications.models import Notification, WakeChannel
from schedules import actions as schedule_actions
from schedules import queries as schedule_queries
from schedules.models import Override, RotaVersion, Timer
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db
MEXICO = ZoneInfo("America/Mexico_City")
Enter = Callable[[Any], Client]


def local(hour: int, minute: int = 0, *, day: int = 17) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MEXICO).astimezone(UTC)


@pytest.fixture
def cast(monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Ada and Bruno follow each other week by week; Ada has the one of 16 November."""
    cast = Cast()
    factories.set_on_call(cast.desk, cast.ada, cast.bruno)
    stand(monkeypatch, local(20))
    return cast


def stand(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def enter() -> Enter:
    def sign_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def who(cast: Cast, at: datetime) -> str:
    found = schedule_queries.on_call(cast.desk.rota_id, at)
    names = {user.pk: user.name.split()[0] for user in (cast.ada, cast.bruno, cast.elena, cast.marcela)}
    return names.get(found.user_id, "?") if found else ""


def test_the_telephone_of_who_is_on_call_is_read_and_dialled(cast: Cast, enter: Enter) -> None:
    cast.ada.phone = "+527225550106"
    cast.ada.save(update_fields=["phone"])
    desk_actions.touch(cast.desk)

    page = enter(cast.marcela).get("/guardias/").content.decode()

    assert 'num">722 555 0106<' in page
    assert 'href="tel:+527225550106"' in page


def sleeps(user: Any) -> None:
    WakeChannel.objects.filter(user=user).delete()


def mails(code: str) -> set[str]:
    found = Notification.objects.filter(template="desks/rota", key__contains=f"/{code}/")
    return {notice.recipient.partition("@")[0] for notice in found}


# ------------------------------------------------------------------ looking


def test_everybody_of_the_desk_looks_and_nobody_else(cast: Cast, enter: Enter) -> None:
    assert Client().get("/guardias/").status_code == 302
    for user in (cast.ada, cast.elena, cast.marcela, cast.paola):
        assert enter(user).get("/guardias/").status_code == 200
    assert enter(cast.rosa.user).get("/guardias/").status_code == 403
    other = Cast("otra-mesa", prefix="OTR", name="Otra Mesa")
    assert enter(other.ada).get("/guardias/?mesa=invoice-mx").status_code == 404
    quiet = Cast("sin-guardia", prefix="SIN", name="Sin guardia", rota=False)
    assert "no tiene guardia" in enter(quiet.ada).get("/guardias/").content.decode()


def test_the_week_and_who_is_on_call_until_when(cast: Cast, enter: Enter) -> None:
    text = enter(cast.bruno).get("/guardias/").content.decode()

    assert 'De guardia hasta: <b class="num">mañana 09:00</b>' in text
    assert "16 – 22 nov 2026" in text
    assert "Aniversario de la Revolución" in text or "Revolución" in text
    assert 'data-a="36" data-b="56"' in text, "the office from 09:00 to 14:00"
    assert "19:00–24:00" in text
    assert "Tomar la guardia ahora" in text
    assert "Tomar la guardia ahora" not in enter(cast.ada).get("/guardias/").content.decode()
    assert "Tomar la guardia ahora" not in enter(cast.paola).get("/guardias/").content.decode()


@pytest.mark.parametrize("week", ["2026-11-18", "2026-12-28", "1890-01-01", "ayer", ""])
def test_any_week_can_be_asked_for(cast: Cast, enter: Enter, week: str) -> None:
    assert enter(cast.ada).get(f"/guardias/?semana={week}").status_code == 200


def test_who_cannot_be_woken_and_gaps_are_shown(cast: Cast, enter: Enter) -> None:
    sleeps(cast.ada)
    absent = {"user_id": cast.bruno.pk, "start_at": local(9, day=24), "end_at": local(9, day=25)}
    schedule_actions.change_shift(
        cast.desk.rota, **absent, by=factories.actor(cast.bruno), now=local(20), kind=Override.Kind.ABSENCE
    )

    text = enter(cast.elena).get("/guardias/").content.decode()

    assert "Ada Lozano no tiene un canal que despierte probado: de noche solo llegaría un correo." in text
    assert "Sin nadie de guardia: mar 24 nov, 14:00 a mar 24 nov, 16:00." in text


def test_it_costs_a_known_number_of_queries(cast: Cast, enter: Enter, django_assert_max_num_queries: Any) -> None:
    ada = enter(cast.ada)
    ada.get("/guardias/")
    schedule_queries._rosters._doubted.clear()  # as when nobody has changed the rota for some seconds
    schedule_queries._newest_calendar._doubted.clear()
    ada.get("/guardias/")

    with django_assert_max_num_queries(14):
        ada.get("/guardias/")


# ------------------------------------------------------------------ one click


def test_taking_over_holds_until_the_shift_ends_and_tells_who_is_relieved(cast: Cast, enter: Enter) -> None:
    bruno = enter(cast.bruno)

    bruno.post("/guardias/tomar/")
    bruno.post("/guardias/tomar/")

    change = Override.objects.get()
    assert (change.kind, change.user, change.replaces) == ("takeover", cast.bruno, cast.ada)
    assert (change.start_at, change.end_at) == (local(20), local(9, day=18))
    assert (who(cast, local(23)), who(cast, local(14, 30, day=18))) == ("Bruno", "Ada")
    assert mails("settled") == {"ada"}


def test_in_office_hours_there_is_nothing_to_take(cast: Cast, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    stand(monkeypatch, local(10))

    answer = enter(cast.bruno).post("/guardias/tomar/", follow=True)

    assert Override.objects.count() == 0
    assert "Ahora atiende la oficina" in answer.content.decode()


def test_covering_a_shift_of_the_list(cast: Cast, enter: Enter) -> None:
    window = {"starts_at": local(14, day=18).isoformat(), "ends_at": local(16, day=18).isoformat()}

    enter(cast.bruno).post("/guardias/cubrir/", window)
    enter(cast.bruno).post("/guardias/cubrir/", window)

    assert Override.objects.count() == 1
    assert who(cast, local(15, day=18)) == "Bruno"
    assert mails("settled") == {"ada"}


@pytest.mark.parametrize("path", ["/guardias/tomar/", "/guardias/cubrir/"])
def test_without_a_tested_channel_nobody_enters(cast: Cast, enter: Enter, path: str) -> None:
    sleeps(cast.elena)
    window = {"starts_at": local(14, day=18).isoformat(), "ends_at": local(16, day=18).isoformat()}

    answer = enter(cast.elena).post(path, window, follow=True)

    assert Override.objects.count() == 0
    assert "Elena Robles no tiene un canal que despierte con prueba confirmada" in answer.content.decode()


def test_who_stands_in_the_rota_by_its_file_may_cover_all_the_same(cast: Cast, enter: Enter) -> None:
    sleeps(cast.bruno)

    enter(cast.bruno).post("/guardias/tomar/")

    assert who(cast, local(23)) == "Bruno"


def test_sales_does_not_go_on_call(cast: Cast, enter: Enter) -> None:
    assert enter(cast.paola).post("/guardias/tomar/").status_code == 403
    assert enter(cast.paola).get("/guardias/cubrir/").status_code == 403


# ------------------------------------------------------------------ windows


def form(person: Any, start: datetime, end: datetime, **fields: str) -> dict[str, str]:
    first, last = start.astimezone(MEXICO), end.astimezone(MEXICO)
    return {
        "person": str(person.pk),
        "start_on": f"{first:%Y-%m-%d}",
        "start_at": f"{first:%H:%M}",
        "end_on": f"{last:%Y-%m-%d}",
        "end_at": f"{last:%H:%M}",
        "note": "",
        **fields,
    }


def test_a_manager_covers_with_anybody_others_only_with_themselves(cast: Cast, enter: Enter) -> None:
    sent = form(cast.bruno, local(19, day=18), local(9, day=19))

    assert enter(cast.ada).post("/guardias/cubrir/", sent).status_code == 422
    assert enter(cast.marcela).post("/guardias/cubrir/", sent).status_code == 302

    assert who(cast, local(23, day=18)) == "Bruno"
    assert mails("settled") == {"ada", "bruno"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"start_at": "25:00"}, "Escriba la hora así: 19:00."),
        ({"end_on": "2026-11-17"}, "El fin debe ser posterior al inicio"),
        ({"end_on": "2029-11-17"}, "Un cambio dura cuando mucho un año."),
        ({"start_on": ""}, "Este campo es"),
        ({"start_on": "9999-12-31", "end_on": "9999-12-31"}, "La fecha está demasiado lejos."),
        ({"end_on": "9999-12-31", "end_at": "24:00"}, "La fecha está demasiado lejos."),
    ],
)
def test_a_window_that_makes_no_sense_comes_back_with_what_is_wrong(
    cast: Cast, enter: Enter, fields: dict[str, str], words: str
) -> None:
    sent = form(cast.bruno, local(19, day=18), local(9, day=19), **fields)

    answer = enter(cast.bruno).post("/guardias/cubrir/", sent)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Override.objects.count() == 0


def test_a_swap_of_decades_is_refused_before_it_is_reckoned(cast: Cast, enter: Enter) -> None:
    sent = form(cast.bruno, local(19, day=17), local(9, day=18), end_on="2099-12-31")

    answer = enter(cast.ada).post("/guardias/cambio/", sent)

    assert answer.status_code == 422
    assert "Un cambio dura cuando mucho un año." in answer.content.decode()


def test_a_link_fills_in_the_window(cast: Cast, enter: Enter) -> None:
    text = enter(cast.bruno).get("/guardias/cubrir/").content.decode()

    assert 'value="2026-11-18"' in text
    assert 'value="14:00"' in text


def test_an_absence_leaves_a_gap_that_is_shown(cast: Cast, enter: Enter) -> None:
    sent = form(cast.ada, local(19, day=18), local(9, day=19), note="Cita médica")

    enter(cast.ada).post("/guardias/ausencia/", sent)

    assert who(cast, local(23, day=18)) == ""
    text = enter(cast.marcela).get("/guardias/").content.decode()
    assert "Ada Lozano, ausente" in text
    assert "Sin nadie de guardia: mañana 19:00 a jue 19 nov, 09:00." in text


# ------------------------------------------------------------------ agreeing


def proposed(cast: Cast, enter: Enter) -> Override:
    sent = form(cast.bruno, local(19, day=18), local(9, day=19), note="Tengo cita médica el jueves temprano")
    assert enter(cast.ada).post("/guardias/cambio/", sent).status_code == 302
    return Override.objects.get()


def press(client: Client, change: Override, verb: str) -> int:
    return client.post(f"/guardias/cambios/{change.pk}/{verb}/").status_code


def test_the_other_accepts_and_the_manager_approves(cast: Cast, enter: Enter) -> None:
    change = proposed(cast, enter)
    assert (change.state, mails("asked"), who(cast, local(23, day=18))) == ("requested", {"bruno"}, "Ada")

    press(enter(cast.bruno), change, "accept")
    change.refresh_from_db()
    assert (change.state, mails("approve"), who(cast, local(23, day=18))) == ("accepted", {"marcela"}, "Ada")
    text = enter(cast.marcela).get("/guardias/").content.decode()
    assert "Ada Lozano → Bruno Ortega" in text
    assert "Tengo cita médica" in text

    press(enter(cast.marcela), change, "approve")
    change.refresh_from_db()
    assert (change.state, mails("settled"), who(cast, local(23, day=18))) == ("active", {"ada", "bruno"}, "Bruno")
    assert press(enter(cast.marcela), change, "approve") == 302, "pressed twice"


def test_without_a_manager_accepting_is_enough(cast: Cast, enter: Enter) -> None:
    cast.desk.memberships.filter(user=cast.marcela).update(is_active=False)
    cast.desk.config_version += 1
    cast.desk.save()
    change = proposed(cast, enter)

    press(enter(cast.bruno), change, "accept")

    assert who(cast, local(23, day=18)) == "Bruno"


def test_only_those_concerned_answer(cast: Cast, enter: Enter) -> None:
    change = proposed(cast, enter)

    assert press(enter(cast.elena), change, "accept") == 403
    assert press(enter(cast.ada), change, "accept") == 403
    assert press(enter(cast.bruno), change, "approve") == 403
    assert press(enter(cast.bruno), change, "nonsense") == 404
    assert enter(cast.bruno).get(f"/guardias/cambios/{change.pk}/accept/").status_code == 405
    other = Cast("otra-mesa", prefix="OTR", name="Otra Mesa")
    assert press(enter(other.marcela), change, "reject") == 404


def test_rejected_or_withdrawn_nothing_changes(cast: Cast, enter: Enter) -> None:
    change = proposed(cast, enter)
    press(enter(cast.bruno), change, "reject")
    change.refresh_from_db()
    assert (change.state, mails("rejected")) == ("rejected", {"ada"})

    sent = form(cast.bruno, local(14, day=20), local(16, day=20))
    enter(cast.ada).post("/guardias/cambio/", sent)
    later = Override.objects.latest("pk")
    assert press(enter(cast.ada), later, "withdraw") == 302
    assert who(cast, local(15, day=20)) == "Ada"


def test_one_proposes_only_ones_own_hours_to_others(cast: Cast, enter: Enter) -> None:
    not_mine = form(cast.elena, local(19, day=18), local(9, day=19))

    answer = enter(cast.bruno).post("/guardias/cambio/", not_mine)

    assert answer.status_code == 422
    assert "Usted no está de guardia en esas horas." in answer.content.decode()


def test_a_cover_in_force_that_is_withdrawn_is_cut_where_it_stands(
    cast: Cast, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(cast.bruno).post("/guardias/tomar/")
    stand(monkeypatch, local(22))

    press(enter(cast.marcela), Override.objects.get(), "withdraw")

    assert (who(cast, local(21)), who(cast, local(23))) == ("Bruno", "Ada")


# ------------------------------------------------------------------ the rule


def rule_of(cast: Cast, enter: Enter, **changes: str) -> dict[str, str]:
    """What the form sends when nothing is touched, with changes."""
    page = enter(cast.marcela).get("/guardias/editar/").context["form"]
    values = {bound.html_name: bound.value() for bound in page}
    sent = {name: str(value) for name, value in values.items() if value not in (None, "", False)}
    sent["outside"] = "on"
    return {**sent, **changes}


def test_only_managers_edit(cast: Cast, enter: Enter) -> None:
    for user in (cast.ada, cast.elena, cast.paola):
        assert enter(user).get("/guardias/editar/").status_code == 403
        assert enter(user).post("/guardias/editar/", {}).status_code == 403
    assert enter(cast.marcela).get("/guardias/editar/").status_code == 200


def test_saving_unchanged_writes_no_version(cast: Cast, enter: Enter) -> None:
    before = RotaVersion.objects.count()

    answer = enter(cast.marcela).post("/guardias/editar/", rule_of(cast, enter))

    assert answer.status_code == 302
    assert RotaVersion.objects.count() == before


def test_another_order_holds_from_now_on_and_the_past_stays(cast: Cast, enter: Enter) -> None:
    swapped = {f"l0-place-{cast.bruno.pk}": "1", f"l0-place-{cast.ada.pk}": "2"}

    answer = enter(cast.marcela).post("/guardias/editar/", rule_of(cast, enter, **swapped))

    assert answer.status_code == 302
    assert (who(cast, local(14, 30)), who(cast, local(23))) == ("Ada", "Bruno")


def test_a_second_layer_with_days_of_each(cast: Cast, enter: Enter) -> None:
    second = {
        "l1-name": "Respaldo",
        "l1-rotation": "custom",
        "l1-handoffs": "9:00",
        "l1-start": "2026-11-16",
        f"l1-place-{cast.elena.pk}": "1",
        f"l1-days-{cast.elena.pk}": "3",
    }

    enter(cast.marcela).post("/guardias/editar/", rule_of(cast, enter, **second))

    rule = RotaVersion.objects.latest("pk").rule
    assert [layer["name"] for layer in rule["layers"]] == ["Semanal", "Respaldo"]
    assert (rule["layers"][1]["members"], rule["layers"][1]["days"]) == ([cast.elena.pk], [3])


def test_who_cannot_be_woken_does_not_enter_but_stays(cast: Cast, enter: Enter) -> None:
    sleeps(cast.elena)
    sleeps(cast.bruno)
    with_elena = rule_of(cast, enter, **{f"l0-place-{cast.elena.pk}": "3"})

    refused = enter(cast.marcela).post("/guardias/editar/", with_elena)

    assert refused.status_code == 422
    text = refused.content.decode()
    assert "Elena Robles no tiene un canal que despierte con prueba confirmada" in text
    assert "Bruno Ortega: está en la guardia y solo recibe correo" in text
    del with_elena[f"l0-place-{cast.elena.pk}"]
    assert enter(cast.marcela).post("/guardias/editar/", with_elena).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [("l0-handoffs", "25:00"), ("l0-handoffs", ""), ("l0-start", ""), ("l0-rotation", "lunar"), ("name", "")],
)
def test_nonsense_comes_back_and_nothing_is_saved(cast: Cast, enter: Enter, field: str, value: str) -> None:
    before = RotaVersion.objects.count()

    answer = enter(cast.marcela).post("/guardias/editar/", rule_of(cast, enter, **{field: value}))

    assert answer.status_code == 422
    assert RotaVersion.objects.count() == before


def test_two_who_edit_at_once_do_not_overwrite_each_other(cast: Cast, enter: Enter) -> None:
    first = rule_of(cast, enter, **{f"l0-place-{cast.elena.pk}": "3"})
    second = rule_of(cast, enter, **{f"l0-place-{cast.marcela.pk}": "3"})

    assert enter(cast.marcela).post("/guardias/editar/", first).status_code == 302
    assert enter(cast.marcela).post("/guardias/editar/", second).status_code == 409


# ------------------------------------------------------------------ the daily look


def looks(now: datetime) -> int:
    return schedule_actions.fire_due(now=now)


def test_managers_read_once_a_day_what_is_wrong(cast: Cast) -> None:
    from desks import rota_watch

    rota_watch.ensure(cast.desk, now=local(20))
    sleeps(cast.bruno)

    looks(local(7, 59, day=18))
    assert mails(str(cast.desk.pk)) == set()
    looks(local(8, day=18))
    looks(local(8, 1, day=18))

    notice = Notification.objects.get(template="desks/rota")
    assert notice.recipient.startswith("marcela@")
    assert notice.params["rows"] == [
        "Bruno Ortega no tiene un canal que despierte con prueba confirmada; su guardia empieza el "
        "lunes 23 de noviembre a las 14:00."
    ]
    assert Timer.objects.pending().get().due_at == local(8, day=19)


def test_after_days_away_it_looks_once_and_without_problems_nobody_is_told(cast: Cast) -> None:
    from desks import rota_watch

    rota_watch.ensure(cast.desk, now=local(20))
    looks(local(12, day=22))
    assert Notification.objects.count() == 0
    assert Timer.objects.pending().get().due_at == local(8, day=23)

    sleeps(cast.ada)
    looks(local(8, day=23) + timedelta(days=3))
    assert Notification.objects.count() == 0, "the look of a day that is over is left out"
    looks(local(8, day=27))
    assert Notification.objects.filter(template="desks/rota").count() == 1
