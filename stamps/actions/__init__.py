"""What can be done to accounts of stamps: one function per verb, each atomic, each under the account's lock."""

from stamps.actions.ledger import credit, report, use
from stamps.actions.opening import open_account

__all__ = ["credit", "open_account", "report", "use"]
