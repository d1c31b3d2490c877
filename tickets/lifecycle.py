"""The states of a ticket and the one table of the steps between them.

Every change of state goes through `check`; the verbs that make the steps are in
`tickets.actions`. The table is total: each state has its row, and a test holds that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import TransitionNotAllowed


class Status(models.TextChoices):
    NEW = "new", _("new")
    ASSIGNED = "assigned", _("assigned")
    IN_PROGRESS = "in_progress", _("in progress")
    WAITING_CLIENT = "waiting_client", _("waiting for the client")
    WAITING_THIRD_PARTY = "waiting_third_party", _("waiting for a third party")
    SCHEDULED = "scheduled", _("scheduled")
    DEFERRED = "deferred", _("deferred to the opening")
    RESOLVED = "resolved", _("resolved")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")
    MERGED = "merged", _("merged")


class Lane(models.TextChoices):
    OFFICE = "office", _("office")
    ON_CALL = "on_call", _("on call")
    DEFERRED = "deferred", _("next opening")


class Priority(models.TextChoices):
    CRITICAL = "critical", _("critical")
    HIGH = "high", _("high")
    NORMAL = "normal", _("normal")
    LOW = "low", _("low")


PRIORITY_RANK: Final[Mapping[str, int]] = {p.value: rank for rank, p in enumerate(Priority)}


class RequestType(models.TextChoices):
    """What the manual lists under "Cuando solicitar soporte" and "Fuera de Oficina" 2."""

    SYSTEM_DOWN = "system_down", _("system down")
    OPERATIONAL_QUESTION = "operational_question", _("operational question")
    USAGE_GUIDANCE = "usage_guidance", _("usage guidance")
    REMOTE_CONFIGURATION = "remote_configuration", _("remote configuration")
    CUSTOMIZATION = "customization", _("customization")
    INSTALLATION = "installation", _("installation or activation")
    TRAINING = "training", _("training")
    NEW_PROJECT = "new_project", _("new project")
    UNSURE = "unsure", _("not sure")


class Channel(models.TextChoices):
    WEB = "web", _("web form")
    PHONE = "phone", _("phone")
    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("e-mail")
    CHAT = "chat", _("chat")
    API = "api", _("API")


class SupportMethod(models.TextChoices):
    PHONE = "phone", _("phone")
    REMOTE = "remote", _("remote")
    ON_SITE = "on_site", _("on site")
    CHAT = "chat", _("chat")


class Impact(models.TextChoices):
    STOPPED = "stopped", _("stopped")
    PARTIAL = "partial", _("in part")
    NONE = "none", _("not affected")


class DeadlineKind(models.TextChoices):
    """What the client must have done by the deadline."""

    PAYROLL = "payroll", _("payroll")
    MONTH_END = "month_end", _("month end")
    TAX_RETURN = "tax_return", _("tax return")
    DELIVERY = "delivery", _("delivery")


S = Status
OPEN: Final = frozenset(
    {S.NEW, S.ASSIGNED, S.IN_PROGRESS, S.WAITING_CLIENT, S.WAITING_THIRD_PARTY, S.SCHEDULED, S.DEFERRED}
)
# Solved, but the client has not spoken yet: still on people's minds, on no clock.
SETTLED: Final = frozenset({S.RESOLVED, S.CLOSED})
ENDED: Final = frozenset({S.CLOSED, S.CANCELLED, S.MERGED})

_FROM_ANY_OPEN: Final = frozenset({S.ASSIGNED, S.RESOLVED, S.CANCELLED, S.MERGED, S.SCHEDULED})

TRANSITIONS: Final[Mapping[Status, frozenset[Status]]] = {
    S.NEW: _FROM_ANY_OPEN | {S.IN_PROGRESS, S.DEFERRED},
    S.ASSIGNED: _FROM_ANY_OPEN | {S.IN_PROGRESS, S.DEFERRED, S.NEW},
    # Taken by mistake it goes back to the line, or to the person whose it was.
    S.IN_PROGRESS: _FROM_ANY_OPEN | {S.WAITING_CLIENT, S.WAITING_THIRD_PARTY, S.DEFERRED, S.NEW},
    S.WAITING_CLIENT: _FROM_ANY_OPEN | {S.IN_PROGRESS},
    S.WAITING_THIRD_PARTY: _FROM_ANY_OPEN | {S.IN_PROGRESS},
    # Nobody came to the appointment: the client owes another hour.
    S.SCHEDULED: _FROM_ANY_OPEN | {S.IN_PROGRESS, S.WAITING_CLIENT},
    S.DEFERRED: _FROM_ANY_OPEN | {S.NEW, S.IN_PROGRESS},
    S.RESOLVED: frozenset({S.CLOSED, S.IN_PROGRESS}),
    S.CLOSED: frozenset(),
    S.CANCELLED: frozenset(),
    # Unmerging gives back the state that the ticket had.
    S.MERGED: OPEN,
}


def allowed(old: str, new: str) -> bool:
    return Status(new) in TRANSITIONS[Status(old)]


def check(old: str, new: str) -> None:
    """Raise TransitionNotAllowed unless the table has this step."""
    if not allowed(old, new):
        raise TransitionNotAllowed(state=str(old))


def check_in(state: str, states: frozenset[Status]) -> None:
    """Raise TransitionNotAllowed unless `state` is one that the verb starts from."""
    if state not in states:
        raise TransitionNotAllowed(state=str(state))
