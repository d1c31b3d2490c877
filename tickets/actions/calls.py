"""What was attended on call: noted with one tap or by an alert, registered afterwards.

"Posteriormente el Consultor registrará en el Sistema HelpDesk su Reporte" (InvoiceMX manual, "Fuera
de Oficina" 5): until then the hand-over lists it, so that whoever comes in can ask for it, and its owner is
reminded at each opening.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from clients import phones
from core import localtime
from core.actor import Actor
from core.errors import Forbidden
from desks import queries as desk_queries
from desks.models import Desk
from schedules import businesstime, timers
from schedules.models import Timer
from tickets.actions import handover_mail, holding, record
from tickets.models import CallNote, Escalation, TellTask, Ticket
from tickets.models.telltask import CALL_BACK

REMINDER: Final = "tickets.call_unregistered"

# A second tap so soon is the same call.
SAME_CALL: Final = timedelta(minutes=2)


def note_call(desk: Desk, *, by: Actor, now: datetime) -> CallNote:
    """Keep the hour of a call that `by` is attending; a second tap within two minutes changes nothing."""
    if by.user_id is None or not by.works_tickets(desk.pk):
        raise Forbidden()
    with transaction.atomic():
        holding.lock_desk(desk.pk)
        recent = CallNote.objects.filter(desk=desk, user_id=by.user_id, called_at__gt=now - SAME_CALL, about=None)
        found = recent.order_by("-id").first()
        if found is not None:
            return found
        note = CallNote.objects.create(desk=desk, user_id=by.user_id, called_at=now)
        _remind_next(note, desk, after=now, now=now, n=1)
        return note


def note_alerts(climb: Escalation, ticket: Ticket, user_ids: Iterable[int], *, now: datetime) -> None:
    """Note that these people were woken about the ticket: each once a climb, in the transaction of the alert."""
    for user_id in user_ids:
        note, is_new = CallNote.objects.get_or_create(
            key=f"ladder/{climb.pk}/{user_id}",
            defaults={"desk_id": ticket.desk_id, "user_id": user_id, "called_at": now, "about": ticket},
        )
        if is_new:
            _remind_next(note, ticket.desk, after=now, now=now, n=1)


def register_note(pk: int, *, ticket: Ticket, by: Actor) -> bool:
    """Say which ticket the noted call became; False when it is no open note of that desk."""
    if not by.works_tickets(ticket.desk_id):
        raise Forbidden()
    return bool(_open(ticket.desk_id, pk).update(ticket=ticket))


def drop_note(pk: int, *, desk: Desk, by: Actor, now: datetime) -> bool:
    """Say that the noted call was nothing to register: its owner, or those who supervise."""
    notes = _open(desk.pk, pk)
    if not by.supervises(desk.pk):
        notes = notes.filter(user_id=by.user_id or 0)
    return bool(notes.update(dropped_at=now))


def _open(desk_id: int, pk: int) -> QuerySet[CallNote]:
    return CallNote.objects.waiting().filter(pk=pk, desk_id=desk_id)


# ------------------------------------------------------------------ calling back


def note_callback(ticket: Ticket, *, by: Actor, now: datetime, number: str, on_file: Sequence[tuple[str, str]]) -> None:
    """Keep that who asked for access data or a change by telephone was called back to a number on file.

    `number` (E.164) is one of `on_file`; "" leaves a task on the ticket to do so, with the numbers. Whoever calls
    says who they are; the number that we have says it better.
    """
    if number:
        whose = next(name for one, name in on_file if one == number)
        record.record(ticket, "called_back", by=by, now=now, last_digits=number[-4:], name=whose)
        return
    config = desk_queries.config(ticket.desk)
    numbers = ", ".join(f"{phones.national(one)} ({name})" for one, name in on_file)
    text = config.say("team.call_back", numbers=numbers) if numbers else config.say("team.call_back_nobody")
    TellTask.objects.get_or_create(
        key=f"call-back/{ticket.pk}",
        defaults={"ticket": ticket, "code": CALL_BACK, "text": text.strip(), "created_at": now},
    )


# ------------------------------------------------------------------ reminding


def lock_note(payload: Mapping[str, Any]) -> None:
    """Lock the note that a reminder belongs to, before its timer. 1 query."""
    list(CallNote.objects.select_for_update().filter(pk=payload["note"]).values_list("pk"))


def remind_due(timer: Timer, now: datetime) -> None:
    """Remind the owner of what is not written down, and again at each opening until it is."""
    note = CallNote.objects.waiting().select_related("desk__vendor", "about").filter(pk=timer.payload["note"]).first()
    if note is None:
        return
    n = int(timer.payload["n"])
    config = desk_queries.config(note.desk)
    member = config.member(note.user_id)
    if member is None:
        return  # who left the desk is not written to; the hand-over goes on listing it
    code = "call" if note.about is None else "alert"
    words = {"at": localtime.exact(note.called_at, config.zone), "number": note.about.number if note.about else ""}
    handover_mail.tell(
        config,
        member,
        f"team.unregistered_{code}",
        key=f"call/{note.pk}/remind/{n}",
        topic=f"call/{note.pk}",
        now=now,
        words=words,
        button=config.say("team.unregistered_button"),
        url=_address(note, config.slug),
    )
    _remind_next(note, note.desk, after=now, now=now, n=n + 1)


def _address(note: CallNote, slug: str) -> str:
    """Where it is written down: the case of an alert, the form of a call."""
    form = f"/llamadas/nueva/?mesa={slug}&cuando=antes&llamada={note.pk}"
    return str(settings.SITE_URL).rstrip("/") + (f"/tickets/{note.about.number}/" if note.about else form)


def _remind_next(note: CallNote, desk: Desk, *, after: datetime, now: datetime, n: int) -> None:
    """Set the reminder of the next opening after that instant; at a desk without hours, a day later."""
    opens = None
    if desk.calendar_id is not None:
        opens = businesstime.status(after, desk_queries.hours(desk, after)).next_open
    timers.set(
        key=f"call/{note.pk}/remind/{n}",
        handler=REMINDER,
        owner=f"call/{note.pk}",
        due_at=opens or after + timedelta(days=1),
        payload={"note": note.pk, "n": n},
        now=now,
    )
