"""Calendars and rotas as rows: versions, caches, changes of shift, and how many queries each answer costs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from core.actor import SYSTEM
from core.errors import Conflict, Invalid
from schedules import actions, businesstime, queries
from schedules.models import ALWAYS, BusinessCalendar, CalendarVersion, Override, Rota, RotaVersion, Timer
from tests.schedules.test_businesstime import MEXICO, at, local

NOW = at("2026-11-17 10:42")
WEEK = [
    {"weekday": day, "opens": opens, "closes": closes}
    for day in range(5)
    for opens, closes in (("09:00", "14:00"), ("16:00", "19:00"))
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> BusinessCalendar:
    calendar = BusinessCalendar.objects.create(scope="norte", slug="oficina", name="Oficina", created_at=NOW)
    save(calendar, WEEK)
    return calendar


def save(calendar: BusinessCalendar, hours: list[dict[str, Any]], *, valid_from: date = ALWAYS) -> CalendarVersion:
    version = CalendarVersion.objects.create(
        calendar=calendar,
        valid_from=valid_from,
        timezone=MEXICO,
        spec={"hours": hours, "holidays": "MX"},
        created_at=NOW,
    )
    queries.forget_calendar(calendar.pk)
    return version


def person(name: str) -> User:
    return User.objects.create_user(f"{name}@invoicemx.example", name=name.title())


@pytest.fixture
def ivan() -> User:
    return person("ivan")


@pytest.fixture
def karla() -> User:
    return person("karla")


def rule(*people: User, outside: str | None = "oficina") -> dict[str, Any]:
    row = {
        "name": "Guardia", "rotation": "weekly", "members": [user.pk for user in people], "handoffs": ["09:00"],
        "start": "2026-11-16",
    }  # fmt: skip
    return {"layers": [row], "outside": outside}


def make_rota(*people: User, now: datetime = NOW, **fields: Any) -> Rota:
    fields = {"scope": "norte", "slug": "guardia", "name": "Guardia", "timezone": MEXICO, **fields}
    return actions.save_rota(**{"rule": rule(*people), **fields}, by=SYSTEM, now=now)


# --- calendars


def test_the_newest_version_answers_for_every_date(office: BusinessCalendar) -> None:
    old = queries.current_version(office.pk, NOW)
    save(office, [{"weekday": 2, "opens": "11:00", "closes": "12:00"}], valid_from=date(2026, 11, 18))

    hours = queries.hours_for(office.pk, NOW)

    assert local(businesstime.next_open(at("2026-11-17 19:00"), hours)) == "2026-11-18 11:00"
    assert local(businesstime.next_open(at("2026-11-10 08:00"), hours)) == "2026-11-10 09:00"
    assert local(businesstime.next_open(at("2026-11-17 19:00"), queries.hours_of(old))) == "2026-11-18 09:00"


def test_a_warm_calendar_costs_no_query(office: BusinessCalendar, django_assert_num_queries: Any) -> None:
    queries._newest_calendar._doubted.clear()
    queries.hours_for(office.pk, NOW)

    with django_assert_num_queries(0):
        queries.hours_for(office.pk, NOW)


def test_a_version_that_is_undone_is_not_believed(office: BusinessCalendar) -> None:
    before = queries.current_version(office.pk)
    with transaction.atomic():
        save(office, WEEK[:1])
        assert queries.current_version(office.pk) != before
        transaction.set_rollback(True)

    assert queries.current_version(office.pk) == before


def test_versions_cannot_be_changed_or_deleted(office: BusinessCalendar) -> None:
    for spoil in (
        lambda: CalendarVersion.objects.update(spec={}),
        lambda: CalendarVersion.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            spoil()


def test_a_calendar_without_a_version_is_told() -> None:
    empty = BusinessCalendar.objects.create(scope="norte", slug="vacio", name="x", created_at=NOW)

    with pytest.raises(LookupError):
        queries.hours_for(empty.pk, NOW)


def test_a_slug_is_free_in_another_scope(office: BusinessCalendar) -> None:
    BusinessCalendar.objects.create(scope="sur", slug="oficina", name="x", created_at=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        BusinessCalendar.objects.create(scope="norte", slug="oficina", name="x", created_at=NOW)


# --- rotas


def test_who_is_on_call(office: BusinessCalendar, ivan: User, karla: User) -> None:
    rota = make_rota(ivan, karla)

    night = queries.on_call(rota.pk, at("2026-11-17 20:15"))

    assert night == queries.OnCall(ivan.pk, at("2026-11-17 19:00"), at("2026-11-18 09:00"), False)
    assert queries.on_call(rota.pk, NOW) is None
    following = queries.next_on_call(rota.pk, NOW)
    assert following is not None
    assert (following.user_id, local(following.start)) == (ivan.pk, "2026-11-17 14:00")
    assert queries.gaps(rota.pk, NOW, NOW + timedelta(days=14)) == []


def test_a_warm_rota_costs_no_query(office: BusinessCalendar, ivan: User, django_assert_num_queries: Any) -> None:
    rota = make_rota(ivan)
    queries._rosters._doubted.clear()
    queries.on_call(rota.pk, NOW)

    with django_assert_num_queries(0):
        queries.on_call(rota.pk, NOW)
        queries.next_on_call(rota.pk, NOW)


def test_saving_an_equal_rule_writes_nothing(office: BusinessCalendar, ivan: User, karla: User) -> None:
    make_rota(ivan, karla)
    rota = make_rota(ivan, karla, name="Guardia nocturna")

    assert RotaVersion.objects.count() == 1
    assert Rota.objects.get().name == "Guardia nocturna" == rota.name


def test_an_edited_rota_keeps_its_past(office: BusinessCalendar, ivan: User, karla: User) -> None:
    rota = make_rota(ivan)
    make_rota(karla, now=at("2026-11-18 03:00"))

    assert [getattr(queries.on_call(rota.pk, at(f"2026-11-18 0{hour}:30")), "user_id", None) for hour in (2, 3)] == [
        ivan.pk,
        karla.pk,
    ]
    assert rota.versions.first() is not None
    assert rota.versions.earliest("id").valid_from == at("2026-11-16 09:00")


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        pytest.param({"timezone": "Mars/Base"}, "timezone", "unknown_zone", id="zone"),
        pytest.param({"rule": {"layers": []}}, "layers", "required", id="no layers"),
        pytest.param({"valid_from": NOW - timedelta(days=1)}, "valid_from", "past", id="the past"),
        pytest.param({"outside": "chat"}, "outside", "unknown_calendar", id="calendar of nobody"),
        pytest.param({"members": [999999]}, "layers", "unknown_person", id="a stranger"),
        pytest.param({"members": []}, "layers.0.members", "required", id="nobody"),
        pytest.param({"members": [True]}, "layers.0.members.0", "invalid", id="true is no person"),
        pytest.param({"rotation": "monthly"}, "layers.0.rotation", "unknown_rotation", id="monthly"),
        pytest.param({"handoffs": ["9"]}, "layers.0.handoffs.0", "invalid_time", id="hand-off at 9"),
        pytest.param({"handoffs": ["09:00", "19:00"]}, "layers.0.handoffs", "too_many", id="two hand-offs a week"),
        pytest.param(
            {"rotation": "daily", "handoffs": ["09:00", "09:00"]}, "layers.0.handoffs", "repeated", id="twice"
        ),
        pytest.param({"rotation": "custom", "days": [1, 2]}, "layers.0.days", "wrong_length", id="days for others"),
        pytest.param({"rotation": "custom", "days": [0]}, "layers.0.days.0", "invalid", id="no days"),
        pytest.param({"start": "soon"}, "layers.0.start", "invalid_date", id="soon"),
        pytest.param({"hours": [{"weekday": 9}]}, "layers.0.hours.0.weekday", "invalid_weekday", id="its hours"),
    ],
)
def test_a_bad_rule_names_its_field(
    office: BusinessCalendar, ivan: User, fields: dict[str, Any], field: str, code: str
) -> None:
    outer = {key: value for key, value in fields.items() if key in ("timezone", "rule", "valid_from")}
    inner = {key: value for key, value in fields.items() if key not in outer and key != "outside"}
    layer = {**rule(ivan)["layers"][0], **inner}
    values = {"rule": {"layers": [layer], "outside": fields.get("outside")}, **outer}

    with pytest.raises(Invalid) as refused:
        make_rota(**values)

    assert (field, code) in [(error.field, error.code) for error in refused.value.errors]
    assert not Rota.objects.exists()


def test_a_cover_and_its_withdrawal(office: BusinessCalendar, ivan: User, karla: User) -> None:
    rota = make_rota(ivan)
    start, end, middle = at("2026-11-17 19:00"), at("2026-11-18 09:00"), at("2026-11-17 23:00")
    cover = actions.change_shift(rota, user_id=karla.pk, start_at=start, end_at=end, by=SYSTEM, now=NOW)
    assert queries.on_call(rota.pk, middle) == queries.OnCall(karla.pk, start, end, True)

    actions.settle(cover, state="withdrawn", now=middle)

    before, after = queries.on_call(rota.pk, middle - timedelta(minutes=1)), queries.on_call(rota.pk, middle)
    assert before is not None
    assert after is not None
    assert (before.user_id, after.user_id) == (karla.pk, ivan.pk)


def test_a_double_click_is_one_change(office: BusinessCalendar, ivan: User, karla: User) -> None:
    rota = make_rota(ivan)
    span: dict[str, Any] = {"start_at": at("2026-11-17 19:00"), "end_at": at("2026-11-18 09:00")}

    changes = [actions.change_shift(rota, user_id=karla.pk, by=SYSTEM, now=NOW, **span) for _ in range(2)]

    assert changes[0] == changes[1]
    with pytest.raises(Conflict) as refused:
        actions.change_shift(
            rota, user_id=karla.pk, start_at=at("2026-11-17 20:00"), end_at=at("2026-11-18 10:00"), by=SYSTEM, now=NOW
        )
    assert refused.value.code == "change_overlaps"
    assert Override.objects.count() == 1


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        pytest.param("2026-11-18 09:00", "2026-11-17 19:00", "end_at", id="upside down"),
        pytest.param("2026-11-18 09:00", "2026-11-18 09:00", "end_at", id="empty"),
        pytest.param("2026-11-17 09:00", "2026-11-18 09:00", "start_at", id="in the past"),
        pytest.param("2026-11-18 09:00", "2030-11-18 09:00", "end_at", id="for years"),
    ],
)
def test_a_bad_change_names_its_field(
    office: BusinessCalendar, ivan: User, karla: User, start: str, end: str, field: str
) -> None:
    rota = make_rota(ivan)

    with pytest.raises(Invalid) as refused:
        actions.change_shift(rota, user_id=karla.pk, start_at=at(start), end_at=at(end), by=SYSTEM, now=NOW)

    assert [error.field for error in refused.value.errors] == [field]


def test_taking_the_shift_over_lasts_until_its_end(office: BusinessCalendar, ivan: User, karla: User) -> None:
    rota, night = make_rota(ivan), at("2026-11-17 22:10")

    taken = actions.take_over(rota, user_id=karla.pk, by=SYSTEM, now=night)

    assert taken is not None
    assert (taken.start_at, taken.end_at, taken.replaces_id) == (night, at("2026-11-18 09:00"), ivan.pk)
    assert actions.take_over(rota, user_id=karla.pk, by=SYSTEM, now=night) is None
    with pytest.raises(Conflict) as refused:
        actions.take_over(rota, user_id=karla.pk, by=SYSTEM, now=at("2026-11-18 10:00"))
    assert refused.value.code == "office_attends"


def test_a_request_changes_nothing_until_it_is_in_force(office: BusinessCalendar, ivan: User, karla: User) -> None:
    rota, night = make_rota(ivan), at("2026-11-17 22:00")
    swap = actions.change_shift(
        rota, user_id=karla.pk, start_at=at("2026-11-17 19:00"), end_at=at("2026-11-18 09:00"),
        kind="swap", state="requested", by=SYSTEM, now=NOW,
    )  # fmt: skip

    def on_call() -> int | None:
        found = queries.on_call(rota.pk, night)
        return found.user_id if found else None

    assert on_call() == ivan.pk
    swap = actions.settle(swap, state="accepted", now=NOW)
    assert on_call() == ivan.pk
    swap = actions.settle(swap, state="active", now=NOW)
    assert on_call() == karla.pk
    with pytest.raises(Conflict):
        actions.settle(swap, state="requested", now=NOW)
    with pytest.raises(Conflict):
        actions.settle(swap, state="withdrawn", now=at("2026-11-19 00:00"))


def test_a_change_in_force_may_overlap_one_of_another_person(office: BusinessCalendar, ivan: User, karla: User) -> None:
    rota = make_rota(ivan)
    span: dict[str, Any] = {"start_at": at("2026-11-17 19:00"), "end_at": at("2026-11-18 09:00")}
    third = person("bruno")

    for user in (karla, third):
        actions.change_shift(rota, user_id=user.pk, by=SYSTEM, now=NOW, **span)

    found = queries.on_call(rota.pk, at("2026-11-17 22:00"))
    assert found is not None
    assert found.user_id == third.pk


# --- timers


def test_the_longest_waiting_timer_and_the_parked(django_assert_num_queries: Any) -> None:
    for key, fields in (("a", {}), ("b", {"parked_at": NOW}), ("c", {"done_at": NOW}), ("d", {"cancelled_at": NOW})):
        due = NOW - timedelta(minutes=5)
        Timer.objects.create(
            key=key, handler="h", owner="o", due_at=due, next_attempt_at=due, created_at=due, **fields
        )  # fmt: skip

    with django_assert_num_queries(2):
        waiting, n_parked = queries.waiting_longest(NOW), queries.n_parked()

    assert waiting is not None
    assert (waiting.key, n_parked) == ("a", 1)
    assert queries.waiting_longest(datetime(2020, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        pytest.param({"done_at": NOW, "cancelled_at": NOW}, "timer_one_end", id="done and cancelled"),
        pytest.param({"done_at": NOW, "parked_at": NOW}, "timer_parked_not_done", id="done and parked"),
        pytest.param({"next_attempt_at": NOW - timedelta(1)}, "timer_never_early", id="before it is due"),
        pytest.param({"owner": ""}, "timer_named", id="nobody's"),
    ],
)
def test_the_database_refuses_a_timer_that_cannot_be(fields: dict[str, Any], constraint: str) -> None:
    values = {"key": "k", "handler": "h", "owner": "o", "due_at": NOW, "next_attempt_at": NOW, "created_at": NOW}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Timer.objects.create(**{**values, **fields})


def test_keys_compare_byte_by_byte() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT collation_name FROM information_schema.columns"
            " WHERE table_name = 'schedules_timer' AND column_name = 'key'"
        )
        assert cursor.fetchone() == ("C",)
