"""Who may do what to an order that they see. Each raises Forbidden."""

from __future__ import annotations

from collections.abc import Callable

from core.actor import Actor, ActorKind
from core.errors import Forbidden
from stamps.models import StampOrder


def sales(order: StampOrder, by: Actor) -> None:
    """Sales and managers of the desk."""
    if not order.is_sold_by(by):
        raise Forbidden


def is_client(order: StampOrder, by: Actor) -> bool:
    """Whether the actor ordered it, or reads everything of the company that did."""
    return order.client_id in by.client_ids or order.contact_id in by.contact_ids


def sales_or_client(order: StampOrder, by: Actor) -> None:
    """Sales, managers, and the client themselves."""
    if not is_client(order, by):
        sales(order, by)


def consultant(order: StampOrder, by: Actor) -> None:
    """The consultant assigned, sales, managers."""
    if not is_assigned(order, by):
        sales(order, by)


def is_assigned(order: StampOrder, by: Actor) -> bool:
    """Whether the actor is the consultant who adds the stamps."""
    mine = by.kind is ActorKind.USER and order.assignee_id is not None and order.assignee_id == by.user_id
    return mine and by.has_role(order.desk_id)


def allows(guard: Callable[[StampOrder, Actor], None], order: StampOrder, by: Actor) -> bool:
    """Whether a guard lets the actor through."""
    try:
        guard(order, by)
    except Forbidden:
        return False
    return True


def anybody_concerned(order: StampOrder, by: Actor) -> None:
    """The consultant assigned, sales, managers, and the client themselves."""
    if not is_client(order, by):
        consultant(order, by)
