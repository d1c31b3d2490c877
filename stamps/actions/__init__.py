"""What can be done to accounts and orders of stamps: one function per verb, each atomic, under the row's lock."""

from stamps.actions.fulfilling import complete, receive_access, request_access
from stamps.actions.ledger import credit, report, use
from stamps.actions.opening import open_account
from stamps.actions.ordering import Request, place
from stamps.actions.selling import cancel, owed, pay, quote

__all__ = [
    "Request",
    "cancel",
    "complete",
    "credit",
    "open_account",
    "owed",
    "pay",
    "place",
    "quote",
    "receive_access",
    "report",
    "request_access",
    "use",
]
