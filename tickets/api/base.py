"""What the views of tickets share: the actor, the visible ticket, the moment, the refusals in the document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request

from accounts.idempotency import Idempotent
from clients import actors
from core.actor import Actor
from tickets import queries
from tickets.api.serializers import ProblemOut
from tickets.models import Ticket

NUMBER: Final = OpenApiParameter("number", str, OpenApiParameter.PATH, description="`IMX-4821`")
KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key and body give the first answer again, with `Idempotent-Replayed: true`.",
)


def problem(description: str) -> OpenApiResponse:
    """A refusal, as the document shows it."""
    return OpenApiResponse(ProblemOut, description=description)


INVALID: Final = problem("A field is at fault; `errors` says which and why.")
UNKNOWN: Final = problem("Unknown, or not yours to see.")
FORBIDDEN: Final = problem("You see it, but the verb is not yours.")
CONFLICT: Final = problem("The state does not allow it; `state` says where the ticket stands.")


class TicketsView(Idempotent):
    """A view that knows who asks and reads the clock once."""

    actor: Actor
    now: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the actor and the instant after authentication, permissions and limits."""
        super().initial(request, *args, **kwargs)
        self.actor = actors.of(request)
        self.now = timezone.now()

    def ticket(self, number: str) -> Ticket:
        """The ticket of that number. Raises Http404 when there is none that the actor may see. 1 query."""
        found = queries.one(self.actor, number)
        if found is None:
            raise Http404
        return found
