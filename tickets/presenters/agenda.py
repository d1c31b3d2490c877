"""The agenda as the desk's people see it: proposed hours, a ticket's journal, a week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import localtime
from desks.config import DeskConfig
from desks.queries import open_spans
from schedules.businesstime import Hours
from tickets import agenda, pricing, reasons
from tickets.agenda import State
from tickets.forms_agenda import slot_value
from tickets.models import Appointment, Attention, PriceConsent, Ticket
from tickets.queries.agenda import Missed
from tickets.slots import Slot

Row = dict[str, Any]

ICONS: Final[Mapping[str, str]] = {"phone": "phone", "remote": "monitor", "on_site": "pin", "chat": "chat"}
# state -> (tone, words)
STATES: Final[Mapping[str, tuple[str, str]]] = {
    State.BOOKED: ("info", gettext_noop("Booked")),
    State.SERVING: ("brand", gettext_noop("Being attended")),
    State.DONE: ("ok", gettext_noop("Attended")),
    State.CANCELLED: ("mute", gettext_noop("Called off")),
    State.NO_SHOW: ("warn", gettext_noop("Nobody came")),
}


def method_icon(method: str) -> str:
    return ICONS.get(method, "cal")


def days_of_slots(slots: Iterable[Slot], config: DeskConfig, chosen: str) -> list[Row]:
    """The proposed hours by day: `[{"text", "slots": [{"value", "text", "checked"}]}]`."""
    found: dict[date, list[Row]] = {}
    for slot in slots:
        value = slot_value(slot)
        row = {"value": value, "text": localtime.hhmm(slot.starts_at, config.zone), "checked": value == chosen}
        found.setdefault(slot.starts_at.astimezone(config.zone).date(), []).append(row)
    return [{"text": localtime.day_label(day), "slots": rows} for day, rows in found.items()]


# ------------------------------------------------------------------ one ticket


def booked(row: Appointment | None, ticket: Ticket, config: DeskConfig, *, now: datetime) -> Row | None:
    """The appointment that is booked or going on, with what can be done about it."""
    if row is None:
        return None
    tone, words = STATES[row.state]
    root = f"/tickets/{ticket.number}/cita/"
    serving = row.state == State.SERVING
    over = agenda.is_over(row.starts_at, now)
    return {
        "method_icon": method_icon(row.method),
        "method": reasons.method(row.method).capitalize(),
        "when": _span(row, config, now),
        "state": _(words),
        "tone": tone,
        "with": row.consultant.name if row.consultant else _("nobody yet"),
        "place": row.place,
        "place_href": row.place if row.place.startswith("https://") else "",
        "confirmed": _("Confirmed by the client") if row.confirmed_at else _("The client has not confirmed it"),
        "until": _("Attended until %s at the latest") % localtime.hhmm(agenda.served_until(row.starts_at), config.zone),
        "attend_href": "" if serving or over else f"{root}atender/",
        "finish_href": f"{root}terminar/" if serving else "",
        "missed_href": f"{root}ausencia/" if over and not serving else "",
        "cancel_href": "" if serving else f"{root}cancelar/",
        "move_href": "" if serving else f"/tickets/{ticket.number}/schedule/",
    }


def _span(row: Appointment, config: DeskConfig, now: datetime) -> str:
    return f"{localtime.when(row.starts_at, config.zone, now)} – {localtime.hhmm(row.ends_at, config.zone)}"


def journal(rows: Iterable[Attention], config: DeskConfig, *, now: datetime) -> list[Row]:
    """The attentions of a ticket, oldest first."""
    return [_attention(row, config, now) for row in rows]


def _attention(row: Attention, config: DeskConfig, now: datetime) -> Row:
    lasted = ""
    if row.ended_at is not None:
        lasted = localtime.minutes_label((row.ended_at - row.started_at) / timedelta(minutes=1))
    end = localtime.hhmm(row.ended_at, config.zone) if row.ended_at else _("going on")
    return {
        "icon": method_icon(row.method),
        "method": reasons.method(row.method).capitalize(),
        "when": f"{localtime.when(row.started_at, config.zone, now)} – {end}",
        "lasted": lasted,
        "who": row.consultant.name,
        "outcome": reasons.outcome(row.outcome).capitalize() if row.outcome else "",
        "cost": _cost(row),
        "note": row.note.body if row.note else "",
    }


def _cost(row: Attention) -> str:
    if row.cost is None:
        return ""
    if row.consent is None:
        return _("not charged")
    words = {"price": pricing.money(row.cost), "name": row.consent.answered_by}
    return _("%(price)s plus VAT, accepted by %(name)s") % words


def past(rows: Iterable[Appointment], config: DeskConfig, *, now: datetime) -> list[Row]:
    """The appointments that are over, the newest first."""
    return [
        {
            "icon": method_icon(row.method),
            "when": _span(row, config, now),
            "state": _(STATES[row.state][1]),
            "tone": STATES[row.state][0],
        }
        for row in rows
        if row.state not in agenda.LIVE
    ]


def prices(rows: Iterable[PriceConsent], ticket: Ticket, config: DeskConfig, *, now: datetime) -> list[Row]:
    """What was asked and answered; `answer_href` where the client's word is still missing."""
    return [_price(row, ticket, config, now) for row in rows]


def _price(row: PriceConsent, ticket: Ticket, config: DeskConfig, now: datetime) -> Row:
    asked = localtime.when(row.asked_at, config.zone, now)
    if row.answered_at is None:
        state, tone = _("asked %s, no answer yet") % asked, "warn"
    else:
        words = {"name": row.answered_by, "at": localtime.when(row.answered_at, config.zone, now)}
        told = _(" (told to %s)") % row.told_to.name if row.told_to else ""
        text = _("accepted by %(name)s, %(at)s") if row.accepted else _("declined by %(name)s, %(at)s")
        state, tone = text % words + told, "ok" if row.accepted else "bad"
    return {
        "text": f"{reasons.method(row.method).capitalize()}: {pricing.money(row.price)}",
        "state": state,
        "tone": tone,
        "answer_href": f"/tickets/{ticket.number}/costos/{row.pk}/" if row.answered_at is None else "",
    }


def absences(missed: Missed) -> str:
    """`Faltó a 2 citas en un año; su empresa, a 3`; "" for none."""
    if missed.company:
        return _("Missed appointments within a year: %(person)d of this person, %(company)d of the company.") % {
            "person": missed.person,
            "company": missed.company,
        }
    return _("Missed appointments within a year: %d of this person.") % missed.person if missed.person else ""


# ------------------------------------------------------------------ a week


def week(
    rows: Sequence[Appointment],
    monday: date,
    config: DeskConfig,
    hours: Hours,
    *,
    now: datetime,
    many: bool,
) -> list[Row]:
    """Seven days with their hours and appointments; `many` names the consultant of each."""
    today = now.astimezone(config.zone).date()
    by_day: dict[date, list[Row]] = {}
    for row in rows:
        by_day.setdefault(row.starts_at.astimezone(config.zone).date(), []).append(_entry(row, config, many=many))
    days = [monday + timedelta(days=n) for n in range(7)]
    return [
        {
            "text": localtime.day_label(day),
            "today": day == today,
            "hours": " · ".join(
                f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in open_spans(hours, day, config.zone)
            )
            or _("Closed"),
            "entries": by_day.get(day, []),
        }
        for day in days
    ]


def _entry(row: Appointment, config: DeskConfig, *, many: bool) -> Row:
    tone, words = STATES[row.state]
    ticket = row.ticket
    return {
        "href": f"/tickets/{ticket.number}/atenciones/",
        "number": ticket.number,
        "time": f"{localtime.hhmm(row.starts_at, config.zone)}–{localtime.hhmm(row.ends_at, config.zone)}",
        "icon": method_icon(row.method),
        "method": reasons.method(row.method).capitalize(),
        "client": ticket.client.name if ticket.client else ticket.requester_name,
        "subject": ticket.subject,
        "who": (row.consultant.name if row.consultant else _("nobody yet")) if many else "",
        "state": _(words) if row.state != State.BOOKED or row.confirmed_at is None else _("Confirmed"),
        "tone": "ok" if row.state == State.BOOKED and row.confirmed_at else tone,
        "place_href": row.place if row.place.startswith("https://") else "",
    }


def whose(config: DeskConfig, chosen: int | None, members: Iterable[int]) -> list[Row]:
    """The choice of person for who supervises: everybody of the desk first."""
    rows = [{"value": "", "text": _("The whole desk"), "selected": chosen is None}]
    for user_id in members:
        member = config.member(user_id)
        if member is not None:
            rows.append({"value": str(user_id), "text": member.name, "selected": chosen == user_id})
    return rows
