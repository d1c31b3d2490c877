"""*Por clasificar*: what nobody can name yet, and clients who ask for their account executive.

"Si usted no tiene la certeza … o si requiere la asistencia de su Ejecutivo de Cuenta …, un Analista de Soporte podrá
ayudarle a determinar la mejor manera de conducir su requerimiento" (InvoiceMX manual, "Cuándo solicitar soporte").
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from core import localtime, privacy
from core.actor import SYSTEM, Actor
from core.errors import Conflict, Forbidden, TransitionNotAllowed
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from notifications import outbox
from schedules import businesstime, timers
from schedules.models import Timer
from tickets import lifecycle
from tickets.actions import guards, progress, record, telling, writing
from tickets.lifecycle import RequestType
from tickets.models import Ticket

TIMER: Final = "tickets.classify"
TIME: Final = timedelta(hours=1)  # of the desk's open time
TEMPLATE: Final = "desks/rota"


def mark(ticket: Ticket, *, wants_executive: bool, now: datetime) -> None:
    """Say on a ticket that is being filed that it is to be classified, and by when; nothing on others."""
    if wants_executive:
        ticket.executive_asked_at = now
    if wants_executive or ticket.request_type == RequestType.UNSURE:
        ticket.classify_by = _by_when(ticket, max(now, ticket.starts_at))


def _by_when(ticket: Ticket, start: datetime) -> datetime:
    return businesstime.add(start.astimezone(UTC), TIME, desk_queries.hours(ticket.desk, start))


def timers_of(ticket: Ticket) -> list[timers.Request]:
    """The end of the hour; the key names it, so that asking again is another one."""
    if ticket.classify_by is None:
        return []
    at = ticket.classify_by
    return [
        timers.Request(
            key=f"ticket/{ticket.pk}/classify/{at:%Y%m%dT%H%M%S%fZ}",
            handler=TIMER,
            owner=f"ticket/{ticket.pk}",
            due_at=at,
            payload={"ticket": ticket.pk, "by": at.isoformat()},
        )
    ]


def due(timer: Timer, now: datetime) -> None:
    """The hour is over and nobody has said what it is: those who supervise are told."""
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    if ticket.classify_by is None or not ticket.is_open or ticket.classify_by.isoformat() != timer.payload["by"]:
        return
    with record.changing(ticket, now=now) as fresh:
        entry = record.record(fresh, "classification_late", by=SYSTEM, now=now)
        telling.team(
            fresh, _above(desk_queries.config(fresh.desk)), "classify_late", key=f"classify/{entry.pk}", now=now
        )


def _above(config: DeskConfig) -> list[int]:
    return [member.user_id for member in config.members if member.supervises]


# ------------------------------------------------------------------ the account executive


def ask_executive(ticket: Ticket, *, by: Actor, now: datetime, reason: str) -> Ticket:
    """*Necesito a mi ejecutivo*: they are told, and an analyst looks at it within the hour.

    Raises Conflict while they have been asked and have not answered.
    """
    guards.client(ticket, by)
    reason = progress.need_reason(reason)
    with record.changing(ticket, now=now) as fresh:
        if fresh.status not in lifecycle.OPEN:
            raise TransitionNotAllowed(state=fresh.status)
        if fresh.executive_asked_at is not None and fresh.executive_answered_at is None:
            raise Conflict(_("You have already asked for your executive."), code="executive_asked")
        fresh.executive_asked_at, fresh.executive_answered_at = now, None
        fresh.classify_by = fresh.classify_by or _by_when(fresh, now)
        timers.set_many(timers_of(fresh), now=now)
        writing.write(fresh, by=by, now=now, body=reason)
        tell_executive(fresh, by=by, now=now)
    return fresh


def tell_executive(ticket: Ticket, *, by: Actor, now: datetime) -> None:
    """Write down that the client asked, and tell their executive; who supervises, where they have none at the desk."""
    config = desk_queries.config(ticket.desk)
    executive = executive_of(ticket.client, config)
    named = {"executive": {"id": executive.user_id, "name": executive.name}} if executive else {}
    entry = record.record(ticket, "executive_asked", by=by, now=now, public=True, **named)
    if executive is None:
        telling.team(ticket, _above(config), "executive_missing", key=f"executive/{entry.pk}", now=now)
    else:
        _mail(ticket, config, executive, key=f"executive/{entry.pk}/{executive.user_id}", now=now)


def executive_of(client: Client | None, config: DeskConfig) -> Member | None:
    """The client's account executive, where they are of the desk."""
    return config.member(client.account_executive_id) if client else None


def _mail(ticket: Ticket, config: DeskConfig, executive: Member, *, key: str, now: datetime) -> None:
    """All that the executive needs to call: they may be of sales, who see no tickets."""
    filled = {
        "name": executive.first_name,
        "number": ticket.number,
        "client": ticket.client.name if ticket.client else ticket.requester_name,
        "subject": privacy.without_rfc(ticket.subject),
        "who": ticket.requester_name,
        "at": localtime.exact(now, config.zone),
    }
    phone = ticket.requester_phone.as_national if ticket.requester_phone else ""
    outbox.put(
        key=key,
        topic=f"ticket/{ticket.pk}",
        recipient=executive.email,
        template=TEMPLATE,
        now=now,
        desk_id=config.desk_id,
        from_name=config.name,
        params={
            "subject": config.say("team.executive_asked.subject", **filled).strip(),
            "lines": [line for line in config.say("team.executive_asked.lines", **filled).split("\n") if line.strip()],
            "rows": [row for row in (ticket.requester_name, phone, ticket.requester_email) if row],
            "quote": "",
            "button": config.say("team.executive_button"),
            "url": f"{settings.SITE_URL.rstrip('/')}/ejecutivo/",
            "desk": config.name,
        },
    )


def executive_answered(ticket: Ticket, *, by: Actor, now: datetime, note: str = "") -> Ticket:
    """The executive has spoken with the client; where the kind of request is known nothing is left to classify."""
    with record.changing(ticket, now=now) as fresh:
        if by.user_id is None or fresh.client is None or fresh.client.account_executive_id != by.user_id:
            raise Forbidden
        if fresh.executive_asked_at is None or fresh.executive_answered_at is not None:
            raise Conflict(_("The client is not waiting for you any more."), code="executive_not_asked")
        fresh.executive_answered_at = now
        progress.classified(fresh)
        record.record(fresh, "executive_answered", by=by, now=now, public=True)
        if note.strip():
            writing.write(fresh, by=by, now=now, body=note, internal=True)
    return fresh
