"""The one door for text and files on a ticket, whoever brings them and however."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.errors import Forbidden, TransitionNotAllowed
from core.rows import Rows, new_ids
from files.models import Attachment
from tickets import lifecycle
from tickets.actions import gathering, mentioning, progress, record, silence, telling, watching, writing
from tickets.lifecycle import Status
from tickets.models import ClockKind, Message, Ticket


def add_message(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    body: str,
    internal: bool = False,
    files: Sequence[Attachment] = (),
    at: datetime | None = None,
) -> Message:
    """Add what somebody wrote, and do what follows from it.

    A public word of the team answers the client: it stops the first response, starts the next
    update anew, and the client is told. A word of the client ends the wait for them and tells the
    assignee; on a merged ticket it goes to the one that it is part of. Whom a note names with @ is told
    of it. `at` is when the team had answered, for the clocks, where that was before `now`. Raises
    Invalid for an empty or too long text, Forbidden for a client's note, TransitionNotAllowed on a
    ticket that has ended.
    """
    from_team = by.works_tickets(ticket.desk_id)
    if (internal and not from_team) or by.third_party_id is not None:  # they have a thread of their own
        raise Forbidden()
    writing.check_text(body, files)
    ticket = goes_on_in(ticket, by) or ticket
    with record.collecting(ticket, now=now) as (fresh, rows):
        if fresh.status in lifecycle.ENDED:
            raise TransitionNotAllowed(state=fresh.status)
        ids = new_ids(tickets_message=1, tickets_ticketevent=1, tickets_clock=1)
        [message_pk], [entry_pk], [clock_pk] = ids.values()
        message = writing.write(
            fresh, by=by, now=now, body=body, internal=internal, files=files, rows=rows, pk=message_pk
        )
        entry = record.event(
            fresh,
            "note_added" if internal else "message_added",
            by=by,
            now=now,
            public=not internal,
            message=message.pk,
            seq=message.seq,
            files=len(files),
            from_client=not from_team,
        )
        entry.pk = entry_pk
        if internal:
            mentioned = mentioning.read(fresh, message.body, by)
            mentioning.note(entry, mentioned)
            mentioning.tell(fresh, mentioned, by=by, now=now, entry_id=entry.pk, rows=rows)
            mentioning.follow(fresh, mentioned, by=by, now=now)
        rows.insert(entry)
        if not internal:
            if from_team:
                again = progress.answered(fresh, by=by, now=now, at=at, rows=rows, clock_pk=clock_pk)
                if fresh.leads:
                    gathering.said(fresh, message, now=now)
                telling.client(
                    fresh,
                    "answered",
                    key=f"message/{entry.pk}",
                    now=now,
                    rows=rows,
                    quote=message.body,
                    who=by.label,
                    next=telling.line(fresh, ClockKind.NEXT_UPDATE, again, now=now),
                )
            else:
                _client_spoke(fresh, rows, by=by, now=now, entry_id=entry.pk)
    return message


def goes_on_in(ticket: Ticket, by: Actor) -> Ticket | None:
    """Where a client's late word on a merged ticket belongs, if that is theirs too; None where it is not merged.

    1 query, 0 for a ticket that is not merged. Of somebody else's report nothing is shown to them, nor is theirs there.
    """
    if ticket.status != Status.MERGED or by.works_tickets(ticket.desk_id):
        return None
    into = ticket.merged_into
    if into is None or into.status in lifecycle.ENDED:
        return None
    same_company = ticket.client_id is not None and ticket.client_id == into.client_id
    return into if same_company or ticket.requester_id == into.requester_id else None


def _client_spoke(ticket: Ticket, rows: Rows, *, by: Actor, now: datetime, entry_id: int) -> None:
    if ticket.status == Status.WAITING_CLIENT:
        progress.client_answered(ticket, by=by, now=now)
    if ticket.status == Status.RESOLVED:
        silence.arm(ticket, since=now, entry_id=entry_id, now=now)  # who speaks is not silent
    if ticket.assignee_id is not None:
        key = f"message/{entry_id}"
        telling.team(ticket, [ticket.assignee_id], "client_wrote", key=key, now=now, rows=rows, who=by.label)
    watching.tell(ticket, "watched_wrote", key=f"watched/{entry_id}", now=now, by=by, rows=rows, who=by.label)
