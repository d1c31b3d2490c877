"""Which fixed views a ticket is counted under. Pure: a ticket in, keys with weights out."""

from __future__ import annotations

from collections import Counter
from typing import Final

from tickets import lifecycle
from tickets.assignment import WEIGHT
from tickets.lifecycle import Status
from tickets.models import Ticket

OPEN: Final = "open"
UNASSIGNED: Final = "unassigned"
WAITING: Final = "waiting"
ESCALATED: Final = "escalated"
CLIENT_REPLIED: Final = "client_replied"
DEFERRED: Final = "deferred"
ON_CALL: Final = "on_call"
TO_CLASSIFY: Final = "to_classify"

_WAITING: Final = frozenset({Status.WAITING_CLIENT, Status.WAITING_THIRD_PARTY})


def mine(user_id: int) -> str:
    return f"assignee:{user_id}"


def load(user_id: int) -> str:
    return f"load:{user_id}"


def buckets(ticket: Ticket) -> Counter[str]:
    """The keys that count this ticket as it stands; empty once it is not open."""
    if ticket.status not in lifecycle.OPEN:
        return Counter()
    keys = Counter({OPEN: 1})
    if ticket.assignee_id is not None:
        keys[mine(ticket.assignee_id)] = 1
        if ticket.parent_id is None:  # forty reports of one outage are the work of one case
            keys[load(ticket.assignee_id)] = WEIGHT[ticket.priority]
    elif ticket.status != Status.DEFERRED:
        keys[UNASSIGNED] = 1
    flags = {
        WAITING: ticket.status in _WAITING,
        DEFERRED: ticket.status == Status.DEFERRED,
        ON_CALL: ticket.lane == lifecycle.Lane.ON_CALL,
        ESCALATED: ticket.escalated_at is not None,
        TO_CLASSIFY: ticket.classify_by is not None,
        CLIENT_REPLIED: ticket.last_word == "client",
    }
    keys.update(key for key, holds in flags.items() if holds)
    return keys


def difference(before: Counter[str], after: Counter[str]) -> dict[str, int]:
    """What must be added under each key to come from `before` to `after`; zeros are left out."""
    return {key: after[key] - before[key] for key in before.keys() | after.keys() if after[key] != before[key]}
