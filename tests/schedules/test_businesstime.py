"""Business time by tables: the hours of both seeds, section 3 of the contract, the clock changes of Mexico."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schedules import businesstime
from schedules.businesstime import Hours, NotOpenAgain, OutOfRange, Reason
from schedules.hours import Closure, ExtraOpening, Interval, Spec, Weekly

MEXICO = "America/Mexico_City"


def window(text: str) -> Interval:
    opens, closes = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return Interval(opens, closes)


def week(days: range | tuple[int, ...], *windows: str) -> tuple[Weekly, ...]:
    return tuple(Weekly(day, window(text)) for day in days for text in windows)


# InvoiceMX manual, "Horario de Oficina": Monday to Friday 09-14 and 16-19, Saturday 09-14.
INVOICE = Spec(MEXICO, week(range(5), "09:00-14:00", "16:00-19:00") + week((5,), "09:00-14:00"), "MX")
# Facturando guide, "Horarios de atención": Monday to Friday 09-14 and 15-18, except holidays.
FACTURANDO = Spec(MEXICO, week(range(5), "09:00-14:00", "15:00-18:00"), "MX")
NIGHT = Spec(MEXICO, week(range(7), "22:00-06:00"))
ALWAYS = Spec(MEXICO, week(range(7), "00:00-24:00"))


def compiled(spec: Spec, **changes: object) -> Hours:
    values = {name: getattr(spec, name) for name in Spec.__dataclass_fields__}
    return businesstime.compile_hours(Spec(**{**values, **changes}))


OFFICE, CHAT = compiled(INVOICE), compiled(FACTURANDO)


def at(text: str, zone: str = MEXICO, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def local(instant: datetime | None, zone: str = MEXICO) -> str:
    if instant is None:
        return "never"
    text = instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
    return text.removesuffix(":00")


@pytest.mark.parametrize(
    ("hours", "when", "is_open", "next_open", "next_close"),
    [
        pytest.param(OFFICE, "2026-11-17 08:59:59", False, "2026-11-17 09:00", "2026-11-17 14:00", id="before"),
        pytest.param(OFFICE, "2026-11-17 09:00", True, "2026-11-17 16:00", "2026-11-17 14:00", id="opens"),
        pytest.param(OFFICE, "2026-11-17 13:59:59", True, "2026-11-17 16:00", "2026-11-17 14:00", id="last second"),
        pytest.param(OFFICE, "2026-11-17 14:00", False, "2026-11-17 16:00", "2026-11-17 19:00", id="at the closing"),
        pytest.param(OFFICE, "2026-11-17 20:15", False, "2026-11-18 09:00", "2026-11-18 14:00", id="evening"),
        pytest.param(OFFICE, "2026-11-21 15:20", False, "2026-11-23 09:00", "2026-11-23 14:00", id="saturday"),
        pytest.param(OFFICE, "2026-11-14 15:00", False, "2026-11-17 09:00", "2026-11-17 14:00", id="long weekend"),
        pytest.param(OFFICE, "2026-12-24 18:00", True, "2026-12-26 09:00", "2026-12-24 19:00", id="before Christmas"),
        pytest.param(OFFICE, "2026-12-31 19:00", False, "2027-01-02 09:00", "2027-01-02 14:00", id="new year"),
        pytest.param(CHAT, "2026-11-17 14:30", False, "2026-11-17 15:00", "2026-11-17 18:00", id="chat's lunch"),
        pytest.param(CHAT, "2026-11-21 10:00", False, "2026-11-23 09:00", "2026-11-23 14:00", id="no saturday"),
        pytest.param(CHAT, "2024-09-30 18:00", False, "2024-10-02 09:00", "2024-10-02 14:00", id="transmission"),
        pytest.param(compiled(NIGHT), "2026-11-17 03:00", True, "2026-11-17 22:00", "2026-11-17 06:00", id="tail"),
        pytest.param(compiled(ALWAYS), "2026-11-17 03:00", True, "never", "never", id="around the clock"),
    ],
)  # fmt: skip
def test_status(hours: Hours, when: str, is_open: bool, next_open: str, next_close: str) -> None:
    status = businesstime.status(at(when), hours)

    assert (status.open, local(status.next_open), local(status.next_close)) == (is_open, next_open, next_close)
    assert businesstime.is_open(at(when), hours) is is_open


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("hours", "start", "amount", "result"),
    [
        pytest.param(OFFICE, "2026-11-17 13:55", 5 * MINUTE, "2026-11-17 14:00", id="to the closing"),
        pytest.param(OFFICE, "2026-11-17 13:55", 6 * MINUTE, "2026-11-17 16:01", id="over lunch"),
        pytest.param(OFFICE, "2026-11-17 14:00", 0 * MINUTE, "2026-11-17 16:00", id="nothing, closed"),
        pytest.param(OFFICE, "2026-11-17 13:00", 0 * MINUTE, "2026-11-17 13:00", id="nothing, open"),
        pytest.param(OFFICE, "2026-11-17 15:00", 1 * MINUTE, "2026-11-17 16:01", id="from closed"),
        pytest.param(OFFICE, "2026-11-17 18:59:30", timedelta(seconds=45), "2026-11-18 09:00:15", id="seconds"),
        pytest.param(OFFICE, "2026-11-13 18:00", 480 * MINUTE, "2026-11-17 11:00", id="over the long weekend"),
        pytest.param(OFFICE, "2026-11-17 13:55", 8 * 60 * MINUTE, "2026-11-18 13:55", id="8 hours"),
        pytest.param(OFFICE, "2026-11-17 13:55", 400 * 60 * MINUTE, "2027-01-20 18:55", id="400 hours"),
        pytest.param(OFFICE, "2027-07-05 09:00", 4801 * MINUTE, "2027-07-16 12:01", id="over a seam"),
        pytest.param(CHAT, "2026-11-20 17:30", 60 * MINUTE, "2026-11-23 09:30", id="over the weekend"),
        pytest.param(compiled(ALWAYS), "2026-11-17 10:00", timedelta(days=2000), "2032-05-09 10:00", id="always"),
        pytest.param(compiled(NIGHT), "2026-11-17 05:00", 120 * MINUTE, "2026-11-17 23:00", id="night to night"),
    ],
)  # fmt: skip
def test_add(hours: Hours, start: str, amount: timedelta, result: str) -> None:
    assert local(businesstime.add(at(start), amount, hours)) == result


@pytest.mark.parametrize(
    ("hours", "start", "end", "minutes"),
    [
        pytest.param(OFFICE, "2026-11-17 13:00", "2026-11-17 17:00", 120, id="over lunch"),
        pytest.param(OFFICE, "2026-11-17 17:00", "2026-11-17 13:00", 0, id="backwards"),
        pytest.param(OFFICE, "2026-11-17 13:00", "2026-11-17 13:00", 0, id="the same instant"),
        pytest.param(OFFICE, "2026-11-17 13:59:30", "2026-11-17 15:00", 0.5, id="half a minute"),
        pytest.param(OFFICE, "2026-11-13 19:00", "2026-11-17 09:00", 300, id="Saturday only"),
        pytest.param(OFFICE, "2026-11-16 00:00", "2026-11-16 23:59:59", 0, id="holiday"),
        pytest.param(OFFICE, "2026-11-16 00:00", "2026-11-23 00:00", 4 * 480 + 300, id="a week with a holiday"),
        pytest.param(OFFICE, "2026-01-01 00:00", "2027-01-01 00:00", 254 * 480 + 52 * 300, id="a year"),
    ],
)  # fmt: skip
def test_elapsed(hours: Hours, start: str, end: str, minutes: float) -> None:
    assert businesstime.elapsed(at(start), at(end), hours) / MINUTE == minutes


@pytest.mark.parametrize(
    ("hours", "day", "n", "result"),
    [
        pytest.param(OFFICE, date(2026, 11, 13), 1, date(2026, 11, 14), id="Saturday is one"),
        pytest.param(OFFICE, date(2026, 11, 14), 1, date(2026, 11, 17), id="over Sunday and holiday"),
        pytest.param(OFFICE, date(2026, 11, 16), 0, date(2026, 11, 17), id="zero on a holiday"),
        pytest.param(OFFICE, date(2026, 11, 17), 0, date(2026, 11, 17), id="zero on a business day"),
        pytest.param(OFFICE, date(2026, 11, 17), -1, date(2026, 11, 14), id="backwards"),
        pytest.param(OFFICE, date(2026, 11, 15), -1, date(2026, 11, 14), id="backwards from Sunday"),
        pytest.param(CHAT, date(2026, 12, 31), 1, date(2027, 1, 4), id="over new year"),
        pytest.param(CHAT, date(2027, 1, 4), -1, date(2026, 12, 31), id="and back"),
        pytest.param(CHAT, date(2026, 11, 26), -2, date(2026, 11, 24), id="two before a Thursday"),
        pytest.param(CHAT, date(2026, 1, 1), 254, date(2026, 12, 31), id="a year of them"),
        pytest.param(compiled(ALWAYS), date(2024, 2, 28), 1, date(2024, 2, 29), id="leap day"),
        pytest.param(compiled(ALWAYS), date(2026, 1, 1), 20000, date(2080, 10, 4), id="far away"),
        pytest.param(compiled(ALWAYS), date(2026, 1, 1), -20000, date(1971, 3, 31), id="far back"),
    ],
)  # fmt: skip
def test_business_days(hours: Hours, day: date, n: int, result: date) -> None:
    assert businesstime.add_business_days(day, n, hours) == result


def test_business_days_between_counts_after_the_first_up_to_the_last() -> None:
    monday, next_monday = date(2026, 11, 23), date(2026, 11, 30)

    assert businesstime.business_days_between(monday, next_monday, CHAT) == 5
    assert businesstime.business_days_between(next_monday, monday, CHAT) == -5
    assert businesstime.business_days_between(monday, monday, CHAT) == 0


# --- what stands above what


CHRISTMAS = date(2026, 12, 25)  # a Friday


@pytest.mark.parametrize(
    ("changes", "when", "is_open", "reason"),
    [
        pytest.param({}, "2026-12-25 10:00", False, Reason("holiday", "Navidad"), id="holiday over week"),
        pytest.param({"holidays": None}, "2026-12-25 10:00", True, Reason("hours"), id="no holidays kept"),
        pytest.param(
            {"closures": (Closure(CHRISTMAS, "Inventario"),)}, "2026-12-25 10:00", False,
            Reason("closure", "Inventario"), id="closure over holiday",
        ),
        pytest.param(
            {"closures": (Closure(date(2026, 12, 24), "Posada", window("12:00-24:00")),)}, "2026-12-24 11:59", True,
            Reason("hours"), id="closure of a window: before",
        ),
        pytest.param(
            {"closures": (Closure(date(2026, 12, 24), "Posada", window("12:00-24:00")),)}, "2026-12-24 12:00", False,
            Reason("closure", "Posada"), id="closure of a window: in it",
        ),
        pytest.param(
            {"closures": (Closure(CHRISTMAS, "Posada", window("12:00-13:00")),)}, "2026-12-25 10:00", False,
            Reason("holiday", "Navidad"), id="a window does not open the rest of a holiday",
        ),
        pytest.param(
            {"extra_openings": (ExtraOpening(CHRISTMAS, window("10:00-11:00")),)}, "2026-12-25 10:30", True,
            Reason("extra_opening"), id="extra opening over holiday",
        ),
        pytest.param(
            {
                "closures": (Closure(CHRISTMAS, "Inventario"),),
                "extra_openings": (ExtraOpening(CHRISTMAS, window("10:00-11:00")),),
            },
            "2026-12-25 10:30", True, Reason("extra_opening"), id="extra opening over closure",
        ),
        pytest.param(
            {
                "closures": (Closure(CHRISTMAS, "Inventario"),),
                "extra_openings": (ExtraOpening(CHRISTMAS, window("10:00-11:00")),),
            },
            "2026-12-25 11:00", False, Reason("closure", "Inventario"), id="and only while it lasts",
        ),
        pytest.param({}, "2026-12-27 10:00", False, Reason("outside_hours"), id="a Sunday"),
    ],
)  # fmt: skip
def test_precedence(changes: dict[str, object], when: str, is_open: bool, reason: Reason) -> None:
    status = businesstime.status(at(when), compiled(INVOICE, **changes))

    assert (status.open, status.reason) == (is_open, reason)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        pytest.param("2026-12-24 23:00", True, id="the night before"),
        pytest.param("2026-12-25 03:00", False, id="its tail falls on the holiday"),
        pytest.param("2026-12-25 23:00", False, id="the holiday's own evening"),
        pytest.param("2026-12-26 03:00", True, id="the next date is not closed"),
    ],
)
def test_a_holiday_closes_its_date_and_nothing_else(when: str, is_open: bool) -> None:
    assert businesstime.is_open(at(when), compiled(NIGHT, holidays="MX")) is is_open


def test_an_extra_opening_runs_past_midnight_over_a_closed_day() -> None:
    hours = compiled(
        INVOICE,
        closures=(Closure(date(2026, 11, 18), "Inventario"),),
        extra_openings=(ExtraOpening(date(2026, 11, 17), window("20:00-02:00")),),
    )

    found = businesstime.spans(at("2026-11-17 19:30"), at("2026-11-19 00:00"), hours)

    assert [(local(one), local(two)) for one, two in found] == [("2026-11-17 20:00", "2026-11-18 02:00")]


@pytest.mark.parametrize(
    "windows",
    [
        pytest.param(("09:00-14:00", "14:00-19:00"), id="touching"),
        pytest.param(("09:00-15:00", "12:00-19:00"), id="overlapping"),
        pytest.param(("09:00-19:00", "10:00-11:00"), id="one within the other"),
        pytest.param(("09:00-19:00", "09:00-19:00"), id="twice"),
    ],
)
def test_intervals_merge(windows: tuple[str, ...]) -> None:
    hours = compiled(Spec(MEXICO, week((1,), *windows)))

    assert local(businesstime.next_close(at("2026-11-17 09:00"), hours)) == "2026-11-17 19:00"
    assert businesstime.elapsed(at("2026-11-17 00:00"), at("2026-11-18 00:00"), hours) == timedelta(hours=10)


def test_shifts_that_touch_at_midnight_merge() -> None:
    hours = compiled(Spec(MEXICO, week((1,), "18:00-24:00") + week((2,), "00:00-03:00")))

    assert local(businesstime.next_close(at("2026-11-17 20:00"), hours)) == "2026-11-18 03:00"


# --- changes of the clocks


@pytest.mark.parametrize(
    ("zone", "start", "end", "hours"),
    [
        pytest.param("America/Tijuana", "2026-03-07 22:00", "2026-03-08 06:00", 7, id="Tijuana loses an hour"),
        pytest.param("America/Tijuana", "2026-10-31 22:00", "2026-11-01 06:00", 9, id="Tijuana gains one"),
        pytest.param("America/Matamoros", "2026-03-07 22:00", "2026-03-08 06:00", 7, id="Matamoros loses an hour"),
        pytest.param("America/Matamoros", "2026-10-31 22:00", "2026-11-01 06:00", 9, id="Matamoros gains one"),
        pytest.param(MEXICO, "2022-04-02 22:00", "2022-04-03 06:00", 7, id="Mexico City, last spring of it"),
        pytest.param(MEXICO, "2022-10-29 22:00", "2022-10-30 06:00", 9, id="and in its last autumn"),
        pytest.param(MEXICO, "2023-04-01 22:00", "2023-04-02 06:00", 8, id="no more from 2023"),
        pytest.param("America/Hermosillo", "2026-03-07 22:00", "2026-03-08 06:00", 8, id="Sonora never"),
        pytest.param("America/Ciudad_Juarez", "2026-03-07 22:00", "2026-03-08 06:00", 7, id="Juárez"),
    ],
)  # fmt: skip
def test_a_night_shift_over_a_change_of_clocks(zone: str, start: str, end: str, hours: int) -> None:
    night = compiled(NIGHT, timezone=zone)

    assert businesstime.elapsed(at(start, zone), at(end, zone), night) == timedelta(hours=hours)
    assert businesstime.next_close(at(start, zone), night) == at(end, zone)


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    hours = compiled(Spec("America/Tijuana", week((6,), "01:15-01:45")))
    sunday = at("2026-11-01 00:00", "America/Tijuana"), at("2026-11-02 00:00", "America/Tijuana")

    found = businesstime.spans(*sunday, hours)

    assert [(one.hour, one.minute, two - one) for one, two in found] == [
        (8, 15, timedelta(minutes=30)),
        (9, 15, timedelta(minutes=30)),
    ]


def test_an_hour_that_is_skipped_is_never_open() -> None:
    hours = compiled(Spec("America/Tijuana", week((6,), "02:00-03:00")))

    assert businesstime.is_business_day(date(2026, 3, 8), hours) is False
    assert businesstime.is_business_day(date(2026, 3, 15), hours) is True
    assert local(businesstime.next_open(at("2026-03-08 00:00", "America/Tijuana"), hours), "America/Tijuana") == (
        "2026-03-15 02:00"
    )


def test_offsets_of_any_kind_are_the_same_instant() -> None:
    tokyo = datetime(2026, 11, 18, 0, 55, tzinfo=ZoneInfo("Asia/Tokyo"))

    assert tokyo == at("2026-11-17 09:55")
    assert businesstime.add(tokyo, timedelta(minutes=10), OFFICE) == at("2026-11-17 10:05")
    assert businesstime.add(tokyo, timedelta(minutes=10), OFFICE).tzinfo is UTC


# --- versions


def test_each_date_is_ruled_by_the_version_for_it() -> None:
    longer = Spec(MEXICO, week(range(5), "08:00-20:00"))
    hours = businesstime.compile_timeline([(date.min, INVOICE), (date(2026, 11, 18), longer)])

    assert local(businesstime.next_open(at("2026-11-17 19:00"), hours)) == "2026-11-18 08:00"
    assert local(businesstime.next_close(at("2026-11-17 17:00"), hours)) == "2026-11-17 19:00"
    assert businesstime.elapsed(at("2026-11-17 00:00"), at("2026-11-19 00:00"), hours) == timedelta(hours=20)
    assert businesstime.add_business_days(date(2026, 11, 14), 5, hours) == date(2026, 11, 23)


def test_the_newest_of_two_for_one_date_rules_and_a_later_one_waits() -> None:
    versions = [
        (date.min, INVOICE),
        (date(2026, 11, 18), Spec(MEXICO, week(range(7), "01:00-02:00"))),
        (date(2026, 12, 1), Spec(MEXICO, week(range(7), "03:00-04:00"))),
        (date(2026, 11, 18), Spec(MEXICO, week(range(7), "05:00-06:00"))),
    ]
    hours = businesstime.compile_timeline(versions)

    assert local(businesstime.next_open(at("2026-11-18 00:00"), hours)) == "2026-11-18 05:00"
    assert local(businesstime.next_open(at("2026-12-01 00:00"), hours)) == "2026-12-01 03:00"


def test_a_new_version_may_bring_a_new_zone() -> None:
    hours = businesstime.compile_timeline(
        [(date.min, ALWAYS), (date(2026, 11, 18), Spec("America/Tijuana", week(range(7), "09:00-10:00")))]
    )

    assert businesstime.next_close(at("2026-11-17 12:00"), hours) == at("2026-11-18 00:00", "America/Tijuana")


# --- the rim


@pytest.mark.parametrize("year", [1900, 1969, 2101, 9000])
def test_instants_far_away_are_refused_by_name(year: int) -> None:
    far = datetime(year, 6, 1, tzinfo=UTC)

    for ask in (businesstime.is_open, businesstime.next_open, businesstime.next_close, businesstime.status):
        with pytest.raises(OutOfRange) as refused:
            ask(far, OFFICE)
        assert refused.value.argument == "at"
    with pytest.raises(OutOfRange) as refused:
        businesstime.add(far, timedelta(minutes=1), OFFICE)
    assert refused.value.argument == "start"
    with pytest.raises(OutOfRange) as refused:
        businesstime.elapsed(at("2026-11-17 10:00"), far, OFFICE)
    assert refused.value.argument == "end"
    with pytest.raises(OutOfRange):
        businesstime.add_business_days(date(year, 6, 1), 1, OFFICE)


@pytest.mark.parametrize("year", [1970, 1999, 2040, 2100])
def test_the_edges_of_what_can_be_asked_answer(year: int) -> None:
    assert businesstime.next_open(at(f"{year}-05-30 22:00"), OFFICE) is not None
    assert local(businesstime.next_close(at(f"{year}-05-30 22:00"), compiled(NIGHT))) == f"{year}-05-31 06:00"


@pytest.mark.parametrize(
    ("amount", "argument"),
    [
        pytest.param(timedelta(minutes=-1), "minutes", id="negative"),
        pytest.param(timedelta(microseconds=-1), "minutes", id="barely negative"),
        pytest.param(timedelta(days=40000), "minutes", id="more than half a century"),
        pytest.param(timedelta.max, "minutes", id="for ever"),
    ],
)
def test_amounts_out_of_range(amount: timedelta, argument: str) -> None:
    with pytest.raises(OutOfRange) as refused:
        businesstime.add(at("2026-11-17 10:00"), amount, OFFICE)
    assert refused.value.argument == argument


def test_centuries_are_refused_at_once() -> None:
    fresh = compiled(INVOICE)
    with pytest.raises(OutOfRange) as refused:
        businesstime.elapsed(at("1971-01-01 00:00"), at("2100-01-01 00:00"), fresh)

    assert refused.value.argument == "end"
    assert len(fresh.blocks) <= 2


def test_naive_instants_are_refused() -> None:
    naive = datetime(2026, 11, 17, 10)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="at has no offset"):
        businesstime.is_open(naive, OFFICE)
    with pytest.raises(ValueError, match="start has no offset"):
        businesstime.add(naive, timedelta(minutes=1), OFFICE)


def test_a_calendar_of_extra_openings_only_ends() -> None:
    hours = compiled(Spec(MEXICO, extra_openings=(ExtraOpening(date(2030, 1, 5), window("09:00-12:00")),)))

    assert local(businesstime.next_open(at("1970-06-01 00:00"), hours)) == "2030-01-05 09:00"
    assert local(businesstime.next_close(at("2030-01-05 09:00"), hours)) == "2030-01-05 12:00"
    assert businesstime.next_open(at("2030-01-05 09:00"), hours) is None
    assert businesstime.add(at("2026-01-01 00:00"), timedelta(hours=3), hours) == at("2030-01-05 12:00")
    for amount in (timedelta(hours=4), timedelta(0)):
        with pytest.raises(NotOpenAgain):
            businesstime.add(at("2030-01-05 12:00"), amount, hours)
    with pytest.raises(NotOpenAgain):
        businesstime.add_business_days(date(2030, 1, 5), 1, hours)


def test_an_always_open_calendar_with_one_closure_changes_only_there() -> None:
    hours = compiled(ALWAYS, closures=(Closure(date(2090, 1, 1), "Mudanza"),))

    assert local(businesstime.next_close(at("1980-01-01 00:00"), hours)) == "2090-01-01 00:00"
    assert local(businesstime.next_open(at("1980-01-01 00:00"), hours)) == "2090-01-02 00:00"
    assert businesstime.next_close(at("2090-01-02 00:00"), hours) is None


@pytest.mark.parametrize(
    ("spec", "opens"),
    [
        pytest.param(Spec(MEXICO), False, id="nothing"),
        pytest.param(Spec(MEXICO, closures=(Closure(CHRISTMAS, "x"),)), False, id="only a closure"),
        pytest.param(
            Spec("America/Tijuana", extra_openings=(ExtraOpening(date(2026, 3, 8), window("02:00-03:00")),)), False,
            id="only in an hour that is skipped",
        ),
        pytest.param(
            Spec(MEXICO, extra_openings=(ExtraOpening(date(2026, 3, 8), window("02:00-03:00")),)), True,
            id="an extra opening",
        ),
        pytest.param(INVOICE, True, id="a week"),
    ],
)  # fmt: skip
def test_whether_it_ever_opens(spec: Spec, opens: bool) -> None:
    assert businesstime.opens_ever(spec) is opens


def test_threads_share_a_timetable() -> None:
    fresh = compiled(INVOICE)
    starts = [at("2020-03-02 10:00") + timedelta(days=n) for n in range(0, 3000, 7)]
    expected = [businesstime.add(start, timedelta(hours=100), OFFICE) for start in starts]
    answers: list[list[datetime]] = []

    def ask() -> None:
        answers.append([businesstime.add(start, timedelta(hours=100), fresh) for start in starts])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [expected] * 4


def test_a_question_costs_bisections_not_days(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = compiled(INVOICE)
    businesstime.elapsed(at("2000-01-01 00:00"), at("2040-01-01 00:00"), hours)  # compiles what lies between
    steps: list[int] = []

    def walked(era: object, day: int) -> tuple[()]:
        steps.append(day)
        return ()

    monkeypatch.setattr("schedules.compiled.Era.wall", walked)

    businesstime.add(at("2000-01-03 10:00"), timedelta(hours=50_000), hours)
    businesstime.elapsed(at("2000-01-01 00:00"), at("2040-01-01 00:00"), hours)

    assert steps == []
