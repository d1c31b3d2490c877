"""What can be done to accounts and orders of stamps: one function per verb, each atomic, under the row's lock."""

from stamps.actions.billing import Billing, add_invoice, set_billing
from stamps.actions.fulfilling import ask_again, complete, receive_access, request_access
from stamps.actions.ledger import credit, report, use
from stamps.actions.money import in_favour, owed, paid
from stamps.actions.opening import open_account
from stamps.actions.ordering import Request, place
from stamps.actions.paying import add_receipt, pay, skip_payment, use_balance
from stamps.actions.selling import cancel, quote

__all__ = [
    "Billing",
    "Request",
    "add_invoice",
    "add_receipt",
    "ask_again",
    "cancel",
    "complete",
    "credit",
    "in_favour",
    "open_account",
    "owed",
    "paid",
    "pay",
    "place",
    "quote",
    "receive_access",
    "report",
    "request_access",
    "set_billing",
    "skip_payment",
    "use",
    "use_balance",
]
