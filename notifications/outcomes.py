"""Who is told how a notice ended: a table of functions by template, filled in `apps.py` of higher apps.

    outcomes.register("tickets/ladder", on_dead=ladder.notice_is_lost)

The longest registered name that equals the template, or is a prefix of it, answers. A function is
called once for each ended notice, in a transaction of its own that also notes that it was called;
what it changes in the database is therefore done exactly once. It may lock what it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from notifications.models import Notification, Outcome

Handler = Callable[[Notification], object]


@dataclass(frozen=True, slots=True)
class Handlers:
    """What a template wants to hear of."""

    delivered: Handler | None = None
    bounced: Handler | None = None
    dead: Handler | None = None


_table: dict[str, Handlers] = {}


def register(
    template: str,
    *,
    on_delivered: Handler | None = None,
    on_bounced: Handler | None = None,
    on_dead: Handler | None = None,
) -> None:
    """Name the functions for a template or a prefix of templates; once a name."""
    handlers = Handlers(on_delivered, on_bounced, on_dead)
    if _table.get(template, handlers) != handlers:
        raise ValueError(f"outcomes of {template!r} are registered already")
    _table[template] = handlers


def handler_for(template: str, outcome: str) -> Handler | None:
    """Return the function that hears of this outcome, or None."""
    names = [name for name in _table if template.startswith(name)]
    if not names:
        return None
    handlers = _table[max(names, key=len)]
    return {
        Outcome.DELIVERED: handlers.delivered,
        Outcome.BOUNCED: handlers.bounced,
        Outcome.DEAD: handlers.dead,
    }[Outcome(outcome)]
