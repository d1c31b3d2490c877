"""`tickets/{number}/tags/`: put on and taken off by who works at the desk."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tickets import queries
from tickets.actions import guards, tagging
from tickets.api.base import FORBIDDEN, INVALID, KEY, NUMBER, UNKNOWN, TicketsView
from tickets.api.representation import ticket_json
from tickets.api.serializers import TicketOut
from tickets.api.serializers_order import TagsIn


class Tags(TicketsView):
    """`tickets/{number}/tags/`."""

    @extend_schema(
        operation_id="tickets_tags",
        summary="Put tags on, take tags off",
        request=TagsIn,
        parameters=[NUMBER, KEY],
        responses={200: TicketOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN},
    )
    def post(self, request: Request, number: str) -> Response:
        """Change the tags and answer the ticket; the same again changes nothing. A new name makes a tag of the desk."""
        ticket = self.ticket(number)
        guards.consultant(ticket, self.actor)
        body = TagsIn(data=request.data)
        body.is_valid(raise_exception=True)
        tagging.change(ticket, by=self.actor, now=self.now, **body.validated_data)
        return Response(ticket_json(queries.visible(self.actor).get(pk=ticket.pk), self.actor))
