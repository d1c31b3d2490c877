"""Which tickets stand behind an article, and what was taken out of one: `tickets` is above and says so.

    backing.register(tickets=articles.backing, replaced=articles.replaced)

in its `apps.py`: a table to be read, no signal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from core.actor import Actor
from knowledge.models import Article
from knowledge.neutral import Replaced


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket behind an article, as its page lists it."""

    number: str
    href: str
    subject: str


# The newest tickets that the actor may see, a bounded list. At most 1 query.
Tickets = Callable[[Article, Actor], Sequence[Ticket]]
# What neutral words stand for in the article of a ticket, by its number; empty where the actor may not see it.
Taken = Callable[[Article, str, Actor], Sequence[Replaced]]

_registered: Final[dict[str, tuple[Tickets, Taken]]] = {}


def register(name: str, *, tickets: Tickets, replaced: Taken) -> None:
    """Say who knows. Called once a process, in `apps.py`."""
    _registered[name] = (tickets, replaced)


def tickets(article: Article, actor: Actor) -> list[Ticket]:
    """The tickets behind an article."""
    return [ticket for read, _replaced in _registered.values() for ticket in read(article, actor)]


def replaced(article: Article, number: str, actor: Actor) -> list[Replaced]:
    """What was taken out when the article was made from that ticket."""
    return [one for _tickets, read in _registered.values() for one in read(article, number, actor)] if number else []
