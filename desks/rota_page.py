"""*Guardias* as its page prints it: the week, who is on call, changes, what is wrong, who carries how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import localtime
from core.actor import MANAGER, TICKET_ROLES, Actor
from desks import peakdays, rota_actions, rota_queries
from desks.config import DeskConfig, Member, Step
from desks.models import Desk, Whom
from desks.rota_queries import Day, Load, Piece, Problem
from notifications.views.people import national
from schedules import queries as schedule_queries
from schedules.models import Override
from schedules.rotas import Shift

Row = dict[str, Any]
TONES: Final = ("ok", "warn", "info", "brand", "bad")


class Page:
    """What one reader sees of one desk's rota at one instant."""

    def __init__(self, desk: Desk, config: DeskConfig, actor: Actor, now: datetime) -> None:
        self.desk, self.config, self.actor, self.now = desk, config, actor, now
        self.zone = config.zone
        self.attends = config.attendant(actor.user_id) is not None
        self.manages = actor.has_role(desk.pk, MANAGER)
        ids = rota_queries.attends(config, TICKET_ROLES)
        self.tones = {user_id: TONES[n % len(TONES)] for n, user_id in enumerate(ids)}

    def name(self, user_id: int | None) -> str:
        """The person's name; of who has left the desk that they have."""
        member = self.config.member(user_id)
        return member.name if member else _("somebody who has left")

    def tone(self, user_id: int | None) -> str:
        return self.tones.get(user_id or 0, "mute")

    def href(self, path: str, **query: str) -> str:
        return f"/guardias/{path}?" + urlencode({"mesa": self.desk.slug, **query})

    # --- the week

    def days(self, found: Sequence[Day], today: date) -> list[Row]:
        return [
            {
                "short": localtime.WEEKDAYS_SHORT[day.day.weekday()].capitalize(),
                "number": day.day.day,
                "label": localtime.day_label(day.day),
                "today": day.day == today,
                "past": day.day < today,
                "holiday": day.holiday,
                "peak": peakdays.name_on(self.config.peak_days, day.day),
                "now": self._quarter_now() if day.day == today else None,
                "pieces": [self._piece(piece, day.day == today) for piece in day.pieces],
            }
            for day in found
        ]

    def _quarter_now(self) -> int:
        local = self.now.astimezone(self.zone)
        return round((local.hour * 60 + local.minute) / 15)

    def _piece(self, piece: Piece, today: bool) -> Row:
        starts, ends = round(piece.starts / 15), round(piece.ends / 15)
        local = self.now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        row = {
            "kind": piece.kind,
            "a": starts,
            "b": max(ends, starts + 1),
            "hours": f"{_clock(piece.starts)}–{_clock(piece.ends)}",
            "current": today and piece.starts <= minute < piece.ends,
            "tone": "mute",
            "name": _("Office"),
            "note": "",
            "override": False,
            "short": ends - starts < 6,
        }
        if piece.kind == rota_queries.GAP:
            row.update(name=_("Nobody"), tone="bad", note=_("Nobody is on call"))
        if piece.shift is not None:
            row.update(
                name=self.name(piece.shift.user),
                tone=self.tone(piece.shift.user),
                override=piece.shift.override,
                note=_("Change of shift") if piece.shift.override else "",
            )
        return row

    def people(self, days: Sequence[Day]) -> list[Row]:
        """Who appears in the week, with their tint."""
        seen = dict.fromkeys(piece.shift.user for day in days for piece in day.pieces if piece.shift)
        return [{"name": self.name(user_id), "tone": self.tone(user_id)} for user_id in seen]

    # --- now

    def now_row(self, current: Shift | None, following: Shift | None, awake: set[int]) -> Row:
        """Who is on call until when, or who comes when the office closes; and whether they can be woken."""
        shown = current or following
        member = self.config.member(shown.user) if shown else None
        return {
            "on_call": current is not None,
            "until": self.when(current.end) if current else "",
            "name": self.name(shown.user) if shown else "",
            "tone": self.tone(shown.user) if shown else "mute",
            "phone": national(member.phone) if member else "",
            "tel": member.phone if member else "",
            "awake": shown is not None and shown.user in awake,
            "from": self.when(following.start) if following and not current else "",
            "next": _("%(who)s, %(when)s") % {"who": self.name(following.user), "when": self.when(following.start)}
            if following and current
            else "",
            "take_href": "/guardias/tomar/" if self._may_take(current) else "",
        }

    def _may_take(self, current: Shift | None) -> bool:
        gap = self.desk.rota_id is not None and schedule_queries.gap_end(self.desk.rota_id, self.now) is not None
        return self.attends and (gap or (current is not None and current.user != self.actor.user_id))

    def when(self, at: datetime) -> str:
        return localtime.when(at, self.zone, self.now)

    def until(self, start: datetime, end: datetime) -> str:
        """The end beside its start: of the same day the hour alone."""
        same = start.astimezone(self.zone).date() == end.astimezone(self.zone).date()
        return localtime.hhmm(end, self.zone) if same else self.when(end)

    def ladder(self, first: Member | None) -> list[Row]:
        """The steps on call as they stand now."""
        below, after, rows = first, 0, []
        for step in self.config.on_call_steps:
            after += step.after_minutes
            names, below = self._told(step, below)
            rows.append(
                {
                    "level": step.position,
                    "name": names or _("nobody"),
                    "note": self._after(after),
                    "state": "todo",
                    "at": "",
                }
            )
            after += (step.repeat_minutes or 0) * (step.at_most - 1)
        return rows

    def _after(self, minutes: int) -> str:
        if minutes >= 60:
            return _("after %s") % localtime.minutes_label(minutes)
        return _("after %d min") % minutes if minutes else _("at once")

    def _told(self, step: Step, below: Member | None) -> tuple[str, Member | None]:
        match step.whom:
            case Whom.ON_CALL:
                return (below.name if below else "", below)
            case Whom.SUPERIOR:
                superior = self.config.superior_of(below.user_id) if below else None
                return (superior.name if superior else "", superior or below)
            case Whom.MANAGER:
                return (", ".join(member.name for member in self.config.managers), below)
            case Whom.ROLE:
                return (", ".join(member.name for member in self.config.with_role(step.role)), below)
            case Whom.USER:
                member = self.config.member(step.user_id)
                return (member.name if member else "", below)
            case _:
                return (_("everybody at the desk"), below)

    # --- beside it

    def coming(self, shifts: Sequence[Shift]) -> list[Row]:
        """The next shifts, each with what the reader may do about it."""
        return [
            {
                "name": self.name(one.user),
                "tone": self.tone(one.user),
                "start": self.when(one.start),
                "end": self.until(one.start, one.end),
                "starts_at": one.start.isoformat(),
                "ends_at": one.end.isoformat(),
                "override": one.override,
                "cover_href": "/guardias/cubrir/" if self.attends and one.user != self.actor.user_id else "",
                "propose_href": self.href("cambio/", desde=one.start.isoformat(), hasta=one.end.isoformat())
                if one.user == self.actor.user_id
                else "",
            }
            for one in shifts
        ]

    def changes(self, found: Sequence[Override]) -> tuple[list[Row], list[Row]]:
        """Changes to be agreed, and those in force."""
        rows = [(change.state in rota_queries.PENDING, self._change(change)) for change in found]
        return [row for waits, row in rows if waits], [row for waits, row in rows if not waits]

    def _change(self, change: Override) -> Row:
        verbs = {
            "accept": (_("Accept"), "check"),
            "approve": (_("Approve"), "check"),
            "reject": (_("Reject"), "x"),
            "withdraw": (_("Withdraw"), "x"),
        }
        allowed = [verb for verb in verbs if rota_actions.may(self.desk, change, verb, self.actor)]
        if "reject" in allowed and "withdraw" in allowed and change.replaces_id != self.actor.user_id:
            allowed.remove("withdraw")  # for who is asked or approves, refusing is the word
        return {
            "title": self._title(change),
            "hours": _("%(start)s to %(end)s") % {"start": self.when(change.start_at), "end": self.when(change.end_at)},
            "note": change.note,
            "state": _waits(change.state),
            "verbs": [
                {
                    "href": f"/guardias/cambios/{change.pk}/{verb}/",
                    "text": verbs[verb][0],
                    "icon": verbs[verb][1],
                    "primary": verb in ("accept", "approve"),
                }
                for verb in allowed
            ],
        }

    def _title(self, change: Override) -> str:
        who = self.name(change.user_id)
        if change.kind == Override.Kind.ABSENCE:
            return _("%s is absent") % who
        if change.replaces_id is not None:
            return f"{self.name(change.replaces_id)} → {who}"
        return _("%s covers") % who

    def problems(self, found: Sequence[Problem]) -> list[Row]:
        return [
            {
                "tone": "bad" if one.kind == rota_queries.GAP else "warn",
                "icon": "alert" if one.kind == rota_queries.GAP else "bell",
                "text": self._problem(one),
                "cover_href": self.href("cubrir/", desde=one.start.isoformat(), hasta=one.end.isoformat())
                if one.kind == rota_queries.GAP and (self.attends or self.manages)
                else "",
            }
            for one in found
        ]

    def _problem(self, one: Problem) -> str:
        if one.kind == rota_queries.GAP:
            return _("Nobody on call: %(start)s to %(end)s.") % {
                "start": self.when(one.start),
                "end": self.when(one.end),
            }
        return _("%(who)s has no tested channel that wakes; the next shift begins %(start)s.") % {
            "who": self.name(one.user),
            "start": self.when(one.start),
        }

    def loads(self, found: Sequence[Load]) -> list[Row]:
        most = max((one.time for one in found), default=timedelta(0))
        return [
            {
                "name": self.name(one.user),
                "tone": self.tone(one.user),
                "u": round(one.time / most * 20) * 5 if most else 0,
                "hours": _("%d h") % round(one.time.total_seconds() / 3600),
                "holidays": ngettext("%d holiday", "%d holidays", one.holidays) % one.holidays if one.holidays else "",
            }
            for one in found
        ]


def _waits(state: str) -> str:
    words: Mapping[str, str] = {
        Override.State.REQUESTED: _("waits for the other person"),
        Override.State.ACCEPTED: _("accepted; waits for a manager"),
    }
    return words.get(state, "")


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def week_title(monday: date) -> str:
    """`16 – 22 nov 2026`, with both months where there are two."""
    sunday = monday + timedelta(days=6)
    months = localtime.MONTHS_SHORT
    first = f"{monday.day}" if monday.month == sunday.month else f"{monday.day} {months[monday.month - 1]}"
    return f"{first} – {sunday.day} {months[sunday.month - 1]} {sunday.year}"
