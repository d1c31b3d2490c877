"""Keeping what somebody is writing: saved while it is typed, shared, gone on with by a colleague, thrown away.

A draft is nobody's word yet: nothing of the ticket changes with it. Rows come and go under the ticket's lock, so
that the ticket knows whether there are any (`drafts_since`); what is typed meanwhile changes a row under its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from core import sealing
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from files.models import Attachment
from notifications import live
from tickets import drafts
from tickets.actions import guards, messages, record, uploads, writing
from tickets.models import Contents, Draft, Ticket
from tickets.models.draft import SEALED

BATCH: Final = 500


class DraftGone(Conflict):
    """It was sent or thrown away elsewhere: what is saved now would come back unasked."""

    default_code = "draft_gone"
    default_message = _("This draft was sent or discarded in another tab.")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the box to write in."""

    body: str = field(repr=False)
    kind: str = Draft.Kind.REPLY
    after: str = Draft.After.STAY
    # The last message that the page showed, and the one use of the form.
    seen_seq: int = 0
    form_key: UUID | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving: the version to name the next time; 0 where there is nothing to keep."""

    version: int = 0
    # Another tab or machine had written something else: that text is kept beside.
    clash: bool = False
    # A password or a key was left out.
    hid: bool = False


def save(ticket: Ticket, *, by: Actor, now: datetime, typed: Typed, base: int | None = None) -> Saved:
    """Keep what is typed, for whoever types it; the newest wins and nothing of an older text is lost.

    `base` is the version that it goes on from (0: none yet; None: whatever there is). Passwords and private keys
    are left out. Raises DraftGone where that version was sent or thrown away, Forbidden for who does not work at the
    desk, Invalid for more than 50,000 characters. 2 queries; 6 for the first save.
    """
    user_id = _writer(ticket, by)
    if len(typed.body) > writing.MAX_BODY:
        raise Invalid.field("body", "max_length", _("The text is too long: at most 50,000 characters."))
    body = drafts.without_secrets(typed.body)
    with transaction.atomic():
        row = None if not body.strip() else own(ticket, user_id)
        if row is None:
            record.locked(ticket.pk)
            row = own(ticket, user_id)
        if row is None:
            return _begin(ticket, user_id, typed, body, base=base, now=now)
        clash = base is not None and base != row.version
        held = contents(row)
        written_over = [held.body] if clash else []
        fresh = Contents(body, drafts.kept_texts(body, [*held.others, *written_over]))
        if not body.strip() and not fresh.others:
            remove(ticket, row)
            return Saved()
        _write(row, typed, fresh, now=now)
    return Saved(row.version, clash=clash and held.body != body, hid=body != typed.body)


def _begin(ticket: Ticket, user_id: int, typed: Typed, body: str, *, base: int | None, now: datetime) -> Saved:
    if base or (typed.form_key and Draft.objects.filter(ticket=ticket, form_key=typed.form_key).exists()):
        raise DraftGone()
    if not body.strip():
        return Saved()
    row = Draft(ticket=ticket, user_id=user_id, version=0, began_at=now)
    _write(row, typed, Contents(body), now=now)
    Ticket.objects.filter(pk=ticket.pk, drafts_since=None).update(drafts_since=now)
    return Saved(row.version, hid=body != typed.body)


def _write(row: Draft, typed: Typed, held: Contents, *, now: datetime) -> None:
    row.hold(held)
    row.kind, row.after, row.seen_seq = typed.kind, typed.after, typed.seen_seq
    row.version, row.saved_at = row.version + 1, now
    row.returned = row.returned_who = ""
    row.save()


def keep_beside(ticket: Ticket, *, by: Actor, body: str) -> None:
    """Keep a text of the person's beside their draft: what another machine could not save in time. 2 queries.

    Raises DraftGone where there is none any more: the text stays on that machine.
    """
    with transaction.atomic():
        row = own(ticket, _writer(ticket, by))
        if row is None:
            raise DraftGone()
        held = contents(row)
        row.hold(Contents(held.body, drafts.kept_texts(held.body, [*held.others, drafts.without_secrets(body)])))
        row.save(update_fields=SEALED)


def discard(ticket: Ticket, *, by: Actor) -> bool:
    """Throw the person's draft away with all that is kept beside it. False where there is none."""
    user_id = _writer(ticket, by)
    with transaction.atomic():
        record.locked(ticket.pk)
        row = own(ticket, user_id)
        if row is not None:
            remove(ticket, row)
            if row.shared_at is not None:
                live.wake_on_commit(drafts.name(ticket.pk))
    return row is not None


def note(ticket: Ticket, *, by: Actor, now: datetime, body: str, files: Sequence[Attachment], base: int | None) -> None:
    """Add what was typed as a note; the draft is over. Raises as `add_message`."""
    with transaction.atomic():
        record.locked(ticket.pk)
        row = own(ticket, _writer(ticket, by))
        messages.add_message(ticket, by=by, now=now, body=body, internal=True, files=files)
        if row is not None:
            absorb(row, body, base=base)
            settle(ticket.pk)


# ------------------------------------------------------------------ two people


def share(ticket: Ticket, *, by: Actor, now: datetime) -> bool:
    """Let the colleagues who may see the ticket read the person's draft. False where there is none."""
    user_id = _writer(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        row = own(fresh, user_id)
        if row is None or row.shared_at is not None:
            return row is not None
        row.shared_at, row.taken_by, row.taken_at = now, None, None
        row.save(update_fields=["shared_at", "taken_by", "taken_at"])
        record.record(fresh, "draft_shared", by=by, now=now)
    return True


def unshare(ticket: Ticket, *, by: Actor) -> None:
    """Keep it to oneself again. 1 query."""
    user_id = _writer(ticket, by)
    Draft.objects.filter(ticket=ticket, user_id=user_id, leaves_at=None).update(shared_at=None)
    live.wake_on_commit(drafts.name(ticket.pk))


def take(ticket: Ticket, pk: int, *, by: Actor, now: datetime) -> Draft:
    """Go on with a colleague's shared draft; they see who did. What one was writing oneself is kept beside it.

    Raises DraftGone where it is not shared any more.
    """
    user_id = _writer(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        rows = {row.user_id: row for row in _locked(Draft.objects.filter(ticket=fresh, leaves_at=None))}
        theirs = next((row for row in rows.values() if row.pk == pk and row.shared_at and row.user_id != user_id), None)
        if theirs is None:
            raise DraftGone(_("This draft is not shared any more: its author withdrew it or somebody took it."))
        mine = rows.get(user_id) or Draft(ticket=fresh, user_id=user_id, version=0, began_at=now)
        held, before = contents(theirs), contents(mine) if mine.pk else Contents()
        typed = Typed(held.body, theirs.kind, theirs.after, theirs.seen_seq)
        _write(mine, typed, beside(held.body, before.others, held.others, [before.body]), now=now)
        uploads.hand_on(fresh, user_id=theirs.user_id, to=user_id)
        theirs.shared_at, theirs.taken_by_id, theirs.taken_at = None, user_id, now
        theirs.save(update_fields=["shared_at", "taken_by", "taken_at"])
        fresh.drafts_since = fresh.drafts_since or now
        record.record(fresh, "draft_taken", by=by, now=now, users=[_person(theirs)])
    return mine


def _person(row: Draft) -> dict[str, Any]:
    return {"id": row.user_id, "name": row.user.get_full_name()}


# ------------------------------------------------------------------ rows


def own(ticket: Ticket, user_id: int) -> Draft | None:
    """The person's draft, locked. 1 query."""
    return _locked(Draft.objects.filter(ticket=ticket, user_id=user_id, leaves_at=None)).first()


def _locked(rows: QuerySet[Draft]) -> QuerySet[Draft]:
    return rows.select_for_update(of=("self",)).order_by("id")


def contents(row: Draft) -> Contents:
    """What the row holds; nothing where its key was taken away."""
    try:
        return row.contents
    except sealing.Unreadable:
        return Contents()


def beside(body: str, *others: Any) -> Contents:
    """A text with what else was written, each once."""
    return Contents(body, drafts.kept_texts(body, [text for texts in others for text in texts]))


def absorb(row: Draft, body: str, *, base: int | None) -> bool:
    """The draft became what was sent; what another tab wrote, or lies beside, stays. Whether all of it did."""
    held = contents(row)
    is_this = base == row.version or drafts.without_secrets(body).strip() == held.body.strip()
    left = drafts.kept_texts(body, [*held.others, *([] if is_this else [held.body])])
    if not left:
        row.delete()
        return True
    row.hold(Contents(left[-1], left[:-1]))
    row.version += 1
    row.returned = row.returned_who = ""
    row.save()
    return False


def remove(ticket: Ticket, row: Draft) -> None:
    """Delete a draft of a locked ticket. 3 queries."""
    row.delete()
    settle(ticket.pk)


def settle(ticket_id: int) -> None:
    """Let a locked ticket know that no draft hangs on it, if so. 1 query."""
    none_left = ~Exists(Draft.objects.filter(ticket=OuterRef("pk")))
    Ticket.objects.filter(none_left, pk=ticket_id).update(drafts_since=None)


def _writer(ticket: Ticket, by: Actor) -> int:
    guards.consultant(ticket, by)
    if by.user_id is None:
        raise Forbidden()
    return by.user_id


def forget_old(*, now: datetime) -> int:
    """Delete the drafts that nobody touched for 30 days, ticket by ticket. Return how many."""
    old = Draft.objects.filter(leaves_at=None, saved_at__lt=now - drafts.KEPT)
    total = 0
    while ticket_ids := list(old.order_by("saved_at", "id").values_list("ticket_id", flat=True)[:BATCH]):
        for ticket_id in dict.fromkeys(ticket_ids):
            with transaction.atomic():
                record.locked(ticket_id)
                total += old.filter(ticket_id=ticket_id).count()
                old.filter(ticket_id=ticket_id).delete()
                settle(ticket_id)
    return total
