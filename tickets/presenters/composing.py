"""The box to write in on the page of a ticket, and what stands above it (templates/tickets/_composer.html)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import localtime, names, sealing
from core.actor import Actor
from desks.config import DeskConfig
from tickets import forms, lifecycle
from tickets.models import Contents, Draft, Ticket
from tickets.queries.case import Line
from tickets.queries.drafts import Writing
from tickets.verbs import VERBS

# Why a reply came back: title and what to do.
_RETURNED: Final = {
    Draft.Returned.CLIENT_WROTE: gettext_noop("Your reply did not leave: %(who)s wrote in those seconds."),
    Draft.Returned.REFUSED: gettext_noop("Your reply did not leave: the ticket changed in those seconds."),
    Draft.Returned.LEFT_DESK: gettext_noop("Your reply did not leave: you were not at the desk any more."),
    Draft.Returned.UNREADABLE: gettext_noop("Your reply did not leave: it could not be opened. Write it again."),
}


def composer(
    ticket: Ticket,
    actor: Actor,
    reply: forms.ReplyForm | None,
    writing: Writing,
    config: DeskConfig,
    *,
    now: datetime,
) -> dict[str, Any] | None:
    """The box to write in, with the form that came back or the draft; none once the ticket is over and both are."""
    mine = writing.mine
    if ticket.status in lifecycle.ENDED and reply is None and mine is None:
        return None
    base = f"/tickets/{ticket.number}/"
    return {
        "href": f"{base}responder/",
        "form": reply or _form(ticket, actor, mine),
        "to": _("To %s") % (ticket.requester_email or _("be told by telephone")),
        "reply_text": _("Reply to %s") % names.first(ticket.requester_name),
        "keep": f"{ticket.number}/{actor.user_id}",  # whoever signs in next at the machine has a text of their own
        "draft_href": f"{base}borrador/",
        "saved": _("Draft saved %s") % localtime.when(mine.saved_at, config.zone, now) if mine else "",
        "saved_ms": round(mine.saved_at.timestamp() * 1000) if mine else 0,
        "is_shared": bool(mine and mine.shared_at),
    }


def _form(ticket: Ticket, actor: Actor, mine: Draft | None) -> forms.ReplyForm:
    """The form with what the draft holds. It remembers the conversation as it was when it was begun."""
    held = _contents(mine) if mine else Contents()
    seen = mine.seen_seq if mine else ticket.last_seq
    return forms.ReplyForm(
        initial={
            "version": f"{ticket.version}-{seen}",
            "after": mine.after if mine else forms.ReplyForm.STAY,
            "kind": mine.kind if mine else "reply",
            "body": held.body,
            "draft": mine.version if mine else 0,
            "key": uuid.uuid4(),
        },
        after=after_choices(ticket, actor),
    )


def _contents(row: Draft) -> Contents:
    try:
        return row.contents
    except sealing.Unreadable:
        return Contents()


def after_choices(ticket: Ticket, actor: Actor) -> list[tuple[str, str]]:
    """What may happen right after sending."""
    choices = []
    if VERBS["wait"].offered(ticket, actor):
        choices.append((forms.ReplyForm.WAIT, _("Send and wait for the client")))
    if VERBS["resolve"].offered(ticket, actor):
        choices.append((forms.ReplyForm.RESOLVE, _("Send as the solution")))
    return choices


# ------------------------------------------------------------------ above the box


def above(
    writing: Writing, ticket: Ticket, lines: Sequence[Line], config: DeskConfig, *, now: datetime
) -> dict[str, Any]:
    """What must be known before sending: why a reply came back, who wrote since the draft was begun, other texts."""
    mine, base = writing.mine, f"/tickets/{ticket.number}/"
    return {
        "seen": f"{ticket.version}-{ticket.last_seq}",
        "notices": _notices(mine, lines, config, now) if mine else [],
        "others": list(_contents(mine).others) if mine else [],
        "shared": [
            {
                "name": row.user.get_full_name(),
                "kind": _("internal note") if row.kind == Draft.Kind.NOTE else _("reply to the client"),
                "at": localtime.when(row.saved_at, config.zone, now),
                "body": _contents(row).body,
                "href": f"{base}borradores/{row.pk}/tomar/",
            }
            for row in writing.shared
        ],
    }


def _notices(mine: Draft, lines: Sequence[Line], config: DeskConfig, now: datetime) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if mine.returned:
        text = returned(mine.returned, mine.returned_who)
        found.append({"tone": "bad", "icon": "refresh", "text": text, "href": ""})
    elif mine.kind == Draft.Kind.REPLY and (newer := _newer(lines, mine.seen_seq)):
        words = {"who": newer.author_label, "when": localtime.when(newer.created_at, config.zone, now)}
        text = _("%(who)s wrote after this draft was begun (%(when)s). Read it before you send.") % words
        found.append({"tone": "warn", "icon": "msg", "text": text, "href": f"#m{newer.pk}", "newer": True})
    if mine.taken_by is not None and mine.taken_at is not None:
        words = {"who": mine.taken_by.get_full_name(), "when": localtime.when(mine.taken_at, config.zone, now)}
        found.append(
            {
                "tone": "info",
                "icon": "user",
                "text": _("%(who)s goes on with this draft (%(when)s).") % words,
                "href": "",
            }
        )
    return found


def returned(code: str, who: str) -> str:
    """Why a reply did not leave, in a sentence."""
    return _(_RETURNED[Draft.Returned(code)]) % {"who": who}


def _newer(lines: Sequence[Line], seen_seq: int) -> Any:
    """The last message from outside after that one."""
    later = (line.message for line in reversed(lines) if line.message.seq > seen_seq)
    return next((one for one in later if not one.internal and not one.from_team), None)


def leaving(writing: Writing, ticket: Ticket, actor: Actor, config: DeskConfig) -> list[dict[str, Any]]:
    """Replies on their way, as the end of the conversation shows them; a colleague's without its text."""
    base = f"/tickets/{ticket.number}/enviando/"
    return [
        {
            "name": row.user.get_full_name(),
            "mine": row.user_id == actor.user_id,
            "body": _contents(row).body if row.user_id == actor.user_id else "",
            "files": list(getattr(row, "attached", ())),
            "at": localtime.hhmm(row.leaves_at, config.zone) if row.leaves_at else "",
            "leaves_ms": round(row.leaves_at.timestamp() * 1000) if row.leaves_at else 0,
            "undo_href": f"{base}deshacer/",
            "now_href": f"{base}ya/",
        }
        for row in writing.leaving
    ]
