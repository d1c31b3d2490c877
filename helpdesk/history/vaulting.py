"""Two cases with secrets: access data that were asked for, seen and destroyed, and a password caught this morning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from clients import vault
from clients.models import Contact
from core.actor import VISITOR, Actor
from helpdesk.history.doings import Doings
from helpdesk.history.people import Cast
from helpdesk.history.player import Player
from tickets import actions
from tickets.actions import vaultcase
from tickets.intake import Intake
from tickets.models import Ticket

# Invented: nothing that opens anything.
ACCESS: Final = {"user": "facturas.demo", "password": "Maguey-Demo-58", "notes": "El portal pide un NIP: 1904"}
OPENLY: Final = ("La contraseña de la llave privada es Nopal.Demo.31, con esa la subimos el año pasado.",)


@dataclass
class Tale:
    """One case, told step by step; minutes count from its opening."""

    cast: Cast
    player: Player
    do: Doings
    ticket: Ticket | None = None
    link: str = field(default="", repr=False)

    def fresh(self) -> Ticket:
        assert self.ticket is not None  # noqa: S101 - the first step opens it
        return self.do.fresh(self.ticket)

    def holder(self) -> Actor:
        return self.do.holder(self.fresh())

    def open(self, now: datetime, *, contact: Contact, subject: str, description: str) -> None:
        intake = Intake(
            request_type="remote_configuration",
            affects_operation=False,
            subject=subject,
            description=description,
            name=contact.name,
            email=contact.email,
            phone=str(contact.phone or ""),
            client=self.cast.clients[0],
        )
        self.ticket = actions.open_ticket(self.cast.desk, intake, by=VISITOR, now=now)

    def take(self, now: datetime) -> None:
        actions.take(self.fresh(), by=self.holder(), now=now)

    def ask(self, now: datetime) -> None:
        ticket = self.fresh()
        topic = vaultcase.topic(ticket)
        asked = vault.request(topic, contact=ticket.requester, by=self.holder(), now=now, what="acceso a su portal")
        self.link = asked.url.rstrip("/").rpartition("/")[2]

    def give(self, now: datetime) -> None:
        vault.give(self.link, items=[vault.values_item(vault.Kind.ACCESS, ACCESS)], now=now)

    def look(self, now: datetime) -> None:
        topic = vaultcase.topic(self.fresh())
        vault.reveal(vault.kept(topic)[0].pk, topic=topic, by=self.holder(), now=now)

    def solve(self, now: datetime) -> None:
        text = "Quedó configurado el portal. Le recomendamos cambiar la contraseña que nos dio."
        actions.resolve(self.fresh(), by=self.holder(), now=now, solution=text)

    def write_openly(self, now: datetime) -> None:
        ticket = self.fresh()
        actions.add_message(ticket, by=self.do.requester(ticket), now=now, body=OPENLY[0])


def tell(cast: Cast, do: Doings, player: Player) -> None:
    """Plan both cases of a desk."""
    contact = next(person for person, companies in cast.contacts if person.email and cast.clients[0] in companies)
    asked, caught = Tale(cast, player, do), Tale(cast, player, do)

    def opening(tale: Tale, subject: str, description: str) -> Callable[[datetime], None]:
        return lambda now: tale.open(now, contact=contact, subject=subject, description=description)

    steps = [
        (0, opening(asked, "Conectar el portal del cliente", "Al enviar la factura al portal de nuestro cliente "
         "aparece «usuario no autorizado» desde el lunes; la subimos a mano.")),
        (7, asked.take), (12, asked.ask), (41, asked.give), (55, asked.look), (150, asked.solve),
    ]  # fmt: skip
    _plan(player, timedelta(hours=30), steps)
    steps = [
        (0, opening(caught, "Cargar el sello nuevo", "Al cargar el certificado nuevo el programa marca «la llave no "
         "corresponde» y no deja seguir; el anterior vence el viernes.")),
        (4, caught.take), (19, caught.write_openly),
    ]  # fmt: skip
    _plan(player, timedelta(minutes=100), steps)


def _plan(player: Player, ago: timedelta, steps: list[tuple[int, Callable[[datetime], None]]]) -> None:
    for minutes, step in steps:
        player.at(player.now - ago + timedelta(minutes=minutes), step)
