"""Writing the rows of a message: used by every action that adds text or files to a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Invalid
from files.models import Attachment
from tickets.actions import safekeeping, searching
from tickets.models import Message, MessageFile, Ticket

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
) -> Message:
    """Write the rows of a message under the ticket's lock and feed search; the ticket is saved by the caller.

    Secrets go to the vault: what may be quoted is the `body` of the message that is returned. The
    `first` message is counted and indexed with its ticket, by who opens it, who also keeps its secrets.
    """
    caught = safekeeping.catch(body, files)
    from_team = by.works_tickets(ticket.desk_id)
    if not first:
        ticket.last_seq += 1
    message = Message.objects.create(
        ticket=ticket,
        seq=ticket.last_seq,
        body=caught.text.strip(),
        internal=internal,
        is_solution=is_solution,
        from_team=from_team,
        author_kind=str(by.kind),
        author_id=by.id,
        author_label=by.label[:160],
        created_at=now,
    )
    if caught.files:
        MessageFile.objects.bulk_create(
            MessageFile(message=message, attachment=file, position=position)
            for position, file in enumerate(caught.files)
        )
    if not internal and not first:  # a report is no answer
        ticket.last_word = "team" if from_team else "client"
    if not first:
        searching.add(ticket, message, caught.files)
        safekeeping.keep(ticket, caught, by=by, now=now, internal=internal)
    return message
