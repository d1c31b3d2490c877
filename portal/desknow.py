"""A desk at this minute, as its clients see it: open or not, until when, whom to reach, the hours of the week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from core import faces, localtime
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Desk
from desks.queries import ContactNow, ContactsNow, OpenStatus
from portal import words
from schedules import holidays_mx
from schedules.businesstime import Hours
from schedules.hours import Spec

Row = dict[str, Any]

ICONS: Final[Mapping[str, str]] = {"phone": "phone", "whatsapp": "msg", "email": "mail", "web": "web"}
ANSWERED: Final = frozenset({"office", "on_call"})
HOLIDAYS_AHEAD: Final = timedelta(days=400)
ZONE_NAMES: Final[Mapping[str, str]] = {"America/Mexico_City": "Hora del centro de México"}


@dataclass(frozen=True, slots=True)
class Scene:
    """A desk read once for a page. Made by `at`."""

    desk: Desk
    config: DeskConfig
    status: OpenStatus
    contacts: ContactsNow
    hours: Hours
    now: datetime


def at(desk: Desk, now: datetime) -> Scene:
    """Read the desk as it stands. At most 2 queries when its configuration is warm: the calendar, who is on call."""
    return Scene(
        desk,
        desk_queries.config(desk),
        desk_queries.open_status(desk, now),
        desk_queries.contacts_now(desk, now),
        desk_queries.hours(desk, now),
        now,
    )


# ------------------------------------------------------------------ open or not


def office(scene: Scene, *, greet: str = "") -> Row:
    """The head of the page: pill, title and when it changes; `greet` is the first name of who reads it."""
    tone, icon, pill, title = _state(scene)
    say = scene.config.say
    text = say(title)
    if greet:
        words_of_day = words.greeting(scene.now, scene.config.zone)
        text = say("now.greeting", greeting=words_of_day, name=greet, title=text)
    return {"tone": tone, "icon": icon, "pill": say(pill), "title": text, "next": changes(scene)}


def _state(scene: Scene) -> tuple[str, str, str, str]:
    if scene.status.is_open:
        return "ok", "ok", "desk_open_pill", "desk_open_title"
    title = "desk_on_call_title" if scene.status.has_rota else "desk_closed_title"
    if scene.status.reason == "holiday":
        return "info", "cal", "desk_holiday_pill", title
    if scene.status.has_rota:
        return "warn", "shield", "desk_on_call_pill", title
    return "info", "clock", "desk_closed_pill", title


def changes(scene: Scene) -> str:
    """When the desk opens or closes next, and what holds until then."""
    return " ".join(_changes_open(scene) if scene.status.is_open else _changes_closed(scene))


def _changes_open(scene: Scene) -> list[str]:
    say, zone, status = scene.config.say, scene.config.zone, scene.status
    if status.next_close is None:
        return [say("now.always")]
    closes = localtime.hhmm(status.next_close, zone)
    lines = [say("now.until", closes=closes)]
    if status.next_open is None:
        return lines
    if words.is_today(status.next_open, zone, scene.now):
        key = "now.gap_on_call" if status.has_rota else "now.gap"
        return [*lines, say(key, closes=closes, opens=localtime.hhmm(status.next_open, zone))]
    key = "now.then_on_call" if status.has_rota else "now.then"
    return [*lines, say(key, opens=words.opening(status.next_open, zone, scene.now))]


def _changes_closed(scene: Scene) -> list[str]:
    say, status = scene.config.say, scene.status
    lines = []
    if status.reason in ("holiday", "closure") and status.day_name:
        lines.append(say(f"now.{status.reason}", name=status.day_name))
    if status.next_open is not None:
        lines.append(say("now.opens", opens=words.opening(status.next_open, scene.config.zone, scene.now)))
    lines.append(say("now.on_call" if status.has_rota else "now.left"))
    return lines


def short(scene: Scene) -> str:
    """`Hasta las 14:00; reabre hoy a las 16:00`: for the list of desks."""
    say, zone, status = scene.config.say, scene.config.zone, scene.status
    opens = words.opening(status.next_open, zone, scene.now) if status.next_open else ""
    if status.is_open:
        if status.next_close is None:
            return say("now.always")
        return say("now.short_open", closes=localtime.hhmm(status.next_close, zone), opens=opens)
    return say("now.short_closed", opens=opens) if opens else ""


def strip(scene: Scene) -> faces.DayStrip:
    """The local day as a strip, with its reading aloud."""
    zone, now = scene.config.zone, scene.now
    pairs = [f"{localtime.hhmm(a, zone)} a {_closing(b, a, zone)}" for a, b in scene.status.today]
    key = ("strip.office" if pairs else "strip.closed") + ("_on_call" if scene.status.has_rota else "")
    day = localtime.WEEKDAYS[now.astimezone(zone).weekday()]
    label = scene.config.say(key, day=day, spans=words.listed(pairs), now=localtime.hhmm(now, zone))
    return faces.day_strip(scene.status.today, tz=zone, now=now, label=label)


def _closing(closes: datetime, opens: datetime, zone: Any) -> str:
    """The end of a stretch; midnight is the end of that day, not its beginning."""
    text = localtime.hhmm(closes, zone)
    return "24:00" if text == "00:00" and closes > opens else text


# ------------------------------------------------------------------ whom to reach


def call_first(scene: Scene, *, at_any_hour: bool = False) -> Row | None:
    """The number that comes first outside office hours, with who answers; None while the office is open.

    `at_any_hour` where nobody answered: then the office's own number is the next thing to try.
    """
    first = scene.contacts.first
    if first is None or (scene.status.is_open and not at_any_hour):
        return None
    say = scene.config.say
    on_call = first.purpose == "on_call"
    notes = [say("now.answers", name=first.first_name)] if first.first_name else []
    notes += [say("desk_call_on_call_note")] if on_call else []
    return {
        "name": first.first_name,
        "text": say("desk_call_on_call" if on_call else "now.call"),
        "number": first.address,
        "href": first.href,
        "note": " ".join(notes),
    }


def phone(scene: Scene) -> Row | None:
    """The number to call at this minute as a button."""
    first = scene.contacts.first
    return {"href": first.href, "text": first.address} if first else None


def whatsapp(scene: Scene) -> Row | None:
    """Where to write by WhatsApp at this minute."""
    for contact in scene.contacts.contacts:
        if contact.kind == "whatsapp":
            return {"href": contact.href, "text": contact.label}
    return None


def contacts(scene: Scene) -> list[Row]:
    """Everybody to reach, those that answer at this very moment first and marked."""
    hours_of = {(c.label, c.address): c.hours for c in scene.config.contacts}
    holding = [_contact(contact, scene, hours_of, now=True) for contact in scene.contacts.contacts]
    return holding + [_contact(contact, scene, hours_of, now=False) for contact in scene.contacts.resting]


def _contact(contact: ContactNow, scene: Scene, hours_of: Mapping[tuple[str, str], str], *, now: bool) -> Row:
    say = scene.config.say
    hours = hours_of.get((contact.label, contact.address), "always")
    notes = [say(f"contact.{hours}")] if hours in ("office", "outside") else []
    if now and contact.first_name:
        notes.append(say("now.answers", name=contact.first_name))
    return {
        "label": contact.label,
        "icon": ICONS.get(contact.kind, "info"),
        "href": contact.href,
        "text": contact.address.removeprefix("https://").rstrip("/") if contact.kind == "web" else contact.address,
        "note": " · ".join(notes),
        # Letters and left messages are taken at any hour; "answers now" is said of what a person picks up.
        "now": now and contact.kind != "email" and contact.purpose in ANSWERED,
    }


# ------------------------------------------------------------------ the week


def week(scene: Scene) -> list[Row]:
    """The weekly hours, days with the same hours joined: `Lunes a viernes`, `09:00–14:00 y 16:00–19:00`."""
    spec = _spec(scene)
    by_day = [_spans_of(spec, weekday) for weekday in range(7)]
    rows: list[Row] = []
    first = 0
    for day in range(1, 8):
        if day == 7 or by_day[day] != by_day[first]:
            if by_day[first]:
                rows.append({"days": _days(first, day - 1), "spans": by_day[first]})
            first = day
    if scene.status.has_rota:
        rows.append({"days": scene.config.say("hours.outside"), "spans": scene.config.say("hours.outside_text")})
    return rows


def _spec(scene: Scene) -> Spec:
    """The timetable that holds today."""
    return next(era.spec for era in reversed(scene.hours.eras) if scene.now.timestamp() >= era.seconds[0])


def _spans_of(spec: Spec, weekday: int) -> str:
    spans = sorted((row.interval.opens, row.interval.closes) for row in spec.hours if row.weekday == weekday)
    return words.listed([f"{_wall(opens)}–{_wall(closes)}" for opens, closes in spans])


def _wall(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _days(first: int, last: int) -> str:
    names = localtime.WEEKDAYS
    if first == last:
        return names[first].capitalize()
    joined = f"{names[first]} y {names[last]}" if last == first + 1 else f"{names[first]} a {names[last]}"
    return joined.capitalize()


def hours_note(scene: Scene) -> str:
    """The zone, and the next day without office by its name."""
    spec, say = _spec(scene), scene.config.say
    zone = ZONE_NAMES.get(scene.desk.timezone, f"Hora de {scene.desk.timezone.rpartition('/')[2].replace('_', ' ')}")
    today = scene.now.astimezone(scene.config.zone).date()
    found = min(_days_off(spec, today), default=None)
    if found is None:
        return say("hours.note", zone=zone)
    day, name, is_holiday = found
    key = "hours.note_holidays" if is_holiday else "hours.note_closure"
    return say(key, zone=zone, day=localtime.long_day(day), name=name)


def _days_off(spec: Spec, today: date) -> Iterable[tuple[date, str, bool]]:
    """Whole days that are closed from today on, with their names."""
    extra = {opening.on for opening in spec.extra_openings}
    for closure in spec.closures:
        if closure.window is None and closure.on >= today and closure.on not in extra:
            yield closure.on, closure.name, False
    if spec.holidays == "MX":
        for year in (today.year, today.year + 1):
            for day, name in holidays_mx.of_year(year).items():
                if today <= day <= today + HOLIDAYS_AHEAD and day not in extra:
                    yield day, name, True
