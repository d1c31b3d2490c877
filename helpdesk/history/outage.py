"""One outage of the past: the tax office did not answer for two hours, and four clients reported it.

Told through the real actions like everything else of the history: declared from the first report, answered together,
solved together, confirmed by each client alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

from clients.models import Client, Contact
from core.actor import VISITOR
from helpdesk.history.doings import Doings
from helpdesk.history.people import Cast
from helpdesk.history.player import Player
from schedules import businesstime
from tickets import actions
from tickets.intake import Intake
from tickets.models import Outage, Ticket

DAYS_BACK: Final = 9
BEGAN: Final = time(10, 20)
TITLE: Final = "El SAT no responde al timbrado"
TEXT: Final = (
    "Desde las 10:20 el SAT no contesta y las facturas quedan en espera; no se pierden. "
    "Lo revisamos con el PAC y le informamos otra vez a las 11:30."
)
CONTINGENCY: Final = (
    "Puede emitir en contingencia y timbrar dentro de las 72 horas siguientes; conserve sus XML sin timbre."
)
NEWS: Final = "El SAT ya responde a ratos: una de cada tres facturas se timbra. Seguimos y le informamos a las 12:30."
SOLUTION: Final = (
    "El SAT restableció el servicio a las 12:05. Las facturas en espera se timbraron solas; revise su lista."
)
# minutes after the first report: what each client wrote
REPORTS: Final = (
    (21, "No puedo timbrar, se queda en espera", "Desde las 10:25 cada factura se queda en «en espera» y no timbra."),
    (34, "El timbrado no contesta", "Al timbrar aparece «El servicio del SAT no responde» con todas las facturas."),
    (47, "Facturas detenidas desde las 10:30", "Tengo doce facturas detenidas; el sistema dice que espera al SAT."),
    (58, "No timbra ninguna sucursal", "En las dos sucursales el timbrado se queda pensando y marca tiempo agotado."),
)


def plan(cast: Cast, player: Player, dice: Random) -> None:
    """Plan the steps on an office day about nine days ago; nothing for a desk without a supervisor or enough clients."""
    do = Doings(cast, player, dice)
    supervisors = do.config.with_role("supervisor")
    people = [(contact, companies[0]) for contact, companies in cast.contacts if contact.email][: len(REPORTS) + 1]
    if not supervisors or len(people) <= len(REPORTS):
        return
    began = _morning(do, player.now)
    boss, state = do.team[supervisors[0].user_id], _State()

    def first(now: datetime) -> None:
        contact, client = people[0]
        description = "Ninguna factura timbra desde las 10:20; aparece «El servicio del SAT no responde»."
        report = Intake(**_report(contact, client, "No timbra ninguna factura", description))
        state.parent = actions.open_ticket(cast.desk, report, by=VISITOR, now=now)

    def declared(now: datetime) -> None:
        state.outage = actions.declare_outage(
            cast.desk, by=boss, now=now, ticket=state.parent, title=TITLE, text=TEXT, contingency=CONTINGENCY
        )

    def said(now: datetime) -> None:
        actions.add_message(state.parent, by=boss, now=now, body=NEWS)

    def ended(now: datetime) -> None:
        actions.end_outage(state.outage, by=boss, now=now, text=SOLUTION, resolve=True)
        cast.desk.refresh_from_db()

    steps: list[tuple[int, Callable[[datetime], object]]] = [(0, first), (4, declared), (70, said), (112, ended)]
    for (minutes, subject, text), (contact, client) in zip(REPORTS, people[1:], strict=True):
        steps += _reporting(cast, do, state, contact, client, minutes, subject, text)
    for minutes, step in steps:
        player.at(began + timedelta(minutes=minutes), step)


class _State:
    """What later steps need of earlier ones."""

    parent: Ticket
    outage: Outage


def _reporting(
    cast: Cast, do: Doings, state: _State, contact: Contact, client: Client, minutes: int, subject: str, text: str
) -> list[tuple[int, Callable[[datetime], object]]]:
    """A client says *sí, es esto*, and confirms at their own time."""
    filed: list[Ticket] = []

    def report(now: datetime) -> None:
        intake = Intake(**_report(contact, client, subject, text), outage=state.outage.pk)
        filed.append(actions.open_ticket(cast.desk, intake, by=VISITOR, now=now))

    return [(minutes, report), (118 + minutes, lambda now: do.confirm(filed[0], now))]


def _report(contact: Contact, client: Client, subject: str, text: str) -> dict[str, Any]:
    return {
        "request_type": "system_down",
        "affects_operation": True,
        "impact": "stopped",
        "subject": subject,
        "description": text,
        "name": contact.name,
        "email": contact.email,
        "phone": str(contact.phone),
        "client": client,
    }


def _morning(do: Doings, now: datetime) -> datetime:
    """The last morning at least nine days ago on which the office was open."""
    day = (now - timedelta(days=DAYS_BACK)).astimezone(do.config.zone).date()
    while True:
        began = datetime.combine(day, BEGAN, do.config.zone)
        if businesstime.is_open(began, do.hours(began)) and day.weekday() < 5:
            return began
        day -= timedelta(days=1)
