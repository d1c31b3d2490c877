"""Filing tickets, reading one, listing many."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts import bodies
from core import paging
from core.errors import FieldError, Invalid
from core.paging import Page
from tickets import actions, lifecycle, queries, searchquery
from tickets.api import filing
from tickets.api.base import FORBIDDEN, INVALID, KEY, NUMBER, UNKNOWN, TicketsView
from tickets.api.representation import ticket_json, tickets_json
from tickets.api.serializers import TicketIn, TicketOut, TicketPageOut
from tickets.models import Ticket
from tickets.queries import board, search
from tickets.queries.tags import wearing

SIZE: Final = 50
MAX_TAG: Final = 120
ORDERINGS: Final = ("due", "priority", "opened_at", "-opened_at")
_CHOICES: Final[Mapping[str, list[str]]] = {
    "status": [*lifecycle.Status.values, "open"],
    "priority": lifecycle.Priority.values,
    "channel": lifecycle.Channel.values,
    "ordering": list(ORDERINGS),
}

_PLACE: Final = re.compile(r"p([0-9]{1,4})-([0-9]{1,18})")


def _parameter(name: str, description: str, values: list[str] | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=description, enum=values)


class TicketList(TicketsView):
    """`tickets/`."""

    throttle_scope = "open_ticket"

    @extend_schema(
        operation_id="tickets_list",
        summary="List tickets",
        parameters=[
            _parameter("status", "A state, or `open` for all that are not over.", _CHOICES["status"]),
            _parameter("desk", "Slug of a desk."),
            _parameter("assignee", "Id of a person, or `me`."),
            _parameter("priority", "", _CHOICES["priority"]),
            _parameter("channel", "", _CHOICES["channel"]),
            _parameter("tag", "Name or slug of a tag; finds nothing for clients."),
            _parameter(
                "q",
                "Words, a number, and operators such as `estado:abierto`; the best first unless `ordering` is given.",
            ),
            _parameter("ordering", "`-opened_at` by default.", list(ORDERINGS)),
            _parameter("cursor", "From `next` or `previous`."),
        ],
        responses={200: TicketPageOut, 400: INVALID},
    )
    def get(self, request: Request) -> Response:
        """Answer a page of what the caller may see."""
        params = request.query_params
        tickets = self._filtered(params)
        words, ordering = params.get("q", "").strip(), params.get("ordering", "")
        if words and not ordering:
            page = self._ranked(tickets, words, params.get("cursor"))
        else:
            if words:
                tickets = tickets.filter(pk__in=self._ids(tickets, words))
            page = paging.page(tickets, board.ORDERS[ordering or "-opened_at"], cursor=params.get("cursor"), size=SIZE)
        return Response(
            {
                "next": self._address(request, page.next),
                "previous": self._address(request, page.previous),
                "results": tickets_json(page.items, self.actor),
            }
        )

    def _filtered(self, params: Mapping[str, str]) -> QuerySet[Ticket]:
        wrong = [
            FieldError(name, "invalid_choice", _("Choose one of the options."))
            for name, values in _CHOICES.items()
            if params.get(name) and params[name] not in values
        ]
        tickets = queries.visible(self.actor).select_related("branch", "merged_into", "parent")
        if params.get("status") == "open":
            tickets = tickets.filter(status__in=lifecycle.OPEN)
        elif params.get("status"):
            tickets = tickets.filter(status=params["status"])
        for name, column in (("desk", "desk__slug"), ("priority", "priority"), ("channel", "channel")):
            if params.get(name):
                tickets = tickets.filter(**{column: params[name]})
        if params.get("tag"):
            tickets = tickets.filter(self._staffed(), wearing(params["tag"][:MAX_TAG]))
        if params.get("assignee"):
            tickets = tickets.filter(assignee_id=self._assignee(params["assignee"], wrong))
        if wrong:
            raise Invalid(errors=wrong)
        return tickets

    def _staffed(self) -> Q:
        """Tickets of desks where the caller works: tags are for their people."""
        return Q() if self.actor.is_admin else Q(desk_id__in=self.actor.ticket_desk_ids())

    def _assignee(self, text: str, wrong: list[FieldError]) -> int | None:
        if text == "me":
            return self.actor.user_id
        if text.isascii() and text.isdigit() and len(text) < 16:
            return int(text)
        wrong.append(FieldError("assignee", "invalid", _("Write the id of a person, or `me`.")))
        return None

    def _ids(self, tickets: QuerySet[Ticket], words: str) -> list[int]:
        zone = timezone.get_default_timezone()
        read = searchquery.parse(words, today=self.now.astimezone(zone).date())
        asked = search.Asked(read, self.actor, tuple(self.actor.ticket_desk_ids()), ZoneInfo(str(zone)), self.now)
        return search.ranked(tickets, asked)

    def _ranked(self, tickets: QuerySet[Ticket], words: str, cursor: str | None) -> Page[Ticket]:
        """Best first. The cursor is a place among what was filed when the first page was read: nothing comes twice."""
        start, newest = _place(cursor) if cursor else (0, 0)
        ids = self._ids(tickets.filter(pk__lte=newest) if cursor else tickets, words)
        newest = newest or max(ids, default=0)
        wished = ids[start : start + SIZE]
        rows = tickets.in_bulk(wished)
        return Page(
            items=[rows[pk] for pk in wished if pk in rows],
            next=f"p{start + SIZE}-{newest}" if start + SIZE < len(ids) else None,
            previous=f"p{max(0, start - SIZE)}-{newest}" if start else None,
        )

    def _address(self, request: Request, cursor: str | None) -> str | None:
        return replace_query_param(request.build_absolute_uri(), "cursor", cursor) if cursor else None

    @extend_schema(
        operation_id="tickets_file",
        summary="File a ticket",
        request=TicketIn,
        parameters=[KEY],
        responses={201: TicketOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN},
    )
    def post(self, request: Request) -> Response:
        """Open a ticket as the person who calls; `occurred_at`, `answered_at`, `resolved_at`, `solution` for staff."""
        values = bodies.read(TicketIn, request.data)
        who = filing.filer(self.actor, values["desk"])
        report = filing.intake(who, values, now=self.now)
        ticket = actions.open_ticket(who.desk, report, by=self.actor, now=self.now)
        answer = ticket_json(ticket, self.actor)
        return Response(answer, status=201, headers={"Location": f"/api/v1/tickets/{ticket.number}/"})


def _place(cursor: str) -> tuple[int, int]:
    """Where a page of ranked results begins, and the newest ticket that was there. Raises Invalid for another text."""
    found = _PLACE.fullmatch(cursor)
    if found is None:
        raise paging.invalid_cursor()
    return int(found[1]), int(found[2])


class TicketDetail(TicketsView):
    """`tickets/{number}/`."""

    @extend_schema(
        operation_id="tickets_read",
        summary="Read a ticket",
        parameters=[NUMBER],
        responses={200: TicketOut, 404: UNKNOWN},
    )
    def get(self, request: Request, number: str) -> Response:
        """Answer the ticket as it stands; one that was merged says into which."""
        return Response(ticket_json(self.ticket(number), self.actor))
