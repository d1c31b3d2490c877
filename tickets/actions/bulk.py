"""One verb on several tickets: each by its own action under its own lock, and undone by actions too.

A bulk is no transaction: what one ticket refuses does not keep the others from changing, and each change is written
together with what is known of it. So a process that dies in the middle has done a part and knows which; the same
button pressed again does the rest, and nothing twice.

Lock order: the row of the bulk, then tickets by ascending id; nobody holds a ticket and waits for a bulk.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import AlreadyTaken, Conflict, DomainError, Forbidden, Invalid
from tickets.actions import assigning, escalation, givingback, merging, progress, record
from tickets.lifecycle import RequestType
from tickets.models import BulkChange, BulkItem, Ticket

MOST: Final = 50
UNDO_WITHIN: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=7)
_NAMESPACE: Final = uuid.UUID("5a1d9a52-6c1f-4c58-9a39-2f1d8f0b7c11")
Outcome = BulkItem.Outcome


@dataclass(frozen=True, slots=True)
class Kind:
    """A verb that may be used on several tickets.

    `columns` are what it changes, by which one sees whether a ticket still stands as it was left; none: not to be
    undone. `undo` brings back what they held.
    """

    act: Callable[..., Ticket]
    columns: tuple[str, ...] = ()
    undo: Callable[[Ticket, Mapping[str, Any], Actor, datetime], Any] | None = None


def _give_back(ticket: Ticket, before: Mapping[str, Any], by: Actor, now: datetime) -> Ticket:
    return givingback.give_back(ticket, by=by, now=now, to=before["assignee_id"], status=before["status"])


def _reclassify_back(ticket: Ticket, before: Mapping[str, Any], by: Actor, now: datetime) -> Ticket:
    return progress.reclassify(
        ticket,
        by=by,
        now=now,
        request_type=RequestType(before["request_type"]),
        affects_operation=before["affects_operation"],
        reason=str(_("The change of several tickets at once was undone.")),
    )


def _unmerge(ticket: Ticket, before: Mapping[str, Any], by: Actor, now: datetime) -> Ticket:
    return merging.unmerge(ticket, by=by, now=now)


_HELD: Final = ("status", "assignee_id")
KINDS: Final[Mapping[str, Kind]] = {
    "take": Kind(assigning.take, _HELD, _give_back),
    "assign": Kind(assigning.assign, _HELD, _give_back),
    "reclassify": Kind(progress.reclassify, ("request_type", "affects_operation"), _reclassify_back),
    "merge": Kind(merging.merge, ("status", "merged_into_id"), _unmerge),
    # Whoever was told has been told: what reached a telephone at night does not come back.
    "escalate": Kind(escalation.escalate),
}


def apply(
    verb: str,
    tickets: Sequence[Ticket],
    *,
    by: Actor,
    now: datetime,
    key: uuid.UUID,
    values: Mapping[str, Any],
    reason: str | None = None,
) -> BulkChange:
    """Use the verb on each ticket, in the order of their ids. `values` are codes and ids; `reason` goes to the action.

    The same key, verb, tickets and values are the same bulk: what was done is not done again. Raises Invalid for more
    than MOST; what a single ticket refuses stands in its item.
    """
    if by.user_id is None:
        raise Forbidden()
    if len(tickets) > MOST:
        raise Invalid.field("sel", "too_many", _("At most 50 tickets at a time."))
    ordered = sorted(tickets, key=lambda ticket: ticket.pk)
    change = _begin(verb, ordered, by=by, now=now, key=key, values=values)
    arguments = {**values, **({} if reason is None else {"reason": reason})}
    for ticket in ordered:
        _use(change, ticket, by=by, now=now, arguments=arguments)
    return change


def _begin(
    verb: str, tickets: Sequence[Ticket], *, by: Actor, now: datetime, key: uuid.UUID, values: Mapping[str, Any]
) -> BulkChange:
    """The row of this pressing of the button; committed first, so that the second of two finds it."""
    named = f"{key}/{by.user_id}/{verb}/{sorted(values.items())}/{[ticket.pk for ticket in tickets]}"
    row = BulkChange(key=uuid.uuid5(_NAMESPACE, named), by_id=by.user_id or 0, verb=verb, values=dict(values), at=now)
    while True:
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            known = BulkChange.objects.get(key=row.key)
            if known.undone_at is None:
                return known
            row.key = uuid.uuid5(known.key, "again")  # undone, and wanted again from the same page
        else:
            return row


def _use(change: BulkChange, ticket: Ticket, *, by: Actor, now: datetime, arguments: Mapping[str, Any]) -> None:
    """Use the verb on one ticket, unless this bulk has dealt with it."""
    kind = KINDS[change.verb]
    with transaction.atomic():
        _lock(change)
        if change.items.filter(ticket=ticket).exists():
            return
        item = BulkItem(change=change, ticket=ticket, outcome=Outcome.DONE)
        if kind.columns:
            _lock_tickets(ticket, arguments)
            item.before = _columns(Ticket.objects.get(pk=ticket.pk), kind)
        try:
            with transaction.atomic():
                item.after = _columns(kind.act(ticket, by=by, now=now, **arguments), kind)
        except DomainError as refusal:
            item.outcome, item.why = Outcome.REFUSED, _words(refusal)
        item.save()


def _lock(change: BulkChange) -> BulkChange:
    return BulkChange.objects.select_for_update().get(pk=change.pk)


def _lock_tickets(ticket: Ticket, arguments: Mapping[str, Any]) -> None:
    """Lock the ticket, and the one it is to be merged into, in the order of their ids."""
    found = Ticket.objects.filter(pk=ticket.pk)
    if "into" in arguments:
        found |= Ticket.objects.filter(number=str(arguments["into"]).strip().upper(), desk_id=ticket.desk_id)
    list(found.select_for_update().order_by("pk").values_list("pk"))


def _columns(ticket: Ticket, kind: Kind) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in kind.columns}


def _words(refusal: DomainError) -> str:
    """The refusal in a sentence, with the name of who was faster."""
    if isinstance(refusal, AlreadyTaken):
        return str(_("%(name)s has just taken this ticket.") % {"name": refusal.extra["assignee"]["name"]})[:300]
    sentences = [str(error.message) for error in refusal.errors] or [str(refusal.message)]
    return " ".join(sentences)[:300]


# ------------------------------------------------------------------ undoing


def undoable(change: BulkChange, now: datetime) -> bool:
    """Whether *Deshacer* is offered: of a verb that can be undone, once, within ten minutes."""
    return KINDS[change.verb].undo is not None and change.undone_at is None and now < change.at + UNDO_WITHIN


def undo(change: BulkChange, *, by: Actor, now: datetime) -> BulkChange:
    """Bring back each ticket that still stands as the bulk left it; the others stay, and their items say why.

    Raises Forbidden for another person, Conflict when it is too late or the verb cannot be undone. Pressed twice it
    goes on where it stopped.
    """
    if by.user_id != change.by_id:
        raise Forbidden()
    with transaction.atomic():
        fresh = _lock(change)
        if KINDS[fresh.verb].undo is None:
            raise Conflict(_("What was told cannot be untold."), code="not_undoable")
        if fresh.undone_at is None and not undoable(fresh, now):
            raise Conflict(_("It is too late to undo it: more than ten minutes have passed."), code="too_late")
        fresh.undone_at = fresh.undone_at or now
        fresh.save(update_fields=["undone_at"])
    for item in list(fresh.items.filter(outcome=Outcome.DONE).order_by("-ticket_id")):
        _undo_one(fresh, item.pk, by=by, now=now)
    return fresh


def _undo_one(change: BulkChange, pk: int, *, by: Actor, now: datetime) -> None:
    kind = KINDS[change.verb]
    assert kind.undo is not None  # noqa: S101 - asked before
    with transaction.atomic():
        _lock(change)
        item = BulkItem.objects.get(pk=pk)
        if item.outcome != Outcome.DONE:
            return
        ticket = record.locked(item.ticket_id)
        if _columns(ticket, kind) != item.after:
            item.outcome, item.why = Outcome.KEPT, str(_("It has changed since: it stays as it is."))
        else:
            try:
                with transaction.atomic():
                    kind.undo(ticket, item.before, by, now)
                item.outcome = Outcome.UNDONE
            except DomainError as refusal:
                item.outcome, item.why = Outcome.KEPT, _words(refusal)
        item.save(update_fields=["outcome", "why"])


def purge(*, now: datetime) -> int:
    """Delete what nobody can undo any more, a week later. Returns how many bulks."""
    old = list(BulkChange.objects.filter(at__lt=now - KEPT).order_by("pk").values_list("pk", flat=True)[:1000])
    BulkChange.objects.filter(pk__in=old).delete()
    return len(old)
