"""The verbs of the contract: the action behind each, who may use it, and the states it starts from.

Pages ask this table which buttons to draw, the API which requests to refuse before reading their
body. The actions ask the same guards again under the ticket's lock; the table decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.actor import Actor
from core.errors import Forbidden
from tickets import actions, lifecycle
from tickets.actions import assigning, attentions, guards, progress
from tickets.lifecycle import Status
from tickets.models import Ticket

Guard = Callable[[Ticket, Actor], None]
_RESOLVED: Final = frozenset({Status.RESOLVED})


def _either(first: Guard, second: Guard) -> Guard:
    """Whoever one of the two lets through."""

    def guard(ticket: Ticket, by: Actor) -> None:
        try:
            first(ticket, by)
        except Forbidden:
            second(ticket, by)

    return guard


@dataclass(frozen=True, slots=True)
class Verb:
    """What can be done to a ticket, under the name that addresses and API use."""

    slug: str
    act: Callable[..., Any]
    guard: Guard
    states: frozenset[Status]

    def allows(self, ticket: Ticket, by: Actor) -> bool:
        """Whether the actor may use the verb, whatever the ticket's state."""
        try:
            self.guard(ticket, by)
        except Forbidden:
            return False
        return True

    def offered(self, ticket: Ticket, by: Actor) -> bool:
        """Whether it makes sense to show the actor a button for it now."""
        return ticket.status in self.states and self.allows(ticket, by)


_VERBS: Final = (
    Verb("take", actions.take, guards.consultant, assigning.TAKEABLE),
    Verb("assign", actions.assign, guards.consultant, lifecycle.OPEN),
    Verb("acknowledge", actions.acknowledge, guards.consultant, lifecycle.OPEN),
    Verb("wait", actions.wait, guards.assignee, progress.WORKING),
    Verb("wait-third-party", actions.wait_third_party, guards.assignee, progress.WORKING),
    Verb("resume", actions.resume, guards.assignee, progress.RESUMABLE),
    Verb("begin", actions.begin, guards.assignee, attentions.BOOKED),
    Verb("defer", actions.defer, guards.consultant, progress.DEFERRABLE),
    Verb("contest", actions.contest, guards.client, frozenset({Status.DEFERRED})),
    Verb("ask-executive", actions.ask_executive, guards.client, lifecycle.OPEN),
    Verb("schedule", actions.schedule, _either(guards.client, guards.assignee), lifecycle.OPEN),
    Verb("reclassify", actions.reclassify, guards.consultant, lifecycle.OPEN),
    Verb("escalate", actions.escalate, _either(guards.client, guards.assignee), lifecycle.OPEN),
    Verb("silence", actions.silence_ladder, guards.supervisor, lifecycle.OPEN),
    Verb("unsilence", actions.unsilence_ladder, guards.supervisor, lifecycle.OPEN),
    Verb("join", actions.join_outage, guards.consultant, lifecycle.OPEN),
    Verb("leave", actions.leave_outage, _either(guards.client, guards.consultant), lifecycle.OPEN),
    Verb("resolve", actions.resolve, guards.assignee, lifecycle.OPEN),
    Verb("confirm", actions.confirm, guards.client, _RESOLVED),
    Verb("reopen", actions.reopen, guards.client, _RESOLVED),
    Verb("close", actions.close, guards.supervisor, _RESOLVED),
    Verb("cancel", actions.cancel, _either(guards.client, guards.supervisor), lifecycle.OPEN),
    Verb("merge", actions.merge, guards.consultant, lifecycle.OPEN),
    Verb("unmerge", actions.unmerge, guards.consultant, frozenset({Status.MERGED})),
)
VERBS: Final[Mapping[str, Verb]] = {verb.slug: verb for verb in _VERBS}
