"""What becomes of the appointments of the history: kept and ended, one in nine missed and booked again; calls in between."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from helpdesk.history.player import Player
from tickets import actions, openings
from tickets.actions import appointments, attentions, prices
from tickets.models import Appointment, Outcome, Ticket

if TYPE_CHECKING:
    from helpdesk.history.doings import Doings

MISSED: Final = 9
CALLED: Final = 6
PLACES: Final = {"remote": "https://sesiones.{slug}.example/{number}"}
ENDS: Final = (
    (Outcome.CONTINUES, "Se revisó la configuración; falta que su área de sistemas abra el puerto."),
    (Outcome.OTHER_METHOD, "No alcanzó la sesión: hay que ver el servidor con su área de sistemas."),
    (Outcome.CONTINUES, "Se dejó instalada la actualización; queda en observación hasta el cierre."),
)
CALLS: Final = (
    "Se confirmó por teléfono qué pantalla le aparece.",
    "Llamada breve: va a mandar el XML y la captura del mensaje.",
    "Se le explicó el paso; lo intenta con su contadora y avisa.",
)


class Meetings:
    """The people of the history at their appointments; who comes and who does not hangs on the folio alone."""

    def __init__(self, doings: Doings, player: Player) -> None:
        self.do, self.player = doings, player

    def planned(self, ticket: Ticket, starts_at: datetime) -> None:
        """Plan what follows on a booking: the client's word, then the meeting, or that nobody comes."""
        self.player.at(starts_at - timedelta(minutes=50), lambda now: self._confirm(ticket, now))
        if ticket.counter % MISSED == 0 and not Appointment.objects.missed().filter(ticket=ticket).exists():
            self.player.at(starts_at + timedelta(minutes=40), lambda now: self._again(ticket, now))
            return
        late = timedelta(minutes=ticket.counter % 7)
        self.player.at(starts_at + late, lambda now: self._attend(ticket, now))
        self.player.at(
            starts_at + late + timedelta(minutes=17 + ticket.counter % 9), lambda now: self._end(ticket, now)
        )

    def _confirm(self, ticket: Ticket, now: datetime) -> None:
        ticket = self.do.fresh(ticket)
        appointments.confirm(ticket, by=self.do.requester(ticket), now=now)

    def _again(self, ticket: Ticket, now: datetime) -> None:
        """The client chooses the first hour that is offered."""
        ticket = self.do.fresh(ticket)
        method = self.do.method()
        slots = openings.propose(ticket, method=method, minutes=30, now=now)
        if ticket.is_open and slots:
            at = slots[0].starts_at
            by = self.do.requester(ticket)
            actions.schedule(ticket, by=by, now=now, method=method, starts_at=at, minutes=30, accept_price=True)
            self.planned(ticket, at)

    def _attend(self, ticket: Ticket, now: datetime) -> None:
        """Where it costs extra the client accepts at the last moment."""
        ticket = self.do.fresh(ticket)
        row = Appointment.objects.live().filter(ticket=ticket).select_related("consultant").first()
        if row is None:
            return
        consent = prices.pending(ticket, row.method)
        if consent is not None:
            prices.answer(ticket, by=self.do.requester(ticket), now=now, consent_id=consent.pk, accepted=True)
        by = self.do.team[row.consultant_id] if row.consultant_id else self.do.holder(ticket)
        attentions.attend(ticket, by=by, now=now)

    def _end(self, ticket: Ticket, now: datetime) -> None:
        ticket = self.do.fresh(ticket)
        outcome, note = ENDS[ticket.counter % len(ENDS)]
        attentions.finish(ticket, by=self.do.holder(ticket), now=now, outcome=outcome, note=note)

    def called(self, ticket: Ticket, now: datetime) -> None:
        """One case in six is talked over by telephone, where that costs nothing."""
        ticket = self.do.fresh(ticket)
        included = prices.price_of(ticket, "phone", now=now) is None
        if ticket.counter % CALLED or not ticket.is_open or not included or not ticket.assignee_id:
            return
        minutes = 4 + ticket.counter % 8
        actions.record_attention(
            ticket,
            by=self.do.holder(ticket),
            now=now,
            method="phone",
            started_at=now - timedelta(minutes=minutes),
            ended_at=now,
            outcome=Outcome.CONTINUES,
            note=CALLS[ticket.counter % len(CALLS)],
        )


def place_of(method: str, *, slug: str, number: str) -> str:
    """An address of the session, as a consultant would paste it."""
    return PLACES.get(method, "").format(slug=slug.replace("-", ""), number=number.lower())
