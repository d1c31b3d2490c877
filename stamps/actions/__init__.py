"""What can be done to accounts and orders of stamps: one function per verb, each atomic, under the row's lock."""

from stamps.actions.advancing import advance
from stamps.actions.billing import Billing, add_invoice, set_billing
from stamps.actions.choosing import called, choose
from stamps.actions.correcting import correct, refund
from stamps.actions.fulfilling import ask_again, complete, receive_access, request_access
from stamps.actions.joining import add_rfc, merge
from stamps.actions.ledger import credit, report, use
from stamps.actions.money import in_favour, owed, paid
from stamps.actions.moving import adjust, grant, take_back, transfer
from stamps.actions.opening import open_account
from stamps.actions.ordering import Request, place
from stamps.actions.paying import add_receipt, pay, skip_payment, use_balance
from stamps.actions.selling import cancel, quote
from stamps.actions.sweeping import sweep

__all__ = [
    "Billing",
    "Request",
    "add_invoice",
    "add_receipt",
    "add_rfc",
    "adjust",
    "advance",
    "ask_again",
    "called",
    "cancel",
    "choose",
    "complete",
    "correct",
    "credit",
    "grant",
    "in_favour",
    "merge",
    "open_account",
    "owed",
    "paid",
    "pay",
    "place",
    "quote",
    "receive_access",
    "refund",
    "report",
    "request_access",
    "set_billing",
    "skip_payment",
    "sweep",
    "take_back",
    "transfer",
    "use",
    "use_balance",
]
