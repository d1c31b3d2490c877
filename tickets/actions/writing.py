"""Writing the rows of a message: used by every action that adds text or files to a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Invalid
from core.rows import Rows, joined
from files.models import Attachment
from tickets.actions import recognising, safekeeping, searching
from tickets.actions.recognising import Recognised
from tickets.models import Message, MessageFile, ThirdParty, Ticket

MAX_BODY: Final = 50_000


def check_text(body: str, files: Sequence[Attachment], field: str = "body") -> None:
    if not body.strip() and not files:
        raise Invalid.field(field, "required", _("Write something before sending."))
    if len(body) > MAX_BODY:
        raise Invalid.field(field, "max_length", _("The text is too long: at most 50,000 characters."))


def write(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    body: str,
    internal: bool = False,
    is_solution: bool = False,
    files: Sequence[Attachment] = (),
    first: bool = False,
    rows: Rows | None = None,
    pk: int | None = None,
    thread: ThirdParty | None = None,
    shared: bool = False,
) -> Message:
    """Write the rows of a message under the ticket's lock and feed search; the ticket is saved by the caller.

    Secrets go to the vault: what may be quoted is the `body` of the message that is returned. The
    `first` message is counted with its ticket, by who opens it, who also keeps its secrets. With `rows`
    it is written with them, under the id `pk` that was taken for it. 2 queries, 3 with files.
    """
    caught = safekeeping.catch(body, files)
    seen = recognising.look(f"{ticket.subject}\n{caught.text}" if first else caught.text, caught.files)
    recognising.mark(ticket, seen, now=now)
    from_team = by.works_tickets(ticket.desk_id)
    if not first:
        ticket.last_seq += 1
    message = Message(
        pk=pk,
        ticket=ticket,
        seq=ticket.last_seq,
        body=caught.text.strip(),
        internal=internal,
        is_solution=is_solution,
        from_team=from_team,
        author_kind=str(by.kind),
        author_id=by.id,
        author_label=by.label[:160],
        thread=thread,
        shared=shared,
        created_at=now,
    )
    if not internal and not first and thread is None:  # a report is no answer, and a third party no client
        ticket.last_word = "team" if from_team else "client"
    if rows is None:
        message.save()
    with joined(rows) as written:
        if rows is not None:
            written.insert(message)
        written.insert(*_attached(message, caught.files, seen))
        written.insert(*recognising.rows(ticket, seen, now=now), on_conflict="ON CONFLICT DO NOTHING")
        openly = [file for file in caught.files if file.pk not in seen.reserved]
        if first:
            searching.start(ticket, message, openly, written)
        else:
            searching.add(ticket, message, openly, written)
    recognising.keep_seals(ticket, seen, now=now)
    if not first:
        piece = safekeeping.of_message(message.pk)
        safekeeping.keep(ticket, caught, by=by, now=now, internal=internal or thread is not None, piece=piece)
    return message


def _attached(message: Message, files: Sequence[Attachment], seen: Recognised) -> list[MessageFile]:
    """The files with what was read in them."""
    return [
        MessageFile(
            message=message,
            attachment=file,
            position=place,
            card=seen.card(file),
            reserved=file.pk in seen.reserved,
        )
        for place, file in enumerate(files)
    ]
