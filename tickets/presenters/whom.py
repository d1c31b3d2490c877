"""*¿A quién le tocaría y por qué?* in plain words: the answer, then everybody with what decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from core import localtime
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from tickets import reasons
from tickets.actions import holding
from tickets.assignment import Candidate, Choice
from tickets.lifecycle import Lane, Status
from tickets.models import Ticket

Row = dict[str, Any]

# What stands above the answer where nothing is chosen by itself.
NOTES: Final[Mapping[str, str]] = {
    "over": gettext_noop("The ticket is over: nobody is chosen for it any more."),
    "on_call": gettext_noop("It is with the person on call and its ladder. This is who would get it in the line."),
    "deferred": gettext_noop("It waits for the opening; somebody is chosen then, by the load of that moment."),
    "held": gettext_noop("%(name)s has it. This is who would get it if it entered the line now."),
}


def answer(ticket: Ticket, *, now: datetime) -> Row:
    """Who would get it, why, and every consultant of the desk in order. 2 queries, at most 2 more."""
    config = desk_queries.config(ticket.desk)
    choice, people = holding.outlook(ticket, now=now)
    member = config.member(choice.user_id)
    return {
        "chosen": member,
        "code": choice.code,
        "why": reasons.choice(choice.code),
        "note": _note(ticket, config),
        "rows": _rows(choice, people, config, ticket, now=now),
    }


def _note(ticket: Ticket, config: DeskConfig) -> str:
    holder = config.member(ticket.assignee_id)
    if not ticket.is_open:
        code = "over"
    elif ticket.lane == Lane.ON_CALL:
        code = "on_call"
    elif ticket.status == Status.DEFERRED:
        code = "deferred"
    elif holder is not None:
        code = "held"
    else:
        return ""
    text = NOTES[code]
    return _(text) % {"name": holder.name if holder else ""}


def _rows(choice: Choice, people: list[Candidate], config: DeskConfig, ticket: Ticket, *, now: datetime) -> list[Row]:
    """Those who fit in their order, then who was passed over, by name."""
    by_id = {person.user_id: person for person in people}
    refused = {refusal.user_id: refusal.code for refusal in choice.passed_over}
    order = [*choice.order, *(person.user_id for person in people if person.user_id in refused)]
    rows = []
    for place, user_id in enumerate(order, start=1):
        member = config.member(user_id)
        if member is not None:
            rows.append(_row(member, by_id[user_id], refused.get(user_id, ""), place, choice, config, ticket, now))
    return rows


def _row(
    member: Member,
    person: Candidate,
    refusal: str,
    place: int,
    choice: Choice,
    config: DeskConfig,
    ticket: Ticket,
    now: datetime,
) -> Row:
    chosen = member.user_id == choice.user_id
    if refusal:
        verdict, tone = reasons.passed_over(refusal, member.name), "mute"
    elif chosen:
        verdict, tone = _("It would be theirs: %s.") % reasons.choice(choice.code), "ok"
    else:
        verdict, tone = _("Fits, in place %d.") % place, "info"
    return {
        "id": member.user_id,
        "name": member.name,
        "chosen": chosen,
        "place": None if refusal else place,
        "code": refusal or (choice.code if chosen else "fits"),
        "tone": tone,
        "verdict": verdict,
        "load": person.load,
        "n_open": person.n_open,
        "max_open": person.max_open,
        "last_assigned_at": person.last_assigned_at,
        "facts": _facts(member, person, config, ticket, now),
    }


def _facts(member: Member, person: Candidate, config: DeskConfig, ticket: Ticket, now: datetime) -> list[str]:
    """Load, room, last ticket and skill, a sentence each."""
    last = person.last_assigned_at
    facts = [
        _("Load %(load)d") % {"load": person.load},
        ngettext("one open of %(most)d", "%(n)d open of %(most)d", person.n_open)
        % {"n": person.n_open, "most": person.max_open},
        _("last given one %s") % localtime.when(last, config.zone, now) if last else _("never given one"),
    ]
    if ticket.product is not None:
        knows = member.knows(ticket.product.slug)
        facts.append((_("attends %s") if knows else _("does not attend %s")) % ticket.product.name)
    return facts
