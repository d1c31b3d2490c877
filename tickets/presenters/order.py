"""The section *Orden* of a ticket, and the list of what I am to follow up, as screens show them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import localtime
from core.actor import Actor
from core.templatetags.hd import STATUS
from desks import queries as desk_queries
from desks.config import DeskConfig
from tickets import reasons_order, reminding
from tickets.lifecycle import ENDED
from tickets.models import ChecklistItem, LinkKind, Reminder, Split, Ticket, TimeEntry, Watcher
from tickets.queries.order import Linked

Row = dict[str, Any]
PRESETS: Final = {
    reminding.TOMORROW: gettext_noop("Next business day"),
    reminding.TWO_DAYS: gettext_noop("In 2 business days"),
    reminding.WEEK: gettext_noop("In 5 business days"),
}


def link_rows(links: Iterable[Linked]) -> list[Row]:
    """Each link as this side reads it; how the other stands only where the reader may know."""
    return [
        {
            "pk": one.link.pk,
            "what": reasons_order.link(one.code),
            "number": one.other.number,
            "href": f"/tickets/{one.other.number}/" if one.seen else "",
            "text": f"{one.other.subject} · {_(STATUS[one.other.status][1]).lower()}" if one.seen else "",
        }
        for one in links
    ]


def kinds() -> list[tuple[str, str]]:
    """The kinds of links, as the form offers them."""
    return [(kind, reasons_order.link(kind)) for kind in LinkKind.values]


def split_rows(splits: Iterable[Split]) -> list[Row]:
    return [
        {"number": one.taken.number, "href": f"/tickets/{one.taken.number}/", "subject": one.taken.subject}
        for one in splits
    ]


def step_rows(steps: Iterable[ChecklistItem], config: DeskConfig, now: datetime) -> list[Row]:
    return [
        {
            "pk": step.pk,
            "text": step.text,
            "done": step.done_at is not None,
            "by": _done(step, config, now),
        }
        for step in steps
    ]


def _done(step: ChecklistItem, config: DeskConfig, now: datetime) -> str:
    if step.done_at is None:
        return ""
    who = step.done_by.get_short_name() if step.done_by else _("the system")
    return f"{who}, {localtime.when(step.done_at, config.zone, now)}"


def time_rows(entries: Iterable[TimeEntry], actor: Actor) -> list[Row]:
    return [
        {
            "pk": entry.pk,
            "minutes": entry.minutes,
            "lasted": localtime.minutes_label(entry.minutes),
            "who": entry.user.name or entry.user.email,
            "day": localtime.day_label(entry.worked_on),
            "day_iso": entry.worked_on.isoformat(),
            "note": entry.note,
            "mine": entry.user_id == actor.user_id,
        }
        for entry in entries
    ]


def watcher_rows(watchers: Iterable[Watcher], actor: Actor, *, may_remove: bool) -> list[Row]:
    return [
        {
            "pk": row.user_id,
            "name": row.user.name or row.user.email,
            "by": _asked_by(row),
            "mine": row.user_id == actor.user_id,
            "may_remove": may_remove or row.user_id == actor.user_id,
        }
        for row in watchers
    ]


def _asked_by(row: Watcher) -> str:
    """Who added them, where that was somebody else."""
    if row.added_by is None or row.added_by_id == row.user_id:
        return ""
    return _("at the request of %s") % (row.added_by.name or row.added_by.email)


def colleagues(config: DeskConfig, watchers: Iterable[Watcher], actor: Actor) -> list[tuple[int, str]]:
    """Who of the desk may be asked to follow: not those who do, nor oneself, who has a button."""
    taken = {row.user_id for row in watchers} | {actor.user_id}
    return [(m.user_id, m.name) for m in config.attending if m.user_id not in taken]


def presets(ticket: Ticket, config: DeskConfig, now: datetime) -> list[Row]:
    """The instants that one click chooses, with the day and hour that they mean."""
    hours = desk_queries.hours(ticket.desk, now) if ticket.desk.calendar_id else None
    return [
        {
            "value": preset,
            "text": _(name),
            "when": localtime.when(reminding.instant(preset, now=now, zone=config.zone, hours=hours), config.zone, now),
        }
        for preset, name in PRESETS.items()
    ]


def reminder_row(row: Reminder, config: DeskConfig, now: datetime) -> Row:
    """`t` only where the ticket was read with it."""
    return {
        "pk": row.pk,
        "note": row.note,
        "when": localtime.when(row.due_at, config.zone, now),
        "late": row.due_at <= now,
        "done_href": f"/seguimientos/{row.pk}/hecho/",
        "snooze_href": f"/seguimientos/{row.pk}/posponer/",
    }


def follow_up_row(row: Reminder, now: datetime) -> Row:
    """A row of the person's own list."""
    ticket = row.ticket
    return {
        **reminder_row(row, desk_queries.config(ticket.desk), now),
        "number": ticket.number,
        "href": f"/tickets/{ticket.number}/",
        "subject": ticket.subject,
        "client": ticket.client.name if ticket.client else ticket.requester_name,
        "status": ticket.status,
        "assignee": ticket.assignee.name if ticket.assignee else "",
    }


def summary(ticket: Ticket) -> Row:
    """What is kept on the ticket's own row: shown before the section itself is loaded. 0 queries."""
    steps = f"{ticket.checklist_done}/{ticket.checklist_total}" if ticket.checklist_total else ""
    minutes = localtime.minutes_label(ticket.minutes_worked) if ticket.minutes_worked else ""
    return {"href": f"/tickets/{ticket.number}/orden/", "steps": steps, "minutes": minutes}


def further(ticket: Ticket, *, follows: bool) -> list[Row]:
    """Follow it, or no more (`W`), and take messages to a ticket of their own: for the menu."""
    here = f"/tickets/{ticket.number}/"
    text = _("Follow no more") if follows else _("Follow")
    found = [_button(f"{here}seguir/{'?no=1' if follows else ''}", text, "eye", key="w", post=True)]
    if ticket.last_seq > 1 and ticket.status not in ENDED:
        found.append(_button(f"{here}separar/", _("Split…"), "swap"))
    return found


def _button(href: str, text: str, icon: str, *, key: str = "", post: bool = False) -> Row:
    return {"href": href, "text": text, "icon": icon, "kind": "", "key": key, "dialog": False, "verb": "", "post": post}


def notices(ticket: Ticket) -> list[Row]:
    """Where what this ticket is about came from, with the way back. 1 query where it was taken out of another."""
    if ticket.split_from is None:
        return []
    number = ticket.split_from.number
    undo = ticket.is_open
    return [
        {
            "tone": "info",
            "icon": "swap",
            "title": "",
            "text": _("Taken out of %s.") % number,
            "href": f"/tickets/{ticket.number}/deshacer-separacion/" if undo else f"/tickets/{number}/",
            "action": _("Bring it back") if undo else _("See it"),
            "post": undo,
        }
    ]
