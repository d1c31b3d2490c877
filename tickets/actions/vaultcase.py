"""A ticket as the vault sees it: who may look, when it is over, how its timeline and its people are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from clients import vault, vaultcases
from core.actor import Actor
from desks import queries as desk_queries
from desks.models import Desk
from tickets import lifecycle
from tickets.actions import guards, record, telling
from tickets.models import Ticket

KIND = "ticket"


class TicketCase:
    """See `clients.vaultcases.Case`. What writes is for a ticket that is locked and will be saved."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket

    @property
    def topic(self) -> str:
        return topic(self.ticket)

    @property
    def number(self) -> str:
        return self.ticket.number

    @property
    def desk(self) -> Desk:
        return self.ticket.desk

    def may_look(self, by: Actor) -> bool:
        """Whoever has the ticket, and supervisors and up."""
        return by.supervises(self.ticket.desk_id) or (
            by.works_tickets(self.ticket.desk_id) and guards.has_it(self.ticket, by)
        )

    def is_over(self) -> bool:
        return self.ticket.status in lifecycle.ENDED

    def record(self, code: str, *, by: Actor, now: datetime, **data: object) -> int:
        self.ticket.vault_since = self.ticket.vault_since or now
        return record.record(self.ticket, code, by=by, now=now, public=True, **data).pk

    def tell_client(self, code: str, *, key: str, now: datetime, url: str = "", **params: Any) -> None:
        """By mail, or by a task; a link is for the mail, or for who asked to pass on."""
        if url and not self.ticket.requester_email:
            return
        if "what" in params:
            params["what"] = params["what"] or desk_queries.config(self.desk).say("vault.what")
        template = telling.VAULT_TEMPLATE if url else telling.CLIENT_TEMPLATE
        telling.client(self.ticket, code, key=key, now=now, url=url, template=template, **params)

    def tell_team(self, code: str, *, key: str, now: datetime, **params: Any) -> None:
        if self.ticket.assignee_id is not None:
            telling.team(self.ticket, [self.ticket.assignee_id], code, key=key, now=now, **params)


def topic(ticket: Ticket) -> str:
    return f"{KIND}/{ticket.pk}"


def read(pk: int) -> TicketCase | None:
    """The case of a ticket, to look at. 1 query."""
    ticket = Ticket.objects.select_related("desk__vendor", "requester").filter(pk=pk).first()
    return TicketCase(ticket) if ticket else None


@contextmanager
def opened(pk: int, now: datetime) -> Iterator[vaultcases.Case]:
    """Hold the ticket as every action does."""
    with record.changing(Ticket(pk=pk), now=now) as fresh:
        yield TicketCase(fresh)


def lock(pk: int) -> None:
    record.lock_owner({"ticket": pk})


def end(ticket: Ticket, *, by: Actor, now: datetime) -> None:
    """The ticket is over: nothing of its secrets is left. Nothing to do, 0 queries, where there was none."""
    if ticket.vault_since is not None:
        vault.end_case(TicketCase(ticket), by=by, now=now)
