"""Replies leave ten seconds after *Enviar* was pressed; until then they can be taken back.

A reply on its way is a row (`Draft` with `leaves_at`) and a timer, so that no crash loses it and none sends it
twice: who sends it, takes it back or presses again holds the ticket's lock first and looks whether it is still
there. At its instant the same action runs that an immediate reply would have run, as its author.

The clocks count it from the press: the ten seconds are ours, and the person had answered. A reply that leaves
more than a minute late, because no worker ran, counts from when it left: the client did not have it before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clients import actors
from core import sealing
from core.actor import SUPERVISOR, Actor
from core.errors import Conflict, DomainError, TransitionNotAllowed
from core.rows import Rows
from desks import queries as desk_queries
from files.models import Attachment
from notifications import doorbell, live
from schedules import timers
from schedules.actions import FIRE_DUE
from schedules.models import Timer
from tickets import drafts, lifecycle
from tickets.actions import (
    drafting,
    guards,
    messages,
    progress,
    record,
    resolution,
    safekeeping,
    telling,
    uploads,
    writing,
)
from tickets.actions.drafting import Typed
from tickets.models import Contents, Draft, DraftFile, Ticket

TIMER: Final = "tickets.reply_leaves"
Returned = Draft.Returned
After = Draft.After
# The bell rings a moment after the timer is due: a worker that comes too early would wait for the next sweep.
RING_AFTER: Final = drafts.HOLD + timedelta(milliseconds=300)


class ClientWrote(Conflict):
    """The client wrote something that the writer has not seen."""

    default_code = "client_wrote"
    default_message = _("%s wrote while you were writing. Read it above; what you typed is kept.")

    def __init__(self, who: str) -> None:
        super().__init__(self.default_message % who, extra={"who": who})


class AnotherOnItsWay(Conflict):
    """Two tabs pressed at once: one at a time leaves."""

    default_code = "another_on_its_way"
    default_message = _("Another reply of yours to this ticket is on its way. Press again in a moment.")


class SentAlready(Conflict):
    """The same words of the same person went out since the page was drawn: a press that was repeated."""

    default_code = "sent_already"
    default_message = _("This reply had left already: it is in the conversation.")


@dataclass(frozen=True, slots=True)
class Left:
    """What became of a reply that was to leave: sent, or a draft again and why."""

    returned: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The reply that is on its way, and what became of the one before it, where one was still waiting."""

    row: Draft
    before: Left | None = None


def press(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    typed: Typed,
    files: Sequence[Attachment] = (),
    base: int | None = None,
) -> Pressed:
    """Let a reply leave in ten seconds; what waits of the person on this ticket leaves first, at once.

    `base` is the version of the draft that it was typed from: that draft is over, one that says something else
    stays. The same form pressed twice is one reply. Secrets go to the vault now. Raises what the reply itself
    would: Invalid, Forbidden, Conflict; ClientWrote where the client wrote after `typed.seen_seq`; SentAlready where
    the person's same words did, so that a press which is repeated after the ten seconds sends nothing twice.
    """
    guards.consultant(ticket, by)
    before = None
    if ticket.drafts_since is not None and not _pressed_before(ticket, by, typed):
        before = send_now(ticket, by=by, now=now)
    with record.collecting(ticket, now=now) as (fresh, written):
        rows = [] if fresh.drafts_since is None else _rows(fresh, by)
        waiting = next((row for row in rows if row.leaves_at is not None), None)
        if waiting is not None:
            if waiting.form_key is not None and waiting.form_key == typed.form_key:
                return Pressed(waiting)
            raise AnotherOnItsWay()
        check(fresh, by=by, typed=typed, files=files)
        caught = safekeeping.catch(typed.body, files)
        if _sent_since(fresh, by, caught.text, typed.seen_seq):
            raise SentAlready()
        if who := unread(fresh, typed.seen_seq):
            raise ClientWrote(who)
        own = rows[0] if rows else None
        row = _start(fresh, by, replace(typed, body=caught.text), written, now=now)
        DraftFile.objects.bulk_create(  # 0 queries for none
            DraftFile(draft=row, attachment=file, position=place) for place, file in enumerate(caught.files)
        )
        if own is not None:
            was = own.pk
            if drafting.absorb(own, typed.body, base=base):  # it may have been taken back, and is pressed again
                safekeeping.pressed_again(fresh, was, row.pk)
        safekeeping.keep(fresh, caught, by=by, now=now, piece=safekeeping.of_reply(row.pk))
        fresh.drafts_since = fresh.drafts_since or now
        live.wake_on_commit(drafts.name(fresh.pk))
    return Pressed(row, before)


def _sent_since(ticket: Ticket, by: Actor, body: str, seen_seq: int) -> bool:
    """Whether the person said this to the client after that message. 1 query where something was written."""
    if ticket.last_seq <= seen_seq or not body.strip():
        return False
    mine = ticket.messages.filter(seq__gt=seen_seq, internal=False, thread=None, author_kind=by.kind, author_id=by.id)
    return mine.filter(body=body.strip()).exists()


def _pressed_before(ticket: Ticket, by: Actor, typed: Typed) -> bool:
    return (
        typed.form_key is not None and ticket.drafts.filter(user_id=by.user_id or 0, form_key=typed.form_key).exists()
    )


def _rows(ticket: Ticket, by: Actor) -> list[Draft]:
    """What the person writes on a locked ticket, locked. 1 query."""
    return list(ticket.drafts.filter(user_id=by.user_id or 0).select_for_update(of=("self",)).order_by("id"))


def _start(ticket: Ticket, by: Actor, typed: Typed, written: Rows, *, now: datetime) -> Draft:
    row = Draft(
        ticket=ticket,
        user_id=by.user_id or 0,  # whoever works tickets at a desk has an account
        after=typed.after,
        seen_seq=ticket.last_seq,
        form_key=typed.form_key,
        began_at=now,
        saved_at=now,
        pressed_at=now,
        leaves_at=now + drafts.HOLD,
    )
    row.hold(Contents(typed.body))
    row.save()
    timer = timers.Request(
        key=f"leaving/{row.pk}/",
        handler=TIMER,
        owner=f"ticket/{ticket.pk}",
        due_at=now + drafts.HOLD,
        payload={"ticket": ticket.pk, "draft": row.pk},
    )
    timers.set_many([timer], now=now, rows=written)
    doorbell.ring_on_commit(FIRE_DUE, after=RING_AFTER)
    return row


# ------------------------------------------------------------------ whether it may


def check(ticket: Ticket, *, by: Actor, typed: Typed, files: Sequence[Attachment] = ()) -> None:
    """Refuse what the action would refuse at its instant, as far as that is known now."""
    if typed.after == After.RESOLVE:
        resolution.may_resolve(ticket, by, typed.body)
    elif typed.after == After.WAIT:
        progress.need_reason(_reason(typed.body))
        progress.may_wait(ticket, by, typed.body, files)
    else:
        writing.check_text(typed.body, files)
        if ticket.status in lifecycle.ENDED:
            raise TransitionNotAllowed(state=ticket.status)


def unread(ticket: Ticket, seen_seq: int) -> str:
    """Who of the client's side wrote after that message; "" when nobody did. 1 query where something was written."""
    if ticket.last_seq <= seen_seq:
        return ""
    newer = ticket.messages.filter(seq__gt=seen_seq, internal=False, from_team=False).order_by("-seq")
    return newer.values_list("author_label", flat=True).first() or ""


# ------------------------------------------------------------------ leaving


def leave_due(timer: Timer, now: datetime) -> None:
    """The ten seconds are over: send it, unless it was taken back."""
    row = _on_its_way(Draft.objects.filter(pk=timer.payload["draft"]))
    if row is not None:
        _leave(row, now=now)


def send_now(ticket: Ticket, *, by: Actor, now: datetime) -> Left | None:
    """Send what waits of the person without waiting longer; None where nothing does."""
    with transaction.atomic():
        record.locked(ticket.pk)
        row = _on_its_way(Draft.objects.filter(ticket=ticket, user_id=by.user_id or 0))
        if row is None:
            return None
        _disarm(row, now=now)
        return _leave(row, now=now)


def undo(ticket: Ticket, *, by: Actor, now: datetime) -> Draft | None:
    """Take back what waits of the person: their draft again, with its files. None where it has left."""
    with transaction.atomic():
        record.locked(ticket.pk)
        row = _on_its_way(Draft.objects.filter(ticket=ticket, user_id=by.user_id or 0))
        if row is None:
            return None
        _disarm(row, now=now)
        live.wake_on_commit(drafts.name(ticket.pk))
        return _come_back(row, now=now)


def _on_its_way(rows: QuerySet[Draft]) -> Draft | None:
    """The one row, locked after its ticket. 1 query."""
    return (
        rows.filter(leaves_at__isnull=False)
        .select_for_update(of=("self",))
        .select_related("ticket__desk__vendor", "ticket__requester", "user")
        .first()
    )


def _disarm(row: Draft, *, now: datetime) -> None:
    timers.cancel(owner=f"ticket/{row.ticket_id}", key_prefix=f"leaving/{row.pk}/", now=now)


def _leave(row: Draft, *, now: datetime) -> Left:
    """Send it or give it back, under the ticket's lock."""
    ticket = row.ticket
    author = actors.actor_for(row.user)
    if not author.works_tickets(ticket.desk_id):
        return _give_back(row, author, Left(Returned.LEFT_DESK), now=now)
    if who := unread(ticket, row.seen_seq):
        return _give_back(row, author, Left(Returned.CLIENT_WROTE, who), now=now)
    try:
        body = row.contents.body
        with transaction.atomic():
            _act(row, author, body, now=now)
            safekeeping.became(ticket, row.pk)
    except sealing.Unreadable:
        return _give_back(row, author, Left(Returned.UNREADABLE), now=now)
    except DomainError:
        return _give_back(row, author, Left(Returned.REFUSED), now=now)
    drafting.remove(ticket, row)
    return Left()


def _act(row: Draft, author: Actor, body: str, *, now: datetime) -> None:
    """What an immediate reply does; the clocks count from the press where it leaves in time."""
    ticket = row.ticket
    files = [line.attachment for line in row.files.select_related("attachment")]
    prompt = row.leaves_at is not None and now <= row.leaves_at + drafts.PROMPT
    at = row.pressed_at if prompt else None
    if row.after == After.RESOLVE:
        resolution.resolve(ticket, by=author, now=now, at=at, solution=body, files=files)
    elif row.after == After.WAIT:
        progress.wait(ticket, by=author, now=now, at=at, reason=_reason(body), body=body, files=files)
    else:
        messages.add_message(ticket, by=author, now=now, at=at, body=body, files=files)


def _reason(body: str) -> str:
    """What the ticket says that it waits for: the beginning of the question."""
    return body.strip()[: progress.MAX_REASON]


# ------------------------------------------------------------------ coming back


def _come_back(row: Draft, *, now: datetime, left: Left | None = None) -> Draft:
    """Make it the author's draft again, its files ready beside it, and what they have begun meanwhile as well."""
    own = drafting.own(row.ticket, row.user_id)
    held = drafting.contents(row)
    row.pressed_at = row.leaves_at = row.form_key = None
    row.version, row.saved_at = row.version + 1, now
    if own is not None:
        newer = drafting.contents(own)
        row.version = own.version + 1
        row.hold(drafting.beside(held.body, newer.others, [newer.body]))
        own.delete()
    if left is not None:
        row.returned, row.returned_who = left.returned, left.who
    row.save()
    files = list(row.files.select_related("attachment"))
    uploads.lay(row.ticket, [file.attachment for file in files], user_id=row.user_id, now=now)
    row.files.all().delete()
    return row


def _give_back(row: Draft, author: Actor, left: Left, *, now: datetime) -> Left:
    """It does not leave: a draft again, on the timeline and told to its author; one who left the desk shares it."""
    draft = _come_back(row, now=now, left=left)
    if left.returned == Returned.LEFT_DESK:
        draft.shared_at = now
        draft.save(update_fields=["shared_at"])
    with record.changing(row.ticket, now=now) as fresh:
        entry = record.record(fresh, "reply_returned", by=author, now=now, cause=left.returned)
        telling.team(
            fresh,
            _whom(draft, left),
            f"reply_{left.returned}",
            key=f"reply-returned/{entry.pk}",
            now=now,
            who=left.who,
            author=row.user.get_full_name(),
        )
    return left


def _whom(draft: Draft, left: Left) -> list[int]:
    """The author; for one who is not at the desk any more whoever has the ticket, else those who supervise."""
    if left.returned != Returned.LEFT_DESK:
        return [draft.user_id]
    if draft.ticket.assignee_id not in {None, draft.user_id}:
        return [draft.ticket.assignee_id]
    config = desk_queries.config(draft.ticket.desk)
    return [member.user_id for member in config.with_role(SUPERVISOR) or config.managers]
