"""Third parties of a ticket: whom to ask, the client's consent, their thread."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from files import actions as file_actions
from tickets import queries
from tickets.actions import guards, thirdparties
from tickets.api.base import CONFLICT, FORBIDDEN, INVALID, KEY, NUMBER, UNKNOWN, TicketsView
from tickets.api.representation import message_json, third_party_json
from tickets.api.serializers import MessageIn, MessageOut, ShareIn, ThirdPartyIn, ThirdPartyOut
from tickets.models import Message, ThirdParty, Ticket
from tickets.queries import case

ID: Final = OpenApiParameter("pk", int, OpenApiParameter.PATH)
REFUSALS: Final = {400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT}


class ThirdParties(TicketsView):
    """`tickets/{number}/third-parties/`."""

    @extend_schema(
        summary="List third parties", parameters=[NUMBER], responses={200: ThirdPartyOut(many=True), 404: UNKNOWN}
    )
    def get(self, request: Request, number: str) -> Response:
        """Answer whom outside the desk proposed to ask; addresses for staff only."""
        ticket = self.ticket(number)
        return Response([third_party_json(third, ticket, self.actor) for third in queries.third_parties(ticket)])

    @extend_schema(
        summary="Propose a third party",
        request=ThirdPartyIn,
        parameters=[NUMBER, KEY],
        responses={201: ThirdPartyOut, **REFUSALS},
    )
    def post(self, request: Request, number: str) -> Response:
        """Ask the client whether somebody outside may be asked; nothing goes out before they agree."""
        ticket = self.ticket(number)
        guards.consultant(ticket, self.actor)
        body = ThirdPartyIn(data=request.data)
        body.is_valid(raise_exception=True)
        third = thirdparties.invite(ticket, by=self.actor, now=self.now, **body.validated_data)
        return Response(third_party_json(third, ticket, self.actor), status=201)


class _OfOne(TicketsView):
    """A verb on one third party of a visible ticket."""

    def third(self, number: str, pk: int) -> tuple[ThirdParty, Ticket]:
        ticket = self.ticket(number)
        third = ThirdParty.objects.select_related("ticket").filter(ticket=ticket, pk=pk).first()
        if third is None:
            raise Http404
        return third, ticket

    def shown(self, message: Message, ticket: Ticket) -> dict[str, Any]:
        """The message as the caller reads it."""
        written = case.messages(ticket, self.actor).get(pk=message.pk)
        return message_json(case.line(written), ticket)


class Grant(_OfOne):
    """`third-parties/{id}/grant/`."""

    @extend_schema(
        summary="Agree", request=None, parameters=[NUMBER, ID, KEY], responses={200: ThirdPartyOut, **REFUSALS}
    )
    def post(self, request: Request, number: str, pk: int) -> Response:
        """The client agrees: the third party gets the question, and the ticket waits for them."""
        third, ticket = self.third(number, pk)
        return Response(third_party_json(thirdparties.grant(third, by=self.actor, now=self.now), ticket, self.actor))


class Refuse(_OfOne):
    """`third-parties/{id}/refuse/`."""

    @extend_schema(
        summary="Refuse", request=None, parameters=[NUMBER, ID, KEY], responses={200: ThirdPartyOut, **REFUSALS}
    )
    def post(self, request: Request, number: str, pk: int) -> Response:
        """The client says no: nothing goes out."""
        third, ticket = self.third(number, pk)
        return Response(third_party_json(thirdparties.refuse(third, by=self.actor, now=self.now), ticket, self.actor))


class Remove(_OfOne):
    """`third-parties/{id}/remove/`."""

    @extend_schema(
        summary="Take out", request=None, parameters=[NUMBER, ID, KEY], responses={200: ThirdPartyOut, **REFUSALS}
    )
    def post(self, request: Request, number: str, pk: int) -> Response:
        """Their link opens nothing any more; what was written stays."""
        third, ticket = self.third(number, pk)
        return Response(third_party_json(thirdparties.remove(third, by=self.actor, now=self.now), ticket, self.actor))


class Write(_OfOne):
    """`third-parties/{id}/messages/`."""

    @extend_schema(
        summary="Write in their thread",
        request={"application/json": MessageIn, "multipart/form-data": MessageIn},
        parameters=[NUMBER, ID, KEY],
        responses={201: MessageOut, **REFUSALS},
    )
    def post(self, request: Request, number: str, pk: int) -> Response:
        """Add a word of the desk; the third party gets it by mail, the client does not read it."""
        third, ticket = self.third(number, pk)
        guards.consultant(ticket, self.actor)
        body = MessageIn(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        with transaction.atomic():  # the rows of the files go when the message is refused
            files = [file_actions.store(upload, now=self.now) for upload in values["files"]]
            message = thirdparties.write(third, by=self.actor, now=self.now, body=values["body"], files=files)
        return Response(self.shown(message, ticket), status=201)


class Share(_OfOne):
    """`third-parties/{id}/share/`."""

    @extend_schema(
        summary="Show the client",
        request=ShareIn,
        parameters=[NUMBER, ID, KEY],
        responses={200: MessageOut, **REFUSALS},
    )
    def post(self, request: Request, number: str, pk: int) -> Response:
        """Show the client a word of the thread: it is an answer of the desk."""
        _third, ticket = self.third(number, pk)
        guards.consultant(ticket, self.actor)
        body = ShareIn(data=request.data)
        body.is_valid(raise_exception=True)
        message = thirdparties.share(ticket, by=self.actor, now=self.now, message=body.validated_data["message"])
        return Response(self.shown(message, ticket))


VERBS: Final[dict[str, type[TicketsView]]] = {
    "grant": Grant,
    "refuse": Refuse,
    "remove": Remove,
    "messages": Write,
    "share": Share,
}
