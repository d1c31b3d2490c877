"""Calls attended on call: noted with one tap, registered afterwards.

"Posteriormente el Consultor registrará en el Sistema HelpDesk su Reporte" (InvoiceMX manual, "Fuera
de Oficina" 5): until then the hand-over lists the call, so that whoever comes in can ask for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from core.actor import Actor
from core.errors import Forbidden
from desks.models import Desk
from tickets.actions import holding
from tickets.models import CallNote, Ticket

# A second tap so soon is the same call.
SAME_CALL: Final = timedelta(minutes=2)


def note_call(desk: Desk, *, by: Actor, now: datetime) -> CallNote:
    """Keep the hour of a call that `by` is attending; a second tap within two minutes changes nothing."""
    if by.user_id is None or not by.works_tickets(desk.pk):
        raise Forbidden()
    with transaction.atomic():
        holding.lock_desk(desk.pk)
        recent = CallNote.objects.filter(desk=desk, user_id=by.user_id, called_at__gt=now - SAME_CALL)
        return recent.order_by("-id").first() or CallNote.objects.create(desk=desk, user_id=by.user_id, called_at=now)


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
    return CallNote.objects.filter(pk=pk, desk_id=desk_id, ticket__isnull=True, dropped_at__isnull=True)
