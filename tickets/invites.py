"""Appointments as iCalendar entries (RFC 5545, RFC 5546): an invitation, its change, its cancellation, a feed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from icalendar import Calendar, Event, vCalAddress, vText

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
_DOMAIN: Final = "mesa-de-ayuda"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One appointment. `number` is the row's; the same one keeps its UID through every move."""

    number: int
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    cancelled: bool = False
    # Name and address of who invites and of who is invited; "" leaves them out, as a feed does.
    organizer: tuple[str, str] = ("", "")
    attendee: tuple[str, str] = ("", "")


def uid(number: int) -> str:
    """The same for ever: a calendar updates the entry instead of adding another."""
    return f"cita-{number}@{_DOMAIN}"


def render(entries: Iterable[Entry], *, method: str, now: datetime, name: str = "", zone: str = "") -> str:
    """The calendar as text with the line ends of the standard; `name` and `zone` are of a feed."""
    calendar = Calendar()
    calendar.add("prodid", "-//Mesa de Ayuda//Citas//ES")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
    if zone:
        calendar.add("x-wr-timezone", zone)
    for entry in entries:
        calendar.add_component(_event(entry, now))
    return bytes(calendar.to_ical()).decode()


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", uid(entry.number))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.summary)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    for property_name in ("description", "location", "url"):
        if value := getattr(entry, property_name):
            event.add(property_name, value)
    if entry.organizer[1]:
        event["organizer"] = _address(*entry.organizer)
    if entry.attendee[1]:
        event.add("attendee", _address(*entry.attendee), encode=False)
    return event


def _address(name: str, address: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{address}")
    if name:
        found.params["CN"] = vText(name)
    return found
