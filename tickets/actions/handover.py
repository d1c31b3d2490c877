"""*Entrega de guardia*: the chain of hand-offs, who gives, who receives, and who is told when nobody does.

Three timers a hand-off, `handover/<desk>/<instant>/ask|turn|late`. Each looks at the rota when it fires: where the
hand-off is no more, or a later one has come since (we were away for hours), it does nothing but keep the chain going.
So a catch-up goes through the last hand-off only. `ensure` sets the timers of the next day; it is called when a rota
or a desk's file is saved, by the hourly tidying and by every hand-off for those that follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import localtime, passwords
from core.actor import MANAGER, SUPERVISOR, TICKET_ROLES, Actor
from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from desks.models import Desk
from notifications import live
from schedules import timers
from schedules.handoffs import Handoff, Side
from schedules.models import Timer
from tickets.actions import handing, handover_mail
from tickets.models import Handover
from tickets.models.handover import NOTE_LENGTH
from tickets.queries import handover as queries
from tickets.queries.handover import LEAD, RECEIVE

ASK: Final = "tickets.handover_ask"
TURN: Final = "tickets.handover_turn"
LATE: Final = "tickets.handover_late"

ARMED: Final = timedelta(hours=26)


# ------------------------------------------------------------------ the chain


def ensure(desk: Desk, *, now: datetime) -> int:
    """Set the timers of the hand-offs of the next day, at least of the next one. Return how many hand-offs.

    1 query when the rota is warm; what stands already stays.
    """
    config = desk_queries.config(desk)
    if config.rota_id is None:
        return 0
    found = queries.between(config, now, now + queries.LOOK)
    near = [one for one in found if one.at <= now + ARMED] or found[:1]
    timers.set_many([request for one in near for request in _requests(config, one)], now=now)
    return len(near)


def _requests(config: DeskConfig, one: Handoff) -> list[timers.Request]:
    wanted = [(TURN, one.at)]
    if one.closes or one.taker.user is not None:
        wanted.append((ASK, one.at - LEAD))
    return [_request(config.desk_id, handler, one.at, due_at) for handler, due_at in wanted]


def _request(desk_id: int, handler: str, at: datetime, due_at: datetime) -> timers.Request:
    return timers.Request(
        key=f"handover/{desk_id}/{at:%Y%m%dT%H%M%SZ}/{handler.rpartition('_')[2]}",
        handler=handler,
        owner=f"handover/{desk_id}",
        due_at=due_at,
        payload={"desk": desk_id, "at": at.isoformat()},
    )


def _read(timer: Timer) -> tuple[Desk, DeskConfig, datetime]:
    desk = Desk.objects.select_related("vendor").get(pk=timer.payload["desk"])
    return desk, desk_queries.config(desk), datetime.fromisoformat(timer.payload["at"]).astimezone(UTC)


# ------------------------------------------------------------------ what the timers do


def ask_due(timer: Timer, now: datetime) -> None:
    """Ten minutes before: who comes in is reminded; at a closing the holders are asked about their cases."""
    desk, config, at = _read(timer)
    one = queries.around(config, now).next
    if one is None or one.at != at:
        return  # too late to ask, or the rota was changed: the hand-off itself does what is left
    row = _row(desk, one, now=now)
    taker = config.member(one.taker.user)
    if taker is not None:
        _tell(config, row, [taker], "soon", key="soon", now=now)
    if one.closes:
        handing.ask_all(desk, row, taker_id=one.taker.user, answer_by=at, now=now)


def turn_due(timer: Timer, now: datetime) -> None:
    """The hand-off: what goes on is counted, cases move, and ten minutes begin in which it is received."""
    desk, config, at = _read(timer)
    if config.rota_id is None:
        return
    ensure(desk, now=now)
    one = queries.around(config, now).last
    if one is None:
        return
    if one.at != at:  # others have come since: only the last of them is gone through
        timers.set_many([_request(desk.pk, TURN, one.at, one.at)], now=now)
        return
    row = _row(desk, one, now=now)
    row.passed_at, row.summary = now, queries.summary(desk, now=now)
    row.save(update_fields=["passed_at", "summary"])
    if one.closes:
        handing.ask_all(desk, row, taker_id=one.taker.user, answer_by=max(at, now) + LEAD, now=now)
    elif one.opens:
        handing.to_the_present(desk, at=at, now=now)
    late_at = (at if now < at + RECEIVE else now) + RECEIVE  # after an outage people get their ten minutes too
    timers.set_many([_request(desk.pk, LATE, at, late_at)], now=now)
    live.wake_on_commit(f"desk:{desk.pk}")


def late_due(timer: Timer, now: datetime) -> None:
    """Nobody has pressed *Recibo la guardia*: the superior of who should have is told, once."""
    desk, config, at = _read(timer)
    one = queries.around(config, now).last
    row = Handover.objects.select_for_update().filter(desk=desk, at=at).first()
    if row is None or one is None or one.at != at or row.received_at is not None or row.superior_told_at is not None:
        return
    row.superior_told_at = now
    row.save(update_fields=["superior_told_at"])
    _tell(config, row, above(config, one.taker), "late", key="late", now=now)


def above(config: DeskConfig, taker: Side) -> Sequence[Member]:
    """Who answers for a hand-off that nobody received: the superior, of the office its supervisors; else managers."""
    superior = config.superior_of(taker.user)
    if superior is not None:
        return [superior]
    supervisors = config.with_role(SUPERVISOR) if taker.office else ()
    return supervisors or config.managers


def _row(desk: Desk, one: Handoff, *, now: datetime) -> Handover:
    """The row of the hand-off as the rota has it now; who gives and takes may have changed since it was written."""
    sides = {
        "giver_id": one.giver.user,
        "taker_id": one.taker.user,
        "office_gives": one.giver.office,
        "office_takes": one.taker.office,
    }
    row, made = Handover.objects.get_or_create(desk=desk, at=one.at, defaults={**sides, "created_at": now})
    if not made and row.passed_at is None and any(getattr(row, name) != value for name, value in sides.items()):
        for name, value in sides.items():
            setattr(row, name, value)
        row.save(update_fields=list(sides))
    return row


# ------------------------------------------------------------------ what people do


@transaction.atomic
def receive(desk: Desk, *, by: Actor, now: datetime) -> Handover:
    """*Recibo la guardia*: who comes in says so, from ten minutes before on. Pressed twice it is once.

    Raises Conflict where there is no hand-off to receive, Forbidden for who is not coming in.
    """
    one = queries.around(desk_queries.config(desk), now).open(now)
    if one is None:
        raise Conflict(_("There is no hand-over to receive now."), code="nothing_to_receive")
    if not may_receive(desk, one, by):
        raise Forbidden(_("Only who comes in receives the hand-over."))
    row = Handover.objects.select_for_update().get(pk=_row(desk, one, now=now).pk)
    if row.received_at is None:
        row.received_at, row.received_by_id = now, by.user_id
        row.save(update_fields=["received_at", "received_by"])
        live.wake_on_commit(f"desk:{desk.pk}")
    return row


@transaction.atomic
def note(desk: Desk, *, by: Actor, now: datetime, text: str) -> Handover:
    """Leave the one note of a hand-over, for the next one or for the one that nobody has received yet.

    Raises Invalid for a text that is too long, Forbidden for who does not give.
    """
    text = text.strip()
    if len(text) > NOTE_LENGTH:
        raise Invalid.field("note", "too_long", _("A note has at most 500 characters."))
    if passwords.find(text):
        raise Invalid.field(
            "note", "secret", _("No passwords in a note: write them on the ticket, they go to the vault.")
        )
    one = _noted(desk, now)
    if one is None:
        raise Conflict(_("No hand-over is coming."), code="nothing_to_hand_over")
    if not may_note(desk, one, by):
        raise Forbidden(_("Only who hands over leaves the note."))
    row = Handover.objects.select_for_update().get(pk=_row(desk, one, now=now).pk)
    row.note, row.noted_by_id, row.noted_at = text, by.user_id, now
    row.save(update_fields=["note", "noted_by", "noted_at"])
    return row


def _noted(desk: Desk, now: datetime) -> Handoff | None:
    around = queries.around(desk_queries.config(desk), now)
    row = queries.at(desk, around.last.at) if around.last else None
    return around.noted(now, received=row is not None and row.received_at is not None)


def may_receive(desk: Desk, one: Handoff, by: Actor) -> bool:
    """Who comes in: the person on call; of the office anybody who works there."""
    if one.taker.user is not None:
        return by.user_id == one.taker.user
    return one.taker.office and by.user_id is not None and by.has_role(desk.pk, *TICKET_ROLES)


def may_note(desk: Desk, one: Handoff, by: Actor) -> bool:
    """Who gives, and those above."""
    if by.user_id is None or not by.works_tickets(desk.pk):
        return False
    return one.giver.user is None or by.user_id == one.giver.user or by.has_role(desk.pk, SUPERVISOR, MANAGER)


# ------------------------------------------------------------------ words


def _tell(config: DeskConfig, row: Handover, people: Sequence[Member], code: str, *, key: str, now: datetime) -> None:
    """Mail people about a hand-over; `code` names `team.handover_<code>.subject|lines` of the catalogue."""
    for member in people:
        handover_mail.mail(
            config, member, code, key=f"handover/{row.pk}/{key}/{member.user_id}", now=now, words=_words(config, row)
        )


def _words(config: DeskConfig, row: Handover) -> dict[str, str]:
    return {
        "at": localtime.hhmm(row.at, config.zone),
        "late": localtime.hhmm(row.at + RECEIVE, config.zone),
        "giver": handover_mail.side_name(config, row.giver_id, office=row.office_gives),
        "taker": handover_mail.side_name(config, row.taker_id, office=row.office_takes),
    }
