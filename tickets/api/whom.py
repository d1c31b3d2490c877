"""`tickets/{number}/whom/`: who would get it and why; nothing is changed."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import localtime
from core.errors import Forbidden
from tickets.api.base import FORBIDDEN, NUMBER, UNKNOWN, TicketsView
from tickets.api.serializers import PersonOut
from tickets.presenters import whom as present

CandidateOut = inline_serializer(
    "Candidate",
    {
        "user": PersonOut(),
        "place": serializers.IntegerField(allow_null=True, help_text="Order among those who fit; null for the others."),
        "code": serializers.CharField(
            help_text="Why: `usual`, `only_one`, `least_load`, `longest_waiting`, `fits`, or why not."
        ),
        "text": serializers.CharField(),
        "load": serializers.IntegerField(),
        "n_open": serializers.IntegerField(),
        "max_open": serializers.IntegerField(),
        "last_assigned_at": serializers.DateTimeField(allow_null=True),
    },
    many=True,
)
WhomOut = inline_serializer(
    "Whom",
    {
        "assignee": PersonOut(allow_null=True),
        "code": serializers.CharField(),
        "text": serializers.CharField(),
        "note": serializers.CharField(
            help_text="What holds beside it: who has it, that a ladder rules, that it is over."
        ),
        "candidates": CandidateOut,
    },
)


class WhomView(TicketsView):
    """Ask whom the rules of assignment would choose."""

    @extend_schema(
        operation_id="tickets_whom",
        summary="Who would get it, and why?",
        parameters=[NUMBER],
        responses={200: WhomOut, 403: FORBIDDEN, 404: UNKNOWN},
    )
    def get(self, request: Request, number: str) -> Response:
        """Answer who would get the ticket if it entered the line now, with every candidate; for the desk's people."""
        ticket = self.ticket(number)
        if not self.actor.works_tickets(ticket.desk_id):
            raise Forbidden
        answer = present.answer(ticket, now=self.now)
        zone = localtime.zone(ticket.desk.timezone)
        chosen = answer["chosen"]
        return Response(
            {
                "assignee": _person(chosen.user_id, chosen.name) if chosen else None,
                "code": answer["code"],
                "text": answer["why"],
                "note": answer["note"],
                "candidates": [_candidate(row, zone) for row in answer["rows"]],
            }
        )


def _candidate(row: dict[str, Any], zone: Any) -> dict[str, Any]:
    last = row["last_assigned_at"]
    return {
        "user": _person(row["id"], row["name"]),
        "place": row["place"],
        "code": row["code"],
        "text": row["verdict"],
        "load": row["load"],
        "n_open": row["n_open"],
        "max_open": row["max_open"],
        "last_assigned_at": last.astimezone(zone).isoformat() if last else None,
    }


def _person(user_id: int, name: str) -> dict[str, Any]:
    return {"id": user_id, "name": name, "kind": "user"}


urlpatterns: list[URLPattern] = [path("tickets/<str:number>/whom/", WhomView.as_view(), name="api-ticket-whom")]
