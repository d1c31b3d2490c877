"""What people do to an order by page: the action behind each button, its form, who sees it, in which states.

The actions ask the same guards again under the order's lock; the table decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Forbidden
from files import actions as file_actions
from stamps import actions, forms
from stamps.actions import guards, money
from stamps.lifecycle import ENDED, OrderStatus
from stamps.models import StampOrder, StampReceipt

S = OrderStatus
OPEN: Final = frozenset(OrderStatus) - ENDED


@dataclass(frozen=True, slots=True)
class Verb:
    """One button. `main`: it brings the order to its next stage; `slug` is its address."""

    slug: str
    act: Callable[..., Any]
    guard: Callable[[StampOrder, Actor], None]
    states: frozenset[OrderStatus]
    form: type[forms.VerbForm]
    title: str | Promise
    submit: str | Promise
    icon: str
    done: str | Promise
    intro: str | Promise = ""
    main: bool = False
    danger: bool = False
    # What else has to hold, beyond the state: may read the database.
    needs: Callable[[StampOrder], bool] | None = None

    def allows(self, order: StampOrder, by: Actor) -> bool:
        """Whether the actor may use it, whatever the order's state."""
        try:
            self.guard(order, by)
        except Forbidden:
            return False
        return True

    def offered(self, order: StampOrder, by: Actor) -> bool:
        """Whether to show the actor a button for it now."""
        holds = order.status in self.states and self.allows(order, by)
        return holds and (self.needs is None or self.needs(order))

    def leads(self, order: StampOrder, by: Actor) -> bool:
        """Whether it is the step out of the order's stage: a payment of an order on credit is none."""
        is_step = self.slug != "pagar" or order.status == OrderStatus.QUOTED
        return is_step and order.status in self.states and self.allows(order, by)


def receipt(order: StampOrder, *, by: Actor, now: datetime, receipt: UploadedFile[bytes]) -> StampReceipt:
    """Keep a file that came with a form as a receipt of the order."""
    guards.anybody_concerned(order, by)
    file = file_actions.store(receipt, now=now, field="receipt")
    return actions.add_receipt(order, file=file, by=by, now=now)


_VERBS: Final = (
    Verb(
        "cotizar", actions.quote, guards.sales, frozenset({S.REQUESTED, S.QUOTED}), forms.QuoteForm,
        _("Quote"), _("Send the quote"), "mail", _("quoted; the client has it by mail."),
        _("An empty price takes that of the desk's list. The client gets the letter with the bank's data."), main=True,
    ),
    Verb(
        "saldo", actions.use_balance, guards.sales, frozenset({S.QUOTED}), forms.NothingForm,
        _("Use the balance in favour"), _("Use the balance in favour"), "swap", _("the balance in favour was used."),
        needs=lambda order: bool(actions.in_favour(order)),
    ),
    Verb(
        "sin-pago", actions.skip_payment, guards.sales, frozenset({S.QUOTED}), forms.SkipForm,
        _("Go on without a payment"), _("Go on without a payment"), "right", _("it goes on without a payment."),
        _("On credit the total stays owed. Otherwise only a manager may, and says why."),
    ),
    Verb(
        "pagar", actions.pay, guards.sales, frozenset(OrderStatus) - {S.REQUESTED, S.CANCELLED}, forms.PayForm,
        _("Confirm a payment"), _("Confirm the payment"), "check", _("payment confirmed."),
        _("What the bank shows. A receipt of the client's is not a payment yet. What is over stays in their favour."),
        main=True, needs=money.takes_payments,
    ),
    Verb(
        "comprobante", receipt, guards.anybody_concerned, OPEN, forms.ReceiptForm,
        _("Keep a receipt"), _("Keep the receipt"), "clip", _("receipt kept; it is not a payment yet."),
        _("A receipt is a paper: the order is paid when sales confirms it in the bank."),
    ),
    Verb(
        "datos-fiscales", actions.set_billing, guards.sales, frozenset(OrderStatus) - {S.CANCELLED}, forms.BillingForm,
        _("Billing data"), _("Keep the billing data"), "doc", _("billing data kept."),
        _("They are kept for this RFC and serve for its next orders."),
    ),
    Verb(
        "factura", actions.add_invoice, guards.sales, frozenset(OrderStatus) - {S.REQUESTED, S.CANCELLED},
        forms.InvoiceForm, _("Attach the invoice"), _("Attach the invoice"), "doc",
        _("invoice attached; the client can download it."),
        _("The CFDI of this sale, issued in your billing system. Its RFC and its fiscal folio are checked."),
    ),
    Verb(
        "pedir-acceso", actions.request_access, guards.consultant, frozenset({S.PAID}), forms.NothingForm,
        _("Ask for access"), _("Ask for access"), "key", _("access asked for; the client is told."), main=True,
    ),
    Verb(
        "reenviar-enlace", actions.ask_again, guards.consultant, frozenset({S.ACCESS_REQUESTED, S.ACCESS_RECEIVED}),
        forms.NothingForm, _("Send another link"), _("Send another link"), "refresh",
        _("another link is on its way; the one before serves no more."),
    ),
    Verb(
        "acceso-recibido", actions.receive_access, guards.consultant, frozenset({S.ACCESS_REQUESTED}),
        forms.NothingForm, _("Access received"), _("Access received"), "key", _("access received."),
        _("Where the client gave it on the telephone. What they write on the page of the link is recorded by itself."),
        main=True,
    ),
    Verb(
        "abonar", actions.complete, guards.consultant, frozenset({S.ACCESS_RECEIVED}), forms.CompleteForm,
        _("Credit the stamps"), _("Credit the stamps"), "stamp", _("credited; client and sales are told."),
        _("The stamps are in the client's program already: this books them and closes the order."), main=True,
    ),
    Verb(
        "corregir", actions.correct, guards.sales, OPEN, forms.CorrectForm,
        _("Correct the order"), _("Save the corrections"), "edit", _("corrected; the client is told."),
        _("Quantity and who is invoiced until it is paid. A new quantity takes the quote back."),
    ),
    Verb(
        "devolver", actions.refund, guards.sales, ENDED, forms.RefundForm,
        _("Refund"), _("Record the refund"), "swap", _("refund recorded; the client is told."),
        _("Stamps are taken back by an adjustment of the account; the amount is what you give back to the client."),
        danger=True,
    ),
    Verb(
        "cancelar", actions.cancel, guards.sales, OPEN, forms.ReasonForm,
        _("Cancel the order"), _("Cancel the order"), "x", _("cancelled; the client is told."), danger=True,
    ),
)  # fmt: skip
VERBS: Final[Mapping[str, Verb]] = {verb.slug: verb for verb in _VERBS}


def offered(order: StampOrder, by: Actor) -> list[Verb]:
    """The buttons that the actor has now, in order. 2 queries at most, for what the money allows."""
    return [verb for verb in _VERBS if verb.offered(order, by)]


def main_of(order: StampOrder, by: Actor) -> Verb | None:
    """What brings the order on: the last of the main ones that its state leads out of. 0 queries."""
    found = [verb for verb in _VERBS if verb.main and verb.leads(order, by)]
    return found[-1] if found else None
