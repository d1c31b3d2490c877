"""Months of cases, told through the real actions by a clock that moves.

Each case is a small script of steps; all of them are played in the order of their instants, and
before each step the timers that are due by then fire, as they would have. What lies after `now`
is not played, so the youngest cases stay where they stand.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any, Final

from accounts.models import User
from clients import actors
from clients.models import Client, Contact
from core.actor import VISITOR, Actor
from core.errors import DomainError
from desks import queries as desk_queries
from desks.models import Desk
from helpdesk.history.cases import Case
from helpdesk.history.people import Cast
from schedules import actions as schedule_actions
from schedules import businesstime
from schedules import queries as schedule_queries
from schedules.models import Timer
from tickets import actions, lifecycle, links
from tickets.intake import Intake
from tickets.models import Ticket

Step = Callable[[datetime], None]

# How long ago, in minutes, the cases came in that people are busy with when the demo opens.
TODAY: Final = (2, 9, 14, 26, 41, 55, 80, 105, 150, 190, 240, 310, 400, 520, 660, 780, 960, 1300, 1500, 2100, 2800)


@dataclass
class Player:
    """The heap of steps to come, and the one who plays them."""

    now: datetime
    steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    order: Any = field(default_factory=count)

    def at(self, instant: datetime, step: Step) -> None:
        if instant <= self.now:
            heapq.heappush(self.steps, (instant, next(self.order), step))

    def play(self) -> None:
        """Play everything up to `now`; what is due on the way fires at its own instant."""
        while self.steps:
            instant, _order, step = heapq.heappop(self.steps)
            self._fire_until(instant)
            try:
                step(instant)
            except DomainError:
                continue  # a timer was faster than the script: the superior took it, or it was closed
        self._fire_until(self.now)

    def _fire_until(self, instant: datetime) -> None:
        while True:
            first = (
                Timer.objects.pending().order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
            )
            if first is None or first > instant:
                return
            schedule_actions.fire_due(now=first)


class Story:
    """The cases of one desk."""

    def __init__(self, cast: Cast, cases: tuple[Case, ...], player: Player, dice: Random) -> None:
        self.cast, self.cases, self.player, self.dice = cast, cases, player, dice
        self.config = desk_queries.config(cast.desk)
        self.team = {m.user_id: actors.actor_for(User.objects.get(pk=m.user_id)) for m in self.config.members}
        self.products = {p.slug: p for p in cast.desk.vendor.products.all()}

    @property
    def desk(self) -> Desk:
        return self.cast.desk

    def tell(self, *, n: int, days: int) -> None:
        """Plan `n` cases over the last `days`, denser towards the end, at hours at which people write."""
        for number in range(n):
            back = days * (1 - (number / n) ** 0.8)
            self.player.at(self._moment(back), self._opening(self.dice.choice(self.cases)))
        for minutes_back in TODAY:
            instant = self.player.now - timedelta(minutes=minutes_back)
            self.player.at(instant, self._opening(self.dice.choice(self.cases), unfinished=True))

    def _moment(self, days_back: float) -> datetime:
        """An instant about that long ago: mostly in office hours, one in six at night or on a weekend."""
        day = (self.player.now - timedelta(days=days_back)).astimezone(self.config.zone).date()
        hours = desk_queries.hours(self.desk, self.player.now)
        if self.dice.random() > 1 / 6:
            spans = businesstime.spans(self._at(day, 0), self._at(day, 24 * 60 - 1), hours)
            if spans:
                opens, closes = self.dice.choice(spans)
                return opens + (closes - opens) * self.dice.random()
        return self._at(day, self.dice.choice([450, 870, 925, 1190, 1275, 1330, 130]) + self.dice.randrange(25))

    def _at(self, day: date, minute: int) -> datetime:
        return datetime.combine(day, time(minute // 60, minute % 60), self.config.zone)

    # ------------------------------------------------------------------ one case

    def _opening(self, case: Case, *, unfinished: bool = False) -> Step:
        contact, companies = self.dice.choice(self.cast.contacts)
        client = self.dice.choice(companies)
        by_night = self.dice.random()
        later = self.dice.random()

        def step(now: datetime) -> None:
            if later < 0.07 and self.config.has_rota and not businesstime.is_open(now, self._hours(now)):
                self._register_afterwards(case, contact, client, now)
                return
            ticket = actions.open_ticket(
                self.desk,
                self._intake(case, contact, client, channel=self._channel(), now=now),
                by=self._filer(contact),
                now=now,
            )
            self._go_on(ticket, case, now, by_night, unfinished=unfinished)

        return step

    def _hours(self, now: datetime) -> businesstime.Hours:
        return desk_queries.hours(self.desk, now)

    def _channel(self) -> str:
        offered = [c for c in ("web", "phone", "whatsapp", "chat") if c in self.config.channels]
        return "web" if self.dice.random() < 0.6 else self.dice.choice(offered)

    def _filer(self, contact: Contact) -> Actor:
        return actors.actor_for(contact.user) if contact.user else VISITOR

    def _intake(
        self, case: Case, contact: Contact, client: Client, *, channel: str, now: datetime, **more: Any
    ) -> Intake:
        product = self.products.get(case.product)
        version = self.dice.choice(product.versions) if product and product.versions else ""
        places = {
            "hora": (now - timedelta(minutes=self.dice.randrange(10, 90)))
            .astimezone(self.config.zone)
            .strftime("%H:%M"),
            "n": self.dice.randrange(12, 64),
            "folio": self.dice.randrange(8200, 10900),
            "version": version or "actual",
        }
        return Intake(
            request_type=case.request_type,
            affects_operation=case.affects_operation,
            impact=case.impact,
            subject=case.subject.format(**places),
            description=case.description.format(**places),
            name=contact.name,
            email=contact.email,
            phone=str(contact.phone),
            channel=channel,
            product=product,
            product_version=version,
            support_method=case.method if case.method in self.config.support_methods else "",
            client=client,
            **more,
        )

    def _go_on(self, ticket: Ticket, case: Case, opened: datetime, mood: float, *, unfinished: bool) -> None:
        """Plan what the team and the client do next; a few cases are left to climb, wait or rest."""
        begins = max(opened, ticket.starts_at)
        slow = mood > 0.94  # nobody reacts in time: the ladder shows what it is for
        first = begins + timedelta(minutes=self.dice.randrange(35, 70) if slow else self.dice.randrange(2, 12))
        self.player.at(first, lambda now: self._take(ticket, now))
        asked = first + timedelta(minutes=self.dice.randrange(3, 14))
        self.player.at(asked, lambda now: self._ask(ticket, case, now))
        answered = asked + timedelta(minutes=self.dice.randrange(4, 40 if ticket.affects_operation else 150))
        if self.dice.random() < 0.12:
            self.player.at(asked + timedelta(minutes=25), lambda now: self._escalate(ticket, now))
        if unfinished and mood < 0.35:
            return  # the client has not answered: it waits for them
        self.player.at(answered, lambda now: self._answer(ticket, case, now))
        pace = (12, 100) if ticket.affects_operation else (25, 420)
        solved = answered + timedelta(minutes=self.dice.randrange(*pace))
        if mood < 0.09:
            self.player.at(answered + timedelta(minutes=20), lambda now: self._third_party(ticket, now))
            solved += timedelta(days=2)
        elif mood < 0.13:
            self.player.at(answered + timedelta(minutes=10), lambda now: self._book(ticket, now))
            solved += timedelta(days=1)
        elif mood < 0.15:
            self.player.at(answered + timedelta(minutes=30), lambda now: self._cancel(ticket, now))
        if unfinished:
            self._keep_telling(ticket, answered)
            return
        self.player.at(solved, lambda now: self._solve(ticket, case, now))
        if self.dice.random() < 0.07:
            self.player.at(solved + timedelta(hours=3), lambda now: self._reopen(ticket, now))
            self.player.at(solved + timedelta(hours=7), lambda now: self._solve(ticket, case, now))
        if self.dice.random() < 0.55:
            self.player.at(solved + timedelta(hours=self.dice.randrange(8, 20)), lambda now: self._confirm(ticket, now))

    def _keep_telling(self, ticket: Ticket, since: datetime) -> None:
        """A case still in hand: the client hears of it before each next update is due."""
        every = timedelta(minutes=50 if ticket.affects_operation else 300)
        says = (
            "Sigo con su caso: estoy reproduciéndolo con su archivo.",
            "Desarrollo ya lo tiene; le aviso en cuanto responda.",
        )
        if self.config.trato == "tu":
            says = (
                "Sigo con tu caso: estoy reproduciéndolo con tu archivo.",
                "Desarrollo ya lo tiene; te aviso en cuanto responda.",
            )
        for number in range(1, 12):
            self.player.at(since + every * number, lambda now, n=number: self._tell(ticket, says[n % 2], now))

    def _tell(self, ticket: Ticket, text: str, now: datetime) -> None:
        if self._fresh(ticket).status == lifecycle.Status.IN_PROGRESS:
            actions.add_message(ticket, by=self._holder(ticket), now=now, body=text)

    def _fresh(self, ticket: Ticket) -> Ticket:
        return Ticket.objects.with_people().get(pk=ticket.pk)

    def _holder(self, ticket: Ticket) -> Actor:
        fresh = self._fresh(ticket)
        consultants = [m.user_id for m in self.config.with_role("consultant")]
        return self.team[fresh.assignee_id or self.dice.choice(consultants)]

    def _take(self, ticket: Ticket, now: datetime) -> None:
        actions.take(ticket, by=self._holder(ticket), now=now)

    def _ask(self, ticket: Ticket, case: Case, now: datetime) -> None:
        by = self._holder(ticket)
        question = case.question.format(n="los", version="actual")
        if ticket.affects_operation:
            actions.add_message(ticket, by=by, now=now, body=question)
        else:
            actions.add_message(
                ticket, by=by, now=now, body=f"Buenos días, {ticket.requester_name.split()[0]}. {question}"
            )
        if self.dice.random() < 0.35 and self._fresh(ticket).status == lifecycle.Status.IN_PROGRESS:
            actions.wait(ticket, by=by, now=now + timedelta(seconds=30), reason=question)
        if self.dice.random() < 0.2:
            note = "Es el tercero con lo mismo esta semana; ver la receta del catálogo."
            actions.add_message(ticket, by=by, now=now + timedelta(minutes=1), body=note, internal=True)

    def _requester(self, ticket: Ticket) -> Actor:
        return links.actor_of(self._fresh(ticket), ticket.requester_id)

    def _answer(self, ticket: Ticket, case: Case, now: datetime) -> None:
        actions.add_message(ticket, by=self._requester(ticket), now=now, body=case.answer.format(n="los"))

    def _escalate(self, ticket: Ticket, now: datetime) -> None:
        reason = "No logro auxiliar al cliente: necesito a alguien con acceso al servidor."
        actions.escalate(ticket, by=self._holder(ticket), now=now, reason=reason)
        superior = self.config.superior_of(self._fresh(ticket).assignee_id)
        if superior is not None:
            self.player.at(
                now + timedelta(minutes=self.dice.randrange(2, 8)),
                lambda at: actions.acknowledge(ticket, by=self.team[superior.user_id], now=at) and None,
            )

    def _third_party(self, ticket: Ticket, now: datetime) -> None:
        by = self._holder(ticket)
        actions.wait_third_party(ticket, by=by, now=now, reason="Lo corrigen de su lado", who="PAC Timbre Claro")
        self.player.at(now + timedelta(days=1), lambda at: actions.resume(ticket, by=by, now=at) and None)

    def _book(self, ticket: Ticket, now: datetime) -> None:
        hours = self._hours(now)
        starts_at = businesstime.add(now, timedelta(hours=self.dice.randrange(3, 9)), hours)
        starts_at = starts_at.replace(minute=0, second=0, microsecond=0)
        method = "remote" if "remote" in self.config.support_methods else self.config.support_methods[0]
        if starts_at > now:
            actions.schedule(ticket, by=self._holder(ticket), now=now, method=method, starts_at=starts_at, minutes=30)

    def _cancel(self, ticket: Ticket, now: datetime) -> None:
        actions.cancel(
            ticket, by=self._requester(ticket), now=now, reason="Ya quedó, era un detalle de nuestro internet."
        )

    def _solve(self, ticket: Ticket, case: Case, now: datetime) -> None:
        if self._fresh(ticket).status in lifecycle.OPEN:
            actions.resolve(ticket, by=self._holder(ticket), now=now, solution=case.solution.format(n="todas"))

    def _reopen(self, ticket: Ticket, now: datetime) -> None:
        actions.reopen(ticket, by=self._requester(ticket), now=now, reason="Volvió a pasar con otra factura.")

    def _confirm(self, ticket: Ticket, now: datetime) -> None:
        actions.confirm(ticket, by=self._requester(ticket), now=now)

    def _register_afterwards(self, case: Case, contact: Contact, client: Client, now: datetime) -> None:
        """A call attended at night: its owner writes it down the next morning, with its real times."""
        turn = schedule_queries.on_call(self.config.rota_id, now) if self.config.rota_id else None
        opens = businesstime.next_open(now, self._hours(now))
        if turn is None or opens is None or turn.user_id not in self.team:
            return
        solved = now + timedelta(minutes=self.dice.randrange(12, 55))
        intake = self._intake(
            case, contact, client, channel="phone", now=now,
            occurred_at=now, answered_at=now + timedelta(minutes=2), resolved_at=solved,
            solution=case.solution.format(n="todas"),
        )  # fmt: skip
        by = self.team[turn.user_id]
        self.player.at(
            max(opens, solved) + timedelta(minutes=self.dice.randrange(5, 40)),
            lambda at: actions.open_ticket(self.desk, intake, by=by, now=at) and None,
        )
