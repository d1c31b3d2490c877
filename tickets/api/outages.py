"""`outages/`: one cause with many clients, declared and ended by those who supervise."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.fields import InstantField
from core.errors import Forbidden
from desks import queries as desk_queries
from desks.models import Desk
from tickets import actions
from tickets.api.base import CONFLICT, FORBIDDEN, INVALID, KEY, UNKNOWN, TicketsView
from tickets.api.serializers import Flag, Text, Values
from tickets.models import Outage
from tickets.queries import board
from tickets.queries import outages as queries
from tickets.queries.case import visible

ID = OpenApiParameter("pk", int, OpenApiParameter.PATH)


class DeclareIn(serializers.Serializer[Values]):
    """An outage; its reports are gathered under `ticket`, or under a case of our own where none is named."""

    desk = Text(required=False, default="", help_text="Needed where no `ticket` is named.")
    ticket = Text(required=False, allow_null=True, default="", help_text="`IMX-4821`")
    title = Text()
    text = Text(help_text="What clients read.")
    contingency = Text(required=False, default="", help_text="What they may do meanwhile.")
    products = serializers.ListField(child=Text(), required=False, default=list, help_text="Slugs; none: all.")
    started_at = InstantField(required=False, allow_null=True, default=None)


class EndIn(serializers.Serializer[Values]):
    text = Text(help_text="What the client of each report is told.")
    resolve = Flag(required=False, default=False, help_text="Solve its case and all reports with these words.")


class OutageOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    desk = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    contingency = serializers.CharField()
    products = serializers.ListField(child=serializers.CharField())
    ticket = serializers.CharField(help_text="The case under which reports are gathered.")
    reports = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class OutagePageOut(serializers.Serializer[Values]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = OutageOut(many=True)


def outage_json(outage: Outage) -> dict[str, Any]:
    """An outage as the API answers it; `n_reports` comes with the query."""
    zone = desk_queries.config(outage.desk).zone
    return {
        "id": outage.pk,
        "desk": outage.desk.slug,
        "title": outage.title,
        "text": outage.text,
        "contingency": outage.contingency,
        "products": list(outage.products),
        "ticket": outage.parent.number,
        "reports": outage.n_reports,  # type: ignore[attr-defined]  # annotated by the query
        "started_at": outage.started_at.astimezone(zone).isoformat(),
        "ended_at": outage.ended_at.astimezone(zone).isoformat() if outage.ended_at else None,
    }


class _OutagesView(TicketsView):
    def outage(self, pk: int) -> Outage:
        """The outage. Raises Http404 where there is none that the actor may see. 1 query."""
        found = queries.one(Outage.objects.visible_to(self.actor), pk)
        if found is None:
            raise Http404
        return found

    def staff_only(self) -> None:
        """Raise Forbidden for who works no tickets anywhere: clients read the notice on their pages."""
        if not (self.actor.is_admin or self.actor.ticket_desk_ids()):
            raise Forbidden()

    def desk_ids(self) -> list[int]:
        return [desk.pk for desk in board.desks_of(self.actor)]

    def address(self, request: Request, cursor: str | None) -> str | None:
        return replace_query_param(request.build_absolute_uri(), "cursor", cursor) if cursor else None


class OutageList(_OutagesView):
    """`outages/`."""

    @extend_schema(
        operation_id="outages_list",
        summary="List outages",
        parameters=[
            OpenApiParameter("ended", bool, description="Those that are over instead of those that hold."),
            OpenApiParameter("cursor", str, description="From `next` or `previous`."),
        ],
        responses={200: OutagePageOut, 403: FORBIDDEN},
    )
    def get(self, request: Request) -> Response:
        """Answer a page of the outages of the caller's desks, newest first."""
        self.staff_only()
        ended = request.query_params.get("ended") == "true"
        desk_ids = self.desk_ids()
        page = queries.of_desks(desk_ids, ended=ended, cursor=request.query_params.get("cursor"))
        return Response(
            {
                "next": self.address(request, page.next),
                "previous": self.address(request, page.previous),
                "results": [outage_json(outage) for outage in page.items],
            }
        )

    @extend_schema(
        operation_id="outages_declare",
        summary="Declare an outage",
        request=DeclareIn,
        parameters=[KEY],
        responses={201: OutageOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT},
    )
    def post(self, request: Request) -> Response:
        """Tell all clients of the desk, and gather their reports under one case."""
        if not any(self.actor.supervises(desk_id) for desk_id in self.desk_ids()):
            raise Forbidden()
        body = DeclareIn(data=request.data)
        body.is_valid(raise_exception=True)
        values: dict[str, Any] = body.validated_data
        number, slug = values.pop("ticket") or "", values.pop("desk")
        ticket = visible(self.actor).filter(number=number.upper()).first() if number else None
        desk = ticket.desk if ticket else Desk.objects.active().visible_to(self.actor).filter(slug=slug).first()
        if desk is None or (number and ticket is None):
            raise Http404
        outage = actions.declare_outage(desk, by=self.actor, now=self.now, ticket=ticket, **values)
        answer = outage_json(self.outage(outage.pk))
        return Response(answer, status=201, headers={"Location": f"/api/v1/outages/{outage.pk}/"})


class OutageDetail(_OutagesView):
    """`outages/{id}/`."""

    @extend_schema(
        operation_id="outages_read",
        summary="Read an outage",
        parameters=[ID],
        responses={200: OutageOut, 404: UNKNOWN},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Answer the outage with how many reports joined."""
        return Response(outage_json(self.outage(pk)))


class OutageEnd(_OutagesView):
    """`outages/{id}/end/`."""

    @extend_schema(
        operation_id="outages_end",
        summary="End an outage",
        request=EndIn,
        parameters=[ID, KEY],
        responses={200: OutageOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take the notice off the pages and tell the client of each report."""
        outage = self.outage(pk)
        if not self.actor.supervises(outage.desk_id):
            raise Forbidden()
        body = EndIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.end_outage(outage, by=self.actor, now=self.now, **body.validated_data)
        return Response(outage_json(self.outage(pk)))
