"""What people read about an appointment, and the entry for the client's calendar that goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.actor import Actor
from desks import queries as desk_queries
from desks.config import DeskConfig
from tickets import agenda, invites, links, pricing
from tickets.actions import prices, telling
from tickets.lifecycle import SupportMethod
from tickets.models import Appointment, Ticket


def booked(ticket: Ticket, row: Appointment, *, by: Actor, now: datetime, entry_id: int) -> None:
    _tell(ticket, row, "scheduled", f"scheduled/{entry_id}", by=by, now=now)


def moved(ticket: Ticket, row: Appointment, *, by: Actor, now: datetime, entry_id: int) -> None:
    _tell(ticket, row, "appointment_moved", f"appointment_moved/{entry_id}", by=by, now=now)


def cancelled(ticket: Ticket, row: Appointment, *, by: Actor, now: datetime, entry_id: int, reason: str) -> None:
    key = f"appointment_cancelled/{entry_id}"
    calendar = _calendar(ticket, row, now=now, method=invites.CANCEL)
    telling.client(ticket, "appointment_cancelled", key=key, now=now, quote=reason, calendar=calendar, **_words(row))
    _tell_consultant(ticket, row, "appointment_cancelled", key, by=by, now=now)


def _tell(ticket: Ticket, row: Appointment, code: str, key: str, *, by: Actor, now: datetime) -> None:
    """The client with the invitation, and the consultant where it was the client who chose."""
    config = desk_queries.config(ticket.desk)
    telling.client(
        ticket,
        code,
        key=key,
        now=now,
        url=page(ticket),
        calendar=_calendar(ticket, row, now=now, method=invites.REQUEST),
        **_words(row),
        where=where(ticket, row, config),
        cost=_cost(ticket, row, config),
    )
    _tell_consultant(ticket, row, "appointment_booked" if code == "scheduled" else code, key, by=by, now=now)


def _tell_consultant(ticket: Ticket, row: Appointment, code: str, key: str, *, by: Actor, now: datetime) -> None:
    if row.consultant_id is not None and row.consultant_id != by.user_id:
        telling.team(ticket, [row.consultant_id], code, key=key, now=now, **_words(row))


def reminder(ticket: Ticket, row: Appointment, *, kind: str, key: str, now: datetime) -> None:
    """`kind` of `agenda.REMINDERS`; the consultant is told the hour before only."""
    config = desk_queries.config(ticket.desk)
    words = {**_words(row), "where": where(ticket, row, config), "cost": _cost(ticket, row, config)}
    telling.client(ticket, f"appointment_{kind}", key=key, now=now, url=page(ticket), **words)
    if kind == "hour" and row.consultant_id is not None:
        telling.team(ticket, [row.consultant_id], "appointment_hour", key=key, now=now, **_words(row))


def released(ticket: Ticket, row: Appointment, *, now: datetime, entry_id: int) -> None:
    key = f"appointment_released/{entry_id}"
    telling.client(ticket, "appointment_released", key=key, now=now, url=page(ticket), **_words(row))
    if row.consultant_id is not None:
        telling.team(ticket, [row.consultant_id], "appointment_released", key=key, now=now, **_words(row))


# ------------------------------------------------------------------ words


def page(ticket: Ticket) -> str:
    """The client's page of the appointment, by their link."""
    return f"{links.url(ticket)}cita/"


def _words(row: Appointment) -> dict[str, Any]:
    return {"at": row.starts_at, "method": SupportMethod(row.method).label, "until": agenda.served_until(row.starts_at)}


def where(ticket: Ticket, row: Appointment, config: DeskConfig) -> str:
    """Where it takes place: the session's address, the place, the number that is called; or that it is told later."""
    phone = ticket.requester_phone.as_national if ticket.requester_phone else ""
    place = phone if row.method == SupportMethod.PHONE else row.place
    known = f"appointment.where_{row.method}"
    return config.say(known, place=place) if place else config.say(f"{known}_later")


def _cost(ticket: Ticket, row: Appointment, config: DeskConfig) -> str:
    """What it costs and that it is to be accepted; "" where it is included or accepted."""
    price = prices.price_of(ticket, row.method, now=row.created_at)
    if price is None or prices.usable(ticket, row.method) is not None:
        return ""
    return config.say("appointment.cost", price=pricing.money(price))


def entry(ticket: Ticket, row: Appointment, config: DeskConfig, *, for_client: bool) -> invites.Entry:
    """The appointment as a calendar shows it, for its client or on the consultant's own feed."""
    method = config.say(f"method_{row.method}")
    who = config.say("appointment.with", desk=config.name) if for_client else _client_name(ticket)
    return invites.Entry(
        number=row.pk,
        sequence=row.sequence,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        summary=f"{method}: {who} ({ticket.number})",
        description=where(ticket, row, config),
        location=row.place,
        url=links.url(ticket) if for_client else links.staff_url(ticket),
        cancelled=row.state == agenda.State.CANCELLED,
        organizer=(config.name, config.email) if for_client else ("", ""),
        attendee=(ticket.requester_name, ticket.requester_email) if for_client else ("", ""),
    )


def _client_name(ticket: Ticket) -> str:
    return ticket.client.name if ticket.client else ticket.requester_name


def _calendar(ticket: Ticket, row: Appointment, *, now: datetime, method: str) -> Mapping[str, str]:
    config = desk_queries.config(ticket.desk)
    text = invites.render([entry(ticket, row, config, for_client=True)], method=method, now=now)
    return {"method": method, "text": text}
