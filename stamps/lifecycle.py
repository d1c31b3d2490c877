"""The states of an order of stamps and the one table of the steps between them; a test holds that it is total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import TransitionNotAllowed


class OrderStatus(models.TextChoices):
    """From the request to the stamps in the account (InvoiceMX manual, "Solicitud de timbres fiscales")."""

    REQUESTED = "requested", _("requested")
    QUOTED = "quoted", _("quoted")
    PAID = "paid", _("paid")
    ACCESS_REQUESTED = "access_requested", _("access data asked for")
    ACCESS_RECEIVED = "access_received", _("access data received")
    CREDITED = "credited", _("credited")
    CANCELLED = "cancelled", _("cancelled")


S = OrderStatus
ENDED: Final = frozenset({S.CREDITED, S.CANCELLED})
# Paid, and the stamps are still owed: what a consultant has to do.
OWED: Final = frozenset({S.PAID, S.ACCESS_REQUESTED, S.ACCESS_RECEIVED})
UNPAID: Final = frozenset({S.REQUESTED, S.QUOTED})

TRANSITIONS: Final[Mapping[OrderStatus, frozenset[OrderStatus]]] = {
    S.REQUESTED: frozenset({S.QUOTED, S.CANCELLED}),
    S.QUOTED: frozenset({S.QUOTED, S.PAID, S.CANCELLED}),
    S.PAID: frozenset({S.ACCESS_REQUESTED, S.CANCELLED}),
    S.ACCESS_REQUESTED: frozenset({S.ACCESS_RECEIVED, S.CANCELLED}),
    S.ACCESS_RECEIVED: frozenset({S.CREDITED, S.CANCELLED}),
    S.CREDITED: frozenset(),
    S.CANCELLED: frozenset(),
}


def check(old: str, new: str) -> None:
    """Raise TransitionNotAllowed unless the table has this step."""
    if S(new) not in TRANSITIONS[S(old)]:
        raise TransitionNotAllowed(state=str(old), message=_("The order's state does not allow this."))
