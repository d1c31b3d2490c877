"""Who may use which verb on a ticket that they can see (contract, section 1, the table of verbs)."""

from __future__ import annotations

from datetime import datetime

from core.actor import Actor, ActorKind
from core.errors import Forbidden
from schedules import queries as schedule_queries
from tickets.models import Ticket


def consultant(ticket: Ticket, by: Actor) -> None:
    """Anybody who works tickets at the desk."""
    if not by.works_tickets(ticket.desk_id):
        raise Forbidden()


def supervisor(ticket: Ticket, by: Actor) -> None:
    if not by.supervises(ticket.desk_id):
        raise Forbidden()


def assignee(ticket: Ticket, by: Actor) -> None:
    """Whoever has the ticket, and supervisors and up."""
    consultant(ticket, by)
    if not (by.supervises(ticket.desk_id) or has_it(ticket, by)):
        raise Forbidden()


def client(ticket: Ticket, by: Actor) -> None:
    """The client's side: the requester, or a person who sees all of the company's tickets."""
    if not is_client(ticket, by):
        raise Forbidden()


def has_it(ticket: Ticket, by: Actor) -> bool:
    if by.kind is ActorKind.SYSTEM:
        return True
    return by.user_id is not None and ticket.assignee_id == by.user_id


def answers_for(ticket: Ticket, by: Actor, now: datetime) -> bool:
    """Whoever has the ticket, is on call at its desk, or supervises. 0 queries warm."""
    if not by.works_tickets(ticket.desk_id):
        return False
    if by.supervises(ticket.desk_id) or has_it(ticket, by):
        return True
    turn = schedule_queries.on_call(ticket.desk.rota_id, now) if ticket.desk.rota_id else None
    return turn is not None and turn.user_id == by.user_id


def is_client(ticket: Ticket, by: Actor) -> bool:
    if by.third_party_id is not None:
        return False
    if by.ticket_id is not None:
        return by.ticket_id == ticket.pk
    return ticket.requester_id in by.contact_ids or (ticket.client_id is not None and ticket.client_id in by.client_ids)
