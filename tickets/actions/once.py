"""A form that is sent twice does once what it says.

Each drawing of a form carries a key of its own; what it made is named by that key and by what was said in it. The same
press repeated finds what it made, and what somebody types anew on a page that they went back to is something new.
"""

from __future__ import annotations

from uuid import UUID, uuid5

from core.actor import Actor
from tickets.models import Ticket


def name(key: UUID | None, ticket: Ticket, by: Actor, *said: object) -> UUID | None:
    """The name of what the form makes on the ticket; None for a door whose calls are told apart otherwise."""
    return None if key is None else uuid5(key, "\n".join(map(str, (ticket.pk, by.user_id, *said))))
