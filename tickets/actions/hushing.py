"""Silencing a ladder until an hour: those who supervise know of the case and nobody is told before then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, Invalid
from schedules import timers
from tickets.actions import guards, ladder, progress, record, writing
from tickets.models import Escalation, EscalationRung, Ticket

LONGEST: Final = timedelta(hours=24)


def silence_ladder(ticket: Ticket, *, by: Actor, now: datetime, until: datetime, reason: str) -> Ticket:
    """Tell nobody before `until`; then the ladder goes on where it stood. A second one counts from the first's place.

    What people ask for breaks through: *No puedo resolverlo* and the client's *Escalar* tell the next step at once.
    Raises Conflict where no ladder is running, Invalid for an hour that has passed or is more than a day away.
    """
    guards.supervisor(ticket, by)
    reason = progress.need_reason(reason)
    if until <= now:
        raise Invalid.field("until", "in_the_past", _("Choose an hour that is still to come."))
    if until > now + LONGEST:
        raise Invalid.field("until", "too_far", _("At most 24 hours: then somebody looks at it again."))
    with record.changing(ticket, now=now) as fresh:
        climbs = _running(fresh)
        _hold(fresh, climbs, until=until, now=now)
        for climb in climbs:
            climb.silenced_until, climb.silenced_by_id, climb.silence_reason = until, by.user_id, reason
            climb.save(update_fields=["silenced_until", "silenced_by", "silence_reason"])
        writing.write(fresh, by=by, now=now, body=reason, internal=True)
        record.record(fresh, "silenced", by=by, now=now, until=until.isoformat(), climbs=[c.pk for c in climbs])
    return fresh


def unsilence_ladder(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """Let the ladder go on now, before the hour that was said."""
    guards.supervisor(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        climbs = [c for c in _running(fresh) if c.silenced_until is not None and c.silenced_until > now]
        if not climbs:
            raise Conflict(_("This ladder is not silenced."), code="not_silenced", extra={"state": fresh.status})
        _hold(fresh, climbs, until=now, now=now)
        for climb in climbs:
            climb.silenced_until = None
            climb.save(update_fields=["silenced_until"])
        record.record(fresh, "unsilenced", by=by, now=now, climbs=[c.pk for c in climbs])
    return fresh


def _running(ticket: Ticket) -> list[Escalation]:
    """The climbs that still tell people. Raises Conflict where there is none."""
    climbs = list(Escalation.objects.filter(ticket=ticket, ended_at__isnull=True))
    if not climbs:
        raise Conflict(
            _("No ladder is running on this ticket."), code="nothing_running", extra={"state": ticket.status}
        )
    return climbs


def _hold(ticket: Ticket, climbs: list[Escalation], *, until: datetime, now: datetime) -> None:
    """Move what each climb waits for to `until`, unless it is later anyway and was not held before."""
    held = {climb.pk: climb.silenced_until for climb in climbs}
    for timer in ladder.pending(ticket):
        if timer.payload["climb"] not in held:
            continue
        before = held[timer.payload["climb"]]
        if timer.due_at < until or (before is not None and timer.due_at == before):
            timers.move(timer, due_at=until)
            _show(timer.payload, at=until)


def _show(payload: dict[str, int], *, at: datetime) -> None:
    """The planned instant of a step that is held, as screens read it."""
    if payload.get("occurrence") == 1:
        EscalationRung.objects.filter(escalation=payload["climb"], position=payload["step"]).update(due_at=at)
