"""`tickets/{number}/{verb}/`: one address per verb of the contract, all made the same way."""

from __future__ import annotations

from typing import Any, Final

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Conflict
from tickets import queries
from tickets.api.base import CONFLICT, FORBIDDEN, INVALID, KEY, NUMBER, UNKNOWN, TicketsView
from tickets.api.representation import ticket_json
from tickets.api.serializers import (
    AssignIn,
    JoinIn,
    MergeIn,
    NothingIn,
    ReasonIn,
    ReclassifyIn,
    ResolveIn,
    ResumeIn,
    ScheduleIn,
    SilenceIn,
    TicketOut,
    WaitThirdPartyIn,
)
from tickets.verbs import VERBS, Verb

Body = type[serializers.Serializer[dict[str, Any]]]

BODIES: Final[dict[str, Body]] = {
    "take": NothingIn,
    "assign": AssignIn,
    "acknowledge": NothingIn,
    "wait": ReasonIn,
    "wait-third-party": WaitThirdPartyIn,
    "resume": ResumeIn,
    "begin": NothingIn,
    "defer": ReasonIn,
    "contest": ReasonIn,
    "ask-executive": ReasonIn,
    "schedule": ScheduleIn,
    "reclassify": ReclassifyIn,
    "escalate": ReasonIn,
    "silence": SilenceIn,
    "unsilence": NothingIn,
    "join": JoinIn,
    "leave": NothingIn,
    "resolve": ResolveIn,
    "confirm": NothingIn,
    "reopen": ReasonIn,
    "close": ReasonIn,
    "cancel": ReasonIn,
    "merge": MergeIn,
    "unmerge": NothingIn,
}


class VerbView(TicketsView):
    """Use a verb on a ticket that the caller can see."""

    verb: Verb
    body: Body

    def use(self, request: Request, number: str) -> Response:
        """Refuse who may not before reading the body; then act and answer the ticket."""
        ticket = self.ticket(number)
        self.verb.guard(ticket, self.actor)
        body = self.body(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            self.verb.act(ticket, by=self.actor, now=self.now, **body.validated_data)
        except Conflict as refused:  # whatever the rule, the caller reads where the ticket stands
            refused.extra.setdefault("state", queries.visible(self.actor).get(pk=ticket.pk).status)
            raise
        fresh = queries.visible(self.actor).get(pk=ticket.pk)
        return Response(ticket_json(fresh, self.actor))


def _view(slug: str) -> type[VerbView]:
    """A view of its own for each verb, so that the OpenAPI document shows its body."""
    verb, body = VERBS[slug], BODIES[slug]
    lines = (verb.act.__doc__ or "").strip().split("\n\n")
    described = extend_schema(
        operation_id=f"tickets_{slug.replace('-', '_')}",
        summary=f"Verb {slug}",
        description=" ".join(" ".join(lines).split()),
        request=None if body is NothingIn else body,
        parameters=[NUMBER, KEY],
        responses={200: TicketOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT},
    )

    def post(self: VerbView, request: Request, number: str) -> Response:
        return self.use(request, number)

    name = "".join(part.title() for part in slug.split("-"))
    members = {"verb": verb, "body": body, "post": described(post)}
    return type(f"{name}View", (VerbView,), members)


urlpatterns: list[URLPattern] = [
    path(f"tickets/<str:number>/{slug}/", _view(slug).as_view(), name=f"api-ticket-{slug}") for slug in VERBS
]
