"""What stands around every page of staff: rail, search, who is on call, the desk's clock, the bell.

A context processor, since pages of lower apps stand in this frame too. Nothing is read until a
template asks for `shell`; a page that brings its own never asks. A view may leave on the request
`moment` (the page's clock), `desks` (already read), `live_stream` and `searched`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.models import User
from core import localtime
from core.actor import MANAGER, SUPERVISING, TICKET_ROLES, Actor
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from desks.models import Availability, Desk
from notifications.models import WakeChannel
from portal import shell as portal_shell
from schedules import queries as schedule_queries
from tickets import counts

Row = dict[str, Any]
BELIEVED_SECONDS: Final = 20.0
MOST_DEAD: Final = 100
ON_A_PHONE: Final = 4  # places in the bar of a small screen; the rest is on the person's own page
# Pages that belong to a place of the rail though their address does not begin with it.
BESIDE: Final = {"/cola/": ("/tickets/",), "/ajustes/": ("/simulador/",)}

# One statement for the number on the rail, the one on the bell, the next appointment, and what nobody answers.
_NUMBERS: Final = """
    SELECT
        (SELECT coalesce(sum(CASE WHEN key = %(open)s THEN n ELSE -n END), 0)::int FROM tickets_queuedelta
         WHERE desk_id = ANY(%(desks)s) AND key = ANY(%(keys)s)),
        (SELECT count(*)::int FROM (
            SELECT FROM notifications_notification
            WHERE dead_at IS NOT NULL AND desk_id = ANY(%(supervised)s) LIMIT %(most)s) dead),
        (SELECT json_build_array(extract(epoch FROM a.starts_at), t.number)
         FROM tickets_appointment a JOIN tickets_ticket t ON t.id = a.ticket_id
         WHERE a.consultant_id = %(me)s AND a.state IN ('booked', 'serving') AND a.ends_at > %(now)s
           AND t.desk_id = ANY(%(desks)s)
         ORDER BY a.starts_at, a.id LIMIT 1),
        (SELECT array_agg(number ORDER BY exhausted_at) FROM (
            SELECT number, exhausted_at FROM tickets_escalation climb
            JOIN tickets_ticket ticket ON ticket.id = climb.ticket_id
            WHERE climb.desk_id = ANY(%(worked)s) AND exhausted_at IS NOT NULL
                AND acknowledged_at IS NULL AND ended_at IS NULL
            ORDER BY exhausted_at LIMIT %(most)s) unanswered)
"""
_wakes: dict[int, tuple[float, bool]] = {}
_desk_now: dict[int, tuple[float, tuple[int, int], DeskNow]] = {}


def shell(request: HttpRequest) -> Row:
    """`shell` for pages whose view brings none; clients get the frame of their desk, with `say`."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    frame = SimpleLazyObject(lambda: _frame(request, actor))
    return {
        "shell": SimpleLazyObject(lambda: frame["shell"]),
        "say": SimpleLazyObject(lambda: frame.get("say", {})),
    }


def _frame(request: HttpRequest, actor: Actor) -> Row:
    now: datetime = getattr(request, "moment", None) or timezone.now()  # noqa: TID251 - a door
    if actor.is_staff:
        return {"shell": _console(request, actor, now)}
    desk = Desk.objects.active().filter(vendor_id__in=list(actor.vendor_ids)).order_by("id").first()
    if desk is None:
        return portal_shell.nowhere(now)
    return portal_shell.around(desk_queries.config(desk), now=now, actor=actor)


def _console(request: HttpRequest, actor: Actor, now: datetime) -> Row:
    desks = _desks(request, actor)
    works = actor.is_admin or bool(actor.ticket_desk_ids())
    user = request.user
    first = desks[0] if desks else None
    n_open, n_dead, coming, unanswered = _numbers(actor, [desk.pk for desk in desks] if works else [], now)
    return {
        "home_href": "/cola/" if works else "/timbres/",
        "nav": _nav(request.path, works=works, manages=_manages(actor), n_open=n_open),
        "me": {"name": user.get_short_name() if isinstance(user, User) else "", "href": "/cuenta/"},
        "availability": _availability(desks, actor, now),
        "search_href": "/cola/",
        "complete_href": "/cola/buscar/" if works else "",
        "q": getattr(request, "searched", ""),
        "on_call": desk_now(first, now).short if first else "",
        "coming": _coming(coming, first, now),
        "clock": _clock(first, now),
        "bell": {"href": "/avisos/", "count": n_dead, "dead": n_dead},
        "band": _unanswered(unanswered) or (_band(first, actor, now) if first else None),
        "keys": bool(getattr(user, "keyboard_shortcuts", True)),
        "now_epoch": int(now.timestamp()),
        "stream": getattr(request, "live_stream", ""),
    }


AVAILABILITY: Final = (
    (Availability.AVAILABLE, "check", "ok", gettext_noop("Available")),
    (Availability.BUSY, "clock", "warn", gettext_noop("Busy")),
    (Availability.AWAY, "pause", "mute", gettext_noop("Away")),
)


def _availability(desks: Sequence[Desk], actor: Actor, now: datetime) -> Row | None:
    """What the person says of themselves, for the buttons of the header. 0 queries when warm."""
    desk = next((desk for desk in desks if actor.desk_roles.get(desk.pk, frozenset()) & TICKET_ROLES), None)
    config = desk_queries.config(desk) if desk else None
    member = config.member(actor.user_id) if config else None
    if config is None or member is None:
        return None
    absence = config.absent(now).get(member.user_id)
    return {
        "href": "/disponibilidad/",
        "options": [
            {"value": value, "text": _(text), "icon": icon, "tone": tone, "current": member.availability == value}
            for value, icon, tone, text in AVAILABILITY
        ],
        "absent": _("Absent until %s") % localtime.exact(absence.ends_at, config.zone) if absence else "",
        "absences_href": f"/ajustes/ausencias/?mesa={config.slug}",
    }


def _desks(request: HttpRequest, actor: Actor) -> Sequence[Desk]:
    """The desks of the person, the page's own first. 1 query, none where the view read them."""
    read: Sequence[Desk] | None = getattr(request, "desks", None)
    if read is not None:
        return read
    desks = Desk.objects.active().order_by("name")
    return list(desks if actor.is_admin else desks.filter(pk__in=list(actor.desk_roles)))


Numbers = tuple[int, int, list[Any] | None, Sequence[str]]


def _numbers(actor: Actor, desk_ids: Sequence[int], now: datetime) -> Numbers:
    """Tickets at work at these desks, notices that could not be sent, the person's next appointment. 1 query.

    And the numbers of the cases that nobody answers for, at all desks of the person, whatever page they look at.
    """
    supervised = [desk for desk, roles in actor.desk_roles.items() if roles & SUPERVISING]
    with connection.cursor() as cursor:
        cursor.execute(
            _NUMBERS,
            {
                "open": counts.OPEN,
                "keys": [counts.OPEN, counts.WAITING, counts.DEFERRED],
                "desks": list(desk_ids),
                "supervised": list(desk_ids) if actor.is_admin else supervised,
                "worked": list(desk_ids) if actor.is_admin else actor.ticket_desk_ids(),
                "most": MOST_DEAD,
                "me": actor.user_id,
                "now": now,
            },
        )
        n_open, n_dead, coming, unanswered = cursor.fetchone()
    return n_open, n_dead, coming, unanswered or ()


def _coming(found: list[Any] | None, desk: Desk | None, now: datetime) -> Row | None:
    """`mañana 10:00`, and where it is."""
    if found is None or desk is None:
        return None
    at = datetime.fromtimestamp(float(found[0]), UTC)
    when = localtime.when(at, localtime.zone(desk.timezone), now)
    return {"text": when, "href": f"/tickets/{found[1]}/"}


def _manages(actor: Actor) -> bool:
    return actor.is_admin or any(MANAGER in roles for roles in actor.desk_roles.values())


def _nav(path: str, *, works: bool, manages: bool, n_open: int) -> list[Row]:
    """The places of the rail, in order; the first four stay in the bar of a phone, which has the bell above it."""
    items: list[tuple[str, str, str, int | None, str]] = []
    if works:
        items = [
            ("/cola/", _("Queue"), "inbox", n_open, "g c"),
            ("/llamadas/nueva/", _("Call"), "phone", None, ""),
            ("/escalamientos/", _("Escalations"), "up2", None, "g e"),
            ("/guardias/", _("On-call duty"), "shield", None, ""),
            ("/agenda/", _("Agenda"), "cal", None, "g a"),
            ("/conocimiento/", _("Knowledge"), "doc", None, "g b"),
        ]
    items.append(("/timbres/", _("Orders"), "stamp", None, "g p"))
    items.append(("/avisos/", _("Notices"), "bell", None, ""))
    if manages:
        items.append(("/ajustes/", _("Settings"), "gear", None, ""))
    return [
        {
            "href": href,
            "text": text,
            "icon": icon,
            "current": path.startswith((href, *BESIDE.get(href, ()))),
            "count": count,
            "key": key,
            "phone": place < ON_A_PHONE,
        }
        for place, (href, text, icon, count, key) in enumerate(items)
    ]


# ------------------------------------------------------------------ the desk now


@dataclass(frozen=True, slots=True)
class DeskNow:
    """What the bar says of a desk: who has the night, the office and until when."""

    user_id: int | None
    name: str
    short: str
    office: str
    until: str


def desk_now(desk: Desk, now: datetime) -> DeskNow:
    """How the desk stands, believed for a few seconds. No query when warm."""
    minute = int(now.timestamp() // 60)
    kept = _desk_now.get(desk.pk)
    if kept and kept[1] == (desk.config_version, minute) and time.monotonic() - kept[0] < BELIEVED_SECONDS:
        return kept[2]
    found = _look(desk, now)
    _desk_now[desk.pk] = (time.monotonic(), (desk.config_version, minute), found)
    return found


def _look(desk: Desk, now: datetime) -> DeskNow:
    config = desk_queries.config(desk)
    turn = None
    if desk.rota_id is not None:  # in office hours: who comes next
        turn = schedule_queries.on_call(desk.rota_id, now) or schedule_queries.next_on_call(desk.rota_id, now)
    member = config.member(turn.user_id) if turn else None
    has_hours = desk.calendar_id is not None
    return DeskNow(
        user_id=member.user_id if member else None,
        name=member.name if member else "",
        short=_short(member) if member else "",
        office=_("Office %s") % config.name if has_hours else "",
        until=_until(desk, config, now) if has_hours else "",
    )


def _short(member: Member) -> str:
    """`Iván R.`"""
    rest = member.name.split(" ")[1:]
    return f"{member.first_name} {rest[0][0]}." if rest and rest[0] else member.first_name


def _clock(desk: Desk | None, now: datetime) -> Row:
    zone = localtime.zone(desk.timezone if desk else "America/Mexico_City")
    stand = desk_now(desk, now) if desk else None
    return {
        "iso": now.astimezone(zone).isoformat(timespec="seconds"),
        "text": localtime.hhmm(now, zone),
        "zone": zone.key,
        "office": stand.office if stand else "",
        "until": stand.until if stand else "",
    }


def _until(desk: Desk, config: DeskConfig, now: datetime) -> str:
    status = desk_queries.open_status(desk, now)
    if status.is_open:
        if status.changes_at is None:
            return _("always open")
        return _("open until %s") % localtime.hhmm(status.changes_at, config.zone)
    if status.changes_at is None:
        return _("closed")
    return _("closed until %s") % localtime.when(status.changes_at, config.zone, now)


def _unanswered(numbers: Sequence[str]) -> Row | None:
    """The case that went through its whole ladder tops every screen until somebody says *Enterado* or takes it."""
    if not numbers:
        return None
    text = _("%s: nobody on the ladder has answered. Whoever reads this first takes it.") % numbers[0]
    if len(numbers) > 1:
        more = ngettext("And one more.", "And %(n)d more.", len(numbers) - 1) % {"n": len(numbers) - 1}
        text = f"{text} {more}"
    href = f"/tickets/{numbers[0]}/" if len(numbers) == 1 else "/escalamientos/"
    return {"tone": "bad", "icon": "alert", "text": text, "href": href, "action": _("See it")}


def _band(desk: Desk, actor: Actor, now: datetime) -> Row | None:
    """A red band while whoever has the night cannot be woken. 1 query twice a minute."""
    stand = desk_now(desk, now)
    if stand.user_id is None or _can_be_woken(stand.user_id):
        return None
    mine = stand.user_id == actor.user_id
    text = _("%s is on call and has no tested channel that wakes: at night only a mail would arrive.")
    return {
        "tone": "bad",
        "icon": "alert",
        "text": text % stand.name,
        "href": "/cuenta/" if mine else "",
        "action": _("Add one") if mine or actor.has_role(desk.pk, MANAGER) else "",
    }


def _can_be_woken(user_id: int) -> bool:
    kept = _wakes.get(user_id)
    if kept and time.monotonic() - kept[0] < BELIEVED_SECONDS:
        return kept[1]
    found = WakeChannel.objects.filter(user_id=user_id, acknowledged_at__isnull=False).exists()
    _wakes[user_id] = (time.monotonic(), found)
    return found
