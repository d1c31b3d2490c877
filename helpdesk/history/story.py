"""Months of cases, told through the real actions by a clock that moves.

Each case is a small script of steps; all of them are played in the order of their instants, and
before each step the timers that are due by then fire, as they would have. What lies after `now`
is not played, so the youngest cases stay where they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final

from clients import actors
from clients.models import Client, Contact
from core.actor import VISITOR, Actor
from helpdesk.history.cases import Case
from helpdesk.history.doings import Doings
from helpdesk.history.people import Cast
from helpdesk.history.player import Player, Step
from schedules import businesstime
from schedules import queries as schedule_queries
from tickets import actions
from tickets.intake import Intake
from tickets.models import Ticket

# What people are busy with when the demo opens: how many minutes ago it came in, and how far it got.
TODAY: Final = (
    (2, "filed"), (9, "filed"), (14, "taken"), (26, "answered"), (41, "climbing"), (55, "answered"), (80, "waiting"),
    (105, "answered"), (150, "solved"), (190, "waiting"), (240, "booked"), (310, "answered"), (400, "third_party"),
    (520, "solved"), (660, "answered"), (780, "booked"), (960, "reopened"), (1300, "third_party"), (1500, "waiting"),
    (2100, "answered"), (2800, "reopened"),
)  # fmt: skip
URGENT_AT_MOST: Final = 320  # minutes: what stops somebody does not lie about for longer
LATER: Final = 0.07  # of the calls at night that are written down the next morning


class Story:
    """The cases of one desk."""

    def __init__(self, cast: Cast, cases: tuple[Case, ...], player: Player, dice: Random) -> None:
        self.cast, self.cases, self.player, self.dice = cast, cases, player, dice
        self.do = Doings(cast, player, dice)
        self.config = self.do.config
        self.products = {p.slug: p for p in cast.desk.vendor.products.all()}

    def tell(self, *, n: int, days: int) -> None:
        """Plan `n` cases over the last `days`, denser towards the end, at hours at which people write."""
        for number in range(n):
            back = days * (1 - (number / n) ** 0.8)
            self.player.at(self._moment(back), self._opening(self.dice.choice(self.cases), self._whole))
        closed_at = self._last_closing()
        for number, (minutes, fate) in enumerate(TODAY):
            before_closing = closed_at is not None and number % 2 and fate not in ("filed", "climbing")
            instant = (closed_at if before_closing and closed_at else self.player.now) - timedelta(minutes=minutes)
            self.player.at(
                self._waking(instant), self._opening(self._case_for(minutes, fate), getattr(self, f"_{fate}"))
            )

    def _last_closing(self) -> datetime | None:
        """When the desk closed; None while it is open."""
        now = self.player.now
        hours = self.do.hours(now)
        if businesstime.is_open(now, hours):
            return None
        spans = businesstime.spans(now - timedelta(days=7), now, hours)
        return spans[-1][1] if spans else None

    def _waking(self, instant: datetime) -> datetime:
        """The instant, or seven hours earlier where people sleep (not within the last two hours)."""
        asleep = 1 <= instant.astimezone(self.config.zone).hour < 7
        if asleep and self.player.now - instant > timedelta(hours=2):
            return instant - timedelta(hours=7)
        return instant

    def _case_for(self, minutes: int, fate: str) -> Case:
        affects = fate == "climbing"
        if affects or minutes > URGENT_AT_MOST:
            return self.dice.choice([case for case in self.cases if case.affects_operation == affects])
        return self.dice.choice(self.cases)

    def _moment(self, days_back: float) -> datetime:
        """An instant about that long ago: mostly in office hours, one in six at night or on a weekend."""
        day = (self.player.now - timedelta(days=days_back)).astimezone(self.config.zone).date()
        if self.dice.random() > 1 / 6:
            spans = businesstime.spans(self._at(day, 0), self._at(day, 24 * 60 - 1), self.do.hours(self.player.now))
            if spans:
                opens, closes = self.dice.choice(spans)
                return (opens + (closes - opens) * self.dice.random()).replace(second=0, microsecond=0)
        return self._at(day, self.dice.choice([450, 870, 925, 1190, 1275, 1330, 130]) + self.dice.randrange(25))

    def _at(self, day: date, minute: int) -> datetime:
        return datetime.combine(day, time(minute // 60, minute % 60), self.config.zone)

    # ------------------------------------------------------------------ filing

    def _opening(self, kind: Case, then: Callable[[Ticket, Case, datetime], None]) -> Step:
        contact, companies = self.dice.choice(self.cast.contacts)
        client = self.dice.choice(companies)
        later = self.dice.random() < LATER

        def step(now: datetime) -> None:
            intake, case = self._report(kind, contact, client, now)
            if later and self.config.has_rota and not businesstime.is_open(now, self.do.hours(now)):
                self._register_afterwards(intake, case, now)
                return
            ticket = actions.open_ticket(self.cast.desk, Intake(**intake), by=self._filer(contact), now=now)
            then(ticket, case, now)
            if not contact.email:
                for minutes in (30, 240, 60 * 26, 60 * 50, 60 * 120):
                    self.player.at(now + timedelta(minutes=minutes), lambda at: self.do.ring_client(ticket, at))

        return step

    def _report(self, kind: Case, contact: Contact, client: Client, now: datetime) -> tuple[dict[str, Any], Case]:
        """What is filed, and the case with its places filled in once and for all."""
        product = self.products.get(kind.product)
        version = self.dice.choice(product.versions) if product and product.versions else ""
        case = kind.filled(
            hora=(now - timedelta(minutes=self.dice.randrange(10, 90))).astimezone(self.config.zone).strftime("%H:%M"),
            n=self.dice.randrange(12, 64),
            folio=self.dice.randrange(8200, 10900),
            version=version or "actual",
        )
        return {
            "request_type": case.request_type,
            "affects_operation": case.affects_operation,
            "impact": case.impact,
            "subject": case.subject,
            "description": case.description,
            "name": contact.name,
            "email": contact.email,
            "phone": str(contact.phone),
            "channel": self._channel() if contact.email else "phone",
            "product": product,
            "product_version": version,
            "support_method": case.method if case.method in self.config.support_methods else "",
            "client": client,
        }, case

    def _channel(self) -> str:
        offered = [c for c in ("web", "phone", "whatsapp", "chat") if c in self.config.channels]
        return "web" if self.dice.random() < 0.6 else self.dice.choice(offered)

    def _filer(self, contact: Contact) -> Actor:
        return actors.actor_for(contact.user) if contact.user else VISITOR

    def _register_afterwards(self, intake: dict[str, Any], case: Case, now: datetime) -> None:
        """A call attended at night: its owner writes it down the next morning, with its real times."""
        turn = schedule_queries.on_call(self.config.rota_id, now) if self.config.rota_id else None
        opens = businesstime.next_open(now, self.do.hours(now))
        if turn is None or opens is None or turn.user_id not in self.do.team:
            return
        solved = now + timedelta(minutes=self.dice.randrange(12, 55))
        call = Intake(
            **{**intake, "channel": "phone"},
            occurred_at=now,
            answered_at=now + timedelta(minutes=2),
            resolved_at=solved,
            solution=case.solution,
        )
        by = self.do.team[turn.user_id]
        self.player.at(
            max(opens, solved) + timedelta(minutes=self.dice.randrange(5, 40)),
            lambda at: actions.open_ticket(self.cast.desk, call, by=by, now=at),
        )

    # ------------------------------------------------------------------ a case of the past, from end to end

    def _whole(self, ticket: Ticket, case: Case, opened: datetime) -> None:
        """Plan what the team and the client do; one in twenty goes its own way, and nothing is left lying for days."""
        mood, do = self.dice.random(), self.do
        asked = self._begin(ticket, case, opened, slow=mood > 0.94, wait=mood < 0.05 or self.dice.random() < 0.35)
        ended = opened
        if mood >= 0.05:  # else the client never answers
            answered = asked + timedelta(minutes=self.dice.randrange(4, 20 if ticket.affects_operation else 150))
            self.player.at(answered, lambda now: do.answer(ticket, case, now))
            ended = self._end(ticket, case, answered, mood)
        if ticket.lane == "deferred" and self.config.has_rota and self.dice.random() < 0.12:
            self.player.at(opened + timedelta(minutes=9), lambda now: do.contest(ticket, now))
            self.player.at(opened + timedelta(minutes=14), lambda now: do.take(ticket, now))
        last = do.awake(ticket, max(ended, asked) + timedelta(days=self.dice.randrange(3, 6)))
        self.player.at(last, lambda now: do.tidy_up(ticket, case, now))

    def _begin(self, ticket: Ticket, case: Case, opened: datetime, *, slow: bool = False, wait: bool) -> datetime:
        """Plan taking and asking, and return when it is asked. `slow`: nobody reacts in time, the ladder is climbed."""
        do = self.do
        begins = max(opened, ticket.starts_at)
        first = do.awake(ticket, begins + timedelta(minutes=self.dice.randrange(*((35, 70) if slow else (2, 12)))))
        self.player.at(first, lambda now: do.take(ticket, now))
        asked = first + timedelta(minutes=self.dice.randrange(1, 4 if ticket.affects_operation else 14))
        self.player.at(asked, lambda now: do.ask(ticket, case, now, wait=wait))
        return asked

    def _end(self, ticket: Ticket, case: Case, answered: datetime, mood: float) -> datetime:
        """Plan how it ends after the client's answer, and return when it is solved."""
        do = self.do
        urgent = ticket.affects_operation
        pace = (8, 26) if urgent else (25, 300)
        solved = do.awake(ticket, answered + timedelta(minutes=self.dice.randrange(*pace)))
        self.player.at(answered + timedelta(minutes=6), lambda now: do.meeting.called(ticket, now))
        if self.dice.random() < 0.1:
            self.player.at(solved - timedelta(minutes=10), lambda now: do.escalate(ticket, now))
            solved += timedelta(minutes=25)
        if mood < 0.13 and not urgent:  # it takes another day; the client hears of it meanwhile
            meanwhile = businesstime.add(solved, timedelta(hours=4), do.hours(solved))
            self.player.at(meanwhile, lambda now: do.tell(ticket, 5, now))
        if mood < 0.09 and not urgent:
            self.player.at(solved, lambda now: do.wait_third_party(ticket, now))
            solved = do.awake(ticket, solved + timedelta(days=1))
            self.player.at(solved - timedelta(minutes=1), lambda now: do.resume(ticket, now))
        elif mood < 0.13 and not urgent:
            self.player.at(solved, lambda now: do.book(ticket, now, after=now))
            solved = do.awake(ticket, solved + timedelta(days=1))
        elif 0.13 <= mood < 0.15:
            self.player.at(answered + timedelta(minutes=9), lambda now: do.cancel(ticket, now))
        self.player.at(solved, lambda now: do.solve(ticket, case, now))
        if self.dice.random() < 0.07:
            self.player.at(solved + timedelta(hours=3), lambda now: do.reopen(ticket, now))
            again = do.awake(ticket, solved + timedelta(minutes=220 if urgent else 300))
            self.player.at(again, lambda now: do.solve(ticket, case, now))
        if self.dice.random() < 0.55:
            agreed = solved + timedelta(hours=self.dice.randrange(8, 20))
            self.player.at(agreed, lambda now: do.confirm(ticket, now))
        return solved

    # ------------------------------------------------------------------ cases of today, each as far as it got

    def _filed(self, ticket: Ticket, case: Case, opened: datetime) -> None:
        """Nobody has taken it yet."""

    _climbing = _filed  # and for so long that the ladder is being climbed

    def _taken(self, ticket: Ticket, case: Case, opened: datetime) -> None:
        first = self.do.awake(ticket, max(opened, ticket.starts_at) + timedelta(minutes=4))
        self.player.at(first, lambda now: self.do.take(ticket, now))

    def _waiting(self, ticket: Ticket, case: Case, opened: datetime) -> None:
        self._begin(ticket, case, opened, wait=True)

    def _answered(self, ticket: Ticket, case: Case, opened: datetime) -> datetime:
        """In hand: the client hears of it before each next update is due."""
        answered = self._begin(ticket, case, opened, wait=False) + timedelta(minutes=self.dice.randrange(4, 25))
        self.player.at(answered, lambda now: self.do.answer(ticket, case, now))
        every = timedelta(minutes=50 if ticket.affects_operation else 300)
        for n in range(1, 7):
            instant = self.do.awake(ticket, answered + every * n)
            self.player.at(instant, lambda now, n=n: self.do.tell(ticket, n - 1, now))  # type: ignore[misc]
        return self.do.awake(ticket, answered)

    def _third_party(self, ticket: Ticket, case: Case, opened: datetime) -> None:
        in_hand = self._answered(ticket, case, opened)
        self.player.at(in_hand + timedelta(minutes=20), lambda now: self.do.wait_third_party(ticket, now))

    def _booked(self, ticket: Ticket, case: Case, opened: datetime) -> None:
        in_hand = self._answered(ticket, case, opened)
        self.player.at(in_hand + timedelta(minutes=6), lambda now: self.do.book(ticket, now, after=self.player.now))

    def _solved(self, ticket: Ticket, case: Case, opened: datetime) -> datetime:
        solved = self._answered(ticket, case, opened) + timedelta(minutes=self.dice.randrange(20, 60))
        self.player.at(solved, lambda now: self.do.solve(ticket, case, now))
        return solved

    def _reopened(self, ticket: Ticket, case: Case, opened: datetime) -> None:
        again = self._solved(ticket, case, opened) + timedelta(minutes=self.dice.randrange(60, 200))
        self.player.at(again, lambda now: self.do.reopen(ticket, now))
