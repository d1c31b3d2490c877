"""What was said on a ticket and what happened to it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts import bodies
from core import paging
from core.errors import Forbidden
from core.paging import Key
from files import actions as file_actions
from files import serving
from tickets import actions, queries
from tickets.actions import guards
from tickets.api.base import CONFLICT, FORBIDDEN, INVALID, KEY, NUMBER, UNKNOWN, TicketsView
from tickets.api.representation import clock_json, event_json, message_json
from tickets.api.serializers import ClockOut, EventOut, MessageIn, MessageOut, MessagePageOut
from tickets.lifecycle import Status
from tickets.presenters import reckoning as present
from tickets.queries import case
from tickets.queries.reckonings import reckonings

SIZE: Final = 100


class Timeline(TicketsView):
    """`tickets/{number}/timeline/`."""

    @extend_schema(summary="Read the timeline", parameters=[NUMBER], responses={200: EventOut(many=True), 404: UNKNOWN})
    def get(self, request: Request, number: str) -> Response:
        """Answer all that happened, oldest first; for a client the public part."""
        ticket = self.ticket(number)
        return Response([event_json(e, ticket, self.actor) for e in queries.timeline(ticket, self.actor)])


class Clocks(TicketsView):
    """`tickets/{number}/clocks/`."""

    @extend_schema(summary="Read the clocks", parameters=[NUMBER], responses={200: ClockOut(many=True), 404: UNKNOWN})
    def get(self, request: Request, number: str) -> Response:
        """Answer each clock with its calculation, line by line: why it expires when it does."""
        ticket = self.ticket(number)
        found = reckonings(ticket, now=self.now)
        return Response([clock_json(found[kind], ticket) for kind in present.KINDS if kind in found])


class Messages(TicketsView):
    """`tickets/{number}/messages/`."""

    @extend_schema(
        summary="Read the conversation",
        parameters=[NUMBER, OpenApiParameter("cursor", str)],
        responses={200: MessagePageOut, 404: UNKNOWN},
    )
    def get(self, request: Request, number: str) -> Response:
        """Answer a page of the conversation, oldest first; notes for staff only."""
        ticket = self.ticket(number)
        page = paging.page(
            case.messages(ticket, self.actor), [Key("seq")], cursor=request.query_params.get("cursor"), size=SIZE
        )

        def address(cursor: str | None) -> str | None:
            return replace_query_param(request.build_absolute_uri(), "cursor", cursor) if cursor else None

        return Response(
            {
                "next": address(page.next),
                "previous": address(page.previous),
                "results": [message_json(case.line(message), ticket) for message in page.items],
            }
        )

    @extend_schema(
        summary="Write a message",
        request={"application/json": MessageIn, "multipart/form-data": MessageIn},
        parameters=[NUMBER, KEY],
        responses={201: MessageOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT},
    )
    def post(self, request: Request, number: str) -> Response:
        """Add a text and files; `internal` is a note that the client never sees.

        A client's word on a closed ticket opens a follow-up, on a merged one it goes to the other: `ticket` of the
        answer is then its number.
        """
        ticket = self.ticket(number)
        values = bodies.read(MessageIn, request.data)
        if values["internal"] and not self.actor.works_tickets(ticket.desk_id):
            raise Forbidden
        with transaction.atomic():  # the rows of the files go when the message is refused
            files = [file_actions.store(upload, now=self.now) for upload in values["files"]]
            if ticket.status == Status.CLOSED and guards.is_client(ticket, self.actor):
                ticket = actions.follow_up(ticket, by=self.actor, now=self.now, body=values["body"], files=files)
                line = case.line(case.messages(ticket, self.actor).earliest("seq"))
            else:
                message = actions.add_message(
                    ticket,
                    by=self.actor,
                    now=self.now,
                    body=values["body"],
                    internal=values["internal"],
                    files=files,
                )
                if message.ticket_id != ticket.pk:
                    ticket = message.ticket
                line = case.written(message, ticket, self.actor, with_files=bool(files))
        return Response(message_json(line, ticket), status=201)


class TicketFile(TicketsView):
    """`tickets/{number}/files/{id}/`."""

    @extend_schema(
        summary="Download a file",
        parameters=[NUMBER, OpenApiParameter("file_id", UUID, OpenApiParameter.PATH)],
        responses={
            (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, description="The bytes."),
            404: UNKNOWN,
        },
    )
    def get(self, request: Request, number: str, file_id: UUID) -> FileResponse:
        """Answer the bytes as an attachment, of a message that the caller may read."""
        attachment = queries.attachment(self.ticket(number), self.actor, file_id)
        if attachment is None:
            raise Http404
        return serving.download_response(attachment)
