"""A word after the end: it opens a follow-up that is tied to the closed ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from core.actor import Actor
from core.errors import TransitionNotAllowed
from files.models import Attachment
from tickets import description
from tickets.actions import checking, guards, intake, record, writing
from tickets.intake import Intake
from tickets.lifecycle import RequestType, Status
from tickets.models import Ticket

PREFIX: Final = "Seguimiento de"


def follow_up(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    body: str,
    files: Sequence[Attachment] = (),
    intake_key: UUID | None = None,
) -> Ticket:
    """Open the ticket that goes on from a closed one and return it; the same `intake_key` again gives the first.

    It asks what the closed one asked, but wakes nobody: "gracias" after the end is no outage, and
    outside office hours the client may still contest. Raises TransitionNotAllowed unless closed.
    """
    guards.client(ticket, by)
    writing.check_text(body, files)
    with record.changing(ticket, now=now) as closed:
        if closed.status != Status.CLOSED:
            raise TransitionNotAllowed(state=closed.status)
        follower = intake.open_ticket(
            closed.desk, _asks(closed, body, files, intake_key), by=by, now=now, follows=closed
        )
        if not closed.events.filter(type="ticket.followed_up", data__into=follower.number).exists():
            record.record(closed, "followed_up", by=by, now=now, public=True, into=follower.number)
    return follower


def _asks(ticket: Ticket, body: str, files: Sequence[Attachment], intake_key: UUID | None) -> Intake:
    """The closed ticket's own request again, with what was written now."""
    outage = ticket.request_type == RequestType.SYSTEM_DOWN
    return Intake(
        request_type=RequestType.OPERATIONAL_QUESTION if outage else ticket.request_type,
        affects_operation=False,
        subject=f"{PREFIX} {ticket.number}: {_without_prefix(ticket.subject)}"[: checking.MAX_SUBJECT],
        description=body if body.strip() else ticket.subject,
        name=ticket.requester_name,
        email=ticket.requester_email,
        phone=str(ticket.requester_phone or ""),
        channel="web",
        product=ticket.product,
        product_version=ticket.product_version,
        support_method=ticket.support_method,
        client=ticket.client,
        client_rfc=ticket.client_rfc,
        branch=ticket.branch,
        files=tuple(files),
        intake_key=intake_key,
        lessons=description.LESSONS,  # "sigue igual" says enough beside the ticket that it follows
    )


def _without_prefix(subject: str) -> str:
    """The matter itself: a follow-up of a follow-up does not pile up its names."""
    head, _colon, matter = subject.partition(": ")
    return matter if matter and head.startswith(PREFIX) else subject
