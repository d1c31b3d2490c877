"""Reads of tickets that pages and API share, each with a known number of SQL statements."""

from tickets.queries.case import (
    appointment,
    attachment,
    clocks,
    companies_of,
    conversation,
    is_followed_up,
    ladder,
    one,
    one_with_requester,
    related,
    tell_tasks,
    tell_tasks_of,
    third_parties,
    timeline,
    visible,
)

__all__ = [
    "appointment",
    "attachment",
    "clocks",
    "companies_of",
    "conversation",
    "is_followed_up",
    "ladder",
    "one",
    "one_with_requester",
    "related",
    "tell_tasks",
    "tell_tasks_of",
    "third_parties",
    "timeline",
    "visible",
]
