"""What people do to an order by page: the action behind each button, its form, who sees it, in which states.

The actions ask the same guards again under the order's lock; the table decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Forbidden
from stamps import actions, forms
from stamps.actions import guards
from stamps.lifecycle import ENDED, OrderStatus
from stamps.models import StampOrder

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

    def allows(self, order: StampOrder, by: Actor) -> bool:
        """Whether the actor may use it, whatever the order's state."""
        try:
            self.guard(order, by)
        except Forbidden:
            return False
        return True

    def offered(self, order: StampOrder, by: Actor) -> bool:
        """Whether to show the actor a button for it now."""
        return order.status in self.states and self.allows(order, by)


_VERBS: Final = (
    Verb(
        "cotizar", actions.quote, guards.sales, frozenset({S.REQUESTED, S.QUOTED}), forms.QuoteForm,
        _("Quote"), _("Send the quote"), "mail", _("quoted; the client has it by mail."),
        _("Without a price the amount was agreed outside: nothing is mailed, and any payment settles it."), main=True,
    ),
    Verb(
        "pagar", actions.pay, guards.sales, frozenset({S.QUOTED}), forms.PayForm,
        _("Confirm a payment"), _("Confirm the payment"), "check", _("payment confirmed."),
        _("What the bank shows. A receipt of the client's is not a payment yet."), main=True,
    ),
    Verb(
        "pedir-acceso", actions.request_access, guards.consultant, frozenset({S.PAID}), forms.NothingForm,
        _("Ask for access"), _("Ask for access"), "key", _("access asked for; the client is told."), main=True,
    ),
    Verb(
        "acceso-recibido", actions.receive_access, guards.consultant, frozenset({S.ACCESS_REQUESTED}),
        forms.NothingForm, _("Access received"), _("Access received"), "key", _("access received."), main=True,
    ),
    Verb(
        "abonar", actions.complete, guards.consultant, frozenset({S.ACCESS_RECEIVED}), forms.CompleteForm,
        _("Credit the stamps"), _("Credit the stamps"), "stamp", _("credited; client and sales are told."),
        _("The stamps are in the client's program already: this books them and closes the order."), main=True,
    ),
    Verb(
        "cancelar", actions.cancel, guards.sales, OPEN, forms.ReasonForm,
        _("Cancel the order"), _("Cancel the order"), "x", _("cancelled; the client is told."), danger=True,
    ),
)  # fmt: skip
VERBS: Final[Mapping[str, Verb]] = {verb.slug: verb for verb in _VERBS}


def offered(order: StampOrder, by: Actor) -> list[Verb]:
    """The buttons that the actor has now, in order. 0 queries."""
    return [verb for verb in _VERBS if verb.offered(order, by)]


def main_of(order: StampOrder, by: Actor) -> Verb | None:
    """What brings the order on: the last of the main ones that its state has."""
    found = [verb for verb in offered(order, by) if verb.main]
    return found[-1] if found else None
