"""Contract, section 3: business time through the calls of the calendars, against the slow calendar."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.contract.slow_calendar import DAY, MINUTE, SlowCalendar, rest_days, whole_utc_days
from tests.contract.world import MEXICO, Caller, World, is_problem, names_field

ALL_WEEK = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(7)]
OFFICE = [
    {"weekday": day, "opens": opens, "closes": closes}
    for day in range(5)
    for opens, closes in (("09:00", "14:00"), ("16:00", "19:00"))
] + [{"weekday": 5, "opens": "09:00", "closes": "14:00"}]

# A zone and a day on which something happens to its clocks; the random calendars lie around it.
TURNS = [
    ("America/Mexico_City", date(2022, 10, 30)),
    ("America/Mexico_City", date(2019, 4, 7)),
    ("America/Mexico_City", date(2026, 11, 16)),
    ("America/Tijuana", date(2026, 3, 8)),
    ("America/Tijuana", date(2026, 11, 1)),
    ("America/Matamoros", date(2025, 11, 2)),
    ("America/Ciudad_Juarez", date(2022, 11, 30)),
    ("America/Hermosillo", date(2026, 5, 1)),
    ("America/Cancun", date(2015, 2, 1)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Asuncion", date(2023, 10, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Sydney", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2026, 9, 16)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Europe/Madrid", date(2026, 10, 25)),
    ("America/St_Johns", date(2011, 3, 13)),
    ("Atlantic/Azores", date(2026, 3, 29)),
    ("UTC", date(2024, 2, 29)),
]
SPAN = 26  # days walked around each of them


def make(caller: Caller, slug: str, **body: Any) -> str:
    """Make a calendar and return its address."""
    body = {"slug": slug, "name": "Prueba", "timezone": "America/Mexico_City", "hours": OFFICE, **body}
    response = caller.send("calendars/", body)
    assert response.status_code == 201, response.content.decode()
    return f"calendars/{slug}/"


def ask(caller: Caller, path: str, **params: Any) -> Any:
    response = caller.ask(path, **params)
    assert response.status_code == 200, (path, params, response.content.decode())
    return response.json()


def instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None
    return at


def mx(text: str) -> str:
    """`2026-11-17 10:42` in Mexico City, with its offset."""
    return datetime.fromisoformat(text).replace(tzinfo=MEXICO).isoformat()


# ------------------------------------------------------------------ random calendars


def clock(rng: random.Random, *, closing: bool = False) -> str:
    minute = rng.choice([0, 15, 30, 60, 120, 150, 180, 540, 600, 840, 960, 1140, 1320, 1380, 1410, rng.randrange(1440)])
    return "24:00" if closing and rng.random() < 0.15 else f"{minute // 60:02d}:{minute % 60:02d}"


def window(rng: random.Random) -> dict[str, str]:
    while True:
        row = {"opens": clock(rng), "closes": clock(rng, closing=True)}
        if row["opens"] != row["closes"]:
            return row


def random_body(rng: random.Random, zone: str, around: date) -> dict[str, Any]:
    """A calendar with split, overlapping and overnight shifts, closures and extra openings around the day."""

    def some_day() -> str:
        return (around + timedelta(days=rng.randrange(-8, 9))).isoformat()

    closures: list[dict[str, str]] = []
    for _ in range(rng.randrange(4)):
        closures.append({"date": some_day(), "name": "Inventario", **(window(rng) if rng.random() < 0.6 else {})})
    hours = [{"weekday": rng.randrange(7), **window(rng)} for _ in range(rng.choice([1, 3, 7, 12]))]
    if rng.random() < 0.12:
        hours = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(7)]
    elif rng.random() < 0.2:
        hours = [{"weekday": day, "opens": "22:00", "closes": "06:00"} for day in range(7)]
    return {
        "slug": f"azar-{rng.randrange(10**9)}",
        "name": "Al azar",
        "timezone": zone,
        "hours": hours,
        "holidays": rng.choice(["MX", None]),
        "closures": closures,
        "extra_openings": [{"date": some_day(), **window(rng)} for _ in range(rng.randrange(3))],
    }


def near(rng: random.Random, model: SlowCalendar) -> datetime:
    """An instant within the middle of what was walked; often exactly at a change or a second from it."""
    middle = range(6 * 1440, (SPAN - 12) * 1440)
    if rng.random() < 0.5:
        edges = [n for n in rng.sample(middle, 400) if model.minutes[n] is not model.minutes[n - 1]]
        for n in sorted(edges, key=lambda _n: rng.random()):
            return model.first + n * MINUTE + timedelta(seconds=rng.choice([-1, 0, 0, 0, 1]))
    return model.first + rng.choice(middle) * MINUTE + timedelta(seconds=rng.choice([0, 0, 17, 59]))


def spoken(rng: random.Random, at: datetime) -> str:
    """The instant with some offset."""
    zone = ZoneInfo(rng.choice(["UTC", "America/Mexico_City", "Asia/Kathmandu", "Pacific/Apia"]))
    return at.astimezone(zone).isoformat()


def disagreements(caller: Caller, rng: random.Random, zone: str, around: date, questions: int) -> Iterator[str]:
    """Make a random calendar, ask it and the slow one, and tell where they differ."""
    body = random_body(rng, zone, around)
    response = caller.send("calendars/", body)
    if response.status_code == 400:  # closures may leave nothing open; then the slow one must say so too
        assert {e["code"] for e in response.json()["errors"]} == {"never_opens"}, response.content
        return
    assert response.status_code == 201, response.content.decode()
    model = SlowCalendar(body, *whole_utc_days(around - timedelta(days=12), SPAN))
    path = f"calendars/{body['slug']}/"
    for _ in range(questions):
        for name, asked, told, expected in one_of_each(caller, rng, model, path):
            if expected is not None and told != expected:
                yield f"{name} {asked}: {told} but {expected}\n   {body}"


def one_of_each(
    caller: Caller, rng: random.Random, model: SlowCalendar, path: str
) -> Iterator[tuple[str, dict[str, Any], Any, Any]]:
    at, other = near(rng, model), near(rng, model)
    params: dict[str, Any] = {"at": spoken(rng, at)}
    found = ask(caller, f"{path}status/", **params)
    yield "open", params, found["open"], model.is_open(at)
    for name, to_open in (("next_open", True), ("next_close", False)):
        yield name, params, instant(found[name]), model.next_change(at, to_open=to_open)
    minutes = rng.choice([0, 1, 60, 240, 299.5, 300, 480, 960, rng.randrange(4000)])
    params = {"start": spoken(rng, at), "minutes": minutes}
    expected = model.add(at, minutes)
    if expected is not None:
        yield "add", params, instant(ask(caller, f"{path}add/", **params)["result"]), expected
    params = {"start": spoken(rng, at), "end": spoken(rng, other)}
    told = ask(caller, f"{path}elapsed/", **params)["minutes"]
    yield "elapsed", params, round(told, 6), round(model.elapsed(at, other), 6)
    day, n = at.astimezone(model.zone).date(), rng.choice([-5, -2, -1, 0, 0, 1, 2, 3, 7])
    wanted = model.business_day(day, n)
    if wanted is not None:
        params = {"date": day.isoformat(), "days": n}
        yield "days", params, date.fromisoformat(ask(caller, f"{path}business-days/", **params)["result"]), wanted


def test_random_calendars_answer_as_the_slow_one(world: World) -> None:
    rng = random.Random(20261117)  # noqa: S311 - the same calendars every time
    wrong = [text for zone, around in TURNS for text in disagreements(world.manager, rng, zone, around, questions=3)]
    assert not wrong, "\n".join(wrong[:8])


@pytest.mark.drill
@pytest.mark.parametrize("seed", range(30))
def test_many_random_calendars(world: World, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    wrong = [text for zone, around in TURNS for text in disagreements(world.manager, rng, zone, around, questions=8)]
    assert not wrong, "\n".join(wrong[:8])


# ------------------------------------------------------------------ the statute


def test_rest_days_of_the_law_from_2006_to_2040(world: World) -> None:
    path = make(world.manager, "ley", hours=ALL_WEEK, holidays="MX")
    for year in range(2006, 2041):
        start, end = (datetime(y, 1, 1, tzinfo=MEXICO) for y in (year, year + 1))
        open_minutes = ask(world.ana, f"{path}elapsed/", start=start.isoformat(), end=end.isoformat())["minutes"]
        days = rest_days(year)
        assert open_minutes == (end.astimezone(UTC) - start.astimezone(UTC)) / MINUTE - 1440 * len(days), year
        for day in days:
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=MEXICO).isoformat()
            found = ask(world.ana, f"{path}status/", at=noon)
            assert (found["open"], found["reason"]) == (False, "holiday"), day


def test_no_election_day_and_nothing_moves_from_a_weekend(world: World) -> None:
    path = make(world.manager, "ley", hours=ALL_WEEK, holidays="MX")
    for day in ("2021-06-06", "2024-06-02", "2022-04-18", "2023-01-02", "2021-12-24", "2024-12-01", "2022-05-02"):
        assert ask(world.ana, f"{path}status/", at=mx(f"{day} 12:00"))["open"] is True, day


# ------------------------------------------------------------------ the conventions, one by one


def test_half_open_at_both_ends(world: World) -> None:
    path = make(world.manager, "oficina-2")
    opened = ask(world.ana, f"{path}status/", at=mx("2026-11-17 09:00"))
    closed = ask(world.ana, f"{path}status/", at=mx("2026-11-17 14:00"))
    assert (opened["open"], opened["next_open"], opened["next_close"]) == (
        True,
        mx("2026-11-17 16:00"),
        mx("2026-11-17 14:00"),
    )
    assert (closed["open"], closed["next_open"], closed["next_close"]) == (
        False,
        mx("2026-11-17 16:00"),
        mx("2026-11-17 19:00"),
    )
    assert opened.keys() >= {"open", "next_open", "next_close", "reason"}


def test_around_the_clock_never_closes(world: World) -> None:
    path = make(world.manager, "siempre", hours=ALL_WEEK, holidays=None)
    found = ask(world.ana, f"{path}status/", at=mx("2026-11-17 09:00"))
    assert (found["open"], found["next_open"], found["next_close"]) == (True, None, None)


def test_overnight_pieces_that_touch_make_one_opening(world: World) -> None:
    hours = [{"weekday": 0, "opens": "20:00", "closes": "24:00"}, {"weekday": 1, "opens": "00:00", "closes": "02:00"}]
    path = make(world.manager, "toca", hours=hours)
    found = ask(world.ana, f"{path}status/", at=mx("2026-11-09 21:00"))
    assert found["next_close"] == mx("2026-11-10 02:00")


def test_a_holiday_cuts_the_tail_of_the_night_before_it(world: World) -> None:
    night = [{"weekday": day, "opens": "22:00", "closes": "06:00"} for day in range(7)]
    path = make(world.manager, "noche", hours=night, holidays="MX")
    eve = ask(world.ana, f"{path}status/", at=mx("2026-12-24 23:00"))
    after = ask(world.ana, f"{path}status/", at=mx("2026-12-25 23:00"))
    assert (eve["open"], eve["next_close"]) == (True, mx("2026-12-25 00:00"))
    assert (after["open"], after["next_open"]) == (False, mx("2026-12-26 00:00"))


@pytest.mark.parametrize(
    ("date_", "minutes"),
    [("2026-10-31", 9 * 60), ("2026-03-07", 7 * 60), ("2026-06-10", 8 * 60)],
)
def test_a_night_lasts_seven_eight_or_nine_hours(world: World, date_: str, minutes: int) -> None:
    hours = [{"weekday": day, "opens": "22:00", "closes": "06:00"} for day in range(7)]
    path = make(world.manager, "tijuana", hours=hours, timezone="America/Tijuana")
    zone = ZoneInfo("America/Tijuana")
    noon = datetime.fromisoformat(f"{date_} 12:00").replace(tzinfo=zone)
    until = (noon + DAY).isoformat()
    assert ask(world.ana, f"{path}elapsed/", start=noon.isoformat(), end=until)["minutes"] == minutes


def test_precedence_extra_closure_holiday_week(world: World) -> None:
    path = make(
        world.manager,
        "precedencia",
        holidays="MX",
        closures=[
            {"date": "2026-11-16", "name": "Puente"},
            {"date": "2026-11-18", "name": "Junta", "opens": "09:00", "closes": "11:00"},
            {"date": "2026-11-20", "name": "Inventario"},
        ],
        extra_openings=[
            {"date": "2026-11-16", "opens": "10:00", "closes": "12:00"},
            {"date": "2026-11-18", "opens": "10:00", "closes": "10:30"},
            {"date": "2026-11-22", "opens": "09:00", "closes": "10:00"},
        ],
    )
    seen = {
        text: ask(world.ana, f"{path}status/", at=mx(text))["open"]
        for text in (
            "2026-11-16 10:00",
            "2026-11-16 12:00",
            "2026-11-18 09:59",
            "2026-11-18 10:00",
            "2026-11-18 10:30",
            "2026-11-18 11:00",
            "2026-11-20 10:00",
            "2026-11-22 09:30",
        )
    }
    assert list(seen.values()) == [True, False, False, True, False, True, False, True], seen


def test_add_ends_at_a_closing_and_zero_finds_the_opening(world: World) -> None:
    path = make(world.manager, "sumas", holidays="MX")

    def added(start: str, minutes: object) -> str:
        return str(ask(world.ana, f"{path}add/", start=mx(start), minutes=minutes)["result"])

    assert added("2026-11-17 09:00", 300) == mx("2026-11-17 14:00")
    assert added("2026-11-17 09:00", 301) == mx("2026-11-17 16:01")
    assert added("2026-11-17 14:00", 0) == mx("2026-11-17 16:00")
    assert added("2026-11-17 15:00", 0) == mx("2026-11-17 16:00")
    assert added("2026-11-17 13:59:30", 0) == mx("2026-11-17 13:59:30")
    assert added("2026-11-17 13:59:30", 1) == mx("2026-11-17 16:00:30")
    assert added("2026-11-14 13:00", 360) == mx("2026-11-17 14:00")  # an hour of Saturday; Monday is a holiday
    assert added("2026-11-14 13:00", 480) == mx("2026-11-17 18:00")


def test_elapsed_is_never_negative_and_knows_seconds(world: World) -> None:
    path = make(world.manager, "restas")

    def between(start: str, end: str) -> Any:
        return ask(world.ana, f"{path}elapsed/", start=mx(start), end=mx(end))["minutes"]

    assert between("2026-11-17 12:00", "2026-11-17 11:00") == 0
    assert between("2026-11-17 12:00", "2026-11-17 12:00") == 0
    assert between("2026-11-17 12:00:00", "2026-11-17 12:00:45") == 0.75
    assert between("2026-11-17 13:00", "2026-11-17 17:00") == 120
    whole = between("2026-11-17 13:00", "2026-11-17 17:00")
    assert isinstance(whole, int | float)
    assert not isinstance(whole, bool)


def test_business_days_in_both_directions(world: World) -> None:
    path = make(world.manager, "dias", holidays="MX", hours=OFFICE[:-1])
    cases = {
        ("2026-11-13", 1): "2026-11-17",  # Friday; Monday is a holiday
        ("2026-11-17", -1): "2026-11-13",
        ("2026-11-14", 0): "2026-11-17",
        ("2026-11-13", 0): "2026-11-13",
        ("2026-11-13", 5): "2026-11-23",
        ("2026-11-23", -5): "2026-11-13",
    }
    for (day, days), expected in cases.items():
        found = ask(world.ana, f"{path}business-days/", date=day, days=days)
        assert found == {"result": expected}, (day, days)


def test_answers_carry_the_offset_of_the_desk(world: World) -> None:
    path = make(world.manager, "desfase", timezone="America/Tijuana")
    found = ask(world.ana, f"{path}add/", start="2026-11-17T15:00:00Z", minutes=60)
    assert found["result"].endswith("-06:00")


# ------------------------------------------------------------------ making a calendar


def test_the_calendar_is_answered_as_it_was_made(world: World) -> None:
    night, wednesday = {"opens": "22:00", "closes": "06:00"}, {"opens": "09:00", "closes": "24:00"}
    body = {
        "desk": "invoice-mx",
        "slug": "completo",
        "name": "Completo",
        "timezone": "America/Mexico_City",
        "hours": [{"weekday": 0, **night}, {"weekday": 2, **wednesday}],
        "holidays": "MX",
        "closures": [
            {"date": "2026-12-24", "name": "Nochebuena"},
            {"date": "2026-12-31", "name": "Fin de año", "opens": "14:00", "closes": "19:00"},
        ],
        "extra_openings": [{"date": "2026-12-26", "opens": "10:00", "closes": "12:00"}],
    }
    response = world.manager.send("calendars/", body)
    assert response.status_code == 201
    assert response.json() == body


def test_only_the_manager_makes_one(world: World) -> None:
    body = {"slug": "x", "name": "X", "timezone": "UTC", "hours": OFFICE}
    for name in ("ana", "supervisor", "sales", "client"):
        is_problem(getattr(world, name).send("calendars/", {**body, "slug": name.replace("_", "-")}), 403)
    is_problem(world.anonymous.send("calendars/", body), 401)
    is_problem(world.manager.send("calendars/", {**body, "desk": "facturando"}), 404)
    assert world.manager.send("calendars/", body).status_code == 201
    assert world.admin.send("calendars/", {**body, "desk": "facturando"}).status_code == 201
    names_field(world.admin.send("calendars/", {**body, "slug": "y"}), "desk")


def test_members_of_the_desk_ask_and_nobody_else(world: World) -> None:
    path = make(world.manager, "propio")
    for name in ("ana", "supervisor", "manager", "sales", "admin"):
        assert getattr(world, name).ask(f"{path}status/").status_code == 200, name
    for name in ("fac_manager", "fac_consultant", "client", "other_client", "fac_client"):
        for call in ("status/", "add/", "elapsed/", "business-days/"):
            is_problem(getattr(world, name).ask(path + call), 404)
    is_problem(world.anonymous.ask(f"{path}status/"), 401)
    is_problem(world.ana.ask("calendars/no-hay/status/"), 404)


def test_the_same_slug_twice_is_refused(world: World) -> None:
    make(world.manager, "unico")
    response = world.manager.send("calendars/", {"slug": "unico", "name": "Otra", "timezone": "UTC", "hours": OFFICE})
    assert response.status_code in {400, 409}
    is_problem(response, response.status_code)
    # …but another desk may use it for its own.
    elsewhere = world.fac_manager.send(
        "calendars/", {"slug": "unico", "name": "Suya", "timezone": "UTC", "hours": OFFICE}
    )
    assert elsewhere.status_code == 201


BAD_BODIES: list[tuple[str, dict[str, Any]]] = [
    ("slug", {"slug": ""}),
    ("slug", {"slug": None}),
    ("slug", {"slug": "con espacio"}),
    ("slug", {"slug": 12}),
    ("slug", {"slug": ["a"]}),
    ("slug", {"slug": "a" * 10_000}),
    ("name", {"name": ""}),
    ("name", {"name": "a" * 10_000}),
    ("name", {"name": {"es": "x"}}),
    ("timezone", {"timezone": ""}),
    ("timezone", {"timezone": "America/Atlantis"}),
    ("timezone", {"timezone": "../../etc/passwd"}),
    ("timezone", {"timezone": 5}),
    ("timezone", {"timezone": "a" * 10_000}),
    ("hours", {"hours": "lunes"}),
    ("hours", {"hours": {"weekday": 0}}),
    ("hours", {"hours": []}),
    ("hours.0", {"hours": [7]}),
    ("hours.0.weekday", {"hours": [{"weekday": 7, "opens": "09:00", "closes": "10:00"}]}),
    ("hours.0.weekday", {"hours": [{"weekday": -1, "opens": "09:00", "closes": "10:00"}]}),
    ("hours.0.weekday", {"hours": [{"weekday": True, "opens": "09:00", "closes": "10:00"}]}),
    ("hours.0.weekday", {"hours": [{"weekday": "0", "opens": "09:00", "closes": "10:00"}]}),
    ("hours.0.weekday", {"hours": [{"weekday": 1.5, "opens": "09:00", "closes": "10:00"}]}),
    ("hours.0.weekday", {"hours": [{"opens": "09:00", "closes": "10:00"}]}),
    ("hours.0.closes", {"hours": [{"weekday": 0, "opens": "09:00", "closes": "09:00"}]}),
    ("hours.0.closes", {"hours": [{"weekday": 0, "opens": "00:00", "closes": "00:00"}]}),
    ("hours.0.closes", {"hours": [{"weekday": 0, "opens": "09:00", "closes": "24:01"}]}),
    ("hours.0.closes", {"hours": [{"weekday": 0, "opens": "09:00", "closes": "9:30"}]}),
    ("hours.0.closes", {"hours": [{"weekday": 0, "opens": "09:00"}]}),
    ("hours.0.opens", {"hours": [{"weekday": 0, "opens": "24:00", "closes": "10:00"}]}),
    ("hours.0.opens", {"hours": [{"weekday": 0, "opens": "09:60", "closes": "10:00"}]}),
    ("hours.0.opens", {"hours": [{"weekday": 0, "opens": "nueve", "closes": "10:00"}]}),
    ("hours.0.opens", {"hours": [{"weekday": 0, "opens": 9, "closes": "10:00"}]}),
    ("hours.0.opens", {"hours": [{"weekday": 0, "opens": "09:00:00", "closes": "10:00"}]}),
    ("hours.0.opens", {"hours": [{"weekday": 0, "opens": "０９:００", "closes": "10:00"}]}),
    ("hours.1.opens", {"hours": [OFFICE[0], {"weekday": 0, "opens": None, "closes": "10:00"}]}),
    ("holidays", {"holidays": "US"}),
    ("holidays", {"holidays": True}),
    ("holidays", {"holidays": ["MX"]}),
    ("closures", {"closures": "2026-12-24"}),
    ("closures.0.date", {"closures": [{"name": "x"}]}),
    ("closures.0.date", {"closures": [{"date": "2026-02-30", "name": "x"}]}),
    ("closures.0.date", {"closures": [{"date": "24/12/2026", "name": "x"}]}),
    ("closures.0.date", {"closures": [{"date": "2026-12-24T00:00:00-06:00", "name": "x"}]}),
    ("closures.0.date", {"closures": [{"date": "9999-12-31", "name": "x"}]}),
    ("closures.0.closes", {"closures": [{"date": "2026-12-24", "name": "x", "opens": "09:00"}]}),
    ("closures.0.opens", {"closures": [{"date": "2026-12-24", "name": "x", "closes": "09:00"}]}),
    ("closures.0.closes", {"closures": [{"date": "2026-12-24", "name": "x", "opens": "09:00", "closes": "09:00"}]}),
    ("extra_openings.0.opens", {"extra_openings": [{"date": "2026-12-24", "closes": "12:00"}]}),
    ("extra_openings.0.closes", {"extra_openings": [{"date": "2026-12-24", "opens": "09:00", "closes": "09:00"}]}),
    ("extra_openings.0.date", {"extra_openings": [{"opens": "09:00", "closes": "10:00"}]}),
]


def test_what_is_wrong_with_a_calendar_is_named_and_nothing_is_saved(world: World) -> None:
    good = {"slug": "malo", "name": "Malo", "timezone": "UTC", "hours": OFFICE}
    for field, change in BAD_BODIES:
        names_field(world.manager.send("calendars/", {**good, **change}), field)
    for field in ("slug", "name", "timezone"):
        names_field(world.manager.send("calendars/", {k: v for k, v in good.items() if k != field}), field)
    assert world.manager.send("calendars/", good).status_code == 201


def test_a_calendar_that_never_opens_is_refused(world: World) -> None:
    body = {"slug": "nunca", "name": "Nunca", "timezone": "UTC"}
    names_field(world.manager.send("calendars/", {**body, "hours": []}), "hours")
    names_field(world.manager.send("calendars/", body), "hours")


# ------------------------------------------------------------------ questions that are wrong

NAIVE = "2026-11-17T10:00:00"
BAD_QUESTIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("status/", "at", {"at": NAIVE}),
    ("status/", "at", {"at": "ayer"}),
    ("status/", "at", {"at": "2026-13-01T00:00:00Z"}),
    ("status/", "at", {"at": "9999-12-31T23:59:59Z"}),
    ("status/", "at", {"at": "0001-01-01T00:00:00Z"}),
    ("status/", "at", {"at": "2026-11-17T10:00:00+99:99"}),
    ("status/", "at", {"at": "1" * 10_000}),
    ("add/", "start", {"minutes": 5}),
    ("add/", "start", {"start": NAIVE, "minutes": 5}),
    ("add/", "minutes", {"start": mx("2026-11-17 10:00")}),
    ("add/", "minutes", {"start": mx("2026-11-17 10:00"), "minutes": -1}),
    ("add/", "minutes", {"start": mx("2026-11-17 10:00"), "minutes": "-0.5"}),
    ("add/", "minutes", {"start": mx("2026-11-17 10:00"), "minutes": "mucho"}),
    ("add/", "minutes", {"start": mx("2026-11-17 10:00"), "minutes": "NaN"}),
    ("add/", "minutes", {"start": mx("2026-11-17 10:00"), "minutes": "Infinity"}),
    ("add/", "minutes", {"start": mx("2026-11-17 10:00"), "minutes": "1e9"}),
    ("add/", "minutes", {"start": mx("2026-11-17 10:00"), "minutes": 10**30}),
    ("add/", "minutes", {"start": mx("2026-11-17 10:00"), "minutes": 10**11}),
    ("add/", "minutes", {"start": mx("2026-11-17 10:00"), "minutes": ""}),
    ("elapsed/", "start", {"end": mx("2026-11-17 10:00")}),
    ("elapsed/", "end", {"start": mx("2026-11-17 10:00")}),
    ("elapsed/", "end", {"start": mx("2026-11-17 10:00"), "end": NAIVE}),
    ("elapsed/", "end", {"start": mx("2026-11-17 10:00"), "end": "9999-12-31T23:59:59Z"}),
    ("business-days/", "date", {"days": 1}),
    ("business-days/", "date", {"date": "2026-02-30", "days": 1}),
    ("business-days/", "date", {"date": NAIVE, "days": 1}),
    ("business-days/", "date", {"date": "9999-12-31", "days": 1}),
    ("business-days/", "days", {"date": "2026-11-17"}),
    ("business-days/", "days", {"date": "2026-11-17", "days": "1.5"}),
    ("business-days/", "days", {"date": "2026-11-17", "days": "dos"}),
    ("business-days/", "days", {"date": "2026-11-17", "days": 10**20}),
    ("business-days/", "days", {"date": "2026-11-17", "days": -(10**9)}),
]


def test_a_wrong_question_names_its_parameter(world: World) -> None:
    path = make(world.manager, "preguntas")
    for call, field, params in BAD_QUESTIONS:
        names_field(world.ana.ask(path + call, **params), field)
