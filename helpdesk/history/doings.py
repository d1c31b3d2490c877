"""What the people of the history do to a ticket, each by the real action and in their own name."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

from accounts.models import User
from clients import actors
from core import localtime, names
from core.actor import Actor
from desks import queries as desk_queries
from helpdesk.history.cases import Case
from helpdesk.history.meetings import Meetings, place_of
from helpdesk.history.people import Cast
from helpdesk.history.player import Player
from schedules import businesstime
from tickets import actions, links, thirdlinks
from tickets.actions import thirdparties
from tickets.lifecycle import Channel, Status, SupportMethod
from tickets.models import TellTask, ThirdParty, Ticket

# usted, tú
NEWS: Final = (
    ("Sigo con su caso: estoy reproduciéndolo con su archivo.", "Sigo con tu caso: lo reproduzco con tu archivo."),
    ("Desarrollo ya lo tiene; le aviso en cuanto responda.", "Desarrollo ya lo tiene; te aviso en cuanto responda."),
    ("Ya encontramos dónde falla; preparamos la corrección.", "Ya vimos dónde falla; preparamos la corrección."),
    ("La corrección está en pruebas con dos facturas suyas.", "La corrección está en pruebas con dos facturas tuyas."),
    ("Falta que la revise mi supervisora y se la instalamos.", "Falta una revisión y te la instalamos."),
    ("Le confirmo que seguimos: nos pidieron una prueba más.", "Te confirmo que seguimos: falta una prueba más."),
)
UNANSWERED: Final = (
    "No tuvimos respuesta en varios días y damos el reporte por atendido. Si sigue ocurriendo, díganos y lo reabrimos.",
    "No tuvimos respuesta tuya en varios días y damos el reporte por atendido. Si sigue pasando, dinos y lo reabrimos.",
)
NOTES: Final = (
    "Es el tercero con lo mismo esta semana; ver la receta del catálogo.",
    "Ojo: en marzo tuvo lo mismo y fue el antivirus.",
    "Hablé con su contador, es quien decide los cambios.",
    "Tiene el equipo con poca memoria; conviene sugerirle la versión en la nube.",
)

PAC: Final = "PAC Timbre Claro"
PAC_EMAIL: Final = "soporte@timbreclaro.example"


class Doings:
    """The hands of a desk's team and of its clients."""

    def __init__(self, cast: Cast, player: Player, dice: Random) -> None:
        self.cast, self.player, self.dice = cast, player, dice
        self.config = desk_queries.config(cast.desk)
        people = User.objects.in_bulk([member.user_id for member in self.config.members])
        self.team = {pk: actors.actor_for(user) for pk, user in people.items()}
        self.meeting = Meetings(self, player)
        self.manner = 1 if self.config.trato == "tu" else 0

    # ------------------------------------------------------------------ who and when

    def fresh(self, ticket: Ticket) -> Ticket:
        return Ticket.objects.with_people().get(pk=ticket.pk)

    def holder(self, ticket: Ticket) -> Actor:
        """Whoever has the ticket at this moment; of a ticket in the line, any consultant."""
        consultants = [member.user_id for member in self.config.with_role("consultant")]
        return self.team[ticket.assignee_id or self.dice.choice(consultants)]

    def requester(self, ticket: Ticket) -> Actor:
        return links.actor_of(ticket, ticket.requester_id)

    def hours(self, at: datetime) -> businesstime.Hours:
        return desk_queries.hours(self.cast.desk, at)

    def awake(self, ticket: Ticket, at: datetime) -> datetime:
        """`at`, or a little after the next opening: only what stops somebody is worked on at night."""
        if (ticket.affects_operation and self.config.has_rota) or businesstime.is_open(at, self.hours(at)):
            return at
        opens = businesstime.next_open(at, self.hours(at))
        return (opens or at) + timedelta(minutes=self.dice.randrange(3, 70))

    # ------------------------------------------------------------------ the team

    def take(self, ticket: Ticket, now: datetime) -> None:
        actions.take(ticket, by=self.holder(self.fresh(ticket)), now=now)

    def ask(self, ticket: Ticket, case: Case, now: datetime, *, wait: bool) -> None:
        """Ask what the case asks; with `wait` the clocks rest until the client answers."""
        ticket = self.fresh(ticket)
        by = self.holder(ticket)
        greeting = "" if ticket.affects_operation else f"{self._greeting(now)}, {names.first(ticket.requester_name)}. "
        actions.add_message(ticket, by=by, now=now, body=greeting + case.question)
        if wait and self.fresh(ticket).status == Status.IN_PROGRESS:
            actions.wait(ticket, by=by, now=now + timedelta(seconds=30), reason=case.question[:500])
        if self.dice.random() < 0.2:
            note = self.dice.choice(NOTES)
            actions.add_message(ticket, by=by, now=now + timedelta(minutes=1), body=note, internal=True)

    def _greeting(self, now: datetime) -> str:
        hour = now.astimezone(self.config.zone).hour
        return "Buenos días" if 5 <= hour < 12 else "Buenas tardes" if hour < 19 else "Buenas noches"

    def _hhmm(self, now: datetime) -> str:
        return localtime.hhmm(now, self.config.zone)

    def tell(self, ticket: Ticket, n: int, now: datetime) -> None:
        """Let the client know that somebody is at it."""
        ticket = self.fresh(ticket)
        if ticket.status in {Status.IN_PROGRESS, Status.WAITING_THIRD_PARTY, Status.SCHEDULED}:
            actions.add_message(ticket, by=self.holder(ticket), now=now, body=NEWS[n % len(NEWS)][self.manner])

    def escalate(self, ticket: Ticket, now: datetime) -> None:
        """*No puedo resolverlo*; the superior answers within minutes."""
        ticket = self.fresh(ticket)
        reason = "No logro auxiliar al cliente: necesito a alguien con acceso al servidor."
        actions.escalate(ticket, by=self.holder(ticket), now=now, reason=reason)
        superior = self.config.superior_of(ticket.assignee_id)
        if superior is not None:
            soon = now + timedelta(minutes=self.dice.randrange(2, 8))
            self.player.at(soon, lambda at: actions.acknowledge(ticket, by=self.team[superior.user_id], now=at))

    def wait_third_party(self, ticket: Ticket, now: datetime) -> None:
        who = self.dice.choice((PAC, "SAT", "Proveedor del ERP"))
        ticket = self.fresh(ticket)
        if who == PAC and ticket.requester_email:
            self.ask_outside(ticket, now)
        else:
            actions.wait_third_party(ticket, by=self.holder(ticket), now=now, reason="Lo corrigen de su lado.", who=who)

    def ask_outside(self, ticket: Ticket, now: datetime) -> None:
        """Sumar a su proveedor: the client agrees within minutes, and the ticket waits."""
        by, question = self.holder(ticket), "¿Tienen rechazos con el complemento de pago 2.0 desde esta mañana?"
        third = thirdparties.invite(ticket, by=by, now=now, name=PAC, email=PAC_EMAIL, question=question)
        thirdparties.grant(third, by=self.requester(ticket), now=now + timedelta(minutes=3))

    def resume(self, ticket: Ticket, now: datetime) -> None:
        """Go on: somebody outside answered in their thread and the client reads it, or by other means."""
        ticket = self.fresh(ticket)
        third = ThirdParty.objects.filter(ticket=ticket, consent=ThirdParty.Consent.GRANTED).first()
        if third is None:
            actions.resume(ticket, by=self.holder(ticket), now=now)
            return
        body = "Sí: cambiamos la versión del catálogo. Con la de hoy ya pasa."
        message = thirdparties.write(third, by=thirdlinks.actor_of(third), now=now, body=body)
        soon = now + timedelta(minutes=4)
        thirdparties.share(ticket, by=self.holder(ticket), now=soon, message=message.pk)

    def book(self, ticket: Ticket, now: datetime, *, after: datetime) -> None:
        """Book half an hour, some hours of office after `after`, at a full hour."""
        method = self.method()
        for hours in range(self.dice.randrange(1, 6), 16):
            starts_at = businesstime.add(after, timedelta(hours=hours), self.hours(after))
            starts_at = starts_at.replace(minute=0, second=0, microsecond=0)
            if starts_at > after and businesstime.is_open(starts_at, self.hours(starts_at)):
                break
        else:
            return
        ticket = self.fresh(ticket)
        place = place_of(method, slug=self.config.slug, number=ticket.number)
        by = self.holder(ticket)
        actions.schedule(ticket, by=by, now=now, method=method, starts_at=starts_at, minutes=30, place=place)
        self.meeting.planned(ticket, starts_at)

    def method(self) -> str:
        methods = self.config.support_methods
        return str(SupportMethod.REMOTE) if SupportMethod.REMOTE in methods else methods[0]

    def solve(self, ticket: Ticket, case: Case, now: datetime) -> None:
        ticket = self.fresh(ticket)
        if ticket.is_open:
            actions.resolve(ticket, by=self.holder(ticket), now=now, solution=case.solution)

    def tidy_up(self, ticket: Ticket, case: Case, now: datetime) -> None:
        """Days later nothing is left lying: what is solved is said so, what nobody answered is let go."""
        ticket = self.fresh(ticket)
        if ticket.is_open:
            unanswered = ticket.status == Status.WAITING_CLIENT
            text = UNANSWERED[self.manner] if unanswered else case.solution
            actions.resolve(ticket, by=self.holder(ticket), now=now, solution=text)

    def ring_client(self, ticket: Ticket, now: datetime) -> None:
        """Tick what a client without e-mail was told by telephone."""
        for task in TellTask.objects.filter(ticket=ticket, done_at=None, created_at__lt=now).order_by("id"):
            fresh = self.fresh(ticket)
            actions.tick(fresh, by=self.holder(fresh), now=now, task_id=task.pk)

    # ------------------------------------------------------------------ the client

    def answer(self, ticket: Ticket, case: Case, now: datetime) -> None:
        ticket = self.fresh(ticket)
        body = case.answer
        if ticket.channel == Channel.EMAIL:  # their program sends along what it answers
            asked = "\n".join(f"> {line}" for line in case.question.splitlines())
            body += f"\n\nEl {now:%d/%m/%Y} a las {self._hhmm(now)}, {self.config.name} escribió:\n> Buen día:\n{asked}"
        actions.add_message(ticket, by=self.requester(ticket), now=now, body=body)

    def contest(self, ticket: Ticket, now: datetime) -> None:
        reason = "No puedo esperar a que abran: sin esto no sale el embarque de esta noche."
        ticket = self.fresh(ticket)
        actions.contest(ticket, by=self.requester(ticket), now=now, reason=reason)

    def cancel(self, ticket: Ticket, now: datetime) -> None:
        ticket = self.fresh(ticket)
        actions.cancel(
            ticket, by=self.requester(ticket), now=now, reason="Ya quedó, era un detalle de nuestro internet."
        )

    def reopen(self, ticket: Ticket, now: datetime) -> None:
        ticket = self.fresh(ticket)
        actions.reopen(ticket, by=self.requester(ticket), now=now, reason="Volvió a pasar con otra factura.")

    def confirm(self, ticket: Ticket, now: datetime) -> None:
        ticket = self.fresh(ticket)
        actions.confirm(ticket, by=self.requester(ticket), now=now)
