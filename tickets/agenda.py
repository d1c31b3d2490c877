"""The rule of appointments: their states, the ten minutes of grace, when one is reminded of them.

"Solo se tendrán 10 minutos de tolerancia de la hora agendada para recibir la atención, en caso de
rebasar este tiempo, el agente será liberado para atender a otro cliente y se deberá de volver a
agendar el soporte" (Facturando guide, "Recomendaciones"). Served up to and at ten minutes late, wall
clock; later it is released (contract, section 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict


class State(models.TextChoices):
    """Where an appointment stands."""

    BOOKED = "booked", _("booked")
    SERVING = "serving", _("being attended")
    DONE = "done", _("attended")
    CANCELLED = "cancelled", _("cancelled")
    NO_SHOW = "no_show", _("nobody came")


# They hold their hour on the agenda of the consultant and of the ticket.
LIVE: Final = (State.BOOKED, State.SERVING)

TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    # Confirming and moving leave it booked.
    State.BOOKED: frozenset({State.BOOKED, State.SERVING, State.DONE, State.CANCELLED, State.NO_SHOW}),
    State.SERVING: frozenset({State.DONE}),
    State.DONE: frozenset(),
    State.CANCELLED: frozenset(),
    # It was attended after all and nobody had said so.
    State.NO_SHOW: frozenset({State.DONE}),
}

TOLERANCE: Final = timedelta(minutes=10)
_NEXT: Final = timedelta(microseconds=1)  # the first instant that is later

# kind of a reminder -> how long before the start
REMINDERS: Final[Mapping[str, timedelta]] = {"day": timedelta(days=1), "hour": timedelta(hours=1)}
# A reminder that would follow so soon on the mail that booked it says nothing new.
TOO_CLOSE: Final = timedelta(hours=1)


def check(old: str, new: str) -> None:
    """Raise Conflict (`appointment_state`, with `appointment_state` in `extra`) unless the table has this step."""
    if State(new) not in TRANSITIONS[State(old)]:
        raise Conflict(
            _("The appointment's state does not allow this."),
            code="appointment_state",
            extra={"appointment_state": str(old)},
        )


def served_until(starts_at: datetime) -> datetime:
    """The last instant at which whoever comes late is still attended."""
    return starts_at + TOLERANCE


def released_at(starts_at: datetime) -> datetime:
    """The first instant at which the consultant is free for somebody else."""
    return served_until(starts_at) + _NEXT


def is_over(starts_at: datetime, now: datetime) -> bool:
    """Whether the grace has run out: at ten minutes late it has not."""
    return now > served_until(starts_at)


def reminders(starts_at: datetime, booked_at: datetime) -> dict[str, datetime]:
    """When one is reminded: the day before and the hour before, without those too close to the booking."""
    instants = {kind: starts_at - before for kind, before in REMINDERS.items()}
    return {kind: at for kind, at in instants.items() if at - booked_at >= TOO_CLOSE}
