"""A ticket's appointment as its client sees it: when, where, what it costs, and the hours that can be had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import localtime
from portal import case
from portal.desknow import Scene
from tickets import agenda, pricing
from tickets.actions import agenda_mail
from tickets.agenda import State
from tickets.models import Appointment, PriceConsent, Ticket

Row = dict[str, Any]


def card(ticket: Ticket, row: Appointment | None, base: str, scene: Scene) -> Row | None:
    """The appointment that is booked or going on; None where there is none."""
    if row is None:
        return None
    say, zone = scene.config.say, scene.config.zone
    name = row.consultant.name if row.consultant else say("ticket_support")
    serving = row.state == State.SERVING
    return {
        "icon": case.method_icon(row.method),
        "method": say(f"method_{row.method}"),
        "when": case.when(row.starts_at, scene),
        "until": localtime.hhmm(row.ends_at, zone),
        "text": say("booking.with", name=name),
        "where": agenda_mail.where(ticket, row, scene.config),
        "place_href": row.place if row.place.startswith("https://") else "",
        "grace": say("booking.grace", at=localtime.hhmm(agenda.served_until(row.starts_at), zone)),
        "serving": say("booking.serving") if serving else "",
        "confirmed": say("booking.confirmed") if row.confirmed_at else "",
        "confirm_href": "" if serving or row.confirmed_at else f"{base}confirmar/",
        "cancel_href": "" if serving else f"{base}cancelar/",
        "calendar_href": f"{base}calendario.ics",
    }


def prices(rows: Sequence[PriceConsent], base: str, scene: Scene) -> list[Row]:
    """The prices that wait for the client's word."""
    say = scene.config.say
    return [
        {
            "id": row.pk,
            "href": f"{base}costo/",
            "text": say("booking.price", method=say(f"method_{row.method}"), price=pricing.money(row.price)),
        }
        for row in rows
        if row.answered_at is None
    ]


def methods(ticket: Ticket, chosen: str, href: str, scene: Scene) -> list[Row]:
    """The ways of attending that the desk offers."""
    return [
        {
            "href": f"{href}?metodo={method}",
            "text": scene.config.say(f"method_{method}"),
            "icon": case.method_icon(method),
            "current": method == chosen,
        }
        for method in scene.config.support_methods
    ]
