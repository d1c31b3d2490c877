"""Taking messages out of a ticket into one of their own, and bringing them back.

The rows move, they are not copied: one text stands in one place, and `SplitMessage` keeps the place that it had. What
was caught in them goes along, to the vault of the ticket that they are taken to. That ticket is filed as any other at
this moment, for the same person, company and product; its client is told of it once. What the clocks of the original
measured stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, Invalid, Text, TransitionNotAllowed
from desks import queries as desk_queries
from tickets import description, lifecycle
from tickets.actions import guards, intake, merging, recognising, record, safekeeping, searching
from tickets.intake import Intake
from tickets.lifecycle import RequestType, Status
from tickets.models import Attention, Message, Split, SplitMessage, Ticket

MAX_MESSAGES: Final = 50
MAX_QUOTE: Final = 500


def split(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    messages: Sequence[int],
    subject: str,
    request_type: str = RequestType.OPERATIONAL_QUESTION,
    affects_operation: bool = False,
) -> Ticket:
    """Take these messages to a ticket of their own and return it.

    Not the first one, which is what the ticket is about; nor solutions, what stands in the thread of a third party, and
    notes of attentions. One at least must be something that the client reads. Raises Forbidden, Invalid by field,
    TransitionNotAllowed on a ticket that has ended.
    """
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as origin:
        if origin.status in lifecycle.ENDED:
            raise TransitionNotAllowed(state=origin.status)
        moved = _chosen(origin, messages)
        config = desk_queries.config(origin.desk)
        first = config.say("split.first", number=origin.number)
        report = _report(origin, first, _quoted(moved), subject, request_type, affects_operation)
        made = intake.open_ticket(origin.desk, report, by=by, now=now)
        with record.changing(made, now=now) as taken:
            taken.vague, taken.split_from = False, origin
            _move(Split.objects.create(origin=origin, taken=taken, created_at=now, created_by_id=by.user_id), moved)
            kept = safekeeping.follow([message.pk for message in moved], source=origin, target=taken, now=now)
            _settle(taken, origin, now)
            _settle(origin, taken, now)
            told: dict[str, Any] = {"by": by, "now": now, "public": True, "n": len(moved), "kept": kept}
            record.record(taken, "split_off", number=origin.number, **told)
        record.record(origin, "split", into=taken.number, **told)
        _last_word(origin)
    return taken


def unsplit(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """Bring the messages back to where they were; the ticket that they were taken to is merged into that one.

    While it stands untouched: Conflict says what happened to it since. Raises Forbidden.
    """
    guards.consultant(ticket, by)
    found = Split.objects.filter(taken=ticket).first()
    if found is None or found.undone_at is not None:
        raise Conflict(_("Nothing was taken to this ticket."), code="not_split")
    with transaction.atomic():
        pair = [found.origin_id, ticket.pk]
        list(Ticket.objects.select_for_update().filter(pk__in=pair).order_by("pk").values_list("pk"))
        with record.changing(Ticket(pk=found.origin_id), now=now) as origin:
            row = Split.objects.select_for_update().get(pk=found.pk)
            taken = Ticket.objects.select_related("desk").get(pk=ticket.pk)
            _refuse_touched(row, origin, taken)
            moved = _move_back(row)
            row.undone_at, row.undone_by_id = now, by.user_id
            row.save(update_fields=["undone_at", "undone_by"])
            with record.changing(taken, now=now) as emptied:
                emptied.last_seq = 1
                if safekeeping.follow(moved, source=emptied, target=origin, now=now):
                    emptied.vault_since = None
                _settle(origin, emptied, now)
                _settle(emptied, origin, now)
            record.record(origin, "split_undone", by=by, now=now, public=True, number=taken.number)
            _last_word(origin)
        merged = merging.merge(taken, by=by, now=now, into=origin.number)
    return merged


# ------------------------------------------------------------------ which messages


def movable(ticket: Ticket) -> Q:
    """Which messages of the ticket may be taken to another, as a condition on messages."""
    noted = Attention.objects.filter(ticket=ticket, note__isnull=False).values("note_id")
    return Q(ticket=ticket, seq__gt=1, is_solution=False, thread__isnull=True) & ~Q(pk__in=noted)


def _chosen(ticket: Ticket, wanted: Sequence[int]) -> list[Message]:
    ids = set(wanted)
    if not ids:
        raise Invalid.field("messages", "required", _("Choose at least one message."))
    if len(ids) > MAX_MESSAGES:
        raise Invalid.field("messages", "too_many", _("At most 50 messages at once."))
    found = list(Message.objects.select_for_update().filter(movable(ticket), pk__in=ids).order_by("seq"))
    if len(found) < len(ids):
        raise Invalid.field(
            "messages",
            "not_movable",
            _("One of these cannot be taken: the report itself, solutions, attentions and third parties stay."),
        )
    if all(message.internal for message in found):
        raise Invalid.field("messages", "only_notes", _("Choose at least one message that the client reads."))
    return found


def _quoted(moved: Sequence[Message]) -> str:
    """What the client reads in the notice: the first of their words, so that they know what it is about."""
    public = [message for message in moved if not message.internal]
    chosen = next((message for message in public if not message.from_team), public[0])
    return chosen.body[:MAX_QUOTE]


def _report(origin: Ticket, first: str, quote: str, subject: str, request_type: str, affects_operation: bool) -> Intake:
    return Intake(
        request_type=request_type,
        affects_operation=affects_operation or request_type == RequestType.SYSTEM_DOWN,
        subject=subject,
        description=first,
        requester=origin.requester,
        name=origin.requester_name,
        email=origin.requester_email,
        phone=str(origin.requester_phone or ""),
        channel=origin.channel,
        product=origin.product,
        product_version=origin.product_version,
        support_method=origin.support_method,
        client=origin.client,
        client_rfc=origin.client_rfc,
        branch=origin.branch,
        lessons=description.LESSONS,  # what it is about stands in the messages that come along
        ours=origin.ours,
        quote=quote,
    )


# ------------------------------------------------------------------ moving


def _move(split: Split, moved: Sequence[Message]) -> None:
    """Give the rows their places in the new ticket, behind the one that says where they come from."""
    SplitMessage.objects.bulk_create(SplitMessage(split=split, message=message, seq=message.seq) for message in moved)
    taken = split.taken
    for message in moved:
        taken.last_seq += 1
        message.ticket, message.seq = taken, taken.last_seq
    Message.objects.bulk_update(moved, ["ticket", "seq"])


def _move_back(split: Split) -> list[int]:
    """Give the rows their places in the original again; return their ids."""
    rows = list(split.moved.select_related("message"))
    for row in rows:
        row.message.ticket_id, row.message.seq = split.origin_id, row.seq
    Message.objects.bulk_update([row.message for row in rows], ["ticket", "seq"])
    return [row.message_id for row in rows]


def _settle(ticket: Ticket, beside: Ticket, now: datetime) -> None:
    """Let search and the codes say what is there now; of a locked ticket that the caller saves.

    First for the one that got the messages: it reads when their codes were seen.
    """
    searching.anew(ticket)
    recognising.anew(ticket, beside=beside, now=now)


def _last_word(ticket: Ticket) -> None:
    """Whose the last public word is, now that some are gone or back. 1 query."""
    said = Message.objects.filter(ticket=ticket, internal=False, thread=None, seq__gt=1).order_by("-seq")
    from_team = said.values_list("from_team", flat=True).first()
    ticket.last_word = "" if from_team is None else "team" if from_team else "client"


# ------------------------------------------------------------------ whether it may come back


def _refuse_touched(split: Split, origin: Ticket, taken: Ticket) -> None:
    """Raise Conflict with what happened since: being assigned and taken is nothing."""
    why = _touched(split, origin, taken)
    if why is not None:
        code, text = why
        raise Conflict(text, code=f"split_{code}", extra={"state": taken.status})


def _touched(split: Split, origin: Ticket, taken: Ticket) -> tuple[str, Text] | None:
    if split.undone_at is not None:
        return "undone", _("It was brought back already.")
    if origin.status in lifecycle.ENDED:
        return "origin_over", _("The original is over: it cannot take anything back.")
    if taken.status not in lifecycle.OPEN:
        return "over", _("The ticket that they were taken to is not open any more.")
    here = set(Message.objects.filter(ticket=taken, seq__gt=1).values_list("pk", flat=True))
    moved = set(split.moved.values_list("message_id", flat=True))
    if moved - here:
        return "moved_on", _("Some of these messages were taken to yet another ticket.")
    if here - moved or safekeeping.has_more(taken, list(moved)):
        return "written", _("Somebody wrote on it since.")
    busy = taken.appointment_at is not None or taken.status == Status.SCHEDULED or taken.attentions.exists()
    if busy:
        return "attended", _("It has an appointment or was attended since.")
    if taken.n_third_parties or taken.leads or taken.parent_id or taken.merged_tickets.exists():
        return "used", _("Others hang on it: a third party, an outage, or a merged ticket.")
    if taken.minutes_worked or taken.checklist_total:
        return "worked", _("There are steps or minutes of work on it.")
    return None
